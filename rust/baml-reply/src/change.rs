//! What changed between two polls: the difference of the newest partial from the one told before.
//!
//! What the owner of the changes holds is mirrored here as a [`Shadow`]: of lists and maps only
//! what may still change, of long texts only their length. Invariant: applying the changes in order
//! to the value told before gives the newest one, at a cost of what lies on the open spine.

use std::sync::{Arc, Weak};

use baml_schema::{Check, ClassValue, State, Value};
use smol_str::SmolStr;

use crate::memory::{Grown, Memory};
use crate::tree::{NodeId, Tree};

/// One step from a value to a part of it; a state and checks are passed through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A field of a class or a key of a map.
    Name(SmolStr),
    /// An item of a list.
    Index(usize),
}

/// One change. A path leads from the whole value to the part that changed; empty is the whole.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The part is this now; a new key of a map goes behind the others.
    Set {
        /// Where.
        path: Vec<Step>,
        /// What.
        value: Value,
    },
    /// The text goes on.
    Append {
        /// Where the text is.
        path: Vec<Step>,
        /// What is added to it.
        text: String,
    },
    /// The list goes on.
    Push {
        /// Where the list is.
        path: Vec<Step>,
        /// What is added to it.
        values: Vec<Value>,
    },
}

/// What is known of the value told before.
#[derive(Debug)]
pub(crate) enum Shadow {
    /// A value that is compared as it is.
    Whole(Value),
    /// A long text of a node that begins at `start` of it, told up to a length.
    Growing { node: NodeId, start: Option<usize>, told: usize },
    /// A list: items before `settled` never change.
    List { of: Grown, tail: Vec<Shadow> },
    /// A map, likewise.
    Map { of: Grown, tail: Vec<(SmolStr, Shadow)> },
    /// An instance, with the address that says that nothing changed.
    Class { same: Weak<ClassValue>, fields: Vec<(SmolStr, Shadow)> },
    /// A value with its state.
    Stated { state: State, value: Box<Shadow> },
    /// A value with the outcome of its checks.
    Checked { checks: Vec<Check>, value: Box<Shadow> },
}

/// Finds the changes from a shadow to a value.
pub(crate) struct Differ<'a> {
    tree: &'a Tree,
    memory: &'a Memory,
    path: Vec<Step>,
    changes: Vec<Change>,
}

impl<'a> Differ<'a> {
    /// A differ for values that a coercion with `memory` just made.
    pub(crate) fn new(tree: &'a Tree, memory: &'a Memory) -> Self {
        Self { tree, memory, path: Vec::new(), changes: Vec::new() }
    }

    /// The changes; `shadow` then mirrors `value`.
    pub(crate) fn changes(mut self, value: &Value, shadow: &mut Option<Shadow>) -> Vec<Change> {
        match shadow {
            Some(shadow) => self.update(value, shadow),
            None => {
                self.set(value);
                *shadow = Some(self.mirror(value));
            }
        }
        self.changes
    }

    fn update(&mut self, value: &Value, shadow: &mut Shadow) {
        let kept = match (value, &mut *shadow) {
            (Value::Class(new), Shadow::Class { same, fields }) => {
                if same.as_ptr() == Arc::as_ptr(new) {
                    return;
                }
                let kept = self.update_class(new, fields);
                *same = Arc::downgrade(new);
                kept
            }
            (Value::List(new), Shadow::List { of, tail }) => match self.grown(value) {
                Some(grown) if grown.key == of.key => {
                    let kept = self.update_list(new, of.settled, grown, tail);
                    *of = grown;
                    kept
                }
                _ => false,
            },
            (Value::Map(_), Shadow::Map { of, tail }) => match self.grown(value) {
                Some(grown) if grown.key == of.key && grown.version == of.version => {
                    let kept = self.update_map(value, of.settled, grown, tail);
                    *of = grown;
                    kept
                }
                _ => false,
            },
            (Value::String(_), Shadow::Growing { node, start, told }) => {
                match self.text_node(value) {
                    Some(found) if found == *node && self.tree.text_start(found) == *start => {
                        *told = self.append_from(found, *told);
                        true
                    }
                    _ => false,
                }
            }
            (Value::String(new), Shadow::Whole(Value::String(old))) => {
                self.text_node(value).is_none() && self.update_text(new, old)
            }
            (Value::Stated(new), Shadow::Stated { state, value: inner }) if *state == new.1 => {
                return self.update_inner(value, &new.0, inner);
            }
            (Value::Checked(new), Shadow::Checked { checks, value: inner }) if *checks == new.1 => {
                return self.update_inner(value, &new.0, inner);
            }
            (value, Shadow::Whole(old)) => is_same(value, old),
            _ => false,
        };
        if !kept {
            self.set(value);
        }
        if !kept || self.is_closed(value) {
            *shadow = self.mirror(value);
        }
    }

    /// What changed inside a value with its state or checks. Paths lead through them; but where
    /// all of the inner value is set, the whole is.
    fn update_inner(&mut self, whole: &Value, inner: &Value, shadow: &mut Shadow) {
        let before = self.changes.len();
        self.update(inner, shadow);
        let own = self.path.len();
        let is_own =
            |change: &Change| matches!(change, Change::Set { path, .. } if path.len() == own);
        if self.changes[before..].iter().any(is_own) {
            self.changes.truncate(before);
            self.set(whole);
        }
    }

    fn update_class(&mut self, new: &ClassValue, fields: &mut [(SmolStr, Shadow)]) -> bool {
        let names = new.fields.keys().eq(fields.iter().map(|(name, _)| name));
        if !names {
            return false;
        }
        for ((name, value), (_, shadow)) in new.fields.iter().zip(fields) {
            self.path.push(Step::Name(name.clone()));
            self.update(value, shadow);
            self.path.pop();
        }
        true
    }

    fn update_list(
        &mut self,
        new: &[Value],
        from: usize,
        grown: Grown,
        tail: &mut Vec<Shadow>,
    ) -> bool {
        let told = from + tail.len();
        if new.len() < told {
            return false;
        }
        for (at, shadow) in tail.iter_mut().enumerate() {
            self.path.push(Step::Index(from + at));
            self.update(&new[from + at], shadow);
            self.path.pop();
        }
        if new.len() > told {
            let values = new[told..].iter().map(|value| self.whole(value)).collect();
            self.changes.push(Change::Push { path: self.path.clone(), values });
        }
        let settled = (grown.settled - from).min(tail.len());
        tail.drain(..settled);
        let known = grown.settled.max(told);
        tail.extend(new[known..].iter().map(|value| self.mirror(value)));
        true
    }

    fn update_map(
        &mut self,
        value: &Value,
        from: usize,
        grown: Grown,
        tail: &mut Vec<(SmolStr, Shadow)>,
    ) -> bool {
        let Value::Map(new) = value else { return false };
        let told = from + tail.len();
        let names = new.keys().skip(from).zip(tail.iter()).all(|(name, (old, _))| name == old);
        if new.len() < told || !names {
            return false;
        }
        for at in from..new.len() {
            let Some((name, value)) = new.get_index(at) else { break };
            self.path.push(Step::Name(name.clone()));
            match tail.get_mut(at - from) {
                Some((_, shadow)) => self.update(value, shadow),
                None => {
                    self.set(value);
                    tail.push((name.clone(), self.mirror(value)));
                }
            }
            self.path.pop();
        }
        tail.drain(..(grown.settled - from).min(tail.len()));
        true
    }

    fn update_text(&mut self, new: &Arc<str>, old: &mut Arc<str>) -> bool {
        if Arc::ptr_eq(new, old) {
            return true;
        }
        let Some(more) = new.strip_prefix(&**old) else { return false };
        if !more.is_empty() {
            self.changes.push(Change::Append { path: self.path.clone(), text: more.to_owned() });
        }
        *old = Arc::clone(new);
        true
    }

    /// Tells a long text from `told` on; returns how far it is told now.
    fn append_from(&mut self, node: NodeId, told: usize) -> usize {
        let text = self.tree.sure_text(node);
        if text.len() > told {
            let text = text[told..].to_owned();
            self.changes.push(Change::Append { path: self.path.clone(), text });
        }
        told.max(text.len())
    }

    fn set(&mut self, value: &Value) {
        let value = self.whole(value);
        self.changes.push(Change::Set { path: self.path.clone(), value });
    }

    fn grown(&self, value: &Value) -> Option<Grown> {
        let address = match value {
            Value::List(items) => Arc::as_ptr(items) as usize,
            Value::Map(entries) => Arc::as_ptr(entries) as usize,
            _ => return None,
        };
        self.memory.spine.get(&address).copied()
    }

    fn is_closed(&self, value: &Value) -> bool {
        self.grown(value).is_some_and(|grown| grown.closed)
    }

    fn text_node(&self, value: &Value) -> Option<NodeId> {
        let Value::String(text) = value else { return None };
        self.memory.text_node(text)
    }

    /// The value with long texts written out and nothing that a later poll would change in place.
    fn whole(&self, value: &Value) -> Value {
        match value {
            Value::String(_) => match self.text_node(value) {
                Some(node) => Value::string(self.tree.sure_text(node)),
                None => value.clone(),
            },
            Value::List(items) if self.grown(value).is_some_and(|grown| !grown.closed) => {
                Value::list(items.iter().map(|item| self.whole(item)).collect())
            }
            Value::Map(entries) if self.grown(value).is_some_and(|grown| !grown.closed) => {
                let copy = entries.iter().map(|(name, value)| (name.clone(), self.whole(value)));
                Value::Map(Arc::new(copy.collect()))
            }
            Value::Class(class) => {
                let fields = class.fields.iter();
                let fields =
                    fields.map(|(name, value)| (name.clone(), self.whole(value))).collect();
                Value::Class(Arc::new(ClassValue { class: class.class.clone(), fields }))
            }
            Value::Stated(stated) => Value::Stated(Arc::new((self.whole(&stated.0), stated.1))),
            Value::Checked(checked) => {
                Value::Checked(Arc::new((self.whole(&checked.0), checked.1.clone())))
            }
            _ => value.clone(),
        }
    }

    fn mirror(&self, value: &Value) -> Shadow {
        match value {
            Value::String(_) => match self.text_node(value) {
                Some(node) => {
                    let start = self.tree.text_start(node);
                    Shadow::Growing { node, start, told: self.tree.sure_text(node).len() }
                }
                None => Shadow::Whole(value.clone()),
            },
            Value::List(items) => match self.grown(value) {
                Some(of) if !of.closed => {
                    let tail = items[of.settled..].iter().map(|item| self.mirror(item)).collect();
                    Shadow::List { of, tail }
                }
                _ => Shadow::Whole(value.clone()),
            },
            Value::Map(entries) => match self.grown(value) {
                Some(of) if !of.closed => {
                    let tail = entries.iter().skip(of.settled);
                    let tail = tail.map(|(name, value)| (name.clone(), self.mirror(value)));
                    Shadow::Map { of, tail: tail.collect() }
                }
                _ => Shadow::Whole(value.clone()),
            },
            Value::Class(class) => {
                let fields = class.fields.iter();
                let fields =
                    fields.map(|(name, value)| (name.clone(), self.mirror(value))).collect();
                Shadow::Class { same: Arc::downgrade(class), fields }
            }
            Value::Stated(stated) => {
                Shadow::Stated { state: stated.1, value: Box::new(self.mirror(&stated.0)) }
            }
            Value::Checked(checked) => Shadow::Checked {
                checks: checked.1.clone(),
                value: Box::new(self.mirror(&checked.0)),
            },
            _ => Shadow::Whole(value.clone()),
        }
    }
}

/// Whether values are equal; parts that are the same one are not looked into.
fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::List(a), Value::List(b)) if Arc::ptr_eq(a, b) => true,
        (Value::Map(a), Value::Map(b)) if Arc::ptr_eq(a, b) => true,
        (a, b) => a == b,
    }
}

/// Applies changes to a value, as their owner would.
///
/// A change whose path leads nowhere is left out: changes of one reader, applied in order to what
/// it told before, always lead somewhere.
pub fn apply(value: &mut Value, changes: &[Change]) {
    for change in changes {
        match change {
            Change::Set { path, value: new } => set_at(value, path, new),
            Change::Append { path, text } => {
                if let Some(Value::String(old)) = at(value, path) {
                    *old = Arc::from(format!("{old}{text}"));
                }
            }
            Change::Push { path, values } => {
                if let Some(Value::List(items)) = at(value, path) {
                    Arc::make_mut(items).extend(values.iter().cloned());
                }
            }
        }
    }
}

fn set_at(value: &mut Value, path: &[Step], new: &Value) {
    let Some((last, above)) = path.split_last() else {
        *value = new.clone();
        return;
    };
    match (at(value, above), last) {
        (Some(Value::Map(entries)), Step::Name(name)) => {
            Arc::make_mut(entries).insert(name.clone(), new.clone());
        }
        (Some(parent), last) => {
            if let Some(part) = step(parent, last) {
                *part = new.clone();
            }
        }
        (None, _) => {}
    }
}

/// The part that a path leads to, without its state and checks.
fn at<'v>(value: &'v mut Value, path: &[Step]) -> Option<&'v mut Value> {
    path.iter().try_fold(value, |part, next| step(part, next)).map(bare)
}

/// What a value's state and checks are about.
fn bare(value: &mut Value) -> &mut Value {
    match value {
        Value::Stated(stated) => bare(&mut Arc::make_mut(stated).0),
        Value::Checked(checked) => bare(&mut Arc::make_mut(checked).0),
        value => value,
    }
}

fn step<'v>(value: &'v mut Value, step: &Step) -> Option<&'v mut Value> {
    match (bare(value), step) {
        (Value::List(items), Step::Index(at)) => Arc::make_mut(items).get_mut(*at),
        (Value::Map(entries), Step::Name(name)) => Arc::make_mut(entries).get_mut(name),
        (Value::Class(class), Step::Name(name)) => Arc::make_mut(class).fields.get_mut(name),
        _ => None,
    }
}

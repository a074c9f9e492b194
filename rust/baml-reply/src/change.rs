//! What changed between two polls: the difference of the newest partial from the one told before.
//!
//! What the owner of the changes holds is mirrored here as a [`Shadow`]: of lists and maps only
//! what may still change, of long texts only their length. Invariant: applying the changes in order
//! to the value told before gives the newest one, at a cost of what lies on the open spine.

use std::cell::RefCell;
use std::sync::Arc;

use baml_schema::{Check, ClassValue, Fields, State, Value};
use indexmap::IndexMap;
use smol_str::SmolStr;

use crate::coerce::Coercer;
use crate::memory::{Grown, Key, Memory};
use crate::path::Step;
use crate::plan::{PlanKind, Plans};
use crate::print;
use crate::tree::{Kind, NodeId, Tree};

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

impl Change {
    /// What a piece changes of a value that is a growing text, if anything.
    pub fn of_text(piece: &str, is_first: bool) -> Option<Self> {
        let path = Vec::new();
        if is_first {
            return Some(Self::Set { path, value: Value::string(piece) });
        }
        (!piece.is_empty()).then(|| Self::Append { path, text: piece.to_owned() })
    }
}

/// What is known of the value told before.
#[derive(Debug)]
pub(crate) enum Shadow {
    /// A value that is compared as it is.
    Whole(Value),
    /// A settled part.
    Settled(Key),
    /// A long text of a node that begins at `start` of it, told up to a length.
    Growing { node: NodeId, start: Option<usize>, told: usize },
    /// A list: items before `settled` never change.
    List { of: Grown, tail: Vec<Shadow> },
    /// A map, likewise.
    Map { of: Grown, tail: Vec<(SmolStr, Shadow)> },
    /// An instance.
    Class { names: Arc<[SmolStr]>, fields: Vec<Shadow> },
    /// A value with its state.
    Stated { state: State, value: Box<Shadow> },
    /// A value with the outcome of its checks.
    Checked { checks: Vec<Check>, value: Box<Shadow> },
}

/// Finds the changes from a shadow to a value.
pub(crate) struct Differ<'a> {
    plans: &'a Plans,
    tree: &'a Tree,
    memory: &'a Memory,
    path: Vec<Step>,
    changes: Vec<Change>,
    /// The last list or object that was printed.
    printed: RefCell<Option<(NodeId, Arc<str>)>>,
}

impl<'a> Differ<'a> {
    /// A differ for values that a coercion with `memory` just made.
    pub(crate) fn new(plans: &'a Plans, tree: &'a Tree, memory: &'a Memory) -> Self {
        Self {
            plans,
            tree,
            memory,
            path: Vec::new(),
            changes: Vec::new(),
            printed: RefCell::default(),
        }
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
        let part = self.memory.part(value);
        if let (Some(part), Shadow::Settled(told)) = (part, &*shadow)
            && part.key == *told
        {
            return;
        }
        if part.is_some_and(|part| part.is_stub) || !self.update_open(value, shadow) {
            self.set(value);
            *shadow = self.mirror(value);
        } else if let Some(part) = part {
            *shadow = Shadow::Settled(part.key);
        }
    }

    /// Tells what changed inside a value; false where all of it did.
    fn update_open(&mut self, value: &Value, shadow: &mut Shadow) -> bool {
        match (value, shadow) {
            (Value::Class(new), Shadow::Class { names, fields }) => {
                let same = Arc::ptr_eq(names, new.fields.names()) || *names == *new.fields.names();
                same && self.update_class(new, fields)
            }
            (Value::List(new), Shadow::List { of, tail }) => match self.memory.grown(value) {
                Some(grown) if grown.key == of.key => {
                    let from = of.settled;
                    *of = grown;
                    self.update_list(new, from, grown, tail)
                }
                _ => false,
            },
            (Value::Map(new), Shadow::Map { of, tail }) => match self.memory.grown(value) {
                Some(grown) if grown.key == of.key && grown.version == of.version => {
                    let from = of.settled;
                    *of = grown;
                    self.update_map(new, from, grown, tail)
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
                let new = self.printed(new);
                self.text_node(value).is_none() && self.update_text(&new, old)
            }
            (Value::Stated(new), Shadow::Stated { state, value: inner }) => {
                *state == new.1 && self.update_inner(&new.0, inner)
            }
            (Value::Checked(new), Shadow::Checked { checks, value: inner }) => {
                *checks == new.1 && self.update_inner(&new.0, inner)
            }
            (value, shadow @ Shadow::Whole(_)) => {
                let kept = self.is_same_whole(value, shadow);
                if kept && self.memory.grown(value).is_some() {
                    *shadow = self.mirror(value);
                }
                kept
            }
            _ => false,
        }
    }

    /// Whether nothing was dropped of a value, and it is the one told.
    fn is_same_whole(&self, value: &Value, shadow: &Shadow) -> bool {
        let all = self.memory.grown(value).is_none_or(|grown| grown.dropped == 0);
        matches!(shadow, Shadow::Whole(told) if all && is_same(value, told))
    }

    /// What changed inside a value with its state or checks. Paths lead through them; but where
    /// all of the inner value is set, the whole must be.
    fn update_inner(&mut self, inner: &Value, shadow: &mut Shadow) -> bool {
        let before = self.changes.len();
        self.update(inner, shadow);
        let own = self.path.len();
        let all = |change: &Change| matches!(change, Change::Set { path, .. } if path.len() == own);
        let kept = !self.changes[before..].iter().any(all);
        if !kept {
            self.changes.truncate(before);
        }
        kept
    }

    fn update_class(&mut self, new: &ClassValue, fields: &mut [Shadow]) -> bool {
        for ((name, value), shadow) in new.fields.iter().zip(fields) {
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
        if grown.dropped + new.len() < told || grown.dropped > from {
            return false;
        }
        let before = from - grown.dropped;
        for (at, shadow) in tail.iter_mut().enumerate() {
            self.path.push(Step::Index(from + at));
            self.update(&new[before + at], shadow);
            self.path.pop();
        }
        let known = told - grown.dropped;
        if new.len() > known {
            let values = new[known..].iter().map(|value| self.whole(value)).collect();
            self.changes.push(Change::Push { path: self.path.clone(), values });
        }
        let settled = (grown.settled - from).min(tail.len());
        tail.drain(..settled);
        let known = grown.settled.max(told) - grown.dropped;
        tail.extend(new[known..].iter().map(|value| self.mirror(value)));
        true
    }

    fn update_map(
        &mut self,
        new: &IndexMap<SmolStr, Value>,
        from: usize,
        grown: Grown,
        tail: &mut Vec<(SmolStr, Shadow)>,
    ) -> bool {
        let told = from + tail.len();
        let mut names = (from..).zip(tail.iter());
        let same = |(at, (old, _)): (usize, &(SmolStr, Shadow))| {
            new.get_index(at).is_some_and(|(name, _)| name == old)
        };
        if new.len() < told || grown.dropped > from || !names.all(same) {
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

    fn text_node(&self, value: &Value) -> Option<NodeId> {
        let Value::String(text) = value else { return None };
        self.memory.text_node(text)
    }

    /// The value with long texts written out, without stubs, and nothing that a later poll would
    /// change in place.
    fn whole(&self, value: &Value) -> Value {
        if let Some(part) = self.memory.part(value)
            && part.is_stub
        {
            return self.read_again(part.key);
        }
        match value {
            Value::String(_) => match self.text_node(value) {
                Some(node) => Value::string(self.tree.sure_text(node)),
                None => self.short(value),
            },
            Value::List(items) => {
                let mut whole = self.dropped_items(value);
                whole.extend(items.iter().map(|item| self.whole(item)));
                Value::list(whole)
            }
            Value::Map(entries) => Value::Map(Arc::new(self.whole_map(value, entries))),
            Value::Class(class) => {
                let values = class.fields.values().iter().map(|value| self.whole(value)).collect();
                let fields = Fields::new(Arc::clone(class.fields.names()), values);
                Value::Class(Arc::new(ClassValue { class: class.class.clone(), fields }))
            }
            Value::Stated(stated) => Value::Stated(Arc::new((self.whole(&stated.0), stated.1))),
            Value::Checked(checked) => {
                Value::Checked(Arc::new((self.whole(&checked.0), checked.1.clone())))
            }
            _ => value.clone(),
        }
    }

    /// A text, printed now if it is to be.
    fn printed(&self, text: &Arc<str>) -> Arc<str> {
        let Some(node) = self.memory.to_print(text) else { return Arc::clone(text) };
        let mut last = self.printed.borrow_mut();
        match &*last {
            Some((known, text)) if *known == node => Arc::clone(text),
            _ => {
                let text: Arc<str> = print::loose(self.tree, node).into();
                *last = Some((node, Arc::clone(&text)));
                text
            }
        }
    }

    /// The same of a value.
    fn short(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.printed(text)),
            value => value.clone(),
        }
    }

    /// A value of which only a stub is left.
    fn read_again(&self, key: Key) -> Value {
        let mut memory = Memory::default();
        let outcome = Coercer::new(self.plans, self.tree, &mut memory).coerce(key.plan, key.node);
        outcome.ok().and_then(|found| found.value).unwrap_or(Value::Null)
    }

    /// The items of a list that were dropped.
    fn dropped_items(&self, list: &Value) -> Vec<Value> {
        let Some(grown) = self.memory.grown(list).filter(|grown| grown.dropped > 0) else {
            return Vec::new();
        };
        let (PlanKind::List(item), Kind::Array(items)) =
            (&self.plans.plan(grown.key.plan).kind, self.tree.kind(grown.key.node))
        else {
            return Vec::new();
        };
        let mut memory = Memory::default();
        let mut coercer = Coercer::new(self.plans, self.tree, &mut memory);
        let values = items.iter().filter_map(|node| coercer.coerce(*item, *node).ok()?.value);
        values.take(grown.dropped).collect()
    }

    /// A map with the entries that were dropped.
    fn whole_map(
        &self,
        map: &Value,
        entries: &IndexMap<SmolStr, Value>,
    ) -> IndexMap<SmolStr, Value> {
        let dropped = self.memory.grown(map).filter(|grown| grown.dropped > 0);
        let again = dropped.map(|grown| self.read_again(grown.key));
        let whole = |(name, value): (&SmolStr, &Value)| {
            let value = match (&again, value) {
                (Some(Value::Map(again)), Value::Null) => again.get(name).cloned(),
                _ => None,
            }
            .unwrap_or_else(|| self.whole(value));
            (name.clone(), value)
        };
        entries.iter().map(whole).collect()
    }

    fn mirror(&self, value: &Value) -> Shadow {
        if let Some(part) = self.memory.part(value) {
            return Shadow::Settled(part.key);
        }
        match value {
            Value::String(_) => match self.text_node(value) {
                Some(node) => {
                    let start = self.tree.text_start(node);
                    Shadow::Growing { node, start, told: self.tree.sure_text(node).len() }
                }
                None => Shadow::Whole(self.short(value)),
            },
            Value::List(items) => match self.memory.grown(value) {
                Some(of) => {
                    let tail = &items[of.settled - of.dropped..];
                    let tail = tail.iter().map(|item| self.mirror(item)).collect();
                    Shadow::List { of, tail }
                }
                None => Shadow::Whole(value.clone()),
            },
            Value::Map(entries) => match self.memory.grown(value) {
                Some(of) => {
                    let tail = entries.get_range(of.settled..).into_iter().flatten();
                    let tail = tail.map(|(name, value)| (name.clone(), self.mirror(value)));
                    Shadow::Map { of, tail: tail.collect() }
                }
                None => Shadow::Whole(value.clone()),
            },
            Value::Class(class) => Shadow::Class {
                names: Arc::clone(class.fields.names()),
                fields: class.fields.values().iter().map(|value| self.mirror(value)).collect(),
            },
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

//! What coercion remembers between polls, so that only the open spine is looked at again.
//!
//! Invariant: an entry of `settled` never changes; the state of an open list or map covers a prefix
//! of settled parts, and only what comes after it is coerced again. Where only changes are wanted,
//! what was there at one poll is dropped at the next: a stub stands for it, known by its address.

use std::sync::Arc;

use baml_schema::{ClassValue, Fields, Value};
use indexmap::IndexMap;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::found::{Found, Outcome};
use crate::plan::PlanId;
use crate::tree::NodeId;

/// Tables larger than this are not kept for the next item.
const SCRATCH_MAX: usize = 1_024;

/// A node read as a plan wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) plan: PlanId,
    pub(crate) node: NodeId,
}

/// The outcomes of settled nodes.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    pub(crate) any: FxHashMap<Key, Outcome>,
    /// The exact readings.
    pub(crate) casts: FxHashMap<Key, Option<Found>>,
}

/// What one coercion remembers of open nodes.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    pub(crate) known: Settled,
    /// Types that are being read, with their nodes, by how many were before.
    pub(crate) guards: FxHashMap<Guard, usize>,
}

/// A type that is being read, with its node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Guard {
    /// A class.
    Class(usize, NodeId),
    /// A union: a recursive alias may offer a list of itself for a value that is no list.
    Union(PlanId, NodeId),
}

/// The memory of one reader.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) settled: Settled,
    /// An empty one, for the parts of an item that is read once.
    scratch: Settled,
    /// Empty ones, for what is open at one poll.
    tables: Tables,
    pub(crate) lists: FxHashMap<Key, ListState>,
    pub(crate) maps: FxHashMap<Key, MapState>,
    /// Of open objects, by the class that they are read as.
    pub(crate) classes: FxHashMap<(usize, NodeId), ClassKeys>,
    pub(crate) choices: FxHashMap<Key, ChoiceState>,
    /// Values that stand for long settled texts, one for each node.
    long_texts: FxHashMap<NodeId, Arc<str>>,
    /// Their nodes, by their addresses.
    texts: FxHashMap<usize, NodeId>,
    /// The same for open texts, of the newest poll only.
    open_texts: FxHashMap<usize, NodeId>,
    /// Open lists and objects that are to be printed, by the address of what stands for the text.
    unprinted: FxHashMap<usize, (NodeId, Arc<str>)>,
    /// Open lists and maps of the newest poll, by the address of their values.
    spine: FxHashMap<usize, Grown>,
    /// Values whose addresses must not be used again before the next poll.
    kept: Vec<Value>,
    /// Settled parts of what is open, by the address of the value or stub that is remembered.
    parts: FxHashMap<usize, Part>,
    /// What is remembered as settled, in the order in which it came.
    noted: Vec<Key>,
    /// Where the first of the items begins that were taken in at the newest poll.
    taken_from: Option<NodeId>,
    /// Those whose values are still there.
    fresh: Vec<Key>,
    /// Counts polls.
    pub(crate) poll: u64,
}

/// A settled part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) key: Key,
    /// Whether only a stub stands for it.
    pub(crate) is_stub: bool,
}

/// What is known of an open list's or map's parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grown {
    /// Whose parts they are.
    pub(crate) key: Key,
    /// So many of them will not change again.
    pub(crate) settled: usize,
    /// So many of these are no longer there.
    pub(crate) dropped: usize,
    /// Whether none will be added.
    pub(crate) closed: bool,
    /// Rises when one of the settled ones was replaced after all, by a repeated key.
    pub(crate) version: usize,
}

/// An open list.
#[derive(Debug, Default)]
pub(crate) struct ListState {
    /// Items of the tree that are settled and taken in.
    pub(crate) taken: usize,
    /// Their values without the dropped ones, and behind them those of the newest poll.
    pub(crate) values: Arc<Vec<Value>>,
    /// How many values belong to the items taken in.
    pub(crate) settled: usize,
    /// How many of these were dropped.
    pub(crate) dropped: usize,
    /// The poll that last looked at it.
    pub(crate) poll: u64,
    /// Their price.
    pub(crate) score: i64,
    /// Whether one of them cannot be read exactly.
    pub(crate) inexact: bool,
    /// Whether one of them did not fit.
    pub(crate) lost: bool,
    /// Of a list of unions, the variant that the last one is.
    pub(crate) variant: Option<PlanId>,
}

/// An open map.
#[derive(Debug, Default)]
pub(crate) struct MapState {
    /// Entries of the tree that are settled and taken in.
    pub(crate) taken: usize,
    /// Their values, dropped ones as null, and behind them those of the newest poll.
    pub(crate) values: Arc<IndexMap<SmolStr, Value>>,
    /// How many values belong to the entries taken in.
    pub(crate) settled: usize,
    /// How many of these were dropped.
    pub(crate) dropped: usize,
    /// The poll that last looked at it.
    pub(crate) poll: u64,
    /// Their price.
    pub(crate) score: i64,
    /// Whether one of them cannot be read exactly.
    pub(crate) inexact: bool,
    /// Whether one of them did not fit.
    pub(crate) lost: bool,
    /// How many keys were repeated.
    pub(crate) version: usize,
    /// Where they stand, since the last poll.
    pub(crate) replaced: Vec<usize>,
}

/// Which entries of an object are fields of a class.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClassKeys {
    /// So many entries were looked at.
    pub(crate) seen: usize,
    /// For each field the value of the first entry that means it.
    pub(crate) fields: Vec<Option<NodeId>>,
    /// How many entries no field wants.
    pub(crate) extra: usize,
    /// Whether an entry's key is spelled otherwise than the field's, or no field's.
    pub(crate) inexact: bool,
}

/// The best of a stretch's settled readings.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChoiceState {
    /// Readings from `from` up to here are taken in.
    pub(crate) until: usize,
    /// Where the settled readings begin.
    pub(crate) from: usize,
    /// The best of them, or the first where none fits, and what was found, without its value.
    pub(crate) best: Option<(NodeId, Outcome)>,
}

impl Memory {
    /// Forgets what is true of one poll only, and drops what that poll was told.
    pub(crate) fn begin_poll(&mut self) {
        self.poll += 1;
        self.spine.clear();
        self.open_texts.clear();
        self.unprinted.clear();
        self.kept.clear();
        self.forget_taken();
        for key in std::mem::take(&mut self.fresh) {
            if let Some(Ok(found)) = self.settled.any.get_mut(&key) {
                stub(found, key, &mut self.parts);
            }
            if let Some(Some(found)) = self.settled.casts.get_mut(&key) {
                stub(found, key, &mut self.parts);
            }
        }
    }

    /// Notes that a settled part of something open is remembered, and whether its value may be
    /// dropped at the next poll.
    pub(crate) fn note_settled(&mut self, key: Key, value: Option<&Value>, may_drop: bool) {
        self.noted.push(key);
        let Some(address) = value.and_then(address_of) else { return };
        let part = self.parts.entry(address).or_insert(Part { key, is_stub: false });
        // One part may be all of another; the stub of the one then stands for both.
        if !part.is_stub {
            part.key = key;
            if may_drop {
                self.fresh.push(key);
            }
        }
    }

    /// Says that an item that begins at node `first` was taken in: nobody asks for its parts now.
    pub(crate) fn note_taken(&mut self, first: NodeId) {
        self.taken_from = Some(self.taken_from.map_or(first, |known| known.min(first)));
    }

    /// Forgets what is remembered of the items taken in.
    ///
    /// What is all of another part was noted after it, so both go or stay.
    fn forget_taken(&mut self) {
        let Some(first) = self.taken_from.take() else { return };
        while let Some(key) = self.noted.pop_if(|key| key.node >= first) {
            let any = self.settled.any.remove(&key).and_then(Result::ok);
            let cast = self.settled.casts.remove(&key).flatten();
            for value in any.into_iter().chain(cast).filter_map(|found| found.value) {
                let Some(address) = address_of(&value) else { continue };
                // The stub of a part may stand for all of another too.
                if self.parts.get(&address).is_some_and(|part| part.key == key) {
                    self.parts.remove(&address);
                }
            }
        }
    }

    /// The settled part that a value is.
    pub(crate) fn part(&self, value: &Value) -> Option<Part> {
        self.parts.get(&address_of(value)?).copied()
    }

    /// Notes what a list or map of this poll is made of.
    pub(crate) fn note_grown(&mut self, value: &Value, grown: Grown) {
        let Some(address) = address_of(value) else { return };
        if grown.closed {
            self.kept.push(value.clone());
        }
        self.spine.insert(address, grown);
    }

    /// What a list or map of this poll is made of.
    pub(crate) fn grown(&self, value: &Value) -> Option<Grown> {
        self.spine.get(&address_of(value)?).copied()
    }

    /// Puts the memory of settled nodes aside, for an item whose parts nobody will ask for again.
    pub(crate) fn set_aside(&mut self) -> Settled {
        let scratch = std::mem::take(&mut self.scratch);
        std::mem::replace(&mut self.settled, scratch)
    }

    /// Takes it up again.
    pub(crate) fn take_up(&mut self, settled: Settled) {
        self.scratch = std::mem::replace(&mut self.settled, settled);
        self.scratch.clear();
    }

    /// Tables without entries, for one coercion.
    pub(crate) fn take_tables(&mut self) -> Tables {
        std::mem::take(&mut self.tables)
    }

    /// Keeps their room for the next one.
    pub(crate) fn give_tables(&mut self, mut tables: Tables) {
        tables.known.clear();
        tables.guards.clear();
        self.tables = tables;
    }

    /// The node for which the value of a long text stands.
    pub(crate) fn text_node(&self, text: &Arc<str>) -> Option<NodeId> {
        let address = address_of_text(text);
        self.texts.get(&address).or_else(|| self.open_texts.get(&address)).copied()
    }

    /// A value that stands for an open list or object as a text.
    pub(crate) fn unprinted(&mut self, node: NodeId) -> Arc<str> {
        let text: Arc<str> = Arc::from("…");
        self.unprinted.insert(address_of_text(&text), (node, Arc::clone(&text)));
        text
    }

    /// The list or object that is to be printed for a text.
    pub(crate) fn to_print(&self, text: &Arc<str>) -> Option<NodeId> {
        Some(self.unprinted.get(&address_of_text(text))?.0)
    }

    /// A value that stands for a long text.
    pub(crate) fn long_text(&mut self, node: NodeId, settled: bool) -> Arc<str> {
        if !settled {
            let text: Arc<str> = Arc::from("…");
            self.open_texts.insert(address_of_text(&text), node);
            return text;
        }
        let text = self.long_texts.entry(node).or_insert_with(|| Arc::from("…"));
        self.texts.insert(address_of_text(text), node);
        Arc::clone(text)
    }
}

impl Settled {
    fn clear(&mut self) {
        if self.any.capacity() > SCRATCH_MAX || self.casts.capacity() > SCRATCH_MAX {
            *self = Self::default();
        }
        self.any.clear();
        self.casts.clear();
    }
}

/// Puts a stub in the place of a value that has parts.
fn stub(found: &mut Found, key: Key, parts: &mut FxHashMap<usize, Part>) {
    let Some(value) = &mut found.value else { return };
    let Some(address) = address_of(value) else { return };
    if parts.get(&address).is_some_and(|part| part.is_stub) {
        return;
    }
    let stub = match value {
        Value::List(_) => Value::list(Vec::new()),
        Value::Map(_) => Value::Map(Arc::new(IndexMap::new())),
        Value::Class(class) => {
            let fields = Fields::new(Arc::from([]), Vec::new());
            Value::Class(Arc::new(ClassValue { class: class.class.clone(), fields }))
        }
        _ => return,
    };
    parts.remove(&address);
    if let Some(address) = address_of(&stub) {
        parts.insert(address, Part { key, is_stub: true });
    }
    *value = stub;
}

/// Where a value with parts lies.
fn address_of(value: &Value) -> Option<usize> {
    match value {
        Value::List(items) => Some(Arc::as_ptr(items) as usize),
        Value::Map(entries) => Some(Arc::as_ptr(entries) as usize),
        Value::Class(class) => Some(Arc::as_ptr(class) as usize),
        _ => None,
    }
}

fn address_of_text(text: &Arc<str>) -> usize {
    Arc::as_ptr(text).cast::<u8>() as usize
}

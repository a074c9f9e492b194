//! What coercion remembers between polls, so that only the open spine is looked at again.
//!
//! Invariant: an entry of `settled` never changes; the state of an open list or map covers a prefix
//! of settled parts, and only what comes after it is coerced again.

use std::sync::Arc;

use baml_schema::Value;
use indexmap::IndexMap;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::found::{Found, Outcome};
use crate::plan::PlanId;
use crate::tree::NodeId;

/// A node read as a plan wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) plan: PlanId,
    pub(crate) node: NodeId,
}

/// The memory of one reader.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) settled: FxHashMap<(PlanId, NodeId), Outcome>,
    pub(crate) settled_casts: FxHashMap<(PlanId, NodeId), Option<Found>>,
    pub(crate) lists: FxHashMap<Key, ListState>,
    pub(crate) maps: FxHashMap<Key, MapState>,
    /// Of open objects, by the class that they are read as.
    pub(crate) classes: FxHashMap<(usize, NodeId), ClassKeys>,
    pub(crate) choices: FxHashMap<Key, ChoiceState>,
    /// The values of long settled texts, one for each node.
    pub(crate) long_texts: FxHashMap<NodeId, Arc<str>>,
    /// Long texts whose value stands for their node, by its address: settled ones.
    pub(crate) texts: FxHashMap<usize, NodeId>,
    /// The same for open texts, of the newest poll only.
    pub(crate) open_texts: FxHashMap<usize, NodeId>,
    /// Open lists and maps of the newest poll, by the address of their values.
    pub(crate) spine: FxHashMap<usize, Grown>,
}

/// What is known of an open list's or map's parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grown {
    /// Whose parts they are.
    pub(crate) key: Key,
    /// So many of them will not change again.
    pub(crate) settled: usize,
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
    /// Their values, and behind them those of the newest poll.
    pub(crate) values: Arc<Vec<Value>>,
    /// How many values belong to the items taken in.
    pub(crate) settled: usize,
    /// Their price.
    pub(crate) score: i64,
    /// Whether one of them cannot be read exactly.
    pub(crate) inexact: bool,
    /// Whether one of them did not fit.
    pub(crate) lost: bool,
}

/// An open map.
#[derive(Debug, Default)]
pub(crate) struct MapState {
    /// Entries of the tree that are settled and taken in.
    pub(crate) taken: usize,
    /// Their values, and behind them those of the newest poll.
    pub(crate) values: Arc<IndexMap<SmolStr, Value>>,
    /// How many values belong to the entries taken in.
    pub(crate) settled: usize,
    /// Their price.
    pub(crate) score: i64,
    /// Whether one of them cannot be read exactly.
    pub(crate) inexact: bool,
    /// How many keys were repeated.
    pub(crate) version: usize,
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
    /// The best of them, or why the first does not fit.
    pub(crate) best: Option<Outcome>,
}

impl Memory {
    /// Forgets what is true of one poll only.
    pub(crate) fn begin_poll(&mut self) {
        self.spine.clear();
        self.open_texts.clear();
    }

    /// The node for which the value of a long text stands.
    pub(crate) fn text_node(&self, text: &Arc<str>) -> Option<NodeId> {
        let address = address_of(text);
        self.texts.get(&address).or_else(|| self.open_texts.get(&address)).copied()
    }

    /// A value that stands for a long text: all of a settled one, next to nothing of an open one.
    pub(crate) fn long_text(&mut self, node: NodeId, settled: Option<&str>) -> Arc<str> {
        let Some(whole) = settled else {
            let text: Arc<str> = Arc::from("…");
            self.open_texts.insert(address_of(&text), node);
            return text;
        };
        let text = self.long_texts.entry(node).or_insert_with(|| Arc::from(whole));
        self.texts.insert(address_of(text), node);
        Arc::clone(text)
    }
}

fn address_of(text: &Arc<str>) -> usize {
    Arc::as_ptr(text).cast::<u8>() as usize
}

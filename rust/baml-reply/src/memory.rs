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

/// A node read as a plan wants it, exactly or with liberties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) plan: PlanId,
    pub(crate) node: NodeId,
    /// Whether the exact reading is meant.
    pub(crate) exact: bool,
}

/// The memory of one reader.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) settled: FxHashMap<(PlanId, NodeId), Outcome>,
    pub(crate) settled_casts: FxHashMap<(PlanId, NodeId), Option<Arc<Found>>>,
    pub(crate) lists: FxHashMap<Key, ListState>,
    pub(crate) maps: FxHashMap<Key, MapState>,
    pub(crate) choices: FxHashMap<Key, ChoiceState>,
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
    pub(crate) failed: bool,
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
    pub(crate) failed: bool,
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

//! Lists and maps.

use std::sync::Arc;

use baml_schema::Value;
use indexmap::IndexMap;
use smol_str::SmolStr;

use super::Coercer;
use crate::found::{Flags, Found, Outcome, Shape};
use crate::liberty::Liberty;
use crate::memory::{Grown, Key, ListState, MapState};
use crate::misfit::Misfit;
use crate::plan::PlanId;
use crate::tree::{Entry, Kind, NodeId};

/// What the parts of a list or map are.
#[derive(Clone, Copy, Debug)]
struct Part {
    /// Their plan.
    plan: PlanId,
    /// In a list of unions, the variant that the part before is.
    before: Option<PlanId>,
}

/// How parts are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// Only exactly.
    Exact,
    /// As well as it goes.
    Any,
}

impl Coercer<'_> {
    pub(super) fn list(
        &mut self,
        id: PlanId,
        item: PlanId,
        node: NodeId,
    ) -> Result<Found, Arc<Misfit>> {
        let tree = self.tree;
        if let Kind::Array(items) = tree.kind(node) {
            let found = self.grow_list(Key { plan: id, node }, Reading::Any, item, items);
            return Ok(found.unwrap_or_else(Self::empty_list));
        }
        // One value as a list.
        let mut score = 0;
        let mut values = Vec::new();
        let mut lost = false;
        match self.coerce(item, node) {
            Ok(found) => {
                score = found.score;
                values.extend(found.value);
            }
            Err(_) => lost = true,
        }
        let shape = Shape::List { empty: values.is_empty(), failed: values.is_empty() };
        let value = Value::list(values);
        let grown = Grown {
            key: Key { plan: id, node },
            settled: 0,
            dropped: 0,
            closed: false,
            version: 0,
        };
        self.memory.note_grown(&value, grown);
        let found = Found::shaped(Some(value), shape, self.is_complete(node)).priced(score);
        let found = if lost { found.took(Liberty::LostItem) } else { found };
        Ok(found.took(Liberty::SingleToList).flagged(Flags::SINGLE_TO_ARRAY))
    }

    pub(super) fn cast_list(&mut self, id: PlanId, item: PlanId, node: NodeId) -> Option<Found> {
        let tree = self.tree;
        let Kind::Array(items) = tree.kind(node) else { return None };
        self.grow_list(Key { plan: id, node }, Reading::Exact, item, items)
    }

    fn empty_list() -> Found {
        let shape = Shape::List { empty: true, failed: false };
        Found::shaped(Some(Value::list(Vec::new())), shape, false)
    }

    /// Takes in what has settled since the last time, then what is still open.
    /// None when an item cannot be read exactly and must be.
    ///
    /// Both readings share what they took in: while every item is exact, they are the same.
    fn grow_list(
        &mut self,
        key: Key,
        reading: Reading,
        item: PlanId,
        items: &[NodeId],
    ) -> Option<Found> {
        // Nothing is kept of a whole reply, and there an exact reading may differ from another.
        let known = if self.is_final() { None } else { self.memory.lists.remove(&key) };
        let mut state = known.unwrap_or_default();
        state.begin(self.memory.poll, self.may_stub(key.plan));
        state.inexact |= self.is_final() && reading == Reading::Any;
        while let Some(node) = items.get(state.taken) {
            let part = Part { plan: item, before: state.variant };
            let outcome = self.settled_part(&mut state.inexact, reading, part, *node);
            let Some(outcome) = outcome else { break };
            state.score = take_item(&mut state, outcome);
            state.taken += 1;
            state.settled = state.dropped + state.values.len();
        }
        if state.inexact && reading == Reading::Exact {
            self.memory.lists.insert(key, state);
            return None;
        }
        let mut score = state.score;
        let settled = (state.taken, state.lost, state.variant);
        let mut fits = true;
        for node in items.iter().skip(state.taken) {
            let part = Part { plan: item, before: state.variant };
            let outcome = self.part(reading, part, *node);
            fits &= outcome.is_ok() || reading == Reading::Any;
            state.score = take_item(&mut state, outcome);
            state.taken += 1;
        }
        std::mem::swap(&mut score, &mut state.score);
        let lost = state.lost;
        (state.taken, state.lost, state.variant) = settled;
        let complete = self.is_complete(key.node);
        let empty = state.dropped == 0 && state.values.is_empty();
        let shape = Shape::List { empty, failed: lost };
        let value = Value::List(Arc::clone(&state.values));
        let found = Found::shaped(Some(value), shape, complete).priced(score);
        let found = if lost { found.noted(Liberty::LostItem) } else { found };
        let closed = self.tree.is_settled(key.node);
        if let (false, Some(value)) = (self.is_final(), &found.value) {
            let (settled, dropped) = (state.settled, state.dropped);
            self.memory.note_grown(value, Grown { key, settled, dropped, closed, version: 0 });
        }
        if !closed && !self.is_final() {
            self.memory.lists.insert(key, state);
        }
        fits.then_some(found)
    }

    /// A part, exactly or with liberties.
    fn part(&mut self, reading: Reading, part: Part, node: NodeId) -> Outcome {
        if let Some(found) = self.as_before(part, node) {
            return Ok(found);
        }
        match reading {
            Reading::Exact => {
                self.cast(part.plan, node).ok_or_else(|| Misfit::said("the value is not exact"))
            }
            Reading::Any => self.coerce(part.plan, node),
        }
    }

    /// A part that is just what the one before it is, which then needs no choice.
    fn as_before(&mut self, part: Part, node: NodeId) -> Option<Found> {
        let found = self.cast(part.before?, node).filter(|found| found.score == 0)?;
        let found = Found { variant: part.before, ..found };
        let plan = self.plans.plan(part.plan);
        if plan.is_bare() { Some(found) } else { self.finish(plan, found, false).ok() }
    }

    /// A settled part for either reading: what is exact is also what any reading finds. None when
    /// it is not settled, or not exact and must be; `inexact` says whether one was not.
    fn settled_part(
        &mut self,
        inexact: &mut bool,
        reading: Reading,
        part: Part,
        node: NodeId,
    ) -> Option<Outcome> {
        if !self.tree.is_settled(node) {
            return None;
        }
        self.inside_item(node, |this| {
            if let Some(found) = this.as_before(part, node) {
                return Some(Ok(found));
            }
            if !*inexact {
                if let Some(found) = this.cast(part.plan, node) {
                    debug_assert!(this.is_found_anyway(part.plan, node, &found));
                    return Some(Ok(found));
                }
                *inexact = true;
            }
            (reading == Reading::Any).then(|| this.coerce(part.plan, node))
        })
    }

    /// Whether any reading finds what the exact one found, where that can be told.
    fn is_found_anyway(&mut self, plan: PlanId, node: NodeId, exact: &Found) -> bool {
        let told = !self.is_final() && !self.may_stub(plan);
        !told
            || self.coerce(plan, node).is_ok_and(|found| {
                (found.value == exact.value && found.score == exact.score)
                    && (found.flags == exact.flags && found.shape == exact.shape)
            })
    }

    pub(super) fn map(
        &mut self,
        id: PlanId,
        value: PlanId,
        node: NodeId,
    ) -> Result<Found, Arc<Misfit>> {
        let tree = self.tree;
        let Kind::Object(entries) = tree.kind(node) else {
            return Err(Self::expected(id, node));
        };
        let found = self.grow_map(Key { plan: id, node }, Reading::Any, value, entries);
        found.ok_or_else(|| Self::expected(id, node))
    }

    pub(super) fn cast_map(&mut self, id: PlanId, value: PlanId, node: NodeId) -> Option<Found> {
        let tree = self.tree;
        let Kind::Object(entries) = tree.kind(node) else { return None };
        self.grow_map(Key { plan: id, node }, Reading::Exact, value, entries)
    }

    /// The same for a map.
    fn grow_map(
        &mut self,
        key: Key,
        reading: Reading,
        value: PlanId,
        entries: &[Entry],
    ) -> Option<Found> {
        let known = if self.is_final() { None } else { self.memory.maps.remove(&key) };
        let mut state = known.unwrap_or_default();
        state.begin(self.memory.poll, self.may_stub(key.plan));
        state.inexact |= self.is_final() && reading == Reading::Any;
        let part = Part { plan: value, before: None };
        while let Some(entry) = entries.get(state.taken) {
            let outcome = self.settled_part(&mut state.inexact, reading, part, entry.value);
            let Some(outcome) = outcome else { break };
            take_entry(&mut state, self.tree.key(entry.key), outcome);
            state.taken += 1;
            state.settled = state.values.len();
        }
        if state.inexact && reading == Reading::Exact {
            self.memory.maps.insert(key, state);
            return None;
        }
        let mut open = MapState { score: state.score, ..MapState::default() };
        let mut fits = true;
        for entry in &entries[state.taken..] {
            let outcome = self.part(reading, part, entry.value);
            fits &= outcome.is_ok() || reading == Reading::Any;
            take_entry(&mut open, self.tree.key(entry.key), outcome);
        }
        let values = join_map(&mut state, &open);
        let is_own = Arc::ptr_eq(&values, &state.values);
        let values = Value::Map(values);
        let closed = self.tree.is_settled(key.node);
        if !self.is_final() {
            let MapState { settled, dropped, mut version, .. } = state;
            if !is_own {
                // Another value than at any other poll.
                version = usize::MAX - self.memory.poll as usize;
            }
            self.memory.note_grown(&values, Grown { key, settled, dropped, closed, version });
        }
        let complete = self.is_complete(key.node);
        let found = Found::shaped(Some(values), Shape::Map, complete).priced(open.score);
        let lost = open.lost || state.lost;
        let found = if lost { found.noted(Liberty::LostEntry) } else { found };
        let found = found.took(Liberty::ObjectToMap);
        if !closed && !self.is_final() {
            self.memory.maps.insert(key, state);
        }
        fits.then_some(found)
    }

    /// The default of a type whose value is missing, when it has one.
    pub(super) fn default_of(&self, plan: PlanId) -> Option<Value> {
        use crate::plan::PlanKind;
        match &self.plans.plan(plan).kind {
            PlanKind::List(_) => Some(Value::list(Vec::new())),
            PlanKind::Map(..) => Some(Value::Map(Arc::new(IndexMap::new()))),
            PlanKind::Null => Some(Value::Null),
            PlanKind::Union(_) if self.plans.is_nullable(plan) => Some(Value::Null),
            PlanKind::Union(variants) => {
                variants.iter().find_map(|variant| self.default_of_flat(*variant))
            }
            _ => None,
        }
    }

    fn default_of_flat(&self, plan: PlanId) -> Option<Value> {
        use crate::plan::PlanKind;
        match &self.plans.plan(plan).kind {
            PlanKind::Union(_) => self.plans.is_nullable(plan).then_some(Value::Null),
            _ => self.default_of(plan),
        }
    }
}

impl ListState {
    /// Takes what was not settled away; at a new poll also what may be dropped.
    fn begin(&mut self, poll: u64, may_drop: bool) {
        let kept = self.settled - self.dropped;
        if self.values.len() > kept {
            Arc::make_mut(&mut self.values).truncate(kept);
        }
        if may_drop && self.poll != poll && kept > 0 {
            match Arc::get_mut(&mut self.values) {
                Some(values) => values.clear(),
                None => self.values = Arc::default(),
            }
            self.dropped = self.settled;
        }
        self.poll = poll;
    }
}

impl MapState {
    /// The same.
    fn begin(&mut self, poll: u64, may_drop: bool) {
        if self.values.len() > self.settled {
            Arc::make_mut(&mut self.values).truncate(self.settled);
        }
        if self.poll != poll {
            let replaced = std::mem::take(&mut self.replaced);
            if may_drop && (self.dropped < self.settled || !replaced.is_empty()) {
                let values = Arc::make_mut(&mut self.values);
                for at in replaced.into_iter().chain(self.dropped..self.settled) {
                    values[at] = Value::Null;
                }
                self.dropped = self.settled;
            }
            self.poll = poll;
        }
    }
}

/// Adds an item to a list; returns the new price.
fn take_item(state: &mut ListState, outcome: Outcome) -> i64 {
    match outcome {
        Ok(found) => {
            state.variant = found.variant;
            let score = state.score.saturating_add(found.score);
            if let Some(value) = found.shown() {
                Arc::make_mut(&mut state.values).push(value);
            }
            score
        }
        Err(_) => {
            state.lost = true;
            state.score.saturating_add(Liberty::LostItem.price() + state.taken as i64)
        }
    }
}

/// Adds an entry to a map. Of a repeated key the last value counts.
fn take_entry(state: &mut MapState, name: &str, outcome: Outcome) {
    match outcome {
        Ok(found) => {
            state.score = state.score.saturating_add(found.score);
            if let Some(value) = found.shown() {
                let values = Arc::make_mut(&mut state.values);
                let (at, before) = values.insert_full(SmolStr::from(name), value);
                if before.is_some() {
                    state.version += 1;
                    state.replaced.push(at);
                }
            }
        }
        Err(_) => {
            state.lost = true;
            state.score = state.score.saturating_add(Liberty::LostEntry.price());
        }
    }
}

/// The settled entries with the open ones behind them. An open entry whose key was there before
/// replaces it in a copy, for the settled ones must stay.
fn join_map(state: &mut MapState, open: &MapState) -> Arc<IndexMap<SmolStr, Value>> {
    if open.values.keys().any(|name| state.values.contains_key(name)) {
        let mut copy = IndexMap::clone(&state.values);
        copy.extend(open.values.iter().map(|(name, value)| (name.clone(), value.clone())));
        return Arc::new(copy);
    }
    if !open.values.is_empty() {
        let values = Arc::make_mut(&mut state.values);
        values.extend(open.values.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    Arc::clone(&state.values)
}

//! An explanation out of what a coercion tried.
//!
//! Invariant: each reading is written out once below the one that it belongs to, in the order of
//! the reply.

use rustc_hash::{FxHashMap, FxHashSet};

use super::trace::{FieldPart, Part, Price, Traced, Tracer};
use super::{READINGS_DEPTH_MAX, READINGS_MAX, Reading};
use crate::found::TraceId;
use crate::liberty::Liberty;
use crate::path::Step;
use crate::plan::PlanId;
use crate::tree::{Kind, NodeId};
use crate::words::Words;

/// Puts what was tried into words.
pub(crate) struct Builder<'a> {
    words: Words<'a>,
    tracer: &'a Tracer,
    made: usize,
    /// Whether something was left out.
    pub(crate) cut: bool,
}

impl<'a> Builder<'a> {
    /// Nothing is written yet.
    pub(crate) fn new(words: Words<'a>, tracer: &'a Tracer) -> Self {
        Self { words, tracer, made: 0, cut: false }
    }

    /// The reading of the whole reply.
    pub(crate) fn root(&mut self) -> Option<Reading> {
        let root = self.tracer.root()?;
        self.reading(root, None, true, 0)
    }

    fn reading(
        &mut self,
        id: TraceId,
        at: Option<Step>,
        taken: bool,
        depth: usize,
    ) -> Option<Reading> {
        if self.made == READINGS_MAX || depth > READINGS_DEPTH_MAX {
            self.cut = true;
            return None;
        }
        self.made += 1;
        let traced = self.tracer.get(id);
        let (price, reason) = match &traced.outcome {
            Ok(price) => (Some(*price), None),
            Err(misfit) => (None, Some(self.words.told(misfit))),
        };
        let taken = taken && price.is_some();
        let mut reading = Reading {
            at,
            wanted: self.words.plans.describe(traced.key.plan),
            found: self.words.found(traced.key.node),
            score: price.map(|price| price.score),
            reason,
            liberties: price.map(liberties).unwrap_or_default(),
            taken,
            parts: Vec::new(),
        };
        self.parts(traced, taken, depth + 1, &mut reading.parts);
        Some(reading)
    }

    /// The fields of a class, then what else was tried.
    fn parts(&mut self, traced: &Traced, taken: bool, depth: usize, out: &mut Vec<Reading>) {
        let places = self.places(traced.key.node);
        // Where it is just another reading, its own fields and items are not part of the value.
        let own = taken && traced.of.is_none();
        let mut seen = FxHashSet::default();
        for field in traced.parts.iter().filter_map(Part::as_field) {
            seen.extend(field.of);
            if let Some(reading) = self.field(field, traced, own, depth, &mut seen) {
                out.push(reading);
            }
        }
        for id in traced.parts.iter().filter_map(Part::as_tried) {
            if !seen.insert(id) {
                continue;
            }
            let at = places.get(&self.tracer.get(id).key.node).cloned();
            let taken = match traced.of {
                Some(of) => taken && of == id,
                None => own && self.collects(traced.key.plan),
            };
            out.extend(self.reading(id, at, taken, depth));
        }
        for reading in traced.parts.iter().filter_map(Part::as_elsewhere) {
            let mut reading = reading.clone();
            if !own {
                leave(&mut reading);
            }
            out.push(reading);
        }
    }

    /// What a field got: a reading with what was taken for the field's sake, or what stands there.
    fn field(
        &mut self,
        field: &FieldPart,
        class: &Traced,
        taken: bool,
        depth: usize,
        seen: &mut FxHashSet<TraceId>,
    ) -> Option<Reading> {
        let at = Some(Step::Name(field.name.clone()));
        let price = field.outcome.as_ref().ok();
        let score = price.map(|price| price.score);
        let taken = taken && price.is_some();
        let more = price.copied().map(liberties).unwrap_or_default();
        if let Some(of) = field.of {
            let mut reading = self.reading(of, at, taken, depth)?;
            reading.liberties.extend(more);
            reading.score = score;
            return Some(reading);
        }
        // What does not fit is told with what stands in its place.
        let failed = class.parts.iter().filter_map(Part::as_tried).find(|id| {
            let tried = self.tracer.get(*id);
            tried.key.plan == field.plan && tried.outcome.is_err() && !seen.contains(id)
        });
        let mut reading = match failed {
            Some(id) => {
                seen.insert(id);
                self.reading(id, at, false, depth)?
            }
            None => Reading {
                at,
                wanted: self.words.plans.describe(field.plan),
                found: "nothing".to_owned(),
                score: None,
                reason: field.outcome.as_ref().err().map(|misfit| self.words.told(misfit)),
                liberties: Vec::new(),
                taken,
                parts: Vec::new(),
            },
        };
        reading.taken = taken;
        reading.liberties = more;
        reading.score = score;
        Some(reading)
    }

    /// Whether what was tried for a type are its parts, not other readings of the same.
    fn collects(&self, plan: PlanId) -> bool {
        self.words.plans.plan(plan).collects()
    }

    /// Where the parts of a node are below it.
    fn places(&self, node: NodeId) -> FxHashMap<NodeId, Step> {
        match self.words.tree.kind(node) {
            Kind::Array(items) => {
                items.iter().enumerate().map(|(at, item)| (*item, Step::Index(at))).collect()
            }
            Kind::Object(entries) => {
                let key = |key| Step::Name(self.words.tree.key(key).into());
                entries.iter().map(|entry| (entry.value, key(entry.key))).collect()
            }
            _ => FxHashMap::default(),
        }
    }
}

impl Part {
    fn as_field(&self) -> Option<&FieldPart> {
        match self {
            Self::Field(field) => Some(field),
            Self::Tried(_) | Self::Elsewhere(_) => None,
        }
    }

    fn as_tried(&self) -> Option<TraceId> {
        match self {
            Self::Tried(id) => Some(*id),
            Self::Field(_) | Self::Elsewhere(_) => None,
        }
    }

    fn as_elsewhere(&self) -> Option<&Reading> {
        match self {
            Self::Elsewhere(reading) => Some(reading),
            Self::Field(_) | Self::Tried(_) => None,
        }
    }
}

/// Says that a reading is no part of the value after all.
fn leave(reading: &mut Reading) {
    reading.taken = false;
    reading.parts.iter_mut().for_each(leave);
}

fn liberties(price: Price) -> Vec<Liberty> {
    price.liberties.iter().collect()
}

//! What a coercion tries, kept as it goes.
//!
//! Invariant: a reading's parts are those that were tried between its beginning and its end; one
//! that was remembered counts again where it is used again.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::Reading;
use crate::found::{Found, Outcome, TraceId};
use crate::liberty::Liberties;
use crate::memory::Key;
use crate::misfit::Misfit;
use crate::plan::{FieldPlan, PlanId};

/// Which reading of a node as a plan wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Exactness {
    /// Only if it is just what is wanted.
    Exact,
    /// As well as it goes.
    Any,
}

/// One that was tried.
#[derive(Debug)]
pub(crate) struct Traced {
    pub(crate) key: Key,
    pub(crate) outcome: Result<Price, Arc<Misfit>>,
    /// The part that it is, where it is just that.
    pub(crate) of: Option<TraceId>,
    pub(crate) parts: Vec<Part>,
}

/// What a reading cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Price {
    pub(crate) score: i64,
    /// Liberties of its own.
    pub(crate) liberties: Liberties,
}

/// What was tried for a reading.
#[derive(Debug)]
pub(crate) enum Part {
    /// A reading of a part, or of the same node as something else.
    Tried(TraceId),
    /// What a field of a class got.
    Field(FieldPart),
    /// A reading of the same text in a tree of its own, in words.
    Elsewhere(Box<Reading>),
}

/// What a field of a class got.
#[derive(Debug)]
pub(crate) struct FieldPart {
    pub(crate) name: SmolStr,
    pub(crate) plan: PlanId,
    /// The reading that it got; none for what stands in its place.
    pub(crate) of: Option<TraceId>,
    pub(crate) outcome: Result<Price, Arc<Misfit>>,
}

/// Keeps what is tried.
#[derive(Debug, Default)]
pub(crate) struct Tracer {
    all: Vec<Traced>,
    known: FxHashMap<(Key, Exactness), TraceId>,
    /// Parts of what has begun and not ended.
    open: Vec<Vec<Part>>,
}

impl Tracer {
    /// One that was kept.
    pub(crate) fn get(&self, id: TraceId) -> &Traced {
        &self.all[id.0 as usize]
    }

    /// The last one: that of the whole reply, when all has ended.
    pub(crate) fn root(&self) -> Option<TraceId> {
        Some(TraceId(self.all.len().checked_sub(1)? as u32))
    }

    /// A reading begins.
    pub(crate) fn begin(&mut self) {
        self.open.push(Vec::new());
    }

    /// The newest one ends.
    pub(crate) fn end(&mut self, key: Key, outcome: &mut Outcome) {
        let parts = self.open.pop().unwrap_or_default();
        let (price, of) = match outcome {
            Ok(found) => (Ok(price(found)), found.trace.take()),
            Err(misfit) => (Err(Arc::clone(misfit)), None),
        };
        let id = self.keep(Traced { key, outcome: price, of, parts }, Exactness::Any);
        if let Ok(found) = outcome {
            found.trace = Some(id);
        }
    }

    /// The same of an exact one; that a value is not exact is not worth telling.
    pub(crate) fn end_exact(&mut self, key: Key, found: &mut Option<Found>) {
        let parts = self.open.pop().unwrap_or_default();
        let Some(found) = found else { return };
        let of = found.trace.take();
        let traced = Traced { key, outcome: Ok(price(found)), of, parts };
        found.trace = Some(self.keep(traced, Exactness::Exact));
    }

    fn keep(&mut self, traced: Traced, exactness: Exactness) -> TraceId {
        let id = TraceId(self.all.len() as u32);
        self.known.insert((traced.key, exactness), id);
        self.all.push(traced);
        self.tried(id);
        id
    }

    fn tried(&mut self, id: TraceId) {
        if let Some(parts) = self.open.last_mut() {
            parts.push(Part::Tried(id));
        }
    }

    /// The text was read in a tree of its own: `reading` is what was tried there.
    pub(crate) fn elsewhere(&mut self, reading: Option<Reading>, outcome: &mut Outcome) {
        if let Ok(found) = outcome {
            found.trace = None;
        }
        if let (Some(parts), Some(reading)) = (self.open.last_mut(), reading) {
            parts.push(Part::Elsewhere(Box::new(reading)));
        }
    }

    /// What was tried before is used again.
    pub(crate) fn again(&mut self, key: Key, exactness: Exactness) {
        if let Some(id) = self.known.get(&(key, exactness)) {
            self.tried(*id);
        }
    }

    /// A field of the class that is being read got something.
    pub(crate) fn field(&mut self, field: &FieldPlan, part: &Outcome) {
        let Some(parts) = self.open.last_mut() else { return };
        let (name, plan) = (field.name.clone(), field.plan);
        let of = part.as_ref().ok().and_then(|found| found.trace);
        let price = |found: &Found| Price { score: found.score, liberties: found.liberties };
        let outcome = part.as_ref().map(price).map_err(Arc::clone);
        parts.push(Part::Field(FieldPart { name, plan, of, outcome }));
    }
}

/// What was paid for what was found; its liberties are kept here from now on.
fn price(found: &mut Found) -> Price {
    Price { score: found.score, liberties: std::mem::take(&mut found.liberties) }
}

//! Unions: an exact variant first, else the best of all; and the exact reading of every type.

use std::sync::Arc;

use baml_schema::Value;

use super::Coercer;
use crate::explain::Exactness;
use crate::found::{Flags, Found, Outcome, Shape};
use crate::liberty::Liberty;
use crate::memory::Key;
use crate::number::Number;
use crate::pick;
use crate::plan::{PlanId, PlanKind};
use crate::tree::{Kind, NodeId};

impl Coercer<'_> {
    pub(super) fn union(&mut self, id: PlanId, variants: &[PlanId], node: NodeId) -> Outcome {
        let plan = self.plans.plan(id);
        let found = match self.cast_union(variants, node) {
            Some(found) => found,
            None => {
                let read = |variant: &PlanId| {
                    self.variant(*variant, node).map(|found| found.of_variant(*variant))
                };
                let mut outcomes: Vec<Outcome> = variants.iter().map(read).collect();
                if self.holds_parts(node) && outcomes.iter().any(is_read) {
                    outcomes.retain(|outcome| !is_printed(outcome));
                }
                let best = pick::best(pick::Target::Union, &outcomes, id)?;
                if best.flags.has(Flags::UNPRINTED) {
                    let Found { liberties, variant, trace, .. } = best;
                    Found { liberties, variant, trace, ..self.string(id, node)? }
                } else {
                    best
                }
            }
        };
        // A recursive alias is no union.
        let found = if variants.len() == 1 { Found { variant: None, ..found } } else { found };
        if plan.is_bare() {
            return Ok(found);
        }
        self.finish(plan, found, false)
    }

    /// Whether a node is an object, or a list of objects or lists.
    fn holds_parts(&self, node: NodeId) -> bool {
        match self.tree.kind(node) {
            Kind::Object(_) => true,
            Kind::Array([first, ..]) => self.tree.is_container(*first),
            _ => false,
        }
    }

    /// A variant's reading; of a list or object as a text only the price, until it wins.
    fn variant(&mut self, variant: PlanId, node: NodeId) -> Outcome {
        let plan = self.plans.plan(variant);
        if !plan.is_bare_text() || !self.tree.is_container(node) {
            return self.coerce(variant, node);
        }
        let found = Found::scalar(Value::Null, self.is_complete(node));
        let flags = Flags::JSON_TO_STRING.with(Flags::UNPRINTED);
        let mut outcome = Ok(found.took(Liberty::JsonToText).flagged(flags));
        if let Some(tracer) = &mut self.tracer {
            tracer.begin();
            tracer.end(Key { plan: variant, node }, &mut outcome);
        }
        outcome
    }

    pub(super) fn cast_union(&mut self, variants: &[PlanId], node: NodeId) -> Option<Found> {
        if matches!(self.tree.kind(node), Kind::Null) {
            let null = variants
                .last()
                .filter(|last| matches!(self.plans.plan(**last).kind, PlanKind::Null));
            if let Some(null) = null {
                return self.coerce(*null, node).ok().map(|found| found.of_variant(*null));
            }
        }
        let mut casts = Vec::new();
        for variant in variants {
            if let Some(found) = self.cast(*variant, node) {
                let found = found.of_variant(*variant);
                if found.score == 0 {
                    return Some(found);
                }
                casts.push(Ok(found));
            }
        }
        if casts.is_empty() {
            return None;
        }
        pick::best(pick::Target::Union, &casts, variants[0]).ok()
    }

    /// Reads `node` only if it is already what `plan` wants.
    pub(super) fn cast(&mut self, plan: PlanId, node: NodeId) -> Option<Found> {
        let key = Key { plan, node };
        let settled = self.tree.is_settled(node);
        let memory = if settled { &self.memory.settled.casts } else { &self.open.known.casts };
        if let Some(known) = memory.get(&key) {
            if let Some(tracer) = &mut self.tracer {
                tracer.again(key, Exactness::Exact);
            }
            return known.clone();
        }
        if let Some(tracer) = &mut self.tracer {
            tracer.begin();
        }
        let mut found = self.cast_fresh(plan, node);
        if let Some(tracer) = &mut self.tracer {
            tracer.end_exact(key, &mut found);
        }
        if self.is_worth_keeping(node) {
            let memory =
                if settled { &mut self.memory.settled.casts } else { &mut self.open.known.casts };
            memory.insert(key, found.clone());
            self.note_settled(key, settled, found.as_ref());
        }
        found
    }

    fn cast_fresh(&mut self, id: PlanId, node: NodeId) -> Option<Found> {
        let plans = self.plans;
        let plan = plans.plan(id);
        let complete = self.is_complete(node);
        let found = match (&plan.kind, self.tree.kind(node)) {
            (PlanKind::String, Kind::Text(_)) => Found::scalar(self.text_value(id, node), complete),
            (PlanKind::Int, Kind::Number(Number::Int(int))) => {
                Found::scalar(Value::Int(int), complete)
            }
            (PlanKind::Float, Kind::Number(Number::Float(float))) => {
                Found::scalar(Value::Float(float), complete)
            }
            (PlanKind::Float, Kind::Number(number)) if !self.is_final() => {
                Found::scalar(Value::Float(number.as_f64()), complete)
            }
            (PlanKind::Bool, Kind::Bool(value)) => Found::scalar(Value::Bool(value), complete),
            (PlanKind::Null, Kind::Null) => Found::scalar(Value::Null, complete),
            (PlanKind::Literal(literal), _) => self.cast_literal(literal, node)?,
            (PlanKind::Enum(at), Kind::Text(text)) => {
                let plan = &plans.enums[*at];
                let named = plan.values.iter().find(|(_, texts)| texts[0] == text);
                let (name, _) = named?;
                let value = Value::Enum(Arc::new(baml_schema::EnumRef {
                    enumeration: plan.name.clone(),
                    value: name.clone(),
                }));
                Found::scalar(value, complete)
            }
            (PlanKind::List(item), _) => self.cast_list(id, *item, node)?,
            (PlanKind::Map(value), _) => self.cast_map(id, *value, node)?,
            // What is shown when complete is nothing yet.
            (PlanKind::Class(_), _) if plan.done && !complete => return None,
            (PlanKind::Class(at), _) => self.cast_class(*at, node)?,
            (PlanKind::Union(variants), _) => self.cast_union(variants, node)?,
            _ => return None,
        };
        self.finish(plan, found, true).ok()
    }
}

/// Whether a list or class was read as such, and nothing of it was left out.
fn is_read(outcome: &Outcome) -> bool {
    let Ok(found) = outcome else { return false };
    let whole = match found.shape {
        Shape::List { failed, .. } => !failed,
        Shape::Class { all_default, .. } => !all_default,
        Shape::Map | Shape::Scalar => false,
    };
    whole && !is_printed(outcome)
}

/// Whether what has not ended was printed as a text: the reader's own text, which the next byte
/// changes. It is shown only where nothing else can be made of it.
fn is_printed(outcome: &Outcome) -> bool {
    matches!(outcome, Ok(found) if found.flags.has(Flags::OPEN_PRINTED))
}

//! Classes: keys to fields, what is missing, and what stands in for a whole class.

use std::sync::Arc;

use baml_schema::{ClassValue, Fields, State, Value};

use super::Coercer;
use crate::found::{Flags, Found, Outcome, Shape};
use crate::liberty::Liberty;
use crate::memory::{ClassKeys, Guard};
use crate::misfit::{Misfit, Why};
use crate::path::Step;
use crate::pick;
use crate::plan::{ClassPlan, FieldPlan, PlanId, PlanKind, Rule};
use crate::tree::{Entry, Kind, NodeId};

impl Coercer<'_> {
    pub(super) fn class(
        &mut self,
        id: PlanId,
        at: usize,
        node: NodeId,
    ) -> Result<Found, Arc<Misfit>> {
        self.guarded(Guard::Class(at, node), |this| this.class_once(id, at, node))
    }

    fn class_once(&mut self, id: PlanId, at: usize, node: NodeId) -> Result<Found, Arc<Misfit>> {
        let plans = self.plans;
        let tree = self.tree;
        let class = &plans.classes[at];
        let mut fields: Vec<Option<Outcome>> = vec![None; class.fields.len()];
        let mut extra_keys = 0;
        let mut flags = Flags::default();
        let mut others: Vec<Outcome> = Vec::new();
        match tree.kind(node) {
            Kind::Object(entries) => {
                let keys = self.match_keys(at, node, entries);
                for (at, value) in keys.fields.iter().enumerate() {
                    if let Some(value) = value {
                        fields[at] = Some(self.field_or_default(&class.fields[at], *value));
                    }
                }
                let extra = keys.extra;
                let found = fields.iter().any(Option::is_some);
                if !found && extra > 0 && class.fields.len() == 1 {
                    fields[0] = Some(self.implied(&class.fields[0], node));
                } else {
                    extra_keys = extra as i64;
                }
            }
            Kind::Array(items) => {
                if class.fields.len() == 1 {
                    fields[0] = Some(self.implied(&class.fields[0], node));
                }
                // What stands beside one another is chosen from where it is gathered.
                if !items.is_empty() && !tree.is_gathered(node) {
                    others.push(self.singular(id, node, items));
                }
            }
            kind => {
                if class.fields.len() == 1 {
                    fields[0] = Some(self.implied(&class.fields[0], node));
                    if matches!(kind, Kind::Text(_))
                        && self.stands_for(&class.fields[0], fields[0].as_ref())
                    {
                        flags = flags.with(Flags::FROM_TEXT);
                    }
                }
            }
        }
        if let [Some(Ok(only))] = fields.as_slice()
            && only.flags.has(Flags::IMPLIED_KEY.with(Flags::OPEN_PRINTED))
        {
            flags = flags.with(Flags::OPEN_PRINTED);
        }
        let own = self.assemble(class, fields, node);
        let own = own.map(|found| extra(found.flagged(flags), extra_keys));
        if others.is_empty() {
            return own;
        }
        let mut outcomes: Vec<Outcome> = Vec::new();
        match own {
            Ok(found) => outcomes.push(Ok(found)),
            Err(reason) if others.iter().all(Result::is_err) => return Err(reason),
            Err(_) => {}
        }
        outcomes.extend(others.into_iter().flatten().map(Ok));
        pick::best(pick::Target::Other, &outcomes, id)
    }

    /// The node itself as the only field's value, or the null that stands in place of that.
    fn implied(&mut self, field: &FieldPlan, node: NodeId) -> Outcome {
        let found = match self.field_value(field, node) {
            Ok(found) => found,
            Err(reason) => match self.in_place_of(field, &reason, self.is_complete(node)) {
                Ok(found) if matches!(found.value, Some(Value::Null)) => found,
                _ => return Err(reason),
            },
        };
        Ok(found.took(Liberty::ImpliedKey).flagged(Flags::IMPLIED_KEY))
    }

    /// Whether a bare text counts as the field's value, even if only as a null in its place.
    fn stands_for(&self, field: &FieldPlan, value: Option<&Outcome>) -> bool {
        let is_map = matches!(self.plans.plan(field.plan).kind, PlanKind::Map(_));
        matches!(value, Some(Ok(_))) || !(field.needed || is_map)
    }

    /// Which entries are which fields. Of an open object only the new entries are looked at.
    fn match_keys(&mut self, at: usize, node: NodeId, entries: &[Entry]) -> ClassKeys {
        let class = &self.plans.classes[at];
        let mut keys = self.memory.classes.remove(&(at, node)).unwrap_or_default();
        keys.fields.resize(class.fields.len(), None);
        // The last entry may yet be taken back.
        let open = !self.is_final() && !self.tree.is_settled(node);
        let sure = if open { entries.len().saturating_sub(1) } else { entries.len() };
        for entry in entries.get(keys.seen..sure).unwrap_or_default() {
            self.match_key(class, &mut keys, entry);
        }
        if !open {
            return keys;
        }
        self.memory.classes.insert((at, node), keys.clone());
        for entry in &entries[sure..] {
            self.match_key(class, &mut keys, entry);
        }
        keys
    }

    fn match_key(&self, class: &ClassPlan, keys: &mut ClassKeys, entry: &Entry) {
        let key = self.tree.key(entry.key);
        keys.seen += 1;
        match field_of(class, key) {
            Some(at) => {
                keys.inexact |= class.fields[at].key != key;
                // Of a repeated key the first value counts.
                keys.fields[at].get_or_insert(entry.value);
            }
            None => {
                keys.inexact = true;
                keys.extra += 1;
            }
        }
    }

    /// A field's value, or what stands in place of one that does not fit.
    fn field_or_default(&mut self, field: &FieldPlan, value: NodeId) -> Outcome {
        self.field_value(field, value).or_else(|reason| {
            self.in_place_of(field, &reason, self.is_complete(value)).map_err(|_| reason)
        })
    }

    /// A field's value. While the reply may go on, a field that may be null takes what is exact
    /// even before it has ended; it is then only not shown.
    fn field_value(&mut self, field: &FieldPlan, value: NodeId) -> Outcome {
        let may_be_null = !self.is_final() && !field.needed;
        let plan = self.plans.plan(field.plan);
        // A null that was only lent is none that checks look at.
        let is_lent = plan.null_lent && !plan.constraints.is_empty();
        let has_empty = self.has_empty(field.plan) && !is_lent;
        if may_be_null && !has_empty && matches!(self.tree.kind(value), Kind::Null) {
            return Ok(Found::scalar(Value::Null, self.is_complete(value)));
        }
        if self.may_be_null(field.plan, value) {
            return Ok(Found::scalar(Value::Null, false));
        }
        let exact = may_be_null.then(|| self.cast(field.plan, value)).flatten();
        exact.map_or_else(|| self.coerce(field.plan, value), Ok)
    }

    /// Fills in what is missing and puts the fields together.
    fn assemble(
        &mut self,
        class: &ClassPlan,
        found: Vec<Option<Outcome>>,
        node: NodeId,
    ) -> Result<Found, Arc<Misfit>> {
        let mut values = Vec::with_capacity(class.fields.len());
        let mut score = 0_i64;
        let mut reasons = Vec::new();
        let mut all_default = true;
        let mut hidden = Vec::new();
        let mut printed = false;
        for (at, (field, outcome)) in class.fields.iter().zip(found).enumerate() {
            let part = match outcome {
                Some(Ok(found)) => Ok(found),
                Some(Err(reason)) => self.in_place_of(field, &reason, self.is_complete(node)),
                None => self.missing(field),
            };
            self.trace_field(field, &part);
            match part {
                Ok(part) => {
                    score = score.saturating_add(part.score);
                    all_default &= part.flags.has(Flags::DEFAULT);
                    printed = class.fields.len() == 1
                        && part.flags.has(Flags::IMPLIED_KEY)
                        && part.value.as_ref().is_some_and(is_text);
                    match self.shown(field, &part) {
                        Some(value) => values.push(value),
                        None => hidden.push(at),
                    }
                }
                Err(reason) => reasons.push(reason),
            }
        }
        if !reasons.is_empty() {
            return Err(Misfit::of(Why::Fields, reasons));
        }
        let complete = self.is_complete(node);
        let shown = hidden.is_empty() && (complete || !class.done);
        let mut value = None;
        if shown || !class.constraints.is_empty() {
            let fields = fields_of(class, values, &hidden);
            let whole = ClassValue { class: class.name.clone(), fields };
            let whole = Value::Class(Arc::new(whole));
            value = Some(super::constrain(&class.constraints, whole, complete)?);
        }
        let shape = Shape::Class { all_default, printed };
        Ok(Found::shaped(value.filter(|_| shown), shape, complete).priced(score))
    }

    /// Whether null, or an empty list or map, is one of its values.
    fn has_empty(&self, plan: PlanId) -> bool {
        self.plans.plan(plan).collects() || self.plans.is_nullable(plan)
    }

    /// What a field shows; none holds the whole class back.
    fn shown(&self, field: &FieldPlan, part: &Found) -> Option<Value> {
        if self.is_final() {
            return part.value.clone();
        }
        let value = match &part.value {
            Some(value) => value.clone(),
            None if field.needed && !self.has_empty(field.plan) => return None,
            None => self.default_of_field(field).unwrap_or(Value::Null),
        };
        if !field.with_state {
            return Some(value);
        }
        let state = if part.flags.has(Flags::DEFAULT) {
            State::Pending
        } else if part.complete {
            State::Complete
        } else {
            State::Incomplete
        };
        Some(Value::Stated(Arc::new((value, state))))
    }

    fn missing(&mut self, field: &FieldPlan) -> Outcome {
        if field.done {
            return Ok(Self::absent(Liberty::MissingDefault));
        }
        match self.default_of_field(field) {
            Some(Value::Null) => Ok(Self::absent(Liberty::MissingOptional)),
            Some(value) => {
                let mut found = Self::absent(Liberty::MissingDefault);
                found.value = Some(value);
                Ok(found)
            }
            None => {
                let at = Step::Name(field.name.clone());
                Err(Misfit::below(at, Why::Missing { plan: field.plan }, Vec::new()))
            }
        }
    }

    /// What a field without a value of its own shows; none when it must have one.
    fn default_of_field(&self, field: &FieldPlan) -> Option<Value> {
        let plan = self.plans.plan(field.plan);
        let default = self.default_of(field.plan);
        if plan.collects() && !default.as_ref().is_some_and(|value| holds(&plan.constraints, value))
        {
            return None;
        }
        if field.needed {
            return default;
        }
        // An optional union is null, whatever its variants would be.
        let is_union = matches!(plan.kind, PlanKind::Union(_));
        default.filter(|_| !is_union).or(Some(Value::Null))
    }

    fn in_place_of(&self, field: &FieldPlan, reason: &Arc<Misfit>, complete: bool) -> Outcome {
        let is_refused = matches!(reason.why, Why::Asserts);
        let collects = self.plans.plan(field.plan).collects();
        match self.default_of_field(field).filter(|_| !(is_refused && collects)) {
            Some(value) => {
                let liberty = match value {
                    Value::Null => Liberty::NullForValue,
                    _ => Liberty::DefaultForValue,
                };
                Ok(Found::scalar(value, complete).took(liberty))
            }
            None => {
                let at = Step::Name(field.name.clone());
                let why = Why::Field { plan: field.plan };
                Err(Misfit::below(at, why, vec![Arc::clone(reason)]))
            }
        }
    }

    pub(super) fn cast_class(&mut self, at: usize, node: NodeId) -> Option<Found> {
        let plans = self.plans;
        let tree = self.tree;
        let class = &plans.classes[at];
        let Kind::Object(entries) = tree.kind(node) else { return None };
        let values = self.exact_keys(at, node, entries)?;
        let mut fields: Vec<Option<Outcome>> = Vec::with_capacity(class.fields.len());
        for (field, value) in class.fields.iter().zip(values) {
            fields.push(match value {
                // A list or map that goes on is as good as missing.
                Some(value) if plans.plan(field.plan).collects() && !self.is_complete(value) => {
                    return None;
                }
                Some(value) => Some(Ok(self.cast(field.plan, value)?)),
                None => None,
            });
        }
        for (field, outcome) in class.fields.iter().zip(&fields) {
            let collects = plans.plan(field.plan).collects();
            let optional = !field.needed && !collects;
            if outcome.is_none() && !optional && !plans.is_nullable(field.plan) {
                return None;
            }
        }
        self.assemble(class, fields, node).ok()
    }

    /// The fields' values by their keys as spelled; none when there are other keys.
    fn exact_keys(
        &mut self,
        at: usize,
        node: NodeId,
        entries: &[Entry],
    ) -> Option<Vec<Option<NodeId>>> {
        if !self.is_final() {
            let keys = self.match_keys(at, node, entries);
            return (!keys.inexact).then_some(keys.fields);
        }
        let class = &self.plans.classes[at];
        let mut values: Vec<Option<NodeId>> = vec![None; class.fields.len()];
        for entry in entries {
            let key = self.tree.key(entry.key);
            let at = class.fields.iter().position(|field| field.key == key)?;
            // Of a repeated key the first value counts.
            values[at].get_or_insert(entry.value);
        }
        Some(values)
    }
}

/// What was found, in spite of so many keys that no field wants.
fn extra(found: Found, keys: i64) -> Found {
    if keys == 0 {
        return found;
    }
    found.noted(Liberty::ExtraKey).priced(Liberty::ExtraKey.price().saturating_mul(keys))
}

/// Whether all constraints hold.
fn holds(rules: &[Rule], value: &Value) -> bool {
    rules.iter().all(|rule| {
        let predicate = rule.predicate.as_ref();
        predicate.is_some_and(|predicate| predicate.0.holds(value).unwrap_or(false))
    })
}

/// Whether a value is a text, with checks or without.
fn is_text(value: &Value) -> bool {
    match value {
        Value::Checked(checked) => is_text(&checked.0),
        Value::Stated(stated) => is_text(&stated.0),
        value => matches!(value, Value::String(_)),
    }
}

/// The fields of an instance, without the hidden ones.
fn fields_of(class: &ClassPlan, values: Vec<Value>, hidden: &[usize]) -> Fields {
    if hidden.is_empty() {
        return Fields::new(Arc::clone(&class.names), values);
    }
    let names = class.names.iter().enumerate().filter(|(at, _)| !hidden.contains(at));
    names.map(|(_, name)| name.clone()).zip(values).collect()
}

/// The field that a key means: as written, else without punctuation, case and space around it.
fn field_of(class: &ClassPlan, key: &str) -> Option<usize> {
    let exact = class.fields.iter().position(|field| field.key == key);
    exact.or_else(|| {
        let keys = class.fields.iter().map(|field| field.key.as_str());
        super::matching::same(keys, key)
    })
}

//! Coercion: a node of the loose tree and a plan in, a value with its price or the reasons out.
//!
//! What each kind of type makes of a node lives in the modules below; this one knows the nodes
//! that have several readings, memory, constraints and what a partial value may show.
//! Invariant: a settled node is coerced once for each plan.

mod class;
mod collection;
mod matching;
mod number;
mod scalar;
mod union;

use std::sync::Arc;

use baml_schema::{Check, ConstraintKind, Literal, State, Value};

use crate::explain::{Builder, Exactness, Tracer};
use crate::found::{Flags, Found, Outcome, Shape};
use crate::liberty::Liberty;
use crate::memory::{Guard, Key, Memory, Tables};
use crate::misfit::{Misfit, Why};
use crate::pick;
use crate::plan::{FieldPlan, Mode, Plan, PlanId, PlanKind, Plans, Rule};
use crate::reason::Words;
use crate::tree::{AnyOf, Kind, NodeId, Tree};

/// Texts up to this length are read again rather than remembered.
const SHORT_TEXT_BYTES: usize = 64;

/// From so many readings on, the best of the settled ones is remembered.
const MANY_CHOICES: usize = 4;

/// What the values are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// They are handed out.
    Values,
    /// They are compared with those told before; no constraint looks at them.
    Changes,
}

/// One coercion of everything that is open.
pub(crate) struct Coercer<'a> {
    /// The plans.
    pub plans: &'a Plans,
    /// The loose tree.
    pub tree: &'a Tree,
    memory: &'a mut Memory,
    wanted: Wanted,
    /// The outcomes of open nodes, and the types that are being read: to read one again inside
    /// itself is an error.
    open: Tables,
    /// Whether an item is being read whose parts nobody will ask for again.
    is_inside_item: bool,
    /// The outermost type being read that was met again since it began; what lies inside is not
    /// remembered.
    tainted: usize,
    /// The stretch that is all there is of a whole reply: to read it leaves no choice, so that
    /// none is paid for.
    sole: Option<NodeId>,
    /// What was tried, where an explanation is wanted.
    tracer: Option<Box<Tracer>>,
}

impl<'a> Coercer<'a> {
    /// A coercion that uses and fills `memory`.
    pub(crate) fn new(plans: &'a Plans, tree: &'a Tree, memory: &'a mut Memory) -> Self {
        let open = memory.take_tables();
        Self {
            plans,
            tree,
            memory,
            wanted: Wanted::Values,
            open,
            is_inside_item: false,
            tainted: usize::MAX,
            sole: None,
            tracer: None,
        }
    }

    /// A coercion that keeps what it tried.
    pub(crate) fn traced(mut self) -> Self {
        self.tracer = Some(Box::default());
        self
    }

    /// What was tried so far; nothing is kept from now on.
    pub(crate) fn take_tracer(&mut self) -> Option<Box<Tracer>> {
        self.tracer.take()
    }

    /// Notes what a field of the class that is being read got.
    fn trace_field(&mut self, field: &FieldPlan, part: &Outcome) {
        if let Some(tracer) = &mut self.tracer {
            tracer.field(field, part);
        }
    }

    /// For values that are only compared with those told before.
    pub(crate) fn for_changes(mut self) -> Self {
        self.wanted = Wanted::Changes;
        self
    }

    /// Whether stubs may stand for a plan's values.
    fn may_stub(&self, plan: PlanId) -> bool {
        self.wanted == Wanted::Changes && !self.plans.plan(plan).observed
    }

    /// Whether only complete values are wanted.
    fn is_final(&self) -> bool {
        self.plans.mode == Mode::Final
    }

    /// Reads a whole reply, of which nothing is remembered.
    pub(crate) fn coerce_whole(&mut self, plan: PlanId, node: NodeId) -> Outcome {
        self.sole = Some(node);
        self.coerce(plan, node)
    }

    /// Reads `node` as `plan` wants it.
    pub(crate) fn coerce(&mut self, plan: PlanId, node: NodeId) -> Outcome {
        let key = Key { plan, node };
        let settled = self.tree.is_settled(node);
        let known =
            if settled { self.memory.settled.any.get(&key) } else { self.open.known.any.get(&key) };
        if let Some(known) = known {
            if let Some(tracer) = &mut self.tracer {
                tracer.again(key, Exactness::Any);
            }
            return known.clone();
        }
        let outer = self.open.guards.len();
        if let Some(tracer) = &mut self.tracer {
            tracer.begin();
        }
        let mut outcome = self.coerce_fresh(plan, node);
        if let Some(tracer) = &mut self.tracer {
            tracer.end(key, &mut outcome);
        }
        if self.tainted >= outer && self.is_worth_keeping(node) {
            let memory =
                if settled { &mut self.memory.settled.any } else { &mut self.open.known.any };
            memory.insert(key, outcome.clone());
            self.note_settled(key, settled, outcome.as_ref().ok());
        }
        outcome
    }

    /// Notes that a settled part of something open is remembered.
    fn note_settled(&mut self, key: Key, settled: bool, found: Option<&Found>) {
        if settled && !self.is_inside_item && !self.is_final() {
            let value = found.and_then(|found| found.value.as_ref());
            let may_drop = self.may_stub(key.plan);
            self.memory.note_settled(key, value, may_drop);
        }
    }

    /// Reads an item whose parts nobody will ask for again.
    fn inside_item<T>(&mut self, node: NodeId, read: impl FnOnce(&mut Self) -> T) -> T {
        if self.is_inside_item {
            return read(self);
        }
        let first = match self.tree.kind(node) {
            Kind::AnyOf(any) => any.choices.iter().min().copied(),
            _ => None,
        };
        self.memory.note_taken(first.unwrap_or(node));
        let settled = self.memory.set_aside();
        self.is_inside_item = true;
        let found = read(self);
        self.is_inside_item = false;
        self.memory.take_up(settled);
        found
    }

    /// Whether coercing a node again would cost more than remembering it.
    fn is_worth_keeping(&self, node: NodeId) -> bool {
        match self.tree.kind(node) {
            Kind::Null | Kind::Bool(_) | Kind::Number(_) => false,
            Kind::Text(text) => text.len() > SHORT_TEXT_BYTES,
            Kind::Array(_) | Kind::Object(_) | Kind::AnyOf(_) => true,
        }
    }

    /// Runs `read` unless the type is being read already.
    fn guarded<T>(
        &mut self,
        guard: Guard,
        read: impl FnOnce(&mut Self) -> Result<T, Arc<Misfit>>,
    ) -> Result<T, Arc<Misfit>> {
        let depth = self.open.guards.len();
        if let Some(at) = self.open.guards.get(&guard) {
            self.tainted = self.tainted.min(*at);
            return Err(Misfit::said("the type would contain itself"));
        }
        self.open.guards.insert(guard, depth);
        let outcome = read(self);
        self.open.guards.remove(&guard);
        if self.tainted >= depth {
            self.tainted = usize::MAX;
        }
        outcome
    }

    fn coerce_fresh(&mut self, id: PlanId, node: NodeId) -> Outcome {
        let tree = self.tree;
        let plans = self.plans;
        if let Kind::AnyOf(any) = tree.kind(node) {
            return self.any_of(id, node, any);
        }
        let plan = plans.plan(id);
        let complete = self.is_complete(node);
        let holds_open = matches!(
            plan.kind,
            PlanKind::List(_) | PlanKind::Map(..) | PlanKind::Union(_) | PlanKind::Null
        );
        if plan.done && !complete && !holds_open && !plan.told_early {
            return Err(Misfit::said("the value has not ended yet"));
        }
        let found = match &plan.kind {
            PlanKind::String => self.string(id, node),
            PlanKind::Int => self.int(id, node),
            PlanKind::Float => self.float(id, node),
            PlanKind::Bool => self.bool(id, node),
            PlanKind::Null => Ok(self.null(node)),
            PlanKind::Literal(literal) => self.literal(id, literal, node),
            PlanKind::Enum(at) => self.enumeration(id, *at, node),
            PlanKind::Class(at) => self.class(id, *at, node),
            PlanKind::List(item) => self.list(id, *item, node),
            PlanKind::Map(value) => self.map(id, *value, node),
            PlanKind::Union(variants) => {
                return self.guarded(Guard::Union(id, node), |this| this.union(id, variants, node));
            }
            PlanKind::Unreadable => Err(Misfit::said("a reply cannot hold this type")),
        }?;
        self.finish(plan, found, false)
    }

    /// Constraints, then what may be shown.
    fn finish(&self, plan: &Plan, mut found: Found, exact: bool) -> Outcome {
        let hidden = plan.done && !found.complete && !self.is_final();
        if let Some(value) = found.value.take() {
            let asserts =
                (exact || !plan.lenient) && (found.complete || found.shape == Shape::Scalar);
            found.value = match constrain(&plan.constraints, value, asserts)? {
                // Checks are told of a value that is not shown yet.
                Value::Checked(checked) if hidden => {
                    Some(Value::Checked(Arc::new((Value::Null, checked.1.clone()))))
                }
                _ if hidden => None,
                value => Some(value),
            };
        }
        if let (true, Some(value)) = (plan.with_state, found.value.take_if(|_| plan.with_state)) {
            let state = if found.complete { State::Complete } else { State::Incomplete };
            found.value = Some(Value::Stated(Arc::new((value, state))));
        }
        Ok(found)
    }

    /// Whether a node counts as ended. Nothing is open in a whole reply.
    fn is_complete(&self, node: NodeId) -> bool {
        self.is_final() || self.tree.is_closed(node)
    }

    fn any_of(&mut self, id: PlanId, node: NodeId, any: &AnyOf) -> Outcome {
        let plan = self.plans.plan(id);
        if any.choices.is_empty() || matches!(plan.kind, PlanKind::String) {
            return self.raw_text(id, node, any);
        }
        if looks_through(plan) {
            return self.searched_text(id, any);
        }
        if let [only] = any.choices.as_slice()
            && matches!(self.tree.kind(*only), Kind::Text(text) if is_same(text, self.stretch(any)))
        {
            // A stretch that is nothing but this text leaves no choice.
            return self.coerce(id, *only);
        }
        if let (PlanKind::Union(variants), true) = (&plan.kind, any.fenced) {
            return self.fenced_union(id, variants, node, any);
        }
        if let Some(found) = self.exact_rest(plan, any) {
            return self.finish(plan, found, false);
        }
        if let ([only], true) = (any.choices.as_slice(), self.sole == Some(node)) {
            self.sole = Some(*only);
            let found = self.coerce(id, *only)?;
            return Ok(found.flagged(Flags::FIRST_MATCH));
        }
        let target = match plan.kind {
            PlanKind::List(_) => pick::Target::List,
            PlanKind::Union(_) => pick::Target::Union,
            _ => pick::Target::Other,
        };
        let mut outcomes = self.choices(id, node, &any.choices, target);
        if any.choices.iter().any(|choice| self.is_list_of_blocks(*choice)) {
            self.prefer_lists_in_blocks(any, &mut outcomes);
        }
        Self::best_of_many(target, &outcomes, id)
    }

    /// For a union, the text behind all blocks where it is just what a variant wants.
    fn exact_rest(&mut self, plan: &Plan, any: &AnyOf) -> Option<Found> {
        let last = *any.choices.last()?;
        let (PlanKind::Union(variants), Kind::AnyOf(rest)) = (&plan.kind, self.tree.kind(last))
        else {
            return None;
        };
        let [only] = rest.choices.as_slice() else { return None };
        if !matches!(self.tree.kind(*only), Kind::Text(text) if text == self.stretch(rest)) {
            return None;
        }
        self.cast_union(variants, *only).filter(|found| found.score == 0)
    }

    /// Whether a reading is the list of all fenced blocks.
    fn is_list_of_blocks(&self, choice: NodeId) -> bool {
        let Kind::Array([first, ..]) = self.tree.kind(choice) else { return false };
        matches!(self.tree.kind(*first), Kind::AnyOf(any) if any.fenced)
    }

    /// Where a fenced block holds a list itself, the list of all blocks is no reading.
    fn prefer_lists_in_blocks(&self, any: &AnyOf, outcomes: &mut Vec<Outcome>) {
        let is_list = |outcome: &Outcome| {
            outcome.as_ref().is_ok_and(|found| {
                matches!(found.shape, Shape::List { .. })
                    && !found.flags.has(Flags::SINGLE_TO_ARRAY)
            })
        };
        let behind = any.choices.iter().rev();
        let behind = behind.take_while(|choice| !self.is_list_of_blocks(**choice)).count();
        let Some(all) = outcomes.len().checked_sub(behind + 1) else { return };
        if is_list(&outcomes[all]) && outcomes[..all].iter().any(is_list) {
            drop(outcomes.remove(all));
        }
    }

    /// A fenced block as a union: a reading that is exact, else each variant for the block, whose
    /// text is the whole block's.
    fn fenced_union(
        &mut self,
        id: PlanId,
        variants: &[PlanId],
        node: NodeId,
        any: &AnyOf,
    ) -> Outcome {
        let outcomes = self.guarded(Guard::Union(id, node), |this| {
            let exact = any.choices.iter().find_map(|choice| this.cast_union(variants, *choice));
            Ok(match exact {
                Some(found) => vec![Ok(found)],
                None => variants.iter().map(|variant| this.of_block(*variant, node, any)).collect(),
            })
        })?;
        let mut best = pick::best(pick::Target::Union, &outcomes, id)?;
        let is_text = |variant: &&PlanId| self.plans.plan(**variant).is_bare_text();
        if let (true, Some(text)) =
            (best.flags.has(Flags::UNPRINTED), variants.iter().find(is_text))
        {
            best = self.coerce(*text, node)?.flagged(Flags::JSON_TO_STRING);
        }
        self.finish(self.plans.plan(id), best, false)
    }

    /// A variant's reading of a fenced block; as a plain text only its price, until it wins.
    fn of_block(&mut self, variant: PlanId, node: NodeId, any: &AnyOf) -> Outcome {
        let plan = self.plans.plan(variant);
        if !matches!(plan.kind, PlanKind::String) {
            return self.coerce(variant, node);
        }
        let is_text = matches!(any.choices.as_slice(), [only] if self.tree.is_text(*only));
        if plan.is_bare_text() && !is_text {
            let flags = Flags::JSON_TO_STRING.with(Flags::UNPRINTED);
            return Ok(Found::scalar(Value::Null, self.is_complete(node)).flagged(flags));
        }
        Ok(self.coerce(variant, node)?.flagged(Flags::JSON_TO_STRING))
    }

    /// The outcomes among which to choose: of settled readings only the best, which is remembered.
    fn choices(
        &mut self,
        id: PlanId,
        node: NodeId,
        choices: &[NodeId],
        target: pick::Target,
    ) -> Vec<Outcome> {
        if choices.len() < MANY_CHOICES {
            return choices.iter().map(|choice| self.coerce(id, *choice)).collect();
        }
        let key = Key { plan: id, node };
        let mut state = self.memory.choices.remove(&key).unwrap_or_default();
        let tree = self.tree;
        let is_settled = |at: usize| tree.is_settled(choices[at]);
        if state.best.is_none() {
            state.from = (0..choices.len()).find(|at| is_settled(*at)).unwrap_or(0);
            state.until = state.from;
        }
        while state.until < choices.len() && is_settled(state.until) {
            let choice = choices[state.until];
            let outcome = self.coerce(id, choice).map(|found| Found { value: None, ..found });
            state.best = Some(match state.best.take() {
                Some(best) if !pick::is_better(target, &outcome, &best.1) => best,
                _ => (choice, outcome),
            });
            state.until += 1;
        }
        let mut outcomes = Vec::new();
        for choice in &choices[..state.from] {
            outcomes.push(self.coerce(id, *choice));
        }
        if let Some((choice, _)) = &state.best {
            outcomes.push(self.coerce(id, *choice));
        }
        for choice in &choices[state.until..] {
            outcomes.push(self.coerce(id, *choice));
        }
        self.memory.choices.insert(key, state);
        outcomes
    }

    /// The best of several readings: that there was a choice is noted even when there was one.
    fn best_of_many(target: pick::Target, outcomes: &[Outcome], id: PlanId) -> Outcome {
        let best = pick::best(target, outcomes, id)?;
        if best.flags.has(Flags::FIRST_MATCH) {
            return Ok(best);
        }
        Ok(best.took(Liberty::FirstMatch).flagged(Flags::FIRST_MATCH))
    }

    fn searched_text(&mut self, id: PlanId, any: &AnyOf) -> Outcome {
        let raw = self.stretch(any);
        if let [only] = any.choices.as_slice()
            && let Kind::Text(text) = self.tree.kind(*only)
            && (self.is_final() || is_same(text, raw))
        {
            return self.coerce(id, *only);
        }
        if !self.is_final() && raw.len() > matching::SEARCHED_LENGTH_MAX {
            return Err(Misfit::said("the reply is too long to be looked through before it ends"));
        }
        self.coerce_text(id, raw, true)
    }

    /// Where a text is wanted, the stretch itself is it, unless it is one quoted text.
    fn raw_text(&mut self, id: PlanId, node: NodeId, any: &AnyOf) -> Outcome {
        if let [only] = any.choices.as_slice()
            && self.tree.is_text(*only)
        {
            return self.coerce(id, *only);
        }
        self.coerce_text(id, self.stretch(any), self.is_complete(node))
    }

    /// The text of a stretch of the reply.
    fn stretch(&self, any: &AnyOf) -> &'a str {
        &self.tree.source()[any.raw.0..any.raw.1]
    }

    /// The whole reply as the text that was promised.
    pub(crate) fn whole_text(&mut self, id: PlanId) -> Outcome {
        self.coerce_text(id, self.tree.source(), true)
    }

    /// A stretch of the reply that is nothing but text.
    fn coerce_text(&mut self, id: PlanId, raw: &str, complete: bool) -> Outcome {
        let (tree, node) = Tree::of_text(raw, complete);
        let mut memory = Memory::default();
        let mut inner = Coercer::new(self.plans, &tree, &mut memory);
        inner.tracer = self.tracer.as_ref().map(|_| Box::default());
        let mut outcome = inner.coerce(id, node);
        let words = Words { plans: self.plans, tree: &tree };
        if let (Some(outer), Some(tracer)) = (&mut self.tracer, inner.take_tracer()) {
            outer.elsewhere(Builder::new(words, &tracer).root(), &mut outcome);
        }
        outcome.map_err(|misfit| Misfit::new(Why::InWords(words.reason(&misfit))))
    }

    /// The best reading of a list's items as one value.
    fn singular(&mut self, id: PlanId, node: NodeId, items: &[NodeId]) -> Outcome {
        if items.is_empty() {
            return Err(Misfit::new(Why::NoItem { plan: id }));
        }
        let target = match self.plans.plan(id).kind {
            PlanKind::Union(_) => pick::Target::Union,
            _ => pick::Target::Other,
        };
        let outcomes = self.choices(id, node, items, target);
        Self::best_of_many(target, &outcomes, id)
    }

    fn expected(plan: PlanId, node: NodeId) -> Arc<Misfit> {
        Misfit::new(Why::Expected { plan, node })
    }

    /// A null where nothing was found.
    fn absent(liberty: Liberty) -> Found {
        Found::scalar(Value::Null, true).took(liberty).flagged(Flags::DEFAULT)
    }
}

impl Drop for Coercer<'_> {
    fn drop(&mut self) {
        self.memory.give_tables(std::mem::take(&mut self.open));
    }
}

/// Applies checks, and asserts where the value is complete.
pub(crate) fn constrain(
    rules: &[Rule],
    value: Value,
    complete: bool,
) -> Result<Value, Arc<Misfit>> {
    let mut checks = Vec::new();
    let mut failed = Vec::new();
    for rule in rules {
        let holds = match &rule.predicate {
            Some(predicate) => predicate.0.holds(&value).map_err(|error| {
                let rule = &rule.expression;
                Misfit::new(Why::Told(format!("{rule} cannot be evaluated: {error}")))
            })?,
            None => false,
        };
        match rule.kind {
            ConstraintKind::Check => checks.push(Check {
                name: rule.name.clone().unwrap_or_default(),
                expression: rule.expression.clone(),
                succeeded: holds,
            }),
            ConstraintKind::Assert if holds || !complete => {}
            ConstraintKind::Assert => {
                let name = rule.name.clone().unwrap_or_default();
                let expression = rule.expression.clone();
                failed.push(Misfit::new(Why::Assert { name, expression }));
            }
        }
    }
    if !failed.is_empty() {
        return Err(Misfit::of(Why::Asserts, failed));
    }
    if checks.is_empty() {
        return Ok(value);
    }
    Ok(Value::Checked(Arc::new((value, checks))))
}

/// Whether two texts of the reply are the same stretch of it.
fn is_same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.as_ptr() == b.as_ptr()
}

/// Whether a type's name is looked for in a stretch's text, whatever its readings are.
fn looks_through(plan: &Plan) -> bool {
    matches!(plan.kind, PlanKind::Enum(_) | PlanKind::Literal(Literal::String(_)))
}

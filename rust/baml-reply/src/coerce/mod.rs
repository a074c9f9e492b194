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
mod stretch;
mod union;

use std::sync::Arc;

use baml_schema::{Check, ConstraintKind, State, Value};

use crate::explain::{Exactness, Tracer};
use crate::found::{Flags, Found, Outcome, Shape};
use crate::liberty::Liberty;
use crate::memory::{Guard, Key, Memory, Tables};
use crate::misfit::{Misfit, Why};
use crate::plan::{FieldPlan, Mode, Plan, PlanId, PlanKind, Plans, Rule};
use crate::tree::{Kind, NodeId, Tree};

/// Texts up to this length are read again rather than remembered.
const SHORT_TEXT_BYTES: usize = 64;

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
        if self.may_be_null(id, node) {
            return Ok(Found::scalar(Value::Null, false));
        }
        let plan = plans.plan(id);
        let complete = self.is_complete(node);
        let holds_open = matches!(
            plan.kind,
            PlanKind::List(_) | PlanKind::Map(..) | PlanKind::Union(_) | PlanKind::Null
        );
        if plan.waits && !complete && !holds_open {
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
        if found.flags.has(Flags::FINISHED) {
            return Ok(Found { flags: found.flags.without(Flags::FINISHED), ..found });
        }
        self.finish(plan, found, false)
    }

    /// Whether a bare word that has just begun may be the null that is allowed here beside a text.
    fn may_be_null(&self, id: PlanId, node: NodeId) -> bool {
        !self.is_final() && self.tree.may_be_null(node) && self.plans.is_nullable_text(id)
    }

    /// Constraints, then what may be shown.
    fn finish(&self, plan: &Plan, mut found: Found, exact: bool) -> Outcome {
        let open = !found.complete && !self.is_final();
        if let Some(value) = found.value.take() {
            let hidden = open && (plan.done || plan.withholds && is_atom(&value));
            let rules = if plan.lenient && !exact { &[] } else { &plan.constraints[..] };
            let ended = found.complete || found.shape == Shape::Scalar;
            let asserts = if plan.asserts_open { open } else { ended };
            found.value = match constrain(rules, value, asserts)? {
                // Checks are told of a value that is not shown yet.
                Value::Checked(checked) if hidden => {
                    found.flags = found.flags.with(Flags::CHECKS_ALONE);
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

/// Whether a value is a single number or word.
fn is_atom(value: &Value) -> bool {
    matches!(value, Value::Int(_) | Value::Float(_) | Value::Bool(_) | Value::Enum(_))
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

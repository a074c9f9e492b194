//! Stretches of the reply, which have several readings: each is tried, the best is taken.
//!
//! Invariant: the readings of a stretch that have settled are compared once.

use baml_schema::Literal;

use super::{Coercer, matching};
use crate::explain::Builder;
use crate::found::{Flags, Found, Outcome, Shape};
use crate::liberty::Liberty;
use crate::memory::{Key, Memory};
use crate::misfit::{Misfit, Why};
use crate::pick;
use crate::plan::{Plan, PlanId, PlanKind};
use crate::tree::{AnyOf, Kind, NodeId, Tree};
use crate::words::Words;

/// From so many readings on, the best of the settled ones is remembered.
const MANY_CHOICES: usize = 4;

impl<'a> Coercer<'a> {
    /// The best reading of a stretch. What comes out of fenced blocks counts as open to the end.
    pub(super) fn any_of(&mut self, id: PlanId, node: NodeId, any: &AnyOf) -> Outcome {
        let mut outcome = self.best_of_any(id, node, any);
        let holds_block = any.choices.first().is_some_and(|first| self.is_block(*first));
        if let (true, false, Ok(found)) = (holds_block, self.is_final(), &mut outcome) {
            found.complete = false;
            if [Some(id), found.variant].into_iter().flatten().any(|id| self.plans.plan(id).done) {
                found.value = None;
            }
        }
        outcome
    }

    fn is_block(&self, node: NodeId) -> bool {
        matches!(self.tree.kind(node), Kind::AnyOf(any) if any.fenced)
    }

    fn best_of_any(&mut self, id: PlanId, node: NodeId, any: &AnyOf) -> Outcome {
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
        let outcomes = match self.list_of_blocks(any) {
            Some(at) => self.choices_and_blocks(id, node, any, target, at),
            None => {
                let mut outcomes = self.choices(id, node, &any.choices, target);
                let first = any.choices.first().is_some_and(|all| self.tree.is_gathered(*all));
                if let (true, Some(Ok(found))) = (first, outcomes.first_mut()) {
                    *found = found.clone().took(Liberty::Gathered);
                }
                outcomes
            }
        };
        Self::best_of_many(target, &outcomes, any.choices.len(), id)
    }

    /// Which of a reply's readings is the list of its fenced blocks.
    fn list_of_blocks(&self, any: &AnyOf) -> Option<usize> {
        let is_list = |choice: &NodeId| match self.tree.kind(*choice) {
            Kind::Array([first, ..]) => self.is_block(*first),
            _ => false,
        };
        any.choices.iter().rposition(is_list)
    }

    /// The outcomes where the reading at `at` is the list of the fenced blocks. As a list it counts
    /// for less than any list that the reply holds, and it is no text.
    fn choices_and_blocks(
        &mut self,
        id: PlanId,
        node: NodeId,
        any: &AnyOf,
        target: pick::Target,
        at: usize,
    ) -> Vec<Outcome> {
        let mut others = any.choices.clone();
        let blocks = others.remove(at);
        let behind = others.len() - at;
        let mut outcomes = self.choices(id, node, &others, target);
        let has_list = outcomes.iter().any(is_whole_list);
        if target == pick::Target::List && has_list {
            return outcomes;
        }
        let all = self.coerce(id, blocks);
        let is_worse = match target {
            _ if is_printed(&all) => outcomes.iter().any(Outcome::is_ok),
            pick::Target::Other => false,
            _ => is_whole_list(&all) && has_list,
        };
        if !is_worse {
            outcomes.insert(outcomes.len().saturating_sub(behind), all);
        }
        outcomes
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

    /// The best of `count` readings. It costs something even when there is only one.
    fn best_of_many(
        target: pick::Target,
        outcomes: &[Outcome],
        count: usize,
        id: PlanId,
    ) -> Outcome {
        let best = pick::best(target, outcomes, id)?;
        let liberty = if count > 1 { Liberty::BestOfSeveral } else { Liberty::FirstMatch };
        Ok(best.took(liberty).flagged(Flags::FIRST_MATCH))
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
        let is_number = |node: &NodeId| matches!(self.tree.kind(*node), Kind::Number(_));
        // More digits may follow a number.
        let grows = matches!(any.choices.as_slice(), [only] if is_number(only));
        self.coerce_text(id, raw, self.is_final() || !grows)
    }

    /// Where a text is wanted, the stretch itself is it, unless it is one quoted text and no block.
    fn raw_text(&mut self, id: PlanId, node: NodeId, any: &AnyOf) -> Outcome {
        if any.fenced {
            let found = self.coerce_text(id, self.stretch(any), self.is_complete(node))?;
            return Ok(found.took(Liberty::BlockToText));
        }
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

    /// The best reading of the items of a list that has ended.
    pub(super) fn ended_singular(&mut self, id: PlanId, node: NodeId, items: &[NodeId]) -> Outcome {
        if !self.is_complete(node) {
            return Err(Misfit::said("the list has not ended yet"));
        }
        self.singular(id, node, items)
    }

    /// The best reading of a list's items as one value.
    pub(super) fn singular(&mut self, id: PlanId, node: NodeId, items: &[NodeId]) -> Outcome {
        if items.is_empty() {
            return Err(Misfit::new(Why::NoItem { plan: id }));
        }
        let plan = self.plans.plan(id);
        let target = match plan.kind {
            PlanKind::Union(_) => pick::Target::Union,
            _ => pick::Target::Other,
        };
        let outcomes = self.choices(plan.unconstrained.unwrap_or(id), node, items, target);
        let count = if plan.is_variant { 1 } else { items.len() };
        let found = Self::best_of_many(target, &outcomes, count, id)?;
        Ok(if plan.unconstrained.is_none() { found.flagged(Flags::FINISHED) } else { found })
    }
}

/// Whether a list was read as one, not one value as a list.
fn is_whole_list(outcome: &Outcome) -> bool {
    outcome.as_ref().is_ok_and(|found| {
        matches!(found.shape, Shape::List { .. }) && !found.flags.has(Flags::SINGLE_TO_ARRAY)
    })
}

/// Whether a list or object was read as a text, or as a class that is nothing but that text.
fn is_printed(outcome: &Outcome) -> bool {
    outcome.as_ref().is_ok_and(|found| match found.shape {
        Shape::Class { printed, .. } => printed,
        Shape::Scalar => found.flags.has(Flags::JSON_TO_STRING),
        Shape::List { .. } | Shape::Map => false,
    })
}

/// Whether two texts of the reply are the same stretch of it.
fn is_same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.as_ptr() == b.as_ptr()
}

/// Whether a type's name is looked for in a stretch's text, whatever its readings are.
fn looks_through(plan: &Plan) -> bool {
    matches!(plan.kind, PlanKind::Enum(_) | PlanKind::Literal(Literal::String(_)))
}

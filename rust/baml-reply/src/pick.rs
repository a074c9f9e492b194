//! The choice among several readings of the same value.
//!
//! Invariant: the order of preference is total, ties go to the first.

use std::cmp::Ordering;

use crate::found::{Flags, Found, Outcome, Shape};
use crate::misfit::{Misfit, Why};
use crate::plan::PlanId;

/// So many readings are sorted; of more, the best so far is held against the next ones.
const SORTED_MAX: usize = 20;

/// What the readings are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A union: choosing costs nothing.
    Union,
    /// A list.
    List,
    /// Anything else.
    Other,
}

/// The best of `outcomes` as `plan`; of none that fits, all misfits together.
pub(crate) fn best(target: Target, outcomes: &[Outcome], plan: PlanId) -> Outcome {
    if let [only] = outcomes {
        return only.clone();
    }
    match first_in_order(target, outcomes) {
        Some(found) => Ok(found.clone()),
        None => {
            let why = Why::NoneFits { plan, readings: outcomes.len() };
            Err(Misfit::of(why, outcomes.iter().filter_map(|o| o.clone().err()).collect()))
        }
    }
}

/// The reading that comes first when each in turn moves before those that are worse. Three readings
/// may beat one another in a circle: then the way of sorting decides.
fn first_in_order(target: Target, outcomes: &[Outcome]) -> Option<&Found> {
    let is_better = |a: &Found, b: &Found| order(target, a, b) == Ordering::Less;
    let mut sorted: Vec<&Found> = Vec::new();
    for found in outcomes.iter().flatten() {
        if sorted.len() == SORTED_MAX {
            sorted.truncate(1);
        }
        let worse = sorted.iter().rev().take_while(|other| is_better(found, other)).count();
        sorted.insert(sorted.len() - worse, found);
    }
    sorted.first().copied()
}

/// Whether `a` is better than `b`, not just as good.
pub(crate) fn is_better(target: Target, a: &Outcome, b: &Outcome) -> bool {
    match (a, b) {
        (Ok(a), Ok(b)) => order(target, a, b) == Ordering::Less,
        (Ok(_), Err(_)) => true,
        _ => false,
    }
}

/// `Less` when `a` is strictly better.
fn order(target: Target, a: &Found, b: &Found) -> Ordering {
    let lists = |found: &Found| matches!(found.shape, Shape::List { .. });
    if target == Target::List || (lists(a) && lists(b)) {
        let single = |found: &Found| found.flags.has(Flags::SINGLE_TO_ARRAY);
        match (single(a), single(b)) {
            (true, false) => return Ordering::Greater,
            (false, true) => return Ordering::Less,
            _ => {}
        }
    }
    if let (
        Shape::List { empty: a_empty, failed: a_failed },
        Shape::List { empty: b_empty, failed: b_failed },
    ) = (a.shape, b.shape)
    {
        // A list that lost nothing is better than one that lost items.
        let keeps = |empty: bool, failed: bool| !empty && !failed;
        if target == Target::List && keeps(a_empty, a_failed) && b_failed {
            return Ordering::Less;
        }
        if target == Target::List && keeps(b_empty, b_failed) && a_failed {
            return Ordering::Greater;
        }
        // Of variants, one that lost all it had is worse than one that has something.
        let lost_all = |empty: bool, failed: bool| empty && failed;
        if target == Target::Union && lost_all(a_empty, a_failed) != lost_all(b_empty, b_failed) {
            return lost_all(a_empty, a_failed).cmp(&lost_all(b_empty, b_failed));
        }
    }
    if let (
        Shape::Class { all_default: a_default, printed: a_printed },
        Shape::Class { all_default: b_default, printed: b_printed },
    ) = (a.shape, b.shape)
    {
        if target == Target::Union && a_printed != b_printed {
            return a_printed.cmp(&b_printed);
        }
        if a_default != b_default {
            return a_default.cmp(&b_default);
        }
    }
    // One value as a list that did not fit is worse than anything that is no list.
    let vain = |found: &Found| {
        found.flags.has(Flags::SINGLE_TO_ARRAY)
            && matches!(found.shape, Shape::List { failed: true, .. })
    };
    if a.is_composite() != b.is_composite() {
        let cheap = |found: &Found| {
            !found.is_composite()
                && (found.flags.has(Flags::JSON_TO_STRING) || found.flags.has(Flags::FIRST_MATCH))
        };
        if cheap(a) {
            return Ordering::Greater;
        }
        if cheap(b) {
            return Ordering::Less;
        }
    }
    if lists(a) != lists(b) && (vain(a) || vain(b)) {
        return vain(a).cmp(&vain(b));
    }
    a.score.cmp(&b.score)
}

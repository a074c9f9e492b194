//! Misfits put into words, once somebody is told.
//!
//! Invariant: reasons nest no deeper than `REASON_DEPTH_MAX`, and of those beside one another no
//! more than `CAUSES_MAX` are kept: a reply of a million misfits gives a page, not a book.

use std::sync::Arc;

use crate::misfit::{Misfit, Why};
use crate::plan::{PlanId, Plans};
use crate::print;
use crate::reason::Reason;
use crate::tree::{NodeId, Tree};

/// Reasons kept below one another, beyond which they are cut.
const REASON_DEPTH_MAX: usize = 24;

/// Reasons kept beside one another.
const CAUSES_MAX: usize = 100;

/// Puts misfits of one coercion into words.
#[derive(Clone, Copy)]
pub(crate) struct Words<'a> {
    /// The plans.
    pub(crate) plans: &'a Plans,
    /// The tree.
    pub(crate) tree: &'a Tree,
}

impl Words<'_> {
    /// A misfit in words.
    pub(crate) fn reason(self, misfit: &Misfit) -> Arc<Reason> {
        self.reason_at(misfit, 0)
    }

    fn reason_at(self, misfit: &Misfit, depth: usize) -> Arc<Reason> {
        if let Why::InWords(reason) = &misfit.why {
            return Arc::clone(reason);
        }
        let (wanted, found) = self.parties(&misfit.why);
        let message = message(&misfit.why, wanted.as_deref(), found.as_deref());
        let inner = if depth < REASON_DEPTH_MAX { misfit.causes.as_slice() } else { &[] };
        let told = inner.iter().take(CAUSES_MAX);
        let mut causes: Vec<_> = told.map(|cause| self.reason_at(cause, depth + 1)).collect();
        if inner.len() > CAUSES_MAX {
            causes.push(Reason::new(format!("and {} more", inner.len() - CAUSES_MAX)));
        }
        Arc::new(Reason { at: misfit.at.clone(), message, wanted, found, causes })
    }

    /// The sentence of a misfit alone.
    pub(crate) fn told(self, misfit: &Misfit) -> String {
        let (wanted, found) = self.parties(&misfit.why);
        message(&misfit.why, wanted.as_deref(), found.as_deref())
    }

    /// What was wanted, and what was found.
    fn parties(self, why: &Why) -> (Option<String>, Option<String>) {
        let wanted = |plan: &PlanId| Some(self.plans.describe(*plan));
        match why {
            Why::Expected { plan, node } => (wanted(plan), Some(self.found(*node))),
            Why::NoItem { plan } => (wanted(plan), Some("an empty list".to_owned())),
            Why::Many { plan, got } => (wanted(plan), Some(got.clone())),
            Why::Missing { plan } | Why::NoneFits { plan, .. } | Why::Field { plan } => {
                (wanted(plan), None)
            }
            _ => (None, None),
        }
    }

    /// What stands at a node: its kind and its beginning.
    pub(crate) fn found(self, node: NodeId) -> String {
        let kind = self.tree.kind(node).name();
        format!("{kind} {:?}", print::excerpt(self.tree, node))
    }
}

fn message(why: &Why, wanted: Option<&str>, found: Option<&str>) -> String {
    let (wanted, found) = (wanted.unwrap_or_default(), found.unwrap_or_default());
    match why {
        Why::Expected { .. } | Why::NoItem { .. } => {
            format!("expected {wanted}, got {found}")
        }
        Why::Missing { .. } => format!("the field is missing; expected {wanted}"),
        Why::Many { .. } => format!("several values of {wanted} are meant as often: {found}"),
        Why::NoneFits { readings, .. } => {
            format!("none of {readings} readings is a value of {wanted}")
        }
        Why::Fields => "fields are missing or do not fit".to_owned(),
        Why::Field { .. } => format!("the value is no {wanted}"),
        Why::Asserts => "asserts refuse the value".to_owned(),
        Why::Assert { name, expression } if name.is_empty() => {
            format!("the assert {expression} failed")
        }
        Why::Assert { name, expression } => format!("the assert {name} failed: {expression}"),
        Why::Said(message) => (*message).to_owned(),
        Why::Told(message) => message.clone(),
        Why::InWords(reason) => reason.message.clone(),
    }
}

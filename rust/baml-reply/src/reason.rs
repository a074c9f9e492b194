//! Why a reply does not fit, in words: where, what was wanted, what was found.
//!
//! Invariant: reasons nest no deeper than `REASON_DEPTH_MAX`, and of those beside one another no
//! more than `CAUSES_MAX` are kept: a reply of a million misfits gives a page, not a book.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use crate::change::Step;
use crate::misfit::{Misfit, Why};
use crate::plan::{PlanId, Plans};
use crate::print;
use crate::tree::{NodeId, Tree};

/// Reasons kept below one another, beyond which they are cut.
const REASON_DEPTH_MAX: usize = 24;

/// Reasons kept beside one another.
const CAUSES_MAX: usize = 100;

/// Places that are told of one reply.
const PLACES_MAX: usize = 200;

/// Why a value does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The field, key or index below the value above it.
    pub at: Option<Step>,
    /// What is wrong, as a sentence.
    pub message: String,
    /// The type that was wanted, where one was.
    pub wanted: Option<String>,
    /// What stands in its place: its kind and its beginning; none where nothing does.
    pub found: Option<String>,
    /// Reasons from inside.
    pub causes: Vec<Arc<Reason>>,
}

/// A reason that has no further cause, with the way to it.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// What leads from the whole value to it.
    path: &'a [Step],
    /// What is wrong there.
    pub reason: &'a Reason,
}

/// Puts misfits of one coercion into words.
#[derive(Clone, Copy)]
pub(crate) struct Words<'a> {
    /// The plans.
    pub(crate) plans: &'a Plans,
    /// The tree.
    pub(crate) tree: &'a Tree,
}

impl Reason {
    /// A reason that is about the reply as a whole.
    pub(crate) fn new(message: impl Into<String>) -> Arc<Self> {
        let message = message.into();
        Arc::new(Self { at: None, message, wanted: None, found: None, causes: Vec::new() })
    }

    /// The reason as text, one line each, indented by depth.
    pub fn render(&self) -> String {
        let mut out = String::new();
        self.render_at(0, &mut out);
        out
    }

    fn render_at(&self, depth: usize, out: &mut String) {
        if depth > 0 {
            let _ = write!(out, "\n{:1$}- ", "", depth * 2);
        }
        if let Some(at) = &self.at {
            let _ = write!(out, "{}: ", path_text(std::slice::from_ref(at)));
        }
        out.push_str(&self.message);
        for cause in &self.causes {
            cause.render_at(depth + 1, out);
        }
    }

    /// Calls `tell` for each reason that has no further cause, in the order of the reply, up to
    /// some two hundred.
    pub fn places(&self, mut tell: impl FnMut(Place<'_>)) {
        let mut left = PLACES_MAX;
        self.walk(&mut Vec::new(), &mut left, &mut tell);
    }

    fn walk(&self, path: &mut Vec<Step>, left: &mut usize, tell: &mut dyn FnMut(Place<'_>)) {
        let length = path.len();
        path.extend(self.at.clone());
        if self.causes.is_empty() && *left > 0 {
            *left -= 1;
            tell(Place { path, reason: self });
        }
        for cause in &self.causes {
            cause.walk(path, left, tell);
        }
        path.truncate(length);
    }
}

impl Place<'_> {
    /// The way from the whole value to it, as `items[2].price`; empty for the whole.
    pub fn path(&self) -> String {
        path_text(self.path)
    }
}

/// A path as people write it: `items[2].price`. Names with other signs are quoted.
pub(crate) fn path_text(path: &[Step]) -> String {
    let mut out = String::new();
    for step in path {
        let _ = match step {
            Step::Index(at) => write!(out, "[{at}]"),
            Step::Name(name) if name.chars().all(|c| c.is_alphanumeric() || c == '_') => {
                write!(out, "{}{name}", if out.is_empty() { "" } else { "." })
            }
            Step::Name(name) => write!(out, "[{name:?}]"),
        };
    }
    out
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

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.render())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_reads_as_people_write_it() {
        let path = [Step::Name("items".into()), Step::Index(2), Step::Name("a b".into())];
        assert_eq!(path_text(&path), "items[2][\"a b\"]");
        assert_eq!(path_text(&path[1..]), "[2][\"a b\"]");
        assert_eq!(path_text(&[]), "");
    }
}

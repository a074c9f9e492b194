//! Why a node does not fit a plan, before it is put into words: most misfits are never told.
//!
//! Invariant: plans and nodes named here belong to the coercion that made the misfit; what comes
//! from another tree is in words already.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::path::Step;
use crate::plan::PlanId;
use crate::reason::Reason;
use crate::tree::NodeId;

/// Why a value does not fit.
#[derive(Clone, Debug)]
pub(crate) struct Misfit {
    /// The field, key or index below the value above it.
    pub(crate) at: Option<Step>,
    /// What is wrong.
    pub(crate) why: Why,
    /// What is wrong inside.
    pub(crate) causes: Vec<Arc<Misfit>>,
}

/// What is wrong.
#[derive(Clone, Debug)]
pub(crate) enum Why {
    /// Something else stands there.
    Expected { plan: PlanId, node: NodeId },
    /// A list without items stands where one value is wanted.
    NoItem { plan: PlanId },
    /// A field is not there.
    Missing { plan: PlanId },
    /// Several names are meant as often as one another.
    Many { plan: PlanId, got: String },
    /// None of so many readings fits.
    NoneFits { plan: PlanId, readings: usize },
    /// Fields are missing or do not fit.
    Fields,
    /// A field's value does not fit.
    Field { plan: PlanId },
    /// An assert refuses the value.
    Asserts,
    /// One of those that do: its name and expression.
    Assert { name: SmolStr, expression: SmolStr },
    /// Anything else.
    Said(&'static str),
    /// The same, put together.
    Told(String),
    /// It was put into words where it belongs.
    InWords(Arc<Reason>),
}

impl Misfit {
    /// A misfit without causes.
    pub(crate) fn new(why: Why) -> Arc<Self> {
        Arc::new(Self { at: None, why, causes: Vec::new() })
    }

    /// Anything that is not about a plan and a node.
    pub(crate) fn said(message: &'static str) -> Arc<Self> {
        Self::new(Why::Said(message))
    }

    /// A misfit with what is wrong inside.
    pub(crate) fn of(why: Why, causes: Vec<Arc<Self>>) -> Arc<Self> {
        Arc::new(Self { at: None, why, causes })
    }

    /// One of a part of the value.
    pub(crate) fn below(at: Step, why: Why, causes: Vec<Arc<Self>>) -> Arc<Self> {
        Arc::new(Self { at: Some(at), why, causes })
    }
}

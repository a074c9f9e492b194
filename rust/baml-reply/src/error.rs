//! Why a reply is no value.

use std::fmt;
use std::sync::Arc;

use crate::bound::Bound;
use crate::reason::Reason;

/// Why a reply is no value (yet).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplyError {
    /// Nothing in the reply fits what was promised.
    Unfit(Arc<Reason>),
    /// The reply goes beyond a bound.
    Beyond(Bound),
}

impl ReplyError {
    /// The reasons, one line each; fields and indices lead to where they lie.
    pub fn reasons(&self) -> String {
        match self {
            Self::Unfit(reason) => reason.render(),
            Self::Beyond(bound) => bound.to_string(),
        }
    }
}

impl fmt::Display for ReplyError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unfit(reason) => write!(out, "the reply does not fit: {}", reason.render()),
            Self::Beyond(bound) => bound.fmt(out),
        }
    }
}

impl std::error::Error for ReplyError {}

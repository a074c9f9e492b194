//! Why a reply is no value.

use std::fmt;
use std::sync::Arc;

use crate::found::Reason;

/// Why a reply is no value (yet).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplyError {
    /// Nothing in the reply fits what was promised.
    Unfit(Arc<Reason>),
    /// Containers are nested deeper than [`crate::DEPTH_MAX`].
    TooDeep,
}

impl ReplyError {
    /// The reasons, one line each; fields and indices lead to where they lie.
    pub fn reasons(&self) -> String {
        match self {
            Self::Unfit(reason) => reason.render(),
            Self::TooDeep => self.to_string(),
        }
    }
}

impl fmt::Display for ReplyError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unfit(reason) => write!(out, "the reply does not fit: {}", reason.render()),
            Self::TooDeep => {
                write!(out, "the reply nests deeper than {} containers", crate::DEPTH_MAX)
            }
        }
    }
}

impl std::error::Error for ReplyError {}

//! The grammar, one file an area; [`items`] is the entry.
//!
//! Invariant: a production that yields `None` leaves the cursor where it stood.

pub(crate) mod attributes;
pub(crate) mod consequences;
pub(crate) mod items;
pub(crate) mod naming;
pub(crate) mod type_blocks;
pub(crate) mod types;
pub(crate) mod value_blocks;
pub(crate) mod values;
pub(crate) mod workflow;

/// Types and values nested deeper than this are refused: people do not write them, and reading them
/// must not exhaust the stack.
pub const DEPTH_MAX: u32 = 100;

//! Model text → value: an incremental, tolerant reader with extraction, coercion, scores, partials.
//!
//! It may use `baml-schema` and `baml-jinja` (constraints). Prompts and sockets never enter.
//!
//! Invariants: a partial after n bytes equals a fresh parse of those n bytes; the cost of a push or
//! a poll does not grow with n; every bound is a named constant.
//!
//! Data flow: text from baml-provider's events ─► **baml-reply** ─► partial and final `Value`s
//!
//! Inside: `scan` finds fenced blocks and gives each stretch of text to a `region`, which finds
//! objects and lists and has a `machine` (with its open `token`, `quoted` or `bare`) read them
//! into a `tree`; `block` takes shared indentation from triple-quoted texts, `seek` finds keys
//! before which a comma is missing. `plan` makes a type ready, `coerce` reads a node of the tree as
//! a plan wants it, `pick` chooses among readings, `memory` keeps what cannot change, `change`
//! tells what a poll added, and `explain` how a reply was read.

#![forbid(unsafe_code)]

mod bare;
mod block;
mod bound;
mod change;
mod coerce;
mod describe;
mod error;
mod explain;
mod fence;
mod found;
mod keys;
mod liberty;
mod machine;
mod memory;
mod misfit;
mod number;
mod path;
mod pick;
mod plan;
mod print;
mod quoted;
mod reader;
mod reason;
mod region;
mod scan;
mod seek;
mod strict;
mod text;
mod token;
mod tree;
mod words;

pub use bound::{BLOCKS_MAX, Bound, DEPTH_MAX, LENGTH_MAX, PIECES_MAX, ROOTS_MAX};
pub use change::{Change, apply};
pub use error::ReplyError;
pub use explain::{Explanation, READINGS_DEPTH_MAX, READINGS_MAX, Reading, Taken};
pub use liberty::Liberty;
pub use path::Step;
pub use reader::{Reach, Reader, Target, explain, parse, parse_partial};
pub use reason::{Place, Reason};

//! The bounds of a reply: what lies beyond one is refused, with an error that names it.
//!
//! Invariant: a reply within all bounds is read whole; of one beyond a bound nothing is shown, and
//! reading its rest costs next to nothing.

use std::fmt;

/// Containers inside one another.
pub const DEPTH_MAX: usize = 1_000;

/// Bytes of a reply. Positions are kept in 31 bits; no reply comes near.
pub const LENGTH_MAX: usize = 256 << 20;

/// Objects and lists beside one another in prose. Each is a candidate for the value.
pub const PIECES_MAX: usize = 10_000;

/// Values beside one another where brackets do not match.
pub const ROOTS_MAX: usize = 1_000;

/// Fenced blocks. Each is a candidate for the value, and all are looked at again at each poll.
pub const BLOCKS_MAX: usize = 200;

/// A bound that a reply went beyond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// [`DEPTH_MAX`]
    Depth,
    /// [`LENGTH_MAX`]
    Length,
    /// [`PIECES_MAX`]
    Pieces,
    /// [`ROOTS_MAX`]
    Roots,
    /// [`BLOCKS_MAX`]
    Blocks,
}

impl fmt::Display for Bound {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Depth => write!(out, "the reply nests deeper than {DEPTH_MAX} containers"),
            Self::Length => write!(out, "the reply is longer than {LENGTH_MAX} bytes"),
            Self::Pieces => {
                write!(out, "the reply holds more than {PIECES_MAX} objects and lists in prose")
            }
            Self::Roots => {
                write!(out, "the reply holds more than {ROOTS_MAX} values beside one another")
            }
            Self::Blocks => write!(out, "the reply holds more than {BLOCKS_MAX} fenced blocks"),
        }
    }
}

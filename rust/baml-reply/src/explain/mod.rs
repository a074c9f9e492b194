//! How a reply was read: every reading that was tried, what it cost, which one was taken, and why
//! the others were not.
//!
//! `trace` keeps what a coercion tries, `build` puts it into words. Invariant: an explanation is
//! made of the coercion that gives the value, never of a second opinion; its size is bounded.

mod build;
mod trace;

use std::sync::Arc;

use crate::liberty::Liberty;
use crate::path::{Step, path_text};
use crate::plan::Plans;
use crate::print;
use crate::reason::Reason;
use crate::tree::Tree;

pub(crate) use build::Builder;
pub(crate) use trace::{Exactness, Tracer};

/// Readings of one explanation; what goes beyond is left out.
pub const READINGS_MAX: usize = 10_000;

/// Readings inside one another; what goes deeper is left out.
pub const READINGS_DEPTH_MAX: usize = 64;

/// How a reply was read.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The price of all liberties that were taken: 0 where nothing was guessed. None where nothing
    /// fits.
    pub score: Option<i64>,
    /// Why nothing fits, where that is so.
    pub refused: Option<Arc<Reason>>,
    /// The reading of the whole reply, with all that was tried for it.
    pub root: Reading,
    /// Whether readings were left out: there are more than [`READINGS_MAX`], or they nest deeper
    /// than [`READINGS_DEPTH_MAX`].
    pub cut: bool,
}

/// One stretch of the reply, read as one type.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Where it is below the reading above; none where it is the same stretch, or a candidate for
    /// it, read otherwise.
    pub at: Option<Step>,
    /// The type.
    pub wanted: String,
    /// What stands there: its kind and its beginning.
    pub found: String,
    /// The price of all its liberties, those inside included; none where it does not fit.
    pub score: Option<i64>,
    /// Why it does not fit, where that is so.
    pub reason: Option<String>,
    /// The liberties taken for it, those inside not included.
    pub liberties: Vec<Liberty>,
    /// Whether it is part of the value.
    pub taken: bool,
    /// Its parts, or what was tried for it.
    pub parts: Vec<Reading>,
}

/// A liberty that was taken for the value, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken<'a> {
    /// The way from the whole value to it, as `items[2].price`.
    pub path: String,
    /// Which.
    pub liberty: Liberty,
    /// The type that was wanted there.
    pub wanted: &'a str,
    /// What was found there.
    pub found: &'a str,
}

impl Reading {
    /// The whole reply as the text that was promised.
    pub(crate) fn of_text(plans: &Plans, tree: &Tree, score: Option<i64>) -> Self {
        Self {
            at: None,
            wanted: plans.describe(plans.root),
            found: format!("text {:?}", print::text_excerpt(tree.source())),
            score,
            reason: None,
            liberties: Vec::new(),
            taken: score.is_some(),
            parts: Vec::new(),
        }
    }
}

impl Explanation {
    /// The liberties that were taken for the value, in the order of the reply.
    pub fn taken(&self) -> Vec<Taken<'_>> {
        let mut all = Vec::new();
        walk(&self.root, &mut Vec::new(), &mut all);
        all
    }
}

fn walk<'a>(reading: &'a Reading, path: &mut Vec<Step>, all: &mut Vec<Taken<'a>>) {
    if !reading.taken {
        return;
    }
    let length = path.len();
    path.extend(reading.at.clone());
    all.extend(reading.liberties.iter().map(|liberty| Taken {
        path: path_text(path),
        liberty: *liberty,
        wanted: &reading.wanted,
        found: &reading.found,
    }));
    for part in &reading.parts {
        walk(part, path, all);
    }
    path.truncate(length);
}

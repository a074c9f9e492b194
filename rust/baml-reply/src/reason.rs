//! Why a reply does not fit, in words: where, what was wanted, what was found.
//!
//! Invariant: a reason stands alone; plans and nodes are not needed to tell it.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use crate::path::{Step, path_text};

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

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.render())
    }
}

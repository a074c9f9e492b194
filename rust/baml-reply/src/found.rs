//! What a coercion found: a value with its price, or the reasons why there is none.
//!
//! Invariant: a lower score is a better reading; a reading without liberties costs nothing.

use std::sync::Arc;

use baml_schema::Value;
use smol_str::SmolStr;

use crate::plan::PlanId;

/// Reasons kept below one another, beyond which they are cut.
pub(crate) const REASON_DEPTH_MAX: usize = 24;

/// The outcome of one coercion. Values with parts are shared: a finished part is never copied.
pub(crate) type Outcome = Result<Found, Arc<Reason>>;

/// Prices of liberties.
pub(crate) mod price {
    /// A missing optional field.
    pub(crate) const MISSING_OPTIONAL: i64 = 1;
    /// A missing field that has a default.
    pub(crate) const MISSING_DEFAULT: i64 = 100;
    /// Null in place of a value that did not fit.
    pub(crate) const NULL_FOR_VALUE: i64 = 110;
    /// A default in place of a value that did not fit.
    pub(crate) const DEFAULT_FOR_VALUE: i64 = 2;
    /// An object read as a map.
    pub(crate) const OBJECT_TO_MAP: i64 = 1;
    /// An object read as a primitive.
    pub(crate) const OBJECT_TO_PRIMITIVE: i64 = 2;
    /// Something printed as a text.
    pub(crate) const JSON_TO_STRING: i64 = 2;
    /// A key that no field wants.
    pub(crate) const EXTRA_KEY: i64 = 1;
    /// Punctuation left out.
    pub(crate) const STRIPPED: i64 = 3;
    /// Found inside a longer text.
    pub(crate) const SUBSTRING: i64 = 2;
    /// A field's value without its key.
    pub(crate) const IMPLIED_KEY: i64 = 2;
    /// One value as a list.
    pub(crate) const SINGLE_TO_ARRAY: i64 = 1;
    /// A map entry left out.
    pub(crate) const MAP_ENTRY: i64 = 1;
    /// The best of several.
    pub(crate) const FIRST_MATCH: i64 = 1;
    /// A text read as a bool or number.
    pub(crate) const STRING_TO_OTHER: i64 = 1;
    /// A float rounded.
    pub(crate) const FLOAT_TO_INT: i64 = 1;
}

/// Liberties that matter beyond their price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flags(pub u16);

impl Flags {
    /// One value as a list.
    pub(crate) const SINGLE_TO_ARRAY: Self = Self(1);
    /// Printed as a text.
    pub(crate) const JSON_TO_STRING: Self = Self(2);
    /// The best of several.
    pub(crate) const FIRST_MATCH: Self = Self(4);
    /// A class made of a bare text.
    pub(crate) const FROM_TEXT: Self = Self(8);
    /// A default: nothing was there.
    pub(crate) const DEFAULT: Self = Self(16);
    /// A field's value without its key.
    pub(crate) const IMPLIED_KEY: Self = Self(32);
    /// A text that is not printed yet: it seldom wins, and printing costs.
    pub(crate) const UNPRINTED: Self = Self(128);
    /// Null in place of a value.
    pub(crate) const NULL_FOR_VALUE: Self = Self(64);
    /// A list or object that has not ended, printed as a text.
    pub(crate) const OPEN_PRINTED: Self = Self(256);

    /// Whether all of `other` are set.
    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both.
    #[must_use]
    pub(crate) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The shape of what was found, as far as choosing needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Anything that has no parts.
    Scalar,
    /// A list.
    List {
        /// Whether it has no items.
        empty: bool,
        /// Whether an item was left out because it did not fit.
        failed: bool,
    },
    /// A map.
    Map,
    /// An instance of a class.
    Class {
        /// Whether no field was there.
        all_default: bool,
        /// Whether its only field is a text that was printed.
        printed: bool,
    },
}

/// A value that fits.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The value, or none while it must not be shown yet.
    pub value: Option<Value>,
    /// The price of all liberties.
    pub score: i64,
    /// Liberties that matter for choosing.
    pub flags: Flags,
    /// Its shape.
    pub shape: Shape,
    /// Whether the text of it has ended.
    pub complete: bool,
    /// Of a union, the variant that it is.
    pub variant: Option<PlanId>,
}

/// Why a value does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The field, key or index below the value above it.
    pub at: Option<SmolStr>,
    /// What was wanted and what was found.
    pub message: String,
    /// Reasons from inside.
    pub causes: Vec<Arc<Reason>>,
}

impl Found {
    /// A scalar without liberties.
    pub(crate) fn scalar(value: Value, complete: bool) -> Self {
        let flags = Flags::default();
        let shape = Shape::Scalar;
        Self { value: Some(value), score: 0, flags, shape, complete, variant: None }
    }

    /// With a price.
    #[must_use]
    pub(crate) fn priced(mut self, score: i64) -> Self {
        self.score = self.score.saturating_add(score);
        self
    }

    /// With a flag.
    #[must_use]
    pub(crate) fn flagged(mut self, flag: Flags) -> Self {
        self.flags = self.flags.with(flag);
        self
    }

    /// As a variant of a union; one of a union inside it stays that.
    #[must_use]
    pub(crate) fn of_variant(mut self, variant: PlanId) -> Self {
        self.variant = self.variant.or(Some(variant));
        self
    }

    /// Whether it has parts.
    pub(crate) fn is_composite(&self) -> bool {
        self.shape != Shape::Scalar
    }
}

impl Reason {
    /// A reason without causes.
    pub(crate) fn new(message: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { at: None, message: message.into(), causes: Vec::new() })
    }

    /// The reason as text, one line each, indented by depth.
    pub fn render(&self) -> String {
        let mut out = String::new();
        self.render_at(0, &mut out);
        out
    }

    fn render_at(&self, depth: usize, out: &mut String) {
        if depth > REASON_DEPTH_MAX {
            return;
        }
        if depth > 0 {
            out.push('\n');
            for _ in 0..depth {
                out.push_str("  ");
            }
            out.push_str("- ");
        }
        if let Some(at) = &self.at {
            out.push_str(at);
            out.push_str(": ");
        }
        out.push_str(&self.message);
        for cause in &self.causes {
            cause.render_at(depth + 1, out);
        }
    }
}

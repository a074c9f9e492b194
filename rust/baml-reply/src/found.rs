//! What a coercion found: a value with its price, or the reasons why there is none.
//!
//! Invariant: a lower score is a better reading; a reading without liberties costs nothing.

use std::sync::Arc;

use baml_schema::Value;

use crate::liberty::{Liberties, Liberty};
use crate::misfit::Misfit;
use crate::plan::PlanId;

/// The outcome of one coercion. Values with parts are shared: a finished part is never copied.
pub(crate) type Outcome = Result<Found, Arc<Misfit>>;

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
    /// Constraints were applied already.
    pub(crate) const FINISHED: Self = Self(512);
    /// A list or object that has not ended, printed as a text.
    pub(crate) const OPEN_PRINTED: Self = Self(256);

    /// The checks of a value that is not shown yet: told of a field, and of nothing else.
    pub(crate) const CHECKS_ALONE: Self = Self(1024);

    /// Whether all of `other` are set.
    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// These but for `other`.
    #[must_use]
    pub(crate) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
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

/// A reading that was tried, by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TraceId(pub u32);

/// A value that fits.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The value, or none while it must not be shown yet.
    pub value: Option<Value>,
    /// The price of all liberties.
    pub score: i64,
    /// Liberties that matter for choosing.
    pub flags: Flags,
    /// Those that were taken here, not inside.
    pub liberties: Liberties,
    /// Its shape.
    pub shape: Shape,
    /// Whether the text of it has ended.
    pub complete: bool,
    /// Of a union, the variant that it is.
    pub variant: Option<PlanId>,
    /// The reading that found it, where an explanation is wanted.
    pub trace: Option<TraceId>,
}

impl Found {
    /// The value, where it is no field's.
    pub(crate) fn shown(self) -> Option<Value> {
        self.value.filter(|_| !self.flags.has(Flags::CHECKS_ALONE))
    }

    /// A scalar without liberties.
    pub(crate) fn scalar(value: Value, complete: bool) -> Self {
        Self::shaped(Some(value), Shape::Scalar, complete)
    }

    /// A value of a shape, without liberties.
    pub(crate) fn shaped(value: Option<Value>, shape: Shape, complete: bool) -> Self {
        Self {
            value,
            score: 0,
            flags: Flags::default(),
            liberties: Liberties::default(),
            shape,
            complete,
            variant: None,
            trace: None,
        }
    }

    /// With a price that is not one liberty's alone.
    #[must_use]
    pub(crate) fn priced(mut self, score: i64) -> Self {
        self.score = self.score.saturating_add(score);
        self
    }

    /// With a liberty and its price.
    #[must_use]
    pub(crate) fn took(self, liberty: Liberty) -> Self {
        self.noted(liberty).priced(liberty.price())
    }

    /// With a liberty whose price is counted elsewhere.
    #[must_use]
    pub(crate) fn noted(mut self, liberty: Liberty) -> Self {
        self.liberties = self.liberties.with(liberty);
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

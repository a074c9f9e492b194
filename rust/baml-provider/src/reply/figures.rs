//! Token counts as services write them: figures of which one is none tell nothing, and spoil
//! nothing of the event around them.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, Unexpected, Visitor};

/// One figure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count(pub(super) Option<u64>);

/// What should be an object of figures.
#[derive(Clone, Copy, serde::Deserialize)]
#[serde(untagged)]
pub(super) enum Figures<T> {
    /// It is one.
    Known(T),
    /// It is something else.
    Other(IgnoredAny),
}

impl<T> Figures<T> {
    /// The figures, if they are some.
    pub(super) fn known(self) -> Option<T> {
        match self {
            Self::Known(figures) => Some(figures),
            Self::Other(_) => None,
        }
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CountVisitor)
    }
}

struct CountVisitor;

impl Visitor<'_> for CountVisitor {
    type Value = Count;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a count")
    }

    fn visit_u64<E>(self, count: u64) -> Result<Count, E> {
        Ok(Count(Some(count)))
    }

    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole and within the range where floats count by one"
    )]
    fn visit_f64<E: Error>(self, count: f64) -> Result<Count, E> {
        const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
        if count.trunc() == count && (0.0..=EXACT_MAX).contains(&count) {
            return Ok(Count(Some(count as u64)));
        }
        Err(E::invalid_value(Unexpected::Float(count), &self))
    }

    fn visit_unit<E>(self) -> Result<Count, E> {
        Ok(Count(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_whole_numbers_or_nothing() {
        let count = |text: &str| serde_json::from_str::<Count>(text).ok().map(|count| count.0);
        for (text, number) in [("3", Some(3)), ("3.0", Some(3)), ("null", None)] {
            assert_eq!(count(text), Some(number), "{text}");
        }
        assert_eq!(count("18446744073709551615"), Some(Some(u64::MAX)));
        for text in ["3.5", "-3", "\"3\"", "true", "[3]", "{\"n\": 3}", "1e300"] {
            assert_eq!(count(text), None, "{text}");
        }
    }

    #[test]
    fn figures_with_one_that_is_none_are_none() {
        let known = |text: &str| serde_json::from_str::<Figures<[Count; 2]>>(text).unwrap().known();
        assert_eq!(known("[1, null]"), Some([Count(Some(1)), Count(None)]));
        assert_eq!(known("[1, 2.5]"), None);
        assert_eq!(known("\"none\""), None);
    }
}

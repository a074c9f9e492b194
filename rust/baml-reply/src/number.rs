//! Numbers as replies write them.

/// A number as it was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    /// It fits an `i64`.
    Int(i64),
    /// It fits only a `u64`.
    Unsigned(u64),
    /// Anything else.
    Float(f64),
}

impl Number {
    /// Reads a bare word as a number, as permissive as `str::parse` but finite only.
    pub(crate) fn read(word: &str) -> Option<Self> {
        let first = word.as_bytes().first()?;
        if !first.is_ascii_digit() && !matches!(first, b'-' | b'+' | b'.') {
            return None;
        }
        if let Ok(int) = word.parse::<i64>() {
            return Some(Self::Int(int));
        }
        if let Ok(unsigned) = word.parse::<u64>() {
            return Some(Self::Unsigned(unsigned));
        }
        word.parse::<f64>().ok().filter(|float| float.is_finite()).map(Self::Float)
    }

    /// As a float.
    pub(crate) fn as_f64(self) -> f64 {
        match self {
            Self::Int(int) => int as f64,
            Self::Unsigned(unsigned) => unsigned as f64,
            Self::Float(float) => float,
        }
    }
}

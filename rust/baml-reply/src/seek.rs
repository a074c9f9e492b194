//! Whether a value without a comma behind it is followed by the next key.
//!
//! Invariant: a key so found is short and plain, so that little is read twice.

/// The longest key that is looked for.
const KEY_LENGTH_MAX: usize = 64;

/// What may be a key: from its opening quote on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seek {
    /// Where its opening quote stands in the reply.
    pub at: usize,
    quote: char,
    length: usize,
    ended: bool,
}

/// What a character makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sought {
    /// It is not known yet.
    Open,
    /// It is a key.
    Key,
    /// It is none.
    Not,
}

impl Seek {
    /// Right after the quote at byte `at`.
    pub(crate) fn new(quote: char, at: usize) -> Self {
        Self { at, quote, length: 0, ended: false }
    }

    /// Reads one more character.
    pub(crate) fn feed(&mut self, c: char) -> Sought {
        match (self.ended, c) {
            (true, ':') => Sought::Key,
            (true, ' ' | '\t') => Sought::Open,
            (true, _) => Sought::Not,
            (false, c) if c == self.quote && self.length > 0 => {
                self.ended = true;
                Sought::Open
            }
            (false, c) if self.length < KEY_LENGTH_MAX && is_plain(c) => {
                self.length += 1;
                Sought::Open
            }
            _ => Sought::Not,
        }
    }
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '$')
}

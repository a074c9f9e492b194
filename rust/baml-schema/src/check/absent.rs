//! Properties that a block cannot do without, and that were perhaps meant by a word that nobody
//! knows.
//!
//! Invariant: that a property is missing which stands there without a value, or misspelt, is a
//! consequence of what was told of it.

use baml_syntax::Diagnostic;

use super::suggest::distance;

/// So many slips of the finger still leave a word recognisable.
const SLIPS_MAX: usize = 2;
/// Shorter words are like too many others.
const LENGTH_MIN: usize = 4;

/// The properties that nothing was found of so far.
pub(crate) struct Absent<'k> {
    keys: Vec<&'k str>,
    /// Whether a property that is a map stands there without its braces.
    open: bool,
}

/// Properties whose values are maps.
const MAPS: [&str; 3] = ["options", "strategy", "args"];

impl<'k> Absent<'k> {
    /// The properties that are wanted.
    pub(crate) fn of(keys: &[&'k str]) -> Self {
        Self { keys: keys.to_vec(), open: false }
    }

    /// The property stands there without a value, which is told by itself.
    pub(crate) fn valueless(&mut self, key: &str) {
        self.keys.retain(|own| *own != key);
        self.open |= MAPS.contains(&key);
    }

    /// Whether words that are not known here may belong into a map whose brace is missing.
    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    /// Whether nothing was found of the property.
    pub(crate) fn lacks(&self, key: &str) -> bool {
        self.keys.contains(&key)
    }

    /// What is told of an unknown word, with the property that was meant by it, if there is one.
    pub(crate) fn misspelt(&mut self, written: &str, found: Diagnostic) -> Diagnostic {
        match self.keys.iter().position(|key| is_near(written, key)) {
            Some(at) => {
                let meant = self.keys.remove(at);
                found.with_help(format!("Did you mean `{meant}`?"))
            }
            None => found,
        }
    }
}

/// Whether one word is probably the other with a slip of the finger in it.
pub(crate) fn is_near(written: &str, meant: &str) -> bool {
    let lengths = written.len().abs_diff(meant.len());
    meant.len() >= LENGTH_MIN
        && lengths <= SLIPS_MAX
        && distance(&written.to_lowercase(), &meant.to_lowercase()) <= SLIPS_MAX
}

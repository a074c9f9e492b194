//! The open token of the forgiving reader, a quoted text or a bare word: where it stands, and what
//! a character does to it.
//!
//! Whether a quote or a comma ends a token depends on what follows it, so such characters are held
//! until that is known. Invariant: what `present` adds is undone before the next character is read.

/// Where the next value would stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Outside any container.
    Outside,
    /// An object's key.
    Key,
    /// An object's value.
    Value,
    /// A list's item.
    Item,
}

/// What a character did to the open token.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It was taken.
    More,
    /// The token ended before it; so many bytes before it were held and are to be read first.
    Ended {
        /// Held bytes, all of them ASCII.
        again: usize,
    },
    /// The token ended with it.
    EndedHere,
    /// The token was the first half of a comment's opening.
    Comment {
        /// `/*` rather than `//`.
        block: bool,
    },
}

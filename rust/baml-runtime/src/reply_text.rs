//! The text of one reply while it grows.
//!
//! Where the reply is read as a whole again and again it lies in one piece, which its reader
//! borrows. Where each piece of it is looked at once it lies in small blocks: what grows in one
//! piece has to move, many streams move at the same time, and the holes that they leave are too
//! small for what they have become.
//!
//! Invariant: pieces come out as they went in, and no block ends inside a character.

use std::borrow::Cow;
use std::sync::Arc;

/// Room for text that is made at once, at least.
const ROOM_BYTES_MIN: usize = 128;
/// A block, with what the system's `malloc` adds, is half a kilobyte.
const BLOCK_BYTES: usize = 504;
/// Blocks of long texts are an eighth of what there is, up to this.
const BLOCK_BYTES_MAX: usize = 64 * 1024;

/// The text, in one of the two ways.
pub(crate) enum ReplyText {
    /// In one piece, but for what came while it was lent.
    Piece { text: Arc<String>, late: String },
    /// In blocks.
    Blocks(Blocks),
}

/// A text in blocks.
#[derive(Default)]
pub(crate) struct Blocks {
    full: Vec<String>,
    last: String,
    len: usize,
}

impl Default for ReplyText {
    fn default() -> Self {
        Self::Piece { text: Arc::default(), late: String::new() }
    }
}

impl ReplyText {
    /// An empty one in blocks.
    pub(crate) fn in_blocks() -> Self {
        Self::Blocks(Blocks::default())
    }

    /// An empty one of the same kind.
    pub(crate) fn anew(&self) -> Self {
        match self {
            Self::Piece { .. } => Self::default(),
            Self::Blocks(_) => Self::in_blocks(),
        }
    }

    /// Its bytes.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Piece { text, late } => text.len() + late.len(),
            Self::Blocks(blocks) => blocks.len,
        }
    }

    /// Adds a piece.
    pub(crate) fn push(&mut self, piece: &str) {
        match self {
            Self::Piece { text, late } => match open(text, late) {
                Some(text) => grow(text, piece),
                None => late.push_str(piece),
            },
            Self::Blocks(blocks) => blocks.push(piece),
        }
    }

    /// The text from a byte on, with the place where that byte is in what is lent.
    pub(crate) fn lend(&mut self, from: usize) -> (Arc<String>, usize) {
        match self {
            Self::Piece { text, late } => {
                // Nobody else borrows it.
                let _ = open(text, late);
                (Arc::clone(text), from)
            }
            Self::Blocks(blocks) => (Arc::new(blocks.since(from)), 0),
        }
    }

    /// A copy of the text from a byte on, or from the beginning of the character there.
    pub(crate) fn since(&mut self, from: usize) -> String {
        match self {
            Self::Piece { .. } => {
                let text = self.whole();
                text[text.floor_char_boundary(from)..].to_owned()
            }
            Self::Blocks(blocks) => blocks.since(from),
        }
    }

    /// The reply as one text.
    pub(crate) fn whole(&mut self) -> Cow<'_, str> {
        match self {
            Self::Piece { text, late } => {
                let _ = open(text, late);
                if late.is_empty() {
                    return Cow::Borrowed(text);
                }
                Cow::Owned([text.as_str(), late.as_str()].concat())
            }
            Self::Blocks(blocks) => Cow::Owned(blocks.since(0)),
        }
    }

    /// The reply in one piece, as it lies from now on.
    pub(crate) fn joined(&mut self) -> Arc<String> {
        if let Self::Blocks(blocks) = self {
            *self = Self::Piece { text: Arc::new(blocks.since(0)), late: String::new() };
        }
        let (text, _) = self.lend(0);
        text
    }
}

/// Where more can be added now; what came late is there already.
fn open<'a>(text: &'a mut Arc<String>, late: &mut String) -> Option<&'a mut String> {
    let text = Arc::get_mut(text)?;
    if !late.is_empty() {
        grow(text, &std::mem::take(late));
    }
    Some(text)
}

/// Adds to a text. Streams are many, and half of what they hold ready would never be used.
fn grow(text: &mut String, piece: &str) {
    if text.capacity() - text.len() < piece.len() {
        text.reserve_exact((text.len() / 4).max(ROOM_BYTES_MIN).max(piece.len()));
    }
    text.push_str(piece);
}

impl Blocks {
    fn push(&mut self, piece: &str) {
        self.len += piece.len();
        if self.last.len() + piece.len() > self.last.capacity() {
            self.make_room(piece.len());
        }
        self.last.push_str(piece);
    }

    /// The first block is made small and moves once; the others are made as they stay.
    fn make_room(&mut self, needed: usize) {
        let wanted = self.last.len() + needed;
        if self.full.is_empty() && wanted <= BLOCK_BYTES {
            let size = if wanted <= ROOM_BYTES_MIN { ROOM_BYTES_MIN } else { BLOCK_BYTES };
            self.last.reserve_exact(size - self.last.len());
            return;
        }
        let size = (self.len / 8).clamp(BLOCK_BYTES, BLOCK_BYTES_MAX).max(needed);
        let full = std::mem::replace(&mut self.last, String::with_capacity(size));
        if !full.is_empty() {
            self.full.push(full);
        }
    }

    fn since(&self, from: usize) -> String {
        let mut start = self.len;
        let mut first = self.full.len() + 1;
        let block = |index: usize| self.full.get(index).unwrap_or(&self.last);
        while first > 0 && start > from {
            first -= 1;
            start -= block(first).len();
        }
        let mut text = String::with_capacity(self.len.saturating_sub(from));
        for index in first..=self.full.len() {
            let block = block(index);
            let from = from.saturating_sub(start);
            text.push_str(&block[block.floor_char_boundary(from)..]);
            start += block.len();
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pieces of all lengths, with characters of all lengths.
    fn pieces() -> Vec<String> {
        (0..300).map(|number| "aé€😀".repeat(number % 7 * (number % 5)) + "z").collect()
    }

    #[test]
    fn blocks_and_one_piece_hold_the_same() {
        let (mut piece, mut blocks) = (ReplyText::default(), ReplyText::in_blocks());
        let mut whole = String::new();
        for part in pieces() {
            let before = whole.len();
            whole.push_str(&part);
            for text in [&mut piece, &mut blocks] {
                text.push(&part);
                assert_eq!(text.len(), whole.len());
                let (lent, from) = text.lend(before);
                assert_eq!(lent[from..], part);
                for from in [0, before / 2, before.saturating_sub(1), before, whole.len()] {
                    let wanted = &whole[whole.floor_char_boundary(from)..];
                    assert_eq!(text.since(from), wanted, "from {from}");
                }
                assert_eq!(text.whole(), whole);
            }
        }
        assert_eq!(*blocks.joined(), whole);
        blocks.push("more");
        assert_eq!(blocks.whole(), whole + "more");
        assert_eq!(piece.anew().len() + blocks.anew().len(), 0);
    }

    #[test]
    fn blocks_stay_where_they_are_and_hold_little_ready() {
        let mut blocks = Blocks::default();
        let mut places = Vec::new();
        for number in 0..20_000 {
            blocks.push("twenty characters, so");
            places.truncate(blocks.full.len());
            let now: Vec<_> = blocks.full.iter().map(|block| block.as_ptr()).collect();
            assert!(now.starts_with(&places), "a block moved at piece {number}");
            places = now;
        }
        let held: usize = blocks.full.iter().map(String::capacity).sum();
        assert!(held + blocks.last.capacity() < blocks.len * 5 / 4, "{held} for {}", blocks.len);
        assert!(blocks.full.iter().all(|block| block.len() <= BLOCK_BYTES_MAX));
    }
}

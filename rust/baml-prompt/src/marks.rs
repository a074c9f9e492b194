//! Marks: the stand-ins for roles and media in a rendered text, and the way back from text to
//! parts.
//!
//! A mark is a run of Hangul syllables that begins with a secret of 132 random bits, made anew for
//! each rendering. Syllables have no case, are never escaped and never trimmed, so filters leave
//! them be. What a mark means is kept here, beside the text, never in it.
//!
//! Invariant: no argument can contain a mark, because nobody knows the secret before the rendering
//! is over; so text cannot start a message, change a role, add a medium or swallow what is around
//! it.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use baml_schema::Media;
use indexmap::IndexMap;
use serde_json::Value as Json;
use smol_str::SmolStr;

/// Digits of marks: 64 syllables, which no filter and no quoting changes.
const DIGIT_FIRST: u32 = 0xAC00;

/// Ends the number of a mark; not a digit.
const END: char = '\u{AC40}';

/// Digits of the secret: 22 times 6 bits.
const SECRET_DIGITS: usize = 22;

/// What a mark stands for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Mark {
    /// A message begins.
    Role(Role),
    /// A medium.
    Media(Arc<Media>),
}

/// What `_.role(…)` was given.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Role {
    pub(crate) name: SmolStr,
    pub(crate) allow_duplicate: bool,
    pub(crate) metadata: IndexMap<SmolStr, Json>,
}

/// A piece of rendered text.
#[derive(Debug, PartialEq)]
pub(crate) enum Piece<'a> {
    Text(&'a str),
    Mark(Mark),
}

/// The marks of one rendering.
#[derive(Debug)]
pub(crate) struct Marks {
    secret: String,
    known: Mutex<Vec<Mark>>,
}

impl Marks {
    pub(crate) fn new() -> Self {
        let mut bits = [random(1), random(2), random(3)];
        let secret = (0..SECRET_DIGITS).map(|at| {
            let word = &mut bits[at / 10];
            let value = *word & 0x3F;
            *word >>= 6;
            digit(value as u32)
        });
        Self { secret: secret.collect(), known: Mutex::new(Vec::new()) }
    }

    /// The text that stands for `mark`.
    pub(crate) fn text(&self, mark: Mark) -> String {
        let mut known = self.known();
        let mut number = known.len();
        known.push(mark);
        let mut text = self.secret.clone();
        loop {
            text.push(digit(number as u32 & 0x3F));
            number >>= 6;
            if number == 0 {
                break;
            }
        }
        text.push(END);
        text
    }

    /// The text cut at its marks. Linear in the text.
    pub(crate) fn split<'a>(&self, text: &'a str) -> Vec<Piece<'a>> {
        let known = self.known();
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(self.secret.as_str()) {
            let (mark, after) = read_number(after);
            pieces.push(Piece::Text(before));
            if let Some(mark) = mark.and_then(|number| known.get(number)) {
                pieces.push(Piece::Mark(mark.clone()));
            }
            rest = after;
        }
        pieces.push(Piece::Text(rest));
        pieces
    }

    fn known(&self) -> MutexGuard<'_, Vec<Mark>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The number at the start of `text`, and what follows it. A template that tore a mark apart leaves
/// no number; what it left is dropped up to the end of the digits.
fn read_number(text: &str) -> (Option<usize>, &str) {
    let mut number = 0usize;
    let mut shift = 0u32;
    for (at, character) in text.char_indices() {
        if character == END {
            return (Some(number), &text[at + character.len_utf8()..]);
        }
        let value = (character as u32).wrapping_sub(DIGIT_FIRST);
        if value >= 64 || shift > 48 {
            return (None, &text[at..]);
        }
        number |= (value as usize) << shift;
        shift += 6;
    }
    (None, "")
}

fn digit(value: u32) -> char {
    char::from_u32(DIGIT_FIRST + value).unwrap_or(END)
}

/// Bits that nobody can foresee: the hash keys come from the operating system's random source.
fn random(salt: u64) -> u64 {
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u64(salt);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(name: &str) -> Mark {
        let metadata = IndexMap::new();
        Mark::Role(Role { name: name.into(), allow_duplicate: false, metadata })
    }

    #[test]
    fn split_finds_every_mark() {
        let marks = Marks::new();
        let names: Vec<String> = (0..200).map(|at| format!("r{at}")).collect();
        let text: String =
            names.iter().map(|name| marks.text(role(name)) + "text of " + name).collect();
        let pieces = marks.split(&text);
        let expected = names.iter().enumerate().flat_map(|(at, name)| {
            let text = if at == 0 { String::new() } else { format!("text of {}", names[at - 1]) };
            [(text, Some(role(name)))]
        });
        for (pair, (text, mark)) in pieces.chunks(2).zip(expected) {
            assert_eq!(pair[0], Piece::Text(&text));
            assert_eq!(pair.get(1), mark.map(Piece::Mark).as_ref());
        }
    }

    #[test]
    fn split_with_marks_of_another_rendering_is_text() {
        let theirs = Marks::new().text(role("system"));
        let marks = Marks::new();
        marks.text(role("user"));
        assert_eq!(marks.split(&theirs), [Piece::Text(&theirs)]);
    }

    #[test]
    fn split_with_a_torn_mark_has_no_role() {
        let marks = Marks::new();
        let whole = marks.text(role("user"));
        let torn = &whole[..whole.len() - END.len_utf8()];
        assert_eq!(marks.split(torn), [Piece::Text(""), Piece::Text("")]);
    }
}

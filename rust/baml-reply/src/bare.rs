//! An open bare word: a number, `true`, `null`, or a text without quotes.

use crate::number::Number;
use crate::seek::{Seek, Sought};
use crate::text::Leaf;
use crate::token::{Place, Step};
use crate::tree::{NodeId, TextId, Tree};

/// Bare words longer than this are texts, whatever they look like.
pub(crate) const WORD_LENGTH_MAX: usize = 400;

/// An open bare word.
#[derive(Clone, Debug)]
pub(crate) struct Bare {
    /// The word.
    pub text: TextId,
    /// The node that shows it; a key has none.
    pub node: Option<NodeId>,
    /// Whether it is a lone slash that may open a comment.
    slash: bool,
    /// What a comma after the word may turn out to be.
    comma: Comma,
}

/// A comma after a bare word in an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comma {
    /// None was read.
    None,
    /// It was just read; the word was so long before it.
    Read(usize),
    /// A space followed it, and the word itself has spaces: it may be prose.
    Spaced(usize),
    /// None was read, but what may be the next key.
    Missing(usize, Seek),
}

impl Bare {
    /// A word whose first character was read.
    pub(crate) fn new(text: TextId, node: Option<NodeId>, slash: bool) -> Self {
        Self { text, node, slash, comma: Comma::None }
    }

    /// Reads the character at byte `at`.
    pub(crate) fn feed(&mut self, tree: &mut Tree, c: char, at: usize, place: Place) -> Step {
        if std::mem::take(&mut self.slash) && (c == '/' || c == '*') {
            return Step::Comment { block: c == '*' };
        }
        match self.comma {
            Comma::None => {}
            Comma::Read(end) => {
                if self.ends_at_comma(tree, c, end) {
                    return self.end_at(tree, end);
                }
                self.comma = if c == ' ' { Comma::Spaced(end) } else { Comma::None };
                if c == ' ' {
                    self.take(tree, c, at);
                    return Step::More;
                }
            }
            Comma::Spaced(end) => {
                if matches!(c, '"' | '\n' | '/') {
                    return self.end_at(tree, end);
                }
                if c != ' ' {
                    self.comma = Comma::None;
                }
                self.take(tree, c, at);
                return Step::More;
            }
            Comma::Missing(end, mut seek) => match seek.feed(c) {
                Sought::Open => {
                    self.comma = Comma::Missing(end, seek);
                    self.take(tree, c, at);
                    return Step::More;
                }
                Sought::Key => {
                    self.end_at(tree, end);
                    return Step::Ended { again: at - seek.at };
                }
                Sought::Not => self.comma = Comma::None,
            },
        }
        let ends = match place {
            Place::Outside => c == '{' || c == '[',
            Place::Key => c == ':',
            Place::Value => c == '}',
            Place::Item => c == ',' || c == ']',
        };
        if ends {
            self.close(tree);
            return Step::Ended { again: 0 };
        }
        if c == ',' && place == Place::Value {
            self.comma = Comma::Read(tree.text(self.text).len());
        }
        if c == '"' && place == Place::Value {
            let word = tree.raw(self.text);
            let end = word.trim_end().len();
            if end < word.len() && is_word(&word[..end]) {
                self.comma = Comma::Missing(end, Seek::new(c, at));
            }
        }
        self.take(tree, c, at);
        Step::More
    }

    fn take(&self, tree: &mut Tree, c: char, at: usize) {
        let (text, source) = tree.text_mut(self.text);
        text.take(source, at, at + c.len_utf8());
    }

    /// Whether the comma before `c` ends the word, which was `end` bytes long before it.
    fn ends_at_comma(&self, tree: &Tree, c: char, end: usize) -> bool {
        let word = &tree.raw(self.text)[..end];
        match c {
            '\n' => true,
            ' ' => !word.contains(' ') || is_word(word),
            // Where the word is a whole JSON word, its comma ends it as in JSON.
            '"' | '\t' | '\r' => is_word(word),
            _ => false,
        }
    }

    fn end_at(&mut self, tree: &mut Tree, end: usize) -> Step {
        self.comma = Comma::None;
        tree.text_mut(self.text).0.truncate(end);
        self.close(tree);
        Step::Ended { again: 0 }
    }

    /// Looks as if the reply ended here.
    pub(crate) fn present(&mut self, tree: &mut Tree) {
        let end = match self.comma {
            Comma::Read(end) | Comma::Missing(end, _) => end,
            _ => tree.text(self.text).len(),
        };
        let leaf = settle(tree, self.text, end);
        // A comma and what follows it may yet turn out to have ended the word.
        let sure = match self.comma {
            Comma::Read(end) | Comma::Spaced(end) | Comma::Missing(end, _) => {
                tree.raw(self.text)[..end].trim_end().len()
            }
            Comma::None => usize::MAX,
        };
        let text = tree.text_mut(self.text).0;
        text.sure = sure.min(text.view.1);
        let Some(node) = self.node else { return };
        // A whole `true` or `null` counts as ended: nothing may be added to it.
        let closed =
            matches!(self.comma, Comma::Read(_)) || matches!(leaf, Leaf::Bool(_) | Leaf::Null);
        tree.set_closed(node, closed);
    }

    fn close(&mut self, tree: &mut Tree) {
        settle(tree, self.text, tree.text(self.text).len());
        if let Some(node) = self.node {
            tree.end_text(self.text, node);
        }
    }
}

/// Takes a bare word for what its first `end` bytes are.
fn settle(tree: &mut Tree, id: TextId, end: usize) -> Leaf {
    let (text, source) = tree.text_mut(id);
    let word = &text.raw(source)[..end];
    let start = word.len() - word.trim_start().len();
    let trimmed = word[start..].trim_end();
    let leaf = leaf_of(trimmed);
    text.view = (start, start + trimmed.len());
    text.leaf = leaf;
    leaf
}

fn read_word(word: &str) -> Option<Leaf> {
    match word {
        "true" => Some(Leaf::Bool(true)),
        "false" => Some(Leaf::Bool(false)),
        "null" => Some(Leaf::Null),
        _ => Number::read(word).map(Leaf::Number),
    }
}

/// Whether it is a JSON word, with no more around it than a word may have.
fn is_word(word: &str) -> bool {
    word.len() <= WORD_LENGTH_MAX && read_word(word.trim()).is_some()
}

/// What a bare word is taken for.
pub(crate) fn leaf_of(word: &str) -> Leaf {
    let short = word.len() <= WORD_LENGTH_MAX;
    if short { read_word(word).unwrap_or_default() } else { Leaf::Text }
}

/// The length of a bare word of letters and digits, if what follows ends it for sure; else 0.
pub(crate) fn plain_word(bytes: &[u8], place: Place) -> usize {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
    let length = bytes.iter().position(|byte| !is_plain(byte)).unwrap_or(bytes.len());
    let ends = match place {
        Place::Item => matches!(bytes[length..], [b',' | b']', ..]),
        Place::Value => matches!(bytes[length..], [b'}', ..] | [b',', b' ' | b'\n', ..]),
        Place::Outside | Place::Key => false,
    };
    if ends { length } else { 0 }
}

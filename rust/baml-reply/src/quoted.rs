//! An open quoted text: where it ends, its escapes, and what is plain in it.

use crate::seek::{Seek, Sought};
use crate::token::{Place, Step};
use crate::tree::{NodeId, TextId, Tree};

/// How a text is quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quote {
    /// `"`
    Double,
    /// `'`
    Single,
    /// A backtick.
    Backtick,
    /// `"""`
    TripleDouble,
    /// Three backticks.
    TripleBacktick,
}

/// An open quoted text.
#[derive(Clone, Debug)]
pub(crate) struct Quoted {
    /// The text.
    pub text: TextId,
    /// The node that shows it; a key has none.
    pub node: Option<NodeId>,
    quote: Quote,
    /// Where a quote stands of which it is not known yet whether the text ended there, and how many
    /// bytes follow up to here.
    held: Option<(usize, usize)>,
    escape: Escape,
    /// What may be the next key, behind the held quote and white space.
    seek: Option<Seek>,
    /// Unescaped quotes inside the text.
    inner_quotes: u32,
    /// Whether it looks ended, and the length without what was added for that.
    presented: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Escape {
    None,
    Started,
    /// `\u`, with digits read so far, their value, and a high surrogate before it.
    Unicode {
        digits: u8,
        value: u32,
        high: u32,
    },
    /// After a high surrogate: 0 nothing, 1 the backslash.
    Low {
        high: u32,
        backslash: bool,
    },
}

impl Quote {
    /// The quote that a character opens.
    pub(crate) fn opened_by(c: char) -> Option<Self> {
        match c {
            '"' => Some(Self::Double),
            '\'' => Some(Self::Single),
            '`' => Some(Self::Backtick),
            _ => None,
        }
    }

    fn char(self) -> char {
        match self {
            Self::Double | Self::TripleDouble => '"',
            Self::Single => '\'',
            Self::Backtick | Self::TripleBacktick => '`',
        }
    }

    fn tripled(self) -> Option<Self> {
        match self {
            Self::Double => Some(Self::TripleDouble),
            Self::Backtick => Some(Self::TripleBacktick),
            _ => None,
        }
    }

    fn is_triple(self) -> bool {
        matches!(self, Self::TripleDouble | Self::TripleBacktick)
    }
}

impl Quoted {
    /// A text right after its opening quote.
    pub(crate) fn new(text: TextId, node: Option<NodeId>, quote: Quote) -> Self {
        Self {
            text,
            node,
            quote,
            held: None,
            escape: Escape::None,
            seek: None,
            inner_quotes: 0,
            presented: None,
        }
    }

    /// Reads the character at byte `at`.
    pub(crate) fn feed(&mut self, tree: &mut Tree, c: char, at: usize, place: Place) -> Step {
        self.unpresent(tree);
        if self.escape != Escape::None {
            return self.escaped(tree, c, at, place);
        }
        if self.quote.is_triple() {
            return self.feed_triple(tree, c, at);
        }
        if self.held.is_some() {
            return self.after_quote(tree, c, at, place);
        }
        if c == self.quote.char() {
            self.held = Some((at, 1));
        } else if c == '\\' && self.quote == Quote::Double {
            self.escape = Escape::Started;
        } else {
            self.take(tree, at, at + c.len_utf8());
        }
        Step::More
    }

    /// Whether plain characters are taken as they are, and which quote would end them.
    pub(crate) fn plain_until(&self) -> Option<u8> {
        let plain = self.escape == Escape::None && self.held.is_none() && !self.quote.is_triple();
        plain.then(|| self.quote.char() as u8)
    }

    /// Takes plain characters at once.
    pub(crate) fn take_run(&mut self, tree: &mut Tree, from: usize, to: usize) {
        self.unpresent(tree);
        self.take(tree, from, to);
    }

    /// Looks as if the reply ended here.
    pub(crate) fn present(&mut self, tree: &mut Tree) {
        self.unpresent(tree);
        let before = tree.text(self.text).len();
        self.presented = Some(before);
        if self.quote.is_triple() {
            let held = self.held.filter(|_| self.quote == Quote::TripleBacktick);
            let (text, source) = tree.text_mut(self.text);
            text.read_block(source, held.map(|(from, length)| &source[from..from + length]));
            return;
        }
        tree.text_mut(self.text).0.sure = before;
        if self.escape == Escape::Started {
            self.take_other(tree, '\\');
        } else if self.holds_slash(tree) {
            self.take_held(tree);
        } else if let (Some(_), Some(node)) = (self.held, self.node) {
            tree.set_closed(node, true);
        }
    }

    fn unpresent(&mut self, tree: &mut Tree) {
        let Some(length) = self.presented.take() else { return };
        if let Some(node) = self.node {
            tree.set_closed(node, false);
        }
        tree.text_mut(self.text).0.truncate(length);
    }

    fn take(&mut self, tree: &mut Tree, from: usize, to: usize) {
        let (text, source) = tree.text_mut(self.text);
        text.take(source, from, to);
    }

    fn take_other(&mut self, tree: &mut Tree, c: char) {
        let (text, source) = tree.text_mut(self.text);
        text.take_other(source, c);
    }

    /// Takes what is held as part of the text.
    fn take_held(&self, tree: &mut Tree) {
        let Some((from, length)) = self.held else { return };
        let (text, source) = tree.text_mut(self.text);
        text.take(source, from, from + length);
    }

    fn hold(&mut self) {
        self.held = self.held.map(|(from, length)| (from, length + 1));
    }

    /// Whether a slash was read after the held quote.
    fn holds_slash(&self, tree: &Tree) -> bool {
        let last = self.held.map(|(from, length)| from + length - 1);
        last.is_some_and(|last| tree.source().as_bytes().get(last) == Some(&b'/'))
    }

    /// Decides what a held quote was.
    fn after_quote(&mut self, tree: &mut Tree, c: char, at: usize, place: Place) -> Step {
        if let Some(seek) = self.seek {
            return self.seek_key(tree, seek, c, at, place);
        }
        if self.holds_slash(tree) {
            let comment = c == '/' || c == '*';
            return if comment { self.end(tree) } else { self.go_on(tree, c, at, place) };
        }
        let immediate = self.held.is_some_and(|(_, length)| length == 1);
        if immediate && c == self.quote.char() {
            return self.double_quote(tree, at);
        }
        if matches!(c, ' ' | '\t' | '\n' | '\r') || (!immediate && c == '/') {
            self.hold();
            return Step::More;
        }
        let balanced = self.quote != Quote::Double || self.inner_quotes.is_multiple_of(2);
        if place == Place::Value && !immediate && balanced && c == self.quote.char() {
            self.seek = Some(Seek::new(c, at));
            self.hold();
            return Step::More;
        }
        let ends = match place {
            Place::Outside => false,
            Place::Key => matches!(c, ':' | '}'),
            Place::Value => matches!(c, '}' | ']') || (c == ',' && (balanced || !immediate)),
            Place::Item => c == ']' || (c == ',' && (balanced || !immediate)),
        };
        if ends { self.end(tree) } else { self.go_on(tree, c, at, place) }
    }

    /// Behind the held quote another one was read: if that opens a key, only a comma is missing.
    fn seek_key(
        &mut self,
        tree: &mut Tree,
        mut seek: Seek,
        c: char,
        at: usize,
        place: Place,
    ) -> Step {
        match seek.feed(c) {
            Sought::Open => {
                self.seek = Some(seek);
                self.hold();
                Step::More
            }
            Sought::Key => {
                self.seek = None;
                self.end(tree)
            }
            Sought::Not => {
                // The first quote was part of the text; the second one may end it.
                self.seek = None;
                if let Some((from, _)) = self.held.replace((seek.at, 1)) {
                    self.take(tree, from, seek.at);
                }
                self.inner_quotes += 1;
                for again in seek.at + 1..at {
                    // Quotes, white space and what is plain in a key: nothing of that ends it.
                    let byte = tree.source().as_bytes()[again];
                    self.feed(tree, char::from(byte), again, place);
                }
                self.feed(tree, c, at, place)
            }
        }
    }

    /// Two quotes in a row: the opening of a triple one, or a quote inside the text.
    fn double_quote(&mut self, tree: &mut Tree, at: usize) -> Step {
        if let (0, Some(tripled)) = (tree.text(self.text).len(), self.quote.tripled())
            && self.inner_quotes == 0
        {
            self.quote = tripled;
            self.held = None;
            if tripled == Quote::TripleDouble {
                tree.text_mut(self.text).0.begin_block();
            }
            return Step::More;
        }
        self.take(tree, at, at + 1);
        self.inner_quotes += 1;
        Step::More
    }

    /// Ends it here.
    pub(crate) fn end(&mut self, tree: &mut Tree) -> Step {
        self.unpresent(tree);
        self.close(tree);
        let held = self.held.take();
        Step::Ended { again: held.map_or(0, |(_, length)| length - 1) }
    }

    fn close(&self, tree: &mut Tree) {
        let (text, source) = tree.text_mut(self.text);
        let is_rewritten = text.end_block(source);
        let Some(node) = self.node else { return };
        tree.end_text(self.text, node);
        if is_rewritten {
            tree.set_rewritten(node);
        }
    }

    /// The held quote was part of the text.
    fn go_on(&mut self, tree: &mut Tree, c: char, at: usize, place: Place) -> Step {
        self.take_held(tree);
        self.held = None;
        self.inner_quotes += 1;
        self.feed(tree, c, at, place)
    }

    fn feed_triple(&mut self, tree: &mut Tree, c: char, at: usize) -> Step {
        if c == self.quote.char() {
            match self.held {
                None => self.held = Some((at, 1)),
                Some(_) => self.hold(),
            }
            if self.held.is_some_and(|(_, length)| length == 3) {
                self.close(tree);
                return Step::EndedHere;
            }
            return Step::More;
        }
        self.take_held(tree);
        self.held = None;
        self.take(tree, at, at + c.len_utf8());
        let text = tree.text_mut(self.text).0;
        if c == '\n' && self.quote == Quote::TripleBacktick && !text.is_block() {
            // The first line says the language.
            text.begin_block();
        }
        Step::More
    }

    fn escaped(&mut self, tree: &mut Tree, c: char, at: usize, place: Place) -> Step {
        let state = std::mem::replace(&mut self.escape, Escape::None);
        match state {
            Escape::None => {}
            Escape::Started => {
                let plain = match c {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    '"' | '\\' | '/' => c,
                    'u' => {
                        self.escape = Escape::Unicode { digits: 0, value: 0, high: 0 };
                        return Step::More;
                    }
                    _ => {
                        self.take_other(tree, '\\');
                        return self.feed(tree, c, at, place);
                    }
                };
                self.take_other(tree, plain);
            }
            Escape::Unicode { digits, value, high } => match c.to_digit(16) {
                Some(digit) => self.unicode_digit(tree, digits + 1, value * 16 + digit, high),
                None => {
                    let written = format!("{value:x}");
                    self.take_other(tree, '\\');
                    self.take_other(tree, 'u');
                    for digit in written.chars().take(usize::from(digits)) {
                        self.take_other(tree, digit);
                    }
                    return self.feed(tree, c, at, place);
                }
            },
            Escape::Low { high, backslash: false } if c == '\\' => {
                self.escape = Escape::Low { high, backslash: true };
            }
            Escape::Low { high, backslash: true } if c == 'u' => {
                self.escape = Escape::Unicode { digits: 0, value: 0, high };
            }
            Escape::Low { backslash, .. } => {
                self.take_other(tree, char::REPLACEMENT_CHARACTER);
                if backslash {
                    self.escape = Escape::Started;
                }
                return self.feed(tree, c, at, place);
            }
        }
        Step::More
    }

    fn unicode_digit(&mut self, tree: &mut Tree, digits: u8, value: u32, high: u32) {
        if digits < 4 {
            self.escape = Escape::Unicode { digits, value, high };
            return;
        }
        let is_high = (0xD800..0xDC00).contains(&value);
        let is_low = (0xDC00..0xE000).contains(&value);
        if high != 0 && is_low {
            let joined = 0x10000 + ((high - 0xD800) << 10) + (value - 0xDC00);
            self.take_other(tree, char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER));
            return;
        }
        if high != 0 {
            self.take_other(tree, char::REPLACEMENT_CHARACTER);
        }
        if is_high {
            self.escape = Escape::Low { high: value, backslash: false };
        } else {
            self.take_other(tree, char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
    }
}

/// The length of a quoted text with its quotes, if `bytes` begin with one that holds nothing but
/// plain characters and what follows ends it for sure; else 0.
pub(crate) fn plain_quoted(bytes: &[u8], place: Place) -> usize {
    let run = plain_run(&bytes[1..], b'"');
    let [b'"', next, ..] = bytes[1 + run..] else { return 0 };
    let ends = match place {
        Place::Outside => false,
        Place::Key => matches!(next, b':' | b'}'),
        Place::Value => matches!(next, b',' | b'}' | b']'),
        Place::Item => matches!(next, b',' | b']'),
    };
    if ends { run + 2 } else { 0 }
}

/// How many bytes of a quoted text mean nothing but themselves in any reading.
pub(crate) fn plain_run(bytes: &[u8], quote: u8) -> usize {
    let is_plain = |byte: u8| {
        byte >= b' ' && byte != quote && !matches!(byte, b'\\' | b'{' | b'}' | b'[' | b']')
    };
    bytes.iter().position(|byte| !is_plain(*byte)).unwrap_or(bytes.len())
}

//! One open token of the forgiving reader: a quoted text or a bare word.
//!
//! Whether a quote or a comma ends a token depends on what follows it, so such characters are held
//! until that is known. Invariant: what `present` adds is undone before the next character is read.

use crate::machine::Place;
use crate::tree::{Kind, NodeId, Number, Tree};

/// Bare words longer than this are texts, whatever they look like.
pub(crate) const WORD_LENGTH_MAX: usize = 400;

/// What a character did to the open token.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It was taken.
    More,
    /// The token ended before it; `again` was held and is to be read first.
    Ended {
        /// Held characters.
        again: Vec<char>,
    },
    /// The token ended with it.
    EndedHere,
    /// The token was the first half of a comment's opening.
    Comment {
        /// `/*` rather than `//`.
        block: bool,
    },
}

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
    pub node: NodeId,
    /// Whether it is a key.
    pub is_key: bool,
    quote: Quote,
    /// A quote and what followed it, until it is known whether the text ended there.
    held: String,
    escape: Escape,
    /// Unescaped quotes inside the text.
    inner_quotes: u32,
    /// Bytes that `present` added.
    shown_extra: usize,
    /// Where the first and the last line feed of a triple-quoted text stand.
    lines: Option<(usize, usize)>,
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

/// An open bare word.
#[derive(Clone, Debug)]
pub(crate) struct Bare {
    /// The word.
    pub node: NodeId,
    /// Whether it is a key.
    pub is_key: bool,
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
    pub(crate) fn new(node: NodeId, quote: Quote, is_key: bool) -> Self {
        Self {
            node,
            is_key,
            quote,
            held: String::new(),
            escape: Escape::None,
            inner_quotes: 0,
            shown_extra: 0,
            lines: None,
        }
    }

    /// Reads one character.
    pub(crate) fn feed(&mut self, tree: &mut Tree, c: char, place: Place) -> Step {
        self.unpresent(tree);
        if self.escape != Escape::None {
            return self.escaped(tree, c, place);
        }
        if self.quote.is_triple() {
            return self.feed_triple(tree, c);
        }
        if !self.held.is_empty() {
            return self.after_quote(tree, c, place);
        }
        if c == self.quote.char() {
            self.held.push(c);
        } else if c == '\\' && self.quote == Quote::Double {
            self.escape = Escape::Started;
        } else {
            self.push(tree, c);
        }
        Step::More
    }

    /// Takes a run of plain characters at once; returns how many bytes it took.
    pub(crate) fn feed_run(&mut self, tree: &mut Tree, text: &str) -> usize {
        if self.escape != Escape::None || !self.held.is_empty() {
            return 0;
        }
        let quote = self.quote.char() as u8;
        let end = memchr::memchr2(quote, b'\\', text.as_bytes()).unwrap_or(text.len());
        if end > 0 {
            self.unpresent(tree);
            let node = tree.node_mut(self.node);
            node.raw.push_str(&text[..end]);
            node.view.1 = node.raw.len();
        }
        end
    }

    /// Looks as if the reply ended here.
    pub(crate) fn present(&mut self, tree: &mut Tree) {
        self.unpresent(tree);
        let node = tree.node_mut(self.node);
        let before = node.raw.len();
        if self.quote.is_triple() {
            if self.quote == Quote::TripleBacktick {
                node.raw.push_str(&self.held);
                self.shown_extra = self.held.len();
            }
            node.view = block_view(&node.raw, self.quote, self.lines);
            return;
        }
        node.sure = before;
        if self.escape == Escape::Started {
            node.raw.push('\\');
        } else if self.held.ends_with('/') {
            node.raw.push_str(&self.held);
        } else if !self.held.is_empty() {
            node.closed = true;
        }
        self.shown_extra = node.raw.len() - before;
        node.view.1 = node.raw.len();
    }

    fn unpresent(&mut self, tree: &mut Tree) {
        let node = tree.node_mut(self.node);
        node.closed = false;
        if self.shown_extra > 0 {
            node.raw.truncate(node.raw.len() - self.shown_extra);
            node.view.1 = node.raw.len();
            self.shown_extra = 0;
        }
    }

    fn push(&mut self, tree: &mut Tree, c: char) {
        let node = tree.node_mut(self.node);
        node.raw.push(c);
        node.view.1 = node.raw.len();
    }

    /// Decides what a held quote was.
    fn after_quote(&mut self, tree: &mut Tree, c: char, place: Place) -> Step {
        if self.held.ends_with('/') {
            let comment = c == '/' || c == '*';
            return if comment { self.end(tree) } else { self.go_on(tree, c, place) };
        }
        let immediate = self.held.len() == 1;
        if immediate && c == self.quote.char() {
            return self.double_quote(tree, c);
        }
        if matches!(c, ' ' | '\t' | '\n' | '\r') || (!immediate && c == '/') {
            self.held.push(c);
            return Step::More;
        }
        let balanced = self.quote != Quote::Double || self.inner_quotes.is_multiple_of(2);
        let ends = match place {
            Place::Outside => false,
            Place::Key => matches!(c, ':' | '}'),
            Place::Value => matches!(c, '}' | ']') || (c == ',' && (balanced || !immediate)),
            Place::Item => c == ']' || (c == ',' && (balanced || !immediate)),
        };
        if ends { self.end(tree) } else { self.go_on(tree, c, place) }
    }

    /// Two quotes in a row: the opening of a triple one, or a quote inside the text.
    fn double_quote(&mut self, tree: &mut Tree, c: char) -> Step {
        if let (true, Some(tripled)) = (tree.node(self.node).raw.is_empty(), self.quote.tripled())
            && self.inner_quotes == 0
        {
            self.quote = tripled;
            self.held.clear();
            return Step::More;
        }
        self.push(tree, c);
        self.inner_quotes += 1;
        Step::More
    }

    fn end(&mut self, tree: &mut Tree) -> Step {
        let node = tree.node_mut(self.node);
        node.closed = true;
        node.settled = true;
        let held = std::mem::take(&mut self.held);
        Step::Ended { again: held.chars().skip(1).collect() }
    }

    /// The held quote was part of the text.
    fn go_on(&mut self, tree: &mut Tree, c: char, place: Place) -> Step {
        let held = std::mem::take(&mut self.held);
        let node = tree.node_mut(self.node);
        node.raw.push_str(&held);
        node.view.1 = node.raw.len();
        self.inner_quotes += 1;
        self.feed(tree, c, place)
    }

    fn feed_triple(&mut self, tree: &mut Tree, c: char) -> Step {
        if c == self.quote.char() {
            self.held.push(c);
            if self.held.len() == 3 {
                let node = tree.node_mut(self.node);
                node.closed = true;
                node.settled = true;
                node.view = block_view(&node.raw, self.quote, self.lines);
                dedent(node);
                return Step::EndedHere;
            }
            return Step::More;
        }
        let held = std::mem::take(&mut self.held);
        let node = tree.node_mut(self.node);
        node.raw.push_str(&held);
        if c == '\n' {
            let at = node.raw.len();
            self.lines = Some((self.lines.map_or(at, |(first, _)| first), at));
        }
        node.raw.push(c);
        Step::More
    }

    fn escaped(&mut self, tree: &mut Tree, c: char, place: Place) -> Step {
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
                        self.push(tree, '\\');
                        return self.feed(tree, c, place);
                    }
                };
                self.push(tree, plain);
            }
            Escape::Unicode { digits, value, high } => match c.to_digit(16) {
                Some(digit) => self.unicode_digit(tree, digits + 1, value * 16 + digit, high),
                None => {
                    let written = format!("{value:x}");
                    self.push(tree, '\\');
                    self.push(tree, 'u');
                    for digit in written.chars().take(usize::from(digits)) {
                        self.push(tree, digit);
                    }
                    return self.feed(tree, c, place);
                }
            },
            Escape::Low { high, backslash: false } if c == '\\' => {
                self.escape = Escape::Low { high, backslash: true };
            }
            Escape::Low { high, backslash: true } if c == 'u' => {
                self.escape = Escape::Unicode { digits: 0, value: 0, high };
            }
            Escape::Low { backslash, .. } => {
                self.push(tree, char::REPLACEMENT_CHARACTER);
                if backslash {
                    self.escape = Escape::Started;
                }
                return self.feed(tree, c, place);
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
            self.push(tree, char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER));
            return;
        }
        if high != 0 {
            self.push(tree, char::REPLACEMENT_CHARACTER);
        }
        if is_high {
            self.escape = Escape::Low { high: value, backslash: false };
        } else {
            self.push(tree, char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
    }
}

impl Bare {
    /// A word whose first character was read.
    pub(crate) fn new(node: NodeId, is_key: bool, slash: bool) -> Self {
        Self { node, is_key, slash, comma: Comma::None }
    }

    /// Reads one character.
    pub(crate) fn feed(&mut self, tree: &mut Tree, c: char, place: Place) -> Step {
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
                    tree.node_mut(self.node).raw.push(c);
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
                tree.node_mut(self.node).raw.push(c);
                return Step::More;
            }
        }
        let ends = match place {
            Place::Outside => c == '{' || c == '[',
            Place::Key => c == ':',
            Place::Value => c == '}',
            Place::Item => c == ',' || c == ']',
        };
        if ends {
            self.close(tree);
            return Step::Ended { again: Vec::new() };
        }
        let raw = &mut tree.node_mut(self.node).raw;
        if c == ',' && place == Place::Value {
            self.comma = Comma::Read(raw.len());
        }
        raw.push(c);
        Step::More
    }

    /// Whether the comma before `c` ends the word, which was `end` bytes long before it.
    fn ends_at_comma(&self, tree: &Tree, c: char, end: usize) -> bool {
        let word = &tree.node(self.node).raw[..end];
        let is_word = || end <= WORD_LENGTH_MAX && read_word(word.trim()).is_some();
        match c {
            '\n' => true,
            ' ' => !word.contains(' ') || is_word(),
            // Where the word is a whole JSON word, its comma ends it as in JSON.
            '"' | '\t' | '\r' => is_word(),
            _ => false,
        }
    }

    fn end_at(&mut self, tree: &mut Tree, end: usize) -> Step {
        self.comma = Comma::None;
        tree.node_mut(self.node).raw.truncate(end);
        self.close(tree);
        Step::Ended { again: Vec::new() }
    }

    /// Looks as if the reply ended here.
    pub(crate) fn present(&mut self, tree: &mut Tree) {
        let end = match self.comma {
            Comma::Read(end) => end,
            _ => tree.node(self.node).raw.len(),
        };
        settle(tree, self.node, end);
        let node = tree.node_mut(self.node);
        // A whole `true` or `null` counts as ended: nothing may be added to it.
        node.closed =
            matches!(self.comma, Comma::Read(_)) || matches!(node.kind, Kind::Bool(_) | Kind::Null);
    }

    fn close(&mut self, tree: &mut Tree) {
        settle(tree, self.node, tree.node(self.node).raw.len());
        let node = tree.node_mut(self.node);
        if self.is_key {
            node.kind = Kind::Text;
        }
        node.closed = true;
        node.settled = true;
    }
}

/// Gives a bare word the kind and the text that its first `end` bytes have.
fn settle(tree: &mut Tree, id: NodeId, end: usize) {
    let node = tree.node_mut(id);
    let word = &node.raw[..end];
    let start = word.len() - word.trim_start().len();
    let end = word.trim_end().len().max(start);
    node.view = (start, end);
    node.kind = if end - start <= WORD_LENGTH_MAX {
        read_word(&node.raw[start..end]).unwrap_or(Kind::Text)
    } else {
        Kind::Text
    };
}

fn read_word(word: &str) -> Option<Kind> {
    match word {
        "true" => Some(Kind::Bool(true)),
        "false" => Some(Kind::Bool(false)),
        "null" => Some(Kind::Null),
        _ => Number::read(word).map(Kind::Number),
    }
}

/// The part of a triple-quoted text that counts: no language line, no blank first and last line.
fn block_view(raw: &str, quote: Quote, lines: Option<(usize, usize)>) -> (usize, usize) {
    let Some((first, last)) = lines else { return (0, raw.len()) };
    let drops_first = quote == Quote::TripleBacktick || raw[..first].trim().is_empty();
    let start = if drops_first { first + 1 } else { 0 };
    let ends_blank = last >= start && raw[last..].trim().is_empty();
    let end = if ends_blank { last } else { raw.len() };
    (start, end)
}

/// Takes the indentation that all lines share away.
fn dedent(node: &mut crate::tree::Node) {
    let text = node.text();
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let indent = lines.map(|line| line.len() - line.trim_start_matches(' ').len()).min();
    let indent = indent.unwrap_or(0);
    let cut: Vec<&str> = text
        .split('\n')
        .map(|line| line.get(indent..).unwrap_or_else(|| line.trim_start()))
        .collect();
    node.raw = cut.join("\n");
    node.view = (0, node.raw.len());
}

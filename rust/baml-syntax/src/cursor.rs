//! Reading a text from left to right: blank space, comments, words, strings. No grammar.
//!
//! Invariant: `at` stands on a character boundary and never passes the end; every loop moves it.

use std::collections::BTreeSet;
use std::ops::Range;

use smol_str::SmolStr;

use crate::block_string::SourceText;
use crate::catalogue::DEPTH;
use crate::diagnostic::{Diagnostic, Severity};
use crate::grammar::DEPTH_MAX;
use crate::source::{FileId, Span};
use crate::tree::{BlockString, Comment, CommentKind, Name};

/// More `#` than this do not open a block string.
pub(crate) const HASHES_MAX: usize = 5;

/// How far back a finding is looked for before it is told again.
const RECENT: usize = 16;

/// What ends a piece of text that may be long.
#[derive(Clone, Copy)]
pub(crate) enum End {
    /// `//}`
    Comment,
    /// `}}`
    Jinja,
    /// `"#`, with so many `#`.
    Block(usize),
}

impl End {
    const COUNT: usize = HASHES_MAX + 2;

    fn index(self) -> usize {
        match self {
            Self::Comment => 0,
            Self::Jinja => 1,
            Self::Block(hashes) => 1 + hashes,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Comment => "//}",
            Self::Jinja => "}}",
            Self::Block(hashes) => &"\"#####"[..=hashes],
        }
    }
}

/// Where parsing has come to, and what it has found so far.
pub(crate) struct Cursor<'a> {
    pub(crate) file: FileId,
    pub(crate) text: &'a str,
    pub(crate) at: usize,
    /// How deep types and values are nested right now.
    pub(crate) depth: u32,
    pub(crate) comments: Vec<Comment>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// From this byte on, no such end is ahead, so nobody needs to look for it again.
    none_ahead: [usize; End::COUNT],
    /// Between these bytes, no quote is closed on its line.
    unclosed_quotes: Range<usize>,
    /// How often a brace was found never to close.
    pub(crate) unclosed_braces: u32,
    /// How often a class, or what looks like one, was found never to close.
    pub(crate) unclosed_blocks: u32,
    /// Where lists and maps start that cannot be read. Reading goes back to the line after such a
    /// start; without this memory, each level of nesting would double the time.
    pub(crate) unreadable: BTreeSet<usize>,
    /// The furthest place where the declaration being read could not be read on.
    pub(crate) stuck: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(file: FileId, text: &'a str) -> Self {
        Self {
            file,
            text,
            at: 0,
            depth: 0,
            comments: Vec::new(),
            diagnostics: Vec::new(),
            none_ahead: [usize::MAX; End::COUNT],
            unclosed_quotes: 0..0,
            unclosed_braces: 0,
            unclosed_blocks: 0,
            unreadable: BTreeSet::new(),
            stuck: 0,
        }
    }

    /// Reports a finding. Text may be read twice; what is found twice is told once.
    pub(crate) fn tell(&mut self, found: Diagnostic) {
        let twice = self.diagnostics.iter().rev().take(RECENT).any(|told| *told == found);
        if !twice {
            self.diagnostics.push(found);
        }
    }

    /// Goes back to an earlier place, as if nothing after it had been read. What was told stays.
    pub(crate) fn rewind(&mut self, at: usize) {
        self.at = at;
        while self.comments.last().is_some_and(|last| last.span.start as usize >= at) {
            self.comments.pop();
        }
    }

    /// Remembers that reading does not go on from here, as far as somebody got.
    pub(crate) fn stop<T>(&mut self) -> Option<T> {
        self.stuck = self.stuck.max(self.at);
        None
    }

    /// Whether an error was told after the first `told` findings.
    pub(crate) fn erred_since(&self, told: usize) -> bool {
        let found = self.diagnostics.get(told..).unwrap_or_default();
        found.iter().any(|found| found.severity == Severity::Error && !found.consequence)
    }

    /// Whether nesting has come to its limit; if so, that is told.
    pub(crate) fn too_deep(&mut self) -> bool {
        let deep = self.depth >= DEPTH_MAX;
        if deep {
            let span = Span::new(self.file, self.at, self.at);
            let message = format!("This is nested more than {DEPTH_MAX} levels deep.");
            self.tell(Diagnostic::error(DEPTH, span, message));
        }
        deep
    }

    pub(crate) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(crate) fn at_end(&self) -> bool {
        self.at == self.text.len()
    }

    pub(crate) fn looking_at(&self, text: &str) -> bool {
        self.rest().starts_with(text)
    }

    /// Takes `text` if it stands here.
    pub(crate) fn eat(&mut self, text: &str) -> bool {
        let here = self.looking_at(text);
        if here {
            self.at += text.len();
        }
        here
    }

    pub(crate) fn span_from(&self, start: usize) -> Span {
        Span::new(self.file, start, self.at)
    }

    /// Blank space inside a line.
    pub(crate) fn skip_spaces(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    /// Blank space and line ends, but no comments.
    pub(crate) fn skip_blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// Blank space, line ends and comments. Yields the `///` lines that end right before this
    /// place.
    pub(crate) fn skip_trivia(&mut self) -> Option<SmolStr> {
        let mut doc: Option<String> = None;
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                Some(b'/') if self.looking_at("//") => match self.line_comment() {
                    Some(line) => match &mut doc {
                        Some(text) => {
                            text.push('\n');
                            text.push_str(line);
                        }
                        None => doc = Some(line.to_owned()),
                    },
                    None => doc = None,
                },
                Some(b'{') if self.looking_at("{//") => {
                    if !self.block_comment() {
                        break;
                    }
                }
                _ => break,
            }
        }
        doc.map(SmolStr::from)
    }

    /// Takes a line comment that starts here; the text of a `///` one.
    fn line_comment(&mut self) -> Option<&'a str> {
        let line = self.rest().split(['\n', '\r']).next().unwrap_or("");
        let doc = line.strip_prefix("///");
        let kind = if doc.is_some() { CommentKind::Doc } else { CommentKind::Line };
        self.comment(kind, line.len());
        doc.map(str::trim)
    }

    /// How far away the next such end is, seen from `from`.
    pub(crate) fn ahead(&mut self, end: End, from: usize) -> Option<usize> {
        let none = &mut self.none_ahead[end.index()];
        if from >= *none {
            return None;
        }
        let found = self.text[from..].find(end.text());
        if found.is_none() {
            *none = from;
        }
        found
    }

    fn block_comment(&mut self) -> bool {
        let Some(len) = self.ahead(End::Comment, self.at) else { return false };
        self.comment(CommentKind::Block, len + 3);
        true
    }

    fn comment(&mut self, kind: CommentKind, len: usize) {
        let start = self.at;
        self.at += len;
        let span = self.span_from(start);
        // Text may be read twice when a first reading of it failed; its comments count once.
        if self.comments.last().is_none_or(|last| last.span.end <= span.start) {
            self.comments.push(Comment { kind, span });
        }
    }

    /// A comment that stands on this line, after blank space.
    pub(crate) fn skip_spaces_and_comment(&mut self) {
        self.skip_spaces();
        if self.looking_at("//") {
            self.line_comment();
        }
    }

    /// Whether the line (or the text) ends here.
    pub(crate) fn at_line_end(&self) -> bool {
        matches!(self.peek(), None | Some(b'\n' | b'\r'))
    }

    /// Goes to the start of the next line.
    pub(crate) fn skip_line(&mut self) {
        let len = self.rest().find(['\n', '\r']).unwrap_or(self.rest().len());
        self.at += len;
        if !self.eat("\r\n") && !self.at_end() {
            self.at += 1;
        }
    }

    /// The word that starts here: a letter, then letters, digits, `_` and `-`.
    pub(crate) fn peek_word(&self) -> Option<&'a str> {
        let rest = self.rest();
        let first = rest.as_bytes().first()?;
        if !first.is_ascii_alphabetic() {
            return None;
        }
        let part = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_' || *b == b'-';
        let len = rest.bytes().position(|b| !part(&b)).unwrap_or(rest.len());
        Some(&rest[..len])
    }

    /// Takes a word.
    pub(crate) fn word(&mut self) -> Option<Name> {
        let word = self.peek_word()?;
        let start = self.at;
        self.at += word.len();
        Some(Name { text: word.into(), span: self.span_from(start) })
    }

    /// Takes this word and no longer one.
    pub(crate) fn eat_word(&mut self, word: &str) -> bool {
        let here = self.peek_word() == Some(word);
        if here {
            self.at += word.len();
        }
        here
    }

    /// Takes `"…"` and yields what it says.
    pub(crate) fn quoted(&mut self) -> Option<Name> {
        let inner = self.rest().strip_prefix('"')?;
        // After a quote that its line never closes, no later one of the line is closed either.
        if self.unclosed_quotes.contains(&self.at) {
            return None;
        }
        let mut escaped = false;
        let mut any_escape = false;
        let mut len = None;
        for (at, byte) in inner.bytes().enumerate() {
            match byte {
                b'\n' | b'\r' => {
                    self.unclosed_quotes = self.at..self.at + 1 + at;
                    return None;
                }
                _ if escaped => escaped = false,
                b'\\' => (escaped, any_escape) = (true, true),
                b'"' => {
                    len = Some(at);
                    break;
                }
                _ => {}
            }
        }
        let Some(len) = len else {
            self.unclosed_quotes = self.at..self.text.len();
            return None;
        };
        let raw = &inner[..len];
        let text = if any_escape { unescape(raw) } else { raw.into() };
        let start = self.at;
        self.at += len + 2;
        Some(Name { text, span: self.span_from(start) })
    }

    /// Takes `#"…"#`.
    pub(crate) fn block_string(&mut self) -> Option<BlockString> {
        let rest = self.rest();
        let hashes = rest.bytes().take_while(|b| *b == b'#').count();
        if hashes == 0 || hashes > HASHES_MAX || rest.as_bytes().get(hashes) != Some(&b'"') {
            return None;
        }
        let start = self.at + hashes + 1;
        let len = self.ahead(End::Block(hashes), start)?;
        let text = SourceText::dedent(&self.text[start..start + len], self.file, start);
        self.at = start + len + hashes + 1;
        Some(BlockString { text, hashes: hashes as u32 })
    }
}

/// Decodes `\n`, `\t`, `\r`, `\"` and `\\`; every other escape stays as it is written.
fn unescape(raw: &str) -> SmolStr {
    let mut text = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('r') => text.push('\r'),
            Some('"') => text.push('"'),
            Some('\\') => text.push('\\'),
            Some(other) => text.extend(['\\', other]),
            None => text.push('\\'),
        }
    }
    text.into()
}

//! Where the characters of texts are: in the reply, or else in one string of copies.
//!
//! Most texts stand in the reply as they are; then only where they stand is kept. Invariant: an
//! open text's characters are those of the reply from `from` on, until one is taken that stands
//! elsewhere or nowhere in it; from then on they are a copy.

use std::sync::Arc;

use crate::block::Block;
use crate::number::Number;

/// Bit of a span's ends that says that it is one of the copies. No reply is as long.
const COPIED: u32 = 1 << 31;

/// From so many bytes on, buffers grow by an eighth rather than by as much again.
const LARGE_BYTES: usize = 1 << 14;

/// Adds several, likewise.
pub(crate) fn extend<T: Copy>(vector: &mut Vec<T>, values: &[T]) {
    let full = vector.capacity() - vector.len() < values.len();
    if full && vector.len() * size_of::<T>() > LARGE_BYTES {
        vector.reserve_exact(values.len().max(vector.len() / 8));
    }
    vector.extend_from_slice(values);
}

/// A stretch of the reply, or of the copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// The reply and the copies.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    /// The reply so far, which its owner may lend for as long as it is read.
    pub(crate) source: Arc<String>,
    copies: String,
}

impl Texts {
    /// The text at a span.
    pub(crate) fn get(&self, span: Span) -> &str {
        if span.start & COPIED == 0 {
            &self.source[span.start as usize..span.end as usize]
        } else {
            &self.copies[(span.start ^ COPIED) as usize..(span.end ^ COPIED) as usize]
        }
    }

    /// Adds to the reply.
    pub(crate) fn push_source(&mut self, piece: &str) {
        push_str(Arc::make_mut(&mut self.source), piece);
    }

    /// Keeps a copy.
    pub(crate) fn copy(&mut self, text: &str) -> Span {
        let start = self.copies.len() as u32;
        push_str(&mut self.copies, text);
        Span { start: start | COPIED, end: self.copies.len() as u32 | COPIED }
    }
}

/// Adds to a text without reserving much more than it needs.
fn push_str(text: &mut String, piece: &str) {
    if text.len() > LARGE_BYTES && text.capacity() - text.len() < piece.len() {
        text.reserve_exact(piece.len().max(text.len() / 8));
    }
    text.push_str(piece);
}

/// Adds to a vector, likewise.
pub(crate) fn push<T>(vector: &mut Vec<T>, value: T) {
    if vector.len() == vector.capacity() && vector.len() * size_of::<T>() > LARGE_BYTES {
        vector.reserve_exact(vector.len() / 8);
    }
    vector.push(value);
}

impl Span {
    /// From byte `start` to byte `end`.
    pub(crate) fn new(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32 }
    }
}

/// What an open text looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Leaf {
    /// A text.
    #[default]
    Text,
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number.
    Number(Number),
}

/// An open text.
#[derive(Debug, Default)]
pub(crate) struct OpenText {
    from: usize,
    length: usize,
    copy: Option<String>,
    /// How many bytes stay whatever follows; 0 where that is not known.
    pub(crate) sure: usize,
    /// The part that counts.
    pub(crate) view: (usize, usize),
    /// What it is taken for.
    pub(crate) leaf: Leaf,
    /// What a triple-quoted text makes of its lines.
    block: Option<Box<Block>>,
}

impl OpenText {
    /// All its characters.
    pub(crate) fn raw<'t>(&'t self, source: &'t str) -> &'t str {
        match &self.copy {
            Some(copy) => copy,
            None => &source[self.from..self.from + self.length],
        }
    }

    /// The characters that count.
    pub(crate) fn text<'t>(&'t self, source: &'t str) -> &'t str {
        match &self.block {
            Some(block) => block.text(),
            None => &self.raw(source)[self.view.0..self.view.1],
        }
    }

    /// Those of them that stay whatever follows, while `start` stays the same.
    pub(crate) fn sure_text<'t>(&'t self, source: &'t str) -> &'t str {
        match &self.block {
            Some(block) => block.sure_text(),
            None => self.raw(source).get(self.view.0..self.sure).unwrap_or_default(),
        }
    }

    /// Another number whenever what was sure is not sure any more.
    pub(crate) fn start(&self) -> usize {
        self.block.as_ref().map_or(self.view.0, |block| block.begun as usize)
    }

    /// Whether it is a bare word that may become `null`.
    pub(crate) fn may_be_null(&self, source: &str) -> bool {
        let before = &source.as_bytes()[..self.from];
        let is_quoted = matches!(before.last(), Some(b'"' | b'\'' | b'`'));
        !is_quoted && matches!(self.text(source), "n" | "nu" | "nul")
    }

    /// Whether its lines count without the indentation that they share.
    pub(crate) fn is_block(&self) -> bool {
        self.block.is_some()
    }

    /// From here on its lines count so; what was read before says the language.
    pub(crate) fn begin_block(&mut self) {
        let block = if self.len() == 0 { Block::default() } else { Block::after(self.len()) };
        self.block = Some(Box::new(block));
    }

    /// Looks as if it ended here, or went on with `held`.
    pub(crate) fn read_block(&mut self, source: &str, held: Option<&str>) {
        self.sure = self.len();
        let Some(mut block) = self.block.take() else { return };
        let raw = self.raw(source);
        block.read(raw);
        if let Some(held) = held {
            block.hold(raw, held);
        }
        self.block = Some(block);
    }

    /// Takes what its lines make. Whether that is another text than it looked like.
    pub(crate) fn end_block(&mut self, source: &str) -> bool {
        let Some(block) = self.block.take() else { return false };
        let is_rewritten = block.begun > 0;
        let text = block.end(self.raw(source));
        self.replace(text);
        is_rewritten
    }

    /// How many bytes it has.
    pub(crate) fn len(&self) -> usize {
        self.copy.as_ref().map_or(self.length, String::len)
    }

    /// Takes the characters from byte `from` to byte `to` of the reply.
    pub(crate) fn take(&mut self, source: &str, from: usize, to: usize) {
        if self.copy.is_none() && self.length == 0 {
            self.from = from;
        }
        match &mut self.copy {
            Some(copy) => push_str(copy, &source[from..to]),
            None if self.from + self.length == from => self.length += to - from,
            None => self.copied(source).push_str(&source[from..to]),
        }
        self.view.1 = self.len();
    }

    /// Takes a character that stands nowhere in the reply.
    pub(crate) fn take_other(&mut self, source: &str, c: char) {
        self.copied(source).push(c);
        self.view.1 = self.len();
    }

    /// Gives the last characters back.
    pub(crate) fn truncate(&mut self, length: usize) {
        match &mut self.copy {
            Some(copy) => copy.truncate(length),
            None => self.length = length,
        }
        self.view.1 = length;
    }

    /// Becomes another text.
    pub(crate) fn replace(&mut self, text: String) {
        self.view = (0, text.len());
        self.copy = Some(text);
    }

    /// Where the characters that count stand in the reply, or else a copy of all.
    pub(crate) fn place(&self) -> Result<Span, &str> {
        match &self.copy {
            Some(copy) => Err(&copy[self.view.0..self.view.1]),
            None => Ok(Span::new(self.from + self.view.0, self.from + self.view.1)),
        }
    }

    fn copied(&mut self, source: &str) -> &mut String {
        let (from, length) = (self.from, self.length);
        self.copy.get_or_insert_with(|| source[from..from + length].to_owned())
    }
}

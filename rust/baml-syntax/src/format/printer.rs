//! Lines, indents and comments of formatted text.
//!
//! Invariant: everything before byte `last` of the source is told, comments included; the line
//! being written is not ended before the next one begins, so that a comment can still follow on it.

use crate::source::Span;
use crate::tree::Comment;

const INDENT: usize = 2;
/// Lines are broken, where the language lets them be, before they are longer.
pub(crate) const COLUMNS_MAX: usize = 100;

/// Writes formatted text.
pub(crate) struct Printer<'a> {
    pub(crate) text: &'a str,
    comments: &'a [Comment],
    /// The first comment that is not told yet.
    next: usize,
    out: String,
    depth: usize,
    last: usize,
    /// Whether a block was opened and no line of it is told yet, so that no blank one may be.
    fresh: bool,
    /// Whether a block was opened and nothing in it is told yet.
    empty: bool,
    /// Whether a top-level block was closed last; a blank line follows it.
    spaced: bool,
}

impl<'a> Printer<'a> {
    pub(crate) fn new(text: &'a str, comments: &'a [Comment]) -> Self {
        let out = String::with_capacity(text.len());
        Self {
            text,
            comments,
            next: 0,
            out,
            depth: 0,
            last: 0,
            fresh: true,
            empty: false,
            spaced: false,
        }
    }

    /// The source between two bytes.
    pub(crate) fn source(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// The source of a span, without what the language takes for blank space at its ends.
    pub(crate) fn written(&self, span: Span) -> &'a str {
        let blank = [' ', '\t', '\r', '\n'];
        self.source(span.start as usize, span.end as usize).trim_matches(blank)
    }

    /// Begins the line of what stands at `start` in the source, after the comments before it.
    pub(crate) fn begin(&mut self, start: u32) {
        self.comments_before(start as usize);
        self.line(start as usize);
    }

    /// Writes on the current line.
    pub(crate) fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// Continues on a new line, one indent deeper.
    pub(crate) fn wrap(&mut self) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', (self.depth + 1) * INDENT));
    }

    /// Everything up to byte `end` of the source is told.
    pub(crate) fn done(&mut self, end: u32) {
        self.last = self.last.max(end as usize);
        while self.comments.get(self.next).is_some_and(|c| (c.span.start as usize) < self.last) {
            self.next += 1;
        }
    }

    /// Writes a part of the source as it stands.
    pub(crate) fn verbatim(&mut self, span: Span) {
        let written = self.written(span);
        self.push(written);
        self.done(span.end);
    }

    /// Whether a comment stands between two bytes.
    pub(crate) fn has_comment(&self, start: u32, end: u32) -> bool {
        let mut rest = self.comments[self.next..].iter();
        rest.any(|comment| comment.span.start >= start && comment.span.start < end)
    }

    /// The column after what is written on the current line.
    pub(crate) fn column(&self) -> usize {
        self.out[self.out.rfind('\n').map_or(0, |at| at + 1)..].chars().count()
    }

    /// Whether `text` and `after` more characters fit on the current line; of a text of several
    /// lines, the first has to.
    pub(crate) fn fits(&self, text: &str, after: usize) -> bool {
        let (first, after) = match text.split_once('\n') {
            Some((first, _)) => (first, 0),
            None => (text, after),
        };
        self.column() + first.chars().count() + after <= COLUMNS_MAX
    }

    /// Opens a block whose brace or bracket ends at byte `end` of the source.
    pub(crate) fn open(&mut self, brace: &str, end: usize) {
        self.push(brace);
        self.last = end;
        self.depth += 1;
        (self.fresh, self.empty) = (true, true);
    }

    /// Closes the block that ends at byte `end` of the source.
    pub(crate) fn close(&mut self, brace: &str, end: u32) {
        self.comments_before(end as usize);
        self.depth -= 1;
        if !self.empty {
            self.out.push('\n');
            self.indent();
        }
        (self.fresh, self.empty) = (false, false);
        self.push(brace);
        self.done(end);
    }

    /// Asks for a blank line before whatever comes next.
    pub(crate) fn space(&mut self) {
        self.spaced = true;
    }

    /// The formatted text.
    pub(crate) fn finish(mut self) -> String {
        self.comments_before(usize::MAX);
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out
    }

    fn comments_before(&mut self, offset: usize) {
        while let Some(comment) = self.comments.get(self.next) {
            let (start, end) = (comment.span.start as usize, comment.span.end as usize);
            if start >= offset {
                return;
            }
            let same_line = !self.out.is_empty() && !self.source(self.last, start).contains('\n');
            if same_line {
                self.out.push(' ');
            } else {
                self.line(start);
            }
            let written = self.source(start, end).trim_end();
            self.push(written);
            self.empty = false;
            self.last = end;
            self.next += 1;
        }
    }

    fn line(&mut self, start: usize) {
        let gap = self.source(self.last.min(start), start).matches('\n').count();
        let blank = !self.fresh && (gap > 1 || self.spaced);
        if !self.out.is_empty() {
            self.out.push_str(if blank { "\n\n" } else { "\n" });
        }
        self.indent();
        (self.fresh, self.empty, self.spaced) = (false, false, false);
        self.last = self.last.max(start);
    }

    fn indent(&mut self) {
        self.out.extend(std::iter::repeat_n(' ', self.depth * INDENT));
    }
}

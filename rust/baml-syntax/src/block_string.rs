//! The text of a block string: dedented, trimmed, and still able to name the place of each byte.
//!
//! Invariant: pieces are sorted, and inside a piece text and source run in step byte for byte.

use std::sync::Arc;

use crate::source::{FileId, Span};

/// Text taken from a file with parts left out, and the way back.
#[derive(Clone, Debug, Default)]
pub struct SourceText {
    text: Arc<str>,
    file: FileId,
    /// (offset in `text`, offset in the file), one for each line.
    pieces: Vec<(u32, u32)>,
}

impl SourceText {
    /// What stands between the marks of a block string, `raw` starting at byte `start` of `file`:
    /// the blank space that all lines share goes, and so does blank space at both ends. A first
    /// line that is not blank has no blank space to share.
    pub fn dedent(raw: &str, file: FileId, start: usize) -> Self {
        let lines = lines_of(raw);
        let begins_at_once = !lines[0].1.trim().is_empty();
        let shared = || lines.iter().filter_map(|line| indent(line.1)).min().unwrap_or(0);
        let common = if begins_at_once { 0 } else { shared() };
        let mut text = String::with_capacity(raw.len());
        let mut pieces = Vec::with_capacity(lines.len());
        for (at, line) in lines {
            if !text.is_empty() || !pieces.is_empty() {
                text.push('\n');
            }
            let blank = line.trim().is_empty();
            let cut = if blank { line.len() } else { bytes_of(line, common) };
            pieces.push((text.len() as u32, (start + at + cut) as u32));
            text.push_str(&line[cut..]);
        }
        trim(&text, &pieces, file)
    }

    /// Text that stands in the file as it is, from byte `start` on.
    pub fn verbatim(text: &str, file: FileId, start: usize) -> Self {
        Self { text: text.into(), file, pieces: vec![(0, start as u32)] }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text, shared.
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    /// The place in the file of bytes `start..end` of the text.
    pub fn span(&self, start: usize, end: usize) -> Span {
        let start = self.source_offset(start);
        Span::new(self.file, start, self.source_offset(end).max(start))
    }

    fn source_offset(&self, offset: usize) -> usize {
        let offset = offset.min(self.text.len()) as u32;
        let after = self.pieces.partition_point(|piece| piece.0 <= offset);
        let Some((text, source)) = self.pieces.get(after.max(1) - 1) else { return 0 };
        (source + offset.saturating_sub(*text)) as usize
    }
}

/// Lines without their ends, with their offsets.
fn lines_of(raw: &str) -> Vec<(usize, &str)> {
    let mut lines = Vec::new();
    let mut at = 0;
    for line in raw.split('\n') {
        lines.push((at, line.strip_suffix('\r').unwrap_or(line)));
        at += line.len() + 1;
    }
    lines
}

/// Blank characters at the start of a line that has others too.
fn indent(line: &str) -> Option<usize> {
    line.chars().position(|c| !c.is_whitespace())
}

fn bytes_of(line: &str, chars: usize) -> usize {
    line.char_indices().nth(chars).map_or(line.len(), |(at, _)| at)
}

fn trim(text: &str, pieces: &[(u32, u32)], file: FileId) -> SourceText {
    let kept = text.trim();
    let skipped = (text.len() - text.trim_start().len()) as u32;
    let end = skipped + kept.len() as u32;
    let mut out = Vec::with_capacity(pieces.len());
    for (at, source) in pieces {
        if *at <= skipped {
            out.clear();
            out.push((0, source + (skipped - at)));
        } else if *at <= end {
            out.push((at - skipped, *source));
        }
    }
    SourceText { text: kept.into(), file, pieces: out }
}

//! Source files, byte spans in them, and the way from a byte to a line.
//!
//! Invariant: a span lies inside its file's text, on character boundaries.

use std::sync::Arc;

/// A file of a [`SourceMap`], by position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A range of bytes in one file, `end` exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The file that the bytes belong to.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span of bytes `start..end` of `file`.
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        Self { file, start: start as u32, end: end as u32 }
    }

    /// The smallest span that holds both; both must be of one file.
    pub fn to(self, other: Self) -> Self {
        debug_assert_eq!(self.file, other.file);
        Self { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// One file as it was loaded.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The name that diagnostics show; usually relative to the project's folder.
    pub name: Arc<str>,
    /// The whole text.
    pub text: Arc<str>,
    /// Byte offset of the start of each line.
    line_starts: Vec<u32>,
    /// The first character at or after every so many bytes: its place, and the UTF-16 units before
    /// it. Empty for ASCII, where bytes and units are the same.
    units: Vec<(u32, u32)>,
}

/// So many bytes lie between two counts of UTF-16 units; so many are counted for one column.
const UNITS_STEP: usize = 512;

impl SourceFile {
    /// Keeps the text and finds its lines (`\n`, `\r\n` and a lone `\r` end one).
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        let bytes = text.as_bytes();
        let mut line_starts = vec![0];
        for (at, byte) in bytes.iter().enumerate() {
            let ends = *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
            if ends {
                line_starts.push(at as u32 + 1);
            }
        }
        let units = if text.is_ascii() { Vec::new() } else { counted_units(&text) };
        Self { name: name.into(), text, line_starts, units }
    }

    /// Line (from 1) and byte column (from 0) of a byte offset.
    pub fn line_column(&self, offset: u32) -> (u32, u32) {
        let line = self.line_starts.partition_point(|start| *start <= offset).max(1);
        (line as u32, offset - self.line_starts[line - 1])
    }

    /// The whole lines that a span touches, without the end of the last one.
    pub fn lines_of(&self, span: Span) -> &str {
        let (first, _) = self.line_column(span.start);
        let (last, _) = self.line_column(span.end.max(span.start));
        let start = self.line_starts[first as usize - 1] as usize;
        let end = self.line_starts.get(last as usize).map_or(self.text.len(), |at| *at as usize);
        self.text.get(start..end).unwrap_or("").trim_end_matches(['\r', '\n'])
    }

    /// Where the line of a byte offset ends, its end not counted.
    pub(crate) fn line_end(&self, offset: u32) -> usize {
        let (line, _) = self.line_column(offset);
        let next = self.line_starts.get(line as usize).map_or(self.text.len(), |at| *at as usize);
        let end = self.text[..next].trim_end_matches(['\r', '\n']).len();
        end.max(offset as usize)
    }

    /// Line (from 1) and column in UTF-16 units (from 0), as editors count.
    pub fn line_column_utf16(&self, offset: u32) -> (u32, u32) {
        let (line, _) = self.line_column(offset);
        let start = self.line_starts[line as usize - 1];
        (line, self.units_before(offset).saturating_sub(self.units_before(start)))
    }

    fn units_before(&self, offset: u32) -> u32 {
        let Some((from, units)) = self.units.get(offset as usize / UNITS_STEP) else {
            return offset;
        };
        let between = self.text.get(*from as usize..offset as usize).unwrap_or("");
        units + between.encode_utf16().count() as u32
    }
}

fn counted_units(text: &str) -> Vec<(u32, u32)> {
    let mut found = Vec::with_capacity(text.len() / UNITS_STEP + 1);
    let mut units = 0;
    for (at, char) in text.char_indices() {
        if at >= found.len() * UNITS_STEP {
            found.push((at as u32, units));
        }
        units += char.len_utf16() as u32;
    }
    // The end of the text is a place too.
    while found.len() <= text.len() / UNITS_STEP {
        found.push((text.len() as u32, units));
    }
    found
}

/// All files of a project, in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// Adds a file and names it.
    pub fn add(&mut self, name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> FileId {
        self.files.push(SourceFile::new(name, text));
        FileId(self.files.len() as u32 - 1)
    }

    /// The file of an id that this map gave out.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// All files with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(at, file)| (FileId(at as u32), file))
    }

    /// The bytes of a span.
    pub fn text(&self, span: Span) -> &str {
        self.file(span.file).text.get(span.start as usize..span.end as usize).unwrap_or("")
    }
}

//! The one way in: text → tree and diagnostics.

use crate::cursor::Cursor;
use crate::diagnostic::Diagnostic;
use crate::grammar::items;
use crate::source::FileId;
use crate::tree::Tree;

/// Reads a whole file. Any text yields a tree; what could not be read is told by the diagnostics.
pub fn parse(file: FileId, text: &str) -> (Tree, Vec<Diagnostic>) {
    let mut cursor = Cursor::new(file, text);
    let items = items::all(&mut cursor);
    (Tree { file, items, comments: cursor.comments }, cursor.diagnostics)
}

//! `.baml` text → tokens → tree + diagnostics.
//!
//! What lives here: the source map, the lexer, the parser, the tree, the formatter, and the one place
//! that renders diagnostics (text with excerpts, or JSON). It may use nothing of this workspace.
//! Types, names, disks and networks never enter: a tree says what was written, not what it means.
//!
//! Invariant: parsing returns a tree *and* diagnostics, whatever the bytes; it never fails or panics,
//! and its depth and time are bounded.
//!
//! Data flow: **`.baml` text ─► baml-syntax** ─► baml-schema ─► …

pub mod diagnostic;
pub mod source;

pub use diagnostic::{Diagnostic, Label, Severity};
pub use source::{FileId, SourceFile, SourceMap, Span};

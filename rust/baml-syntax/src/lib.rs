//! `.baml` text → tokens → tree + diagnostics.
//!
//! What lives here: the source map, the lexer, the parser, the tree, the formatter, and the one
//! place that renders diagnostics (text with excerpts, or JSON). It may use nothing of this
//! workspace. Types, names, disks and networks never enter: a tree says what was written, not what
//! it means.
//!
//! Invariant: parsing returns a tree *and* diagnostics, whatever the bytes; it never fails or
//! panics, and its depth and time are bounded.
//!
//! Data flow: **`.baml` text ─► baml-syntax** ─► baml-schema ─► …

#![forbid(unsafe_code)]

pub mod block_string;
pub mod catalogue;
mod cursor;
pub mod diagnostic;
pub mod format;
mod grammar;
mod parser;
pub mod render;
pub mod source;
pub mod tree;

pub use block_string::SourceText;
pub use diagnostic::{Diagnostic, Label, Severity};
pub use format::format;
pub use grammar::DEPTH_MAX;
pub use parser::parse;
pub use source::{FileId, SourceFile, SourceMap, Span};
pub use tree::Tree;

//! The formatter: a parsed file told back with the usual blank space, comments kept.
//!
//! [`printer`] owns lines, indents and comments; [`items`] and [`values`] know the shapes.
//!
//! Invariant: what the text means stays the same, and formatting twice changes nothing more. A part
//! with a comment in its middle is told back as it was written.

mod items;
mod printer;
mod values;

use std::mem::{Discriminant, discriminant};

use crate::diagnostic::{Diagnostic, Severity};
use crate::parser::parse;
use crate::source::FileId;
use crate::tree::{Item, Tree};
use printer::Printer;

/// The text with the usual blank space; text with errors is not touched and its errors are told.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let (tree, diagnostics) = read(text);
    if diagnostics.iter().any(|found| found.severity == Severity::Error) {
        return Err(diagnostics);
    }
    let mut printer = Printer::new(text, &tree.comments);
    items::file(&mut printer, &tree.items);
    let formatted = printer.finish();
    if is_same(&tree, &formatted) { Ok(formatted) } else { Ok(text.to_owned()) }
}

fn read(text: &str) -> (Tree, Vec<Diagnostic>) {
    parse(FileId::default(), text)
}

/// Whether the formatted text declares what the tree does; a text for which this fails is rather
/// left alone than broken.
fn is_same(tree: &Tree, formatted: &str) -> bool {
    let (again, diagnostics) = read(formatted);
    let names = |tree: &Tree| tree.items.iter().map(outline).collect::<Vec<_>>();
    diagnostics.iter().all(|found| found.severity != Severity::Error)
        && again.comments.len() == tree.comments.len()
        && names(&again) == names(tree)
}

/// What a declaration is, its name and the number of its parts.
fn outline(item: &Item) -> (Discriminant<Item>, String, usize) {
    let (name, parts) = match item {
        Item::Type(block) => (block.name.text.as_str(), block.members.len()),
        Item::Alias(alias) => (alias.name.text.as_str(), 1),
        Item::Value(block) => (block.name.text.as_str(), block.entries.len()),
        Item::Template(template) => (template.name.text.as_str(), 1),
        Item::Unsupported(refused) => (refused.name.text.as_str(), 1),
        Item::Invalid(_) => ("", 0),
    };
    (discriminant(item), name.to_owned(), parts)
}

//! A file: declarations one after the other. What is none ends the reading of the file.

use crate::catalogue::{DYNAMIC_INCOMPLETE, INVALID_LINE, TYPE_BUILDER_SYNTAX, TYPE_KEYWORD};
use crate::cursor::Cursor;
use crate::diagnostic::{Diagnostic, Label};
use crate::grammar::{consequences, type_blocks, value_blocks, workflow};
use crate::source::Span;
use crate::tree::Item;

/// Everything up to the end of the text.
pub(crate) fn all(cursor: &mut Cursor) -> Vec<Item> {
    let mut items = Vec::new();
    let mut erred = false;
    // From here on nobody knows what a line is part of.
    let mut lost = None;
    loop {
        let doc = cursor.skip_trivia();
        if cursor.at_end() {
            return items;
        }
        let told = cursor.diagnostics.len();
        cursor.stuck = cursor.at;
        match item(cursor, doc) {
            Some(item) => {
                consequences::of_unknown_keyword(cursor, told, item.span());
                erred = cursor.erred_since(told);
                items.push(item);
                if lost.is_none() && is_outline(cursor, told) {
                    lost = Some(cursor.diagnostics.len());
                    // What is declared from here on may belong into what could not be read.
                    items.push(Item::Invalid(cursor.span_from(cursor.at)));
                }
            }
            None => {
                items.push(invalid(cursor, erred));
            }
        }
        if let Some(told) = lost {
            consequences::follow(cursor, told);
        }
    }
}

fn item(cursor: &mut Cursor, doc: Option<smol_str::SmolStr>) -> Option<Item> {
    match cursor.peek_word()? {
        "let" | "watch" => workflow::top_level_let(cursor).map(Item::Unsupported),
        "function" if workflow::is_ahead(cursor) => {
            workflow::function(cursor).map(Item::Unsupported)
        }
        "function" | "client" | "test" | "retry_policy" | "generator" => {
            // A block of properties that cannot be read as one may still have the outline of a
            // type.
            match value_blocks::block(cursor, doc.clone()) {
                Some(block) => Some(Item::Value(block)),
                None => outline(cursor, doc),
            }
        }
        "template_string" | "string_template" => {
            match value_blocks::template(cursor, doc.clone()) {
                Some(template) => Some(Item::Template(template)),
                None => type_like(cursor, doc),
            }
        }
        _ => type_like(cursor, doc),
    }
}

/// A block of properties that cannot be read as one, with the outline of a type.
fn outline(cursor: &mut Cursor, doc: Option<smol_str::SmolStr>) -> Option<Item> {
    let (told, stuck) = (cursor.diagnostics.len(), cursor.stuck);
    let item = type_like(cursor, doc)?;
    if let Some(found) = cursor.diagnostics.get_mut(told).filter(|found| found.id == TYPE_KEYWORD) {
        let rest = &cursor.text[stuck..];
        let (from, text) = if rest.trim().is_empty() {
            (cursor.text.trim_end().len(), "it is not closed up to here")
        } else {
            (stuck, "it cannot be read on from here")
        };
        let len = cursor.text[from..].find(['\n', '\r']).unwrap_or(cursor.text.len() - from);
        let span = Span::new(cursor.file, from, from + len);
        found.labels.push(Label { span, text: text.into() });
    }
    Some(item)
}

/// What has the outline of a type or of an alias, whatever its first word is.
fn type_like(cursor: &mut Cursor, doc: Option<smol_str::SmolStr>) -> Option<Item> {
    if let Some(alias) = type_blocks::alias(cursor, doc.clone()) {
        return Some(Item::Alias(alias));
    }
    if let Some(block) = type_blocks::block(cursor, doc) {
        return Some(Item::Type(block));
    }
    workflow::assignment(cursor).map(Item::Invalid)
}

/// Tells of the line here, which may follow from an error in the declaration before it; the rest of
/// the file is not looked at, since nobody knows what it is part of.
fn invalid(cursor: &mut Cursor, erred: bool) -> Item {
    let start = cursor.at;
    cursor.skip_line();
    let line = cursor.span_from(start);
    let written = &cursor.text[start..cursor.at];
    let follows = erred && consequences::is_left_over(written);
    let message = "Error validating: This line is invalid. It does not start with any known Baml \
                   schema keyword.";
    let found = Diagnostic::error(INVALID_LINE, line, message).following(follows);
    let found = with_furthest(cursor, line, found);
    cursor.diagnostics.push(found);
    cursor.at = cursor.text.len();
    Item::Invalid(cursor.span_from(start))
}

/// Whether the declaration told of since `told` had only the outline of one.
fn is_outline(cursor: &Cursor, told: usize) -> bool {
    let found = cursor.diagnostics.get(told);
    found.is_some_and(|found| found.id == TYPE_KEYWORD && !found.labels.is_empty())
}

/// Adds how far reading came, when that is beyond the line that is told.
fn with_furthest(cursor: &Cursor, line: Span, found: Diagnostic) -> Diagnostic {
    if cursor.stuck <= line.start as usize {
        return found;
    }
    let rest = &cursor.text[cursor.stuck..];
    if rest.trim().is_empty() {
        return found
            .with_help("What begins here is never closed: look for a missing `}` or `\"#`.");
    }
    let len = rest.find(['\n', '\r']).unwrap_or(rest.len());
    let place = Span::new(cursor.file, cursor.stuck, cursor.stuck + len);
    found.with_label(place, "it cannot be read on from here")
}

/// The declarations of a `type_builder { … }`, past its closing brace.
pub(crate) fn inside_type_builder(cursor: &mut Cursor) -> Option<Vec<Item>> {
    let mut items = Vec::new();
    let told = cursor.diagnostics.len();
    loop {
        let doc = cursor.skip_trivia();
        if cursor.eat("}") {
            return Some(items);
        }
        if cursor.at_end() {
            return None;
        }
        let item = match cursor.peek_word() {
            Some("type") => type_blocks::alias(cursor, doc).map(Item::Alias),
            Some(_) => type_blocks::block(cursor, doc).map(Item::Type),
            None => None,
        };
        items.push(match item {
            Some(item) => {
                check_dynamic(cursor, &item);
                item
            }
            None => {
                let start = cursor.at;
                cursor.skip_line();
                let span = cursor.span_from(start);
                let follows = cursor.erred_since(told);
                let message = "Error validating: Syntax error in type builder block";
                let found = Diagnostic::error(TYPE_BUILDER_SYNTAX, span, message);
                cursor.tell(found.following(follows));
                Item::Invalid(span)
            }
        });
    }
}

fn check_dynamic(cursor: &mut Cursor, item: &Item) {
    if let Item::Type(block) = item
        && block.keyword.text == "dynamic"
    {
        let span = block.keyword.span;
        // What the parser said of the same word follows from this.
        let recent = cursor.diagnostics.iter().rposition(|told| told.span == span);
        recent.map(|at| cursor.diagnostics.remove(at));
        cursor.tell(Diagnostic::error(
            DYNAMIC_INCOMPLETE,
            span,
            "Error validating: Incomplete 'dynamic' type definition. Use 'dynamic class' or \
             'dynamic enum' to add properties to types that contain the `@@dynamic` attribute.",
        ));
    }
}

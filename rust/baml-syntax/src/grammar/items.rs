//! A file: declarations one after the other. What is none ends the reading of the file.

use crate::catalogue::{DYNAMIC_INCOMPLETE, INVALID_LINE, TYPE_BUILDER_SYNTAX};
use crate::cursor::Cursor;
use crate::diagnostic::Diagnostic;
use crate::grammar::{type_blocks, value_blocks, workflow};
use crate::tree::Item;

/// Everything up to the end of the text.
pub(crate) fn all(cursor: &mut Cursor) -> Vec<Item> {
    let mut items = Vec::new();
    loop {
        let doc = cursor.skip_trivia();
        if cursor.at_end() {
            return items;
        }
        match item(cursor, doc) {
            Some(item) => items.push(item),
            None => {
                items.push(invalid(cursor));
                return items;
            }
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
                None => type_like(cursor, doc),
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

/// Tells of the line here; the rest of the file is not looked at, since nobody knows what it is
/// part of.
fn invalid(cursor: &mut Cursor) -> Item {
    let start = cursor.at;
    cursor.skip_line();
    let line = cursor.span_from(start);
    cursor.diagnostics.push(Diagnostic::error(
        INVALID_LINE,
        line,
        "Error validating: This line is invalid. It does not start with any known Baml schema \
         keyword.",
    ));
    cursor.at = cursor.text.len();
    Item::Invalid(cursor.span_from(start))
}

/// The declarations of a `type_builder { … }`, past its closing brace.
pub(crate) fn inside_type_builder(cursor: &mut Cursor) -> Option<Vec<Item>> {
    let mut items = Vec::new();
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
                let message = "Error validating: Syntax error in type builder block";
                cursor.tell(Diagnostic::error(TYPE_BUILDER_SYNTAX, span, message));
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

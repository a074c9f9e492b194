//! `@name(…)` behind a thing and `@@name(…)` inside a block.

use crate::catalogue::ATTRIBUTE_NAMESPACE;
use crate::cursor::{Cursor, End};
use crate::diagnostic::Diagnostic;
use crate::grammar::naming::{self, Case};
use crate::grammar::values;
use crate::source::Span;
use crate::tree::{Attribute, Expr, ExprKind, Name};

/// An attribute with more arguments is no attribute.
const ARGS_MAX: usize = 2;
/// The names that may hold a dot.
const DOTTED: [&str; 3] = ["stream.done", "stream.not_null", "stream.with_state"];

/// All `@name(…)` that follow, on this line or on the next ones.
pub(crate) fn list(cursor: &mut Cursor) -> Vec<Attribute> {
    let mut found = Vec::new();
    loop {
        let before = cursor.at;
        cursor.skip_trivia();
        if cursor.looking_at("@@") {
            cursor.rewind(before);
            return found;
        }
        match one(cursor, "@") {
            Some(attribute) => found.push(attribute),
            None => {
                cursor.rewind(before);
                return found;
            }
        }
    }
}

/// `@@name(…)`.
pub(crate) fn of_block(cursor: &mut Cursor) -> Option<Attribute> {
    one(cursor, "@@")
}

fn one(cursor: &mut Cursor, mark: &str) -> Option<Attribute> {
    let start = cursor.at;
    if !cursor.eat(mark) {
        return None;
    }
    let found = after_mark(cursor, start);
    if found.is_none() {
        cursor.rewind(start);
    }
    found
}

fn after_mark(cursor: &mut Cursor, start: usize) -> Option<Attribute> {
    cursor.skip_spaces();
    let name = dotted(cursor)?;
    let name_end = cursor.at;
    cursor.skip_spaces();
    let (args, parens) = match arguments(cursor) {
        Some(args) => (args, true),
        None => {
            cursor.rewind(name_end);
            (Vec::new(), false)
        }
    };
    Some(Attribute { name, args, parens, span: cursor.span_from(start) })
}

/// Tells when an attribute's name cannot be one. Inside of types nobody looks.
pub(crate) fn check_name(cursor: &mut Cursor, name: &Name) {
    let known = DOTTED.contains(&name.text.as_str());
    if name.text.contains('.') && !known {
        cursor.tell(Diagnostic::error(
            ATTRIBUTE_NAMESPACE,
            name.span,
            "Invalid name for `attribute`: Namespace imports (using '.') are not yet supported.",
        ));
    } else {
        naming::check(cursor, name, "attribute", Case::Any);
    }
}

fn dotted(cursor: &mut Cursor) -> Option<Name> {
    let start = cursor.at;
    cursor.word()?;
    while cursor.looking_at(".") {
        cursor.at += 1;
        if cursor.word().is_none() {
            cursor.at -= 1;
            break;
        }
    }
    Some(Name { text: cursor.text[start..cursor.at].into(), span: cursor.span_from(start) })
}

fn arguments(cursor: &mut Cursor) -> Option<Vec<Expr>> {
    if !cursor.eat("(") {
        return None;
    }
    let mut args = Vec::new();
    cursor.skip_blank();
    if cursor.eat(")") {
        return Some(args);
    }
    // The first one may be left out.
    if cursor.eat(",") {
        cursor.skip_blank();
    }
    while args.len() < ARGS_MAX {
        args.push(argument(cursor)?);
        cursor.skip_blank();
        if cursor.eat(")") {
            return Some(args);
        }
        if !cursor.eat(",") {
            return None;
        }
        cursor.skip_blank();
    }
    None
}

fn argument(cursor: &mut Cursor) -> Option<Expr> {
    if cursor.looking_at("{{") { jinja(cursor) } else { values::value(cursor) }
}

/// `{{ … }}` up to the first `}}`, which a string inside may not hold either.
pub(crate) fn jinja(cursor: &mut Cursor) -> Option<Expr> {
    let start = cursor.at;
    let len = cursor.ahead(End::Jinja, start + 2)?;
    let raw = &cursor.text[start + 2..start + 2 + len];
    let text = raw.trim();
    let text_start = start + 2 + (raw.len() - raw.trim_start().len());
    cursor.at = start + len + 4;
    let place = Span::new(cursor.file, text_start, text_start + text.len());
    Some(Expr { kind: ExprKind::Jinja(text.into(), place), span: cursor.span_from(start) })
}

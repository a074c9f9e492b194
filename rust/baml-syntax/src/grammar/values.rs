//! Values: strings of three kinds, numbers, `true`, `null`, `env.NAME`, lists and maps.

use crate::catalogue::MAP_ENTRY;
use crate::cursor::Cursor;
use crate::diagnostic::Diagnostic;
use crate::grammar::{attributes, types};
use crate::tree::{Expr, ExprKind, MapEntry, Name};

/// A value that starts here.
pub(crate) fn value(cursor: &mut Cursor) -> Option<Expr> {
    if cursor.too_deep() || cursor.unreadable.contains(&cursor.at) {
        return None;
    }
    let start = cursor.at;
    cursor.depth += 1;
    let kind = kind(cursor);
    cursor.depth -= 1;
    match kind {
        Some(kind) => {
            let mut span = cursor.span_from(start);
            if matches!(kind, ExprKind::Bare(_)) {
                let written = &cursor.text[start..cursor.at];
                span.end -= (written.len() - written.trim_end().len()) as u32;
            }
            Some(Expr { kind, span })
        }
        None => {
            cursor.rewind(start);
            if matches!(cursor.peek(), Some(b'[' | b'{')) {
                cursor.unreadable.insert(start);
            }
            None
        }
    }
}

fn kind(cursor: &mut Cursor) -> Option<ExprKind> {
    match cursor.peek()? {
        // A quote that is never closed is text like any other.
        b'"' => match cursor.quoted() {
            Some(quoted) => Some(ExprKind::String(quoted.text)),
            None => bare(cursor),
        },
        b'#' => Some(ExprKind::Block(cursor.block_string()?)),
        b'[' => list(cursor),
        b'{' if cursor.looking_at("{{") => {
            attributes::jinja(cursor).map(|expression| expression.kind)
        }
        b'{' => map(cursor),
        _ => bare(cursor),
    }
}

fn list(cursor: &mut Cursor) -> Option<ExprKind> {
    cursor.at += 1;
    let mut items = Vec::new();
    loop {
        cursor.skip_trivia();
        if cursor.eat("]") {
            return Some(ExprKind::List(items));
        }
        items.push(value(cursor)?);
        if !separator(cursor) {
            return None;
        }
    }
}

/// Between two items of a list: a comma, the end of a line, or both; none before `]`.
fn separator(cursor: &mut Cursor) -> bool {
    let start = cursor.at;
    cursor.skip_trivia();
    let lines = cursor.text[start..cursor.at].contains(['\n', '\r']);
    let before = cursor.text[..start].ends_with(['\n', '\r']);
    cursor.eat(",") || lines || before || cursor.looking_at("]")
}

fn map(cursor: &mut Cursor) -> Option<ExprKind> {
    cursor.at += 1;
    let mut entries = Vec::new();
    cursor.skip_trivia();
    if cursor.eat("}") {
        return Some(ExprKind::Map(entries));
    }
    loop {
        entries.push(entry(cursor)?);
        match after_entry(cursor)? {
            After::Entry => {}
            After::End => return Some(ExprKind::Map(entries)),
        }
    }
}

/// What comes after an entry of a map.
enum After {
    Entry,
    End,
}

/// Between two entries: a comma or the end of the line. Before the closing brace there is no comma.
fn after_entry(cursor: &mut Cursor) -> Option<After> {
    cursor.skip_spaces_and_comment();
    let (comma, line) = (cursor.eat(","), cursor.at_line_end());
    cursor.skip_trivia();
    if cursor.looking_at("}") {
        cursor.at += 1;
        return (!comma).then_some(After::End);
    }
    (comma || line).then_some(After::Entry)
}

fn entry(cursor: &mut Cursor) -> Option<MapEntry> {
    let start = cursor.at;
    let key = key(cursor)?;
    cursor.skip_spaces();
    if cursor.eat(":") {
        cursor.skip_spaces();
    }
    let found = value(cursor);
    if found.is_none() && !valueless(cursor) {
        return None;
    }
    let mut span = cursor.span_from(start);
    match &found {
        Some(value) => span.end = value.span.end,
        None => cursor.tell(Diagnostic::error(
            MAP_ENTRY,
            span,
            "Error validating: This map entry is missing a valid value or has an incorrect syntax.",
        )),
    }
    Some(MapEntry { key, value: found, span })
}

/// Goes past what stands in place of a value: nothing, or a line that cannot be read. Such a line
/// is the last one, or an empty one comes after it. Quotes that open a block string are none.
fn valueless(cursor: &mut Cursor) -> bool {
    cursor.skip_spaces_and_comment();
    if cursor.at_line_end() || cursor.looking_at("}") {
        return true;
    }
    if cursor.rest().trim_start_matches('#').starts_with('"') {
        return false;
    }
    cursor.skip_line();
    let next = cursor.at;
    cursor.skip_spaces();
    let closed = cursor.at_line_end() || cursor.looking_at("}");
    cursor.rewind(next);
    closed
}

/// A quoted string, or a word.
fn key(cursor: &mut Cursor) -> Option<Name> {
    if cursor.peek() == Some(b'"') {
        return cursor.quoted();
    }
    cursor.word()
}

/// Unquoted text: up to the end of the line, a banned character, or a comment.
fn bare(cursor: &mut Cursor) -> Option<ExprKind> {
    let rest = cursor.rest();
    let bytes = rest.as_bytes();
    let mut len = 0;
    while let Some(byte) = bytes.get(len) {
        match byte {
            b'\n' | b'\r' | b'#' | b'@' | b'{' | b'(' | b'[' | b'<' | b'}' | b')' | b']' | b'>'
            | b',' | b'\'' | b';' => break,
            b' ' | b'\t' if rest[len + 1..].starts_with("//") => break,
            _ => len += 1,
        }
    }
    let text = rest[..len].trim();
    if text.is_empty() {
        return None;
    }
    // What begins like a number is one, and nothing but the end of the value may follow it.
    if let Some(number) = types::number(cursor) {
        return Some(ExprKind::Number(number));
    }
    let start = cursor.at;
    cursor.at = start + len;
    Some(match text {
        "true" => ExprKind::Bool(true),
        "false" => ExprKind::Bool(false),
        "null" => ExprKind::Null,
        _ => match text.strip_prefix("env.") {
            Some(name) if !name.contains(char::is_whitespace) => ExprKind::Env(name.into()),
            _ => ExprKind::Bare(text.into()),
        },
    })
}

//! Values: strings of three kinds, numbers, `true`, `null`, `env.NAME`, lists and maps.

use crate::catalogue::MAP_ENTRY;
use crate::cursor::Cursor;
use crate::diagnostic::Diagnostic;
use crate::grammar::types;
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
            cursor.at = start;
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
        if !separator(cursor, "]") {
            return None;
        }
    }
}

/// Between two parts of a list or map: a comma, the end of a line, or both; none before `close`.
fn separator(cursor: &mut Cursor, close: &str) -> bool {
    let start = cursor.at;
    cursor.skip_trivia();
    let lines = cursor.text[start..cursor.at].contains(['\n', '\r']);
    let before = cursor.text[..start].ends_with(['\n', '\r']);
    cursor.eat(",") || lines || before || cursor.looking_at(close)
}

fn map(cursor: &mut Cursor) -> Option<ExprKind> {
    cursor.at += 1;
    let mut entries = Vec::new();
    loop {
        cursor.skip_trivia();
        if cursor.eat("}") {
            return Some(ExprKind::Map(entries));
        }
        entries.push(entry(cursor)?);
        if !separator(cursor, "}") {
            return None;
        }
    }
}

fn entry(cursor: &mut Cursor) -> Option<MapEntry> {
    let start = cursor.at;
    let key = key(cursor)?;
    cursor.skip_spaces();
    if cursor.eat(":") {
        cursor.skip_spaces();
    }
    let found = value(cursor);
    if found.is_none() {
        cursor.skip_line();
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

/// A quoted string, or a word; the word may hold dots.
fn key(cursor: &mut Cursor) -> Option<Name> {
    if cursor.peek() == Some(b'"') {
        return cursor.quoted();
    }
    let start = cursor.at;
    cursor.peek_word()?;
    let part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    let len = cursor.rest().bytes().position(|b| !part(b)).unwrap_or(cursor.rest().len());
    cursor.at += len;
    Some(Name { text: cursor.text[start..cursor.at].into(), span: cursor.span_from(start) })
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
            Some(name) if is_env_name(name) => ExprKind::Env(name.into()),
            _ => ExprKind::Bare(text.into()),
        },
    })
}

fn is_env_name(name: &str) -> bool {
    let part = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    !name.is_empty() && name.bytes().all(part)
}

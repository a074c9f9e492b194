//! The loose printer: how a value reads where a text was wanted.
//!
//! Invariant: the walk is bounded by the depth that the reader allows, and for an excerpt by its
//! length.

use std::fmt::Write;

use crate::number::Number;
use crate::tree::{Kind, NodeId, Tree};

/// How much of a value a reason quotes.
const EXCERPT_BYTES: usize = 120;

/// How much of a value counts where it stands for a key: keys inside keys must not multiply.
const KEY_BYTES: usize = 1_024;

/// A node as text: texts bare, objects as `{key: value}`, lists as `[a, b]`.
pub(crate) fn loose(tree: &Tree, id: NodeId) -> String {
    let mut out = String::new();
    print(tree, id, &mut out, usize::MAX);
    out
}

/// The beginning of the same, for a reason.
pub(crate) fn excerpt(tree: &Tree, id: NodeId) -> String {
    beginning(tree, id, EXCERPT_BYTES)
}

/// The beginning of the same, for a key.
pub(crate) fn key(tree: &Tree, id: NodeId) -> String {
    beginning(tree, id, KEY_BYTES)
}

fn beginning(tree: &Tree, id: NodeId, limit: usize) -> String {
    let mut out = String::new();
    print(tree, id, &mut out, limit);
    if out.len() > limit {
        out.truncate(out.floor_char_boundary(limit));
        out.push('…');
    }
    out
}

/// The beginning of a text, for a reason.
pub(crate) fn text_excerpt(text: &str) -> String {
    let cut = text.floor_char_boundary(EXCERPT_BYTES);
    format!("{}{}", &text[..cut], if cut < text.len() { "…" } else { "" })
}

/// A number as text.
pub(crate) fn number(number: Number) -> String {
    match number {
        Number::Int(int) => int.to_string(),
        Number::Unsigned(unsigned) => unsigned.to_string(),
        Number::Float(float) => serde_json::Number::from_f64(float)
            .map_or_else(|| float.to_string(), |number| number.to_string()),
    }
}

/// Stops soon after `limit` bytes.
fn print(tree: &Tree, id: NodeId, out: &mut String, limit: usize) {
    if out.len() > limit {
        return;
    }
    match tree.kind(id) {
        Kind::Null => out.push_str("null"),
        Kind::Bool(value) => out.push_str(if value { "true" } else { "false" }),
        Kind::Number(value) => out.push_str(&number(value)),
        Kind::Text(text) if text.len() > limit => {
            out.extend(text.chars().take(limit));
            out.push('…');
        }
        Kind::Text(text) => out.push_str(text),
        Kind::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate().take(limit) {
                out.push_str(if at == 0 { "" } else { ", " });
                print(tree, *item, out, limit);
            }
            out.push(']');
        }
        Kind::Object(entries) => {
            out.push('{');
            for (at, entry) in entries.iter().enumerate().take(limit) {
                let key = tree.key(entry.key);
                let _ = write!(out, "{}{key}: ", if at == 0 { "" } else { ", " });
                print(tree, entry.value, out, limit);
            }
            out.push('}');
        }
        Kind::AnyOf(any) => {
            if let Some(first) = any.choices.first() {
                print(tree, *first, out, limit);
            }
        }
    }
}

//! The loose printer: how a value reads where a text was wanted.
//!
//! Invariant: the walk is bounded by the depth that the reader allows.

use std::fmt::Write;

use crate::tree::{Kind, NodeId, Number, Tree};

/// A node as text: texts bare, objects as `{key: value}`, lists as `[a, b]`.
pub(crate) fn loose(tree: &Tree, id: NodeId) -> String {
    let mut out = String::new();
    print(tree, id, &mut out);
    out
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

fn print(tree: &Tree, id: NodeId, out: &mut String) {
    let node = tree.node(id);
    match &node.kind {
        Kind::Null => out.push_str("null"),
        Kind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Kind::Number(value) => out.push_str(&number(*value)),
        Kind::Text => out.push_str(node.text()),
        Kind::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                print(tree, *item, out);
            }
            out.push(']');
        }
        Kind::Object(entries) => {
            out.push('{');
            for (at, (key, value)) in entries.iter().enumerate() {
                let _ = write!(out, "{}{key}: ", if at == 0 { "" } else { ", " });
                print(tree, *value, out);
            }
            out.push('}');
        }
        Kind::AnyOf(any) => {
            if let Some(first) = any.choices.first() {
                print(tree, *first, out);
            }
        }
    }
}

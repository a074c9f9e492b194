//! Values as data: what options and test arguments hold, and how their kinds are called.

use baml_syntax::tree::{Expr, ExprKind, MapEntry};
use indexmap::{IndexMap, IndexSet};
use smol_str::SmolStr;

use crate::client::OptionValue;

/// The value that was written.
pub(crate) fn option_value(expr: &Expr) -> OptionValue {
    match &expr.kind {
        ExprKind::String(text) | ExprKind::Bare(text) => OptionValue::String(text.clone()),
        ExprKind::Block(block) => OptionValue::String(block.text.as_str().into()),
        ExprKind::Number(text) => number(text),
        ExprKind::Bool(value) => OptionValue::Bool(*value),
        ExprKind::Null => OptionValue::Null,
        ExprKind::Env(name) => OptionValue::Env(name.clone()),
        ExprKind::List(items) => OptionValue::List(items.iter().map(option_value).collect()),
        ExprKind::Map(entries) => OptionValue::Map(option_map(entries)),
        ExprKind::Jinja(text, _) => OptionValue::String(text.clone()),
    }
}

/// The entries that were written; of a repeated key the last one counts.
pub(crate) fn option_map(entries: &[MapEntry]) -> IndexMap<SmolStr, OptionValue> {
    entries
        .iter()
        .filter_map(|entry| Some((entry.key.text.clone(), option_value(entry.value.as_ref()?))))
        .collect()
}

/// A number; one without a fraction is an int even when written as `12.0`, as it is sent so.
fn number(text: &str) -> OptionValue {
    if let Ok(int) = text.parse() {
        return OptionValue::Int(int);
    }
    match text.parse::<f64>() {
        Ok(float) if float.fract() == 0.0 && float.abs() < 9e15 => OptionValue::Int(float as i64),
        Ok(float) => OptionValue::Float(float),
        Err(_) => OptionValue::String(text.into()),
    }
}

/// Whether a value is text once the environment is known.
pub(crate) fn is_text(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::String(_)
            | ExprKind::Bare(_)
            | ExprKind::Block(_)
            | ExprKind::Env(_)
            | ExprKind::Jinja(..)
    )
}

/// How the kind of an option's value is called: `string`, `number[]`, `{ … }`.
pub(crate) fn kind_name(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Number(_) => "number".to_owned(),
        ExprKind::Bool(_) => "bool".to_owned(),
        ExprKind::Null => "null".to_owned(),
        ExprKind::List(items) => {
            let kinds: IndexSet<String> = items.iter().map(kind_name).collect();
            let kinds: Vec<String> = kinds.into_iter().collect();
            match kinds.as_slice() {
                [] => "<empty>[]".to_owned(),
                [only] => format!("{only}[]"),
                all => format!("({})[]", all.join(" | ")),
            }
        }
        ExprKind::Map(entries) => {
            let lines: Vec<String> = entries
                .iter()
                .filter_map(|entry| {
                    Some(format!("{}: {}", entry.key.text, kind_name(entry.value.as_ref()?)))
                })
                .collect();
            format!("{{\n{}\n}}", lines.join(",\n"))
        }
        _ => "string".to_owned(),
    }
}

/// How a property's value is called where a value of another kind was wanted.
pub(crate) fn written_kind(expr: &Expr) -> &'static str {
    match &expr.kind {
        ExprKind::String(_) => "string",
        ExprKind::Block(_) => "raw_string",
        ExprKind::Number(_) => "numeric",
        ExprKind::Env(_) => "env_type",
        ExprKind::List(_) => "array",
        ExprKind::Map(_) => "map",
        ExprKind::Jinja(..) => "jinja_expression",
        ExprKind::Bool(_) => "boolean",
        ExprKind::Bare(text) if is_phrase(text) => "string",
        ExprKind::Bare(text) if text.contains('.') => "ref_type",
        ExprKind::Bare(_) | ExprKind::Null => "local_type",
    }
}

/// Whether unquoted text is no single name.
fn is_phrase(text: &str) -> bool {
    text == "env" || text.contains(|c: char| c == '-' || c.is_whitespace())
}

/// Whether a value can name something: text that is no path, and the word `null` like any other.
pub(crate) fn is_name(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Bare(_) => written_kind(expr) != "ref_type",
        ExprKind::Null => true,
        _ => expr.as_text().is_some(),
    }
}

/// The name that a value says.
pub(crate) fn name(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Null => Some("null"),
        _ => expr.as_text(),
    }
}

/// A value written out on one line.
pub(crate) fn written(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::String(text) => quoted(text),
        ExprKind::Block(block) => quoted(block.text.as_str()),
        ExprKind::Bare(text) if is_phrase(text) => quoted(text),
        ExprKind::Number(text)
        | ExprKind::Env(text)
        | ExprKind::Bare(text)
        | ExprKind::Jinja(text, _) => text.to_string(),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Null => "null".to_owned(),
        ExprKind::List(items) => {
            let items: Vec<String> = items.iter().map(written).collect();
            format!("[{}]", items.join(","))
        }
        ExprKind::Map(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .filter_map(|entry| {
                    let value = written(entry.value.as_ref()?);
                    Some(format!("{}: {value}", written_key(entry)))
                })
                .collect();
            format!("{{{}}}", entries.join(","))
        }
    }
}

/// A key as it was written: with its quotes, if it had any.
fn written_key(entry: &MapEntry) -> String {
    let key = &entry.key;
    let bare = (key.span.end - key.span.start) as usize == key.text.len();
    if bare { key.text.to_string() } else { quoted(&key.text) }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

//! Values as data: what options and test arguments hold.

use baml_syntax::tree::{Expr, ExprKind, MapEntry};
use indexmap::IndexMap;
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

//! The `http { … }` block of a client's options.

use baml_syntax::Span;
use baml_syntax::tree::{Expr, ExprKind};

use super::option_reader::OptionReader;
use super::suggest::nearest;
use crate::catalogue::{HTTP_OPTION, OPTION_KIND, OPTION_VALUE};

const POOLING: &str = "enable_connection_pooling";
const TOTAL: &str = "total_timeout_ms";
const LEAF: [&str; 5] = [
    POOLING,
    "connect_timeout_ms",
    "request_timeout_ms",
    "time_to_first_token_timeout_ms",
    "idle_timeout_ms",
];
/// Names that differ in more than this share of their length are not suggested.
const SIMILAR_MIN: f64 = 0.5;

/// Which settings the block may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settings {
    /// Of a client that sends requests itself.
    Leaf,
    /// Of a client that hands calls on.
    Composite,
}

/// Checks the block, if there is one.
pub(crate) fn check(options: &mut OptionReader, settings: Settings) {
    let Some((_, block)) = options.take("http") else { return };
    let ExprKind::Map(entries) = &block.kind else {
        let message = "http must be a configuration block with timeout settings";
        options.error(OPTION_KIND, block.span, message);
        return;
    };
    for entry in entries {
        let Some(value) = &entry.value else { continue };
        let key = entry.key.text.as_str();
        let known = match settings {
            Settings::Leaf => LEAF.contains(&key),
            Settings::Composite => key == TOTAL,
        };
        if !known {
            unknown(options, key, block.span, settings);
        } else if key == POOLING {
            if !matches!(value.kind, ExprKind::Bool(_)) {
                options.wrong_kind(value, &format!("{key} must be a bool"));
            }
        } else {
            timeout(options, key, value);
        }
    }
}

fn timeout(options: &mut OptionReader, key: &str, value: &Expr) {
    let ExprKind::Number(text) = &value.kind else {
        options.wrong_kind(value, &format!("{key} must be an integer"));
        return;
    };
    match text.parse::<i64>() {
        Ok(ms) if ms >= 0 => {}
        Ok(ms) => {
            let message = format!("{key} must be non-negative, got: {ms}ms");
            options.error(OPTION_VALUE, value.span, message);
        }
        Err(_) => {
            let message = format!("{key} must be an integer. Got: {text}");
            options.error(OPTION_KIND, value.span, message);
        }
    }
}

fn unknown(options: &mut OptionReader, key: &str, block: Span, settings: Settings) {
    let what = format!("Unrecognized field '{key}' in http configuration block.");
    let message = match settings {
        Settings::Composite => format!(
            "{what} {}Composite clients (fallback/round-robin) only support: {TOTAL}",
            similar(key, &[TOTAL])
        ),
        Settings::Leaf if key == TOTAL => format!(
            "{what} '{TOTAL}' is only available for composite clients (fallback/round-robin). For \
             regular clients, use: {}",
            LEAF.join(", ")
        ),
        Settings::Leaf => match similar(key, &LEAF) {
            near if near.is_empty() => format!("{what} Supported fields are: {}", LEAF.join(", ")),
            near => format!("{what} {}", near.trim_end()),
        },
    };
    options.error(HTTP_OPTION, block, message);
}

/// `Did you mean '…'? ` when one of the names is near enough.
fn similar(key: &str, names: &[&str]) -> String {
    let Some(name) = nearest(key, names.iter().copied(), 1).pop() else { return String::new() };
    let longer = key.len().max(name.len()) as f64;
    let near = 1.0 - super::suggest::distance(key, name) as f64 / longer;
    if near >= SIMILAR_MIN { format!("Did you mean '{name}'? ") } else { String::new() }
}

//! YAML, the notation of `format(type="yaml")`: block style, plain texts where they stay texts.
//!
//! Invariant: a YAML reader gets the same data back; what would read as a number, a bool or null is
//! quoted, and so is what a plain or block text cannot hold.

use serde_json::Value as Json;

use crate::float::float_text;

/// The text of a value; it ends with a line break.
pub(crate) fn text(value: &Json) -> String {
    let mut out = String::new();
    match value {
        Json::Array(items) if !items.is_empty() => list(&mut out, items, 0),
        Json::Object(entries) if !entries.is_empty() => map(&mut out, entries, 0),
        _ => {
            scalar(&mut out, value, 0);
            end_line(&mut out);
        }
    }
    out
}

type Entries = serde_json::Map<String, Json>;

fn list(out: &mut String, items: &[Json], depth: usize) {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            pad(out, depth);
        }
        out.push('-');
        match item {
            Json::Array(inner) if !inner.is_empty() => {
                out.push(' ');
                list(out, inner, depth + 1);
            }
            Json::Object(inner) if !inner.is_empty() => {
                out.push(' ');
                map(out, inner, depth + 1);
            }
            _ => {
                out.push(' ');
                scalar(out, item, depth + 1);
                end_line(out);
            }
        }
    }
}

fn map(out: &mut String, entries: &Entries, depth: usize) {
    for (at, (key, value)) in entries.iter().enumerate() {
        if at > 0 {
            pad(out, depth);
        }
        out.push_str(&key_text(key));
        out.push(':');
        match value {
            Json::Array(items) if !items.is_empty() => {
                out.push('\n');
                pad(out, depth);
                list(out, items, depth);
            }
            Json::Object(inner) if !inner.is_empty() => {
                out.push('\n');
                pad(out, depth + 1);
                map(out, inner, depth + 1);
            }
            _ => {
                out.push(' ');
                scalar(out, value, depth + 1);
                end_line(out);
            }
        }
    }
}

fn pad(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n("  ", depth));
}

/// A block text brings its own line break.
fn end_line(out: &mut String) {
    if !out.ends_with('\n') {
        out.push('\n');
    }
}

fn scalar(out: &mut String, value: &Json, depth: usize) {
    match value {
        Json::String(text) => string(out, text, depth.max(1)),
        Json::Array(_) => out.push_str("[]"),
        Json::Object(_) => out.push_str("{}"),
        Json::Number(number) if number.is_f64() => {
            out.push_str(&float_text(number.as_f64().unwrap_or_default()));
        }
        other => out.push_str(&other.to_string()),
    }
}

fn string(out: &mut String, text: &str, depth: usize) {
    let traits = Traits::of(text);
    if text.contains('\n') && traits.block_allowed {
        block(out, text, depth);
    } else if traits.plain_allowed && !reads_as_other(text) && !text.contains('\n') {
        out.push_str(text);
    } else if traits.single_allowed && !text.contains('\n') {
        single_quoted(out, text);
    } else {
        double_quoted(out, text);
    }
}

fn key_text(key: &str) -> String {
    let traits = Traits::of(key);
    let mut out = String::new();
    if key.contains('\n') || !traits.single_allowed {
        double_quoted(&mut out, key);
    } else if traits.plain_allowed && !reads_as_other(key) {
        out.push_str(key);
    } else {
        single_quoted(&mut out, key);
    }
    out
}

/// Which styles can hold a text.
struct Traits {
    plain_allowed: bool,
    single_allowed: bool,
    block_allowed: bool,
}

impl Traits {
    fn of(text: &str) -> Self {
        let edge = |at: Option<char>| matches!(at, Some(' ' | '\n'));
        let special = !text.chars().all(is_printable);
        let space_before_break = text.contains(" \n");
        let space_after_break = text.contains("\n ");
        let unquotable = special || space_before_break;
        Self {
            plain_allowed: !unquotable
                && !space_after_break
                && !edge(text.chars().next())
                && !edge(text.chars().next_back())
                && !has_indicators(text),
            single_allowed: !unquotable && !space_after_break,
            block_allowed: !unquotable && !text.ends_with(' '),
        }
    }
}

fn is_printable(character: char) -> bool {
    match character {
        '\n' => true,
        '\u{FEFF}' | '\u{2028}' | '\u{2029}' => false,
        ' '..='~' => true,
        _ => character as u32 >= 0xA0 && !matches!(character as u32, 0xFFFE | 0xFFFF),
    }
}

/// Whether a text holds something that means more than itself at its place.
fn has_indicators(text: &str) -> bool {
    if text.starts_with("---") || text.starts_with("...") {
        return true;
    }
    let mut before = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let followed = matches!(characters.peek(), None | Some(' ' | '\n' | '\t'));
        let found = match before {
            None => match character {
                '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"'
                | '%' | '@' | '`' => true,
                '?' | ':' | '-' => followed,
                _ => false,
            },
            Some(before) => match character {
                ':' => followed,
                '#' => matches!(before, ' ' | '\n' | '\t'),
                _ => false,
            },
        };
        if found {
            return true;
        }
        before = Some(character);
    }
    false
}

/// Whether a plain text would be read as null, a bool or a number.
fn reads_as_other(text: &str) -> bool {
    matches!(
        text,
        "" | "~"
            | "null"
            | "Null"
            | "NULL"
            | "true"
            | "True"
            | "TRUE"
            | "false"
            | "False"
            | "FALSE"
    ) || reads_as_number(text)
}

fn reads_as_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let radix = |prefix: &str, radix: u32| {
        unsigned.strip_prefix(prefix).is_some_and(|digits| {
            !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix))
        })
    };
    if radix("0x", 16) || radix("0o", 8) || radix("0b", 2) {
        return true;
    }
    unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && unsigned.parse::<f64>().is_ok_and(f64::is_finite)
}

fn single_quoted(out: &mut String, text: &str) {
    out.push('\'');
    out.push_str(&text.replace('\'', "''"));
    out.push('\'');
}

fn double_quoted(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '\0' => out.push_str("\\0"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{B}' => out.push_str("\\v"),
            '\u{C}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '\u{1B}' => out.push_str("\\e"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{85}' => out.push_str("\\N"),
            '\u{2028}' => out.push_str("\\L"),
            '\u{2029}' => out.push_str("\\P"),
            _ if is_printable(character) => out.push(character),
            _ if (character as u32) < 0x100 => {
                out.push_str(&format!("\\x{:02X}", character as u32));
            }
            _ => out.push_str(&format!("\\u{:04X}", character as u32)),
        }
    }
    out.push('"');
}

/// A literal block: its header says how it ends, and how deep it stands where that is not plain.
fn block(out: &mut String, text: &str, depth: usize) {
    out.push('|');
    if text.starts_with([' ', '\n']) {
        out.push('2');
    }
    let body = text.strip_suffix('\n').unwrap_or(text);
    if body.len() == text.len() {
        out.push('-');
    } else if body.is_empty() || body.ends_with('\n') {
        out.push('+');
    }
    out.push('\n');
    for line in body.split('\n') {
        if !line.is_empty() {
            pad(out, depth);
            out.push_str(line);
        }
        out.push('\n');
    }
}

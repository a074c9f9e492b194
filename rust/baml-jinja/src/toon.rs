//! TOON, the indented notation of `format(type="toon")`: keys sorted, tables for uniform objects.
//!
//! Lists of lists are written in full, where the official writer loses what they hold.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::Value as Json;

/// The most that a level may be moved in.
pub(crate) const INDENT_MAX: usize = 64;

/// How TOON is written.
#[derive(Clone, Debug)]
pub(crate) struct ToonOptions {
    /// Spaces of a level.
    pub(crate) indent: usize,
    /// Between the values of a line.
    pub(crate) delimiter: Delimiter,
    /// Before a length.
    pub(crate) length_marker: Option<char>,
}

/// What stands between the values of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delimiter {
    Comma,
    Tab,
    Pipe,
}

impl Default for ToonOptions {
    fn default() -> Self {
        Self { indent: 2, delimiter: Delimiter::Comma, length_marker: None }
    }
}

/// The text of a value, without a line break at its end.
pub(crate) fn text(value: &Json, options: &ToonOptions) -> String {
    let mut writer = Writer { options, lines: Vec::new() };
    match value {
        Json::Object(entries) => writer.object(entries, 0),
        Json::Array(items) => writer.array("", items, 0, 0),
        _ => writer.lines.push(writer.scalar(value)),
    }
    writer.lines.join("\n")
}

type Entries = serde_json::Map<String, Json>;

struct Writer<'a> {
    options: &'a ToonOptions,
    lines: Vec<String>,
}

impl Writer<'_> {
    fn object(&mut self, entries: &Entries, depth: usize) {
        for (key, value) in sorted(entries) {
            self.field(&self.pad(depth), key, value, depth + 1);
        }
    }

    /// `key: value`, begun by `lead`; what goes below it stands at `below`.
    fn field(&mut self, lead: &str, key: &str, value: &Json, below: usize) {
        let start = format!("{lead}{}", key_text(key));
        match value {
            Json::Object(entries) => {
                self.lines.push(start + ":");
                self.object(entries, below);
            }
            Json::Array(items) => self.array(&start, items, below, below),
            _ => self.lines.push(format!("{start}: {}", self.scalar(value))),
        }
    }

    /// A list begun by `start`; rows of a table and items stand at `below`, `item_depth` for items.
    fn array(&mut self, start: &str, items: &[Json], below: usize, item_depth: usize) {
        let below = if start.is_empty() { below + 1 } else { below };
        let item_depth = if start.is_empty() { item_depth + 1 } else { item_depth };
        let header = self.header(start, items.len());
        if items.is_empty() {
            self.lines.push(header + ":");
        } else if items.iter().all(is_scalar) {
            let row = self.row(items.iter());
            self.lines.push(format!("{header}: {row}"));
        } else if let Some(keys) = table_keys(items) {
            let names: Vec<String> = keys.iter().map(|key| key_text(key)).collect();
            let names = names.join(self.delimiter());
            self.lines.push(format!("{header}{{{names}}}:"));
            for item in items {
                let row = self.row(keys.iter().map(|key| &item[*key]));
                self.lines.push(self.pad(below) + &row);
            }
        } else {
            self.lines.push(header + ":");
            for item in items {
                self.item(item, item_depth);
            }
        }
    }

    fn item(&mut self, item: &Json, depth: usize) {
        let lead = self.pad(depth) + "- ";
        match item {
            Json::Object(entries) if entries.is_empty() => {
                self.lines.push(lead.trim_end().to_owned());
            }
            Json::Object(entries) => {
                for (at, (key, value)) in sorted(entries).into_iter().enumerate() {
                    match (at, value) {
                        (0, Json::Array(_)) => self.field(&lead, key, value, depth + 1),
                        (0, _) => self.field(&lead, key, value, depth + 2),
                        _ => self.field(&self.pad(depth + 1), key, value, depth + 2),
                    }
                }
            }
            Json::Array(items) => self.array(&lead, items, depth + 1, depth + 1),
            _ => self.lines.push(lead + &self.scalar(item)),
        }
    }

    fn header(&self, start: &str, length: usize) -> String {
        let mut header = format!("{start}[");
        header.extend(self.options.length_marker);
        let delimiter = match self.options.delimiter {
            Delimiter::Comma => "",
            _ => self.delimiter(),
        };
        // Writing to a String cannot fail.
        let _ = write!(header, "{length}{delimiter}]");
        header
    }

    fn row<'j>(&self, values: impl Iterator<Item = &'j Json>) -> String {
        values.map(|value| self.scalar(value)).collect::<Vec<_>>().join(self.delimiter())
    }

    /// A value on a line of its own is quoted as if it stood in a row.
    fn scalar(&self, value: &Json) -> String {
        match value {
            Json::String(text) if needs_quotes(text, self.delimiter()) => quoted(text),
            Json::String(text) => text.clone(),
            Json::Number(number) => number_text(number),
            Json::Bool(it) => it.to_string(),
            _ => "null".to_owned(),
        }
    }

    fn delimiter(&self) -> &'static str {
        match self.options.delimiter {
            Delimiter::Comma => ",",
            Delimiter::Tab => "\t",
            Delimiter::Pipe => "|",
        }
    }

    fn pad(&self, depth: usize) -> String {
        " ".repeat(self.options.indent * depth)
    }
}

fn sorted(entries: &Entries) -> BTreeMap<&str, &Json> {
    entries.iter().map(|(key, value)| (key.as_str(), value)).collect()
}

fn is_scalar(value: &Json) -> bool {
    !value.is_array() && !value.is_object()
}

/// The columns, where every item is an object of the same keys and of scalars only.
fn table_keys(items: &[Json]) -> Option<Vec<&str>> {
    let first = items.first()?.as_object()?;
    if first.is_empty() {
        return None;
    }
    let fits = |item: &Json| {
        item.as_object().is_some_and(|entries| {
            entries.len() == first.len()
                && entries.iter().all(|(key, value)| is_scalar(value) && first.contains_key(key))
        })
    };
    items.iter().all(fits).then(|| sorted(first).into_keys().collect())
}

fn key_text(key: &str) -> String {
    let mut characters = key.chars();
    let starts = characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    if starts && characters.all(|it| it.is_ascii_alphanumeric() || it == '_' || it == '.') {
        key.to_owned()
    } else {
        quoted(key)
    }
}

fn needs_quotes(text: &str, delimiter: &str) -> bool {
    text.is_empty()
        || text.trim() != text
        || matches!(text, "true" | "false" | "null")
        || text.starts_with("- ")
        || text.contains(delimiter)
        || text.contains([':', '"', '\\', '[', ']', '{', '}', '\n', '\r', '\t'])
        || reads_as_number(text)
}

/// `-?digits(.digits)?(e[+-]?digits)?`
fn reads_as_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.chars().all(char::is_numeric);
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = text.split_once('e').map_or((text, None), |(a, b)| (a, Some(b)));
    let (whole, fraction) =
        mantissa.split_once('.').map_or((mantissa, None), |(a, b)| (a, Some(b)));
    let unsigned = |exponent: &str| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
    digits(whole) && fraction.is_none_or(digits) && exponent.is_none_or(unsigned)
}

fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '\\' => quoted.push_str("\\\\"),
            '"' => quoted.push_str("\\\""),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// Numbers are written without an exponent.
fn number_text(number: &serde_json::Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => float.to_string(),
        _ => number.to_string(),
    }
}

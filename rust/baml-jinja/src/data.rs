//! The `format` filter: a value as plain data, written as JSON, YAML or TOON.
//!
//! What lives here: the filter and the way from a Jinja value to data. How YAML and TOON are
//! written is `yaml`'s and `toon`'s.
//!
//! Invariant: what has no shape of its own as data (enums, functions, empty maps) is its printed
//! text.

use std::io;

use minijinja::value::{Kwargs, ValueKind};
use minijinja::{Error, ErrorKind, Value};
use serde::Serialize;
use serde_json::Value as Json;
use serde_json::ser::Formatter;

use crate::float::float_text;
use crate::toon::{self, Delimiter, ToonOptions};
use crate::value::{ClassObject, MediaObject};
use crate::yaml;

/// How deep data may nest.
const DEPTH_MAX: usize = 256;

/// `value|format(type="yaml" | "json" | "toon", …)`; `format=` says it too.
pub(crate) fn format(value: &Value, keywords: Kwargs) -> Result<String, Error> {
    let Some(keyword) = ["type", "format"].into_iter().find(|name| keywords.has(name)) else {
        return Err(invalid("format filter requires 'type' keyword argument"));
    };
    let kind: Option<Value> = keywords.get(keyword)?;
    let kind = kind.map_or_else(|| "none".to_owned(), |kind| kind.to_string());
    match kind.to_ascii_lowercase().as_str() {
        "json" if is_media(value) => {
            Err(Error::new(ErrorKind::CannotUnpack, "an image, audio, pdf or video has no JSON"))
        }
        "json" => json_text(&data(value, 0)?),
        "yaml" => Ok(yaml::text(&data(value, 0)?)),
        "toon" => Ok(toon::text(&data(value, 0)?, &toon_options(&keywords)?)),
        _ => Err(invalid(&format!(
            "Unsupported format type '{kind}'. Supported types: 'yaml', 'json', 'toon'"
        ))),
    }
}

/// Compact JSON, with large floats as `1e20`.
fn json_text(data: &Json) -> Result<String, Error> {
    let failed = |detail: String| Error::new(ErrorKind::BadSerialization, detail);
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, PlainExponent);
    data.serialize(&mut serializer).map_err(|error| failed(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| failed(error.to_string()))
}

/// `value|tojson(indent)`: as the engine writes it, with large floats as `1e20`.
pub(crate) fn tojson(
    value: &Value,
    indent: Option<Value>,
    keywords: Kwargs,
) -> Result<Value, Error> {
    let json = minijinja::filters::tojson(value, indent, keywords)?;
    let text = json.as_str().unwrap_or_default();
    if !text.contains("e+") {
        return Ok(json);
    }
    let mut plain = String::with_capacity(text.len());
    let (mut quoted, mut escaped, mut before) = (false, false, None);
    for character in text.chars() {
        let sign_of_exponent = !quoted && character == '+' && before == Some('e');
        if !sign_of_exponent {
            plain.push(character);
        }
        quoted ^= character == '"' && !escaped;
        escaped = quoted && character == '\\' && !escaped;
        before = Some(character);
    }
    Ok(Value::from_safe_string(plain))
}

struct PlainExponent;

impl Formatter for PlainExponent {
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        writer.write_all(float_text(value).as_bytes())
    }
}

fn is_media(value: &Value) -> bool {
    value.downcast_object_ref::<MediaObject>().is_some()
}

fn invalid(detail: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, detail.to_owned())
}

fn toon_options(keywords: &Kwargs) -> Result<ToonOptions, Error> {
    let mut options = ToonOptions::default();
    if let Ok(Some(indent)) = keywords.get::<Option<Value>>("indent") {
        options.indent = indent.as_usize().unwrap_or(options.indent).min(toon::INDENT_MAX);
    }
    if let Some(delimiter) = written(keywords, "delimiter") {
        options.delimiter = match delimiter.as_str() {
            "comma" => Delimiter::Comma,
            "tab" => Delimiter::Tab,
            "pipe" => Delimiter::Pipe,
            other => {
                let detail = "Use 'comma', 'tab', or 'pipe'";
                return Err(invalid(&format!("Invalid delimiter '{other}'. {detail}")));
            }
        };
    }
    if let Some(marker) = written(keywords, "length_marker") {
        let mut characters = marker.chars();
        options.length_marker = match (characters.next(), characters.next()) {
            (Some(marker), None) => Some(marker),
            _ => {
                let detail = "length_marker must be a single character, got";
                return Err(invalid(&format!("{detail} '{marker}'")));
            }
        };
    }
    Ok(options)
}

fn written(keywords: &Kwargs, key: &str) -> Option<String> {
    let value: Option<Value> = keywords.has(key).then(|| keywords.get(key).ok()).flatten();
    value.map(|value| value.to_string())
}

/// The value as plain data, classes under their aliases.
fn data(value: &Value, depth: usize) -> Result<Json, Error> {
    if depth == DEPTH_MAX {
        return Err(invalid(&format!("nested deeper than {DEPTH_MAX} levels")));
    }
    if let Some(class) = value.downcast_object_ref::<ClassObject>() {
        let pairs =
            class.entries().map(|(key, item)| Ok((key.to_string(), data(item, depth + 1)?)));
        let entries: serde_json::Map<_, _> = pairs.collect::<Result<_, Error>>()?;
        return Ok(Json::Object(entries));
    }
    Ok(match value.kind() {
        ValueKind::Undefined | ValueKind::None => Json::Null,
        ValueKind::Bool => Json::Bool(value.is_true()),
        ValueKind::Number => number(value),
        ValueKind::Seq => {
            let items = value.try_iter()?.map(|item| data(&item, depth + 1));
            Json::Array(items.collect::<Result<_, _>>()?)
        }
        ValueKind::Map => {
            let mut entries = serde_json::Map::new();
            for (key, item) in
                value.as_object().and_then(|it| it.try_iter_pairs()).into_iter().flatten()
            {
                entries.insert(key.to_string(), data(&item, depth + 1)?);
            }
            or_text(entries, value)
        }
        _ => Json::String(value.to_string()),
    })
}

fn or_text(entries: serde_json::Map<String, Json>, value: &Value) -> Json {
    if entries.is_empty() { Json::String(value.to_string()) } else { Json::Object(entries) }
}

/// A float without a fraction is written as an int, where it fits one.
fn number(value: &Value) -> Json {
    if let Some(it) = value.as_i64() {
        return Json::from(it);
    }
    match f64::try_from(value.clone()) {
        Ok(it) if it.fract() == 0.0 && it.abs() < 9.2e18 => Json::from(it as i64),
        Ok(it) => serde_json::Number::from_f64(it).map_or(Json::Null, Json::Number),
        Err(_) => Json::String(value.to_string()),
    }
}

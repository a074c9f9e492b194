//! Values as JSON, for people and for callers who ask for that form.
//!
//! Invariant: classes and enums appear by their declared names, never by aliases; a checked or
//! stated value is an object around it.

use baml_schema::{Check, Media, MediaSource, State, Value};
use serde_json::{Map, Number, Value as Json, json};

/// A value as JSON. A float that JSON cannot write becomes null.
pub fn json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Int(number) => Json::from(*number),
        Value::Float(number) => Number::from_f64(*number).map_or(Json::Null, Json::Number),
        Value::String(text) => Json::String(text.to_string()),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(entries) => object(entries.iter()),
        Value::Class(class) => object(class.fields.iter()),
        Value::Enum(reference) => Json::String(reference.value.to_string()),
        Value::Media(media) => media_json(media),
        Value::Checked(checked) => {
            let checks: Map<String, Json> = checked.1.iter().map(check_json).collect();
            json!({ "value": json(&checked.0), "checks": checks })
        }
        Value::Stated(stated) => {
            let state = match stated.1 {
                State::Pending => "Pending",
                State::Incomplete => "Incomplete",
                State::Complete => "Complete",
            };
            json!({ "value": json(&stated.0), "state": state })
        }
    }
}

fn object<'a, K: ToString + 'a>(entries: impl Iterator<Item = (&'a K, &'a Value)>) -> Json {
    Json::Object(entries.map(|(name, value)| (name.to_string(), json(value))).collect())
}

fn check_json(check: &Check) -> (String, Json) {
    let status = if check.succeeded { "succeeded" } else { "failed" };
    let name = check.name.as_str();
    (name.into(), json!({ "name": name, "expression": check.expression, "status": status }))
}

fn media_json(media: &Media) -> Json {
    let mut out = Map::new();
    out.insert("$media".into(), media.kind.as_str().into());
    match &media.source {
        MediaSource::Url(url) => out.insert("url".into(), url.to_string().into()),
        MediaSource::Base64(data) => out.insert("base64".into(), data.to_string().into()),
    };
    if let Some(mime) = &media.mime {
        out.insert("media_type".into(), mime.as_str().into());
    }
    Json::Object(out)
}

//! Arguments of a call: JSON of the host language → values of the parameters' types.
//!
//! What lives here: the conversion, and every reason to refuse an argument at once, with its path.
//!
//! Invariant: a converted value fits its type; nothing is guessed, rounded or repaired.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use baml_jinja::Predicate;
use baml_schema::{
    Class, ClassId, ClassValue, Constraint, ConstraintKind, EnumId, EnumRef, Literal, Media,
    MediaKind, MediaSource, Param, Schema, Type, TypeKind, Value,
};
use indexmap::IndexMap;
use serde_json::Value as Json;
use smol_str::SmolStr;

use crate::type_text::{media_type_text, type_text};

/// How deep an argument may nest, counting lists, maps, classes and aliases.
pub const DEPTH_MAX: usize = 256;

/// How much of a refused value a message shows, in bytes.
const SHOWN_BYTES_MAX: usize = 2_000;

/// The largest whole number that a float holds without loss.
const EXACT_FLOAT_MAX: f64 = 9_007_199_254_740_992.0;

/// Why arguments were refused: every reason, in the order of the parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgumentError {
    /// Each reason begins with the parameter's name.
    pub reasons: Vec<String>,
}

impl fmt::Display for ArgumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, reason) in self.reasons.iter().enumerate() {
            let separator = if at == 0 { "" } else { "\n" };
            write!(f, "{separator}  Error: {reason}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ArgumentError {}

/// Converts the arguments of a call. Keys that name no parameter are ignored; an optional parameter
/// that is not given stays away, which a template sees as undefined.
pub fn convert_arguments(
    schema: &Schema,
    params: &[Param],
    args: &Json,
) -> Result<IndexMap<SmolStr, Value>, ArgumentError> {
    let mut values = IndexMap::with_capacity(params.len());
    let mut converter = Converter {
        schema,
        reasons: Vec::new(),
        path: Vec::new(),
        depth: 0,
        predicates: HashMap::new(),
    };
    for param in params {
        converter.path = vec![param.name.to_string()];
        match args.get(param.name.as_str()) {
            Some(json) => {
                if let Some(value) = converter.value(&param.ty, json) {
                    values.insert(param.name.clone(), value);
                }
            }
            None if is_optional(schema, &param.ty) => {}
            None => converter.refuse(format!("Missing required parameter: {}", param.name)),
        }
    }
    if converter.reasons.is_empty() {
        Ok(values)
    } else {
        Err(ArgumentError { reasons: converter.reasons })
    }
}

/// Whether `null` is a value of the type, seen through aliases.
fn is_optional(schema: &Schema, ty: &Type) -> bool {
    let mut ty = ty;
    for _ in 0..DEPTH_MAX {
        match &ty.kind {
            TypeKind::Alias(id) => ty = &schema.alias(*id).ty,
            _ => return ty.is_optional(),
        }
    }
    false
}

struct Converter<'a> {
    schema: &'a Schema,
    reasons: Vec<String>,
    path: Vec<String>,
    depth: usize,
    /// Asserts that were met before, so that a list of classes compiles them once.
    predicates: HashMap<&'a str, Result<Predicate, String>>,
}

impl<'a> Converter<'a> {
    fn refuse(&mut self, reason: impl fmt::Display) {
        self.reasons.push(format!("{}: {reason}", self.path.join(": ")));
    }

    fn expected<T>(&mut self, what: impl fmt::Display, got: &Json) -> Option<T> {
        self.refuse(format!("Expected {what}, got `{}`", shown(got)));
        None
    }

    fn value(&mut self, ty: &'a Type, json: &Json) -> Option<Value> {
        if self.depth == DEPTH_MAX {
            self.refuse(format!("nested deeper than {DEPTH_MAX} levels"));
            return None;
        }
        self.depth += 1;
        let value = self.shaped(ty, json);
        self.depth -= 1;
        let value = value.filter(|value| self.asserts_hold(&ty.constraints, value));
        let own = match &ty.kind {
            TypeKind::Class(id) => &self.schema.class(*id).constraints,
            TypeKind::Enum(id) => &self.schema.enumeration(*id).constraints,
            _ => return value,
        };
        value.filter(|value| self.asserts_hold(own, value))
    }

    /// Whether every assert holds; the first that does not is a reason.
    fn asserts_hold(&mut self, constraints: &'a [Constraint], value: &Value) -> bool {
        for constraint in constraints.iter().filter(|it| it.kind == ConstraintKind::Assert) {
            let predicate = self
                .predicates
                .entry(&constraint.expression)
                .or_insert_with_key(|source| Predicate::compile(source).map_err(|e| e.to_string()));
            let answer = match predicate {
                Ok(predicate) => predicate.holds(value).map_err(|error| error.to_string()),
                Err(message) => Err(message.clone()),
            };
            let name = constraint.name.as_ref().unwrap_or(&constraint.expression);
            match answer {
                Ok(true) => continue,
                Ok(false) => self.refuse(format!("Failed assert: {name}")),
                Err(message) => self.refuse(format!(
                    "Failed to evaluate assert: Error evaluating constraint: {message}"
                )),
            }
            return false;
        }
        true
    }

    fn shaped(&mut self, ty: &'a Type, json: &Json) -> Option<Value> {
        match (&ty.kind, json) {
            (TypeKind::String, Json::String(text)) => Some(Value::string(text.as_str())),
            (TypeKind::String, _) => self.expected("type String", json),
            (TypeKind::Int, _) => match whole(json) {
                Some(it) => Some(Value::Int(it)),
                None => self.expected("type Int", json),
            },
            (TypeKind::Float, Json::Number(it)) => it.as_f64().map(Value::Float),
            (TypeKind::Float, _) => self.expected("type Float", json),
            (TypeKind::Bool, Json::Bool(it)) => Some(Value::Bool(*it)),
            (TypeKind::Bool, _) => self.expected("type Bool", json),
            (TypeKind::Null, Json::Null) => Some(Value::Null),
            (TypeKind::Null, _) => self.expected("type Null", json),
            (TypeKind::Media(kind), _) => self.media(*kind, json),
            (TypeKind::Literal(literal), _) => self.literal(literal, json),
            (TypeKind::Enum(id), _) => self.enumeration(*id, json),
            (TypeKind::Class(id), Json::Object(entries)) => self.class(*id, entries),
            (TypeKind::Class(id), _) => {
                let name = self.schema.class(*id).name.clone();
                self.expected(format!("class {name}"), json)
            }
            (TypeKind::Alias(id), _) => self.value(&self.schema.alias(*id).ty, json),
            (TypeKind::List(item), Json::Array(items)) => self.list(item, items),
            (TypeKind::List(_), _) => self.expected("array", json),
            (TypeKind::Map(key, value), Json::Object(entries)) => self.map(key, value, entries),
            (TypeKind::Map(..), _) => self.expected("map", json),
            (TypeKind::Union(variants), _) => self.union(ty, variants, json),
        }
    }

    fn literal(&mut self, literal: &Literal, json: &Json) -> Option<Value> {
        let (fits, text) = match literal {
            Literal::String(it) => (json.as_str() == Some(it), format!("String({it:?})")),
            Literal::Int(it) => (whole(json) == Some(*it), format!("Int({it})")),
            Literal::Bool(it) => (json.as_bool() == Some(*it), format!("Bool({it})")),
        };
        if !fits {
            return self.expected(format!("literal {text}"), json);
        }
        Some(match literal {
            Literal::String(it) => Value::string(it.as_str()),
            Literal::Int(it) => Value::Int(*it),
            Literal::Bool(it) => Value::Bool(*it),
        })
    }

    fn enumeration(&mut self, id: EnumId, json: &Json) -> Option<Value> {
        let declared = self.schema.enumeration(id);
        let Json::String(text) = json else {
            self.refuse(format!("Invalid enum {}: Got `{}`", declared.name, shown(json)));
            return None;
        };
        if !declared.dynamic && !declared.values.iter().any(|value| value.name == text) {
            let names: Vec<&str> = declared.values.iter().map(|it| it.name.as_str()).collect();
            self.refuse(format!(
                "Invalid enum {}: expected one of ({}), got `{}`",
                declared.name,
                names.join(" | "),
                cut(text)
            ));
            return None;
        }
        let enumeration = declared.name.clone();
        Some(Value::Enum(Arc::new(EnumRef { enumeration, value: text.as_str().into() })))
    }

    fn class(&mut self, id: ClassId, entries: &serde_json::Map<String, Json>) -> Option<Value> {
        let class: &'a Class = self.schema.class(id);
        let before = self.reasons.len();
        // A class prints its fields in the order in which the caller wrote them.
        let mut fields = IndexMap::with_capacity(entries.len());
        for (key, json) in entries {
            let value = match class.fields.iter().find(|field| field.name == key) {
                Some(field) => self.value(&field.ty, json),
                None if class.dynamic => self.untyped(json),
                None => continue,
            };
            fields.extend(value.map(|value| (SmolStr::from(key.as_str()), value)));
        }
        for field in &class.fields {
            let given = entries.contains_key(field.name.as_str());
            if !given && !is_optional(self.schema, &field.ty) {
                self.refuse(format!(
                    "Missing required field `{}` for class {}",
                    field.name, class.name
                ));
            }
        }
        let fields = fields.into();
        (self.reasons.len() == before)
            .then(|| Value::Class(Arc::new(ClassValue { class: class.name.clone(), fields })))
    }

    /// A value that no type speaks of, such as an extra key of a dynamic class.
    fn untyped(&mut self, json: &Json) -> Option<Value> {
        if self.depth == DEPTH_MAX {
            self.refuse(format!("nested deeper than {DEPTH_MAX} levels"));
            return None;
        }
        self.depth += 1;
        let value = match json {
            Json::Null => Some(Value::Null),
            Json::Bool(it) => Some(Value::Bool(*it)),
            Json::Number(it) => match whole(json) {
                Some(it) => Some(Value::Int(it)),
                None => it.as_f64().map(Value::Float),
            },
            Json::String(text) => Some(Value::string(text.as_str())),
            Json::Array(items) => {
                let items: Option<Vec<_>> = items.iter().map(|item| self.untyped(item)).collect();
                items.map(Value::list)
            }
            Json::Object(entries) if entries.contains_key("$media") => self.any_media(json),
            Json::Object(entries) => {
                let convert = |(key, value): (&String, &Json)| {
                    self.untyped(value).map(|value| (SmolStr::from(key.as_str()), value))
                };
                let entries: Option<IndexMap<_, _>> = entries.iter().map(convert).collect();
                entries.map(|entries| Value::Map(Arc::new(entries)))
            }
        };
        self.depth -= 1;
        value
    }

    fn list(&mut self, item: &'a Type, items: &[Json]) -> Option<Value> {
        let before = self.reasons.len();
        let mut values = Vec::with_capacity(items.len());
        for json in items {
            values.extend(self.value(item, json));
        }
        (self.reasons.len() == before).then(|| Value::list(values))
    }

    fn map(
        &mut self,
        key_type: &'a Type,
        value_type: &'a Type,
        entries: &serde_json::Map<String, Json>,
    ) -> Option<Value> {
        let before = self.reasons.len();
        let mut values = IndexMap::with_capacity(entries.len());
        for (key, json) in entries {
            if key_type.kind != TypeKind::String {
                self.path.push("<key>".to_owned());
                self.value(key_type, &Json::String(key.clone()));
                self.path.pop();
            }
            self.path.push(cut(key).to_owned());
            if let Some(value) = self.value(value_type, json) {
                values.insert(SmolStr::from(key.as_str()), value);
            }
            self.path.pop();
        }
        (self.reasons.len() == before).then(|| Value::Map(Arc::new(values)))
    }

    /// The first variant that fits; the reasons of the others are dropped.
    fn union(&mut self, ty: &Type, variants: &'a [Type], json: &Json) -> Option<Value> {
        let before = self.reasons.len();
        for variant in variants {
            let value = self.value(variant, json);
            self.reasons.truncate(before);
            if value.is_some() {
                return value;
            }
        }
        self.expected(format!("one of {}", type_text(self.schema, ty)), json)
    }

    fn media(&mut self, kind: MediaKind, json: &Json) -> Option<Value> {
        match read_media(json) {
            Some(media) if media.kind == kind => Some(Value::Media(Arc::new(media))),
            Some(media) => {
                let got = media_type_text(media.kind);
                self.refuse(format!("Expected type {}, got `{got}`", media_type_text(kind)));
                None
            }
            None => self.expected(format!("type {}", media_type_text(kind)), json),
        }
    }

    fn any_media(&mut self, json: &Json) -> Option<Value> {
        match read_media(json) {
            Some(media) => Some(Value::Media(Arc::new(media))),
            None => self.expected("media", json),
        }
    }
}

/// `{"$media": kind, "url" | "base64": …, "media_type"?: …}`
fn read_media(json: &Json) -> Option<Media> {
    let text = |key: &str| json.get(key).and_then(Json::as_str);
    let kind = match text("$media")? {
        "image" => MediaKind::Image,
        "audio" => MediaKind::Audio,
        "pdf" => MediaKind::Pdf,
        "video" => MediaKind::Video,
        _ => return None,
    };
    let source = match (text("url"), text("base64")) {
        (Some(url), None) => MediaSource::Url(url.into()),
        (None, Some(data)) => MediaSource::Base64(data.into()),
        _ => return None,
    };
    Some(Media { kind, source, mime: text("media_type").map(SmolStr::from) })
}

/// An int, also one that the host writes as a float without a fraction.
fn whole(json: &Json) -> Option<i64> {
    let number = json.as_number()?;
    number.as_i64().or_else(|| {
        let float = number.as_f64()?;
        let exact = number.is_f64() && float.fract() == 0.0 && float.abs() < EXACT_FLOAT_MAX;
        exact.then_some(float as i64)
    })
}

/// A refused value as official messages show it, cut where it is long.
fn shown(json: &Json) -> String {
    let text = match json {
        Json::String(text) => format!("String({:?})", cut(text)),
        Json::Number(it) => format!("Number({it})").replace("e+", "e"),
        _ => format!("{json:#?}"),
    };
    cut(&text).to_owned()
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(SHOWN_BYTES_MAX)]
}

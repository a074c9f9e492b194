//! Values as constraint expressions see them: classes are maps of declared names, enums are text.
//!
//! Nothing is copied: lists, maps and classes are read in place, so a look at one field of a large
//! value costs nothing for the rest. Prompts see values differently; see `value`.

use std::fmt;
use std::sync::Arc;

use baml_schema::{ClassValue, Media, MediaSource, Value};
use indexmap::IndexMap;
use minijinja::value::{Enumerator, Object, ObjectRepr};
use smol_str::SmolStr;

/// The Jinja value of a BAML value.
pub fn value(value: &Value) -> minijinja::Value {
    match value {
        Value::Null => minijinja::Value::from(()),
        Value::Bool(it) => minijinja::Value::from(*it),
        Value::Int(it) => minijinja::Value::from(*it),
        Value::Float(it) => minijinja::Value::from(*it),
        Value::String(text) => minijinja::Value::from(text.clone()),
        Value::List(items) => minijinja::Value::from_object(List(items.clone())),
        Value::Map(entries) => minijinja::Value::from_object(Map(entries.clone())),
        Value::Class(class) => minijinja::Value::from_object(Class(class.clone())),
        Value::Enum(it) => minijinja::Value::from(it.value.as_str()),
        Value::Media(media) => self::media(media),
        Value::Checked(pair) => self::value(&pair.0),
        Value::Stated(pair) => self::value(&pair.0),
    }
}

fn media(media: &Media) -> minijinja::Value {
    let (key, text) = match &media.source {
        MediaSource::Url(text) => ("url", text),
        MediaSource::Base64(text) => ("base64", text),
    };
    minijinja::Value::from_iter([(key, minijinja::Value::from(text.clone()))])
}

#[derive(Debug)]
struct List(Arc<Vec<Value>>);

struct Map(Arc<IndexMap<SmolStr, Value>>);

struct Class(Arc<ClassValue>);

impl Object for List {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &minijinja::Value) -> Option<minijinja::Value> {
        self.0.get(key.as_usize()?).map(value)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.0.len())
    }
}

impl Object for Map {
    fn get_value(self: &Arc<Self>, key: &minijinja::Value) -> Option<minijinja::Value> {
        self.0.get(key.as_str()?).map(value)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        keys(self.0.keys())
    }
}

impl Object for Class {
    fn get_value(self: &Arc<Self>, key: &minijinja::Value) -> Option<minijinja::Value> {
        self.0.fields.get(key.as_str()?).map(value)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        keys(self.0.fields.keys())
    }
}

fn keys<'a>(names: impl Iterator<Item = &'a SmolStr>) -> Enumerator {
    Enumerator::Values(names.map(|key| minijinja::Value::from(key.as_str())).collect())
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Map").field(&self.0).finish()
    }
}

impl fmt::Debug for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Class").field(&self.0).finish()
    }
}

//! Values as prompts see them: how each prints, what its fields are, what it compares equal to.
//!
//! What lives here: the bridge from a BAML value and its schema to a Jinja value. A class prints as
//! a pretty map under its aliases and is read under its declared names; an enum prints its alias.
//!
//! Invariant: what a value prints is fixed when it is bridged; no template can change it.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use baml_schema::{Class, ClassValue, Enum, EnumRef, Media, Schema, Value};
use baml_syntax::Span;
use indexmap::IndexMap;
use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr};
use smol_str::SmolStr;

/// Turns values of one schema into Jinja values.
pub struct Bridge<'a> {
    /// Where aliases come from.
    pub schema: &'a Schema,
    /// Registers a medium and says which text stands for it in the rendered prompt.
    pub mark: &'a dyn Fn(&Arc<Media>) -> Arc<str>,
}

impl Bridge<'_> {
    /// The Jinja value of `value`. Linear in its size; texts are shared, not copied.
    pub fn value(&self, value: &Value) -> minijinja::Value {
        match value {
            Value::Null => minijinja::Value::from(()),
            Value::Bool(it) => minijinja::Value::from(*it),
            Value::Int(it) => minijinja::Value::from(*it),
            Value::Float(it) => minijinja::Value::from(*it),
            Value::String(text) => minijinja::Value::from(text.clone()),
            Value::List(items) => {
                let items = items.iter().map(|item| self.value(item)).collect();
                minijinja::Value::from_object(ListObject { items })
            }
            Value::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| (key.clone(), self.value(value)));
                minijinja::Value::from_object(MapObject { entries: entries.collect() })
            }
            Value::Class(class) => self.class(class),
            Value::Enum(it) => self.enumeration(it),
            Value::Media(media) => {
                let text = (self.mark)(media);
                minijinja::Value::from_object(MediaObject { media: media.clone(), text })
            }
            Value::Checked(pair) => self.value(&pair.0),
            Value::Stated(pair) => self.value(&pair.0),
        }
    }

    fn class(&self, value: &ClassValue) -> minijinja::Value {
        let class = self.schema.classes.get(&value.class).map(Arc::as_ref);
        let fields = value.fields.iter().map(|(name, value)| FieldEntry {
            name: name.clone(),
            key: class.and_then(|class| field_alias(class, name)).unwrap_or_else(|| name.clone()),
            value: self.value(value),
        });
        minijinja::Value::from_object(ClassObject { fields: fields.collect() })
    }

    fn enumeration(&self, value: &EnumRef) -> minijinja::Value {
        let declared = self.schema.enums.get(&value.enumeration);
        let text = declared.and_then(|it| value_alias(it, &value.value));
        minijinja::Value::from_object(EnumObject {
            enumeration: value.enumeration.clone(),
            name: value.value.clone(),
            text: text.unwrap_or_else(|| value.value.clone()),
        })
    }
}

/// The global that an enum's name is in a template: its values are read as attributes.
pub fn enum_global(declared: &Arc<Enum>) -> minijinja::Value {
    minijinja::Value::from_object(EnumType { declared: declared.clone() })
}

/// Aliases given by a type builder are for replies; arguments print the declared name.
fn field_alias(class: &Class, name: &str) -> Option<SmolStr> {
    let field = class.fields.iter().find(|field| field.name == name)?;
    if field.span == Span::default() { None } else { field.alias.clone() }
}

fn value_alias(declared: &Enum, name: &str) -> Option<SmolStr> {
    let value = declared.values.iter().find(|value| value.name == name)?;
    if value.span == Span::default() { None } else { value.alias.clone() }
}

/// A list argument: its `none` items print as `null`.
#[derive(Debug)]
pub(crate) struct ListObject {
    items: Vec<minijinja::Value>,
}

impl Object for ListObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &minijinja::Value) -> Option<minijinja::Value> {
        self.items.get(key.as_usize()?).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.items.len())
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.items.iter().map(Printed)).finish()
    }
}

/// A map argument; an enum value finds the entry of its name.
#[derive(Debug)]
pub(crate) struct MapObject {
    entries: IndexMap<SmolStr, minijinja::Value>,
}

impl Object for MapObject {
    fn get_value(self: &Arc<Self>, key: &minijinja::Value) -> Option<minijinja::Value> {
        match key.downcast_object_ref::<EnumObject>() {
            Some(key) => self.entries.get(key.name()).cloned(),
            None => self.entries.get(key.as_str()?).cloned(),
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let keys = self.entries.keys().map(|key| minijinja::Value::from(key.as_str()));
        // As the engine goes through its own maps: what `reverse` makes of them depends on it.
        Enumerator::RevIter(Box::new(keys.collect::<Vec<_>>().into_iter()))
    }
}

/// An instance of a class.
#[derive(Debug)]
pub(crate) struct ClassObject {
    fields: Vec<FieldEntry>,
}

#[derive(Debug)]
pub(crate) struct FieldEntry {
    name: SmolStr,
    key: SmolStr,
    value: minijinja::Value,
}

impl ClassObject {
    /// The keys that the model sees, with the values.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&SmolStr, &minijinja::Value)> {
        self.fields.iter().map(|field| (&field.key, &field.value))
    }
}

impl Object for ClassObject {
    fn get_value(self: &Arc<Self>, key: &minijinja::Value) -> Option<minijinja::Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<minijinja::Value> {
        self.fields.iter().find(|field| field.name == key).map(|field| field.value.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let names = self.fields.iter().map(|field| minijinja::Value::from(field.name.as_str()));
        Enumerator::Values(names.collect())
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#?}", PrettyClass(self))
    }
}

/// A class is printed over several lines, wherever it stands.
struct PrettyClass<'a>(&'a ClassObject);

impl fmt::Debug for PrettyClass<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.0.entries().map(|(key, value)| (key, Printed(value)));
        f.debug_map().entries(entries).finish()
    }
}

/// A value inside a list or class: `none` is `null` there.
struct Printed<'a>(&'a minijinja::Value);

impl fmt::Debug for Printed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_none() { f.write_str("null") } else { fmt::Debug::fmt(self.0, f) }
    }
}

/// A value of an enum.
#[derive(Debug)]
pub(crate) struct EnumObject {
    enumeration: SmolStr,
    name: SmolStr,
    text: SmolStr,
}

impl EnumObject {
    /// The declared name, which it compares equal to.
    pub(crate) fn name(&self) -> &SmolStr {
        &self.name
    }
}

impl Object for EnumObject {
    fn get_value(self: &Arc<Self>, key: &minijinja::Value) -> Option<minijinja::Value> {
        (key.as_str() == Some("value")).then(|| minijinja::Value::from(self.name.as_str()))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<Self>()?;
        Some((&self.name, &self.enumeration).cmp(&(&other.name, &other.enumeration)))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[derive(Debug)]
struct EnumType {
    declared: Arc<Enum>,
}

impl Object for EnumType {
    fn get_value(self: &Arc<Self>, key: &minijinja::Value) -> Option<minijinja::Value> {
        let value =
            self.declared.values.iter().find(|it| Some(it.name.as_str()) == key.as_str())?;
        Some(minijinja::Value::from_object(EnumObject {
            enumeration: self.declared.name.clone(),
            name: value.name.clone(),
            text: value_alias(&self.declared, &value.name).unwrap_or_else(|| value.name.clone()),
        }))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }
}

/// An image, audio, PDF or video: prints the mark that stands for it.
#[derive(Debug)]
pub(crate) struct MediaObject {
    media: Arc<Media>,
    text: Arc<str>,
}

impl Object for MediaObject {
    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<Self>()?;
        Some(if self.media == other.media { Ordering::Equal } else { self.text.cmp(&other.text) })
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

//! Values of BAML types: arguments on their way into a prompt, results on their way out of a reply.
//!
//! Invariant: composite values are shared (`Arc`), so a clone costs nothing and a finished part of
//! a growing reply is never copied.

use std::sync::Arc;

use indexmap::IndexMap;
use smol_str::SmolStr;

use crate::types::MediaKind;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// A bool.
    Bool(bool),
    /// An int.
    Int(i64),
    /// A float.
    Float(f64),
    /// A text.
    String(Arc<str>),
    /// A list.
    List(Arc<Vec<Value>>),
    /// A map, in the order of its source.
    Map(Arc<IndexMap<SmolStr, Value>>),
    /// An instance of a class.
    Class(Arc<ClassValue>),
    /// A value of an enum.
    Enum(Arc<EnumRef>),
    /// An image, audio, PDF or video.
    Media(Arc<Media>),
    /// A value with the outcome of its checks.
    Checked(Arc<(Value, Vec<Check>)>),
    /// A partial value with its state (`@stream.with_state`).
    Stated(Arc<(Value, State)>),
}

/// An instance of a class.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassValue {
    /// The class's name.
    pub class: SmolStr,
    /// Field names (never aliases) with their values.
    pub fields: Fields,
}

/// The fields of an instance, in order. All instances of a class may share the names.
///
/// Invariant: there is a value for each name, and no name stands twice.
#[derive(Clone, Debug)]
pub struct Fields {
    names: Arc<[SmolStr]>,
    values: Vec<Value>,
}

/// One value of an enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnumRef {
    /// The enum's name.
    pub enumeration: SmolStr,
    /// The value's declared name (never its alias).
    pub value: SmolStr,
}

/// The outcome of one `@check`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its name.
    pub name: SmolStr,
    /// Its expression.
    pub expression: SmolStr,
    /// Whether it held.
    pub succeeded: bool,
}

/// How far a value has come while its reply streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not begun.
    Pending,
    /// Begun.
    Incomplete,
    /// Closed.
    Complete,
}

/// An image, audio, PDF or video.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// What it is.
    pub kind: MediaKind,
    /// Where its bytes are.
    pub source: MediaSource,
    /// The MIME type that the user gave.
    pub mime: Option<SmolStr>,
}

/// Where a medium's bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaSource {
    /// At a URL.
    Url(Arc<str>),
    /// Here, in base64.
    Base64(Arc<str>),
}

impl Fields {
    /// The values of fields with these names, of which there are as many.
    pub fn new(names: Arc<[SmolStr]>, mut values: Vec<Value>) -> Self {
        debug_assert_eq!(names.len(), values.len());
        values.resize(names.len(), Value::Null);
        Self { names, values }
    }

    /// Names and values.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&SmolStr, &Value)> + Clone {
        self.names.iter().zip(&self.values)
    }

    /// The names.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &SmolStr> + Clone {
        self.names.iter()
    }

    /// The names, to share them.
    pub fn names(&self) -> &Arc<[SmolStr]> {
        &self.names
    }

    /// The values.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// A field's value.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.names.iter().position(|known| known == name).map(|at| &self.values[at])
    }

    /// A field's value, to change.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.names.iter().position(|known| known == name).map(|at| &mut self.values[at])
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

impl PartialEq for Fields {
    /// The same names with the same values; the order does not matter.
    fn eq(&self, other: &Self) -> bool {
        if Arc::ptr_eq(&self.names, &other.names) || self.names == other.names {
            return self.values == other.values;
        }
        self.len() == other.len() && self.iter().all(|(name, value)| other.get(name) == Some(value))
    }
}

/// Of a name that comes again the last value counts, at the place of the first.
impl FromIterator<(SmolStr, Value)> for Fields {
    fn from_iter<I: IntoIterator<Item = (SmolStr, Value)>>(fields: I) -> Self {
        let fields: IndexMap<SmolStr, Value> = fields.into_iter().collect();
        fields.into()
    }
}

impl From<IndexMap<SmolStr, Value>> for Fields {
    fn from(fields: IndexMap<SmolStr, Value>) -> Self {
        let (names, values): (Vec<SmolStr>, Vec<Value>) = fields.into_iter().unzip();
        Self { names: names.into(), values }
    }
}

impl Value {
    /// A text value.
    pub fn string(text: impl Into<Arc<str>>) -> Self {
        Self::String(text.into())
    }

    /// A list value.
    pub fn list(items: Vec<Value>) -> Self {
        Self::List(Arc::new(items))
    }
}

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
    pub fields: IndexMap<SmolStr, Value>,
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

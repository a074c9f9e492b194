//! Names resolved, types checked: the immutable [`Schema`], with [`Type`] and [`Value`].
//!
//! What lives here: what a project declares once it is understood, the rules that make it valid,
//! the values of its types, and the type builder that extends a schema for one call.
//! It may use `baml-syntax`. Prompts, replies and HTTP never enter.
//!
//! Invariant: a `Schema` never changes once built; everybody shares it behind an `Arc`.
//!
//! Data flow: `.baml` text ─► baml-syntax ─► **baml-schema** ─► baml-prompt, baml-reply ─► …

#![forbid(unsafe_code)]

pub mod builder;
mod builder_source;
pub mod catalogue;
pub mod check;
pub mod client;
pub mod project;
pub mod schema;
pub mod types;
pub mod value;

pub use check::check;
pub use client::{Client, OptionValue, RetryOptions, RetryPolicy, RetryStrategy};
pub use project::{ClientMode, Generator, Test};
pub use schema::{
    Alias, AliasId, Class, ClassId, ClientRef, Enum, EnumId, EnumValue, Field, Function, Param,
    Schema, TemplateString,
};
pub use types::{Constraint, ConstraintKind, Literal, MediaKind, StreamRules, Type, TypeKind};
pub use value::{Check, ClassValue, EnumRef, Fields, Media, MediaSource, State, Value};

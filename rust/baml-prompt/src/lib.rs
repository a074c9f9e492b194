//! Function + arguments → chat messages: argument conversion, output format, roles, media.
//!
//! It may use `baml-schema` and `baml-jinja`. Sockets never enter, nor how a provider spells a message.
//!
//! Invariant: roles and media are structure. No text, however an argument is written, can start a
//! message, change a role or swallow text.
//!
//! Data flow: baml-schema ─► **baml-prompt** ─► baml-provider

pub mod message;

pub use message::{Message, Part};

//! Function + arguments → chat messages: argument conversion, output format, roles, media.
//!
//! It may use `baml-schema` and `baml-jinja`. Sockets never enter, nor how a provider spells a
//! message.
//!
//! Invariant: roles and media are structure. No text, however an argument is written, can start a
//! message, change a role or swallow text.
//!
//! Data flow: baml-schema ─► **baml-prompt** ─► baml-provider

pub mod arguments;
mod context;
mod cycles;
mod marks;
pub mod message;
pub mod output_format;
pub mod output_options;
mod reach;
mod render;
mod type_text;

pub use arguments::{ArgumentError, convert_arguments};
pub use context::{ClientContext, PromptContext};
pub use message::{Message, Part};
pub use output_format::output_format;
pub use output_options::{HoistClasses, MapStyle, OutputOptions, Prefix};
pub use render::{PromptError, render};

//! The one Jinja environment: filters, value bridge, expression check and evaluation.
//!
//! What lives here: how BAML values look inside templates, BAML's filters and methods, the
//! evaluation of constraint expressions, and the static check of templates against argument types.
//! It may use `baml-schema` (and `baml-syntax` for diagnostics). Providers never enter.
//!
//! Invariant: a template ends: fuel bounds its steps, and running out is an error that names it.
//!
//! Data flow: baml-schema ─► **baml-jinja** ─► baml-prompt, baml-reply

pub mod check;
pub mod constraint;
mod data;
pub mod environment;
mod equality;
mod float;
mod pattern;
pub mod plain;
mod rewrite;
pub mod template;
mod toon;
pub mod value;
mod yaml;

pub use constraint::{ConstraintError, Predicate};
pub use template::TemplateError;
pub use value::Bridge;

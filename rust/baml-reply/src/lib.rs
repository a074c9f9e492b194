//! Model text → value: an incremental, tolerant reader with extraction, coercion, scoring, partials.
//!
//! It may use `baml-schema` and `baml-jinja` (constraints). Prompts and sockets never enter.
//!
//! Invariants: a partial after n bytes equals a fresh parse of those n bytes; the cost of a push or a
//! poll does not grow with n; every bound is a named constant.
//!
//! Data flow: text from baml-provider's events ─► **baml-reply** ─► partial and final `Value`s

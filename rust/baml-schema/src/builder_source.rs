//! BAML text given to a type builder: `class`, `enum`, `type` and `dynamic class|enum X { … }`.
//!
//! What lives here: how declarations become additions to the schema under construction. What a
//! declaration means is the resolver's business, which is asked for each of them.
//!
//! Invariant: text with an error adds nothing.

use crate::builder::{Builder, BuilderError};

/// Adds the declarations of `source`.
pub(crate) fn add(builder: &mut Builder, source: &str) -> Result<(), BuilderError> {
    let _ = &builder.schema;
    if source.trim().is_empty() {
        return Ok(());
    }
    Err(BuilderError::Source { rendered: "BAML text is not understood here yet".to_owned() })
}

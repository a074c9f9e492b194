//! BAML text given to a type builder: `class`, `enum`, `type` and `dynamic class|enum X { … }`.
//!
//! What lives here: how declarations become additions to the schema under construction. What a
//! declaration means is `check`'s business.
//!
//! Invariant: text with an error adds nothing.

use baml_syntax::{SourceMap, render};

use crate::builder::{Builder, BuilderError, ValuePatch};
use crate::check;

/// The name under which diagnostics show added text.
const SOURCE_NAME: &str = "TypeBuilder::add_baml";

/// Adds the declarations of `source`.
pub(crate) fn add(builder: &mut Builder, source: &str) -> Result<(), BuilderError> {
    let mut sources = SourceMap::default();
    sources.add(SOURCE_NAME, source);
    let mut added = check::additions(&builder.schema, &sources).map_err(|diagnostics| {
        BuilderError::Source { rendered: render::text(&diagnostics, &sources) }
    })?;
    added.append_to(&mut builder.schema);
    for (class, field) in added.fields {
        builder.add_field(&class, field);
    }
    for (enumeration, value) in added.values {
        let skip = value.skip.then_some(true);
        let patch = ValuePatch { alias: value.alias, description: value.description, skip };
        builder.add_value(&enumeration, &value.name, patch);
    }
    Ok(())
}

//! The check of a whole project, its Jinja included: any text yields a schema and diagnostics whose
//! places can be shown.

#![no_main]

use baml_syntax::{SourceMap, render};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut sources = SourceMap::default();
    sources.add("main.baml", text);
    let (schema, mut diagnostics) = baml_schema::check(&sources);
    diagnostics.extend(baml_jinja::check::check(&schema, &sources));
    render::text(&diagnostics, &sources);
    render::json(&diagnostics, &sources);
});

//! The formatter: what is formatted means the same, keeps its comments, and is formatted for good.

#![no_main]

use baml_syntax::{FileId, SourceMap, format, parse};
use libfuzzer_sys::fuzz_target;

/// The comments of a text.
fn comments(text: &str) -> Vec<&str> {
    let (tree, _) = parse(FileId::default(), text);
    let places = tree.comments.iter().map(|one| one.span.start as usize..one.span.end as usize);
    places.map(|place| text[place].trim_end()).collect()
}

/// What a text declares: the outline of its schema, and what is told of it.
fn meaning(text: &str) -> String {
    let mut sources = SourceMap::default();
    sources.add("main.baml", text);
    let (schema, found) = baml_schema::check(&sources);
    let told: Vec<_> = found.iter().map(|one| &one.message).collect();
    let classes: Vec<_> = schema
        .classes
        .values()
        .flat_map(|class| &class.fields)
        .map(|field| (&field.name, &field.ty.kind, &field.ty.description, &field.ty.alias))
        .map(|parts| without_places(&format!("{parts:?}")))
        .collect();
    let enums: Vec<_> = schema.enums.values().map(|one| (&one.name, one.values.len())).collect();
    let functions: Vec<_> = schema
        .functions
        .values()
        .map(|one| without_places(&format!("{:?}", (&one.name, &one.returns.kind, &one.prompt))))
        .collect();
    let clients: Vec<_> =
        schema.clients.values().map(|one| (&one.name, &one.provider, &one.options)).collect();
    let tests: Vec<_> = schema.tests.iter().map(|one| (&one.name, &one.args)).collect();
    format!("{told:?}{classes:?}{enums:?}{functions:?}{clients:?}{tests:?}")
}

fn without_places(text: &str) -> String {
    let mut parts = text.split("Span {");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| kept + part.split_once('}').map_or("", |(_, rest)| rest))
}

fuzz_target!(|text: &str| {
    let Ok(once) = format(text) else { return };
    assert_eq!(format(&once).as_ref(), Ok(&once), "formatted twice");
    assert_eq!(comments(text), comments(&once), "comments");
    assert_eq!(meaning(text), meaning(&once), "meaning");
});

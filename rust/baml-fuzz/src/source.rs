//! `.baml` text: parsed, checked, formatted; templates and constraints.

use baml_syntax::{FileId, SourceMap, render};

use crate::text_of;

/// Any text yields a tree whose spans lie in it, diagnostics that can be shown, stable formatting.
pub fn parse(bytes: &[u8]) {
    let text = text_of(bytes);
    let (tree, diagnostics) = baml_syntax::parse(FileId::default(), text);
    for item in &tree.items {
        let span = item.span();
        assert!(text.get(span.start as usize..span.end as usize).is_some(), "{span:?}");
    }
    let mut sources = SourceMap::default();
    sources.add("main.baml", text);
    render::text(&diagnostics, &sources);
    render::json(&diagnostics, &sources);
    if let Ok(once) = baml_syntax::format(text) {
        assert_eq!(baml_syntax::format(&once).as_ref(), Ok(&once));
    }
}

/// Any text yields a schema and diagnostics, those of its Jinja included, that can be shown.
pub fn check(bytes: &[u8]) {
    let mut sources = SourceMap::default();
    sources.add("main.baml", text_of(bytes));
    let (schema, mut diagnostics) = baml_schema::check(&sources);
    diagnostics.extend(baml_jinja::check::check(&schema, &sources));
    render::text(&diagnostics, &sources);
    render::json(&diagnostics, &sources);
}

/// What is formatted means the same, keeps its comments, and is formatted for good.
pub fn format(bytes: &[u8]) {
    let text = text_of(bytes);
    let Ok(once) = baml_syntax::format(text) else { return };
    assert_eq!(baml_syntax::format(&once).as_ref(), Ok(&once), "formatted twice");
    assert_eq!(comments(text), comments(&once), "comments");
    assert_eq!(meaning(text), meaning(&once), "meaning");
}

/// Any template over classes, enums, maps and options ends in findings.
pub fn jinja(bytes: &[u8]) {
    let text = text_of(bytes);
    if text.contains("\"#") {
        return;
    }
    let project = format!(
        "class K {{\n  name string\n  next K?\n  kinds E[]\n  m map<string, int>\n}}\n\
         enum E {{\n  A\n  B\n}}\n\
         template_string T(k: K, e: E, n: int, s: string?) #\"{text}\"#\n"
    );
    let mut sources = SourceMap::default();
    sources.add("main.baml", project);
    let (schema, _) = baml_schema::check(&sources);
    baml_jinja::check::check(&schema, &sources);
}

/// The comments of a text.
fn comments(text: &str) -> Vec<&str> {
    let (tree, _) = baml_syntax::parse(FileId::default(), text);
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

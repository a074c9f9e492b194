//! Formatting a project changes nothing of what it means: same schema, same diagnostics.

use baml_schema::check;
use baml_syntax::{SourceMap, format};

#[test]
fn every_recorded_source_means_the_same_when_formatted() {
    let mut compared = 0;
    for (name, text) in baml_testkit::sources() {
        let Ok(formatted) = format(&text) else { continue };
        assert_eq!(meaning(&text), meaning(&formatted), "{name}\n{formatted}");
        compared += 1;
    }
    assert!(compared > 200, "only {compared}");
}

/// The schema and the messages of a source, without their places.
fn meaning(text: &str) -> (String, Vec<String>) {
    let mut sources = SourceMap::default();
    sources.add("main.baml", text);
    let (schema, diagnostics) = check(&sources);
    let schema = without(&format!("{schema:?}"), "Span {", '}');
    let messages = diagnostics.into_iter().map(|found| found.message).collect();
    (without(&schema, "pieces: [", ']'), messages)
}

/// The text without everything from `open` to the next `close`.
fn without(text: &str, open: &str, close: char) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        kept.push_str(before);
        rest = after.split_once(close).map_or("", |(_, rest)| rest);
    }
    kept + rest
}

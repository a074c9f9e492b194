//! Formatting a project changes nothing of what it means: same schema, same diagnostics.
//!
//! Method: every source of the test data, as it is, with long names so that lines have to break,
//! and with typos in it.

use std::sync::Arc;

use baml_schema::check;
use baml_syntax::{FileId, SourceMap, format, parse};
use baml_testkit::typos;

/// Longer sources get no typos: each of them is checked twice.
const TYPO_BYTES_MAX: usize = 2_500;

/// Checks all that formatting promises of a text; whether it could be formatted.
fn holds(name: &str, text: &str) -> bool {
    let Ok(formatted) = format(text) else { return false };
    assert_eq!(format(&formatted).as_ref(), Ok(&formatted), "{name} a second time, of:\n{text}");
    assert_eq!(comments(text), comments(&formatted), "{name}\n{text}\n---\n{formatted}");
    assert_eq!(meaning(text), meaning(&formatted), "{name}\n{text}\n---\n{formatted}");
    true
}

#[test]
fn every_recorded_source_means_the_same_when_formatted() {
    let sources = baml_testkit::sources();
    let formatted = sources.iter().filter(|(name, text)| holds(name, text)).count();
    assert!(formatted > 200, "only {formatted}");
}

#[test]
fn sources_with_long_names_mean_the_same_when_formatted() {
    let mut broken = 0;
    for (name, text) in baml_testkit::sources() {
        let long = with_long_names(&text);
        if holds(&name, &long) {
            let lines = |text: &str| text.lines().count();
            broken += usize::from(format(&long).is_ok_and(|out| lines(&out) > lines(&long) + 2));
        }
    }
    assert!(broken > 50, "only {broken} had lines to break");
}

#[test]
fn sources_with_typos_mean_the_same_when_formatted() {
    let mut formatted = 0;
    for (name, text) in baml_testkit::sources() {
        if text.len() <= TYPO_BYTES_MAX {
            for typo in typos(&text, 1) {
                formatted += usize::from(holds(&format!("{name}, {}", typo.kind), &typo.text));
            }
        }
    }
    assert!(formatted > 2_000, "only {formatted}");
}

#[test]
fn sources_full_of_comments_keep_them_when_formatted() {
    let mut kept = 0;
    for (name, text) in baml_testkit::sources() {
        let lines = || text.lines().enumerate();
        let behind = lines().map(|(at, line)| format!("{line} // behind {at}\n"));
        let above = lines().map(|(at, line)| format!("// above {at}\n{line}\n{{// below //}}\n"));
        let [behind, above]: [Vec<String>; 2] = [behind.collect(), above.collect()];
        for commented in [behind.concat(), above.concat()] {
            kept += usize::from(holds(&name, &commented)) * comments(&commented).len();
        }
    }
    assert!(kept > 5_000, "only {kept} comments");
}

/// The text with more behind every word that begins with a capital.
fn with_long_names(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 4);
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for piece in text.split_inclusive(|c: char| !is_part(c)) {
        let word = piece.trim_end_matches(|c: char| !is_part(c));
        out.push_str(word);
        if word.starts_with(|c: char| c.is_ascii_uppercase()) {
            out.push_str("WithMoreBehindItThanFits");
        }
        out.push_str(&piece[word.len()..]);
    }
    out
}

fn comments(text: &str) -> Vec<&str> {
    let (tree, _) = parse(FileId::default(), text);
    let places = tree.comments.iter().map(|one| one.span.start as usize..one.span.end as usize);
    places.map(|place| text[place].trim_end()).collect()
}

/// The schema and the messages of a source, without their places.
fn meaning(text: &str) -> (String, Vec<String>) {
    let mut sources = SourceMap::default();
    sources.add("main.baml", text);
    let (mut schema, diagnostics) = check(&sources);
    for test in &mut schema.tests {
        // What a type builder holds is formatted too, and kept as a text.
        let test = Arc::make_mut(test);
        test.type_builder = test.type_builder.take().map(|text| words(&text).into());
    }
    let schema = without(&format!("{schema:?}"), "Span {", '}');
    let messages = diagnostics.into_iter().map(|found| found.message).collect();
    (without(&schema, "pieces: [", ']'), messages)
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
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

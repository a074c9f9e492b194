//! How long a project takes from text to a schema that calls can use: parsed, checked, its Jinja
//! checked. The goal: 2,000 lines in at most 5 ms, 10,000 in at most 25 ms.
//!
//! Method: copies of one project that is written like real ones, a file each, with names of their
//! own; `cargo bench -p baml-jinja --bench load` prints the times.

use std::collections::BTreeSet;

use baml_syntax::{SourceMap, render};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The names that a text declares: the words behind a keyword at the start of a line.
fn declared(text: &str) -> BTreeSet<&str> {
    let heads = text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
    let names = heads.filter_map(|line| line.split_once(' ')?.1.split(|c| !is_part(c)).next());
    names.collect()
}

/// The text with a number behind each of these names.
fn renamed(text: &str, names: &BTreeSet<&str>, number: usize) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some(start) = rest.find(is_part) {
        let end = rest[start..].find(|c| !is_part(c)).map_or(rest.len(), |len| start + len);
        out.push_str(&rest[..end]);
        if names.contains(&rest[start..end]) {
            out.push_str(&number.to_string());
        }
        rest = &rest[end..];
    }
    out + rest
}

/// A sound project of at least so many lines.
fn project(lines: usize) -> SourceMap {
    let path = baml_testkit::testdata().join("typo/helpdesk.baml");
    let text = std::fs::read_to_string(path).expect("a source of the test data");
    let names = declared(&text);
    let mut sources = SourceMap::default();
    for number in 0..lines.div_ceil(text.lines().count()) {
        sources.add(format!("part{number}.baml"), renamed(&text, &names, number));
    }
    sources
}

#[divan::bench(args = [2_000, 10_000])]
fn parse_and_check(bencher: Bencher, lines: usize) {
    let sources = project(lines);
    let (_, found) = baml_schema::check(&sources);
    assert!(found.is_empty(), "{}", render::text(&found, &sources));
    bencher.bench_local(|| baml_schema::check(black_box(&sources)));
}

#[divan::bench(args = [2_000, 10_000])]
fn parse_and_check_with_jinja(bencher: Bencher, lines: usize) {
    let sources = project(lines);
    bencher.bench_local(|| {
        let (schema, _) = baml_schema::check(black_box(&sources));
        baml_jinja::check::check(&schema, &sources)
    });
}

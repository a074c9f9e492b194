//! Case files: what is told about a project, word by word and with its excerpts.
//! Method: each file under `rust/testdata/check` holds a project and the rendered diagnostics. Every
//! id of the catalogue has a case of its name. `BAMLWIRE_BLESS=1` writes what is missing or differs.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use baml_schema::catalogue::{ENTRIES, Entry, explain};
use baml_syntax::{Diagnostic, SourceMap, render};
use baml_testkit::Case;

fn folder() -> PathBuf {
    baml_testkit::testdata().join("check")
}

fn entries() -> impl Iterator<Item = &'static Entry> {
    baml_syntax::catalogue::ENTRIES.iter().chain(ENTRIES)
}

fn check<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) -> (Vec<Diagnostic>, SourceMap) {
    let mut sources = SourceMap::default();
    for (name, text) in files {
        sources.add(name, text);
    }
    (baml_schema::check(&sources).1, sources)
}

fn bless() -> bool {
    std::env::var_os("BAMLWIRE_BLESS").is_some()
}

/// Writes a case for each id that has none.
fn write_missing() {
    for entry in entries() {
        let path = folder().join(format!("{}.txtar", entry.id));
        if !path.exists() {
            let text = format!(
                "{}: {}\n\n-- main.baml --\n{}-- diagnostics --\n",
                entry.id, entry.summary, entry.example
            );
            fs::write(path, text).expect("a writable folder");
        }
    }
}

#[test]
fn cases_are_told_as_recorded() {
    if bless() {
        fs::create_dir_all(folder()).expect("a writable folder");
        write_missing();
    }
    let mut wrong = Vec::new();
    for case in baml_testkit::cases("check") {
        let (found, sources) = check(case.sources());
        let got = render::text(&found, &sources);
        if got == case.section("diagnostics") {
            continue;
        }
        if bless() {
            write_case(&case, &got);
        } else {
            wrong.push(format!("{}\n{got}", case.path.display()));
        }
    }
    assert!(wrong.is_empty(), "{} cases differ:\n{}", wrong.len(), wrong.join("\n"));
}

fn write_case(case: &Case, diagnostics: &str) {
    let mut text = case.comment.clone();
    for (name, body) in &case.sections {
        let body = if name == "diagnostics" { diagnostics } else { body };
        text.push_str(&format!("-- {name} --\n{body}"));
    }
    fs::write(&case.path, text).expect("a writable folder");
}

#[test]
fn every_id_is_caused_by_its_example() {
    for entry in entries() {
        let (found, sources) = check([("main.baml", entry.example)].into_iter());
        assert!(
            found.iter().any(|one| one.id == entry.id),
            "{} is not among:\n{}",
            entry.id,
            render::text(&found, &sources)
        );
        assert_eq!(explain(entry.id), Some(entry));
    }
}

#[test]
fn ids_are_declared_once() {
    let mut seen = BTreeSet::new();
    for entry in entries() {
        assert!(seen.insert(entry.id), "{} is declared twice", entry.id);
        assert!(entry.summary.ends_with('.'), "{} has no sentence", entry.id);
    }
}

//! The catalogues and the sources agree: what is told is declared, what is declared is told.
//!
//! Method: the sources of all crates are read as text; ids are looked for by their spelling and by
//! the names of their constants.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use baml_jinja::check::catalogue;

/// Every source file of the crates, tests aside.
fn sources() -> Vec<(PathBuf, String)> {
    let crates = entries(&baml_testkit::testdata().with_file_name(""));
    let mut pending: Vec<PathBuf> = crates.iter().map(|folder| folder.join("src")).collect();
    pending.retain(|folder| folder.is_dir());
    let mut found = Vec::new();
    while let Some(folder) = pending.pop() {
        for path in entries(&folder) {
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|ext| ext == "rs") && !path.ends_with("tests.rs")
            {
                let text = fs::read_to_string(&path).expect("a readable source");
                found.push((path, text));
            }
        }
    }
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder of this repository");
    entries.map(|entry| entry.expect("a readable entry").path()).collect()
}

/// The ids that stand in a text, in quotes.
fn ids(text: &str) -> BTreeSet<&str> {
    let quoted = text.split('"').filter(|part| part.starts_with("E-") || part.starts_with("W-"));
    let is_id = |part: &&str| {
        part.len() > 2 && part[2..].bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
    };
    quoted.filter(is_id).collect()
}

/// The constants of the catalogues: `NAME = "E-…",`.
fn constants(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| {
        let (name, id) = line.trim().split_once(" = \"")?;
        let id = id.strip_suffix("\",")?;
        (id.starts_with("E-") || id.starts_with("W-")).then_some((name, id))
    })
}

#[test]
fn ids_are_spelt_in_the_catalogues_alone() {
    let known: BTreeSet<&str> = catalogue::all().map(|entry| entry.id).collect();
    assert_eq!(known.len(), catalogue::all().count(), "no id is declared twice");
    for (path, text) in sources() {
        let is_catalogue = path.file_name().is_some_and(|name| name == "catalogue.rs");
        for id in ids(&text) {
            assert!(known.contains(id), "{}: {id} is not in a catalogue", path.display());
            assert!(is_catalogue, "{}: {id} is spelt, its constant is meant", path.display());
        }
    }
}

#[test]
fn every_declared_id_is_told_somewhere() {
    let sources = sources();
    let (tables, rest): (Vec<_>, Vec<_>) = sources
        .iter()
        .partition(|(path, _)| path.file_name().is_some_and(|name| name == "catalogue.rs"));
    let declared: BTreeMap<&str, &str> =
        tables.iter().flat_map(|(_, text)| constants(text)).collect();
    assert_eq!(declared.len(), catalogue::all().count());
    let words: BTreeSet<&str> = rest
        .iter()
        .flat_map(|(_, text)| text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'))
        .collect();
    for (name, id) in declared {
        assert!(words.contains(name), "{id} is told nowhere");
    }
}

//! Every source text that this repository keeps as test data, for properties that hold of them all.
//!
//! Invariant: the order depends on the names alone.

use std::fs;
use std::path::{Path, PathBuf};

use crate::txtar::{Case, records, testdata};

/// Name and text of every `.baml` source: files, those of the recorded checks, those of the cases.
pub fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for path in files(&testdata()) {
        let name = path.display().to_string();
        match path.extension().and_then(|ext| ext.to_str()) {
            Some("baml") => found.push((name, read(&path))),
            Some("txtar") => {
                let case = Case::parse(&read(&path));
                found.extend(
                    case.sources().map(|(own, text)| (format!("{name}/{own}"), text.into())),
                );
            }
            // Only these hold sources; others nest deeper than a JSON reader goes.
            Some("jsonl") if path.parent().is_some_and(|dir| dir.ends_with("check")) => {
                for (id, record) in records(&path) {
                    let texts = record["files"].as_object().into_iter().flatten();
                    let texts = texts.filter_map(|(own, text)| Some((own, text.as_str()?)));
                    found.extend(texts.map(|(own, text)| (format!("{id}/{own}"), text.into())));
                }
            }
            _ => {}
        }
    }
    found
}

fn files(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![root.to_owned()];
    while let Some(dir) = pending.pop() {
        let entries = fs::read_dir(&dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
        for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
            if path.is_dir() { pending.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

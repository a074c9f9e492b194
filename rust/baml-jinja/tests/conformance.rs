//! The recorded verdicts on projects, compared with the schema's check and the Jinja check together.
//!
//! Goal: what the official tool says of each project — whether it loads, and each diagnostic's
//! severity, file, line and message. `BAMLWIRE_LIST=1` lists what differs, `BAMLWIRE_SHOW=id` shows it.

#![allow(clippy::print_stdout, clippy::unwrap_used)] // A report is printed; a bad record fails.

use std::collections::BTreeMap;
use std::env;
use std::path::PathBuf;

use baml_syntax::{Diagnostic, Severity, SourceMap};
use serde_json::Value;

/// Records that must agree at least; they only rise.
const OK_FLOOR: usize = 214;
const PLACES_FLOOR: usize = 211;
const MESSAGES_FLOOR: usize = 211;

/// One diagnostic as both sides tell it: file, line, severity, message.
type Item = (String, u64, String, String);

struct Outcome {
    id: String,
    ok: bool,
    places: bool,
    messages: bool,
}

#[test]
fn projects_get_the_recorded_verdicts() {
    let mut by_file: BTreeMap<String, Vec<Outcome>> = BTreeMap::new();
    for path in files() {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let records = baml_testkit::records(&path);
        let outcomes = records.iter().map(|(id, record)| run(id, record));
        by_file.insert(name, outcomes.collect());
    }
    let (mut all, mut ok, mut places, mut messages) = (0, 0, 0, 0);
    for (file, outcomes) in &by_file {
        let count = |of: fn(&Outcome) -> bool| outcomes.iter().filter(|o| of(o)).count();
        let (o, p, m) = (count(|o| o.ok), count(|o| o.places), count(|o| o.messages));
        println!("check/{file}: of {} agree: ok {o}, places {p}, messages {m}", outcomes.len());
        if env::var_os("BAMLWIRE_LIST").is_some() {
            list(outcomes);
        }
        all += outcomes.len();
        (ok, places, messages) = (ok + o, places + p, messages + m);
    }
    println!("check: ok {ok} of {all} agree, places {places}, messages {messages}");
    assert!(ok >= OK_FLOOR && places >= PLACES_FLOOR && messages >= MESSAGES_FLOOR);
}

fn files() -> Vec<PathBuf> {
    let folder = baml_testkit::testdata().join("conformance/check");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "jsonl"))
        .collect();
    files.sort();
    files
}

fn list(outcomes: &[Outcome]) {
    for outcome in outcomes.iter().filter(|o| !o.messages) {
        let what = match outcome {
            Outcome { ok: false, .. } => "ok",
            Outcome { places: false, .. } => "places",
            _ => "messages",
        };
        println!("  {} ({what})", outcome.id);
    }
}

fn run(id: &str, record: &Value) -> Outcome {
    let mut sources = SourceMap::default();
    for (name, text) in record["files"].as_object().unwrap() {
        sources.add(name.as_str(), text.as_str().unwrap());
    }
    let (schema, mut diagnostics) = baml_schema::check(&sources);
    diagnostics.extend(baml_jinja::check::check(&schema, &sources));
    let ok = diagnostics.iter().all(|found| found.severity != Severity::Error);
    let crashed = record["items"].is_null();
    let got = ours(&sources, &diagnostics);
    let wanted = theirs(record);
    let place = |item: &Item| (item.0.clone(), item.1, item.2.clone());
    let same_places = wanted.iter().map(place).eq(got.iter().map(place));
    if env::var("BAMLWIRE_SHOW").is_ok_and(|show| show == id || id.starts_with(&show)) {
        show(id, record, &wanted, &got);
    }
    Outcome {
        id: id.to_owned(),
        ok: record["ok"] == Value::Bool(ok),
        places: crashed || same_places,
        messages: crashed || wanted == got,
    }
}

fn show(id: &str, record: &Value, wanted: &[Item], got: &[Item]) {
    println!("=== {id}");
    for (name, text) in record["files"].as_object().unwrap() {
        println!("--- {name}");
        for (at, line) in text.as_str().unwrap().lines().enumerate() {
            println!("{:3} {line}", at + 1);
        }
    }
    println!("--- wanted (ok {})\n{wanted:#?}\n--- got\n{got:#?}", record["ok"]);
}

fn ours(sources: &SourceMap, diagnostics: &[Diagnostic]) -> Vec<Item> {
    let mut items: Vec<Item> = diagnostics
        .iter()
        .map(|found| {
            let file = sources.file(found.span.file);
            let (line, _) = file.line_column(found.span.start);
            let severity = match found.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            (file.name.to_string(), line.into(), severity.to_owned(), normal(&found.message))
        })
        .collect();
    items.sort();
    items
}

fn theirs(record: &Value) -> Vec<Item> {
    let empty = Vec::new();
    let mut items: Vec<Item> = record["items"]
        .as_array()
        .unwrap_or(&empty)
        .iter()
        .map(|item| {
            let text = |key: &str| item[key].as_str().unwrap().to_owned();
            (
                text("file"),
                item["start"][0].as_u64().unwrap(),
                text("severity"),
                normal(&text("message")),
            )
        })
        .collect();
    items.sort();
    items
}

/// A message without the words that say nothing.
fn normal(message: &str) -> String {
    let message = message.strip_prefix("Error validating:").unwrap_or(message);
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

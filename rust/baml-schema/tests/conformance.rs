//! The recorded verdicts on sources: does a project load, and what is told about it.
//! Method: check every record of kind `check`, compare `ok` and, item by item, file, severity, start
//! line and message. `BAMLWIRE_LIST=1` prints the ids that differ, `BAMLWIRE_SHOW=<id>` one in full.

#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;

use baml_syntax::{Diagnostic, Severity, SourceMap, render};
use serde_json::Value as Json;

/// Records whose `ok` agrees; rises only.
const OK_FLOOR: usize = 168;
/// Items that agree in file, severity and start line, in thousandths of all; rises only.
const PLACE_FLOOR: usize = 955;

/// (file, severity, line, message)
type Item = (String, String, u64, String);

struct Outcome {
    ok: bool,
    items: Vec<Item>,
    rendered: String,
}

fn run(files: &Json) -> Outcome {
    let mut sources = SourceMap::default();
    for (name, text) in files.as_object().into_iter().flatten() {
        sources.add(name.as_str(), text.as_str().unwrap_or_default());
    }
    let (_, found) = baml_schema::check(&sources);
    let item = |one: &Diagnostic| {
        let file = sources.file(one.span.file);
        let severity = if one.severity == Severity::Error { "error" } else { "warning" };
        let line = file.line_column(one.span.start).0;
        (file.name.to_string(), severity.to_owned(), u64::from(line), one.message.clone())
    };
    Outcome {
        ok: found.iter().all(|one| one.severity != Severity::Error),
        items: found.iter().map(item).collect(),
        rendered: render::text(&found, &sources),
    }
}

fn recorded(record: &Json) -> Vec<Item> {
    let text = |item: &Json, key: &str| item[key].as_str().unwrap_or_default().to_owned();
    record["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|item| {
            let line = item["start"][0].as_u64().unwrap_or_default();
            (text(item, "file"), text(item, "severity"), line, text(item, "message"))
        })
        .collect()
}

/// How many of `wanted` have a partner in `got`.
fn matched<T: PartialEq>(wanted: &[T], got: &[T]) -> usize {
    let mut left: Vec<&T> = got.iter().collect();
    let mut count = 0;
    for one in wanted {
        if let Some(at) = left.iter().position(|other| *other == one) {
            left.remove(at);
            count += 1;
        }
    }
    count
}

#[derive(Default)]
struct Tally {
    records: usize,
    ok: usize,
    items: usize,
    places: usize,
    messages: usize,
    whole: usize,
}

#[test]
fn check_records_agree() {
    let list = std::env::var_os("BAMLWIRE_LIST").is_some();
    let show = std::env::var("BAMLWIRE_SHOW").unwrap_or_default();
    let folder = match std::env::var_os("BAMLWIRE_RECORDS") {
        Some(path) => path.into(),
        None => baml_testkit::testdata().join("conformance/check"),
    };
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the recorded folder")
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"))
        .filter(|path| path.file_stem().is_none_or(|stem| stem != "jinja"))
        .collect();
    files.sort();
    let mut tally = Tally::default();
    let mut differing: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in files {
        for (id, record) in baml_testkit::records(&path) {
            let agrees = compare(&mut tally, &record, id == show);
            if !agrees {
                let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                differing.entry(file).or_default().push(id);
            }
        }
    }
    println!("check: {} of {} agree (ok)", tally.ok, tally.records);
    println!("check: {} of {} records agree in every item", tally.whole, tally.records);
    println!("check: {} of {} items agree in place", tally.places, tally.items);
    println!("check: {} of {} items agree in place and message", tally.messages, tally.items);
    if list {
        for (file, ids) in &differing {
            println!("{file}: {}", ids.join(" "));
        }
    }
    assert!(tally.ok >= OK_FLOOR, "{} records agree", tally.ok);
    assert!(tally.places * 1000 >= PLACE_FLOOR * tally.items, "{} items", tally.places);
}

/// Adds one record to the tally; whether it agrees in everything.
fn compare(tally: &mut Tally, record: &Json, show: bool) -> bool {
    let got = run(&record["files"]);
    let wanted_ok = record["ok"].as_bool().unwrap_or_default();
    let crashed = record["items"].is_null();
    let wanted = recorded(record);
    let place = |item: &Item| (item.0.clone(), item.1.clone(), item.2);
    let wanted_places: Vec<_> = wanted.iter().map(place).collect();
    let got_places: Vec<_> = got.items.iter().map(place).collect();
    // What is told too much counts like what is missing.
    let count = wanted.len().max(got.items.len());
    let places = matched(&wanted_places, &got_places);
    let messages = matched(&wanted, &got.items);
    tally.records += 1;
    if !crashed {
        tally.items += count;
        tally.places += places;
        tally.messages += messages;
    }
    let ok = crashed || got.ok == wanted_ok;
    let whole = ok && (crashed || messages == count);
    tally.ok += usize::from(ok);
    tally.whole += usize::from(whole);
    if show {
        for (name, text) in record["files"].as_object().into_iter().flatten() {
            println!("--- {name}\n{}", text.as_str().unwrap_or_default());
        }
        println!("wanted ok={wanted_ok} {wanted:#?}\ngot ok={} {:#?}", got.ok, got.items);
        println!("{}", got.rendered);
    }
    whole
}

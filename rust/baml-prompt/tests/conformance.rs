//! The recorded requests of the official runtime, as far as prompts go: roles and texts of
//! messages.
//!
//! How a request is spelled is tested with `baml-provider`. `BAMLWIRE_LIST=1` lists what differs,
//! `BAMLWIRE_SHOW=<id>` shows expected and got, `BAMLWIRE_RECORDS=<folder>` takes further answers
//! from there.
#![allow(clippy::print_stdout)]

mod records;

use std::path::PathBuf;

use records::{Records, agrees, expected};
use serde_json::{Value as Json, json};

/// From the folder of this crate, where its tests run.
const TESTDATA: &str = "../testdata";

const FILES: [&str; 10] = [
    "args",
    "jinja",
    "output-format",
    "output-options",
    "roles",
    "role-options",
    "whitespace",
    "files",
    "type-builder",
    "media",
];

/// How many records agreed when this was last changed; it only rises.
const FLOOR: usize = 385;

#[test]
fn prompts_agree_with_the_requests() {
    let folder = PathBuf::from(TESTDATA).join("conformance/request");
    let (agreed, total) = run(&mut Records::new(folder), &FILES);
    println!("prompt: {agreed} of {total} agree");
    assert!(agreed >= FLOOR, "{agreed} of {total} records agree, but {FLOOR} did before");
}

#[test]
fn prompts_agree_with_further_answers() {
    let own = PathBuf::from(TESTDATA).join("prompt/recorded");
    let folder = std::env::var_os("BAMLWIRE_RECORDS").map_or(own, PathBuf::from);
    let files = std::fs::read_dir(&folder).expect("the folder of recorded prompts");
    let mut names: Vec<String> = files
        .filter_map(|entry| {
            entry.ok()?.file_name().to_str()?.strip_suffix(".jsonl").map(str::to_owned)
        })
        .collect();
    names.sort();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (agreed, total) = run(&mut Records::new(folder), &names);
    println!("recorded: {agreed} of {total} agree");
    assert_eq!(agreed, total, "run with BAMLWIRE_LIST=1");
}

/// Runs the records of some files; a record that names a chosen difference must differ just so.
fn run(records: &mut Records, names: &[&str]) -> (usize, usize) {
    let show = std::env::var("BAMLWIRE_SHOW").unwrap_or_default();
    let list = std::env::var("BAMLWIRE_LIST").is_ok();
    let (mut agreed, mut total) = (0, 0);
    for name in names {
        let mut differing = Vec::new();
        for (id, record) in records.read(name) {
            let Some(expected) = expected(&record) else { continue };
            total += 1;
            let got = records.got(&record);
            let fits = match record.get("ours") {
                Some(ours) => *ours == as_json(&got),
                None => expected.iter().any(|expected| agrees(expected, &got)),
            };
            if fits {
                agreed += 1;
            } else {
                differing.push(id.clone());
            }
            if show == id {
                println!("{id}\nexpected {expected:#?}\ngot      {got:#?}\n{}", as_json(&got));
            }
        }
        if list && !differing.is_empty() {
            println!("{name}: {}", differing.join(" "));
        }
    }
    (agreed, total)
}

fn as_json(answer: &records::Answer) -> Json {
    match answer {
        Ok(told) => json!(told),
        Err(reason) => json!({ "error": reason.lines().next() }),
    }
}

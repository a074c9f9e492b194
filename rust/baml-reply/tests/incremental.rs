//! A reader fed in pieces says at every poll what a fresh reader of the same prefix says.
//!
//! Goal: equality for every recorded text, for cuts and polls chosen at random (the seed is in the
//! message of a failure), and for texts made by cutting recorded ones together.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use baml_reply::{Reader, Target, apply, parse, parse_partial};
use baml_schema::{Schema, Value};
use baml_syntax::SourceMap;
use serde_json::Value as Json;

/// Texts longer than this are polled at fewer places.
const POLLS_MAX: usize = 40;

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

fn records() -> Vec<(Arc<Target>, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/conformance/parse");
    let mut schemas: HashMap<String, Arc<Schema>> = HashMap::new();
    let mut targets: HashMap<(String, String), Arc<Target>> = HashMap::new();
    let mut found = Vec::new();
    let mut files: Vec<_> =
        fs::read_dir(&folder).expect("records").flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    for path in files {
        for line in fs::read_to_string(path).expect("records").lines() {
            let Ok(record) = serde_json::from_str::<Json>(line) else { continue };
            let Some(text) = record["text"].as_str() else { continue };
            let file = record["baml"].as_str().unwrap_or_default().to_owned();
            let function = record["function"].as_str().unwrap_or_default().to_owned();
            let schema = schemas.entry(file.clone()).or_insert_with(|| {
                let mut sources = SourceMap::default();
                let source = fs::read_to_string(folder.join(&file)).expect("a schema");
                sources.add(file.as_str(), source);
                Arc::new(baml_schema::check(&sources).0)
            });
            let Some(declared) = schema.functions.get(function.as_str()) else { continue };
            let target = targets.entry((file, function)).or_insert_with(|| {
                Arc::new(Target::new(Arc::clone(schema), declared.returns.clone()))
            });
            found.push((Arc::clone(target), text.to_owned()));
        }
    }
    found
}

fn check(target: &Arc<Target>, text: &str, seed: u64) {
    let mut random = Random(seed | 1);
    let mut reader = Reader::new(Arc::clone(target));
    let mut at = 0;
    let step = 1 + text.len() / POLLS_MAX;
    while at < text.len() {
        let mut next = (at + 1 + random.below(step * 2)).min(text.len());
        while !text.is_char_boundary(next) {
            next += 1;
        }
        reader.push(&text[at..next]);
        at = next;
        if random.below(4) == 0 && at < text.len() {
            continue;
        }
        let ours = format!("{:?}", reader.partial());
        let fresh = format!("{:?}", parse_partial(target, &text[..at]));
        assert_eq!(ours, fresh, "seed {seed}, after {:?}", &text[..at]);
    }
    let ours = format!("{:?}", reader.finish());
    assert_eq!(ours, format!("{:?}", parse(target, text)), "seed {seed}, all of {text:?}");
}

#[test]
fn reader_random_cuts_equals_fresh() {
    for (seed, (target, text)) in records().iter().enumerate() {
        check(target, text, 0x9E37_79B9 + seed as u64);
    }
}

/// Lends the reply for each poll, applies all changes, and compares with the partial wherever
/// nothing of a text is held back.
fn check_changes(target: &Arc<Target>, text: &str, seed: u64) {
    let mut random = Random(seed | 1);
    let mut reader = Reader::new(Arc::clone(target));
    let mut held: Option<Value> = None;
    let mut reply = Arc::new(String::new());
    let mut at = 0;
    let step = 1 + text.len() / POLLS_MAX;
    while at < text.len() {
        let mut next = (at + 1 + random.below(step * 2)).min(text.len());
        while !text.is_char_boundary(next) {
            next += 1;
        }
        Arc::make_mut(&mut reply).push_str(&text[at..next]);
        at = next;
        reader.exchange(&mut reply);
        reader.read_on();
        let changes = reader.changes();
        reader.exchange(&mut reply);
        assert_eq!((reply.as_str(), reader.text()), (&text[..at], ""));
        let Ok(Some(changes)) = changes else { continue };
        let value = held.get_or_insert(Value::Null);
        apply(value, &changes);
        let fresh = parse_partial(target, &text[..at]).ok().flatten();
        assert_eq!(
            format!("{:?}", Some(&*value)),
            format!("{:?}", fresh.as_ref()),
            "seed {seed}, after {:?}",
            &text[..at]
        );
    }
}

#[test]
fn changes_random_cuts_lead_to_partials() {
    for (seed, (target, text)) in records().iter().enumerate() {
        check_changes(target, text, 0xC2B2_AE35 + seed as u64);
    }
}

/// Of a repeated key the last value counts, also where what it replaces was told long before.
#[test]
fn changes_of_repeated_keys_lead_to_partials() {
    let mut sources = SourceMap::default();
    let json = "type Json = string | int | bool | null | Json[] | map<string, Json>";
    sources.add(
        "main.baml",
        format!("{json}\nfunction F() -> Json {{\n  client \"openai/x\"\n  prompt #\"x\"#\n}}\n"),
    );
    let (schema, _) = baml_schema::check(&sources);
    let ty = schema.functions["F"].returns.clone();
    let target = Arc::new(Target::new(Arc::new(schema), ty));
    let text =
        "{a:{}, b:{}, b:{c:{}}, a: 1, b:{c:{d: [1, 2], d: {}}, c: 2, e: []}, a: [{}], f: {}}";
    for seed in 0..200 {
        check_changes(&target, text, seed);
        check_changes(&target, "{\0:{}[]{}[]{}[]{[]{}}\0:/}", seed);
    }
}

/// What stands behind a fenced block without a value is read by itself, every byte of it.
#[test]
fn reader_text_after_an_empty_block_equals_fresh() {
    let (target, _) = &records()[0];
    let texts = [
        "```p\n```\n{\":\"\":\"\u{4600}\":",
        "```\n```\nso: {\"name\": \"a, b: c\", \"b\": \"d\"}",
    ];
    for seed in 0..100 {
        for text in texts {
            check(target, text, seed);
        }
    }
}

/// In a fenced block plain text is taken in runs, but for the white space at its end.
#[test]
fn reader_fenced_texts_equals_fresh() {
    for (seed, (target, text)) in records().iter().enumerate() {
        let seed = seed as u64;
        let text = text.replace("```", "``");
        let space = [" ", "  \n ", "\u{a0}\t", "\n\n"][seed as usize % 4];
        let words = text.replace(' ', space);
        check(target, &format!("So:\n```json\n{text}\n```\n"), seed);
        check(target, &format!("```\n{words} \n```\nand {text}"), seed);
        check_changes(target, &format!("```json\n[{words}\n "), seed);
        // A second block, and objects before one, are read beside what stands around them.
        check(target, &format!("```n\n{{{{\n```\n{words}\n```n\n\"\n```: so"), seed);
        check(target, &format!("```n\n[1]\n```\n```json\n\"{text}: so"), seed);
        check(target, &format!("See {text}.\n```json\n{words}\n"), seed);
        check_changes(target, &format!("Of {{\"a\": 1}}:\n```json\n{text}\n```\nor {text}"), seed);
    }
}

#[test]
fn reader_spliced_texts_equals_fresh() {
    let records = records();
    let mut random = Random(0x5DEE_CE66D);
    for round in 0..1_500 {
        let target = Arc::clone(&records[random.below(records.len())].0);
        let mut text = String::new();
        for _ in 0..=random.below(3) {
            let part = &records[random.below(records.len())].1;
            let (mut from, mut to) = (random.below(part.len() + 1), random.below(part.len() + 1));
            if from > to {
                std::mem::swap(&mut from, &mut to);
            }
            let chars: Vec<char> = part.chars().collect();
            text.extend(chars.iter().skip(from).take((to - from).min(300)));
        }
        check(&target, &text, round);
        check_changes(&target, &text, round);
    }
}

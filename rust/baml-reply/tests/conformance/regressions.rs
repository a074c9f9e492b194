//! How often a partial value takes back what an earlier one showed: ours beside the recorded ones.
//!
//! Each record's partials are walked in order, its final value last. Something is taken back where
//! a value goes, turns null, loses text or items, or becomes another one. What was null, empty or
//! the beginning of a text may grow. Ours must do so at most as often as the official runtime.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value as Json;

use super::{Corpus, answer, folder, normal, record_of, text_of};

/// How something was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// There was a value, then there was none to show.
    Hidden,
    /// A value became null.
    Null,
    /// A text became shorter, or begins otherwise.
    Text,
    /// A list or a map lost parts.
    Parts,
    /// A value became another one: a number had more digits, a union changed its mind.
    Other,
}

/// What was taken back in some sequences of partial values.
#[derive(Default)]
struct Count {
    kinds: BTreeMap<Kind, usize>,
    steps: usize,
    records: Vec<String>,
}

impl Count {
    fn walk(&mut self, id: &str, partials: &[Json], whole: Option<&Json>) {
        let mut shown: Option<&Json> = None;
        let mut found = Vec::new();
        let values = partials.iter().map(|entry| entry.get("value"));
        for value in values.chain(whole.map(Some)) {
            self.steps += 1;
            match (shown, value) {
                (Some(_), None) => found.push(Kind::Hidden),
                (Some(before), Some(after)) => compare(bare(before), bare(after), &mut found),
                (None, _) => {}
            }
            shown = value;
        }
        for kind in &found {
            *self.kinds.entry(*kind).or_default() += 1;
        }
        if !found.is_empty() {
            self.records.push(format!("{id} {found:?}"));
        }
    }

    fn of(&self, kind: Kind) -> usize {
        self.kinds.get(&kind).copied().unwrap_or(0)
    }

    fn all(&self) -> usize {
        self.kinds.values().sum()
    }
}

/// A value without its state and its checks.
fn bare(value: &Json) -> &Json {
    match value.as_object() {
        Some(map)
            if map.len() == 2 && (map.contains_key("state") || map.contains_key("checks")) =>
        {
            map.get("value").map_or(value, bare)
        }
        _ => value,
    }
}

fn compare(before: &Json, after: &Json, found: &mut Vec<Kind>) {
    match (before, after) {
        (Json::Null, _) => {}
        (_, Json::Null) => found.push(Kind::Null),
        (Json::String(before), Json::String(after)) => {
            if !after.starts_with(before.as_str()) {
                found.push(Kind::Text);
            }
        }
        (Json::Array(before), Json::Array(after)) => {
            if after.len() < before.len() {
                found.push(Kind::Parts);
            }
            for (before, after) in before.iter().zip(after) {
                compare(bare(before), bare(after), found);
            }
        }
        (Json::Object(before), Json::Object(after)) => {
            let lost = before.keys().any(|key| !after.contains_key(key));
            let won = after.keys().any(|key| !before.contains_key(key));
            match (lost, won) {
                (true, true) => return found.push(Kind::Other),
                (true, false) => found.push(Kind::Parts),
                _ => {}
            }
            for (key, before) in before {
                if let Some(after) = after.get(key) {
                    compare(bare(before), bare(after), found);
                }
            }
        }
        (Json::Number(_), Json::Number(_)) | (Json::Bool(_), Json::Bool(_)) => {
            if before != after {
                found.push(Kind::Other);
            }
        }
        _ => found.push(Kind::Other),
    }
}

#[test]
fn regressions_are_rarer_than_officially() {
    let mut corpus = Corpus { folder: folder(), schemas: super::HashMap::new(), shown: None };
    let (mut ours, mut official) = (Count::default(), Count::default());
    let files = fs::read_dir(folder()).expect("records").flatten().map(|entry| entry.path());
    for path in files.filter(|path| path.extension().is_some_and(|name| name == "jsonl")) {
        for line in fs::read_to_string(&path).expect("records").lines() {
            let record = record_of(line);
            let Some(recorded) = record["partials"].as_array() else { continue };
            let id = record["id"].as_str().unwrap_or_default();
            let recorded: Vec<Json> = recorded.iter().map(normal_entry).collect();
            official.walk(id, &recorded, record.get("final").map(normal).as_ref());
            let target = corpus.target(&record).expect("the schema is recorded");
            let told = answer(&target, &record, &text_of(&record));
            let partials = told["partials"].as_array().expect("partials were asked for");
            ours.walk(id, partials, told.get("final"));
        }
    }
    let kinds = [Kind::Hidden, Kind::Null, Kind::Text, Kind::Parts, Kind::Other];
    for kind in kinds {
        println!("taken back, {kind:?}: ours {}, official {}", ours.of(kind), official.of(kind));
    }
    println!(
        "taken back: ours {} of {} steps in {} records, official {} of {} in {}",
        ours.all(),
        ours.steps,
        ours.records.len(),
        official.all(),
        official.steps,
        official.records.len()
    );
    if std::env::var_os("BAMLWIRE_LIST").is_some() {
        println!("  ours: {}", ours.records.join(" "));
        println!("  official: {}", official.records.join(" "));
    }
    assert!(official.steps > 1_000, "there are records to compare with");
    for kind in kinds {
        assert!(ours.of(kind) <= official.of(kind), "{kind:?} is taken back more often");
    }
}

fn normal_entry(entry: &Json) -> Json {
    let mut entry = entry.clone();
    if let Some(value) = entry.get("value") {
        entry["value"] = normal(value);
    }
    entry
}

//! The recorded answers of the official runtime, run through this crate.
//!
//! Each record is compared as its README says: classes by key, numbers as floats, checks and states
//! as wrapped values. A partial agrees when at every cut the value, or the lack of one, is the same.

#![allow(clippy::print_stdout)] // What agrees and what differs is what a reader comes for.

#[path = "conformance/explanations.rs"]
mod explanations;
#[path = "conformance/regressions.rs"]
mod regressions;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use baml_reply::{Reader, Target, parse};
use baml_schema::{Schema, State, Value};
use baml_syntax::SourceMap;
use serde_json::{Map, Value as Json, json};

const FINALS_AGREE_MIN: f64 = 0.998;
const PARTIALS_AGREE_MIN: f64 = 0.99;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/conformance/parse")
}

/// Cases of single rules, recorded in the same form.
fn rules_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/reply")
}

/// Records of one's own, with their schemas beside them; no floor is asserted of those.
fn records_folder() -> Option<PathBuf> {
    std::env::var_os("BAMLWIRE_RECORDS").map(PathBuf::from)
}

fn schema_of(text: &str, name: &str) -> Arc<Schema> {
    let mut sources = SourceMap::default();
    sources.add(name, text);
    let (schema, _) = baml_schema::check(&sources);
    Arc::new(schema)
}

fn plain(value: &Value) -> Json {
    match value {
        Value::Null | Value::Media(_) => Json::Null,
        Value::Bool(value) => json!(value),
        Value::Int(int) => json!(*int as f64),
        Value::Float(float) => json!(if *float == 0.0 { 0.0 } else { *float }),
        Value::String(text) => json!(text.as_ref()),
        Value::List(items) => Json::Array(items.iter().map(plain).collect()),
        Value::Map(map) => {
            Json::Object(map.iter().map(|(key, value)| (key.to_string(), plain(value))).collect())
        }
        Value::Class(class) => Json::Object(
            class.fields.iter().map(|(key, value)| (key.to_string(), plain(value))).collect(),
        ),
        Value::Enum(value) => json!(value.value.as_str()),
        Value::Checked(checked) => {
            let checks: Map<String, Json> = checked
                .1
                .iter()
                .map(|check| {
                    let status = if check.succeeded { "succeeded" } else { "failed" };
                    let told = json!({
                        "name": check.name.as_str(),
                        "expression": check.expression.as_str(),
                        "status": status,
                    });
                    (check.name.to_string(), told)
                })
                .collect();
            json!({"value": plain(&checked.0), "checks": checks})
        }
        Value::Stated(stated) => {
            let state = match stated.1 {
                State::Pending => "Pending",
                State::Incomplete => "Incomplete",
                State::Complete => "Complete",
            };
            json!({"value": plain(&stated.0), "state": state})
        }
    }
}

/// Numbers as floats, keys sorted, so that equality is what the README calls equal.
fn normal(json: &Json) -> Json {
    match json {
        Json::Number(number) => {
            let float = number.as_f64().unwrap_or_default();
            json!(if float == 0.0 { 0.0 } else { float })
        }
        Json::Array(items) => Json::Array(items.iter().map(normal).collect()),
        Json::Object(map) => {
            if map.len() == 1 && map.contains_key("$number") {
                return json!(0.0);
            }
            let sorted: BTreeMap<&String, Json> =
                map.iter().map(|(key, value)| (key, normal(value))).collect();
            Json::Object(sorted.into_iter().map(|(key, value)| (key.clone(), value)).collect())
        }
        other => other.clone(),
    }
}

/// A record; a final value that nests too deep for `serde_json` stays text under `final_text`.
fn record_of(line: &str) -> Json {
    if let Ok(record) = serde_json::from_str(line) {
        return record;
    }
    let (head, deep) = line.split_once(",\"final\":").expect("only finals nest deep");
    let mut record: Json = serde_json::from_str(&format!("{head}}}")).expect("a record is JSON");
    record["final_text"] = json!(deep.trim_end().trim_end_matches('}'));
    record
}

/// Whether a value is what a deep final's text says, but for the braces at its end.
fn is_deep(value: &Value, text: &str) -> bool {
    let ours = plain(value).to_string().replace(".0", "");
    ours.trim_end_matches('}') == text
}

fn text_of(record: &Json) -> String {
    if let Some(text) = record["text"].as_str() {
        return text.to_owned();
    }
    let parts = record["text_parts"].as_array().cloned().unwrap_or_default();
    let repeat = |part: &Json| {
        part[0].as_str().unwrap_or_default().repeat(part[1].as_u64().unwrap_or(0) as usize)
    };
    parts.iter().map(repeat).collect()
}

fn cuts_of(record: &Json, text: &str) -> Vec<usize> {
    let count = text.chars().count();
    if let Some(chunks) = record["partial_chunks"].as_array() {
        let mut cuts = vec![0];
        for chunk in chunks {
            let length = chunk.as_str().unwrap_or_default().chars().count();
            cuts.push(cuts.last().copied().unwrap_or(0) + length);
        }
        return cuts;
    }
    let step = record["partial_step"].as_u64().unwrap_or(1) as usize;
    (0..count).step_by(step).chain([count]).collect()
}

#[derive(Default)]
struct Tally {
    agree: usize,
    of: usize,
}

impl Tally {
    fn add(&mut self, agrees: bool) {
        self.of += 1;
        self.agree += usize::from(agrees);
    }

    fn share(&self) -> f64 {
        if self.of == 0 { 1.0 } else { self.agree as f64 / self.of as f64 }
    }
}

/// What we answer: `final` or `error`, and the partials with equal neighbours merged.
fn answer(target: &Arc<Target>, record: &Json, text: &str) -> Json {
    let mut ours = json!({});
    match parse(target, text) {
        Ok(value) => ours["final"] = normal(&plain(&value)),
        Err(error) => ours["error"] = json!(error.to_string()),
    }
    if record.get("partials").is_none() {
        return ours;
    }
    let chars: Vec<char> = text.chars().collect();
    let mut reader = Reader::new(Arc::clone(target));
    let mut entries: Vec<Json> = Vec::new();
    let mut from = 0;
    for cut in cuts_of(record, text) {
        let cut = cut.min(chars.len());
        reader.push(&chars[from..cut].iter().collect::<String>());
        from = cut;
        let entry = match reader.partial() {
            Ok(Some(value)) => json!({"at": cut, "value": normal(&plain(&value))}),
            Ok(None) => json!({"at": cut, "error": "nothing to show yet"}),
            Err(error) => json!({"at": cut, "error": error.to_string()}),
        };
        if entries.last().is_none_or(|last| !same_partial(last, &entry)) {
            entries.push(entry);
        }
    }
    ours["partials"] = Json::Array(entries);
    ours
}

fn same_partial(a: &Json, b: &Json) -> bool {
    a.get("value").map(normal) == b.get("value").map(normal)
}

/// Whether an answer is the one that the list of chosen differences gives.
fn is_chosen(listed: &Json, ours: &Json) -> bool {
    if let Some(deep) = listed.as_str() {
        let told = ours.get("final").map(|value| value.to_string().replace(".0", ""));
        return told.is_some_and(|told| deep.contains(&told.replace(' ', "")));
    }
    let final_same = match (listed.get("final"), listed.get("error")) {
        (Some(value), _) => ours.get("final").map(normal) == Some(normal(value)),
        (None, Some(_)) => ours.get("error").is_some(),
        (None, None) => true,
    };
    let partials_same = match (listed.get("partials"), ours.get("partials")) {
        (Some(Json::Array(wanted)), Some(Json::Array(got))) => {
            wanted.len() == got.len()
                && wanted.iter().zip(got).all(|(a, b)| a["at"] == b["at"] && same_partial(a, b))
        }
        (None, _) => true,
        _ => false,
    };
    final_same && partials_same
}

fn differences() -> HashMap<String, Json> {
    let text = fs::read_to_string(folder().join("../differs.jsonl")).unwrap_or_default();
    // A line that nests too deep for `serde_json` stays text.
    let deep = |line: &str| {
        let id = line.split("\"id\": \"").nth(1).and_then(|rest| rest.split('"').next());
        json!({"kind": "parse", "id": id, "ours": line.replace(' ', "")})
    };
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| deep(line)));
    lines
        .filter(|listed: &Json| listed["kind"] == "parse")
        .map(|listed| {
            (listed["id"].as_str().unwrap_or_default().to_owned(), listed["ours"].clone())
        })
        .collect()
}

struct Corpus {
    folder: PathBuf,
    schemas: HashMap<String, Arc<Schema>>,
    shown: Option<String>,
}

impl Corpus {
    fn target(&mut self, record: &Json) -> Option<Arc<Target>> {
        let file = record["baml"].as_str()?;
        let base = self.schemas.entry(file.to_owned()).or_insert_with(|| {
            let own = self.folder.join(file);
            let path = if own.exists() { own } else { folder().join(file) };
            let text = fs::read_to_string(path).expect("the schema is recorded");
            schema_of(&text, file)
        });
        let schema = match record["type_builder"].as_str() {
            Some(source) => {
                let ops = json!([{"op": "baml", "source": source}]);
                Arc::new(baml_schema::builder::extend(base, &ops).ok()?)
            }
            None => Arc::clone(base),
        };
        let function = schema.functions.get(record["function"].as_str()?)?;
        let ty = function.returns.clone();
        Some(Arc::new(Target::new(schema, ty)))
    }

    fn final_agrees(&self, target: &Arc<Target>, record: &Json, text: &str) -> bool {
        let ours = parse(target, text);
        let agrees = match (&ours, record.get("final")) {
            (Ok(value), Some(wanted)) => normal(&plain(value)) == normal(wanted),
            (Ok(value), None) if record["final_text"].is_string() => {
                is_deep(value, record["final_text"].as_str().unwrap_or_default())
            }
            (Err(_), None) => !record["final_text"].is_string(),
            _ => false,
        };
        if self.shown.as_deref() == record["id"].as_str() {
            println!("text: {text:?}");
            println!("wanted: {}", record.get("final").unwrap_or(&record["error"]));
            match &ours {
                Ok(value) => println!("ours:   {}", plain(value)),
                Err(error) => println!("ours:   {}", error.reasons()),
            }
        }
        agrees
    }

    fn partials_agree(&self, target: &Arc<Target>, record: &Json, text: &str) -> bool {
        let wanted = record["partials"].as_array().expect("partials are a list");
        let chars: Vec<char> = text.chars().collect();
        let mut reader = Reader::new(Arc::clone(target));
        let mut from = 0;
        let mut agrees = true;
        for cut in cuts_of(record, text) {
            let cut = cut.min(chars.len());
            let piece: String = chars[from..cut].iter().collect();
            from = cut;
            reader.push(&piece);
            let entry = wanted.iter().rev().find(|entry| entry["at"].as_u64() <= Some(cut as u64));
            let entry = entry.expect("the first entry is at 0");
            let ours = reader.partial();
            let same = match (&ours, entry.get("value")) {
                (Ok(Some(value)), Some(wanted)) => normal(&plain(value)) == normal(wanted),
                (Ok(None) | Err(_), None) => true,
                _ => false,
            };
            agrees &= same;
            if !same && self.shown.as_deref() == record["id"].as_str() {
                println!("at {cut}: {:?}", chars[..cut].iter().collect::<String>());
                println!("  wanted: {}", entry.get("value").unwrap_or(&entry["error"]));
                match &ours {
                    Ok(Some(value)) => println!("  ours:   {}", plain(value)),
                    Ok(None) => println!("  ours:   nothing"),
                    Err(error) => println!("  ours:   {}", error.reasons()),
                }
            }
        }
        agrees
    }
}

#[test]
fn records_parse_agree() {
    let other = records_folder();
    let (finals, partials) = run(&other.clone().unwrap_or_else(folder));
    if other.is_none() && std::env::var_os("BAMLWIRE_SHOW").is_none() {
        assert!(finals.share() >= FINALS_AGREE_MIN, "finals agree less than they did");
        assert!(partials.share() >= PARTIALS_AGREE_MIN, "partials agree less than they did");
    }
}

#[test]
fn rules_hold_in_their_cases() {
    let (finals, partials) = run(&rules_folder());
    assert!(finals.of > 0, "there are cases");
    if std::env::var_os("BAMLWIRE_SHOW").is_none() {
        assert_eq!((finals.agree, partials.agree), (finals.of, partials.of));
    }
}

/// Runs the records of a folder; how many finals and partials agree.
fn run(records: &Path) -> (Tally, Tally) {
    let shown = std::env::var("BAMLWIRE_SHOW").ok();
    let list = std::env::var_os("BAMLWIRE_LIST").is_some();
    let tell = std::env::var_os("BAMLWIRE_OURS").is_some();
    let chosen = differences();
    let mut choices = 0;
    let mut corpus = Corpus { folder: records.to_owned(), schemas: HashMap::new(), shown };
    let mut finals = Tally::default();
    let mut partials = Tally::default();
    let mut files: Vec<PathBuf> =
        fs::read_dir(records).expect("records").flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    for path in files {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let (mut own_finals, mut own_partials) = (Tally::default(), Tally::default());
        let mut differing = Vec::new();
        for line in fs::read_to_string(&path).expect("records").lines() {
            let record = record_of(line);
            let id = record["id"].as_str().unwrap_or_default().to_owned();
            if corpus.shown.as_ref().is_some_and(|shown| *shown != id) {
                continue;
            }
            let text = text_of(&record);
            let Some(target) = corpus.target(&record) else {
                differing.push(format!("{id} (no target)"));
                own_finals.add(false);
                continue;
            };
            let mut agrees = corpus.final_agrees(&target, &record, &text);
            let has_partials = record.get("partials").is_some();
            let mut partials_agree =
                !has_partials || corpus.partials_agree(&target, &record, &text);
            if !agrees || !partials_agree {
                let ours = answer(&target, &record, &text);
                if chosen.get(&id).is_some_and(|listed| is_chosen(listed, &ours)) {
                    choices += 1;
                    (agrees, partials_agree) = (true, true);
                } else if tell {
                    println!("OURS {}", json!({"id": id, "ours": ours}));
                }
            }
            own_finals.add(agrees);
            if !agrees {
                differing.push(id.clone());
            }
            if has_partials {
                own_partials.add(partials_agree);
                if !partials_agree {
                    differing.push(format!("{id}/p"));
                }
            }
        }
        println!(
            "parse {name}: finals {} of {}, partials {} of {} agree",
            own_finals.agree, own_finals.of, own_partials.agree, own_partials.of
        );
        if list && !differing.is_empty() {
            println!("  {}", differing.join(" "));
        }
        finals.agree += own_finals.agree;
        finals.of += own_finals.of;
        partials.agree += own_partials.agree;
        partials.of += own_partials.of;
    }
    println!("parse: {} of {} agree ({choices} records by choice)", finals.agree, finals.of);
    println!("parse partials: {} of {} agree", partials.agree, partials.of);
    (finals, partials)
}

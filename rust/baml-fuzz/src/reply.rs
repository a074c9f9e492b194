//! Replies of models: read in pieces, shown as changes, written down in the wire form.

use std::sync::{Arc, LazyLock};

use baml_reply::{Reach, Reader, Target, apply, parse, parse_partial};
use baml_runtime::{plain, wire as form};
use baml_schema::Value;
use baml_syntax::SourceMap;

use crate::{choices, text_of, wire_text};

const PROJECT: &str = r#"
class Person {
  name string @alias("Name")
  age int?
  mood Mood
  tags string[] @stream.done
  boss Person?
  extra map<string, float | bool>
  any Json @check(small, {{ this|length < 9 }})
}
class Note {
  text string @stream.with_state
  parts (Note | string)[] @stream.with_state
  count int @stream.not_null
}
enum Mood {
  Good @alias("fine")
  Bad
}
type Json = string | int | bool | null | Json[] | map<string, Json>
"#;

/// What replies are read as.
const RETURNS: [&str; 9] = [
    "Person",
    "Person[] | string",
    "Note",
    "Json",
    "(Note | Person)[]",
    "map<string, Note[]> | Note",
    "Mood?",
    "int | float",
    "(\"yes\" | 7 | true)[]",
];

static TARGETS: LazyLock<Vec<Arc<Target>>> = LazyLock::new(|| {
    let mut project = PROJECT.to_owned();
    for (at, returns) in RETURNS.iter().enumerate() {
        project += &format!(
            "function F{at}() -> {returns} {{\n  client \"openai/x\"\n  prompt #\"x\"#\n}}\n"
        );
    }
    let mut sources = SourceMap::default();
    sources.add("main.baml", project);
    let (schema, diagnostics) = baml_schema::check(&sources);
    let schema = Arc::new(schema);
    let returns = schema.functions.values().map(|function| function.returns.clone());
    let targets: Vec<_> =
        returns.map(|ty| Arc::new(Target::new(Arc::clone(&schema), ty))).collect();
    assert_eq!(targets.len(), RETURNS.len(), "{diagnostics:?}");
    targets
});

/// Of texts longer than this the last characters may be told later than they are shown.
const TEXT_MAX: usize = 1_000;

/// How many bytes the next so many characters take.
fn cut_of(rest: &str, step: usize) -> usize {
    rest.char_indices().nth(step % 16 + 1).map_or(rest.len(), |(at, _)| at)
}

/// Any text in any pieces ends in a value or an error, the same as of the whole text.
pub fn reply(bytes: &[u8]) {
    let Some((which, step, rest)) = choices(bytes) else { return };
    let (target, text) = (&TARGETS[which % TARGETS.len()], text_of(rest));
    let mut reader = Reader::new(Arc::clone(target));
    let mut rest = text;
    while !rest.is_empty() {
        let cut = cut_of(rest, step);
        reader.push(&rest[..cut]);
        let _ = reader.partial();
        rest = &rest[cut..];
    }
    let (whole, pieces) = (parse(target, text), reader.finish());
    assert_eq!(whole.is_ok(), pieces.is_ok());
    // What explains the value is the reading that gave it.
    match reader.explain(Reach::Whole) {
        Ok(told) => {
            assert_eq!(told.refused.is_none(), pieces.is_ok());
            if pieces.is_ok() {
                assert_eq!(told.score, reader.score());
            }
        }
        Err(_) => assert!(pieces.is_err()),
    }
    if let (Ok(whole), Ok(pieces)) = (whole, pieces) {
        assert_eq!(format!("{whole:?}"), format!("{pieces:?}"));
    }
}

/// The changes told at each poll lead to what a fresh reader of the same prefix shows.
pub fn changes(bytes: &[u8]) {
    let Some((which, step, rest)) = choices(bytes) else { return };
    let (target, text) = (&TARGETS[which % TARGETS.len()], text_of(rest));
    if text.len() > TEXT_MAX {
        return;
    }
    let mut reader = Reader::new(Arc::clone(target));
    let mut held: Option<Value> = None;
    let mut at = 0;
    while at < text.len() {
        let cut = cut_of(&text[at..], step);
        reader.push(&text[at..at + cut]);
        at += cut;
        if step & 16 != 0 && at.is_multiple_of(3) {
            continue;
        }
        let told = reader.changes();
        let fresh = parse_partial(target, &text[..at]);
        assert_eq!(told.is_ok(), fresh.is_ok());
        if let Ok(Some(changes)) = told {
            let value = held.get_or_insert(Value::Null);
            apply(value, &changes);
            let value: Result<_, ()> = Ok(Some(value));
            assert_eq!(format!("{value:?}"), format!("{:?}", fresh.map_err(drop)));
        }
    }
}

/// Every value and all changes of a reply are written in the wire form as its page says: read back
/// from there, a value is the same as in the JSON form.
pub fn wire(bytes: &[u8]) {
    let Some((which, step, rest)) = choices(bytes) else { return };
    let (target, text) = (&TARGETS[which % TARGETS.len()], text_of(rest));
    for value in [parse(target, text).ok(), parse_partial(target, text).ok().flatten()] {
        let Some(value) = value else { continue };
        let told = wire_text::value(&form::whole(&value)).expect("a whole message");
        assert_eq!(told, plain::json(&value));
    }
    let mut reader = Reader::new(Arc::clone(target));
    let mut rest = text;
    while !rest.is_empty() {
        let cut = cut_of(rest, step);
        reader.push(&rest[..cut]);
        rest = &rest[cut..];
        if let Ok(Some(changes)) = reader.changes() {
            let count = wire_text::changes(&form::changes(&changes)).expect("a whole message");
            assert_eq!(count, changes.len());
        }
    }
}

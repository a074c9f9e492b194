//! What a reader holds while a reply streams is bounded by a multiple of the reply.
//!
//! Method: an allocator that counts. What is counted is what lives after each poll, the reply's own
//! copy included, and the most that lived at any moment, where a block that grows counts twice while
//! it moves. The changes told are the caller's.

use std::fmt::Write;
use std::sync::Arc;

use baml_reply::{Reader, Target};
use baml_syntax::SourceMap;
use peak_alloc::PeakAlloc;

const PIECE_BYTES: usize = 20;
const REPLY_BYTES: usize = 500_000;
/// How many times the reply a reader may hold.
const TIMES_MAX: f64 = 3.0;
/// Of a map of small entries: the keys are kept, since a later one may repeat one of them.
const MAP_TIMES_MAX: f64 = 4.0;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const SCHEMA: &str = r"
class Item {
  name string
  count int
  note string?
  tags string[]
}
class Long {
  text string
}
class Holder {
  title string?
  items Item[]
  more Item[]?
}
type Json = int | float | bool | string | null | Json[] | map<string, Json>
";

const TYPES: &[&str] =
    &["Item[]", "Item[] | string", "Holder", "Long", "Json", "map<string, Item>"];

fn targets() -> Vec<Arc<Target>> {
    let mut source = SCHEMA.to_owned();
    for (at, ty) in TYPES.iter().enumerate() {
        let _ = writeln!(
            source,
            "function F{at}(x: string) -> {ty} {{\n  client \"openai/x\"\n  prompt #\"x\"#\n}}"
        );
    }
    let mut sources = SourceMap::default();
    sources.add("main.baml", source);
    let (schema, diagnostics) = baml_schema::check(&sources);
    let schema = Arc::new(schema);
    let target = |at: usize| {
        let found = schema.functions.get(format!("F{at}").as_str());
        let ty = found.unwrap_or_else(|| panic!("{diagnostics:?}")).returns.clone();
        Arc::new(Target::new(Arc::clone(&schema), ty))
    };
    (0..TYPES.len()).map(target).collect()
}

fn items(bytes: usize, key: bool) -> String {
    let mut text = String::new();
    for at in 0.. {
        if text.len() >= bytes {
            break;
        }
        text.push_str(if at == 0 { "" } else { ", " });
        if key {
            let _ = write!(text, "\"key{at}\": ");
        }
        let _ = write!(
            text,
            "{{\"name\": \"item number {at}\", \"count\": {at}, \"note\": \"some words\", \
             \"tags\": [\"a\", \"b{at}\"]}}"
        );
    }
    text
}

fn text(ty: &str) -> String {
    match ty {
        "Long" => format!("{{\"text\": \"{}\"}}", "words and words ".repeat(REPLY_BYTES / 16)),
        "map<string, Item>" => format!("{{{}}}", items(REPLY_BYTES, true)),
        "Holder" => {
            let half = items(REPLY_BYTES / 2, false);
            format!("{{\"title\": \"all\", \"items\": [{half}], \"more\": [{half}]}}")
        }
        _ => format!("[{}]", items(REPLY_BYTES, false)),
    }
}

/// What lives after polls and at any moment, at most, as multiples of the reply so far.
fn hold(target: &Arc<Target>, text: &str) -> (f64, f64) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let mut reader = Reader::new(Arc::clone(target));
    let mut held = 0;
    for piece in text.as_bytes().chunks(PIECE_BYTES) {
        reader.push(std::str::from_utf8(piece).expect("the replies are ASCII"));
        drop(reader.changes());
        held = held.max(MEMORY.current_usage() - before);
    }
    let most = MEMORY.peak_usage() - before;
    let times = |bytes: usize| bytes as f64 / text.len() as f64;
    (times(held), times(most))
}

/// One test alone: the counts are those of the process.
#[test]
fn reader_holds_at_most_three_times_its_reply() {
    let mut wrong = Vec::new();
    for (ty, target) in TYPES.iter().zip(targets()) {
        let (held, most) = hold(&target, &text(ty));
        let line = format!("{ty:20} held {held:.2} x, most {most:.2} x");
        if std::env::var_os("BAMLWIRE_LIST").is_some() {
            let _ =
                std::io::Write::write_all(&mut std::io::stderr(), format!("{line}\n").as_bytes());
        }
        let limit = if ty.starts_with("map") { MAP_TIMES_MAX } else { TIMES_MAX };
        if held > limit {
            wrong.push(line);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

//! Named pieces of work, one a run, for tools that count instructions and bytes exactly.
//!
//! `instructions NAME` does the work once inside [`measured`], the only part that `scripts/
//! instructions` counts; `instructions NAME setup` does only what comes before it; without a name
//! the names are listed. Invariant: the same name always means the same work.

use std::fmt::Write;
use std::hint::black_box;
use std::sync::Arc;

use baml_reply::{Reader, Target, parse};
use baml_runtime::wire;
use baml_syntax::SourceMap;

/// Bytes that arrive at once.
const PIECE_BYTES: usize = 20;

const SCHEMA: &str = r##"
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
  items Item[]
}
type Nested = int | Nested[]
type Json = int | float | bool | string | null | Json[] | map<string, Json>
function Items(x: string) -> Item[] {
  client "openai/x"
  prompt #"x"#
}
function Either(x: string) -> Item[] | Long | string {
  client "openai/x"
  prompt #"x"#
}
function Holder(x: string) -> Holder {
  client "openai/x"
  prompt #"x"#
}
function Any(x: string) -> Json {
  client "openai/x"
  prompt #"x"#
}
function Text(x: string) -> Long {
  client "openai/x"
  prompt #"x"#
}
function Deep(x: string) -> Nested {
  client "openai/x"
  prompt #"x"#
}
"##;

type Work = (&'static str, fn(bool));

const WORK: &[Work] = &[
    ("stream-list-100k", |run| stream("Items", &items(100_000), run)),
    ("stream-list-200k", |run| stream("Items", &items(200_000), run)),
    ("stream-list-500k", |run| stream("Items", &items(500_000), run)),
    ("stream-list-1m", |run| stream("Items", &items(1_000_000), run)),
    ("stream-class-100k", |run| stream("Holder", &holder(100_000), run)),
    ("stream-class-200k", |run| stream("Holder", &holder(200_000), run)),
    ("stream-any-100k", |run| stream("Any", &items(100_000), run)),
    ("stream-union-100k", |run| stream("Either", &items(100_000), run)),
    ("stream-fenced-list-100k", |run| stream("Items", &fenced(&items(100_000)), run)),
    ("stream-text-500k", |run| stream("Text", &long_text(500_000), run)),
    ("whole-list-500k", |run| whole("Items", &items(500_000), run)),
    ("whole-fenced-list-500k", |run| whole("Items", &fenced(&items(500_000)), run)),
    ("serde-json-list-500k", |run| serde_list(&items(500_000), run)),
    ("nested-lists-500", |run| whole("Deep", &nested(500), run)),
    ("brackets-12000", |run| whole("Deep", &"[".repeat(12_000), run)),
    ("braces-1m", |run| whole("Items", &"{".repeat(1_000_000), run)),
    ("objects-1m", |run| whole("Items", &"{}".repeat(500_000), run)),
    ("quotes-1m", |run| whole("Items", &"\"".repeat(1_000_000), run)),
    ("front-end-2000-lines", front_end),
    ("wire-list-500k", wire_list),
];

fn main() {
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    let (wanted, setup) = (words.next(), words.next());
    match WORK.iter().find(|(name, _)| Some(*name) == wanted.as_deref()) {
        Some((_, work)) => work(setup.as_deref() != Some("setup")),
        None => {
            let names: Vec<&str> = WORK.iter().map(|(name, _)| *name).collect();
            let _ = std::io::Write::write_all(&mut std::io::stdout(), names.join("\n").as_bytes());
        }
    }
}

/// The part that is counted.
#[inline(never)]
fn measured<T>(work: impl FnOnce() -> T) -> T {
    black_box(work())
}

fn target(function: &str) -> Arc<Target> {
    let mut sources = SourceMap::default();
    sources.add("main.baml", SCHEMA);
    let (schema, _) = baml_schema::check(&sources);
    let ty = schema.functions[function].returns.clone();
    Arc::new(Target::new(Arc::new(schema), ty))
}

fn items(bytes: usize) -> String {
    let mut text = String::from("[");
    let mut at = 0;
    while text.len() < bytes {
        let comma = if at == 0 { "" } else { ", " };
        let _ = write!(
            text,
            "{comma}{{\"name\": \"item number {at}\", \"count\": {at}, \"note\": \"some words\", \
             \"tags\": [\"a\", \"b{at}\"]}}"
        );
        at += 1;
    }
    text.push(']');
    text
}

fn holder(bytes: usize) -> String {
    format!("{{\"items\": {}}}", items(bytes))
}

fn fenced(text: &str) -> String {
    format!("Here it is:\n\n```json\n{text}\n```\n")
}

fn long_text(bytes: usize) -> String {
    format!("{{\"text\": \"{}\"}}", "words and words ".repeat(bytes / 16))
}

fn nested(depth: usize) -> String {
    format!("{}1{}", "[".repeat(depth), "]".repeat(depth))
}

/// The text in pieces, polled for changes after each, without the end.
fn stream(function: &str, text: &str, run: bool) {
    let target = target(function);
    if !run {
        return;
    }
    let mut reader = Reader::new(target);
    measured(|| {
        for piece in text.as_bytes().chunks(PIECE_BYTES) {
            reader.push(std::str::from_utf8(piece).unwrap_or_default());
            drop(black_box(reader.changes()));
        }
    });
    // What the reader holds at its end is no part of it.
    std::mem::forget(reader);
}

fn whole(function: &str, text: &str, run: bool) {
    let target = target(function);
    if run {
        drop(measured(|| parse(&target, text)));
    }
}

fn serde_list(text: &str, run: bool) {
    if run {
        drop(measured(|| serde_json::from_str::<serde_json::Value>(text)));
    }
}

/// Reads and checks a project of 2,000 lines.
fn front_end(run: bool) {
    let mut source = String::new();
    for at in 0..100 {
        let _ = write!(
            source,
            "enum Mood{at} {{\n  Good @alias(\"fine\")\n  Bad @description(\"not so good\")\n}}\n\
             class Person{at} {{\n  name string @alias(\"full name\")\n  age int?\n  \
             mood Mood{at}\n  tags string[]\n  friends Person{at}[]\n  rest map<string, string>\n}}\n\
             function Read{at}(text: string) -> Person{at}[] {{\n  client \"openai/x\"\n  \
             prompt #\"\n    {{{{ ctx.output_format }}}}\n    {{{{ text }}}}\n  \"#\n}}\n\n"
        );
    }
    let mut sources = SourceMap::default();
    sources.add("main.baml", source.as_str());
    if run {
        drop(measured(|| baml_schema::check(&sources)));
    }
}

fn wire_list(run: bool) {
    let value = parse(&target("Items"), &items(500_000));
    if let (true, Ok(value)) = (run, value) {
        drop(measured(|| wire::whole(&value)));
    }
}

//! What reading costs: a whole reply beside `serde_json`, and a push and a poll along a growing one.
//!
//! Figures that repeat are those of `valgrind --tool=callgrind`; these are for a quick look.

use std::fmt::Write;
use std::sync::Arc;

use baml_reply::{Reader, Target, parse};
use baml_syntax::SourceMap;
use divan::Bencher;
use divan::counter::BytesCount;

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
type Nested = int | Nested[]
function Items(x: string) -> Item[] {
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

fn main() {
    divan::main();
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

fn long_text(bytes: usize) -> String {
    format!("{{\"text\": \"{}\"}}", "words and words ".repeat(bytes / 16))
}

fn feed(target: &Arc<Target>, text: &str, poll: impl Fn(&mut Reader)) -> usize {
    let mut reader = Reader::new(Arc::clone(target));
    for piece in text.as_bytes().chunks(PIECE_BYTES) {
        reader.push(std::str::from_utf8(piece).unwrap_or_default());
        poll(&mut reader);
    }
    reader.text().len()
}

#[divan::bench(args = [100_000, 500_000])]
fn whole_items(bencher: Bencher, bytes: usize) {
    let (target, text) = (target("Items"), items(bytes));
    bencher.counter(BytesCount::of_str(&text)).bench(|| parse(&target, &text).is_ok());
}

#[divan::bench(args = [100_000, 500_000])]
fn whole_items_serde_json(bencher: Bencher, bytes: usize) {
    let text = items(bytes);
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| serde_json::from_str::<serde_json::Value>(&text).is_ok());
}

#[divan::bench(args = [100_000, 200_000, 500_000], sample_count = 10)]
fn changes_items(bencher: Bencher, bytes: usize) {
    let (target, text) = (target("Items"), items(bytes));
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| feed(&target, &text, |reader| drop(reader.changes())));
}

#[divan::bench(args = [100_000, 200_000, 500_000], sample_count = 10)]
fn partials_items(bencher: Bencher, bytes: usize) {
    let (target, text) = (target("Items"), items(bytes));
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| feed(&target, &text, |reader| drop(reader.partial())));
}

#[divan::bench(args = [100_000, 500_000], sample_count = 10)]
fn changes_long_text(bencher: Bencher, bytes: usize) {
    let (target, text) = (target("Text"), long_text(bytes));
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| feed(&target, &text, |reader| drop(reader.changes())));
}

#[divan::bench]
fn nested_lists_500() -> bool {
    let target = target("Deep");
    parse(&target, &format!("{}1{}", "[".repeat(500), "]".repeat(500))).is_ok()
}

#[divan::bench]
fn brackets_12000_refused() -> bool {
    let target = target("Deep");
    parse(&target, &"[".repeat(12_000)).is_err()
}

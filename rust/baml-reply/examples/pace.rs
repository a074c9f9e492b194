//! Prints what a push and a poll cost along a growing reply.
use std::sync::Arc;
use std::time::Instant;

use baml_reply::{Reader, Target, parse};

fn main() {
    let source = "class Item {\n name string\n count int\n note string?\n tags string[]\n}\nfunction F(x: string) -> Item[] {\n client \"openai/x\"\n prompt #\"x\"#\n}\nfunction L(x: string) -> Long {\n client \"openai/x\"\n prompt #\"x\"#\n}\nclass Long {\n text string\n}\n";
    let mut sources = baml_syntax::SourceMap::default();
    sources.add("main.baml", source);
    let (schema, _) = baml_schema::check(&sources);
    let schema = Arc::new(schema);
    for function in ["F", "L"] {
        let ty = schema.functions[function].returns.clone();
        let target = Arc::new(Target::new(Arc::clone(&schema), ty));
        for size in [100_000, 200_000, 500_000, 1_000_000] {
            let mut text = String::new();
            if function == "F" {
                text.push('[');
                let mut at = 0;
                while text.len() < size {
                    if at > 0 { text.push_str(", "); }
                    text.push_str(&format!("{{\"name\": \"item number {at}\", \"count\": {at}, \"note\": \"some words about it\", \"tags\": [\"a\", \"b{at}\"]}}"));
                    at += 1;
                }
                text.push(']');
            } else {
                text = format!("{{\"text\": \"{}\"}}", "words and words ".repeat(size / 16));
            }
            let started = Instant::now();
            let whole = parse(&target, &text).is_ok();
            let whole_time = started.elapsed();
            let started = Instant::now();
            let json: serde_json::Value = serde_json::from_str(&text).unwrap();
            let json_time = started.elapsed();
            drop(json);
            let pieces: Vec<&str> = text.as_bytes().chunks(20).map(|c| std::str::from_utf8(c).unwrap()).collect();
            let mut reader = Reader::new(Arc::clone(&target));
            let tenth = pieces.len() / 10;
            let mut first = std::time::Duration::ZERO;
            let mut last = std::time::Duration::ZERO;
            let started = Instant::now();
            let mut failed = 0;
            for (at, piece) in pieces.iter().enumerate() {
                let one = Instant::now();
                reader.push(piece);
                if std::env::var_os("CHANGES").is_some() {
                    failed += usize::from(reader.partial().is_err());
                } else {
                    failed += usize::from(reader.partial().is_err());
                }
                let took = one.elapsed();
                if at < tenth { first += took } else if at >= pieces.len() - tenth { last += took }
            }
            let all = started.elapsed();
            println!("{function} {size}: whole {whole} {whole_time:?} (serde {json_time:?}); {} pieces in {all:?} = {:?} each, first tenth {:?}, last {:?}, {failed} failed", pieces.len(), all / pieces.len() as u32, first / tenth as u32, last / tenth as u32);
        }
    }
}

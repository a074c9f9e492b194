//! Streams of every provider as case files: what the decoder says, and that no cut changes it.
//!
//! `BAMLWIRE_BLESS=1` writes what is said now into the cases; read the difference before you keep it.

mod clients;

use baml_provider::{Decoder, Event, ResolvedClient};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clients::client;
use serde_json::{Value as Json, json};

fn read(client: &ResolvedClient, pieces: &[&[u8]]) -> Vec<Event> {
    let mut decoder = Decoder::new(client);
    let mut events = Vec::new();
    for piece in pieces {
        decoder.push(piece, &mut events);
    }
    decoder.finish(&mut events);
    events
}

fn line(event: &Event) -> Json {
    match event {
        Event::Text(text) => json!({ "text": text }),
        Event::Answer(text) => json!({ "answer": text }),
        Event::Reasoning(text) => json!({ "reasoning": text }),
        Event::Refusal(text) => json!({ "refusal": text }),
        Event::Usage(usage) => json!({ "usage": {
            "in": usage.input_tokens, "out": usage.output_tokens,
            "cached": usage.cached_input_tokens,
        } }),
        Event::Finish(reason) => json!({ "finish": reason }),
        Event::End => json!("end"),
        Event::Resumed => json!("resumed"),
        Event::Failure(failure) => json!({ "failure": {
            "kind": format!("{:?}", failure.kind), "code": failure.code,
            "message": failure.message, "raw": failure.raw,
        } }),
    }
}

#[test]
fn streams_are_read_as_their_cases_say() {
    let mut wrong = Vec::new();
    for case in baml_testkit::cases("events") {
        let provider = case.json("client.json");
        let client = client(provider["provider"].as_str().expect("a provider"), &[]);
        let bytes = match case.opt_section("stream.base64") {
            Some(text) => STANDARD.decode(text.replace('\n', "")).expect("base64"),
            None => case.section("stream.txt").as_bytes().to_vec(),
        };
        let whole = read(&client, &[&bytes]);
        for cut in 0..=bytes.len() {
            let events = read(&client, &[&bytes[..cut], &bytes[cut..]]);
            assert_eq!(events, whole, "{}: cut at {cut}", case.path.display());
        }
        let mut lines: Vec<String> = whole.iter().map(|event| line(event).to_string()).collect();
        lines.push(String::new());
        let got = lines.join("\n");
        if std::env::var("BAMLWIRE_BLESS").is_ok() {
            bless(&case, &got);
        } else if got != case.section("events.jsonl") {
            wrong.push(format!("{}:\n{got}", case.path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn bless(case: &baml_testkit::Case, events: &str) {
    let mut text = case.comment.clone();
    for (name, body) in &case.sections {
        let body = if name == "events.jsonl" { events } else { body };
        text.push_str(&format!("-- {name} --\n{body}"));
    }
    std::fs::write(&case.path, text).expect("a writable case");
}

/// After a cut connection nobody calls `finish`: whatever came whole was told, nothing else is.
#[test]
fn every_prefix_tells_a_prefix_of_the_events() {
    for case in baml_testkit::cases("events") {
        let provider = case.json("client.json");
        let client = client(provider["provider"].as_str().expect("a provider"), &[]);
        let Some(text) = case.opt_section("stream.txt") else { continue };
        let whole = read(&client, &[text.as_bytes()]);
        for cut in 0..text.len() {
            let mut events = Vec::new();
            Decoder::new(&client).push(&text.as_bytes()[..cut], &mut events);
            assert!(whole.starts_with(&events), "{}: cut at {cut}", case.path.display());
        }
    }
}

//! Replies that are themselves the value: each piece is told once, and the end tells only that there
//! is no more, unless it has to tell the whole.

mod harness;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use baml_runtime::Status;
use baml_testkit::{Act, Asked, Server};
use harness::{BOUND, Harness};
use serde_json::{Value as Json, json};

/// As long as several blocks, with characters of all lengths.
fn pieces() -> Vec<String> {
    (0..150).map(|number| format!("piece {number}: é€😀\n")).collect()
}

fn event(piece: &str) -> Act {
    let event = json!({ "choices": [{ "delta": { "content": piece } }] });
    Act::Send(format!("data: {event}\n\n").into_bytes())
}

fn beginning() -> Act {
    Act::Send(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n".to_vec())
}

fn project(url: &str) -> String {
    format!(
        "retry_policy Once {{\nmax_retries 1\nstrategy {{\ntype constant_delay\ndelay_ms 1\n}}\n}}\n\
         client<llm> C {{\nprovider openai-generic\nretry_policy Once\noptions {{\n\
         base_url \"{url}\"\nmodel \"m\"\n}}\n}}\n\
         function Ask(x: string) -> string {{\nclient C\nprompt #\"{{{{ x }}}}\"#\n}}\n"
    )
}

/// One message of a stream.
#[derive(Debug, PartialEq)]
enum Message {
    /// The whole value, or one that is set in its place.
    Text(String),
    /// More of it.
    More(String),
    /// Nothing changed.
    Nothing,
}

/// Reads the few messages that a text takes (`bindings/WIRE.md`).
fn read(data: &[u8]) -> Message {
    let text = |bytes: &[u8]| {
        let (mut length, mut at, mut shift) = (0, 0, 0);
        loop {
            length |= usize::from(bytes[at] & 0x7f) << shift;
            (shift, at) = (shift + 7, at + 1);
            if bytes[at - 1] & 0x80 == 0 {
                break;
            }
        }
        assert_eq!(bytes.len(), at + length, "one text, and nothing behind it");
        String::from_utf8(bytes[at..].to_vec()).expect("whole characters")
    };
    match data {
        [0, 5, rest @ ..] | [1, 1, 1, 0, 5, rest @ ..] => Message::Text(text(rest)),
        [1, 1, 2, 0, rest @ ..] => Message::More(text(rest)),
        [1, 0] => Message::Nothing,
        other => panic!("not a message of a text: {other:?}"),
    }
}

/// Follows a call to its end: the texts of its attempts as they were told, the last message, and
/// the raw reply of its record.
fn follow(harness: &Harness, request: &Json) -> (Vec<String>, Message, String) {
    let stream = harness.start(request, 1);
    let (mut texts, mut attempt, started) = (Vec::new(), 0, Instant::now());
    loop {
        let found = stream.poll();
        match found.status {
            Status::Pending => std::thread::sleep(Duration::from_micros(200)),
            Status::Partial => match read(&found.data) {
                Message::Text(text) => {
                    assert!(found.attempt > attempt, "an attempt begins once");
                    attempt = found.attempt;
                    texts.push(text);
                }
                Message::More(text) => {
                    assert!(found.attempt == attempt && !text.is_empty());
                    texts.last_mut().expect("a beginning").push_str(&text);
                }
                Message::Nothing => panic!("a partial that tells nothing"),
            },
            Status::Done => {
                let raw = stream.info()["raw_reply"].as_str().map(str::to_owned);
                return (texts, read(&found.data), raw.expect("a raw reply"));
            }
            other => panic!("{other:?}: {}", String::from_utf8_lossy(&found.data)),
        }
        assert!(started.elapsed() < BOUND, "no end");
    }
}

/// An answer of these pieces, a moment apart, and what comes behind them.
fn answer(pieces: &[String], last: Act) -> Vec<Act> {
    let pause = || Act::Pause(Duration::from_millis(1));
    let events = pieces.iter().flat_map(|piece| [event(piece), pause()]);
    [beginning()].into_iter().chain(events).chain([last]).collect()
}

fn done() -> Act {
    Act::Send(b"data: [DONE]\n\n".to_vec())
}

fn request(partials: &str) -> Json {
    json!({ "function": "Ask", "args": { "x": "?" }, "mode": "stream", "partials": partials })
}

#[test]
fn pieces_are_told_once_and_the_end_without_them() {
    let server = Server::start(|_: &Asked| answer(&pieces(), done()));
    let harness = Harness::new(&project(&server.url()));
    let whole = pieces().concat();
    let (texts, last, raw) = follow(&harness, &request("changes"));
    assert_eq!((texts, last, raw), (vec![whole.clone()], Message::Nothing, whole.clone()));
    let (texts, last, raw) = follow(&harness, &request("off"));
    let told = Message::Text(whole.clone());
    assert_eq!((texts, last, raw), (vec![], told, whole), "nothing was told before");
}

#[test]
fn another_attempt_begins_with_its_own_text() {
    let count = AtomicUsize::new(0);
    let server = Server::start(move |_: &Asked| match count.fetch_add(1, Ordering::Relaxed) {
        0 => answer(&pieces()[..40], Act::Reset),
        _ => answer(&pieces()[20..], done()),
    });
    let harness = Harness::new(&project(&server.url()));
    let (texts, last, raw) = follow(&harness, &request("changes"));
    let [first, second] = texts.try_into().expect("two attempts");
    // What a reset overtakes is not told.
    assert!(pieces().concat().starts_with(&first));
    assert_eq!((second.as_str(), last), (raw.as_str(), Message::Nothing));
    assert_eq!(raw, pieces()[20..].concat());
}

#[test]
fn an_empty_reply_is_told_once_too() {
    let server = Server::start(|_: &Asked| answer(&[String::new()], done()));
    let harness = Harness::new(&project(&server.url()));
    let (texts, last, raw) = follow(&harness, &request("changes"));
    assert_eq!((texts, last, raw), (vec![String::new()], Message::Nothing, String::new()));
}

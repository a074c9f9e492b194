//! Many streams on one runtime: the limit holds, and nobody's slowness is another's.

mod harness;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Instant;

use baml_runtime::{Bell, Poll, Status, Stream};
use baml_testkit::{Act, Server};
use harness::{BOUND, Harness, number_in};
use serde_json::{Value as Json, json};

const PROJECT: &str = r##"
class Row {
  name string
  tags string[]
}
client<llm> Main {
  provider openai-generic
  options {
    base_url env.URL
    model "m"
    api_key "k"
  }
}
function Text(x: string) -> string {
  client Main
  prompt #"{{ x }}"#
}
function Rows(x: string) -> Row[] {
  client Main
  prompt #"{{ x }}"#
}
"##;

/// Pieces of a reply that nobody looks at.
const PIECES: usize = 500;
/// Streams that run beside a busy one.
const OTHERS: usize = 20;
/// The longest reply that is tried, in rows, until reading it takes longer than all others.
const ROWS_MAX: usize = 1 << 18;

/// Starts the call whose requests go to `/f/NUMBER/…`.
fn start(harness: &Harness, server: &Server, function: &str, number: usize) -> Stream {
    let request = json!({
        "function": function, "mode": "stream", "form": "json", "args": { "x": "?" },
        "env": { "URL": format!("{}/f/{number}", server.url()) },
    });
    harness.start(&request, number as u64)
}

fn event(text: &str) -> String {
    let chunk = json!({ "choices": [{ "index": 0, "delta": { "content": text } }] });
    format!("data: {chunk}\n\n")
}

fn reply(body: &str) -> Vec<Act> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length";
    let body = format!("{body}data: [DONE]\n\n");
    vec![Act::Send(format!("{head}: {}\r\n\r\n{body}", body.len()).into_bytes())]
}

/// Waits until every task is over, once so many asked, whether or not anybody looked at what they
/// brought.
fn wait_for_tasks(harness: &Harness, server: &Server, count: usize) {
    server.wait(BOUND, "all asked", |seen| seen.asked.len() == count);
    let begun = Instant::now();
    while harness.runtime.activity().tasks > 0 {
        assert!(begun.elapsed() < BOUND, "{:?}", harness.runtime.activity());
        thread::yield_now();
    }
}

fn end(stream: &Stream) -> (usize, Poll) {
    let begun = Instant::now();
    let mut partials = 0;
    loop {
        let poll = stream.poll();
        match poll.status {
            Status::Pending => assert!(begun.elapsed() < BOUND, "no news"),
            Status::Partial => partials += 1,
            _ => return (partials, poll),
        }
    }
}

#[test]
fn no_more_run_at_once_than_may() {
    const LIMIT: usize = 3;
    const CALLS: usize = 20;
    let harness = Harness::with(PROJECT, &json!({ "in_flight_max": LIMIT }));
    let server = Server::start(|_| vec![Act::Hold]);
    let mut streams: BTreeMap<usize, Stream> =
        (0..CALLS).map(|call| (call, start(&harness, &server, "Text", call))).collect();
    for over in 0..=CALLS - LIMIT {
        server.wait(BOUND, "as many as may", |seen| seen.held.len() == LIMIT + over);
        let seen = server.seen();
        assert_eq!(seen.asked.len(), LIMIT + over, "and no more");
        let running = number_in(&seen.held[over]);
        assert!(streams.remove(&running).expect("not yet aborted").abort(9));
    }
    assert_eq!(streams.len(), LIMIT - 1, "each had its turn");
    drop(streams);
    harness.settle();
}

#[test]
fn turns_are_given_back_by_those_who_were_aborted_or_failed() {
    let harness = Harness::with(PROJECT, &json!({ "in_flight_max": 1 }));
    let server = Server::start(|asked| match asked.path.as_str() {
        path if path.starts_with("/f/0/") => vec![Act::Hold],
        path if path.starts_with("/f/1/") => vec![Act::Reset],
        _ => reply(&event("done")),
    });
    let start = |number| start(&harness, &server, "Text", number);
    let held = start(0);
    server.wait(BOUND, "the first has its turn", |seen| seen.held.len() == 1);
    let (failing, waiting) = (start(1), start(2));
    assert_eq!(waiting.poll().status, Status::Pending, "not its turn");
    assert!(held.abort(9));
    assert_eq!(end(&failing).1.status, Status::Failed);
    assert_eq!(end(&waiting).1.status, Status::Done);
    harness.settle();
}

#[test]
fn replies_that_nobody_looks_at_are_received_all_the_same() {
    let harness = Harness::with(PROJECT, &json!({ "worker_threads": 1 }));
    let pieces: Vec<String> = (0..PIECES).map(|number| format!("{number} ")).collect();
    let text = pieces.concat();
    let body: String = pieces.iter().map(|piece| event(piece)).collect();
    let server = Server::start(move |_| reply(&body));
    let slow = start(&harness, &server, "Text", 0);
    let quick = start(&harness, &server, "Text", 1);
    assert_eq!(end(&quick).1.status, Status::Done);
    wait_for_tasks(&harness, &server, 2);
    let (partials, last) = end(&slow);
    assert_eq!((partials, last.status), (1, Status::Done), "the newest partial, and the end");
    let value: Json = serde_json::from_slice(&last.data).expect("JSON was asked for");
    assert_eq!(value.as_str().map(str::trim), Some(text.trim()));
}

/// A bell that breaks when it is rung the next time.
#[derive(Clone, Default)]
struct Brittle(Arc<AtomicBool>);

impl Bell for Brittle {
    fn ring(&self) {
        assert!(!self.0.swap(false, Ordering::SeqCst), "the bell breaks");
    }
}

#[test]
fn panic_in_a_task_ends_its_call_and_no_other() {
    let bell = Brittle::default();
    let harness = Harness::deaf(PROJECT, bell.clone());
    // The server and the test meet twice within the first answer.
    let meeting = Arc::new(Barrier::new(2));
    let met = Arc::clone(&meeting);
    let server = Server::start(move |asked| {
        if !asked.path.starts_with("/f/0/") {
            return reply(&event("done"));
        }
        met.wait();
        met.wait();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
        vec![Act::Send((head.to_owned() + &event("a part")).into_bytes()), Act::Hold]
    });
    let stream = start(&harness, &server, "Text", 0);
    meeting.wait();
    // What was told so far is looked at, so that the reply rings again.
    harness.runtime.ready(&mut [0; 4]);
    assert_eq!(stream.poll().status, Status::Pending);
    bell.0.store(true, Ordering::SeqCst);
    meeting.wait();
    let last = end(&stream).1;
    assert_eq!(last.status, Status::Failed);
    let error: Json = serde_json::from_slice(&last.data).expect("errors are JSON");
    assert_eq!(error["kind"], "internal", "{error}");
    drop(stream);
    harness.settle();
    let other = start(&harness, &server, "Text", 1);
    assert_eq!(end(&other).1.status, Status::Done);
}

/// Whether all others ran to their ends while one poll read a reply of so many rows.
fn others_end_during_a_poll(rows: usize) -> bool {
    let harness = Harness::with(PROJECT, &json!({ "worker_threads": 1 }));
    let row = r#"{"name": "somebody", "tags": ["a", "b", "c"]}"#;
    let long = event(&format!("[{}]", vec![row; rows].join(",")));
    let server = Server::start(move |asked| {
        if asked.path.starts_with("/f/0/") { reply(&long) } else { reply(&event("done")) }
    });
    let busy = start(&harness, &server, "Rows", 0);
    wait_for_tasks(&harness, &server, 1);
    let (began, ended) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            began.store(true, Ordering::SeqCst);
            let poll = busy.poll();
            ended.store(true, Ordering::SeqCst);
            assert_eq!(poll.status, Status::Partial);
        });
        while !began.load(Ordering::SeqCst) {
            thread::yield_now();
        }
        for number in 1..=OTHERS {
            let other = start(&harness, &server, "Text", number);
            assert_eq!(end(&other).1.status, Status::Done);
        }
        !ended.load(Ordering::SeqCst)
    })
}

#[test]
fn reading_a_long_reply_holds_up_nobody() {
    let mut rows = 1 << 10;
    while !others_end_during_a_poll(rows) {
        rows *= 4;
        assert!(rows <= ROWS_MAX, "the others waited for one that read");
    }
}

/// Pieces of the longest flood that is tried.
const FLOOD_MAX: usize = 1 << 20;

/// Whether others ran to their ends while one received so many pieces, without a pause between.
fn others_end_during_a_flood(pieces: usize) -> bool {
    let harness = Harness::with(PROJECT, &json!({ "worker_threads": 1 }));
    let flood = event("x").repeat(pieces);
    let server = Server::start(move |asked| {
        if asked.path.starts_with("/f/0/") { reply(&flood) } else { reply(&event("done")) }
    });
    let flooded = start(&harness, &server, "Text", 0);
    let received = || flooded.info()["raw_reply"].as_str().map_or(0, str::len);
    let begun = Instant::now();
    while received() == 0 {
        assert!(begun.elapsed() < BOUND, "the flood begins");
    }
    for number in 1..=OTHERS {
        let other = start(&harness, &server, "Text", number);
        assert_eq!(end(&other).1.status, Status::Done);
    }
    received() < pieces
}

#[test]
fn receiving_without_a_pause_holds_up_nobody() {
    let mut pieces = 1 << 12;
    while !others_end_during_a_flood(pieces) {
        pieces *= 4;
        assert!(pieces <= FLOOD_MAX, "the others waited for one that received");
    }
}

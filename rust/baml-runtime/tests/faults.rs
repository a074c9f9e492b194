//! A fault after every byte of a streamed reply: the connection closed, silence, an abort. Whatever
//! happens, the stream ends in one of the documented ways within its bound, and nothing is left.
//!
//! The server is a thread that sends the beginning of a fixed answer and then does what the case says.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use baml_runtime::{Bell, Poll, Runtime, Status, Stream};
use serde_json::{Value as Json, json};

/// Nothing here may take longer.
const BOUND: Duration = Duration::from_secs(20);
/// The silence that the client allows, in milliseconds.
const IDLE_MS: u64 = 60;

const PROJECT: &str = r##"
class Ship {
  name string
  n int
}
client<llm> Local {
  provider openai-generic
  options {
    base_url env.MODEL_URL
    model "m"
    http {
      idle_timeout_ms 60
      time_to_first_token_timeout_ms 60
      request_timeout_ms 400
    }
  }
}
function Describe(x: string) -> Ship {
  client Local
  prompt #"{{ x }} {{ ctx.output_format }}"#
}
"##;

struct Ring(Sender<()>);

impl Bell for Ring {
    fn ring(&self) {
        let _ = self.0.send(());
    }
}

/// What the server does after the bytes that it sends.
#[derive(Clone, Copy, PartialEq)]
enum Then {
    Close,
    KeepSilent,
}

fn answer() -> Vec<u8> {
    let mut body = String::new();
    for piece in [r#"{\"name\": "#, r#"\"Vasa\", "#, r#"\"n\": 5}"#] {
        let event =
            format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{piece}\"}}}}]}}\n\n");
        body.push_str(&format!("{:x}\r\n{event}\r\n", event.len()));
    }
    body.push_str("e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n");
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
        transfer-encoding: chunked\r\n\r\n";
    format!("{head}{body}").into_bytes()
}

/// Serves one connection for each message: that many bytes, then the fault.
fn serve(listener: &TcpListener, script: &Receiver<(usize, Then)>) {
    let answer = answer();
    while let Ok((count, then)) = script.recv() {
        let Ok((mut socket, _)) = listener.accept() else { return };
        socket.set_read_timeout(Some(BOUND)).expect("a time limit");
        read_request(&mut socket);
        let _ = socket.write_all(&answer[..count]);
        if then == Then::KeepSilent {
            // Until the client goes away.
            let mut byte = [0];
            let _ = socket.read(&mut byte);
        }
    }
}

fn read_request(socket: &mut TcpStream) {
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = socket.read(&mut buffer).unwrap_or(0);
        text.extend_from_slice(&buffer[..count]);
        let have = String::from_utf8_lossy(&text).to_lowercase();
        let length = have.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
        let length = length.and_then(|length| length.trim().parse().ok()).unwrap_or(usize::MAX);
        let body = have.split_once("\r\n\r\n").map_or(0, |(_, body)| body.len());
        if count == 0 || body >= length {
            return;
        }
    }
}

struct Bench {
    runtime: Runtime,
    rung: Receiver<()>,
    script: Sender<(usize, Then)>,
    url: String,
}

fn bench() -> Bench {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (script, orders) = channel();
    std::thread::spawn(move || serve(&listener, &orders));
    let (ring, rung) = channel();
    let config = json!({ "files": { "main.baml": PROJECT }, "worker_threads": 2 });
    let runtime = Runtime::new(config.to_string().as_bytes(), Box::new(Ring(ring)));
    Bench { runtime: runtime.expect("the project loads"), rung, script, url }
}

impl Bench {
    fn start(&self, count: usize, then: Then) -> Stream {
        self.script.send((count, then)).expect("the server runs");
        let request = json!({
            "function": "Describe", "args": { "x": "a ship" }, "form": "json",
            "env": { "MODEL_URL": self.url },
        });
        self.runtime.start(request.to_string().as_bytes(), None, 1).expect("the call starts")
    }

    fn next(&self, stream: &Stream) -> Poll {
        loop {
            let poll = stream.poll();
            if poll.status != Status::Pending {
                return poll;
            }
            self.rung.recv_timeout(BOUND).expect("news come within the bound");
            let mut tags = [0; 4];
            while self.runtime.ready(&mut tags) > 0 {}
        }
    }

    fn end(&self, stream: &Stream) -> (Poll, usize) {
        let mut partials = 0;
        loop {
            let poll = self.next(stream);
            match poll.status {
                Status::Partial => partials += 1,
                _ => return (poll, partials),
            }
        }
    }

    fn settle(&self) {
        let begun = Instant::now();
        while self.runtime.activity() != baml_runtime::activity::Activity::default() {
            assert!(begun.elapsed() < BOUND, "left over: {:?}", self.runtime.activity());
            std::thread::yield_now();
        }
    }
}

fn kind(poll: &Poll) -> String {
    let error: Json = serde_json::from_slice(&poll.data).expect("JSON");
    error["kind"].as_str().expect("a kind").to_owned()
}

#[test]
fn connection_closed_after_every_byte_ends_the_stream() {
    let bench = bench();
    let length = answer().len();
    for count in 0..=length {
        let stream = bench.start(count, Then::Close);
        let (poll, _) = bench.end(&stream);
        match poll.status {
            // The end marker came, whatever of the framing after it did not.
            Status::Done => assert_eq!(poll.data, br#"{"name":"Vasa","n":5}"#, "byte {count}"),
            Status::Failed => assert_eq!(kind(&poll), "transport", "byte {count}"),
            other => panic!("byte {count}: {other:?}"),
        }
        if count == length {
            assert_eq!(poll.status, Status::Done);
        }
    }
    bench.settle();
}

#[test]
fn silence_after_a_byte_ends_in_a_timeout() {
    let bench = bench();
    let length = answer().len();
    for count in (0..length).step_by(29) {
        let begun = Instant::now();
        let stream = bench.start(count, Then::KeepSilent);
        let (poll, _) = bench.end(&stream);
        assert!(begun.elapsed() >= Duration::from_millis(IDLE_MS) || poll.status == Status::Done);
        match poll.status {
            Status::Done => {}
            Status::Failed => assert_eq!(kind(&poll), "timeout", "byte {count}"),
            other => panic!("byte {count}: {other:?}"),
        }
    }
    bench.settle();
}

#[test]
fn abort_after_every_byte_is_the_end_and_closes_the_socket() {
    let bench = bench();
    let length = answer().len();
    for count in (0..length).step_by(7) {
        let stream = bench.start(count, Then::KeepSilent);
        let first = stream.abort(9);
        let poll = stream.poll();
        assert_eq!(first, poll.status == Status::Aborted, "byte {count}");
        assert!(first, "nothing was polled before, so nothing can have ended");
        assert_eq!(kind(&poll), "aborted");
        assert!(!stream.abort(9));
        assert_eq!(stream.poll(), poll, "a terminal state stays");
        drop(stream);
    }
    bench.settle();
}

//! The way to a provider: connections kept or not, compressed answers, redirects, proxies, and each
//! of the time limits.
//!
//! The test of the proxy runs this program again, since the environment of a process is read once.

mod harness;

use std::net::TcpListener;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use baml_runtime::Status;
use baml_testkit::{Act, Server};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use harness::{BOUND, Ending, Harness};
use serde_json::{Value as Json, json};

const REPLY: &str = r#"{"model":"m","choices":[{"message":{"content":"fine"}}]}"#;
/// `zipped`, as a stream.
const ZIPPED: &str = "H4sIAAAAAAACA0tJLEm0UqhWSs7Iz0xOLVayiq5WSknNKUlUsgIK5ueVpOaVKFkpVWUWFKSmKNXWxtZycaWA9US7+Pu5xnJxAQCDKdRxQgAAAA==";

fn project(options: &str) -> String {
    format!(
        "client<llm> C {{\nprovider openai-generic\noptions {{\nbase_url env.URL\nmodel \"m\"\n\
         {options}\n}}\n}}\n\
         client<llm> T {{\nprovider fallback\noptions {{\nstrategy [C]\n\
         http {{\ntotal_timeout_ms 300\n}}\n}}\n}}\n\
         function Ask(x: string) -> string {{\nclient C\nprompt #\"{{{{ x }}}}\"#\n}}\n"
    )
}

fn limits(http: &str) -> String {
    project(&format!("http {{\n{http}\n}}"))
}

fn whole(body: &str) -> Act {
    let length = body.len();
    Act::Send(format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes())
}

fn request(url: &str, mode: &str) -> Json {
    json!({
        "function": "Ask", "args": { "x": "?" }, "form": "json", "mode": mode,
        "env": { "URL": url },
    })
}

/// How many connections ten calls in a row take.
fn connections(options: &str) -> usize {
    let harness = Harness::new(&project(options));
    let server = Server::start(|_| vec![whole(REPLY)]);
    for _ in 0..10 {
        assert_eq!(harness.call(&request(&server.url(), "call")).data, "fine");
        harness.settle();
    }
    server.seen().accepted
}

#[test]
fn connections_are_kept() {
    assert_eq!(connections(""), 1);
}

#[test]
fn connections_are_not_kept_where_nobody_wants_it() {
    assert_eq!(connections("http {\nenable_connection_pooling false\n}"), 10);
}

#[test]
fn connection_of_a_finished_stream_is_kept() {
    let harness = Harness::new(&project(""));
    let server = Server::start(|_| {
        let event = "data: {\"choices\":[{\"delta\":{\"content\":\"fine\"}}]}\n\ndata: [DONE]\n\n";
        vec![whole(event)]
    });
    for _ in 0..5 {
        assert_eq!(harness.call(&request(&server.url(), "stream")).data, "fine");
        harness.settle();
    }
    assert_eq!(server.seen().accepted, 1);
}

#[test]
fn connections_that_their_server_closed_are_not_used_again() {
    let harness = Harness::new(&project(""));
    let server = Server::start(|_| vec![whole(REPLY), Act::Close]);
    for count in 1..=3 {
        assert_eq!(harness.call(&request(&server.url(), "call")).data, "fine");
        harness.settle();
        assert_eq!(server.wait(BOUND, "it is closed", |seen| seen.open == 0).accepted, count);
    }
}

#[test]
fn connections_whose_answer_was_longer_than_announced_are_not_used_again() {
    let harness = Harness::new(&project(""));
    let server = Server::start(|_| vec![whole(REPLY), Act::Send(b"HTTP/1.1 200 OK".to_vec())]);
    for _ in 0..2 {
        assert_eq!(harness.call(&request(&server.url(), "call")).data, "fine");
        harness.settle();
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(server.seen().accepted, 2);
}

#[test]
fn announcements_of_an_answer_are_passed_over() {
    let harness = Harness::new(&project(""));
    let server = Server::start(|_| {
        let hints = "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n";
        vec![Act::Send(hints.into()), whole(REPLY)]
    });
    assert_eq!(harness.call(&request(&server.url(), "call")).data, "fine");
    const ANNOUNCEMENTS_MAX: usize = 16;
    for (count, outcome) in [(ANNOUNCEMENTS_MAX, "done"), (ANNOUNCEMENTS_MAX + 1, "transport")] {
        let server = Server::start(move |_| {
            let hints = "HTTP/1.1 100 Continue\r\n\r\n".repeat(count);
            vec![Act::Send(hints.into()), whole(REPLY)]
        });
        let ending = harness.call(&request(&server.url(), "call"));
        assert_eq!(ending.outcome(), outcome, "{count} announcements");
    }
}

#[test]
fn answers_that_come_before_the_request_was_read_count() {
    let harness = Harness::new(&project(""));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let (over, until) = std::sync::mpsc::channel::<()>();
    let server = std::thread::spawn(move || {
        use std::io::{Read, Write};
        let (mut socket, _) = listener.accept().expect("a client");
        let _ = socket.read(&mut [0; 100]).expect("the beginning");
        let head = "HTTP/1.1 413 Too Large\r\ncontent-length: 5\r\n\r\nlarge";
        socket.write_all(head.as_bytes()).expect("it listens");
        // Held open and never read: nothing but the answer can end the call.
        let _ = until.recv_timeout(BOUND);
    });
    let mut request = request(&url, "call");
    request["args"]["x"] = json!("x".repeat(64 << 20));
    let ending = harness.call(&request);
    assert_eq!((&ending.data["status"], &ending.data["body"]), (&json!(413), &json!("large")));
    drop(over);
    server.join().expect("it ends");
}

#[test]
fn credentials_of_an_address_become_a_header() {
    let harness = Harness::new(&project(""));
    let server = Server::start(|_| vec![whole(REPLY)]);
    let url = server.url().replace("http://", "http://me%40here:pass@");
    assert_eq!(harness.call(&request(&url, "call")).data, "fine");
    let asked = server.seen().asked.remove(0);
    let expected = format!("authorization: basic {}", STANDARD.encode("me@here:pass"));
    let sent = asked.headers.iter().find(|line| line.starts_with("authorization"));
    assert_eq!(sent.map(|line| line.to_lowercase()), Some(expected.to_lowercase()));
}

#[test]
fn connection_that_stays_open_after_the_end_marker_is_let_go() {
    let harness = Harness::new(&project(""));
    let server = Server::start(|_| {
        let event = "data: {\"choices\":[{\"delta\":{\"content\":\"fine\"}}]}\n\ndata: [DONE]\n\n";
        vec![Act::Send(format!("{HEAD}{event}").into()), Act::Hold]
    });
    let begun = Instant::now();
    assert_eq!(harness.call(&request(&server.url(), "stream")).data, "fine");
    harness.settle();
    server.wait(BOUND, "the socket is closed", |seen| seen.left.len() == 1);
    assert!(begun.elapsed() < Duration::from_secs(5), "long before any limit of the call");
}

#[test]
fn compressed_answers_are_read() {
    let harness = Harness::new(&project(""));
    let server = Server::start(|_| {
        let body = STANDARD.decode(ZIPPED).expect("base64");
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        vec![Act::Send(head.into_bytes()), Act::Send(body)]
    });
    assert_eq!(harness.call(&request(&server.url(), "stream")).data, "zipped");
    let asked = server.seen().asked.remove(0);
    assert!(asked.headers.iter().any(|line| line.starts_with("accept-encoding: gzip")));
}

#[test]
fn redirects_are_not_followed() {
    let harness = Harness::new(&project(""));
    let elsewhere = Server::start(|_| vec![whole(REPLY)]);
    let to = elsewhere.url();
    let server = Server::start(move |_| {
        let head = format!("HTTP/1.1 307 Go\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n");
        vec![Act::Send(head.into_bytes())]
    });
    let ending = harness.call(&request(&server.url(), "call"));
    assert_eq!((ending.outcome().as_str(), &ending.data["status"]), ("http", &json!(307)));
    assert!(elsewhere.seen().asked.is_empty(), "a key would have gone along");
}

/// What is asked of a server by a call with a medium at `path`, and how the call ends.
fn looked_at(path: &str) -> (Vec<String>, Ending) {
    let options = "media_url_handler {\nimage \"send_base64\"\n}";
    let ask = "function Ask(x: string)";
    let harness = Harness::new(&project(options).replace(ask, "function Ask(x: image)"));
    let server = Server::start(|asked| {
        let moved = |to: &str| {
            let head = format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n");
            vec![Act::Send(head.into_bytes())]
        };
        match asked.path.as_str() {
            "/moved" => moved("here/a.png"),
            "/inside" => moved("http://169.254.169.254/latest"),
            "/circle" => moved("/circle"),
            "/here/a.png" => vec![whole("\u{89}PNG")],
            _ => vec![whole(REPLY)],
        }
    });
    let mut request = request(&server.url(), "call");
    request["args"]["x"] = json!({ "$media": "image", "url": server.url() + path });
    let ending = harness.call(&request);
    (server.seen().asked.into_iter().map(|asked| asked.path).collect(), ending)
}

#[test]
fn media_that_were_moved_are_followed_where_media_may_come_from() {
    let (asked, ending) = looked_at("/moved");
    assert_eq!(ending.data, "fine");
    assert_eq!(asked, ["/moved", "/here/a.png", "/chat/completions"]);
    let (asked, ending) = looked_at("/inside");
    assert_eq!(asked, ["/inside"]);
    assert!(ending.data["message"].to_string().contains("169.254.169.254"), "{}", ending.data);
    let (asked, ending) = looked_at("/circle");
    assert_eq!(asked.len(), 6);
    assert!(ending.data["message"].to_string().contains("too many redirects"), "{}", ending.data);
}

/// What comes of a call, streamed, whose server sends this and then holds.
fn held_after(sent: &'static str, http: &str, client: &str) -> Ending {
    let harness = Harness::new(&limits(http));
    let server = Server::start(move |_| vec![Act::Send(sent.into()), Act::Hold]);
    let mut request = request(&server.url(), "stream");
    request["client"] = json!(client);
    let ending = harness.call(&request);
    server.wait(BOUND, "the socket is closed", |seen| seen.left.len() == seen.held.len());
    ending
}

const HEAD: &str = "HTTP/1.1 200 OK\r\n\r\n";
const FIRST: &str =
    "HTTP/1.1 200 OK\r\n\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n: ping\n\n";

#[test]
fn each_time_limit_ends_the_call_and_says_which_it_was() {
    let outcome = |sent, http| held_after(sent, http, "C").outcome();
    assert_eq!(outcome("", "request_timeout_ms 100"), "timeout (request)");
    assert_eq!(outcome(FIRST, "request_timeout_ms 100"), "timeout (request)");
    assert_eq!(outcome(HEAD, "time_to_first_token_timeout_ms 100"), "timeout (first_token)");
    assert_eq!(outcome(FIRST, "idle_timeout_ms 100"), "timeout (idle)");
    assert_eq!(held_after(FIRST, "", "T").outcome(), "timeout (total)");
}

#[test]
fn limits_for_events_do_not_count_where_the_reply_comes_at_once() {
    let harness = Harness::new(&limits("time_to_first_token_timeout_ms 10\nidle_timeout_ms 10"));
    let server = Server::start(|_| {
        let late = Duration::from_millis(60);
        let length = REPLY.len();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
        vec![Act::Send(head.into()), Act::Pause(late), Act::Send(REPLY.into())]
    });
    assert_eq!(harness.call(&request(&server.url(), "call")).data, "fine");
}

#[test]
fn nought_is_no_limit() {
    let none = "request_timeout_ms 0\nconnect_timeout_ms 0\nidle_timeout_ms 0\n\
        time_to_first_token_timeout_ms 0";
    let harness = Harness::new(&limits(none));
    let server = Server::start(|_| vec![Act::Pause(Duration::from_millis(50)), whole(REPLY)]);
    assert_eq!(harness.call(&request(&server.url(), "call")).data, "fine");
}

#[test]
fn connections_that_never_come_about_are_given_up() {
    let harness = Harness::new(&limits("connect_timeout_ms 200"));
    // A listener that never accepts, its queue filled: a further connection hangs half open.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    let mut queue = Vec::new();
    let patience = Duration::from_millis(200);
    while let Ok(socket) = std::net::TcpStream::connect_timeout(&address, patience) {
        queue.push(socket);
        assert!(queue.len() < 10_000, "the queue has an end");
    }
    let ending = harness.call(&request(&format!("http://{address}"), "call"));
    assert_eq!(ending.outcome(), "timeout (connect)");
}

#[test]
fn handshakes_that_never_end_are_given_up() {
    let harness = Harness::new(&limits("connect_timeout_ms 200"));
    // Accepted by the system, and never answered.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    let ending = harness.call(&request(&format!("https://{address}"), "call"));
    assert_eq!(ending.outcome(), "timeout (connect)");
}

#[test]
fn connections_that_are_refused_say_so() {
    let harness = Harness::new(&project(""));
    let address = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port");
    let ending = harness.call(&request(&format!("http://{address}"), "call"));
    assert_eq!(ending.outcome(), "transport");
    assert_eq!(ending.data["connecting"], true);
    let message = ending.data["message"].as_str().unwrap_or_default();
    assert!(message.contains(&format!("cannot connect to {address}: ")), "{message}");
}

#[test]
fn calls_wait_for_a_turn_no_longer_than_the_queue_allows() {
    let options = json!({ "in_flight_max": 1, "queue_timeout_ms": 50 });
    let harness = Harness::with(&project(""), &options);
    let server = Server::start(|_| vec![Act::Hold]);
    let first = harness.start(&request(&server.url(), "call"), 7);
    server.wait(BOUND, "the first holds its turn", |seen| seen.held.len() == 1);
    let second = harness.start(&request(&server.url(), "call"), 8);
    let begun = Instant::now();
    let ending = loop {
        let poll = second.poll();
        if poll.status != Status::Pending {
            break poll;
        }
        assert!(begun.elapsed() < BOUND);
        std::thread::yield_now();
    };
    let error: Json = serde_json::from_slice(&ending.data).expect("JSON");
    assert_eq!((&error["kind"], &error["limit"]), (&json!("timeout"), &json!("queue")));
    drop(first);
    harness.settle();
}

#[test]
fn records_keep_no_more_than_they_may() {
    let options = json!({ "record_events_max": 1, "record_bytes_max": 1000 });
    let harness = Harness::with(&project(""), &options);
    let event = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n".repeat(5);
    let server = Server::start(move |_| vec![whole(&event)]);
    let ending = harness.call(&request(&server.url(), "stream"));
    assert_eq!(ending.data, "aaaaa");
    assert_eq!(ending.info["attempts"][0]["events"].as_array().map(Vec::len), Some(1));
    assert_eq!(ending.info["left_out"], 4);
}

const LOOKING: &str = r##"
client<llm> Looking {
  provider anthropic
  options {
    base_url env.URL
    api_key "k"
    model "m"
    media_url_handler {
      image "send_base64"
    }
  }
}
function Look(x: image) -> string {
  client Looking
  prompt #"{{ x }}"#
}
"##;

/// A call with an image whose server answers so; gives what became of it and what was asked.
fn look(url: impl Fn(&str) -> String, acts: Vec<Act>) -> (Ending, Vec<String>) {
    let harness = Harness::new(LOOKING);
    let acts = std::sync::Mutex::new(acts);
    let server = Server::start(move |_| std::mem::take(&mut *acts.lock().expect("acts")));
    let image = json!({ "$media": "image", "url": url(&server.url()) });
    let ending = harness.call(&json!({
        "function": "Look", "args": { "x": image }, "form": "json", "env": { "URL": server.url() },
    }));
    (ending, server.seen().asked.into_iter().map(|asked| asked.path).collect())
}

#[test]
fn media_beyond_their_limit_are_refused() {
    let long = baml_runtime::preparation::MEDIA_BYTES_MAX + 1;
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {long}\r\n\r\n");
    let acts = vec![Act::Send(head.into()), Act::Send(vec![0x89; long])];
    let (ending, asked) = look(|url| format!("{url}/a.png"), acts);
    let message = ending.data["message"].as_str().unwrap_or_default().to_owned();
    assert!(message.contains("longer than"), "{}", ending.data);
    assert_eq!(asked, ["/a.png"], "the provider was not asked");
}

#[test]
fn media_are_not_fetched_from_where_clouds_keep_credentials() {
    let (ending, asked) = look(|_| "http://169.254.169.254/latest/".into(), Vec::new());
    let message = ending.data["message"].as_str().unwrap_or_default().to_owned();
    assert!(message.contains("link-local"), "{}", ending.data);
    assert!(asked.is_empty());
    // Nor where a redirect leads there.
    let head = "HTTP/1.1 302 Go\r\nlocation: http://169.254.169.254/latest/\r\n\
        content-length: 0\r\n\r\n";
    let (ending, asked) = look(|url| format!("{url}/a.png"), vec![Act::Send(head.into())]);
    let message = ending.data["message"].as_str().unwrap_or_default().to_owned();
    assert!(message.contains("link-local"), "{}", ending.data);
    assert_eq!(asked, ["/a.png"]);
}

/// What becomes of calls one after the other to a server that breaks off those in `broken`, counted
/// from 1, before it answers; with how many requests and connections there were.
fn broken_off(
    calls: usize,
    pause_ms: u64,
    broken: &'static [usize],
) -> (Vec<String>, usize, usize) {
    let harness = Harness::new(&project(""));
    let count = AtomicUsize::new(0);
    let server = Server::start(move |_| {
        let number = count.fetch_add(1, Ordering::SeqCst) + 1;
        if broken.contains(&number) { vec![Act::Reset] } else { vec![whole(REPLY)] }
    });
    let mut outcomes = Vec::new();
    for _ in 0..calls {
        outcomes.push(harness.call(&request(&server.url(), "call")).outcome());
        harness.settle();
        std::thread::sleep(Duration::from_millis(pause_ms));
    }
    let seen = server.seen();
    (outcomes, seen.asked.len(), seen.accepted)
}

#[test]
fn rested_connection_that_breaks_before_an_answer_is_replaced_once() {
    let all = |outcomes: &[&str]| outcomes.iter().map(|text| (*text).to_owned()).collect();
    // A server that closes what it kept, while the next request is on its way.
    assert_eq!(broken_off(2, 1100, &[2]), (all(&["done", "done"]), 3, 2));
    // A new one that breaks too is told, and so is one that had not rested.
    assert_eq!(broken_off(2, 1100, &[2, 3]), (all(&["done", "transport"]), 3, 2));
    assert_eq!(broken_off(2, 0, &[2]), (all(&["done", "transport"]), 2, 1));
    assert_eq!(broken_off(1, 0, &[1]), (all(&["transport"]), 1, 1));
}

/// As servers of Python do: the error goes out as if the connection stayed, and then it is closed.
#[test]
fn connection_is_not_used_again_after_an_error() {
    let harness = Harness::new(&project(""));
    let server = Server::start(|_| {
        let error = "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 2\r\n\r\nno";
        vec![Act::Send(error.into()), Act::Pause(Duration::from_millis(2)), Act::Close]
    });
    for _ in 0..20 {
        let ending = harness.call(&request(&server.url(), "call"));
        assert_eq!((ending.outcome().as_str(), &ending.data["status"]), ("http", &json!(500)));
    }
    assert_eq!(server.seen().asked.len(), 20);
}

/// Names the address of a proxy to the program that runs the test below.
const PROXIED: &str = "BAMLWIRE_TEST_PROXIED";

#[test]
fn system_proxies_are_used() {
    if std::env::var_os(PROXIED).is_some() {
        let harness = Harness::new(&project(""));
        let ending = harness.call(&request("http://model.invalid/v1", "call"));
        assert_eq!(ending.data, "fine");
        return;
    }
    let proxy = Server::start(|_| vec![whole(REPLY)]);
    let again = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "system_proxies_are_used"])
        .env(PROXIED, "1")
        .env("http_proxy", proxy.url())
        .env_remove("no_proxy")
        .env_remove("NO_PROXY")
        .output()
        .expect("it runs again");
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stdout));
    let asked = proxy.seen().asked.remove(0);
    assert_eq!(asked.path, "http://model.invalid/v1/chat/completions");
}

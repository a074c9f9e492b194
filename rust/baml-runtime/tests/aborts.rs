//! An abort in every state that a call can be in: it ends at once, the socket that it had is closed,
//! and nothing of it goes on.
//!
//! Each test brings the call into its state, sees by the server that it is there, and aborts.

mod harness;

use std::net::TcpListener;
use std::time::{Duration, Instant};

use baml_runtime::{Status, Stream};
use baml_testkit::{Act, Asked, Server};
use harness::{BOUND, Harness};
use serde_json::{Value as Json, json};

const REASON: u8 = 7;

const PROJECT: &str = r##"
retry_policy Slow {
  max_retries 1
  strategy {
    type constant_delay
    delay_ms 600000
  }
}
client<llm> Plain {
  provider openai-generic
  options {
    base_url env.URL
    model "m"
  }
}
client<llm> Second {
  provider openai-generic
  options {
    base_url env.SECOND
    model "m"
  }
}
client<llm> Retrying {
  provider openai-generic
  retry_policy Slow
  options {
    base_url env.URL
    model "m"
  }
}
client<llm> Either {
  provider fallback
  retry_policy Slow
  options {
    strategy [Plain, Second]
  }
}
client<llm> Both {
  provider fallback
  options {
    strategy [Plain, Second]
  }
}
client<llm> Fetching {
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
client<llm> Entra {
  provider azure-openai
  options {
    base_url env.URL
    api_version "v"
    tenant_id "t"
    client_id "c"
    client_secret "s"
  }
}
client<llm> Vertex {
  provider vertex-ai
  options {
    base_url env.URL
    model "m"
    credentials env.CREDENTIALS
  }
}
client<llm> Machine {
  provider vertex-ai
  options {
    base_url env.URL
    model "m"
  }
}
client<llm> Bedrock {
  provider aws-bedrock
  options {
    endpoint_url env.URL
    region "r"
    model "m"
  }
}
function Ask(x: string) -> string {
  client Plain
  prompt #"{{ x }}"#
}
function Look(x: image) -> string {
  client Fetching
  prompt #"{{ x }}"#
}
"##;

fn request(client: &str, env: &Json) -> Json {
    json!({
        "function": "Ask", "args": { "x": "?" }, "form": "json", "client": client, "env": env,
    })
}

/// Aborts, and sees that the call ends with that, at once and for good.
fn abort(harness: &Harness, stream: &Stream) {
    assert!(stream.abort(REASON), "it ran");
    let poll = stream.poll();
    assert_eq!(poll.status, Status::Aborted);
    let error: Json = serde_json::from_slice(&poll.data).expect("JSON");
    assert_eq!((&error["kind"], &error["reason"]), (&json!("aborted"), &json!(REASON)));
    assert!(!stream.abort(REASON), "a second abort is never the first");
    assert_eq!(stream.poll(), poll, "a terminal state stays");
    harness.settle();
}

fn hold(_: &Asked) -> Vec<Act> {
    vec![Act::Hold]
}

/// Waits until the server holds `count` connections.
fn held(server: &Server, count: usize) {
    server.wait(BOUND, "the server holds", |seen| seen.held.len() == count);
}

/// Sees that the client has gone away from all connections that were held.
fn left(server: &Server) {
    server.wait(BOUND, "the socket is closed", |seen| seen.left.len() == seen.held.len());
}

/// A call whose only exchange is held by a server; then it is aborted.
fn abort_while_held(client: &str, env: impl Fn(&str) -> Json, script: fn(&Asked) -> Vec<Act>) {
    let harness = Harness::new(PROJECT);
    let server = Server::start(script);
    let stream = harness.start(&request(client, &env(&server.url())), 1);
    held(&server, 1);
    abort(&harness, &stream);
    left(&server);
}

#[test]
fn abort_closes_the_socket_without_delay() {
    // Of several, so that a busy machine is not taken for a slow abort.
    const TRIES: usize = 20;
    const QUICK: Duration = Duration::from_millis(50);
    let harness = Harness::new(PROJECT);
    let server = Server::start(hold);
    let mut quickest = BOUND;
    for count in 1..=TRIES {
        let stream = harness.start(&request("Plain", &json!({ "URL": server.url() })), 1);
        held(&server, count);
        let begun = Instant::now();
        assert!(stream.abort(REASON), "it ran");
        left(&server);
        quickest = quickest.min(begun.elapsed());
    }
    assert!(quickest < QUICK, "{quickest:?}");
}

#[test]
fn abort_while_a_name_is_looked_up() {
    let harness = Harness::new(PROJECT);
    // Whether the look-up fails fast or hangs is up to the machine; the abort comes first or not at
    // all, and then the failure is the end.
    let env = json!({ "URL": "http://a-name-that-does-not-exist.invalid" });
    let stream = harness.start(&request("Plain", &env), 1);
    if stream.abort(REASON) {
        assert_eq!(stream.poll().status, Status::Aborted);
    }
    harness.settle();
}

#[test]
fn abort_while_connecting() {
    let harness = Harness::new(PROJECT);
    // A listener that never accepts, its queue filled: a further connection hangs half open.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    let mut queue = Vec::new();
    while let Ok(socket) =
        std::net::TcpStream::connect_timeout(&address, Duration::from_millis(200))
    {
        queue.push(socket);
        assert!(queue.len() < 10_000, "the queue has an end");
    }
    let stream =
        harness.start(&request("Plain", &json!({ "URL": format!("http://{address}") })), 1);
    assert_eq!(stream.poll().status, Status::Pending);
    abort(&harness, &stream);
}

#[test]
fn abort_in_the_tls_handshake() {
    let harness = Harness::new(PROJECT);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    let stream =
        harness.start(&request("Plain", &json!({ "URL": format!("https://{address}") })), 1);
    let (mut socket, _) = listener.accept().expect("the client connects");
    socket.set_read_timeout(Some(BOUND)).expect("a time limit");
    let mut hello = [0; 5];
    std::io::Read::read_exact(&mut socket, &mut hello).expect("its hello");
    assert_eq!(hello[0], 22, "a handshake record");
    abort(&harness, &stream);
    let mut rest = Vec::new();
    let end = std::io::Read::read_to_end(&mut socket, &mut rest);
    assert!(end.map_or_else(|e| e.kind() == std::io::ErrorKind::ConnectionReset, |_| true));
}

#[test]
fn abort_while_waiting_for_the_head() {
    abort_while_held("Plain", |url| json!({ "URL": url }), hold);
}

#[test]
fn abort_within_the_head() {
    abort_while_held(
        "Plain",
        |url| json!({ "URL": url }),
        |_| vec![Act::Send(b"HTTP/1.1 200 OK\r\ncontent-".to_vec()), Act::Hold],
    );
}

#[test]
fn abort_within_a_chunk() {
    abort_while_held(
        "Plain",
        |url| json!({ "URL": url }),
        |_| {
            let begun = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\
            40\r\ndata: {\"choices\":[{\"delta\":{\"con";
            vec![Act::Send(begun.into()), Act::Hold]
        },
    );
}

#[test]
fn abort_within_an_error_page() {
    abort_while_held(
        "Plain",
        |url| json!({ "URL": url }),
        |_| {
            let begun = "HTTP/1.1 500 No\r\ncontent-length: 100\r\n\r\n{\"error\":";
            vec![Act::Send(begun.into()), Act::Hold]
        },
    );
}

fn refuse(_: &Asked) -> Vec<Act> {
    vec![Act::Send(b"HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n".to_vec())]
}

/// Aborts in the wait after a failed attempt, and sees that nobody is asked again.
fn abort_in_the_delay(client: &str) {
    let harness = Harness::new(PROJECT);
    let server = Server::start(refuse);
    let second = Server::start(refuse);
    let env = json!({ "URL": server.url(), "SECOND": second.url() });
    let stream = harness.start(&request(client, &env), 1);
    server.wait(BOUND, "the first attempt", |seen| seen.asked.len() == 1);
    // The attempt is over once its failure is in the record.
    while stream.info()["attempts"][0]["error"].is_null() {
        std::thread::yield_now();
    }
    abort(&harness, &stream);
    assert_eq!(server.seen().asked.len() + second.seen().asked.len(), 1);
    assert_eq!(stream.info()["attempts"][0]["status"], 503);
}

#[test]
fn abort_in_a_retry_delay() {
    abort_in_the_delay("Retrying");
}

#[test]
fn abort_between_two_members_of_a_fallback() {
    abort_in_the_delay("Either");
}

#[test]
fn abort_in_the_second_member_of_a_fallback() {
    let harness = Harness::new(PROJECT);
    let (server, second) = (Server::start(refuse), Server::start(hold));
    let env = json!({ "URL": server.url(), "SECOND": second.url() });
    let stream = harness.start(&request("Both", &env), 1);
    held(&second, 1);
    abort(&harness, &stream);
    left(&second);
    assert_eq!(stream.info()["attempts"].as_array().map(Vec::len), Some(2));
}

#[test]
fn abort_while_a_medium_is_fetched() {
    let harness = Harness::new(PROJECT);
    let server = Server::start(|_| {
        let begun = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n\u{89}PNG";
        vec![Act::Send(begun.into()), Act::Hold]
    });
    let image = json!({ "$media": "image", "url": format!("{}/a.png", server.url()) });
    let request = json!({
        "function": "Look", "args": { "x": image }, "env": { "URL": server.url() },
    });
    let stream = harness.start(&request, 1);
    held(&server, 1);
    abort(&harness, &stream);
    left(&server);
    assert_eq!(server.seen().asked.len(), 1, "the provider was never asked");
}

#[test]
fn abort_while_azure_grants_a_token() {
    abort_while_held("Entra", |url| json!({ "URL": url, "AZURE_AUTHORITY_HOST": url }), hold);
}

#[test]
fn abort_while_google_grants_a_token() {
    let key = baml_testkit::testdata().join("request/test-only-rsa-key.pem");
    let key = std::fs::read_to_string(key).expect("a key");
    let env = |url: &str| {
        let credentials = json!({
            "type": "service_account", "project_id": "p", "client_email": "e@p.test",
            "private_key_id": "i", "private_key": key, "token_uri": format!("{url}/token"),
        });
        json!({ "URL": url, "CREDENTIALS": credentials.to_string() })
    };
    abort_while_held("Vertex", env, hold);
}

#[test]
fn abort_while_the_machine_grants_a_token() {
    let env = |url: &str| json!({ "URL": url, "GCE_METADATA_HOST": url.replace("http://", "") });
    abort_while_held("Machine", env, hold);
}

#[test]
fn abort_while_an_instance_lends_keys() {
    let env = |url: &str| json!({ "URL": url, "AWS_EC2_METADATA_SERVICE_ENDPOINT": url });
    abort_while_held("Bedrock", env, hold);
}

#[test]
fn abort_while_waiting_for_a_turn() {
    let harness = Harness::with(PROJECT, &json!({ "in_flight_max": 1 }));
    let server = Server::start(hold);
    let env = json!({ "URL": server.url() });
    let first = harness.start(&request("Plain", &env), 1);
    held(&server, 1);
    let second = harness.start(&request("Plain", &env), 2);
    assert!(second.abort(REASON));
    assert_eq!(second.poll().status, Status::Aborted);
    abort(&harness, &first);
    left(&server);
    assert_eq!(server.seen().asked.len(), 1, "the second never asked");
}

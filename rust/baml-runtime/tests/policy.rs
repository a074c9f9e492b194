//! What is sent again and what is not, how long is waited, and what a result says of how it came
//! about: the rules that the recorded streams of the official runtime do not show, because they are
//! chosen otherwise here.

mod harness;

use std::sync::Mutex;
use std::time::{Duration, Instant};

use baml_runtime::Status;
use baml_runtime::plan::ATTEMPTS_MAX;
use baml_testkit::{Act, Asked, Server};
use harness::{BOUND, Ending, Harness};
use serde_json::{Value as Json, json};

const OK: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"fine\"}}]}\n\ndata: [DONE]\n\n";

/// A project whose client `C` has a retry policy with these options, and a fallback `F` to `B`.
fn project(policy: &str) -> String {
    let client = |name: &str, url: &str, policy: &str| {
        format!(
            "client<llm> {name} {{\nprovider openai-generic\n{policy}\noptions {{\n\
             base_url env.{url}\nmodel \"m\"\n}}\n}}\n"
        )
    };
    format!(
        "retry_policy P {{\nmax_retries 2\nstrategy {{\ntype constant_delay\ndelay_ms 1\n}}\n\
         {policy}\n}}\n{}{}\
         client<llm> F {{\nprovider fallback\noptions {{\nstrategy [C, B]\n}}\n}}\n\
         function Ask(x: string) -> string {{\nclient C\nprompt #\"{{{{ x }}}}\"#\n}}\n",
        client("C", "URL", "retry_policy P"),
        client("B", "SECOND", ""),
    )
}

fn answer(head: &str, body: &str) -> Vec<Act> {
    let length = body.len();
    let text = format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\n\r\n{body}");
    vec![Act::Send(text.into_bytes())]
}

/// Answers with one head after the other, the last again and again; 200 brings a reply.
fn answers(heads: &'static [&'static str]) -> impl Fn(&Asked) -> Vec<Act> + Send + Sync {
    let next = Mutex::new(0);
    move |_| {
        let mut next = next.lock().expect("a number");
        let head = heads[(*next).min(heads.len() - 1)];
        *next += 1;
        answer(head, if head.starts_with("200") { OK } else { "no" })
    }
}

fn request(client: &str, env: &Json) -> Json {
    json!({
        "function": "Ask", "args": { "x": "?" }, "form": "json", "client": client, "env": env,
    })
}

/// Calls `C`; gives the ending and how often it was asked.
fn call(policy: &str, heads: &'static [&'static str]) -> (Ending, usize) {
    let harness = Harness::new(&project(policy));
    let server = Server::start(answers(heads));
    let ending = harness.call(&request("C", &json!({ "URL": server.url() })));
    (ending, server.seen().asked.len())
}

#[test]
fn refusals_are_not_sent_again() {
    for head in ["400 No", "401 No", "403 No", "404 No", "422 No"] {
        let heads: &[&str] = Box::leak(Box::new([head, "200 OK"]));
        let (ending, asked) = call("", heads);
        assert_eq!((ending.outcome().as_str(), asked), ("http", 1), "{head}");
        assert_eq!(ending.data["status"].to_string(), head[..3]);
    }
}

#[test]
fn refusals_are_sent_again_where_the_policy_asks() {
    let policy = "options {\nretry_refused true\n}";
    let (ending, asked) = call(policy, &["401 No", "400 No", "200 OK"]);
    assert_eq!((ending.status, asked), (Status::Done, 3));
    assert_eq!(ending.data, "fine");
}

#[test]
fn other_failures_are_sent_again_and_listed() {
    let (ending, asked) = call("", &["408 No", "429 No", "500 No"]);
    assert_eq!(asked, 3);
    assert_eq!(ending.data["status"], 500, "the last failure is the error");
    let statuses: Vec<&Json> = ending.data["attempts"]
        .as_array()
        .expect("all three")
        .iter()
        .map(|a| &a["status"])
        .collect();
    assert_eq!(statuses, [408, 429, 500]);
    assert_eq!(ending.info["error"], ending.data, "the record names the same error");
    assert_eq!(ending.info["attempts"][2]["error"]["status"], 500);
}

/// How a call ends whose policy sends it again so often, and how often it was asked.
fn many(retries: u32) -> (Ending, usize) {
    let text = project("")
        .replace("max_retries 2", &format!("max_retries {retries}"))
        .replace("delay_ms 1", "delay_ms 0");
    let harness = Harness::new(&text);
    let server = Server::start(answers(&["503 No"]));
    let ending = harness.call(&request("C", &json!({ "URL": server.url() })));
    (ending, server.seen().asked.len())
}

#[test]
fn attempts_of_a_call_have_an_end() {
    let (ending, asked) = many(ATTEMPTS_MAX - 1);
    assert_eq!((ending.outcome().as_str(), asked), ("http", ATTEMPTS_MAX as usize));
    let (ending, asked) = many(ATTEMPTS_MAX);
    assert_eq!((ending.outcome().as_str(), asked), ("invalid_argument", ATTEMPTS_MAX as usize));
    assert!(ending.data["message"].as_str().is_some_and(|text| text.contains("attempts")));
}

#[test]
fn fallback_moves_on_after_a_refusal() {
    let harness = Harness::new(&project(""));
    let (first, second) =
        (Server::start(answers(&["401 No"])), Server::start(answers(&["200 OK"])));
    let env = json!({ "URL": first.url(), "SECOND": second.url() });
    let ending = harness.call(&request("F", &env));
    assert_eq!(ending.data, "fine");
    assert_eq!((first.seen().asked.len(), second.seen().asked.len()), (1, 1));
    let attempts = &ending.info["attempts"];
    assert_eq!((&attempts[0]["selected"], &attempts[1]["selected"]), (&json!(false), &json!(true)));
}

/// How long a call took whose server asks to wait a second and a half.
fn waited(policy: &str, option: &Json) -> Duration {
    let harness = Harness::new(&project(policy));
    let heads = &["429 No\r\nretry-after: 1.5", "200 OK"];
    let server = Server::start(answers(heads));
    let mut request = request("C", &json!({ "URL": server.url() }));
    for (key, value) in option.as_object().into_iter().flatten() {
        request[key] = value.clone();
    }
    let begun = Instant::now();
    let ending = harness.call(&request);
    assert_eq!((ending.status, server.seen().asked.len()), (Status::Done, 2));
    begun.elapsed()
}

const ASKED: Duration = Duration::from_millis(1500);

#[test]
fn retry_after_is_waited_for() {
    assert!(waited("", &json!({})) >= ASKED);
}

#[test]
fn retry_after_is_bounded_by_the_policy() {
    let policy = "options {\nretry_after_max_ms 20\n}";
    assert!(waited(policy, &json!({})) < ASKED);
}

#[test]
fn retry_after_can_be_turned_off() {
    assert!(waited("options {\nretry_after false\n}", &json!({})) < ASKED);
    assert!(waited("", &json!({ "retry_after": false })) < ASKED);
}

#[test]
fn retry_after_of_one_member_does_not_hold_up_the_next() {
    let harness = Harness::new(&project(""));
    let first = Server::start(answers(&["429 No\r\nretry-after: 3600"]));
    let second = Server::start(answers(&["200 OK"]));
    let env = json!({ "URL": first.url(), "SECOND": second.url() });
    let request = json!({
        "function": "Ask", "args": { "x": "?" }, "form": "json", "client": "G", "env": env,
        "client_registry": { "clients": [
            { "name": "A", "provider": "openai-generic",
              "options": { "base_url": first.url(), "model": "m" } },
            { "name": "G", "provider": "fallback", "retry_policy": "P",
              "options": { "strategy": ["A", "B"] } },
        ] },
    });
    let begun = Instant::now();
    assert_eq!(harness.call(&request).data, "fine");
    assert!(begun.elapsed() < BOUND);
}

#[test]
fn retry_after_may_be_a_date_or_in_milliseconds() {
    let harness = Harness::new(&project(""));
    for ask in [
        "date: Sun, 06 Nov 1994 08:49:35 GMT\r\nretry-after: Sun, 06 Nov 1994 08:49:37 GMT",
        "retry-after-ms: 2000",
    ] {
        let head: &str = Box::leak(format!("429 No\r\n{ask}").into_boxed_str());
        let server = Server::start(answers(Box::leak(Box::new([head, "200 OK"]))));
        let begun = Instant::now();
        let ending = harness.call(&request("C", &json!({ "URL": server.url() })));
        assert_eq!(ending.data, "fine");
        assert!(begun.elapsed() >= Duration::from_secs(2), "{ask}");
    }
}

/// Strategies over `C`, which waits ten minutes after a failure.
const HASTY: &str = r##"
retry_policy Slow {
  max_retries 1
  strategy {
    type constant_delay
    delay_ms 600000
  }
}
retry_policy Outer {
  max_retries 1
  strategy {
    type constant_delay
    delay_ms 300
  }
}
client<llm> C {
  provider openai-generic
  retry_policy Slow
  options {
    base_url env.URL
    model "m"
  }
}
client<llm> B {
  provider openai-generic
  options {
    base_url env.SECOND
    model "m"
  }
}
client<llm> Hasty {
  provider fallback
  options {
    strategy [C, B]
    http {
      total_timeout_ms 100
    }
  }
}
client<llm> Around {
  provider fallback
  options {
    strategy [Hasty, B]
  }
}
client<llm> Again {
  provider fallback
  retry_policy Outer
  options {
    strategy [B]
    http {
      total_timeout_ms 100
    }
  }
}
function Ask(x: string) -> string {
  client C
  prompt #"{{ x }}"#
}
"##;

#[test]
fn total_limit_ends_the_wait_between_attempts() {
    let harness = Harness::new(HASTY);
    let (first, second) =
        (Server::start(answers(&["503 No"])), Server::start(answers(&["200 OK"])));
    let env = json!({ "URL": first.url(), "SECOND": second.url() });
    let ending = harness.call(&request("Hasty", &env));
    assert_eq!(ending.outcome(), "timeout (total)");
    assert_eq!(ending.data["limit_ms"], 100);
    assert_eq!(ending.data["attempts"].as_array().map(Vec::len), Some(1), "one was made");
    assert_eq!((first.seen().asked.len(), second.seen().asked.len()), (1, 0));
    // Strategies around one that ran out of time go on.
    assert_eq!(harness.call(&request("Around", &env)).data, "fine");
    assert_eq!((first.seen().asked.len(), second.seen().asked.len()), (2, 1));
}

#[test]
fn total_limit_of_a_round_does_not_shorten_the_wait_for_the_next() {
    let harness = Harness::new(HASTY);
    let server = Server::start(answers(&["503 No", "200 OK"]));
    let begun = Instant::now();
    let ending = harness.call(&request("Again", &json!({ "SECOND": server.url() })));
    assert_eq!(ending.data, "fine");
    assert!(begun.elapsed() >= Duration::from_millis(300));
}

/// One call of `C` whose server sends this body.
fn body(body: &'static str) -> Ending {
    let harness = Harness::new(&project(""));
    let server = Server::start(move |_| answer("200 OK", body));
    harness.call(&request("B", &json!({ "SECOND": server.url() })))
}

const PIECE: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";
const ERROR: &str = "data: {\"error\":{\"message\":\"overloaded\",\"code\":\"busy\"}}\n\n";

fn joined(pieces: &[&str]) -> &'static str {
    Box::leak(pieces.concat().into_boxed_str())
}

#[test]
fn an_error_in_mid_stream_counts_whatever_follows() {
    let ending = body(joined(&[PIECE, ERROR, PIECE, "data: [DONE]\n\n"]));
    assert_eq!(ending.outcome(), "transport");
    assert_eq!(ending.data["code"], "busy");
    assert!(ending.data["message"].as_str().is_some_and(|text| text.contains("overloaded")));
    assert_eq!(ending.info["error"], ending.data, "the last error and the result are one");
    assert_eq!(ending.info["raw_reply"], "a", "nothing after it is read");
    assert_eq!(ending.info["attempts"][0]["error"]["message"], ending.data["message"]);
}

#[test]
fn a_broken_event_right_before_the_end_counts() {
    let ending = body(joined(&[PIECE, "data: {\"choices\n\n", "data: [DONE]\n\n"]));
    assert_eq!(ending.outcome(), "transport");
}

#[test]
fn a_broken_event_that_good_ones_follow_is_told_as_a_warning() {
    let ending = body(joined(&[PIECE, "data: {\"choices\n\n", PIECE, "data: [DONE]\n\n"]));
    assert_eq!(ending.data, "aa");
    assert_eq!(ending.info["complete"], true);
    let warning = ending.info["warnings"][0].as_str().expect("a warning");
    assert!(warning.contains("passed over"), "{warning}");
}

#[test]
fn warnings_are_kept_up_to_a_limit() {
    const LIMIT: usize = 100;
    for (broken, kept) in [(LIMIT, LIMIT), (LIMIT + 1, LIMIT)] {
        let pair = [PIECE, "data: {\"choices\n\n"].concat();
        let text = [pair.repeat(broken).as_str(), PIECE, "data: [DONE]\n\n"].concat();
        let ending = body(Box::leak(text.into_boxed_str()));
        assert_eq!(ending.data.as_str().map(str::len), Some(broken + 1));
        assert_eq!(ending.info["warnings"].as_array().map(Vec::len), Some(kept));
    }
}

#[test]
fn a_reply_without_its_end_marker_says_so() {
    let ending = body(PIECE);
    assert_eq!((ending.data, &ending.info["complete"]), (json!("a"), &json!(false)));
    assert_eq!(ending.info["warnings"], json!(["the reply ended without its end marker"]));
}

#[test]
fn a_reply_that_ends_within_an_event_says_so() {
    let ending = body(joined(&[PIECE, "data: {\"choices\":[{\"del"]));
    assert_eq!((ending.data, &ending.info["complete"]), (json!("a"), &json!(false)));
    let warnings = ["the stream ended within an event", "the reply ended without its end marker"];
    assert_eq!(ending.info["warnings"], json!(warnings));
}

#[test]
fn a_reply_that_was_cut_for_length_says_so() {
    let finish = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n\n";
    let ending = body(joined(&[PIECE, finish, "data: [DONE]\n\n"]));
    assert_eq!((ending.data, &ending.info["complete"]), (json!("a"), &json!(false)));
    assert_eq!(ending.info["finish_reason"], "length");
    assert_eq!(ending.info["warnings"], json!(["the reply was cut: finish reason `length`"]));
}

#[test]
fn a_whole_reply_has_nothing_to_warn_of() {
    let finish = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    let ending = body(joined(&["\u{feff}", PIECE, ": ping\n\ndata:\n\n", finish, "data: [DONE]"]));
    assert_eq!((ending.data, &ending.info["complete"]), (json!("a"), &json!(true)));
    assert_eq!(ending.info["warnings"], json!([]));
}

#[test]
fn partials_carry_the_number_of_their_attempt() {
    let harness = Harness::new(&project(""));
    let next = Mutex::new(0);
    let broken = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{PIECE}\r\n",
        PIECE.len()
    );
    let server = Server::start(move |_| {
        let mut next = next.lock().expect("a number");
        *next += 1;
        match *next {
            // Long enough that the piece is taken before its attempt ends.
            1 => vec![
                Act::Send(broken.clone().into()),
                Act::Pause(Duration::from_millis(100)),
                Act::Close,
            ],
            _ => answer("200 OK", OK),
        }
    });
    let stream = harness.start(&request("C", &json!({ "URL": server.url() })), 1);
    let begun = Instant::now();
    let mut attempts = Vec::new();
    loop {
        assert!(begun.elapsed() < BOUND, "{attempts:?}");
        let poll = stream.poll();
        match poll.status {
            Status::Pending => std::thread::yield_now(),
            Status::Partial => attempts.push(poll.attempt),
            _ => {
                assert_eq!((poll.status, poll.attempt), (Status::Done, 2));
                break;
            }
        }
    }
    assert_eq!((attempts.first(), attempts.last()), (Some(&1), Some(&2)));
    assert!(attempts.is_sorted(), "{attempts:?}");
}

#[test]
fn aborted_and_failed_calls_keep_their_record() {
    let usage =
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}\n\n";
    let begun = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nx-request-id: r1\r\n\r\n{:x}\r\n{PIECE}{usage}\r\n",
        PIECE.len() + usage.len()
    );
    let harness = Harness::new(&project(""));
    let sent = begun.clone();
    let server = Server::start(move |_| vec![Act::Send(sent.clone().into()), Act::Hold]);
    let stream = harness.start(&request("B", &json!({ "SECOND": server.url() })), 1);
    server.wait(BOUND, "the server holds", |seen| !seen.held.is_empty());
    while stream.info()["attempts"][0]["events"].as_array().is_none_or(|all| all.len() < 2) {
        std::thread::yield_now();
    }
    assert!(stream.abort(9));
    assert_eq!(stream.poll().status, Status::Aborted);
    broken_off(&stream.info(), "aborted");

    let cut = Server::start(move |_| vec![Act::Send(begun.clone().into()), Act::Close]);
    let ending = harness.call(&request("B", &json!({ "SECOND": cut.url() })));
    assert_eq!(ending.outcome(), "transport");
    broken_off(&ending.info, "transport");
}

/// What is known of a call that broke off after a piece and its usage.
fn broken_off(info: &Json, kind: &str) {
    assert_eq!(info["raw_reply"], "a");
    assert_eq!(info["usage_so_far"]["input_tokens"], 3);
    assert_eq!(info["usage"]["input_tokens"], Json::Null, "no reply came of it");
    assert!(info["first_token_ms"].as_f64() <= info["duration_ms"].as_f64());
    assert!(info["first_token_ms"].as_f64().is_some() && info["error"]["kind"] == kind);
    let attempt = &info["attempts"][0];
    assert_eq!((&attempt["status"], &attempt["complete"]), (&json!(200), &json!(false)));
    assert_eq!(attempt["headers"]["x-request-id"], "r1");
    assert_eq!(attempt["events"].as_array().map(Vec::len), Some(2));
    assert_eq!(attempt["request"]["method"], "POST");
}

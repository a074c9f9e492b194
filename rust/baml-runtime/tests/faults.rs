//! A fault after every byte of an answer of every provider, streamed and not: whatever happens, the
//! call ends in one of the ways that `testdata/faults/outcomes.md` documents, within its bound, and
//! nothing is left.

mod harness;

use std::collections::BTreeMap;
use std::sync::Arc;

use baml_runtime::Stream;
use baml_testkit::{Act, Case, Server};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use harness::{BOUND, Ending, Harness, number_in};
use serde_json::{Value as Json, json};

/// Calls under way at once; those that only wait for a limit are many more.
const AT_ONCE: usize = 32;
const WAITING_AT_ONCE: usize = 1000;
const NOISE: &[u8; 16] = b"\xff\x00{]\r\n\n~\x80data:\xc3\"";
const GARBAGE: &[u8] = b"\x00\xff not what was promised \x80\r\n\r\n";
/// The number that comes with an abort.
const REASON: u8 = 9;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Cut,
    End,
    Reset,
    Silence,
    Garbage,
    Noise,
    Abort,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Head,
    Body,
    End,
}

/// An answer as its bytes on the wire.
struct Answer {
    name: String,
    provider: String,
    streamed: bool,
    bytes: Vec<u8>,
    head: usize,
    /// From here on the answer is whole.
    whole: usize,
}

/// One call.
struct Plan {
    answer: Arc<Answer>,
    fault: Fault,
    at: usize,
}

impl Plan {
    fn place(&self) -> Place {
        match self.at {
            at if at < self.answer.head => Place::Head,
            at if at < self.answer.whole => Place::Body,
            _ => Place::End,
        }
    }

    fn name(&self) -> String {
        let Answer { name, streamed, .. } = &*self.answer;
        format!("{name}, streamed {streamed}: {:?} at {}", self.fault, self.at)
    }

    fn acts(&self) -> Vec<Act> {
        let mut bytes = self.answer.bytes[..self.at].to_vec();
        let then = match self.fault {
            Fault::Cut | Fault::End => Act::Close,
            Fault::Reset => Act::Reset,
            Fault::Silence | Fault::Abort => Act::Hold,
            Fault::Garbage => {
                bytes.extend_from_slice(GARBAGE);
                Act::Close
            }
            Fault::Noise => {
                bytes.extend_from_slice(NOISE);
                let rest = self.answer.bytes.get(self.at + NOISE.len()..).unwrap_or_default();
                bytes.extend_from_slice(rest);
                Act::Close
            }
        };
        vec![Act::Send(bytes), then]
    }

    fn request(&self, index: usize, server: &Server) -> Json {
        let patience = if self.fault == Fault::Silence { "Hasty" } else { "Patient" };
        let provider = self.answer.provider.replace('-', "_");
        json!({
            "function": "Ask", "form": "json", "client": format!("{patience}_{provider}"),
            "mode": if self.answer.streamed { "stream" } else { "call" },
            "args": { "x": "?" }, "env": { "URL": format!("{}/f/{index}", server.url()) },
        })
    }
}

const PROVIDERS: [&str; 5] =
    ["openai-generic", "openai-responses", "anthropic", "google-ai", "aws-bedrock"];

fn project() -> String {
    let mut project = String::from(
        "class Answer {\n  a string\n}\nfunction Ask(x: string) -> Answer {\n  client \
         Patient_openai_generic\n  prompt #\"{{ x }}\"#\n}\n",
    );
    let hasty =
        "idle_timeout_ms 1000\ntime_to_first_token_timeout_ms 1000\nrequest_timeout_ms 3000";
    for provider in PROVIDERS {
        let access = match provider {
            "aws-bedrock" => {
                "endpoint_url env.URL\nregion \"r\"\naccess_key_id \"k\"\nsecret_access_key \"s\""
            }
            _ => "base_url env.URL\napi_key \"k\"",
        };
        for (patience, limits) in [("Patient", ""), ("Hasty", hasty)] {
            let name = format!("{patience}_{}", provider.replace('-', "_"));
            project.push_str(&format!(
                "client<llm> {name} {{\nprovider {provider}\noptions {{\nmodel \"m\"\n{access}\n\
                 http {{\nenable_connection_pooling false\n{limits}\n}}\n}}\n}}\n"
            ));
        }
    }
    project
}

/// The bytes of a streamed answer, with the marker's place.
fn streamed(case: &Case, chunked: bool) -> Arc<Answer> {
    let body = match case.opt_section("stream.base64") {
        Some(text) => STANDARD.decode(text.replace('\n', "")).expect("base64"),
        None => case.section("stream.txt").as_bytes().to_vec(),
    };
    let framing = if chunked { "transfer-encoding: chunked" } else { "connection: close" };
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n{framing}\r\n\r\n");
    let mut bytes = head.into_bytes();
    let head = bytes.len();
    if !chunked {
        bytes.extend_from_slice(&body);
        let whole = bytes.len();
        return Arc::new(answer(case, true, bytes, (head, whole)));
    }
    // Chunks end where they want, not where events do.
    for chunk in body.chunks(100) {
        bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    }
    let marked = case.json("client.json")["marker"] == json!(true);
    let marker = bytes.len() - b"\r\n".len();
    bytes.extend_from_slice(b"0\r\n\r\n");
    let whole = if marked { marker } else { bytes.len() };
    Arc::new(answer(case, true, bytes, (head, whole)))
}

fn unstreamed(case: &Case, sized: bool, status: &str, body: &str) -> Arc<Answer> {
    let length = body.len();
    let framing =
        if sized { format!("content-length: {length}") } else { "connection: close".into() };
    let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{framing}\r\n\r\n");
    let mut bytes = head.into_bytes();
    let head = bytes.len();
    bytes.extend_from_slice(body.as_bytes());
    let whole = bytes.len();
    Arc::new(answer(case, false, bytes, (head, whole)))
}

fn answer(case: &Case, streamed: bool, bytes: Vec<u8>, (head, whole): (usize, usize)) -> Answer {
    let provider = case.json("client.json")["provider"].as_str().expect("a provider").to_owned();
    let name = case.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Answer { name, provider, streamed, bytes, head, whole }
}

/// Every byte of every answer.
fn plans(fault: Fault) -> Vec<Plan> {
    let framed = !matches!(fault, Fault::End | Fault::Noise);
    let mut plans = Vec::new();
    for case in baml_testkit::cases("faults") {
        let body = case.section("whole.json").trim_end();
        for answer in [streamed(&case, framed), unstreamed(&case, framed, "200 OK", body)] {
            // After the last byte there is nothing left to be other.
            let last = answer.bytes.len() - usize::from(fault == Fault::Noise);
            for at in 0..=last {
                plans.push(Plan { answer: Arc::clone(&answer), fault, at });
            }
        }
    }
    plans
}

/// The table of `outcomes.md`: fault → what is allowed in the head, in the body, at the end.
fn outcomes() -> BTreeMap<String, [Vec<String>; 3]> {
    let path = baml_testkit::testdata().join("faults/outcomes.md");
    let text = std::fs::read_to_string(path).expect("the table");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    rows.filter_map(|row| {
        let cells: Vec<&str> = row.split(" | ").collect();
        let allowed = |cell: &str| cell.split(", ").map(str::to_owned).collect();
        let [fault, _, head, body, end] = cells[..] else { return None };
        Some((fault.to_owned(), [allowed(head), allowed(body), allowed(end)]))
    })
    .collect()
}

/// An answer with an error status, which a fault strikes in its body.
fn error_pages(fault: Fault) -> Vec<Plan> {
    let mut plans = Vec::new();
    for case in baml_testkit::cases("faults") {
        let body = r#"{"error":{"message":"slow down"}}"#;
        let answer = unstreamed(&case, fault != Fault::End, "429 Too Many Requests", body);
        for at in answer.head..=answer.bytes.len() {
            plans.push(Plan { answer: Arc::clone(&answer), fault, at });
        }
    }
    plans
}

/// Tries a fault at every byte, and compares what comes of it with the table.
fn strike(fault: Fault, at_once: usize) {
    let table = outcomes().remove(&format!("{fault:?}").to_lowercase()).expect("its row");
    let mut wrong = Vec::new();
    let (plans, endings) = run(plans(fault), at_once);
    for (plan, ending) in plans.iter().zip(&endings) {
        let allowed = &table[plan.place() as usize];
        let outcome = ending.outcome();
        if !allowed.contains(&outcome) {
            let said = &ending.data["message"];
            wrong.push(format!("{}, {:?}: {outcome}: {said}", plan.name(), plan.place()));
        } else if let Err(problem) = judge(plan, ending) {
            wrong.push(format!("{}: {problem}", plan.name()));
        }
    }
    let shown = wrong[..wrong.len().min(20)].join("\n");
    assert!(wrong.is_empty(), "{} of {}:\n{shown}", wrong.len(), plans.len());
}

/// Makes the calls, and sees that nothing is left of them.
fn run(plans: Vec<Plan>, at_once: usize) -> (Arc<Vec<Plan>>, Vec<Ending>) {
    let harness = Harness::new(&project());
    let plans = Arc::new(plans);
    let script = Arc::clone(&plans);
    let server = Server::start_with_hold(
        move |asked| script[number_in(&asked.path)].acts(),
        harness.on_hold(),
    );
    let held = |index: usize, stream: &Stream| {
        if plans[index].fault == Fault::Abort {
            // False for the answers that were whole already and ended the stream first.
            stream.abort(REASON);
            assert!(!stream.abort(REASON), "a second abort is never the first");
        }
    };
    let request = |index: usize| plans[index].request(index, &server);
    let endings = harness.calls(plans.len(), at_once, request, held);
    harness.settle();
    server.wait(BOUND, "every connection closed", |seen| seen.open == 0);
    assert_eq!(server.seen().asked.len(), plans.len(), "one request each");
    (plans, endings)
}

/// What must hold of an ending beside its kind.
fn judge(plan: &Plan, ending: &Ending) -> Result<(), String> {
    let (info, outcome) = (&ending.info, ending.outcome());
    let complete = info["complete"] == json!(true);
    let wrong = match (outcome.as_str(), plan.place(), plan.fault) {
        ("done", Place::End, _) => ending.data != json!({ "a": "ä🦀" }) || !complete,
        // Only the finish reason, which is the last thing but for empty lines, says so.
        ("done", Place::Body, Fault::End) => complete && info["finish_reason"].is_null(),
        ("aborted", ..) => ending.data["reason"] != json!(REASON),
        _ => false,
    };
    if wrong {
        return Err(format!("{} complete={complete}", ending.data));
    }
    // The last error is that of the attempt.
    let attempt = &info["attempts"][0];
    let told = ["validation", "aborted", "done"].contains(&outcome.as_str());
    if !told && attempt["error"]["kind"] != ending.data["kind"] {
        return Err(format!("two names for one error: {} {}", attempt["error"], ending.data));
    }
    Ok(())
}

#[test]
fn cut_after_every_byte_ends_the_call() {
    strike(Fault::Cut, AT_ONCE);
}

#[test]
fn early_end_after_every_byte_is_an_end_that_says_so() {
    strike(Fault::End, AT_ONCE);
}

#[test]
fn reset_after_every_byte_ends_the_call() {
    strike(Fault::Reset, AT_ONCE);
}

#[test]
fn silence_after_every_byte_ends_in_a_timeout() {
    strike(Fault::Silence, WAITING_AT_ONCE);
}

#[test]
fn garbage_after_every_byte_ends_the_call() {
    strike(Fault::Garbage, AT_ONCE);
}

#[test]
fn noise_in_place_of_any_bytes_ends_the_call() {
    strike(Fault::Noise, AT_ONCE);
}

#[test]
fn abort_after_every_byte_is_the_end_and_closes_the_socket() {
    strike(Fault::Abort, AT_ONCE);
}

#[test]
fn error_pages_stay_errors_of_their_status() {
    let faults = [Fault::Cut, Fault::End, Fault::Reset, Fault::Garbage, Fault::Silence];
    let (plans, endings) = run(faults.into_iter().flat_map(error_pages).collect(), WAITING_AT_ONCE);
    for (plan, ending) in plans.iter().zip(&endings) {
        assert_eq!(ending.outcome(), "http", "{}", plan.name());
        assert_eq!(ending.data["status"], 429, "{}", plan.name());
        let came = &plan.answer.bytes[plan.answer.head..plan.at];
        let body = ending.data["body"].as_str().expect("a body");
        assert!(body.as_bytes().starts_with(came), "{}: {body}", plan.name());
    }
}

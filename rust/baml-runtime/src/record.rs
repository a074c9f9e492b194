//! What is kept about a call while it runs and afterwards: attempts, usage, times, the raw texts.
//!
//! Invariants: credentials never enter; events and bodies are kept up to a bound, and what was left
//! out is counted.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use baml_prompt::Message;
use baml_provider::{HttpRequest, Usage, is_cut};
use serde_json::{Map, Value as Json, json};

use crate::call::prompt_text;
use crate::error::Error;
use crate::events::Events;
use crate::sync::{Mutex, lock};

/// Warnings that are kept of one attempt, and bytes of each.
const WARNINGS_MAX: usize = 100;
const WARNING_BYTES_MAX: usize = 2_000;
/// Bytes of a refusal that are kept.
const REFUSAL_BYTES_MAX: usize = 64 * 1024;

/// How much the record of one call keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordLimits {
    /// Events of one attempt.
    pub events_max: usize,
    /// Bytes of events and bodies of one call.
    pub bytes_max: usize,
}

impl Default for RecordLimits {
    fn default() -> Self {
        Self { events_max: 10_000, bytes_max: 1024 * 1024 }
    }
}

/// The record of one call.
pub struct Record {
    started: Instant,
    started_ms: u64,
    limits: RecordLimits,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    function: String,
    streamed: bool,
    milliseconds: Option<f64>,
    first_token_ms: Option<f64>,
    error: Option<Json>,
    attempts: Vec<Attempt>,
    reasoning: String,
    prompt: Vec<Message>,
    bytes: usize,
    left_out: u64,
}

/// One attempt of a call.
#[derive(Default)]
struct Attempt {
    client: String,
    provider: &'static str,
    started_ms: f64,
    duration_ms: Option<f64>,
    first_token_ms: Option<f64>,
    request: Option<Json>,
    status: Option<u16>,
    headers: Option<Json>,
    body: Option<String>,
    events: Events,
    usage: Usage,
    finish_reason: Option<String>,
    complete: bool,
    /// The reply came to its end, whatever became of it then.
    replied: bool,
    streamed: bool,
    refusal: String,
    warnings: Vec<String>,
    error: Option<Json>,
}

impl Record {
    /// The record of a call of `function` that begins now.
    pub fn new(function: &str, streamed: bool, limits: RecordLimits) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let state = State { function: function.to_owned(), streamed, ..State::default() };
        let started_ms = now.as_millis() as u64;
        Self { started: Instant::now(), started_ms, limits, state: Mutex::new(state) }
    }

    /// Another attempt begins. Gives its number, from 1.
    pub fn begin_attempt(&self, client: &str, provider: &'static str) -> u32 {
        let started_ms = self.elapsed_ms();
        let mut state = lock(&self.state);
        state.reasoning.clear();
        let client = client.to_owned();
        state.attempts.push(Attempt { client, provider, started_ms, ..Attempt::default() });
        state.attempts.len() as u32
    }

    /// The prompt of the attempt.
    pub fn prompt(&self, messages: Vec<Message>) {
        self.update(|state| state.prompt = messages);
    }

    /// The newest prompt as text.
    pub fn prompt_text(&self) -> String {
        let messages = lock(&self.state).prompt.clone();
        prompt_text(&messages)
    }

    /// The client that was asked last.
    pub fn client(&self) -> Option<String> {
        lock(&self.state).attempts.last().map(|attempt| attempt.client.clone())
    }

    /// What the attempt sends.
    pub fn request(&self, request: &HttpRequest, streamed: bool) {
        let headers: Map<String, Json> = request
            .headers
            .iter()
            .map(|header| {
                let value = if header.secret { "<redacted>" } else { header.value.as_str() };
                (header.name.clone(), Json::from(value))
            })
            .collect();
        let text = request.body.to_string();
        self.update(|state| {
            let body = if state.bytes + text.len() <= self.limits.bytes_max {
                state.bytes += text.len();
                request.body.clone()
            } else {
                state.left_out += 1;
                Json::Null
            };
            let url = redacted_url(&request.url);
            let request =
                json!({ "method": request.method, "url": url, "headers": headers, "body": body });
            if let Some(attempt) = state.attempts.last_mut() {
                attempt.request = Some(request);
                attempt.streamed = streamed;
            }
        });
    }

    /// How the answer began.
    pub fn answer(&self, status: u16, headers: &reqwest::header::HeaderMap) {
        let headers: Map<String, Json> = headers
            .iter()
            .filter(|(name, _)| *name != "set-cookie")
            .map(|(name, value)| {
                (name.to_string(), Json::from(String::from_utf8_lossy(value.as_bytes())))
            })
            .collect();
        self.attempt(|attempt| {
            attempt.status = Some(status);
            attempt.headers = Some(Json::Object(headers));
        });
    }

    /// A body that came at once.
    pub fn body(&self, body: &[u8]) {
        self.update(|state| {
            if state.bytes + body.len() > self.limits.bytes_max {
                state.left_out += 1;
            } else if let Some(attempt) = state.attempts.last_mut() {
                state.bytes += body.len();
                attempt.body = Some(String::from_utf8_lossy(body).into_owned());
            }
        });
    }

    /// An event as it came.
    pub fn event(&self, data: &str) {
        self.update(|state| {
            let Some(attempt) = state.attempts.last_mut() else { return };
            let RecordLimits { events_max, bytes_max } = self.limits;
            if attempt.events.count() >= events_max || state.bytes + data.len() > bytes_max {
                state.left_out += 1;
            } else {
                state.bytes += data.len();
                attempt.events.push(data);
            }
        });
    }

    /// The first piece of an answer came.
    pub fn first_token(&self) {
        let elapsed = self.elapsed_ms();
        self.update(|state| {
            state.first_token_ms.get_or_insert(elapsed);
            if let Some(attempt) = state.attempts.last_mut() {
                attempt.first_token_ms.get_or_insert(elapsed - attempt.started_ms);
            }
        });
    }

    /// A piece of reasoning.
    pub fn reasoning(&self, piece: &str) {
        self.update(|state| {
            if state.reasoning.len() + piece.len() <= crate::feed::REPLY_BYTES_MAX {
                state.reasoning.push_str(piece);
            }
        });
    }

    /// A piece of a refusal.
    pub fn refusal(&self, piece: &str) {
        self.attempt(|attempt| {
            if attempt.refusal.len() + piece.len() <= REFUSAL_BYTES_MAX {
                attempt.refusal.push_str(piece);
            }
        });
    }

    /// Token counts.
    pub fn usage(&self, usage: Usage) {
        self.attempt(|attempt| attempt.usage.update(usage));
    }

    /// The provider's word on how the reply ended.
    pub fn finish_reason(&self, reason: String) {
        self.attempt(|attempt| attempt.finish_reason = Some(reason));
    }

    /// The reply came to its end, whether or not it is accepted: with its end marker, or at once,
    /// or without.
    pub fn replied(&self, marked: bool) {
        self.attempt(|attempt| {
            attempt.replied = true;
            if !attempt.refusal.is_empty() {
                attempt.warn(format!("the model refused: {}", attempt.refusal));
            }
            let reason = attempt.finish_reason.as_deref();
            let cut = reason.filter(|reason| is_cut(reason));
            attempt.complete = marked && cut.is_none();
            if let Some(reason) = cut {
                attempt.warn(format!("the reply was cut: finish reason `{reason}`"));
            }
            if !marked {
                attempt.warn("the reply ended without its end marker".to_owned());
            }
        });
    }

    /// Something was passed over.
    pub fn warning(&self, mut text: String) {
        text.truncate(text.floor_char_boundary(WARNING_BYTES_MAX));
        self.attempt(|attempt| attempt.warn(text));
    }

    /// The attempt is over.
    pub fn end_attempt(&self, error: Option<&Error>) {
        let elapsed = self.elapsed_ms();
        self.attempt(|attempt| {
            attempt.duration_ms = Some(elapsed - attempt.started_ms);
            attempt.error = error.map(Error::to_json);
            attempt.events.settle();
        });
    }

    /// The call came to its end.
    pub fn settle(&self, error: Option<&Error>) {
        let elapsed = self.elapsed_ms();
        self.update(|state| {
            state.milliseconds = Some(elapsed);
            state.error = error.map(Error::to_json);
        });
    }

    /// The record as data, with the raw reply so far.
    pub fn to_json(&self, raw_reply: &str) -> Json {
        let state = lock(&self.state);
        let last = state.attempts.last();
        let count = state.attempts.len();
        let attempts = state.attempts.iter().enumerate();
        let attempts: Vec<Json> =
            attempts.map(|(at, attempt)| attempt.to_json(at + 1 == count)).collect();
        json!({
            "function": state.function,
            "type": if state.streamed { "stream" } else { "call" },
            "start_time_utc_ms": self.started_ms,
            "duration_ms": state.milliseconds,
            "first_token_ms": state.first_token_ms,
            // What was used for a reply; `usage_so_far` also counts one that broke off.
            "usage": usage_json(
                last.filter(|last| last.replied).map(|last| last.usage).unwrap_or_default(),
            ),
            "usage_so_far": usage_json(last.map(|last| last.usage).unwrap_or_default()),
            "finish_reason": last.and_then(|attempt| attempt.finish_reason.clone()),
            "complete": last.is_some_and(|attempt| attempt.complete),
            "warnings": last.map(|attempt| attempt.warnings.clone()).unwrap_or_default(),
            "raw_reply": raw_reply,
            "reasoning": state.reasoning,
            "refusal": last.map(|attempt| attempt.refusal.as_str()).unwrap_or_default(),
            "attempts": attempts,
            "left_out": state.left_out,
            "error": state.error,
        })
    }

    fn elapsed_ms(&self) -> f64 {
        self.started.elapsed().as_secs_f64() * 1e3
    }

    fn update(&self, change: impl FnOnce(&mut State)) {
        change(&mut lock(&self.state));
    }

    fn attempt(&self, change: impl FnOnce(&mut Attempt)) {
        self.update(|state| {
            if let Some(attempt) = state.attempts.last_mut() {
                change(attempt);
            }
        });
    }
}

impl Attempt {
    fn warn(&mut self, warning: String) {
        if self.warnings.len() < WARNINGS_MAX {
            self.warnings.push(warning);
        }
    }

    fn to_json(&self, selected: bool) -> Json {
        let mut events = Vec::with_capacity(self.events.count());
        self.events.each(|event| events.push(Json::from(event)));
        json!({
            "client": self.client,
            "provider": self.provider,
            "selected": selected && self.error.is_none(),
            "streamed": self.streamed,
            "started_ms": self.started_ms,
            "duration_ms": self.duration_ms,
            "first_token_ms": self.first_token_ms,
            "request": self.request,
            "status": self.status,
            "headers": self.headers,
            "body": self.body,
            "events": events,
            "usage": usage_json(self.usage),
            "finish_reason": self.finish_reason,
            "complete": self.complete,
            "refusal": self.refusal,
            "warnings": self.warnings,
            "error": self.error,
        })
    }
}

fn usage_json(usage: Usage) -> Json {
    json!({
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cached_input_tokens": usage.cached_input_tokens,
    })
}

/// Query values may be keys.
fn redacted_url(url: &str) -> String {
    let Ok(mut parsed) = url::Url::parse(url) else { return "<not an address>".to_owned() };
    let harmless = ["alt", "api-version"];
    let pairs: Vec<(String, String)> = parsed
        .query_pairs()
        .map(|(name, value)| {
            let shown =
                if harmless.contains(&&*name) { value.into_owned() } else { "<redacted>".into() };
            (name.into_owned(), shown)
        })
        .collect();
    if !pairs.is_empty() {
        parsed.query_pairs_mut().clear().extend_pairs(pairs);
    }
    let _ = parsed.set_password(None);
    parsed.into()
}

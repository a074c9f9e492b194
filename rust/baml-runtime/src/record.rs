//! What is kept about a call while it runs and afterwards: attempts, usage, times, the raw texts.
//!
//! Invariants: credentials never enter; events and bodies are kept up to a bound, and what was left
//! out is counted.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use baml_prompt::Message;
use baml_provider::{HttpRequest, Usage, is_cut};
use serde_json::{Map, Value as Json, json};

use crate::call::prompt_text;
use crate::call_log::{Begun, CallLog, Ended, Settled};
use crate::error::{AttemptFailure, Error};
use crate::events::{Events, Piece};
use crate::record_text::{EventsForm, RecordText};
use crate::secrets::{HIDDEN, Secrets};
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
    log: CallLog,
    state: Mutex<State>,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) function: String,
    pub(crate) streamed: bool,
    pub(crate) milliseconds: Option<f64>,
    pub(crate) first_token_ms: Option<f64>,
    pub(crate) error: Option<Json>,
    pub(crate) score: Option<i64>,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) reasoning: String,
    pub(crate) prompt: Vec<Message>,
    pub(crate) bytes: usize,
    pub(crate) left_out: u64,
}

/// One attempt of a call.
#[derive(Default)]
pub(crate) struct Attempt {
    pub(crate) client: String,
    pub(crate) provider: &'static str,
    pub(crate) started_ms: f64,
    pub(crate) duration_ms: Option<f64>,
    pub(crate) first_token_ms: Option<f64>,
    /// What was sent, as JSON text.
    pub(crate) request: Option<String>,
    /// What the answer may have repeated of it, and nobody is told.
    pub(crate) secrets: Secrets,
    pub(crate) status: Option<u16>,
    /// Those of the answer, as JSON text.
    pub(crate) headers: Option<String>,
    pub(crate) body: Option<String>,
    pub(crate) events: Events,
    pub(crate) usage: Usage,
    pub(crate) finish_reason: Option<String>,
    pub(crate) complete: bool,
    /// The reply came to its end, whatever became of it then.
    pub(crate) replied: bool,
    pub(crate) streamed: bool,
    pub(crate) refusal: String,
    pub(crate) warnings: Vec<String>,
    pub(crate) error: Option<Box<Json>>,
    pub(crate) failure: Option<Box<AttemptFailure>>,
}

impl Record {
    /// The record of a call of `function` that begins now, and tells the log as well.
    pub fn new(function: &str, streamed: bool, limits: RecordLimits, log: CallLog) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let state = State { function: function.to_owned(), streamed, ..State::default() };
        let started_ms = now.as_millis() as u64;
        Self { started: Instant::now(), started_ms, limits, log, state: Mutex::new(state) }
    }

    /// Another attempt begins, and `reply` of the one before is given up. Gives its number, from 1.
    pub fn begin_attempt(&self, client: &str, provider: &'static str, reply: &str) -> u32 {
        let started_ms = self.elapsed_ms();
        let mut state = lock(&self.state);
        if let Some(last) = state.attempts.last_mut() {
            last.events.part_from(reply);
        }
        state.reasoning.clear();
        let before = state.attempts.last().map(|last| {
            let ended_ms = last.started_ms + last.duration_ms.unwrap_or_default();
            (last.client.clone(), started_ms - ended_ms)
        });
        let client = client.to_owned();
        let attempt = state.attempts.len() as u32 + 1;
        let begun = Attempt { client: client.clone(), provider, started_ms, ..Attempt::default() };
        if state.attempts.is_empty() {
            // Most calls make one, and room for four would be most of what a short one holds.
            state.attempts.reserve_exact(1);
        }
        state.attempts.push(begun);
        drop(state);
        let before = before.as_ref().map(|(client, ago_ms)| (client.as_str(), *ago_ms));
        self.log.attempt_started(&Begun { attempt, client: &client, provider, before });
        attempt
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

    /// What the attempt sends, with its body as it is written, and what of it nobody is told.
    pub fn request(&self, request: &HttpRequest, body: &[u8], secrets: Secrets, streamed: bool) {
        let headers: Map<String, Json> = request
            .headers
            .iter()
            .map(|header| {
                let value = if header.secret { HIDDEN } else { header.value.as_str() };
                (header.name.clone(), Json::from(value))
            })
            .collect();
        let rest = json!({
            "method": request.method, "url": redacted_url(&request.url), "headers": headers,
        });
        let mut told = rest.to_string();
        self.update(|state| {
            let kept = state.keep(body.len(), self.limits.bytes_max);
            let body = if kept { std::str::from_utf8(body).unwrap_or("null") } else { "null" };
            // One more member of the same object.
            told.truncate(told.len() - 1);
            told.reserve_exact(body.len() + ",\"body\":}".len());
            told.push_str(",\"body\":");
            told.push_str(body);
            told.push('}');
            if let Some(attempt) = state.attempts.last_mut() {
                attempt.request = Some(told);
                attempt.secrets = secrets;
                attempt.streamed = streamed;
            }
        });
    }

    /// How the answer began.
    pub fn answer(&self, status: u16, headers: &http::HeaderMap) {
        let headers = headers.iter().filter(|(name, _)| *name != "set-cookie");
        self.attempt(|attempt| {
            let headers: Map<String, Json> = headers
                .map(|(name, value)| {
                    let value = String::from_utf8_lossy(value.as_bytes());
                    (name.to_string(), Json::from(attempt.secrets.hide(&value)))
                })
                .collect();
            attempt.status = Some(status);
            attempt.headers = Some(Json::Object(headers).to_string());
        });
    }

    /// A body that came at once.
    pub fn body(&self, body: &[u8]) {
        self.update(|state| {
            if state.keep(body.len(), self.limits.bytes_max)
                && let Some(attempt) = state.attempts.last_mut()
            {
                attempt.body = Some(String::from_utf8_lossy(body).into_owned());
            }
        });
    }

    /// An event as it came, with the piece that it brings: the reply will hold it.
    pub fn event(&self, data: &str, piece: Option<Piece<'_>>) {
        self.update(|state| {
            let RecordLimits { events_max, bytes_max } = self.limits;
            let room = state.attempts.last().is_some_and(|last| last.events.count() < events_max);
            if !room {
                state.left_out += 1;
            } else if state.keep(data.len(), bytes_max)
                && let Some(attempt) = state.attempts.last_mut()
            {
                attempt.events.push(&attempt.secrets.hide(data), piece);
            }
        });
    }

    /// Whether bodies and events are kept.
    pub fn keeps_raw(&self) -> bool {
        self.limits.bytes_max > 0
    }

    /// The reasoning of an attempt from a byte on; nothing if the attempt is not the newest.
    pub fn reasoning_from(&self, attempt: u32, from: usize) -> String {
        let state = lock(&self.state);
        if state.attempts.len() as u32 != attempt {
            return String::new();
        }
        let from = state.reasoning.floor_char_boundary(from.min(state.reasoning.len()));
        state.reasoning[from..].to_owned()
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
        self.update(|state| {
            if let Some(attempt) = state.attempts.last_mut() {
                text = attempt.secrets.hide(&text).into_owned();
                attempt.warn(text.clone());
            }
        });
        self.log.passed_over(&text);
    }

    /// The attempt is over.
    pub fn end_attempt(&self, error: Option<&Error>) {
        let elapsed = self.elapsed_ms();
        let mut state = lock(&self.state);
        let number = state.attempts.len() as u32;
        let Some(attempt) = state.attempts.last_mut() else { return };
        attempt.duration_ms = Some(elapsed - attempt.started_ms);
        attempt.error = error.map(|error| Box::new(error.to_json()));
        attempt.events.settle();
        attempt.failure = error.map(|error| Box::new(error.as_attempt()));
        self.log.attempt_ended(&Ended {
            attempt: number,
            client: &attempt.client,
            status: attempt.status,
            duration_ms: elapsed - attempt.started_ms,
            first_token_ms: attempt.first_token_ms,
            usage: attempt.usage,
            finish_reason: attempt.finish_reason.as_deref(),
            complete: attempt.complete,
            error,
        });
    }

    /// The error with the attempts behind it, where it does not name them itself: those that
    /// failed, and the one that it ended.
    pub fn with_attempts(&self, mut error: Error) -> Error {
        if !error.attempts.is_empty() {
            return error;
        }
        let state = lock(&self.state);
        let known = state.attempts.iter().filter_map(|attempt| attempt.failure.as_deref().cloned());
        error.attempts = known.collect();
        if let Some(last) = state.attempts.last().filter(|last| last.failure.is_none()) {
            error.attempts.push(error.clone().of_client(last.client.as_str()).as_attempt());
        }
        error
    }

    /// What reading the reply took in liberties.
    pub fn score(&self, score: Option<i64>) {
        self.update(|state| state.score = score);
    }

    /// The call came to its end; `reply` gives what was said until then.
    pub fn settle(&self, error: Option<&Error>, reply: impl FnOnce() -> String) {
        let elapsed = self.elapsed_ms();
        let text = self.log.wants_content().then(|| (self.prompt_text(), reply()));
        let mut state = lock(&self.state);
        state.milliseconds = Some(elapsed);
        state.error = error.map(Error::to_json);
        if let Some(last) = state.attempts.last_mut().filter(|last| last.duration_ms.is_none()) {
            // It was under way when the call was aborted.
            last.duration_ms = Some(elapsed - last.started_ms);
            last.error = error.map(|error| Box::new(error.to_json()));
        }
        let last = state.attempts.last();
        let settled = Settled {
            attempts: state.attempts.len(),
            client: last.map(|last| last.client.as_str()),
            duration_ms: elapsed,
            first_token_ms: state.first_token_ms,
            usage: last.map(|last| last.usage).unwrap_or_default(),
            error,
        };
        self.log.call_ended(&settled, text);
    }

    /// The record as it is told, with the raw reply so far, which may be long: it is written once,
    /// from where it lies.
    pub fn told(&self, raw_reply: &str, form: EventsForm) -> Vec<u8> {
        let state = lock(&self.state);
        let mut text = RecordText::new(form, raw_reply, state.reasoning.len());
        text.call(&state, self.log.call(), self.started_ms);
        text.finish()
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

impl State {
    /// Whether so many bytes more are kept.
    fn keep(&mut self, bytes: usize, max: usize) -> bool {
        let kept = self.bytes + bytes <= max;
        if kept {
            self.bytes += bytes;
        } else if max > 0 {
            self.left_out += 1;
        }
        kept
    }
}

impl Attempt {
    fn warn(&mut self, warning: String) {
        if self.warnings.len() < WARNINGS_MAX {
            self.warnings.push(warning);
        }
    }
}

/// Query values may be keys.
fn redacted_url(url: &str) -> String {
    let Ok(mut parsed) = url::Url::parse(url) else { return "<not an address>".to_owned() };
    let harmless = ["alt", "api-version"];
    let pairs: Vec<(String, String)> = parsed
        .query_pairs()
        .map(|(name, value)| {
            let shown = if harmless.contains(&&*name) { value.into_owned() } else { HIDDEN.into() };
            (name.into_owned(), shown)
        })
        .collect();
    if !pairs.is_empty() {
        parsed.query_pairs_mut().clear().extend_pairs(pairs);
    }
    let _ = parsed.set_password(None);
    parsed.into()
}

//! What a call says in the log: one place for the words, so that they stay the same everywhere.
//!
//! ```text
//!   debug  attempt started · attempt finished        error  call failed
//!   info   retry · fallback · call finished · call aborted
//!   warn   attempt failed · reply incomplete · whatever was passed over
//! ```
//! Invariant: only what is listed here is logged; no header, no body, no credential.

use std::sync::Arc;

use baml_provider::Usage;
use serde_json::Value as Json;

use crate::error::{Error, ErrorKind};
use crate::log::{Level, Log, content};

/// The log as one call uses it.
#[derive(Clone)]
pub struct CallLog {
    log: Arc<Log>,
    call: u64,
    function: String,
}

/// An attempt that began.
pub struct Begun<'a> {
    /// Its number, from 1.
    pub attempt: u32,
    /// Who is asked.
    pub client: &'a str,
    /// In which wire format.
    pub provider: &'static str,
    /// Who was asked before, if anybody was, and how long ago that ended.
    pub before: Option<(&'a str, f64)>,
}

/// An attempt that is over.
pub struct Ended<'a> {
    /// Its number, from 1.
    pub attempt: u32,
    /// Who was asked.
    pub client: &'a str,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
    /// How long it took.
    pub duration_ms: f64,
    /// When its first piece came.
    pub first_token_ms: Option<f64>,
    /// What it used.
    pub usage: Usage,
    /// The provider's word on how it ended.
    pub finish_reason: Option<&'a str>,
    /// The reply's end marker came.
    pub complete: bool,
    /// Why it failed.
    pub error: Option<&'a Error>,
}

/// A call that is over.
pub struct Settled<'a> {
    /// How many attempts it made.
    pub attempts: usize,
    /// Who was asked last.
    pub client: Option<&'a str>,
    /// How long it took.
    pub duration_ms: f64,
    /// When its first piece came.
    pub first_token_ms: Option<f64>,
    /// What the last attempt used.
    pub usage: Usage,
    /// Why there is no value.
    pub error: Option<&'a Error>,
}

impl CallLog {
    /// The log of the call that its owner calls `call`.
    pub fn new(log: &Arc<Log>, call: u64, function: &str) -> Self {
        Self { log: Arc::clone(log), call, function: function.to_owned() }
    }

    /// The number of the call.
    pub fn call(&self) -> u64 {
        self.call
    }

    /// Whether the end of a call is told with its prompt and its reply.
    pub fn wants_content(&self) -> bool {
        self.log.wants_content() && self.log.wants(Level::Error)
    }

    /// An attempt began.
    pub fn attempt_started(&self, begun: &Begun<'_>) {
        if !self.log.wants(Level::Error) {
            return;
        }
        let about = [
            ("attempt", begun.attempt.into()),
            ("client", begun.client.into()),
            ("provider", begun.provider.into()),
        ];
        if let Some((client, ago_ms)) = begun.before {
            let message = if client == begun.client { "retry" } else { "fallback" };
            let more = [("after", client.into()), ("waited_ms", tenths(ago_ms))];
            self.add(Level::Info, message, &[&about[..], &more[..]].concat());
        }
        self.add(Level::Debug, "attempt started", &about);
    }

    /// An attempt is over.
    pub fn attempt_ended(&self, ended: &Ended<'_>) {
        if !self.log.wants(Level::Error) {
            return;
        }
        let mut about = vec![
            ("attempt", ended.attempt.into()),
            ("client", ended.client.into()),
            ("status", ended.status.into()),
            ("duration_ms", tenths(ended.duration_ms)),
            ("first_token_ms", ended.first_token_ms.map_or(Json::Null, tenths)),
            ("finish_reason", ended.finish_reason.into()),
        ];
        about.extend(tokens(ended.usage));
        let Some(error) = ended.error else {
            self.add(Level::Debug, "attempt finished", &about);
            if !ended.complete {
                self.add(Level::Warn, "reply incomplete: it ended without its end marker", &about);
            }
            return;
        };
        about.extend(failure(error));
        self.add(Level::Warn, "attempt failed", &about);
    }

    /// Something in a reply was passed over.
    pub fn passed_over(&self, what: &str) {
        self.add(Level::Warn, what, &[]);
    }

    /// The call is over; with its prompt and its reply where they are wanted.
    pub fn call_ended(&self, settled: &Settled<'_>, text: Option<(String, String)>) {
        if !self.log.wants(Level::Error) {
            return;
        }
        let mut about = vec![
            ("client", settled.client.into()),
            ("attempts", settled.attempts.into()),
            ("duration_ms", tenths(settled.duration_ms)),
            ("first_token_ms", settled.first_token_ms.map_or(Json::Null, tenths)),
        ];
        about.extend(tokens(settled.usage));
        let (level, message) = match settled.error.map(|error| (error, &error.kind)) {
            None => (Level::Info, "call finished"),
            Some((_, ErrorKind::Aborted { reason })) => {
                about.push(("abort_reason", (*reason).into()));
                (Level::Info, "call aborted")
            }
            Some((error, _)) => {
                about.extend(failure(error));
                (Level::Error, "call failed")
            }
        };
        if let Some((prompt, reply)) = text {
            about.extend([("prompt", content(prompt)), ("reply", content(reply))]);
        }
        self.add(level, message, &about);
    }

    fn add(&self, level: Level, message: &str, attributes: &[(&'static str, Json)]) {
        if self.log.wants(level) {
            let function = Json::from(self.function.as_str());
            let own = [("function", function), ("call", self.call.into())];
            self.log.add(level, message, own.iter().chain(attributes));
        }
    }
}

fn failure(error: &Error) -> [(&'static str, Json); 2] {
    // What a reply was read as quotes the reply.
    let message = match error.kind {
        ErrorKind::Validation { .. } => "the reply is not a value of the promised type",
        _ => error.message.as_str(),
    };
    [("kind", error.kind.name().into()), ("error", message.into())]
}

fn tokens(usage: Usage) -> [(&'static str, Json); 3] {
    [
        ("input_tokens", usage.input_tokens.into()),
        ("output_tokens", usage.output_tokens.into()),
        ("cached_input_tokens", usage.cached_input_tokens.into()),
    ]
}

/// Milliseconds as people read them.
fn tenths(milliseconds: f64) -> Json {
    ((milliseconds * 10.0).round() / 10.0).into()
}

//! The record of a call as text: JSON, or JSON whose raw events are left as they are kept, to be
//! unpacked by whoever looks at them.
//!
//! Most records are never read, and their events are most of them: of a stream of 200 pieces the
//! text is 70 KB long, the packed form a tenth of that.
//!
//! Invariant: both forms tell the same.

use baml_provider::Usage;
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::events::Events;
use crate::record::{Attempt, State};

/// What a record without its long texts takes, more or less.
const SUMMARY_BYTES: usize = 2048;

/// How raw events are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventsForm {
    /// As a JSON array of texts.
    Json,
    /// As they are kept, apart from the text.
    Packed,
}

/// A record as it is told, in the making.
pub(crate) struct RecordText<'a> {
    out: Vec<u8>,
    form: EventsForm,
    /// The raw reply, which the events of the newest attempt lie beside.
    reply: &'a str,
    /// What was left out, with where it belongs.
    apart: Vec<(usize, Apart<'a>)>,
}

/// What the packed form leaves out of its text.
enum Apart<'a> {
    Reply,
    Events(&'a Events),
}

/// What tells the parts of the packed form.
const PART_REPLY: u64 = 0;
const PART_EVENTS: u64 = 1;

impl<'a> RecordText<'a> {
    /// Nothing yet, with room for long texts of so many bytes beside the raw reply.
    pub(crate) fn new(form: EventsForm, reply: &'a str, bytes: usize) -> Self {
        let long = if form == EventsForm::Json { reply.len() + bytes } else { bytes };
        Self { out: Vec::with_capacity(long + SUMMARY_BYTES), form, reply, apart: Vec::new() }
    }

    /// The message: the text, behind what was left out of it in the packed form.
    pub(crate) fn finish(self) -> Vec<u8> {
        if self.form == EventsForm::Json {
            return self.out;
        }
        let mut message = crate::wire::Writer::default();
        message.bytes(self.reply.as_bytes());
        message.varint(self.apart.len() as u64);
        for (at, part) in &self.apart {
            message.varint(*at as u64);
            match part {
                Apart::Reply => message.varint(PART_REPLY),
                Apart::Events(events) => {
                    message.varint(PART_EVENTS);
                    let (count, packed) = events.packed(self.reply.len());
                    message.varint(count as u64);
                    message.bytes(packed);
                }
            }
        }
        let mut bytes = message.finish();
        bytes.extend_from_slice(&self.out);
        bytes
    }

    /// Writes the members of an object that the text stands in.
    fn members<const N: usize>(&mut self, members: [(&str, &dyn Told); N]) {
        for (name, value) in members {
            if !matches!(self.out.last(), None | Some(b'{' | b'[')) {
                self.out.push(b',');
            }
            self.value(name);
            self.out.push(b':');
            value.tell(&mut self.out);
        }
    }

    fn value(&mut self, value: &(impl Serialize + ?Sized)) {
        // Writing to memory cannot fail, and keys are texts.
        let _ = serde_json::to_writer(&mut self.out, value);
    }

    fn raw_reply(&mut self) {
        self.out.extend_from_slice(b"\"raw_reply\":");
        match self.form {
            EventsForm::Packed => self.apart.push((self.out.len(), Apart::Reply)),
            EventsForm::Json => self.value(self.reply),
        }
    }

    fn events(&mut self, events: &'a Events) {
        self.out.extend_from_slice(b",\"events\":[");
        match self.form {
            EventsForm::Packed if events.count() > 0 => {
                self.apart.push((self.out.len(), Apart::Events(events)));
            }
            EventsForm::Packed => {}
            EventsForm::Json => events.each(self.reply, |event| {
                if self.out.last() != Some(&b'[') {
                    self.out.push(b',');
                }
                self.value(event);
            }),
        }
        self.out.push(b']');
    }

    /// Everything that is known about a call.
    pub(crate) fn call(&mut self, state: &'a State, call: u64, started_ms: u64) {
        let last = state.attempts.last();
        let replied = last.filter(|last| last.replied).map(|last| last.usage).unwrap_or_default();
        let so_far = last.map(|last| last.usage).unwrap_or_default();
        self.out.push(b'{');
        self.raw_reply();
        self.members([
            ("reasoning", &state.reasoning),
            ("function", &state.function),
            ("call", &call),
            ("type", &if state.streamed { "stream" } else { "call" }),
            ("start_time_utc_ms", &started_ms),
            ("duration_ms", &state.milliseconds),
            ("first_token_ms", &state.first_token_ms),
            // What was used for a reply; `usage_so_far` also counts one that broke off.
            ("usage", &usage_json(replied)),
            ("usage_so_far", &usage_json(so_far)),
            ("finish_reason", &last.and_then(|attempt| attempt.finish_reason.as_ref())),
            ("complete", &last.is_some_and(|attempt| attempt.complete)),
            ("warnings", &last.map(|attempt| attempt.warnings.as_slice()).unwrap_or_default()),
            ("refusal", &last.map(|attempt| attempt.refusal.as_str()).unwrap_or_default()),
            ("score", &state.score),
            ("left_out", &state.left_out),
            ("error", &state.error),
        ]);
        self.out.extend_from_slice(b",\"attempts\":[");
        for (at, attempt) in state.attempts.iter().enumerate() {
            if at > 0 {
                self.out.push(b',');
            }
            self.attempt(attempt, at + 1 == state.attempts.len());
        }
        self.out.extend_from_slice(b"]}");
    }

    fn attempt(&mut self, attempt: &'a Attempt, is_last: bool) {
        self.out.push(b'{');
        self.members([
            ("client", &attempt.client),
            ("provider", &attempt.provider),
            ("selected", &(is_last && attempt.error.is_none())),
            ("streamed", &attempt.streamed),
            ("started_ms", &attempt.started_ms),
            ("duration_ms", &attempt.duration_ms),
            ("first_token_ms", &attempt.first_token_ms),
            ("request", &Written(attempt.request.as_deref())),
            ("status", &attempt.status),
            ("headers", &Written(attempt.headers.as_deref())),
            ("body", &attempt.body.as_deref().map(|body| attempt.secrets.hide(body))),
            ("usage", &usage_json(attempt.usage)),
            ("finish_reason", &attempt.finish_reason),
            ("complete", &attempt.complete),
            ("refusal", &attempt.refusal),
            ("warnings", &attempt.warnings),
            ("error", &attempt.error),
        ]);
        self.events(&attempt.events);
        self.out.push(b'}');
    }
}

/// What can be told as JSON.
trait Told {
    fn tell(&self, out: &mut Vec<u8>);
}

impl<T: Serialize> Told for T {
    fn tell(&self, out: &mut Vec<u8>) {
        // As above.
        let _ = serde_json::to_writer(out, self);
    }
}

/// JSON that was written before.
struct Written<'a>(Option<&'a str>);

impl Told for Written<'_> {
    fn tell(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0.unwrap_or("null").as_bytes());
    }
}

fn usage_json(usage: Usage) -> Json {
    json!({
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cached_input_tokens": usage.cached_input_tokens,
    })
}

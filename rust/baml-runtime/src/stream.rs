//! A stream as its owner holds it: polled, aborted, asked for its record.
//!
//! ```text
//!   RUNNING ──(reply complete, a value)──► DONE
//!      ├─────(no reply, or not a value)──► FAILED
//!      └──────────(tripwire tripped)─────► ABORTED
//! ```
//! Invariants:
//! 1. One compare-exchange of the stream's own tripwire decides between the three: `disarm` for the
//!    first two, `abort` for the third. The state never changes again; every later poll gives it.
//! 2. A poll looks at the tripwire after it has read and before it answers, so no partial is taken
//!    from a stream whose abort returned.
//! 3. The reply is read under `reading`, which only polls take; the task never waits for it.

use std::sync::Arc;

use baml_schema::Value;

use crate::error::{Error, ErrorKind};
use crate::feed::{End, Feed};
use crate::record::Record;
use crate::record_text::EventsForm;
use crate::sync::{Mutex, lock};
use crate::tripwire::Tripwire;
use crate::{plain, wire};

/// Reads the reply of one attempt.
pub trait ReplyReader: Send {
    /// Exchanges its copy of the reply for `reply`, which goes on where that one ended: it is lent
    /// from before a call of another function until after it. One that looks at each piece once
    /// is given what is new instead, out of a feed in blocks.
    fn exchange(&mut self, reply: &mut Arc<String>);
    /// Reads what is new of the reply.
    fn read_on(&mut self);
    /// What may be shown of it by now, if anything.
    fn partial(&mut self) -> Option<Value>;
    /// What changed since the last call, as a message of the wire form, if anything. `None` asks
    /// for the whole value instead.
    fn changes(&mut self) -> Option<Change>;
    /// The value of the whole reply.
    fn finish(&mut self) -> Result<Value, Error>;
    /// Whether what `changes` told makes up the value that `finish` gave.
    fn has_told_all(&self) -> bool {
        false
    }
}

/// What became of a partial since it was last asked for.
pub enum Change {
    /// It is the same, or may not be shown.
    Nothing,
    /// A message of the wire form.
    Message(Vec<u8>),
}

/// Makes the reader of an attempt.
pub type ReaderSource = Box<dyn Fn() -> Box<dyn ReplyReader> + Send + Sync>;

/// How values cross the line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u32)]
pub enum Form {
    /// As text.
    Json = 1,
    /// As the bytes of `bindings/WIRE.md`.
    #[default]
    Wire = 2,
}

/// What a partial holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Partials {
    /// None: the caller wants the result only.
    Off,
    /// The whole value each time.
    #[default]
    Whole,
    /// What changed since the last one; wire form only.
    Changes,
}

impl Partials {
    /// Whether a stream of this form tells them as changes.
    pub fn are_changes(self, form: Form) -> bool {
        self == Self::Changes && form == Form::Wire
    }
}

/// What a poll found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Status {
    Pending,
    Partial,
    Done,
    Failed,
    Aborted,
}

/// The answer of a poll.
#[derive(Clone, Debug, PartialEq)]
pub struct Poll {
    /// What was found.
    pub status: Status,
    /// The form of `data`; errors are always JSON.
    pub form: Form,
    /// The attempt that it belongs to, from 1.
    pub attempt: u32,
    /// Counts the answers that carried a value, from 1.
    pub sequence: u64,
    /// The value or the error.
    pub data: Vec<u8>,
}

/// A call under way or ended.
pub struct Stream {
    feed: Arc<Feed>,
    tripwire: Tripwire,
    reading: Mutex<Reading>,
    source: ReaderSource,
    form: Form,
    partials: Partials,
    record: Arc<Record>,
}

#[derive(Default)]
struct Reading {
    attempt: u32,
    reader: Option<Box<dyn ReplyReader>>,
    sequence: u64,
    /// The last partial that was given, to keep from giving it again.
    shown: Option<Value>,
    outcome: Option<Poll>,
}

/// What a stream is made of.
pub struct Parts {
    /// Where the task writes.
    pub feed: Arc<Feed>,
    /// The stream's own wire.
    pub tripwire: Tripwire,
    /// Makes readers.
    pub source: ReaderSource,
    /// The form of values.
    pub form: Form,
    /// What partials hold.
    pub partials: Partials,
    /// What is kept about the call.
    pub record: Arc<Record>,
}

impl Stream {
    /// A stream that has not been polled yet.
    pub fn new(parts: Parts) -> Self {
        let Parts { feed, tripwire, source, form, partials, record } = parts;
        let reading = Mutex::new(Reading::default());
        Self { feed, tripwire, reading, source, form, partials, record }
    }

    /// What is new. Never waits for the provider; waits for another poll of the same stream.
    pub fn poll(&self) -> Poll {
        let mut reading = lock(&self.reading);
        if let Some(outcome) = &reading.outcome {
            return outcome.clone();
        }
        let mut news = self.feed.look();
        if let Some(reason) = self.tripwire.reason() {
            return self.settle(&mut reading, Err(Error::aborted(reason)));
        }
        if news.attempt != reading.attempt {
            reading.attempt = news.attempt;
            reading.reader = Some((self.source)());
            reading.shown = None;
        }
        let grown = !news.piece().is_empty();
        let completed = matches!(news.end, Some(End::Complete));
        if !grown && news.end.is_none() {
            return self.read(&mut reading, false, None);
        }
        if let Some(reader) = &mut reading.reader {
            reader.exchange(&mut news.text);
            if grown {
                reader.read_on();
            }
        }
        let found = self.read(&mut reading, grown || completed, news.end);
        if let Some(reader) = &mut reading.reader {
            reader.exchange(&mut news.text);
        }
        found
    }

    /// What the reply is by now, or what became of it.
    fn read(&self, reading: &mut Reading, grown: bool, end: Option<End>) -> Poll {
        // What came before the end is shown first; the end is looked at again then. A reply that
        // never came has nothing to show.
        let last = self.show(reading, grown);
        if last.status != Status::Pending || end.is_none() {
            if end.is_some() {
                self.feed.tell();
            }
            return last;
        }
        let result = match (end, &mut reading.reader) {
            (Some(End::Failed(error)), _) => Err(*error),
            (_, Some(reader)) => reader.finish(),
            (_, None) => Err(Error::internal("a reply ended that never began")),
        };
        self.settle(reading, result)
    }

    /// Aborts. True if this call ended the stream; it is over once this returned.
    pub fn abort(&self, reason: u8) -> bool {
        self.tripwire.abort(reason)
    }

    /// What is known about the call so far: as JSON text, or in the packed form of
    /// `bindings/WIRE.md`.
    pub fn info_text(&self, form: EventsForm) -> Vec<u8> {
        self.feed.with_text(|text| self.record.told(text, form))
    }

    /// The same as data.
    pub fn info(&self) -> serde_json::Value {
        serde_json::from_slice(&self.info_text(EventsForm::Json)).unwrap_or_default()
    }

    /// The raw reply of the newest attempt as far as it has come, in the form of
    /// `bindings/WIRE.md`: what lies beyond `text_from` and `reasoning_from` bytes, or all of it if
    /// `attempt` is not the newest one.
    pub fn raw(&self, attempt: u32, text_from: usize, reasoning_from: usize) -> Vec<u8> {
        let (newest, text) = self.feed.raw(attempt, text_from);
        let from = if newest == attempt { reasoning_from } else { 0 };
        wire::raw(newest, &text, &self.record.reasoning_from(newest, from))
    }

    fn show(&self, reading: &mut Reading, grown: bool) -> Poll {
        let data = if grown { self.partial(reading) } else { None };
        match (data, self.tripwire.reason()) {
            (_, Some(reason)) => self.settle(reading, Err(Error::aborted(reason))),
            (None, None) => Poll {
                status: Status::Pending,
                form: self.form,
                attempt: reading.attempt,
                sequence: reading.sequence,
                data: Vec::new(),
            },
            (Some(data), None) => {
                reading.sequence += 1;
                Poll {
                    status: Status::Partial,
                    form: self.form,
                    attempt: reading.attempt,
                    sequence: reading.sequence,
                    data,
                }
            }
        }
    }

    fn partial(&self, reading: &mut Reading) -> Option<Vec<u8>> {
        let reader = reading.reader.as_mut()?;
        if self.partials == Partials::Off {
            return None;
        }
        if self.partials.are_changes(self.form) {
            match reader.changes() {
                Some(Change::Nothing) => return None,
                Some(Change::Message(bytes)) => return Some(bytes),
                None => {}
            }
        }
        let value = reader.partial()?;
        if reading.shown.as_ref() == Some(&value) {
            return None;
        }
        let data = self.encode(&value);
        reading.shown = Some(value);
        Some(data)
    }

    /// Moves to a terminal state, unless the tripwire was faster.
    fn settle(&self, reading: &mut Reading, result: Result<Value, Error>) -> Poll {
        // What it made of the reply is given back before more is made.
        let is_told = reading.reader.take().is_some_and(|reader| reader.has_told_all());
        reading.shown = None;
        let tripped = if self.tripwire.disarm() { None } else { self.tripwire.reason() };
        let result = tripped.map_or(result, |reason| Err(Error::aborted(reason)));
        let result = result.map_err(|error| self.record.with_attempts(error));
        let (status, form, data) = match &result {
            Ok(_) if is_told => (Status::Done, self.form, wire::changes(&[])),
            Ok(value) => (Status::Done, self.form, self.encode(value)),
            Err(error) => {
                let aborted = matches!(error.kind, ErrorKind::Aborted { .. });
                let status = if aborted { Status::Aborted } else { Status::Failed };
                (status, Form::Json, error.to_json().to_string().into_bytes())
            }
        };
        self.record.settle(result.as_ref().err(), || self.feed.text());
        reading.sequence += 1;
        let (attempt, sequence) = (reading.attempt, reading.sequence);
        let outcome = Poll { status, form, attempt, sequence, data };
        reading.outcome = Some(outcome.clone());
        outcome
    }

    fn encode(&self, value: &Value) -> Vec<u8> {
        match self.form {
            Form::Wire => wire::whole(value),
            Form::Json => plain::json(value).to_string().into_bytes(),
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.tripwire.abort(reason::CLOSED);
    }
}

/// The reasons of an abort that the library itself knows; others are the caller's own.
pub mod reason {
    /// The stream or its runtime was freed.
    pub const CLOSED: u8 = 3;
}

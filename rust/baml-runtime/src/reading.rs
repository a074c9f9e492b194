//! The reply reader of `baml-reply` as streams use it.
//!
//! Invariant: a reply that does not fit ends in an error that holds it whole, with its prompt.

use std::sync::Arc;

use baml_reply::{Change as ReplyChange, Reader, ReplyError, Target};
use baml_schema::Value;

use crate::error::{Error, ErrorKind, ReplyReason};
use crate::feed::Feed;
use crate::record::Record;
use crate::stream::{Change, ReaderSource, ReplyReader};
use crate::wire;

struct Reading {
    reader: Reader,
    record: Arc<Record>,
}

/// Makes a reader for each attempt at `target`.
pub fn source(target: Arc<Target>, record: Arc<Record>) -> ReaderSource {
    Box::new(move || {
        let reader = Reader::new(Arc::clone(&target));
        Box::new(Reading { reader, record: Arc::clone(&record) })
    })
}

/// A reply that is itself the value: each piece is looked at once, and the whole at the end.
struct Passing {
    target: Arc<Target>,
    record: Arc<Record>,
    feed: Arc<Feed>,
    /// What is new, while it is lent.
    piece: Arc<String>,
    is_told: bool,
    has_told_all: bool,
}

/// The same for a target whose replies are their values ([`Target::is_plain_text`]), out of a feed
/// in blocks.
pub fn passing(target: Arc<Target>, record: Arc<Record>, feed: Arc<Feed>) -> ReaderSource {
    Box::new(move || {
        Box::new(Passing {
            target: Arc::clone(&target),
            record: Arc::clone(&record),
            feed: Arc::clone(&feed),
            piece: Arc::default(),
            is_told: false,
            has_told_all: false,
        })
    })
}

/// The error of a reply that does not fit.
pub fn refused(problem: &ReplyError, text: &str, prompt: String) -> Error {
    let reasons = match problem {
        ReplyError::Unfit(reason) => ReplyReason::all(reason),
        ReplyError::Beyond(bound) => {
            vec![ReplyReason { message: bound.to_string(), ..ReplyReason::default() }]
        }
    };
    let kind = ErrorKind::Validation { reasons, raw_reply: text.to_owned(), prompt };
    Error::new(kind, format!("the reply is not a value of the promised type: {problem}"))
}

impl ReplyReader for Reading {
    fn exchange(&mut self, reply: &mut Arc<String>) {
        self.reader.exchange(reply);
    }

    fn read_on(&mut self) {
        self.reader.read_on();
    }

    fn partial(&mut self) -> Option<Value> {
        // What cannot be read yet may be readable later; only the end decides.
        self.reader.partial().ok().flatten()
    }

    fn changes(&mut self) -> Option<Change> {
        Some(message(&self.reader.changes().ok().flatten().unwrap_or_default()))
    }

    fn finish(&mut self) -> Result<Value, Error> {
        finish(&mut self.reader, &self.record)
    }
}

impl ReplyReader for Passing {
    fn exchange(&mut self, piece: &mut Arc<String>) {
        std::mem::swap(&mut self.piece, piece);
    }

    fn read_on(&mut self) {}

    fn partial(&mut self) -> Option<Value> {
        Some(Value::string(self.feed.text()))
    }

    fn changes(&mut self) -> Option<Change> {
        let is_first = !std::mem::replace(&mut self.is_told, true);
        let change = ReplyChange::of_text(&self.piece, is_first);
        Some(message(change.as_slice()))
    }

    fn finish(&mut self) -> Result<Value, Error> {
        let mut reader = Reader::new(Arc::clone(&self.target));
        let mut text = self.feed.joined();
        reader.exchange(&mut text);
        reader.read_on();
        let value = finish(&mut reader, &self.record)?;
        self.has_told_all =
            self.is_told && matches!(&value, Value::String(text) if **text == *reader.text());
        Ok(value)
    }

    fn has_told_all(&self) -> bool {
        self.has_told_all
    }
}

fn message(changes: &[ReplyChange]) -> Change {
    if changes.is_empty() { Change::Nothing } else { Change::Message(wire::changes(changes)) }
}

fn finish(reader: &mut Reader, record: &Record) -> Result<Value, Error> {
    let value = reader.finish();
    record.score(reader.score());
    value.map_err(|problem| {
        let error = refused(&problem, reader.text(), record.prompt_text());
        match record.client() {
            Some(client) => error.of_client(client),
            None => error,
        }
    })
}

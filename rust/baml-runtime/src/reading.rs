//! The reply reader of `baml-reply` as streams use it.
//!
//! Invariant: a reply that does not fit ends in an error that holds it whole, with its prompt.

use std::sync::Arc;

use baml_reply::{Reader, ReplyError, Target};
use baml_schema::Value;

use crate::error::{Error, ErrorKind, ReplyReason};
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
        let changes = self.reader.changes().ok().flatten().unwrap_or_default();
        Some(if changes.is_empty() {
            Change::Nothing
        } else {
            Change::Message(wire::changes(&changes))
        })
    }

    fn finish(&mut self) -> Result<Value, Error> {
        let value = self.reader.finish();
        self.record.score(self.reader.score());
        value.map_err(|problem| {
            let error = refused(&problem, self.reader.text(), self.record.prompt_text());
            match self.record.client() {
                Some(client) => error.of_client(client),
                None => error,
            }
        })
    }
}

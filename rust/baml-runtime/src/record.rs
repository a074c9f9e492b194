//! What is kept about a call while it runs and afterwards: attempts, usage, times, the raw texts.
//!
//! Invariants: credentials never enter; what grows has a bound.

use std::time::Instant;

use serde_json::{Value as Json, json};

use crate::error::Error;
use crate::sync::{Mutex, lock};

/// The record of one call.
pub struct Record {
    started: Instant,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    function: String,
    milliseconds: Option<f64>,
    error: Option<Json>,
}

impl Record {
    /// The record of a call of `function` that begins now.
    pub fn new(function: &str) -> Self {
        let state = State { function: function.to_owned(), ..State::default() };
        Self { started: Instant::now(), state: Mutex::new(state) }
    }

    /// The call came to its end.
    pub fn settle(&self, error: Option<&Error>) {
        let mut state = lock(&self.state);
        state.milliseconds = Some(self.started.elapsed().as_secs_f64() * 1e3);
        state.error = error.map(Error::to_json);
    }

    /// The record as data, with the raw reply so far.
    pub fn to_json(&self, raw_reply: &str) -> Json {
        let state = lock(&self.state);
        json!({
            "function": state.function,
            "duration_ms": state.milliseconds,
            "raw_reply": raw_reply,
            "error": state.error,
        })
    }
}

//! What a caller asks for, as data: the JSON of `bamlwire_stream_start` and of the plain calls.
//!
//! Invariant: unknown keys are refused, so a misspelt option never passes in silence.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value as Json;
use smol_str::SmolStr;

use crate::error::Error;
use crate::stream::{Form, Partials};
use crate::variables::Variables;

/// A call.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CallRequest {
    /// The function's name.
    pub function: String,
    /// Arguments by name.
    pub args: Json,
    /// The environment that clients look into; the process's own is never read.
    pub env: Variables,
    /// What a prompt sees as `ctx.tags`.
    pub tags: IndexMap<SmolStr, Json>,
    /// A client's name or `provider/model`, in place of the function's own.
    pub client: Option<String>,
    /// Clients of this call alone.
    pub client_registry: Json,
    /// Changes of types for this call alone.
    pub type_builder: Json,
    /// Streamed or not.
    pub mode: Mode,
    /// How values cross the line.
    pub form: Option<FormName>,
    /// What partials hold.
    pub partials: Option<PartialsName>,
    /// Whether a retry waits as long as the provider asks, within bounds; true if absent.
    pub retry_after: Option<bool>,
    /// For `parse`: the reply.
    pub text: String,
    /// For `parse`: the reply may go on.
    pub partial: bool,
    /// For `parse`: how the reply is read, instead of its value.
    pub explain: bool,
}

/// Whether the provider is asked for a stream.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Mode {
    #[default]
    Stream,
    Call,
}

/// The names of [`Form`].
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum FormName {
    Wire,
    Json,
}

/// The names of [`Partials`].
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum PartialsName {
    Whole,
    Changes,
    Off,
}

impl CallRequest {
    /// Reads a request.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        serde_json::from_slice(bytes)
            .map_err(|problem| Error::invalid(format!("the request cannot be read: {problem}")))
    }

    /// The form that was asked for, or else the given one.
    pub fn form(&self, default: Form) -> Form {
        match self.form {
            Some(FormName::Json) => Form::Json,
            Some(FormName::Wire) => Form::Wire,
            None => default,
        }
    }

    /// What partials hold: whole values, or nothing for a call that is not streamed.
    pub fn partials(&self) -> Partials {
        match (self.partials, self.mode) {
            (Some(PartialsName::Whole), _) | (None, Mode::Stream) => Partials::Whole,
            (Some(PartialsName::Changes), _) => Partials::Changes,
            (Some(PartialsName::Off), _) | (None, Mode::Call) => Partials::Off,
        }
    }
}

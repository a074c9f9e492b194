//! What can go wrong with a call, as one type whose kind says who is at fault.
//!
//! Invariant: no error holds a credential; texts of providers are kept up to a bound.

use std::fmt;
use std::time::Duration;

use baml_reply::Reason;
use serde_json::{Map, Value as Json, json};

/// Bytes of a provider's error body that are kept.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// Why a call did not end in a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    /// Who is at fault, with what belongs to that kind.
    pub kind: ErrorKind,
    /// One sentence that names the thing.
    pub message: String,
    /// The client that was asked, once one was.
    pub client: Option<String>,
    /// One line for each attempt that failed before, oldest first.
    pub attempts: Vec<AttemptFailure>,
    /// What the call was about to do, for errors of the request itself.
    pub stage: Option<Stage>,
}

/// One place where a reply does not fit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReplyReason {
    /// The way from the whole value to it, as `items[2].price`; empty for the whole.
    pub path: String,
    /// What is wrong there, as a sentence.
    pub message: String,
    /// The type that was wanted, where one was.
    pub wanted: Option<String>,
    /// What stands in its place, if anything.
    pub found: Option<String>,
}

/// What a call does before it asks anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Stage {
    TypeBuilder,
    ClientRegistry,
    Build,
}

/// The kinds of [`Error`].
#[derive(Clone, Debug, PartialEq)]
pub enum ErrorKind {
    /// The caller gave something wrong.
    InvalidArgument,
    /// The project does not load; the diagnostics as data.
    Project(Json),
    /// A variable is not in the environment that came with the call.
    Environment {
        /// Its name.
        variable: String,
    },
    /// The provider answered with an error.
    Http {
        /// The HTTP status, or the one inside the reply; 0 if neither is known.
        status: u16,
        /// What it said.
        body: String,
        /// The provider's id of the request.
        request_id: Option<String>,
        /// How long it asked to wait.
        retry_after: Option<Duration>,
    },
    /// No exchange took place, or it broke (refused, reset, cut, not TLS, no such host), or what
    /// came is no reply of this provider.
    Transport {
        /// Whether a connection never came about.
        connecting: bool,
        /// The provider's own code, where it reported the trouble.
        code: Option<String>,
        /// The provider's id of the request, where an answer began.
        request_id: Option<String>,
        /// What came, as far as it tells something.
        body: String,
    },
    /// A time limit was reached.
    Timeout {
        /// Which.
        limit: TimeLimit,
        /// How long it was.
        milliseconds: u64,
    },
    /// The reply is not a value of the promised type.
    Validation {
        /// Why not, place by place.
        reasons: Vec<ReplyReason>,
        /// The whole reply.
        raw_reply: String,
        /// The prompt as text.
        prompt: String,
    },
    /// The client does not accept how the reply ended.
    FinishReason {
        /// The provider's word.
        reason: Option<String>,
        /// The whole reply.
        raw_reply: String,
        /// The prompt as text.
        prompt: String,
    },
    /// The tripwire was tripped.
    Aborted {
        /// The number that came with it.
        reason: u8,
    },
    /// A defect of this library.
    Internal,
}

/// The limits of a client's `http` block, and that of waiting for a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum TimeLimit {
    Connect,
    Request,
    FirstToken,
    Idle,
    Total,
    Queue,
}

/// One failed attempt.
#[derive(Clone, Debug, PartialEq)]
pub struct AttemptFailure {
    /// The client that was asked.
    pub client: String,
    /// The kind's name.
    pub kind: &'static str,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
    /// What happened.
    pub message: String,
}

impl Error {
    /// An error of a kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { kind, message, client: None, attempts: Vec::new(), stage: None }
    }

    /// The caller gave something wrong.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidArgument, message)
    }

    /// The exchange broke, or never came about.
    pub fn transport(connecting: bool, message: impl Into<String>) -> Self {
        let body = String::new();
        let kind = ErrorKind::Transport { connecting, code: None, request_id: None, body };
        Self::new(kind, message)
    }

    /// A defect of this library.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, message)
    }

    /// The tripwire was tripped.
    pub fn aborted(reason: u8) -> Self {
        Self::new(ErrorKind::Aborted { reason }, "the call was aborted")
    }

    /// The same error, said of a client.
    pub fn of_client(mut self, client: impl Into<String>) -> Self {
        self.client = Some(client.into());
        self
    }

    /// The same error, said of a stage.
    pub fn at(mut self, stage: Stage) -> Self {
        self.stage = Some(stage);
        self
    }

    /// Whether another attempt may help: the provider or the way to it failed.
    pub fn is_retryable(&self) -> bool {
        use ErrorKind::*;
        matches!(self.kind, Http { .. } | Transport { .. } | Timeout { .. })
    }

    /// The HTTP status, where there is one.
    pub fn status(&self) -> Option<u16> {
        match self.kind {
            ErrorKind::Http { status, .. } if status != 0 => Some(status),
            _ => None,
        }
    }

    /// This failure as one line of a later error's list.
    pub fn as_attempt(&self) -> AttemptFailure {
        AttemptFailure {
            client: self.client.clone().unwrap_or_default(),
            kind: self.kind.name(),
            status: self.status(),
            message: self.message.clone(),
        }
    }

    /// The error as data, in the form that `bindings/WIRE.md` documents.
    pub fn to_json(&self) -> Json {
        let mut out = Map::new();
        out.insert("kind".into(), self.kind.name().into());
        out.insert("message".into(), self.message.clone().into());
        if let Some(client) = &self.client {
            out.insert("client".into(), client.clone().into());
        }
        if let Some(stage) = self.stage {
            out.insert("stage".into(), stage.name().into());
        }
        if let Json::Object(details) = self.kind.details() {
            out.extend(details);
        }
        if !self.attempts.is_empty() {
            let attempts = self.attempts.iter().map(AttemptFailure::to_json).collect();
            out.insert("attempts".into(), Json::Array(attempts));
        }
        Json::Object(out)
    }
}

impl ErrorKind {
    /// The name that crosses the ABI.
    pub fn name(&self) -> &'static str {
        match self {
            Self::InvalidArgument => "invalid_argument",
            Self::Project(_) => "project",
            Self::Environment { .. } => "environment",
            Self::Http { .. } => "http",
            Self::Transport { .. } => "transport",
            Self::Timeout { .. } => "timeout",
            Self::Validation { .. } => "validation",
            Self::FinishReason { .. } => "finish_reason",
            Self::Aborted { .. } => "aborted",
            Self::Internal => "internal",
        }
    }

    fn details(&self) -> Json {
        match self {
            Self::InvalidArgument | Self::Internal => Json::Null,
            Self::Project(diagnostics) => json!({ "diagnostics": diagnostics }),
            Self::Environment { variable } => json!({ "variable": variable }),
            Self::Http { status, body, request_id, retry_after } => json!({
                "status": status, "body": body, "request_id": request_id,
                "retry_after_ms": retry_after.map(|wait| wait.as_millis() as u64),
            }),
            Self::Transport { connecting, code, request_id, body } => json!({
                "connecting": connecting, "code": code, "request_id": request_id, "body": body,
            }),
            Self::Timeout { limit, milliseconds } => {
                json!({ "limit": limit.name(), "limit_ms": milliseconds })
            }
            Self::Validation { reasons, raw_reply, prompt } => {
                let reasons: Vec<Json> = reasons.iter().map(ReplyReason::to_json).collect();
                json!({ "reasons": reasons, "raw_reply": raw_reply, "prompt": prompt })
            }
            Self::FinishReason { reason, raw_reply, prompt } => {
                json!({ "finish_reason": reason, "raw_reply": raw_reply, "prompt": prompt })
            }
            Self::Aborted { reason } => json!({ "reason": reason }),
        }
    }
}

impl Stage {
    /// The name that crosses the ABI.
    pub fn name(self) -> &'static str {
        match self {
            Self::TypeBuilder => "type_builder",
            Self::ClientRegistry => "client_registry",
            Self::Build => "build",
        }
    }
}

impl TimeLimit {
    /// The name that crosses the ABI.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Request => "request",
            Self::FirstToken => "first_token",
            Self::Idle => "idle",
            Self::Total => "total",
            Self::Queue => "queue",
        }
    }
}

impl ReplyReason {
    /// All places where a reply does not fit, each once: candidates often lack the same.
    pub fn all(reason: &Reason) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        reason.places(|place| {
            let Reason { message, wanted, found, .. } = place.reason.clone();
            let told = Self { path: place.path(), message, wanted, found };
            if !all.contains(&told) {
                all.push(told);
            }
        });
        all
    }

    /// As it crosses the ABI.
    pub fn to_json(&self) -> Json {
        let Self { path, message, wanted, found } = self;
        json!({ "path": path, "message": message, "wanted": wanted, "found": found })
    }
}

impl AttemptFailure {
    fn to_json(&self) -> Json {
        json!({
            "client": self.client, "kind": self.kind, "status": self.status,
            "message": self.message,
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

//! What a provider's reply says, piece by piece or whole, in one vocabulary for all providers.
//!
//! Invariant: nothing here knows which provider spoke.

/// One thing that a reply said.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A piece of the answer.
    Text(String),
    /// The whole answer, told again at the end of its pieces.
    Answer(String),
    /// A piece of reasoning, kept apart from the answer.
    Reasoning(String),
    /// A piece of a refusal, kept apart from the answer.
    Refusal(String),
    /// Token counts so far; a later one replaces the figures that it holds.
    Usage(Usage),
    /// The provider's own finish reason.
    Finish(String),
    /// The marker that ends a complete reply (`[DONE]`, `message_stop`, …).
    End,
    /// An event could be read after one that could not: what follows says what it is.
    Resumed,
    /// The provider's own error in the middle of a stream, or an event that cannot be read.
    Failure(ProviderFailure),
}

/// Token counts; absent where the provider did not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the prompt.
    pub input_tokens: Option<u64>,
    /// Tokens of the answer.
    pub output_tokens: Option<u64>,
    /// Tokens of the prompt that came from a cache.
    pub cached_input_tokens: Option<u64>,
}

impl Usage {
    /// Takes over the figures that `later` holds.
    pub fn update(&mut self, later: Usage) {
        self.input_tokens = later.input_tokens.or(self.input_tokens);
        self.output_tokens = later.output_tokens.or(self.output_tokens);
        self.cached_input_tokens = later.cached_input_tokens.or(self.cached_input_tokens);
    }

    /// Whether the provider said nothing at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A reply that was not streamed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WholeReply {
    /// The answer.
    pub text: String,
    /// The reasoning, kept apart; empty where there was none.
    pub reasoning: String,
    /// The refusal, kept apart; empty where there was none.
    pub refusal: String,
    /// Token counts.
    pub usage: Usage,
    /// The provider's own finish reason.
    pub finish_reason: Option<String>,
}

/// An error that came inside a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderFailure {
    /// What sort of trouble it is.
    pub kind: FailureKind,
    /// The provider's code, where it gave one.
    pub code: Option<String>,
    /// What it said.
    pub message: String,
    /// The event as it came; empty where it could not be read at all.
    pub raw: String,
}

/// The sorts of trouble that a reply can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// Not the JSON, frame or size that it has to be.
    Unreadable,
    /// JSON, but not an answer of this provider.
    Unexpected,
    /// This provider's form, but without the one answer that a reply must hold.
    NoAnswer,
    /// The provider's own report of an error.
    Reported,
    /// A stream that ended without saying anything.
    Silent,
    /// The last event of a stream, which ended within it. No failure of the reply.
    Cut,
}

impl ProviderFailure {
    /// A failure without a code.
    pub fn new(kind: FailureKind, message: impl Into<String>, raw: impl Into<String>) -> Self {
        Self { kind, code: None, message: message.into(), raw: raw.into() }
    }
}

//! What a provider's reply says, piece by piece, in one vocabulary for all providers.

/// One thing that a reply said.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A piece of the answer.
    Text(String),
    /// A piece of reasoning, kept apart from the answer.
    Reasoning(String),
    /// Token counts so far; a later one replaces the figures that it holds.
    Usage(Usage),
    /// The provider's own finish reason.
    Finish(String),
    /// The marker that ends a complete reply (`[DONE]`, `message_stop`, …).
    End,
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

/// An error that came inside a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderFailure {
    /// The provider's code, where it gave one.
    pub code: Option<String>,
    /// What it said.
    pub message: String,
    /// The event as it came.
    pub raw: String,
}

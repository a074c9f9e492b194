//! Clients and retry policies as declared: options are kept as data, resolved only at call time.
//!
//! Invariant: an `env.NAME` stays a name here; no environment is read when a project loads.

use baml_syntax::Span;
use indexmap::IndexMap;
use smol_str::SmolStr;

/// `client<llm> Name { provider … options { … } }`
#[derive(Clone, Debug)]
pub struct Client {
    /// Its name.
    pub name: SmolStr,
    /// The provider as written, such as `openai-generic`.
    pub provider: SmolStr,
    /// The retry policy that it names.
    pub retry_policy: Option<SmolStr>,
    /// Options in source order; of a repeated key the last one counts.
    pub options: IndexMap<SmolStr, OptionValue>,
    /// The name's place.
    pub span: Span,
}

/// A value in a client's options.
#[derive(Clone, Debug, PartialEq)]
pub enum OptionValue {
    /// `null`
    Null,
    /// `true`
    Bool(bool),
    /// `1`
    Int(i64),
    /// `0.5`
    Float(f64),
    /// `"text"`, a block string or an unquoted one.
    String(SmolStr),
    /// `env.NAME`
    Env(SmolStr),
    /// `[a, b]`
    List(Vec<OptionValue>),
    /// `{ key value }`
    Map(IndexMap<SmolStr, OptionValue>),
}

/// `retry_policy Name { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct RetryPolicy {
    /// Its name.
    pub name: SmolStr,
    /// Attempts beyond the first.
    pub retries_max: u32,
    /// How long to wait between attempts.
    pub strategy: RetryStrategy,
    /// What else its `options` say.
    pub options: RetryOptions,
}

/// The options of a retry policy; the official runtime accepts them and passes over them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RetryOptions {
    /// `retry_refused`: whether 400, 401, 403, 404 and 422 are sent to the same client again.
    pub retry_refused: bool,
    /// `retry_after false`: whether `Retry-After` is passed over.
    pub ignore_retry_after: bool,
    /// `retry_after_max_ms`: the longest wait that `Retry-After` can cause.
    pub retry_after_max_ms: Option<u64>,
}

/// The waiting time of a retry policy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RetryStrategy {
    /// The same wait each time.
    Constant {
        /// Milliseconds; 200 by default.
        delay_ms: u64,
    },
    /// `min(delay_max, delay · multiplier^k)` before attempt k+1, k from 1.
    Exponential {
        /// Milliseconds; 200 by default.
        delay_ms: u64,
        /// 1.5 by default.
        multiplier: f64,
        /// Milliseconds; 10 000 by default.
        delay_max_ms: u64,
    },
}

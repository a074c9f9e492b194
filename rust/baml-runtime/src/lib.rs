//! Load, call, stream; attempts, retry, fallback; the only sockets, clocks and tasks; the tripwire.
//!
//! It may use every other crate but `baml-ffi`. C and Go never enter.
//!
//! Invariants: a stream ends in exactly one of *done*, *failed*, *aborted*; after an abort returned
//! no further partial is handed out; dropping a stream's task closes its socket; everything that
//! waits has a bound.
//!
//! Data flow: drives baml-schema ─► baml-prompt ─► baml-provider ─► sockets ─► baml-provider ─►
//! baml-reply
#![forbid(unsafe_code)]

mod sync;

pub mod activity;
pub mod describe;
pub mod error;
pub mod handle;
pub mod log;
pub mod pace;
pub mod plain;
pub mod project;
pub mod ready;
pub mod sources;
pub mod tripwire;
pub mod wire;

pub mod body;
pub mod connector;
pub mod http1;
pub mod http_client;
mod pool;
mod resolver;
mod socket;

pub mod attempt;
pub mod call;
pub mod call_log;
pub mod credentials;
pub mod events;
pub mod explained;
pub mod feed;
pub mod kept;
mod launch;
pub mod plan;
pub mod preparation;
pub mod reading;
pub mod record;
pub mod record_text;
mod reply_text;
pub mod request;
pub mod retry_after;
pub mod runtime;
pub mod secrets;
pub mod stream;
pub mod task;
pub mod transport;
pub mod variables;

pub use error::{Error, ErrorKind};
pub use handle::Table;
pub use ready::Bell;
pub use runtime::Runtime;
pub use stream::{Poll, Status, Stream};
pub use tripwire::Tripwire;

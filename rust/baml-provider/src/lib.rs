//! Per provider: messages → HTTP request (plain data), and reply bytes → events.
//!
//! It may use `baml-schema` and `baml-prompt`. No I/O, no clock, no retries: whatever needs a socket
//! (media to download, tokens to fetch) is told as data, and `baml-runtime` does it.
//!
//! Invariants: any cut of the bytes gives the same events; a secret never shows in `Debug` or an error.
//!
//! Data flow: baml-prompt ─► **baml-provider** ─► bytes out; bytes in ─► **baml-provider** ─► baml-reply

pub mod event;
pub mod request;

pub use event::{Event, ProviderFailure, Usage};
pub use request::{Header, HttpRequest, Signing};

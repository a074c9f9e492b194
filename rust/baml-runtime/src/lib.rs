//! Load, call, stream; attempts, retry, fallback; the only sockets, clocks and tasks; the tripwire.
//!
//! It may use every other crate but `baml-ffi`. C and Go never enter.
//!
//! Invariants: a stream ends in exactly one of *done*, *failed*, *aborted*; after an abort returned no
//! further partial is handed out; dropping a stream's task closes its socket; everything that waits
//! has a bound.
//!
//! Data flow: drives baml-schema ─► baml-prompt ─► baml-provider ─► sockets ─► baml-provider ─► baml-reply

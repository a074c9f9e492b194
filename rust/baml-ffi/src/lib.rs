//! The C ABI: handles, buffers, status codes, the panic guard. The only `unsafe` of the workspace.
//!
//! It may use `baml-runtime`. No rule of BAML enters.
//!
//! Invariants: no panic crosses the line; a stale, doubled or foreign handle gives a status; every
//! exported function does null check → convert → guarded safe call → write out-parameters. What
//! stands under `abi` is what the header shows, comments included.

mod guard;
mod large;
mod tables;
mod wakeup;

pub mod abi;
#[cfg(test)]
mod tests;

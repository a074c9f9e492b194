//! What must hold for any bytes, one function for each parser of foreign bytes. `rust/fuzz` feeds
//! them inputs that a fuzzer makes up; `tests/replay.rs` those that are kept, in every `make test`.
//!
//! Only for tests. Invariant: a function returns, or panics because what it promises did not hold.
#![forbid(unsafe_code)]

pub mod abi;
pub mod builder;
pub mod corpus;
pub mod reply;
pub mod source;
pub mod stream;
mod wire_text;

/// A check of any bytes.
pub type Target = fn(&[u8]);

/// Every target by its name; `rust/fuzz/corpus` has a file for each.
pub const TARGETS: &[(&str, Target)] = &[
    ("builder", builder::builder),
    ("changes", reply::changes),
    ("check", source::check),
    ("config", abi::config),
    ("events", stream::events),
    ("eventstream", stream::eventstream),
    ("format", source::format),
    ("http", stream::http),
    ("jinja", source::jinja),
    ("parse", source::parse),
    ("provider", stream::provider),
    ("reply", reply::reply),
    ("request", abi::request),
    ("wire", reply::wire),
];

/// The text that an input begins with.
pub(crate) fn text_of(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(problem) => {
            std::str::from_utf8(&bytes[..problem.valid_up_to()]).expect("valid up to there")
        }
    }
}

/// The first two bytes, which choose, and the rest.
pub(crate) fn choices(bytes: &[u8]) -> Option<(usize, usize, &[u8])> {
    let [first, second, rest @ ..] = bytes else { return None };
    Some((usize::from(*first), usize::from(*second), rest))
}

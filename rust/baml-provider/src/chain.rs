//! What a search for credentials asks its driver to do next.
//!
//! A search is a machine without I/O: it says what to read or fetch, is told what came of it, and
//! ends in credentials or in an error that names the places where it looked.
//! Invariant: an answer that never comes is an answer too (`None`), so a search always ends.

use crate::request::Header;
use crate::secret::Secret;

/// The next thing to do.
#[derive(Debug)]
pub enum Step<T> {
    /// Read a file, and answer with its bytes, or with nothing where there is none.
    Read(String),
    /// Make a request, and answer with the body of a reply with status 200, or with nothing.
    Fetch(Fetch),
    /// The search is over.
    Done(T),
}

/// A request of a search.
#[derive(Clone, Debug)]
pub struct Fetch {
    /// `GET`, `POST` or `PUT`.
    pub method: &'static str,
    /// Where to.
    pub url: String,
    /// Headers.
    pub headers: Vec<Header>,
    /// A form, where there is one.
    pub form: Option<Secret>,
    /// How long it may take: a machine without the service never answers.
    pub timeout_ms: u64,
}

/// For services that are near if they are there at all.
pub(crate) const NEAR_TIMEOUT_MS: u64 = 1_000;

/// For services behind the network.
pub(crate) const FAR_TIMEOUT_MS: u64 = 10_000;

impl Fetch {
    pub(crate) fn get(url: String, headers: Vec<Header>) -> Self {
        Self { method: "GET", url, headers, form: None, timeout_ms: NEAR_TIMEOUT_MS }
    }
}

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
    /// Where it goes.
    pub distance: Distance,
}

/// How far away a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distance {
    /// On this machine or next to it, if it is there at all: never behind a proxy.
    Near,
    /// Behind the network.
    Far,
}

/// A machine without the service never answers, so the wait for it is short.
const NEAR_TIMEOUT_MS: u64 = 1_000;

const FAR_TIMEOUT_MS: u64 = 10_000;

impl Fetch {
    /// How long it may take.
    pub fn timeout_ms(&self) -> u64 {
        match self.distance {
            Distance::Near => NEAR_TIMEOUT_MS,
            Distance::Far => FAR_TIMEOUT_MS,
        }
    }

    pub(crate) fn get(url: String, headers: Vec<Header>) -> Self {
        Self { method: "GET", url, headers, form: None, distance: Distance::Near }
    }
}

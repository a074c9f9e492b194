//! A text that must never be shown: keys, tokens, private keys.
//!
//! Invariant: `Debug` does not give it away; reading it is a call that can be searched for.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A credential.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a credential.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The credential itself, for the one place that sends or signs with it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// A text that tells two credentials apart and gives neither away (SHA-256).
    pub(crate) fn mark(&self) -> String {
        let digest = ring::digest::digest(&ring::digest::SHA256, self.0.as_bytes());
        URL_SAFE_NO_PAD.encode(digest)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_tell_apart_and_give_nothing_away() {
        let mark = Secret::new("sk-1").mark();
        assert_eq!(mark, Secret::new("sk-1").mark());
        assert_ne!(mark, Secret::new("sk-2").mark());
        assert!(!mark.contains("sk"));
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Some(Secret::new("sk-1"))), "Some(<redacted>)");
    }
}

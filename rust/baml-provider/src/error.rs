//! Why a client cannot be used, or a request cannot be built.
//!
//! Invariant: no variant holds a credential, so every one may be shown.

use baml_schema::MediaKind;
use smol_str::SmolStr;

/// What is wrong with a client or with what it was asked to send.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// An environment variable that the call needs is not set.
    #[error(
        "environment variable `{variable}` is not set: client `{client}` needs it for option \
         `{option}`"
    )]
    MissingVariable {
        /// The variable.
        variable: SmolStr,
        /// The client.
        client: SmolStr,
        /// The option, as a path such as `headers.X-Key`.
        option: String,
    },
    /// An option that is missing, of the wrong kind, or contradicts another.
    #[error("invalid options of client `{client}`: {message}")]
    Options {
        /// The client.
        client: SmolStr,
        /// What is wrong.
        message: String,
    },
    /// A provider name that does not exist.
    #[error("unknown provider `{provider}` of client `{client}`")]
    UnknownProvider {
        /// The name as written.
        provider: SmolStr,
        /// The client.
        client: SmolStr,
    },
    /// A client name that nobody declared.
    #[error("could not find client `{client}`{}", suggest(.known))]
    UnknownClient {
        /// The name as written.
        client: SmolStr,
        /// The names that exist.
        known: Vec<SmolStr>,
    },
    /// A medium that the provider does not take, or not in this form.
    #[error("client `{client}` ({provider}) cannot take this {}: {message}", .kind.as_str())]
    Media {
        /// The client.
        client: SmolStr,
        /// Its provider.
        provider: &'static str,
        /// The kind of medium.
        kind: MediaKind,
        /// Why not.
        message: String,
    },
    /// An address that may not be fetched.
    #[error("refused to fetch media from {url}: {reason}")]
    RefusedAddress {
        /// The address, without user name, password and query.
        url: String,
        /// Why.
        reason: String,
    },
    /// Credentials that cannot be read or do not fit.
    #[error("credentials of client `{client}`: {message}")]
    Credentials {
        /// The client.
        client: SmolStr,
        /// What is wrong; never the credential.
        message: String,
    },
    /// A registry entry that is not what one has to be.
    #[error("invalid client registry: {0}")]
    Registry(String),
}

fn suggest(known: &[SmolStr]) -> String {
    if known.is_empty() {
        return String::new();
    }
    format!("; did you mean one of: {}?", known.join(", "))
}

impl ProviderError {
    /// Something wrong with a client's options.
    pub(crate) fn options(client: &str, message: impl Into<String>) -> Self {
        Self::Options { client: client.into(), message: message.into() }
    }
}

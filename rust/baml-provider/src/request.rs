//! An HTTP request as plain data, and what the runtime still has to do before sending it.
//!
//! Invariant: a header that carries a credential is marked, and `Debug` shows neither it nor the
//! query.

use std::fmt;

/// How the reply is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Piece by piece.
    Stream,
    /// At once.
    Whole,
}

/// A request that is ready to be sent, or needs only its signature.
#[derive(Clone, PartialEq)]
pub struct HttpRequest {
    /// `POST` nearly always.
    pub method: &'static str,
    /// The whole URL, query included.
    pub url: String,
    /// Headers in order, names in lower case.
    pub headers: Vec<Header>,
    /// The JSON body.
    pub body: serde_json::Value,
    /// What must be added at sending time.
    pub signing: Signing,
}

/// One header line.
#[derive(Clone, PartialEq)]
pub struct Header {
    /// In lower case.
    pub name: String,
    /// As it goes out.
    pub value: String,
    /// A credential: never shown.
    pub secret: bool,
}

/// What a request needs beyond its own data. Credentials are fetched by the runtime.
#[derive(Clone, Debug, PartialEq)]
pub enum Signing {
    /// Nothing: it can be sent as it is.
    None,
    /// An AWS signature (version 4).
    AwsSigV4 {
        /// Such as `us-east-1`.
        region: String,
    },
    /// A Google bearer token.
    GoogleToken,
    /// A bearer token of Microsoft Entra.
    EntraToken,
}

impl Header {
    /// A header line; whether it is secret follows from its name.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into().to_ascii_lowercase();
        let secret = is_secret_name(&name);
        Self { name, value: value.into(), secret }
    }
}

/// Words that make a header's value a credential.
const SECRET_WORDS: [&str; 6] = ["auth", "key", "token", "secret", "cookie", "password"];

fn is_secret_name(name: &str) -> bool {
    SECRET_WORDS.iter().any(|word| name.contains(word))
}

impl HttpRequest {
    /// Sets a header, in place of one of the same name.
    pub fn set_header(&mut self, header: Header) {
        match self.headers.iter_mut().find(|known| known.name == header.name) {
            Some(known) => *known = header,
            None => self.headers.push(header),
        }
    }

    /// The value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.name == name).map(|header| header.value.as_str())
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if self.secret { "<redacted>" } else { &self.value };
        write!(f, "{}: {value}", self.name)
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("url", &self.url.split('?').next())
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

//! An HTTP request as plain data, and what the runtime still has to do before sending it.

use std::fmt;

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

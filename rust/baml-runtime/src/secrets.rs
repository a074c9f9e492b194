//! What must not be told of a request: a provider that repeats its key in an error does not spread
//! it.
//!
//! Invariant: texts that hold none of the request's secrets stay as they are.

use std::borrow::Cow;
use std::sync::Arc;

use baml_provider::HttpRequest;
use memchr::memmem;

use crate::error::{Error, ErrorKind};

/// What stands in place of a secret.
pub const HIDDEN: &str = "<redacted>";
/// Shorter ones would tear ordinary words apart, and are no keys.
const SECRET_BYTES_MIN: usize = 8;

/// The secrets of one request.
#[derive(Clone, Default)]
pub struct Secrets(Arc<[String]>);

impl Secrets {
    /// Those of its headers, without the name of the scheme, and of its address.
    pub fn of(request: &HttpRequest) -> Self {
        let headers = request.headers.iter().filter(|header| header.secret);
        let mut found: Vec<String> =
            headers.flat_map(|header| header.value.split(' ')).map(str::to_owned).collect();
        if let Ok(url) = url::Url::parse(&request.url) {
            let keys = url.query_pairs().filter(|(name, _)| &*name.to_lowercase() == "key");
            found.extend(keys.map(|(_, value)| value.into_owned()));
            found.extend(url.password().map(str::to_owned));
        }
        found.retain(|secret| secret.len() >= SECRET_BYTES_MIN);
        Self(found.into())
    }

    /// The text without them.
    pub fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let holds = |secret: &&String| memmem::find(text.as_bytes(), secret.as_bytes()).is_some();
        let found = self.0.iter().filter(holds);
        found.fold(Cow::Borrowed(text), |text, secret| text.replace(secret, HIDDEN).into())
    }

    /// The error without them.
    pub fn hide_in(&self, mut error: Error) -> Error {
        error.message = self.hide(&error.message).into_owned();
        match &mut error.kind {
            ErrorKind::Http { body, request_id, .. } => {
                *body = self.hide(body).into_owned();
                *request_id = request_id.as_deref().map(|id| self.hide(id).into_owned());
            }
            ErrorKind::Transport { body, code, request_id, .. } => {
                *body = self.hide(body).into_owned();
                for text in [code, request_id] {
                    *text = text.as_deref().map(|text| self.hide(text).into_owned());
                }
            }
            _ => {}
        }
        error
    }
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use super::*;
    use baml_provider::{Header, Signing};

    #[test]
    fn secrets_of_headers_and_address_are_hidden_wherever_they_stand() {
        let secret = |name: &str, value: &str| Header {
            name: name.to_owned(),
            value: value.to_owned(),
            secret: true,
        };
        let request = HttpRequest {
            method: "POST",
            url: "https://user:password1@example.com/v1?key=from-the-url&alt=sse".to_owned(),
            headers: vec![secret("authorization", "Bearer sk-0123456789"), secret("x", "short")],
            body: serde_json::Value::Null,
            signing: Signing::None,
        };
        let secrets = Secrets::of(&request);
        let said = "wrong key sk-0123456789 (from-the-url, password1); Bearer, short and sse stay";
        let hidden = "wrong key <redacted> (<redacted>, <redacted>); Bearer, short and sse stay";
        assert_eq!(secrets.hide(said), hidden);
        let kind = ErrorKind::Http {
            status: 401,
            body: said.to_owned(),
            request_id: None,
            retry_after: None,
        };
        let error = secrets.hide_in(Error::new(kind, said));
        assert!(!error.to_json().to_string().contains("sk-0123456789"));
        assert_eq!(error.message, hidden);
    }
}

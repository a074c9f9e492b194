//! AWS signature version 4, as a pure function of request, keys and time.
//!
//! Invariant: keys and signing keys are never shown; the time is the caller's.

use std::fmt::Write as _;

use ring::{digest, hmac};

use crate::options::Environment;
use crate::request::{Header, HttpRequest};
use crate::secret::Secret;

/// A pair of AWS keys, with the token of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsKeys {
    /// The key's id, which goes into the request as it is.
    pub access_key_id: String,
    secret_access_key: Secret,
    session_token: Option<Secret>,
}

impl AwsKeys {
    /// Keys; an empty token counts as none.
    pub fn new(id: impl Into<String>, secret: impl Into<String>, token: Option<String>) -> Self {
        Self {
            access_key_id: id.into(),
            secret_access_key: Secret::new(secret),
            session_token: token.filter(|token| !token.is_empty()).map(Secret::new),
        }
    }

    /// The keys of the environment, where both are set.
    pub fn from_environment(env: &dyn Environment) -> Option<Self> {
        let variable = |name: &str| env.get(name).filter(|value| !value.is_empty());
        let id = variable("AWS_ACCESS_KEY_ID")?;
        let secret = variable("AWS_SECRET_ACCESS_KEY")?;
        Some(Self::new(id, secret, variable("AWS_SESSION_TOKEN")))
    }
}

/// Where and when a request is signed for.
#[derive(Clone, Copy, Debug)]
pub struct SigningScope<'a> {
    /// Such as `us-east-1`.
    pub region: &'a str,
    /// Such as `bedrock`.
    pub service: &'a str,
    /// UTC, as `20150830T123600Z`.
    pub time: &'a str,
}

/// Adds the headers of a signature to `request`, whose `body` goes out as these bytes.
pub fn sign(request: &mut HttpRequest, body: &[u8], keys: &AwsKeys, scope: SigningScope<'_>) {
    let (host, path, query) = split_url(&request.url);
    let (host, path, query) = (host.to_owned(), path.to_owned(), query.to_owned());
    request.set_header(Header::new("host", host));
    request.set_header(Header::new("x-amz-date", scope.time));
    if let Some(token) = &keys.session_token {
        request.set_header(Header::new("x-amz-security-token", token.reveal()));
    }
    let mut signed: Vec<(&str, String)> = request
        .headers
        .iter()
        .filter(|header| is_signed(&header.name))
        .map(|header| (header.name.as_str(), collapse_spaces(&header.value)))
        .collect();
    signed.sort();
    let names: Vec<&str> = signed.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let mut canonical =
        format!("{}\n{}\n{}\n", request.method, encode_path(&path), canonical_query(&query));
    for (name, value) in &signed {
        canonical.push_str(&format!("{name}:{value}\n"));
    }
    canonical.push_str(&format!("\n{names}\n{}", sha256_hex(body)));

    let date = scope.time.get(..8).unwrap_or(scope.time);
    let credential = format!("{date}/{}/{}/aws4_request", scope.region, scope.service);
    let text = format!(
        "AWS4-HMAC-SHA256\n{}\n{credential}\n{}",
        scope.time,
        sha256_hex(canonical.as_bytes())
    );
    let secret = format!("AWS4{}", keys.secret_access_key.reveal());
    let mut key = hmac_sha256(secret.as_bytes(), date.as_bytes());
    for step in [scope.region, scope.service, "aws4_request"] {
        key = hmac_sha256(key.as_ref(), step.as_bytes());
    }
    let signature = hex(hmac_sha256(key.as_ref(), text.as_bytes()).as_ref());
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/{credential}, SignedHeaders={names}, Signature={signature}",
        keys.access_key_id
    );
    request.set_header(Header::new("authorization", authorization));
}

/// Headers that proxies and clients may change on the way are left out.
fn is_signed(name: &str) -> bool {
    name == "host" || name == "content-type" || name.starts_with("x-amz-")
}

fn hmac_sha256(key: &[u8], data: &[u8]) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), data)
}

fn sha256_hex(data: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, data).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn collapse_spaces(value: &str) -> String {
    value.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Host (with a port that is not the scheme's own), path and query.
fn split_url(url: &str) -> (&str, &str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split('#').next().unwrap_or_default();
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    match address.find('/') {
        Some(slash) => (&address[..slash], &address[slash..], query),
        None => (address, "/", query),
    }
}

/// The path as the signature counts it: each segment, which stands encoded in the URL, once more.
fn encode_path(path: &str) -> String {
    path.split('/').map(encode_segment).collect::<Vec<_>>().join("/")
}

/// Percent-encodes everything but unreserved characters.
pub(crate) fn encode_segment(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| (encode_segment(&name), encode_segment(&value)))
        .collect();
    pairs.sort();
    let pairs: Vec<String> =
        pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

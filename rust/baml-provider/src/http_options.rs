//! The `http { … }` block: how long each phase of an exchange may take.
//!
//! Invariant: plain numbers; the runtime decides what to do with a time that nobody set.

use serde_json::Value as Json;

use crate::error::ProviderError;
use crate::options::Options;
use crate::provider::Provider;

/// Times in milliseconds: absent where nobody set one, `0` for "no limit".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HttpOptions {
    /// Until the connection stands.
    pub connect_timeout_ms: Option<u64>,
    /// For the whole exchange.
    pub request_timeout_ms: Option<u64>,
    /// From the response's headers to the first event.
    pub first_token_timeout_ms: Option<u64>,
    /// Between two events.
    pub idle_timeout_ms: Option<u64>,
    /// For a strategy: all attempts together.
    pub total_timeout_ms: Option<u64>,
    /// Whether connections are kept for the next call.
    pub connection_pooling: Option<bool>,
}

const LEAF_FIELDS: &str = "enable_connection_pooling, connect_timeout_ms, request_timeout_ms, \
     time_to_first_token_timeout_ms, idle_timeout_ms";

impl HttpOptions {
    pub(crate) fn take(provider: Provider, options: &mut Options) -> Result<Self, ProviderError> {
        let mut http = Self::default();
        let composite = provider.is_strategy();
        for (field, value) in options.take_map("http")?.unwrap_or_default() {
            let slot = match field.as_str() {
                "total_timeout_ms" if composite => &mut http.total_timeout_ms,
                "connect_timeout_ms" if !composite => &mut http.connect_timeout_ms,
                "request_timeout_ms" if !composite => &mut http.request_timeout_ms,
                "time_to_first_token_timeout_ms" if !composite => &mut http.first_token_timeout_ms,
                "idle_timeout_ms" if !composite => &mut http.idle_timeout_ms,
                "enable_connection_pooling" if !composite => {
                    http.connection_pooling = Some(value.as_bool().ok_or_else(|| {
                        options.error("http.enable_connection_pooling must be a bool")
                    })?);
                    continue;
                }
                _ => {
                    let known = if composite { "total_timeout_ms" } else { LEAF_FIELDS };
                    return Err(options.error(format!(
                        "Unrecognized field '{field}' in http configuration block. \
                         Supported fields are: {known}"
                    )));
                }
            };
            *slot = Some(milliseconds(&value).ok_or_else(|| {
                options.error(format!(
                    "http.{field} must be a whole number of milliseconds, 0 or more"
                ))
            })?);
        }
        Ok(http)
    }
}

fn milliseconds(value: &Json) -> Option<u64> {
    value.as_u64()
}

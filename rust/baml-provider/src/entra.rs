//! Microsoft Entra: a token for Azure with the credentials of an application.
//!
//! Official 0.226 knows none of these options and would send the secret along in the body; here
//! they are used.
//! Invariant: the secret goes to the authority's token endpoint and nowhere else.

use url::form_urlencoded;

use crate::error::ProviderError;
use crate::google_credentials::TokenRequest;
use crate::options::{Environment, Options};
use crate::secret::Secret;

/// Who asks for tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntraOptions {
    tenant_id: String,
    client_id: String,
    client_secret: Secret,
    authority: String,
}

const AUTHORITY: &str = "https://login.microsoftonline.com";
const SCOPE: &str = "https://cognitiveservices.azure.com/.default";
const KEYS: [&str; 3] = ["tenant_id", "client_id", "client_secret"];

impl EntraOptions {
    /// Takes the three options; nothing where none of them is there.
    pub(crate) fn take(
        options: &mut Options,
        env: &dyn Environment,
    ) -> Result<Option<Self>, ProviderError> {
        if !KEYS.iter().any(|key| options.has(key)) {
            return Ok(None);
        }
        let mut values = Vec::with_capacity(KEYS.len());
        for key in KEYS {
            let value = options.take_text(key)?.filter(|value| !value.is_empty());
            values.push(value.ok_or_else(|| {
                options.error(format!(
                    "{key} is missing: tenant_id, client_id and client_secret \
                     go together"
                ))
            })?);
        }
        let authority = env.get("AZURE_AUTHORITY_HOST").filter(|host| !host.is_empty());
        let authority = authority.unwrap_or_else(|| AUTHORITY.to_owned());
        let mut values = values.into_iter();
        let mut next = || values.next().unwrap_or_default();
        Ok(Some(Self {
            tenant_id: next(),
            client_id: next(),
            client_secret: Secret::new(next()),
            authority: authority.trim_end_matches('/').to_owned(),
        }))
    }

    /// A name for these credentials that a cache of tokens can use; it tells no secret.
    pub fn cache_key(&self) -> String {
        let mark = self.client_secret.mark();
        format!("{} {} {} {mark}", self.authority, self.tenant_id, self.client_id)
    }

    /// The request for a token.
    pub fn token_request(&self) -> TokenRequest {
        let tenant = crate::aws_signature::encode_segment(&self.tenant_id);
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &self.client_id)
            .append_pair("client_secret", self.client_secret.reveal())
            .append_pair("scope", SCOPE)
            .finish();
        TokenRequest {
            url: format!("{}/{tenant}/oauth2/v2.0/token", self.authority),
            form: Secret::new(form),
        }
    }
}

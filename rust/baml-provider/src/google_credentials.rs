//! Google credentials as data: what a file says, and the token request that it leads to.
//!
//! Invariant: private keys and refresh tokens are never shown.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value as Json, json};
use url::form_urlencoded;

use crate::error::ProviderError;
use crate::secret::Secret;

/// What a token is asked for.
pub const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

/// Where tokens are granted, where the credentials do not say.
pub const TOKEN_URL: &str = "https://oauth2.googleapis.com/token";

/// How long an assertion holds: the longest that Google accepts.
const ASSERTION_SECONDS: u64 = 3600;

/// Credentials of a file or an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoogleCredentials {
    /// The project that they belong to.
    pub project_id: Option<String>,
    /// Where tokens are granted.
    pub token_url: String,
    grant: Grant,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Grant {
    ServiceAccount { email: String, private_key: Secret, key_id: Option<String> },
    RefreshToken { client_id: String, client_secret: Secret, refresh_token: Secret },
}

/// A request for a token: a form to be posted.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    /// Where to.
    pub url: String,
    /// The form's text (`application/x-www-form-urlencoded`); secret.
    pub form: Secret,
}

/// A granted token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What goes after `Bearer`.
    pub access_token: Secret,
    /// How long it holds, from when it was granted.
    pub expires_in_seconds: u64,
}

impl GoogleCredentials {
    /// Reads the JSON of a credentials file.
    pub fn parse(client: &str, text: &str) -> Result<Self, ProviderError> {
        let fail = |message: &str| ProviderError::Credentials {
            client: client.into(),
            message: message.to_owned(),
        };
        let json: Json =
            serde_json::from_str(text).map_err(|_| fail("Google credentials are not JSON"))?;
        let text = |key: &str| json.get(key).and_then(Json::as_str).map(str::to_owned);
        let needed = |key: &str| {
            text(key).ok_or_else(|| fail(&format!("Google credentials without `{key}`")))
        };
        let grant = match text("type").as_deref() {
            Some("service_account") => Grant::ServiceAccount {
                email: needed("client_email")?,
                private_key: Secret::new(needed("private_key")?),
                key_id: text("private_key_id"),
            },
            Some("authorized_user") => Grant::RefreshToken {
                client_id: needed("client_id")?,
                client_secret: Secret::new(needed("client_secret")?),
                refresh_token: Secret::new(needed("refresh_token")?),
            },
            Some(other) => {
                return Err(fail(&format!(
                    "Google credentials of type `{other}` are not supported"
                )));
            }
            None => return Err(fail("Google credentials without `type`")),
        };
        Ok(Self {
            project_id: text("project_id").or_else(|| text("quota_project_id")),
            token_url: text("token_uri").unwrap_or_else(|| TOKEN_URL.to_owned()),
            grant,
        })
    }

    /// A name for these credentials that a cache of tokens can use; it tells no secret.
    pub fn cache_key(&self) -> String {
        match &self.grant {
            Grant::ServiceAccount { email, private_key, .. } => {
                format!("{} {email} {}", self.token_url, private_key.mark())
            }
            Grant::RefreshToken { client_id, refresh_token, .. } => {
                format!("{} {client_id} {}", self.token_url, refresh_token.mark())
            }
        }
    }

    /// The request for a token, at `now` in seconds since 1970.
    pub fn token_request(&self, client: &str, now: u64) -> Result<TokenRequest, ProviderError> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        match &self.grant {
            Grant::ServiceAccount { email, private_key, key_id } => {
                let claims = self.claims(email, now);
                let jwt = sign_jwt(&claims, key_id.as_deref(), private_key).map_err(|message| {
                    ProviderError::Credentials {
                        client: client.into(),
                        message: message.to_owned(),
                    }
                })?;
                form.append_pair("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
                form.append_pair("assertion", &jwt);
            }
            Grant::RefreshToken { client_id, client_secret, refresh_token } => {
                form.append_pair("grant_type", "refresh_token");
                form.append_pair("client_id", client_id);
                form.append_pair("client_secret", client_secret.reveal());
                form.append_pair("refresh_token", refresh_token.reveal());
            }
        }
        Ok(TokenRequest { url: self.token_url.clone(), form: Secret::new(form.finish()) })
    }

    fn claims(&self, email: &str, now: u64) -> Json {
        json!({
            "iss": email,
            "scope": SCOPE,
            "aud": self.token_url,
            "iat": now,
            "exp": now + ASSERTION_SECONDS,
        })
    }
}

impl Token {
    /// Reads the answer of a token endpoint or of the metadata server.
    pub fn parse(client: &str, body: &[u8]) -> Result<Self, ProviderError> {
        let json: Option<Json> = serde_json::from_slice(body).ok();
        let field = |key: &str| json.as_ref().and_then(|json| json.get(key));
        let Some(token) = field("access_token").and_then(Json::as_str) else {
            let reason = field("error_description").or_else(|| field("error"));
            let reason = reason.and_then(Json::as_str).unwrap_or("no access_token in the answer");
            return Err(ProviderError::Credentials {
                client: client.into(),
                message: format!("no token was granted: {reason}"),
            });
        };
        Ok(Self {
            access_token: Secret::new(token),
            expires_in_seconds: field("expires_in").and_then(Json::as_u64).unwrap_or(0),
        })
    }
}

fn sign_jwt(claims: &Json, key_id: Option<&str>, pem: &Secret) -> Result<String, &'static str> {
    let mut header = json!({ "alg": "RS256", "typ": "JWT" });
    if let Some(key_id) = key_id {
        header["kid"] = json!(key_id);
    }
    let encode = |json: &Json| URL_SAFE_NO_PAD.encode(json.to_string());
    let text = format!("{}.{}", encode(&header), encode(claims));
    let der = pem_body(pem.reveal()).ok_or("the private key is not PEM (PKCS #8)")?;
    let key = RsaKeyPair::from_pkcs8(&der).map_err(|_| "the private key is not an RSA key")?;
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
        .map_err(|_| "the private key cannot sign")?;
    Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

fn pem_body(pem: &str) -> Option<Vec<u8>> {
    let (_, rest) = pem.split_once("-----BEGIN PRIVATE KEY-----")?;
    let (body, _) = rest.split_once("-----END PRIVATE KEY-----")?;
    let digits: String = body.chars().filter(|c| !c.is_whitespace()).collect();
    STANDARD.decode(digits).ok()
}

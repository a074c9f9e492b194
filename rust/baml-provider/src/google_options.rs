//! What a Vertex client says: its region and project, and where its credentials are.

use serde_json::Value as Json;

use crate::address::Address;
use crate::error::ProviderError;
use crate::google_credentials::{GoogleCredentials, Token};
use crate::google_places::GooglePlaces;
use crate::options::{Environment, Options, variable};
use crate::secret::Secret;

/// What a Vertex client says.
#[derive(Clone, Debug)]
pub struct GoogleOptions {
    /// The region, or `global`; absent where `base_url` stands in its place.
    pub location: Option<String>,
    /// The project, where the options name it; else the credentials' project.
    pub project_id: Option<String>,
    /// Where the credentials are.
    pub source: GoogleSource,
    /// The credentials, once they are read.
    pub credentials: Option<GoogleCredentials>,
    /// Where else credentials may be.
    pub places: GooglePlaces,
    /// A token of the machine itself, once it is fetched.
    pub machine_token: Option<Token>,
    /// A key among the query parameters, or an `Authorization` header: no token is needed.
    pub brings_key: bool,
    pub(crate) speaks_anthropic: bool,
}

/// Where Google credentials are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GoogleSource {
    /// Their JSON text.
    Text(Secret),
    /// A file that holds it.
    File(String),
    /// What the machine offers: the default file, the metadata server, the `gcloud` program.
    SystemDefault,
}

impl GoogleOptions {
    pub(crate) fn take(
        address: &Address,
        options: &mut Options,
        env: &dyn Environment,
    ) -> Result<Self, ProviderError> {
        let location = options.take_text("location")?;
        let project_id = options.take_text("project_id")?;
        match (&location, address.base_url.is_empty()) {
            (Some(_), false) => {
                return Err(options.error(
                    "vertex-ai clients may specify either location or base_url, but not both",
                ));
            }
            (None, true) => {
                return Err(options.error(
                    "vertex-ai clients must specify a GCP region in options.location \
                     (e.g. us-central1)",
                ));
            }
            _ => {}
        }
        let key_in_query = address.query.iter().any(|(name, _)| name == "key");
        if key_in_query && location.is_some() && project_id.is_none() {
            return Err(options.error(
                "options.project_id is required when an API key is used with options.location",
            ));
        }
        let brings_key =
            key_in_query || address.headers.iter().any(|(name, _)| name == "authorization");
        let source = GoogleSource::take(options, env)?;
        let credentials = match &source {
            GoogleSource::Text(text) => {
                Some(GoogleCredentials::parse(options.client(), text.reveal())?)
            }
            _ => None,
        };
        let speaks_anthropic = options.peek_text("anthropic_version").is_some();
        Ok(Self {
            location,
            project_id,
            source,
            credentials,
            places: GooglePlaces::of(env),
            machine_token: None,
            brings_key,
            speaks_anthropic,
        })
    }

    /// A name for the machine's own token that a cache can use; nothing where a file is named.
    pub fn cache_key(&self) -> Option<String> {
        (self.source == GoogleSource::SystemDefault).then(|| format!("{:?}", self.places))
    }

    /// The project that requests go to, as far as it is known.
    pub fn project(&self) -> Option<&str> {
        let credentials = self.credentials.as_ref();
        self.project_id.as_deref().or_else(|| credentials?.project_id.as_deref())
    }
}

impl GoogleSource {
    fn take(options: &mut Options, env: &dyn Environment) -> Result<Self, ProviderError> {
        let credentials = options.take("credentials");
        let content = options.take_text("credentials_content")?;
        let given = match (credentials, content) {
            (Some(_), Some(_)) => {
                return Err(
                    options.error("credentials and credentials_content cannot both be provided")
                );
            }
            (Some(Json::String(text)), None) => Some(text),
            (Some(map @ Json::Object(_)), None) => Some(map.to_string()),
            (Some(_), None) => {
                return Err(options.error("credentials must be a string or a map"));
            }
            (None, Some(content)) => return Ok(Self::Text(Secret::new(content))),
            (None, None) => variable(env, "GOOGLE_APPLICATION_CREDENTIALS"),
        };
        if let Some(text) = given {
            return Ok(Self::text_or_file(text));
        }
        match variable(env, "GOOGLE_APPLICATION_CREDENTIALS_CONTENT") {
            Some(content) => Ok(Self::Text(Secret::new(content))),
            None => Ok(Self::SystemDefault),
        }
    }

    fn text_or_file(text: String) -> Self {
        if text.trim_start().starts_with('{') {
            Self::Text(Secret::new(text))
        } else {
            Self::File(text)
        }
    }
}

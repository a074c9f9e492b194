//! What a client on AWS or Google Cloud needs: region, project, and where its credentials are.
//!
//! Credentials are data here. What has to be read or fetched is named, and the runtime fills it in.

use serde_json::{Map, Value as Json};

use crate::address::Address;
use crate::aws_chain::{AwsPlaces, AwsSearch, AwsSearchOutcome, Wanted};
use crate::aws_signature::AwsKeys;
use crate::entra::EntraOptions;
use crate::error::ProviderError;
use crate::google_chain::{GoogleFound, GooglePlaces, GoogleSearch};
use crate::google_credentials::{GoogleCredentials, Token};
use crate::options::{Environment, Options};
use crate::provider::{Provider, ReplyShape};
use crate::secret::Secret;

/// Variables that tell where credentials and regions are, beside the providers' own keys.
pub const CLOUD_VARIABLES: [&str; 26] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_PROFILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_CONFIG_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_ENDPOINT_URL_STS",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_APPLICATION_CREDENTIALS_CONTENT",
    "AZURE_AUTHORITY_HOST",
    "CLOUDSDK_CONFIG",
    "GCE_METADATA_HOST",
    "HOME",
    "USERPROFILE",
    "APPDATA",
];

/// The cloud of a client.
#[derive(Clone, Debug)]
pub enum Cloud {
    /// None: the key, if any, is among the headers.
    None,
    /// Amazon Bedrock.
    Aws(Box<AwsOptions>),
    /// Azure with the credentials of an application.
    Azure(EntraOptions),
    /// Google Vertex AI.
    Google(Box<GoogleOptions>),
}

/// What a Bedrock client says.
#[derive(Clone, Debug)]
pub struct AwsOptions {
    /// The model's id, profile or ARN.
    pub model: String,
    /// From the options, `AWS_REGION` or `AWS_DEFAULT_REGION`; else the runtime sets the profile's.
    pub region: Option<String>,
    /// The profile of the shared configuration files.
    pub profile: Option<String>,
    /// Keys from the options or the environment; else the runtime walks the rest of the chain.
    pub keys: Option<AwsKeys>,
    /// Where else keys may be.
    pub places: AwsPlaces,
    /// Another address than the region's own.
    pub endpoint_url: Option<String>,
    pub(crate) inference: Map<String, Json>,
    pub(crate) additional_fields: Option<Json>,
}

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

impl Cloud {
    pub(crate) fn take(
        provider: Provider,
        address: &Address,
        options: &mut Options,
        env: &dyn Environment,
    ) -> Result<Self, ProviderError> {
        match provider {
            Provider::AwsBedrock => Ok(Self::Aws(Box::new(AwsOptions::take(options, env)?))),
            Provider::VertexAi => {
                Ok(Self::Google(Box::new(GoogleOptions::take(address, options, env)?)))
            }
            _ => Ok(address.entra.clone().map_or(Self::None, Self::Azure)),
        }
    }

    pub(crate) fn reply_shape(&self, provider: Provider) -> ReplyShape {
        match (self, provider) {
            (Self::Google(google), _) if google.speaks_anthropic => ReplyShape::Anthropic,
            (Self::Google(_), _) | (_, Provider::GoogleAi) => ReplyShape::Google,
            (Self::Aws(_), _) => ReplyShape::Bedrock,
            (_, Provider::Anthropic) => ReplyShape::Anthropic,
            (_, Provider::OpenAiResponses) => ReplyShape::Responses,
            _ => ReplyShape::OpenAi,
        }
    }
}

fn variable(env: &dyn Environment, name: &str) -> Option<String> {
    env.get(name).filter(|value| !value.is_empty())
}

impl AwsOptions {
    fn take(options: &mut Options, env: &dyn Environment) -> Result<Self, ProviderError> {
        let mut text = |key: &str| -> Result<Option<String>, ProviderError> {
            Ok(options.take_text(key)?.filter(|value| !value.is_empty()))
        };
        let (model, model_id) = (text("model")?, text("model_id")?);
        if options.peek_text("region") == Some("") {
            return Err(options.error("region cannot be empty"));
        }
        let mut text = |key: &str| -> Result<Option<String>, ProviderError> {
            Ok(options.take_text(key)?.filter(|value| !value.is_empty()))
        };
        let region = text("region")?;
        let profile = text("profile")?;
        let endpoint_url = text("endpoint_url")?;
        let key_id = text("access_key_id")?;
        let secret = text("secret_access_key")?;
        let token = text("session_token")?;
        let inference = inference_config(options)?;
        let additional_fields = options.take("additional_model_request_fields");
        let model = match (model, model_id) {
            (Some(_), Some(_)) => {
                return Err(options.error("model_id and model cannot both be provided"));
            }
            (None, None) => return Err(options.error("model_id is required")),
            (Some(model), None) | (None, Some(model)) => model,
        };
        let keys = match (key_id, secret) {
            (Some(id), Some(secret)) => Some(AwsKeys::new(id, secret, token)),
            (None, None) if profile.is_none() => AwsKeys::from_environment(env),
            (None, None) => None,
            _ => {
                return Err(
                    options.error("access_key_id and secret_access_key must be given together")
                );
            }
        };
        let region = region
            .or_else(|| variable(env, "AWS_REGION"))
            .or_else(|| variable(env, "AWS_DEFAULT_REGION"));
        let profile = profile.or_else(|| variable(env, "AWS_PROFILE"));
        let places = AwsPlaces::of(env);
        Ok(Self {
            model,
            region,
            profile,
            keys,
            places,
            endpoint_url,
            inference,
            additional_fields,
        })
    }

    /// The search for the region, in files only; nothing where it is known.
    pub fn search_region(&self, client: &str) -> Option<AwsSearch> {
        self.region.is_none().then(|| AwsSearch::new(client, self, Wanted::Region))
    }

    /// The search for keys.
    pub fn search_keys(&self, client: &str) -> AwsSearch {
        AwsSearch::new(client, self, Wanted::Keys)
    }

    /// A name for the places where keys may be that a cache can use; it tells no secret.
    pub fn cache_key(&self) -> String {
        format!("{:?} {:?}", self.profile, self.places)
    }

    /// Takes over what a search found.
    pub fn provide(&mut self, found: AwsSearchOutcome) {
        self.region = self.region.take().or(found.region);
        if let Some(found) = found.keys {
            self.keys = Some(found.keys);
        }
    }
}

fn inference_config(options: &mut Options) -> Result<Map<String, Json>, ProviderError> {
    let mut config = Map::new();
    for (key, value) in options.take_map("inference_configuration")?.unwrap_or_default() {
        let name = match key.as_str() {
            "max_tokens" => "maxTokens",
            "temperature" => "temperature",
            "top_p" => "topP",
            "stop_sequences" => "stopSequences",
            _ => {
                return Err(
                    options.error(format!("Unsupported property: inference_configuration.{key}"))
                );
            }
        };
        config.insert(name.to_owned(), value);
    }
    Ok(config)
}

impl GoogleOptions {
    fn take(
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

    /// The search for credentials; nothing where they are known, or none are needed.
    pub fn search(&self, client: &str) -> Option<GoogleSearch> {
        let known = self.credentials.is_some() || self.machine_token.is_some();
        (!known && !self.brings_key).then(|| GoogleSearch::new(client, self))
    }

    /// A name for the machine's own token that a cache can use; nothing where a file is named.
    pub fn cache_key(&self) -> Option<String> {
        (self.source == GoogleSource::SystemDefault).then(|| format!("{:?}", self.places))
    }

    /// Takes over what a search found.
    pub fn provide(&mut self, found: GoogleFound) {
        match found {
            GoogleFound::Credentials(credentials) => self.credentials = Some(credentials),
            GoogleFound::Token { token, project_id } => {
                self.machine_token = Some(token);
                self.project_id = self.project_id.take().or(project_id);
            }
        }
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

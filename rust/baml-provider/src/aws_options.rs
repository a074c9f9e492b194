//! What a Bedrock client says: its model, region and profile, and keys that are at hand.

use serde_json::{Map, Value as Json};

use crate::aws_places::AwsPlaces;
use crate::aws_signature::AwsKeys;
use crate::error::ProviderError;
use crate::options::{Environment, Options, variable};

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

impl AwsOptions {
    pub(crate) fn take(
        options: &mut Options,
        env: &dyn Environment,
    ) -> Result<Self, ProviderError> {
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

    /// A name for the places where keys may be that a cache can use; it tells no secret.
    pub fn cache_key(&self) -> String {
        format!("{:?} {:?}", self.profile, self.places)
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

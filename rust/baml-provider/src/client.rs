//! A client as one call needs it: every option understood, every variable looked up.
//!
//! Invariant: a `ResolvedClient` lives for one call and is never shown: its `Debug` names client
//! and provider, nothing else.

use std::fmt;

use baml_schema::{Client, OptionValue};
use indexmap::IndexMap;
use serde_json::{Map, Value as Json};
use smol_str::SmolStr;

use crate::cloud::Cloud;
use crate::error::ProviderError;
use crate::finish::FinishRules;
use crate::http_options::HttpOptions;
use crate::media_rules::MediaRules;
use crate::options::{Environment, Options};
use crate::provider::{Provider, ReplyShape};
use crate::roles::RoleRules;
use crate::secret::Secret;
use crate::strategy::Strategy;

/// A client, ready to build requests and to read replies.
#[derive(Clone)]
pub struct ResolvedClient {
    pub(crate) name: SmolStr,
    pub(crate) provider: Provider,
    pub(crate) retry_policy: Option<SmolStr>,
    pub(crate) base_url: String,
    pub(crate) api_key: Option<Secret>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) model: Option<String>,
    pub(crate) roles: RoleRules,
    pub(crate) media: MediaRules,
    pub(crate) finish: FinishRules,
    pub(crate) http: HttpOptions,
    pub(crate) streams: bool,
    pub(crate) shape: ReplyShape,
    pub(crate) cloud: Cloud,
    pub(crate) strategy: Option<Strategy>,
    /// What goes into the body as it is.
    pub(crate) forwarded: Map<String, Json>,
}

impl ResolvedClient {
    /// Resolves a declared client for one call.
    pub fn resolve(client: &Client, env: &dyn Environment) -> Result<Self, ProviderError> {
        let Some(provider) = Provider::parse(&client.provider) else {
            return Err(ProviderError::UnknownProvider {
                provider: client.provider.clone(),
                client: client.name.clone(),
            });
        };
        let mut options = Options::resolve(&client.name, &client.options, env)?;
        let strategy = Strategy::take(provider, &mut options)?;
        let roles = RoleRules::take(provider, &mut options)?;
        let media = MediaRules::take(provider, &mut options)?;
        let finish = FinishRules::take(&mut options)?;
        let http = HttpOptions::take(provider, &mut options)?;
        let streams = options.take_bool("supports_streaming")?;
        let model_is_whole = options.peek_text("model").is_some_and(|model| {
            provider == Provider::OpenAi && (model == "o1" || model.starts_with("o1-"))
        });
        let shape = match options.take_text("client_response_type")? {
            None => None,
            Some(word) => Some(ReplyShape::parse(&word).ok_or_else(|| {
                options.error(format!("client_response_type: unknown type {word}"))
            })?),
        };
        let address = crate::address::Address::take(provider, &mut options, env)?;
        let cloud = Cloud::take(provider, &address, &mut options, env)?;
        let model = cloud.take_model(provider, &mut options)?;
        if matches!(provider, Provider::AwsBedrock | Provider::Fallback | Provider::RoundRobin) {
            options.refuse_rest()?;
        }
        Ok(Self {
            name: client.name.clone(),
            provider,
            retry_policy: client.retry_policy.clone(),
            base_url: address.base_url,
            api_key: address.api_key,
            headers: address.headers,
            query: address.query,
            model,
            roles,
            media,
            finish,
            http,
            streams: streams.unwrap_or(!model_is_whole),
            shape: shape.unwrap_or_else(|| cloud.reply_shape(provider)),
            cloud,
            strategy,
            forwarded: options.into_rest(),
        })
    }

    /// Resolves `"provider/model"`.
    pub fn shorthand(
        provider: &str,
        model: &str,
        env: &dyn Environment,
    ) -> Result<Self, ProviderError> {
        let key = SmolStr::new_static("model");
        let client = Client {
            name: format!("{provider}/{model}").into(),
            provider: provider.into(),
            retry_policy: None,
            options: IndexMap::from([(key, OptionValue::String(model.into()))]),
            span: Default::default(),
        };
        Self::resolve(&client, env)
    }

    /// Its name; of a shorthand client `provider/model`.
    pub fn name(&self) -> &SmolStr {
        &self.name
    }

    /// Its provider.
    pub fn provider(&self) -> Provider {
        self.provider
    }

    /// Its model, where the options name one.
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// The retry policy that it names.
    pub fn retry_policy(&self) -> Option<&SmolStr> {
        self.retry_policy.as_ref()
    }

    /// The role of a message that names none, or one that is not allowed.
    pub fn default_role(&self) -> &SmolStr {
        &self.roles.default_role
    }

    /// The roles that a prompt may use.
    pub fn allowed_roles(&self) -> &[SmolStr] {
        &self.roles.allowed
    }

    /// How the provider calls the roles.
    pub fn remap_roles(&self) -> &IndexMap<SmolStr, SmolStr> {
        &self.roles.remap
    }

    /// How long each phase of an exchange may take.
    pub fn http(&self) -> &HttpOptions {
        &self.http
    }

    /// Which finish reasons are accepted.
    pub fn finish_rules(&self) -> &FinishRules {
        &self.finish
    }

    /// Whether a streaming call may ask for a stream (`supports_streaming`).
    pub fn supports_streaming(&self) -> bool {
        self.streams
    }

    /// The members of a fallback or round-robin client.
    pub fn strategy(&self) -> Option<&Strategy> {
        self.strategy.as_ref()
    }

    /// How its replies are spelled.
    pub fn reply_shape(&self) -> ReplyShape {
        self.shape
    }

    /// What the cloud that it runs on needs.
    pub fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// The same, to fill in what the runtime had to fetch.
    pub fn cloud_mut(&mut self) -> &mut Cloud {
        &mut self.cloud
    }
}

impl fmt::Debug for ResolvedClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResolvedClient")
            .field("name", &self.name)
            .field("provider", &self.provider)
            .finish_non_exhaustive()
    }
}

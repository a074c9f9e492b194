//! Where a client's requests go and what they carry besides their body.
//!
//! Invariant: a key that nobody gave is an error here, so no request leaves with a placeholder.

use crate::entra::EntraOptions;
use crate::error::ProviderError;
use crate::options::{Environment, Options};
use crate::provider::Provider;
use crate::secret::Secret;

/// Base address, key, further headers and query parameters.
pub(crate) struct Address {
    pub(crate) base_url: String,
    pub(crate) api_key: Option<Secret>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) entra: Option<EntraOptions>,
}

impl Address {
    pub(crate) fn take(
        provider: Provider,
        options: &mut Options,
        env: &dyn Environment,
    ) -> Result<Self, ProviderError> {
        if provider == Provider::AwsBedrock || provider.is_strategy() {
            let (base_url, headers, query) = (String::new(), Vec::new(), Vec::new());
            return Ok(Self { base_url, api_key: None, headers, query, entra: None });
        }
        let mut headers = Vec::new();
        for (name, value) in options.take_pairs("headers")? {
            headers.push((name.to_ascii_lowercase(), value));
        }
        let takes_query = provider.is_openai_family() || provider == Provider::VertexAi;
        let query = if takes_query { options.take_pairs("query_params")? } else { Vec::new() };
        let base_url = base_url(provider, options)?;
        let mut address = Self { base_url, api_key: None, headers, query, entra: None };
        if provider == Provider::AzureOpenAi && address.query.is_empty() {
            let version = options.take_text("api_version")?;
            address.query.extend(version.map(|version| ("api-version".to_owned(), version)));
        }
        if provider == Provider::AzureOpenAi {
            address.entra = EntraOptions::take(options, env)?;
        }
        if address.entra.is_some() && !options.has("api_key") {
            return Ok(address);
        }
        if provider != Provider::VertexAi {
            address.api_key = api_key(provider, &address.headers, options, env)?;
        }
        Ok(address)
    }
}

/// The header that carries a provider's key.
pub(crate) fn key_header(provider: Provider) -> &'static str {
    match provider {
        Provider::AzureOpenAi => "api-key",
        Provider::Anthropic => "x-api-key",
        Provider::GoogleAi => "x-goog-api-key",
        _ => "authorization",
    }
}

/// The variable that holds a provider's key where the options do not name one.
pub fn default_key_variable(provider: Provider) -> Option<&'static str> {
    Some(match provider {
        Provider::OpenAi | Provider::OpenAiResponses => "OPENAI_API_KEY",
        Provider::AzureOpenAi => "AZURE_OPENAI_API_KEY",
        Provider::OpenRouter => "OPENROUTER_API_KEY",
        Provider::Anthropic => "ANTHROPIC_API_KEY",
        Provider::GoogleAi => "GOOGLE_API_KEY",
        _ => return None,
    })
}

fn api_key(
    provider: Provider,
    headers: &[(String, String)],
    options: &mut Options,
    env: &dyn Environment,
) -> Result<Option<Secret>, ProviderError> {
    if let Some(key) = options.take_text("api_key")? {
        return Ok(Some(Secret::new(key)));
    }
    let Some(variable) = default_key_variable(provider) else { return Ok(None) };
    if let Some(key) = env.get(variable) {
        return Ok(Some(Secret::new(key)));
    }
    if headers.iter().any(|(name, _)| name == key_header(provider)) {
        return Ok(None);
    }
    Err(ProviderError::MissingVariable {
        variable: variable.into(),
        client: options.client().clone(),
        option: "api_key".to_owned(),
    })
}

fn base_url(provider: Provider, options: &mut Options) -> Result<String, ProviderError> {
    let given = options.take_text("base_url")?;
    let given = given.map(|url| url.strip_suffix('/').unwrap_or(&url).to_owned());
    if provider == Provider::AzureOpenAi {
        return azure_base_url(given, options);
    }
    let standard = match provider {
        Provider::OpenAi | Provider::OpenAiResponses => "https://api.openai.com/v1",
        Provider::Ollama => "http://localhost:11434/v1",
        Provider::OpenRouter => "https://openrouter.ai/api/v1",
        Provider::Anthropic => "https://api.anthropic.com",
        Provider::GoogleAi => "https://generativelanguage.googleapis.com/v1beta",
        _ => "",
    };
    match given {
        Some(url) => Ok(url),
        None if provider == Provider::OpenAiGeneric => {
            Err(options.error("Missing required property: base_url"))
        }
        None => Ok(standard.to_owned()),
    }
}

fn azure_base_url(given: Option<String>, options: &mut Options) -> Result<String, ProviderError> {
    let resource = options.take_text("resource_name")?;
    let deployment = options.take_text("deployment_id")?;
    match (given, resource, deployment) {
        (Some(url), None, None) => Ok(url),
        (None, Some(resource), Some(deployment)) => {
            Ok(format!("https://{resource}.openai.azure.com/openai/deployments/{deployment}"))
        }
        (Some(_), _, _) => Err(options
            .error("Only one of base_url or both (resource_name, deployment_id) must be provided")),
        (None, _, _) => {
            Err(options.error("Missing either base_url or both (resource_name, deployment_id)"))
        }
    }
}

//! Messages → HTTP request, for every provider.
//!
//! Invariant: the same client and messages give the same request; nothing is looked up here.

use std::borrow::Cow;

use baml_prompt::message::Message;
use serde_json::{Map, Value as Json};
use url::Url;
use url::form_urlencoded;

use crate::address::key_header;
use crate::aws_options::AwsOptions;
use crate::body;
use crate::client::ResolvedClient;
use crate::cloud::Cloud;
use crate::error::ProviderError;
use crate::google_options::GoogleOptions;
use crate::provider::Provider;
use crate::request::{Delivery, Header, HttpRequest, Signing};
use crate::roles::ChatMessage;

/// The version of the Messages API that the replies are read as.
const ANTHROPIC_VERSION: &str = "2023-06-01";

/// The request that tells `messages` to the client's provider.
///
/// Media that must be downloaded have to be replaced first (see [`media_fetches`]); one that still
/// stands there as an address is an error.
///
/// [`media_fetches`]: crate::media_fetches
pub fn build_request(
    client: &ResolvedClient,
    messages: &[Message],
    delivery: Delivery,
) -> Result<HttpRequest, ProviderError> {
    if client.provider.is_strategy() {
        let message = "a fallback or round-robin client sends nothing itself";
        return Err(ProviderError::options(&client.name, message));
    }
    let inlined = crate::media::inline_data_urls(client, messages)?;
    let chat = client.roles.apply(inlined.as_deref().unwrap_or(messages));
    let url = address(client, delivery)?;
    let body = write_body(client, chat, delivery)?;
    let signing = match &client.cloud {
        Cloud::None => Signing::None,
        Cloud::Azure(_) if client.api_key.is_some() => Signing::None,
        Cloud::Azure(_) => Signing::EntraToken,
        Cloud::Aws(aws) => Signing::AwsSigV4 { region: region(client, aws)?.to_owned() },
        Cloud::Google(google) if google.brings_key => Signing::None,
        Cloud::Google(_) => Signing::GoogleToken,
    };
    let mut request =
        HttpRequest { method: "POST", url, headers: Vec::new(), body: Json::Object(body), signing };
    write_headers(client, &mut request);
    Ok(request)
}

fn write_body(
    client: &ResolvedClient,
    chat: Vec<ChatMessage<'_>>,
    delivery: Delivery,
) -> Result<Map<String, Json>, ProviderError> {
    match (&client.cloud, client.provider) {
        (Cloud::Aws(aws), _) => body::bedrock::write(client, aws, chat),
        (Cloud::Google(google), _) if google.speaks_anthropic => {
            body::anthropic::write(client, chat, delivery)
        }
        (Cloud::Google(_), _) | (_, Provider::GoogleAi) => body::google::write(client, chat),
        (_, Provider::Anthropic) => body::anthropic::write(client, chat, delivery),
        (_, Provider::OpenAiResponses) => body::responses::write(client, &chat, delivery),
        _ => body::openai::write(client, &chat, delivery),
    }
}

fn write_headers(client: &ResolvedClient, request: &mut HttpRequest) {
    request.set_header(Header::new("content-type", "application/json"));
    if client.provider == Provider::AwsBedrock {
        request.set_header(Header::new("accept", "application/json"));
    }
    if client.provider == Provider::Anthropic {
        request.set_header(Header::new("anthropic-version", ANTHROPIC_VERSION));
    }
    for (name, value) in &client.headers {
        request.set_header(Header::new(name.as_str(), value.as_str()));
    }
    if !matches!(client.provider, Provider::AwsBedrock | Provider::GoogleAi | Provider::VertexAi) {
        request.set_header(Header::new("baml-original-url", &client.base_url));
    }
    let Some(key) = &client.api_key else { return };
    let name = key_header(client.provider);
    if client.provider == Provider::AzureOpenAi && request.header(name).is_some() {
        return;
    }
    let value = match name {
        "authorization" => format!("Bearer {}", key.reveal()),
        _ => key.reveal().to_owned(),
    };
    request.set_header(Header { name: name.to_owned(), value, secret: true });
}

fn address(client: &ResolvedClient, delivery: Delivery) -> Result<String, ProviderError> {
    let base = client.base_url.as_str();
    let stream = delivery == Delivery::Stream;
    let (address, query): (String, &[(&str, &str)]) = match (&client.cloud, client.provider) {
        (Cloud::Aws(aws), _) => (aws_address(client, aws, delivery)?, &[]),
        (Cloud::Google(google), _) => google_address(client, google, delivery)?,
        (_, Provider::GoogleAi) => {
            let (method, query) = gemini_method(stream);
            (format!("{base}/models/{}:{method}", model(client)?), query)
        }
        (_, Provider::Anthropic) => (format!("{base}/v1/messages"), &[]),
        (_, Provider::OpenAiResponses) => (format!("{base}/responses"), &[]),
        _ => (format!("{base}/chat/completions"), &[]),
    };
    let own = client.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let pairs: Vec<(&str, &str)> = query.iter().copied().chain(own).collect();
    let address = normalize(client, &address)?;
    if pairs.is_empty() {
        return Ok(address);
    }
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let joint = if address.contains('?') { '&' } else { '?' };
    Ok(format!("{address}{joint}{query}"))
}

fn gemini_method(stream: bool) -> (&'static str, &'static [(&'static str, &'static str)]) {
    if stream { ("streamGenerateContent", &[("alt", "sse")]) } else { ("generateContent", &[]) }
}

type AddressAndQuery = (String, &'static [(&'static str, &'static str)]);

fn google_address(
    client: &ResolvedClient,
    google: &GoogleOptions,
    delivery: Delivery,
) -> Result<AddressAndQuery, ProviderError> {
    let stream = delivery == Delivery::Stream;
    let (publisher, (method, query)) = if google.speaks_anthropic {
        let method = if stream { "streamRawPredict" } else { "rawPredict" };
        ("anthropic", (method, &[] as &[(&str, &str)]))
    } else {
        ("google", gemini_method(stream))
    };
    let model = model(client)?;
    let Some(location) = &google.location else {
        return Ok((format!("{}/{model}:{method}", client.base_url), query));
    };
    let Some(project) = google.project() else {
        return Err(ProviderError::Credentials {
            client: client.name.clone(),
            message: "no project: set options.project_id, or use credentials that name one".into(),
        });
    };
    let host = match location.as_str() {
        "global" => "aiplatform.googleapis.com".to_owned(),
        location => format!("{location}-aiplatform.googleapis.com"),
    };
    let path = format!("projects/{project}/locations/{location}/publishers/{publisher}/models");
    Ok((format!("https://{host}/v1/{path}/{model}:{method}"), query))
}

fn aws_address(
    client: &ResolvedClient,
    aws: &AwsOptions,
    delivery: Delivery,
) -> Result<String, ProviderError> {
    let region = region(client, aws)?;
    let base = match &aws.endpoint_url {
        Some(url) => url.strip_suffix('/').unwrap_or(url).to_owned(),
        None => format!("https://bedrock-runtime.{region}.amazonaws.com"),
    };
    let method = match delivery {
        Delivery::Stream => "converse-stream",
        Delivery::Whole => "converse",
    };
    let model = crate::aws_signature::encode_segment(&aws.model);
    Ok(format!("{base}/model/{model}/{method}"))
}

fn region<'a>(client: &ResolvedClient, aws: &'a AwsOptions) -> Result<&'a str, ProviderError> {
    aws.region.as_deref().ok_or_else(|| {
        let message =
            "AWS region is required: set options.region, AWS_REGION or a profile's region";
        ProviderError::options(&client.name, message)
    })
}

fn model(client: &ResolvedClient) -> Result<Cow<'_, str>, ProviderError> {
    let model = client.model.as_deref().filter(|model| !model.is_empty());
    let Some(model) = model else {
        return Err(ProviderError::options(&client.name, "model must be provided"));
    };
    if model.contains(['?', '#']) {
        return Ok(Cow::Owned(model.replace('?', "%3F").replace('#', "%23")));
    }
    Ok(Cow::Borrowed(model))
}

fn normalize(client: &ResolvedClient, address: &str) -> Result<String, ProviderError> {
    let url = Url::parse(address).map_err(|problem| {
        ProviderError::options(&client.name, format!("base_url is not an address: {problem}"))
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        let message =
            format!("base_url must begin with http:// or https://, not {}:", url.scheme());
        return Err(ProviderError::options(&client.name, message));
    }
    Ok(url.into())
}

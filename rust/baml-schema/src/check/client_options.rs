//! Which options each provider knows, and what they may hold.

use baml_syntax::tree::{Expr, ExprKind};

use super::http_options;
use super::option_reader::OptionReader;
use super::options::is_text;
use super::roles;
use crate::catalogue::{OPTION_KIND, OPTION_VALUE};

/// Older names of providers, still accepted and never suggested.
const LEGACY: [&str; 6] = [
    "baml-openai-chat",
    "baml-azure-chat",
    "baml-anthropic-chat",
    "baml-ollama-chat",
    "baml-fallback",
    "baml-round-robin",
];

/// The providers, as they are written today.
pub(crate) const PROVIDERS: [&str; 12] = [
    "openai",
    "openai-generic",
    "openai-responses",
    "azure-openai",
    "anthropic",
    "ollama",
    "round-robin",
    "fallback",
    "google-ai",
    "vertex-ai",
    "aws-bedrock",
    "openrouter",
];

/// Whether there is a provider of this name.
pub(crate) fn is_provider(name: &str) -> bool {
    PROVIDERS.contains(&name) || LEGACY.contains(&name)
}

const RESPONSE_TYPES: [&str; 6] =
    ["openai", "openai-responses", "openai-transcription", "anthropic", "google", "vertex"];
const MEDIA_MODES: [&str; 4] =
    ["send_base64", "send_url", "send_url_add_mime_type", "send_base64_unless_google_url"];
const MEDIA_KINDS: [&str; 4] = ["image", "audio", "pdf", "video"];

/// Whether the provider hands calls on to other clients.
pub(crate) fn is_composite(provider: &str) -> bool {
    matches!(provider, "fallback" | "round-robin" | "baml-fallback" | "baml-round-robin")
}

/// Checks the options of a client of `provider`.
pub(crate) fn check(provider: &str, options: &mut OptionReader) {
    match provider {
        "fallback" | "baml-fallback" => composite(options),
        "round-robin" | "baml-round-robin" => {
            options.int("start");
            composite(options);
        }
        "aws-bedrock" => bedrock(options),
        "vertex-ai" => vertex(options),
        "google-ai" => {
            options.text("model");
            options.text("base_url");
            options.text("api_key");
            leaf(options);
        }
        "anthropic" | "baml-anthropic-chat" => {
            options.text("base_url");
            options.text("api_key");
            leaf(options);
        }
        _ => openai(provider, options),
    }
}

fn openai(provider: &str, options: &mut OptionReader) {
    match provider {
        "openai-generic" => options.required_text("base_url"),
        "azure-openai" | "baml-azure-chat" => azure_address(options),
        _ => {
            options.text("base_url");
        }
    }
    options.text("api_key");
    options
        .text_map("query_params", |key| format!("Query param key {key} must have a string value"));
    response_type(options);
    leaf(options);
}

fn response_type(options: &mut OptionReader) {
    let Some((span, value)) = options.text("client_response_type") else { return };
    let Some(text) = value.as_text() else { return };
    if !RESPONSE_TYPES.contains(&text) {
        let message = format!(
            "client_response_type must be one of \"openai\", \"openai-responses\", \
             \"openai-transcription\", \"anthropic\", \"google\", or \"vertex\". Got: {text}"
        );
        options.error(OPTION_VALUE, span, message);
    }
}

fn azure_address(options: &mut OptionReader) {
    let base = options.text("base_url").map(|(span, _)| span);
    let resource = options.text("resource_name").map(|(span, _)| span);
    let deployment = options.text("deployment_id").map(|(span, _)| span);
    options.text("api_version");
    match (base, resource, deployment) {
        (Some(_), None, None) | (None, Some(_), Some(_)) => {}
        (None, None, None) => {
            options.missing("Missing either base_url or both (resource_name, deployment_id)");
        }
        (_, Some(span), None) => {
            options
                .conflict(&[span], "deployment_id must be provided when resource_name is provided");
        }
        (_, None, Some(span)) => {
            options
                .conflict(&[span], "resource_name must be provided when deployment_id is provided");
        }
        (Some(base), Some(resource), Some(deployment)) => options.conflict(
            &[base, resource, deployment],
            "Only one of base_url or both (resource_name, deployment_id) must be provided",
        ),
    }
}

fn vertex(options: &mut OptionReader) {
    options.required_text("model");
    let base = options.text("base_url").map(|(span, _)| span);
    let location = options.text("location").map(|(span, _)| span);
    match (base, location) {
        (Some(base), Some(location)) => options.conflict(
            &[base, location],
            "vertex-ai clients may specify either location or base_url, but not both (try removing \
             'base_url' from options).",
        ),
        (None, None) => options.missing(
            "vertex-ai clients must specify a GCP region in options.location (e.g. us-central1)",
        ),
        _ => {}
    }
    let content = options.text("credentials_content").map(|(span, _)| span);
    let credentials = options.take("credentials");
    if let Some((_, value)) = credentials
        && !is_text(value)
        && !matches!(value.kind, ExprKind::Map(_))
    {
        options.wrong_kind(value, "credentials must be a string or an object");
    }
    if let (Some((first, _)), Some(second)) = (credentials, content) {
        options.conflict(
            &[first, second],
            "Both 'credentials' and 'credentials_content' provided. Please only set one or the \
             other.",
        );
    }
    options.text("project_id");
    options.text("anthropic_version");
    options
        .text_map("query_params", |key| format!("Query param key {key} must have a string value"));
    leaf(options);
}

fn bedrock(options: &mut OptionReader) {
    let id = options.text("model_id").map(|(span, _)| span);
    let model = options.text("model").map(|(span, _)| span);
    match (id, model) {
        (Some(id), Some(model)) => {
            options.conflict(&[id, model], "model_id and model cannot both be provided");
        }
        (None, None) => options.missing_key("model", "model_id is required"),
        _ => {}
    }
    for key in
        ["region", "access_key_id", "secret_access_key", "session_token", "profile", "endpoint_url"]
    {
        options.text(key);
    }
    for entry in options.map("inference_configuration").unwrap_or_default() {
        let Some(value) = &entry.value else { continue };
        match entry.key.text.as_str() {
            "max_tokens" | "temperature" | "top_p" => {}
            "stop_sequences" if matches!(value.kind, ExprKind::List(_)) => {}
            "stop_sequences" => {
                let kind = super::options::kind_name(value);
                let message = format!("stop_sequences must be an array: {kind}");
                options.error(OPTION_KIND, value.span, message);
            }
            other => {
                let message = format!("unknown inference_config key: {other}");
                options.error(crate::catalogue::OPTION_UNSUPPORTED, entry.key.span, message);
            }
        }
    }
    options.map("additional_model_request_fields");
    shared(options);
    options.refuse_rest();
}

/// What every client that sends requests itself knows.
fn leaf(options: &mut OptionReader) {
    options.text_map("headers", |key| format!("Header key {key} must have a string value"));
    shared(options);
}

fn shared(options: &mut OptionReader) {
    roles::check(options);
    options.bool("supports_streaming");
    finish_reasons(options);
    media(options);
    http_options::check(options, http_options::Settings::Leaf);
}

fn finish_reasons(options: &mut OptionReader) {
    let mut places = Vec::new();
    for key in ["finish_reason_allow_list", "finish_reason_deny_list"] {
        let Some((span, _, items)) = options.list(key) else { continue };
        places.push(span);
        for item in items.iter().filter(|item| !is_text(item)) {
            options.error(OPTION_KIND, item.span, format!("values in {key} must be strings."));
        }
    }
    if places.len() > 1 {
        options.conflict(
            &places,
            "finish_reason_allow_list and finish_reason_deny_list cannot be used together",
        );
    }
}

fn media(options: &mut OptionReader) {
    for entry in options.map("media_url_handler").unwrap_or_default() {
        let Some(value) = &entry.value else { continue };
        if !MEDIA_KINDS.contains(&entry.key.text.as_str()) {
            let message = format!(
                "Unknown media type in media_url_handler: {}. Expected one of: {}",
                entry.key.text,
                MEDIA_KINDS.join(", ")
            );
            options.error(OPTION_VALUE, value.span, message);
        }
        match value.as_text() {
            Some(mode) if MEDIA_MODES.contains(&mode) => {}
            Some(mode) => {
                let message = format!(
                    "Invalid media URL handling mode: {mode}. Expected one of: {}",
                    MEDIA_MODES.join(", ")
                );
                options.error(OPTION_VALUE, value.span, message);
            }
            None => {
                options.error(OPTION_KIND, value.span, "media_url_handler values must be strings");
            }
        }
    }
}

fn composite(options: &mut OptionReader) {
    match options.take("strategy") {
        None => options.missing_key("strategy", "Missing required property: strategy"),
        Some((_, value)) => match &value.kind {
            ExprKind::List(items) if items.is_empty() => {
                options.error(OPTION_VALUE, value.span, "strategy must not be empty");
            }
            ExprKind::List(items) => items.iter().for_each(|item| strategy_item(options, item)),
            _ => options.wrong_kind(value, "strategy must be an array"),
        },
    }
    http_options::check(options, http_options::Settings::Composite);
    options.refuse_rest();
}

fn strategy_item(options: &mut OptionReader, item: &Expr) {
    let Some(text) = item.as_text() else {
        if !is_text(item) {
            options.wrong_kind(item, "values in strategy must be strings");
        }
        return;
    };
    if let Some((provider, _)) = text.split_once('/')
        && !is_provider(provider)
    {
        let message = format!("Invalid strategy: Invalid client provider: {provider}");
        options.error(OPTION_VALUE, item.span, message);
    }
}

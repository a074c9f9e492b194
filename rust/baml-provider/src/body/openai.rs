//! Chat completions, as OpenAI, Azure, Ollama, OpenRouter and many servers speak them.
//!
//! Invariant: a generic server is sent plain text wherever a message is nothing but text.

use baml_prompt::message::Part;
use baml_schema::{Media, MediaKind};
use serde_json::{Map, Value as Json, json};

use super::{PartWriter, Source, object, subtype, type_of_bytes, write_parts};
use crate::client::ResolvedClient;
use crate::error::ProviderError;
use crate::provider::Provider;
use crate::request::Delivery;
use crate::roles::ChatMessage;

/// Azure's deployments stop early without a limit of one's own.
const AZURE_TOKENS_MAX: u32 = 4096;

pub(crate) fn write(
    client: &ResolvedClient,
    chat: &[ChatMessage<'_>],
    delivery: Delivery,
) -> Result<Map<String, Json>, ProviderError> {
    let mut body = client.forwarded.clone();
    if client.provider == Provider::AzureOpenAi {
        limit_tokens(&mut body);
    }
    let mut messages = Vec::with_capacity(chat.len());
    for message in chat {
        let content = match plain_text(client, message) {
            Some(text) => Json::String(text),
            None => Json::Array(write_parts(client, message, &Writer)?),
        };
        messages.push(json!({ "role": message.role.as_str(), "content": content }));
    }
    body.insert("messages".to_owned(), Json::Array(messages));
    if delivery == Delivery::Stream {
        body.insert("stream".to_owned(), Json::Bool(true));
        if client.provider == Provider::OpenAi {
            body.insert("stream_options".to_owned(), json!({ "include_usage": true }));
        }
    }
    Ok(body)
}

fn limit_tokens(body: &mut Map<String, Json>) {
    if body.get("max_tokens").is_some_and(Json::is_null) {
        body.shift_remove("max_tokens");
    } else if !body.contains_key("max_tokens") && !body.contains_key("max_completion_tokens") {
        body.insert("max_tokens".to_owned(), Json::from(AZURE_TOKENS_MAX));
    }
}

fn plain_text(client: &ResolvedClient, message: &ChatMessage<'_>) -> Option<String> {
    if client.provider != Provider::OpenAiGeneric {
        return None;
    }
    let texts = message.parts.iter().map(|part| match part.part {
        Part::Text(text) if part.metadata.is_empty() => Some(text.as_ref()),
        _ => None,
    });
    Some(texts.collect::<Option<Vec<&str>>>()?.join(" "))
}

struct Writer;

impl PartWriter for Writer {
    fn text(&self, _role: &str, text: &str) -> Map<String, Json> {
        object([("type", json!("text")), ("text", json!(text))])
    }

    fn media(&self, media: &Media, source: Source<'_>) -> Result<Map<String, Json>, String> {
        let (kind, value) = match media.kind {
            MediaKind::Image => ("image_url", json!({ "url": address_or_data(media, &source) })),
            MediaKind::Audio => ("input_audio", audio(media, &source)),
            MediaKind::Pdf => ("file", file(media, &source)),
            MediaKind::Video => {
                return Err("chat completions take no video; send frames as images".to_owned());
            }
        };
        Ok(object([("type", json!(kind)), (kind, value)]))
    }
}

/// The address, or the bytes as a `data:` address.
pub(super) fn address_or_data(media: &Media, source: &Source<'_>) -> String {
    match source {
        Source::Url(url) => (*url).to_owned(),
        Source::Base64(data) => format!("data:{};base64,{data}", type_of_bytes(media, data)),
    }
}

fn audio(media: &Media, source: &Source<'_>) -> Json {
    match source {
        Source::Url(url) => {
            let extension = url.rsplit('.').next().unwrap_or(url);
            json!({ "data": url, "format": media.mime.as_deref().unwrap_or(extension) })
        }
        Source::Base64(data) => {
            let mime = type_of_bytes(media, data);
            let format = match subtype(&mime, "audio/") {
                "mpeg" => "mp3",
                format => format,
            };
            json!({ "data": data, "format": format })
        }
    }
}

fn file(media: &Media, source: &Source<'_>) -> Json {
    match source {
        Source::Url(url) => {
            json!({ "type": "input_file", "file_url": url, "filename": "document.pdf" })
        }
        Source::Base64(_) => {
            json!({ "filename": "document.pdf", "file_data": address_or_data(media, source) })
        }
    }
}

//! Anthropic's Messages API, at Anthropic and on Vertex.
//!
//! Invariant: `max_tokens` is always there, as the API demands.

use baml_schema::{Media, MediaKind};
use serde_json::{Map, Value as Json, json};

use super::{PartWriter, Source, object, type_of_bytes, write_parts};
use crate::client::ResolvedClient;
use crate::error::ProviderError;
use crate::request::Delivery;
use crate::roles::{ChatMessage, split_system};

const TOKENS_MAX: u32 = 4096;

pub(crate) fn write(
    client: &ResolvedClient,
    chat: Vec<ChatMessage<'_>>,
    delivery: Delivery,
) -> Result<Map<String, Json>, ProviderError> {
    let mut body = client.forwarded.clone();
    body.entry("max_tokens").or_insert(Json::from(TOKENS_MAX));
    let (system, chat) = split_system(chat);
    if let Some(system) = system {
        body.insert("system".to_owned(), Json::Array(write_parts(client, &system, &Writer)?));
    }
    let mut messages = Vec::with_capacity(chat.len());
    for message in &chat {
        let content = write_parts(client, message, &Writer)?;
        messages.push(json!({ "role": message.role.as_str(), "content": content }));
    }
    body.insert("messages".to_owned(), Json::Array(messages));
    if delivery == Delivery::Stream {
        body.insert("stream".to_owned(), Json::Bool(true));
    }
    Ok(body)
}

struct Writer;

impl PartWriter for Writer {
    fn text(&self, _role: &str, text: &str) -> Map<String, Json> {
        object([("type", json!("text")), ("text", json!(text))])
    }

    fn media(&self, media: &Media, source: Source<'_>) -> Result<Map<String, Json>, String> {
        let kind = match media.kind {
            MediaKind::Image => "image",
            MediaKind::Audio => "audio",
            MediaKind::Pdf => "document",
            MediaKind::Video => {
                return Err("Claude models take no video; send frames as images".to_owned());
            }
        };
        let source = match source {
            Source::Url(url) => json!({ "type": "url", "url": url }),
            Source::Base64(data) => json!({
                "type": "base64",
                "media_type": type_of_bytes(media, data),
                "data": data,
            }),
        };
        Ok(object([("type", json!(kind)), ("source", source)]))
    }
}

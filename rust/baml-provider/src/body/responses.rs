//! OpenAI's Responses API.
//!
//! Invariant: what the assistant said is `output_text`, everything else is input.

use baml_schema::{Media, MediaKind};
use serde_json::{Map, Value as Json, json};

use super::openai::address_or_data;
use super::{PartWriter, Source, object, subtype, type_of_bytes, write_parts};
use crate::client::ResolvedClient;
use crate::error::ProviderError;
use crate::request::Delivery;
use crate::roles::ChatMessage;

pub(crate) fn write(
    client: &ResolvedClient,
    chat: &[ChatMessage<'_>],
    delivery: Delivery,
) -> Result<Map<String, Json>, ProviderError> {
    let mut body = client.forwarded.clone();
    let mut input = Vec::with_capacity(chat.len());
    for message in chat {
        let content = write_parts(client, message, &Writer)?;
        input.push(json!({ "role": message.role.as_str(), "content": content }));
    }
    body.insert("input".to_owned(), Json::Array(input));
    if delivery == Delivery::Stream {
        body.insert("stream".to_owned(), Json::Bool(true));
    }
    Ok(body)
}

struct Writer;

impl PartWriter for Writer {
    fn text(&self, role: &str, text: &str) -> Map<String, Json> {
        let kind = if role == "assistant" { "output_text" } else { "input_text" };
        object([("type", json!(kind)), ("text", json!(text))])
    }

    fn media(&self, media: &Media, source: Source<'_>) -> Result<Map<String, Json>, String> {
        match (media.kind, &source) {
            (MediaKind::Image, _) => Ok(object([
                ("type", json!("input_image")),
                ("detail", json!("auto")),
                ("image_url", json!(address_or_data(media, &source))),
            ])),
            (MediaKind::Audio, Source::Base64(data)) => {
                let mime = type_of_bytes(media, data);
                let audio = json!({ "data": data, "format": subtype(&mime, "audio/") });
                Ok(object([("type", json!("input_audio")), ("input_audio", audio)]))
            }
            (MediaKind::Audio, Source::Url(_)) => {
                Err("the Responses API takes audio as base64 only".to_owned())
            }
            (MediaKind::Pdf, Source::Url(url)) => Ok(object([
                ("type", json!("input_file")),
                ("file_url", json!(url)),
                ("filename", json!("document.pdf")),
            ])),
            (MediaKind::Pdf, Source::Base64(_)) => Ok(object([
                ("type", json!("input_file")),
                ("file_data", json!(address_or_data(media, &source))),
                ("filename", json!("document.pdf")),
            ])),
            (MediaKind::Video, _) => Err("the Responses API takes no video".to_owned()),
        }
    }
}

//! Gemini's `generateContent`, at Google AI and on Vertex, which spell media differently.
//!
//! Invariant: the model's name is part of the address, never of the body.

use baml_schema::{Media, MediaKind};
use serde_json::{Map, Value as Json, json};

use super::{PartWriter, Source, object, type_of_bytes, write_parts};
use crate::client::ResolvedClient;
use crate::error::ProviderError;
use crate::media_rules::declared_type;
use crate::provider::Provider;
use crate::roles::{ChatMessage, split_system};

pub(crate) fn write(
    client: &ResolvedClient,
    chat: Vec<ChatMessage<'_>>,
) -> Result<Map<String, Json>, ProviderError> {
    let writer: &dyn PartWriter =
        if client.provider == Provider::VertexAi { &VertexWriter } else { &StudioWriter };
    let mut body = client.forwarded.clone();
    let (system, chat) = split_system(chat);
    if let Some(system) = system {
        let parts = write_parts(client, &system, writer)?;
        body.insert("system_instruction".to_owned(), json!({ "parts": parts }));
    }
    let mut contents = Vec::with_capacity(chat.len());
    for message in &chat {
        let parts = write_parts(client, message, writer)?;
        contents.push(json!({ "role": message.role.as_str(), "parts": parts }));
    }
    body.insert("contents".to_owned(), Json::Array(contents));
    Ok(body)
}

struct StudioWriter;

impl PartWriter for StudioWriter {
    fn text(&self, _role: &str, text: &str) -> Map<String, Json> {
        object([("text", json!(text))])
    }

    fn media(&self, media: &Media, source: Source<'_>) -> Result<Map<String, Json>, String> {
        Ok(match source {
            Source::Url(url) => {
                let mut file = object([("file_uri", json!(url))]);
                if let Some(mime) = &media.mime {
                    file.insert("mime_type".to_owned(), json!(mime.as_str()));
                } else if let Some(mime) = declared_type(media) {
                    file.insert("mime_type".to_owned(), json!(mime));
                }
                object([("file_data", Json::Object(file))])
            }
            Source::Base64(data) => {
                let mime = type_of_bytes(media, data);
                object([("inline_data", json!({ "mime_type": mime, "data": data }))])
            }
        })
    }
}

struct VertexWriter;

impl PartWriter for VertexWriter {
    fn text(&self, _role: &str, text: &str) -> Map<String, Json> {
        object([("text", json!(text))])
    }

    fn media(&self, media: &Media, source: Source<'_>) -> Result<Map<String, Json>, String> {
        Ok(match source {
            Source::Url(url) => {
                let mut file = object([("fileUri", json!(url))]);
                let implied = (media.kind == MediaKind::Video).then_some("video/mp4");
                if let Some(mime) = declared_type(media).or(implied) {
                    file.insert("mimeType".to_owned(), json!(mime));
                }
                object([("fileData", Json::Object(file))])
            }
            Source::Base64(data) => {
                let mime = type_of_bytes(media, data);
                object([("inlineData", json!({ "mimeType": mime, "data": data }))])
            }
        })
    }
}

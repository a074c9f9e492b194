//! Bedrock's Converse API.
//!
//! Invariant: metadata never goes into a part here; `cache_control` becomes a cache point after it.

use baml_schema::{Media, MediaKind};
use serde_json::{Map, Value as Json, json};

use super::{PartWriter, Source, object, type_of_bytes, write_part};
use crate::aws_options::AwsOptions;
use crate::client::ResolvedClient;
use crate::error::ProviderError;
use crate::media_rules::declared_type;
use crate::roles::{ChatMessage, split_system};

pub(crate) fn write(
    client: &ResolvedClient,
    aws: &AwsOptions,
    chat: Vec<ChatMessage<'_>>,
) -> Result<Map<String, Json>, ProviderError> {
    let mut body = Map::new();
    let (system, chat) = split_system(chat);
    if let Some(system) = system {
        body.insert("system".to_owned(), Json::Array(write_blocks(client, &system)?));
    }
    let mut messages = Vec::with_capacity(chat.len());
    for message in &chat {
        let content = write_blocks(client, message)?;
        messages.push(json!({ "role": message.role.as_str(), "content": content }));
    }
    body.insert("messages".to_owned(), Json::Array(messages));
    if !aws.inference.is_empty() {
        body.insert("inferenceConfig".to_owned(), Json::Object(aws.inference.clone()));
    }
    if let Some(fields) = &aws.additional_fields {
        body.insert("additionalModelRequestFields".to_owned(), fields.clone());
    }
    Ok(body)
}

fn write_blocks(
    client: &ResolvedClient,
    message: &ChatMessage<'_>,
) -> Result<Vec<Json>, ProviderError> {
    let mut blocks = Vec::with_capacity(message.parts.len());
    for part in &message.parts {
        blocks.push(Json::Object(write_part(client, &message.role, part, &Writer)?));
        if part.metadata.contains_key("cache_control") {
            blocks.push(json!({ "cachePoint": { "type": "default" } }));
        }
    }
    Ok(blocks)
}

struct Writer;

impl PartWriter for Writer {
    fn text(&self, _role: &str, text: &str) -> Map<String, Json> {
        object([("text", json!(text))])
    }

    fn media(&self, media: &Media, source: Source<'_>) -> Result<Map<String, Json>, String> {
        let kind = match media.kind {
            MediaKind::Image => "image",
            MediaKind::Audio => "audio",
            MediaKind::Pdf => "document",
            MediaKind::Video => "video",
        };
        let (mime, source) = match source {
            Source::Base64(data) => (Some(type_of_bytes(media, data)), json!({ "bytes": data })),
            Source::Url(url) if url.starts_with("s3://") => {
                (declared_type(media).map(str::to_owned), json!({ "s3Location": { "uri": url } }))
            }
            Source::Url(_) => return Err("Bedrock takes s3:// addresses or bytes".to_owned()),
        };
        let mut block = Map::new();
        if let Some(mime) = mime {
            let format = mime.split_once('/').map_or(mime.as_str(), |(_, format)| format);
            block.insert("format".to_owned(), json!(format));
        }
        block.insert("source".to_owned(), source);
        if media.kind == MediaKind::Pdf {
            block.insert("name".to_owned(), json!("document"));
        }
        Ok(object([(kind, Json::Object(block))]))
    }
}

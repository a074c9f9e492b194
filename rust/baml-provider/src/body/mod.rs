//! The JSON bodies of requests, one file a wire format.
//!
//! Invariant: what a client forwards comes first and what a call says overwrites it, so no option
//! can replace the prompt.

pub(crate) mod anthropic;
pub(crate) mod bedrock;
pub(crate) mod google;
pub(crate) mod openai;
pub(crate) mod responses;

use baml_prompt::message::Part;
use baml_schema::{Media, MediaSource};
use serde_json::{Map, Value as Json};

use crate::client::ResolvedClient;
use crate::error::ProviderError;
use crate::media_rules::declared_type;
use crate::roles::{ChatMessage, ChatPart};
use crate::sniff;

/// A JSON object with these entries.
pub(crate) fn object<const N: usize>(entries: [(&str, Json); N]) -> Map<String, Json> {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// A medium as one of its two forms.
pub(crate) enum Source<'a> {
    Url(&'a str),
    Base64(&'a str),
}

/// What writes the parts of one wire format.
pub(crate) trait PartWriter {
    /// A text of a message with this role.
    fn text(&self, role: &str, text: &str) -> Map<String, Json>;
    /// A medium, or why it cannot be sent.
    fn media(&self, media: &Media, source: Source<'_>) -> Result<Map<String, Json>, String>;
}

/// Writes the parts of a message, each with its metadata.
pub(crate) fn write_parts(
    client: &ResolvedClient,
    message: &ChatMessage<'_>,
    writer: &dyn PartWriter,
) -> Result<Vec<Json>, ProviderError> {
    let mut parts = Vec::with_capacity(message.parts.len());
    for part in &message.parts {
        let mut written = write_part(client, &message.role, part, writer)?;
        written.extend(part.metadata.iter().map(|(key, value)| (key.clone(), value.clone())));
        parts.push(Json::Object(written));
    }
    Ok(parts)
}

/// Writes one part without its metadata.
pub(crate) fn write_part(
    client: &ResolvedClient,
    role: &str,
    part: &ChatPart<'_>,
    writer: &dyn PartWriter,
) -> Result<Map<String, Json>, ProviderError> {
    let media = match part.part {
        Part::Text(text) => return Ok(writer.text(role, text)),
        Part::Media(media) => media,
    };
    let source = match &media.source {
        MediaSource::Url(url) => Source::Url(url),
        MediaSource::Base64(data) => Source::Base64(data),
    };
    writer.media(media, source).map_err(|message| ProviderError::Media {
        client: client.name.clone(),
        provider: client.provider.as_str(),
        kind: media.kind,
        message,
    })
}

/// The MIME type of bytes: as declared, or by looking at them.
pub(crate) fn type_of_bytes(media: &Media, data: &str) -> String {
    match declared_type(media) {
        Some(declared) => declared.to_owned(),
        None => sniff::base64_type(data).to_owned(),
    }
}

/// The part of a MIME type after the slash that `prefix` ends with, or all of it.
pub(crate) fn subtype<'a>(mime: &'a str, prefix: &str) -> &'a str {
    mime.strip_prefix(prefix).unwrap_or(mime)
}

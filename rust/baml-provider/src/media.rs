//! Media that a provider wants as bytes: what to download, and what the bytes then become.
//!
//! Invariant: an address is checked by the caller's policy before it is told to be fetched; `data:`
//! addresses are read here and never fetched.

use std::sync::Arc;

use baml_prompt::message::{Message, Part};
use baml_schema::{Media, MediaKind, MediaSource};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use smol_str::SmolStr;

use crate::client::ResolvedClient;
use crate::error::ProviderError;
use crate::sniff;

/// A download that must be done before a request can be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaFetch {
    /// The message, by position.
    pub message: usize,
    /// The part of it, by position.
    pub part: usize,
    /// What is there.
    pub kind: MediaKind,
    /// Where.
    pub url: Arc<str>,
    /// The MIME type that the user gave, which the bytes must have.
    pub declared: Option<SmolStr>,
}

/// The downloads that `messages` need at this client.
pub fn media_fetches(client: &ResolvedClient, messages: &[Message]) -> Vec<MediaFetch> {
    let mut fetches = Vec::new();
    for (message, entry) in messages.iter().enumerate() {
        for (part, content) in entry.parts.iter().enumerate() {
            let Part::Media(media) = content else { continue };
            let MediaSource::Url(url) = &media.source else { continue };
            if refuses(client, media) || is_data_url(url) || !client.media.needs_bytes(media) {
                continue;
            }
            let (kind, url, declared) = (media.kind, url.clone(), media.mime.clone());
            fetches.push(MediaFetch { message, part, kind, url, declared });
        }
    }
    fetches
}

/// Puts downloaded bytes in the place of their address.
pub fn replace_media(
    messages: &mut [Message],
    fetch: &MediaFetch,
    bytes: &[u8],
) -> Result<(), MediaMismatch> {
    let found = sniff::mime_type(bytes);
    check_type(fetch.declared.as_deref(), found, &fetch.url)?;
    let parts = messages.get_mut(fetch.message).map(|message| &mut message.parts);
    if let Some(part) = parts.and_then(|parts| parts.get_mut(fetch.part)) {
        *part = inline(fetch.kind, STANDARD.encode(bytes), found);
    }
    Ok(())
}

/// Bytes that are not what the user declared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("media declared as `{declared}` is `{found}` at {url}")]
pub struct MediaMismatch {
    /// As the user said.
    pub declared: SmolStr,
    /// As the bytes say.
    pub found: String,
    /// Where they are, without query.
    pub url: String,
}

fn check_type(declared: Option<&str>, found: &str, url: &str) -> Result<(), MediaMismatch> {
    match declared {
        Some(declared) if declared != found => Err(MediaMismatch {
            declared: declared.into(),
            found: found.to_owned(),
            url: url.split(['?', ',']).next().unwrap_or_default().to_owned(),
        }),
        _ => Ok(()),
    }
}

fn inline(kind: MediaKind, data: String, mime: &str) -> Part {
    let source = MediaSource::Base64(data.into());
    Part::Media(Arc::new(Media { kind, source, mime: Some(mime.into()) }))
}

/// Media that building will refuse anyway: not worth a download.
fn refuses(client: &ResolvedClient, media: &Media) -> bool {
    media.kind == MediaKind::Video
        && (client.provider.is_openai_family()
            || client.reply_shape() == crate::provider::ReplyShape::Anthropic)
}

fn is_data_url(url: &str) -> bool {
    url.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"))
}

/// The messages with their `data:` addresses read, where the client wants bytes; nothing where
/// there are none. An address that should have been downloaded is an error.
pub(crate) fn inline_data_urls(
    client: &ResolvedClient,
    messages: &[Message],
) -> Result<Option<Vec<Message>>, ProviderError> {
    let mut inlined: Option<Vec<Message>> = None;
    for (message, entry) in messages.iter().enumerate() {
        for (part, content) in entry.parts.iter().enumerate() {
            let Part::Media(media) = content else { continue };
            if refuses(client, media) || !client.media.needs_bytes(media) {
                continue;
            }
            let MediaSource::Url(url) = &media.source else { continue };
            let read = read_data_url(media, url).map_err(|message| ProviderError::Media {
                client: client.name.clone(),
                provider: client.provider.as_str(),
                kind: media.kind,
                message,
            })?;
            inlined.get_or_insert_with(|| messages.to_vec())[message].parts[part] = read;
        }
    }
    Ok(inlined)
}

fn read_data_url(media: &Media, url: &str) -> Result<Part, String> {
    if !is_data_url(url) {
        return Err("its bytes have not been downloaded".to_owned());
    }
    let (head, data) = url[5..].split_once(',').ok_or("its data: address has no comma")?;
    let mime = head.strip_suffix(";base64").ok_or("its data: address is not in base64")?;
    let mime = if mime.is_empty() { sniff::base64_type(data) } else { mime };
    check_type(media.mime.as_deref(), mime, url).map_err(|problem| problem.to_string())?;
    Ok(inline(media.kind, data.to_owned(), mime))
}

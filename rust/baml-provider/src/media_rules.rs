//! How a client sends media: as an address, as bytes, or as bytes unless the address tells enough.
//!
//! Invariant: what has to be downloaded first is decided here, before any request is built.

use baml_schema::{Media, MediaKind, MediaSource};

use crate::error::ProviderError;
use crate::options::Options;
use crate::provider::Provider;

/// What happens to the address of a medium.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaMode {
    /// Downloaded and sent as base64.
    SendBase64,
    /// Sent as it is.
    SendUrl,
    /// Sent as it is where its MIME type is known, else downloaded.
    SendUrlAddMimeType,
    /// Sent as it is for `gs://`, else downloaded.
    SendBase64UnlessGoogleUrl,
}

/// The mode of each kind of medium.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaRules {
    image: MediaMode,
    audio: MediaMode,
    pdf: MediaMode,
    video: MediaMode,
}

impl MediaMode {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "send_base64" => Self::SendBase64,
            "send_url" => Self::SendUrl,
            "send_url_add_mime_type" => Self::SendUrlAddMimeType,
            "send_base64_unless_google_url" => Self::SendBase64UnlessGoogleUrl,
            _ => return None,
        })
    }
}

impl MediaRules {
    pub(crate) fn take(provider: Provider, options: &mut Options) -> Result<Self, ProviderError> {
        let mut rules = Self::standard(provider);
        for (kind, word) in options.take_pairs("media_url_handler")? {
            let slot = match kind.as_str() {
                "image" => &mut rules.image,
                "audio" => &mut rules.audio,
                "pdf" => &mut rules.pdf,
                "video" => &mut rules.video,
                _ => {
                    return Err(options.error(format!(
                        "Invalid media type: {kind}. Expected one of: image, audio, pdf, video"
                    )));
                }
            };
            *slot = MediaMode::parse(&word).ok_or_else(|| {
                options.error(format!(
                    "Invalid media URL handling mode: {word}. Expected one of: send_base64, \
                     send_url, send_url_add_mime_type, send_base64_unless_google_url"
                ))
            })?;
        }
        Ok(rules)
    }

    fn standard(provider: Provider) -> Self {
        use MediaMode::{SendBase64, SendBase64UnlessGoogleUrl, SendUrl, SendUrlAddMimeType};
        let (image, audio, pdf, video) = match provider {
            Provider::Anthropic => (SendUrl, SendUrl, SendBase64, SendUrl),
            Provider::GoogleAi => (SendBase64UnlessGoogleUrl, SendUrl, SendUrl, SendUrl),
            Provider::VertexAi => (SendUrlAddMimeType, SendUrlAddMimeType, SendUrl, SendUrl),
            Provider::AwsBedrock => (SendBase64, SendBase64, SendBase64, SendUrl),
            _ => (SendUrl, SendBase64, SendUrl, SendUrl),
        };
        Self { image, audio, pdf, video }
    }

    /// The mode of a kind.
    pub fn mode(&self, kind: MediaKind) -> MediaMode {
        match kind {
            MediaKind::Image => self.image,
            MediaKind::Audio => self.audio,
            MediaKind::Pdf => self.pdf,
            MediaKind::Video => self.video,
        }
    }

    /// Whether the medium's bytes are needed before a request can be built.
    pub(crate) fn needs_bytes(&self, media: &Media) -> bool {
        let MediaSource::Url(url) = &media.source else { return false };
        match self.mode(media.kind) {
            MediaMode::SendBase64 => true,
            MediaMode::SendUrl => false,
            MediaMode::SendUrlAddMimeType => declared_type(media).is_none(),
            MediaMode::SendBase64UnlessGoogleUrl => !url.starts_with("gs://"),
        }
    }
}

/// The MIME type that the user gave, or that the kind implies.
pub(crate) fn declared_type(media: &Media) -> Option<&str> {
    match (&media.mime, media.kind) {
        (Some(mime), _) => Some(mime.as_str()),
        (None, MediaKind::Pdf) => Some("application/pdf"),
        (None, _) => None,
    }
}

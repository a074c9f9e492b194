//! OpenAI's transcription: the text and nothing else.

use serde::Deserialize;

use super::read;
use crate::event::{ProviderFailure, WholeReply};

#[derive(Deserialize)]
struct Transcription {
    text: String,
}

pub(super) fn whole(body: &str) -> Result<WholeReply, ProviderFailure> {
    let transcription: Transcription = read(body)?;
    Ok(WholeReply { text: transcription.text, ..WholeReply::default() })
}

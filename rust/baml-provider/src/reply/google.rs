//! Gemini's `generateContent`, streamed and whole.

use serde::Deserialize;
use serde_json::Value as Json;

use super::figures::{Count, Figures};
use super::{no_answer, read, reported};
use crate::event::{Event, FailureKind, ProviderFailure, Usage, WholeReply};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    candidates: Option<Vec<Candidate>>,
    prompt_feedback: Option<Feedback>,
    usage_metadata: Option<Figures<Tokens>>,
    error: Option<Json>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    content: Option<Content>,
    finish_reason: Option<String>,
    finish_message: Option<String>,
}

#[derive(Deserialize)]
struct Content {
    parts: Option<Vec<Part>>,
}

#[derive(Deserialize)]
struct Part {
    text: Option<String>,
    thought: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    block_reason: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tokens {
    #[serde(default)]
    prompt_token_count: Count,
    #[serde(default)]
    candidates_token_count: Count,
    #[serde(default)]
    cached_content_token_count: Count,
}

impl Tokens {
    fn usage(self) -> Usage {
        Usage {
            input_tokens: self.prompt_token_count.0,
            output_tokens: self.candidates_token_count.0,
            cached_input_tokens: self.cached_content_token_count.0,
        }
    }
}

impl Response {
    fn check(&self, raw: &str) -> Result<(), ProviderFailure> {
        if let Some(error) = &self.error {
            return Err(reported(error, raw));
        }
        let reason =
            self.prompt_feedback.as_ref().and_then(|feedback| feedback.block_reason.as_ref());
        if let Some(reason) = reason {
            let message = format!("the prompt was blocked: {reason}");
            let mut failure = ProviderFailure::new(FailureKind::Reported, message, raw);
            failure.code = Some(reason.clone());
            return Err(failure);
        }
        Ok(())
    }
}

pub(super) fn event(data: &str, out: &mut Vec<Event>) -> Result<(), ProviderFailure> {
    let response: Response = read(data)?;
    response.check(data)?;
    if let Some(candidate) = response.candidates.into_iter().flatten().next() {
        for part in candidate.content.and_then(|content| content.parts).unwrap_or_default() {
            let thought = part.thought == Some(true);
            let event = if thought { Event::Reasoning } else { Event::Text };
            out.extend(part.text.filter(|text| !text.is_empty()).map(event));
        }
        out.extend(candidate.finish_message.map(Event::Refusal));
        out.extend(candidate.finish_reason.map(Event::Finish));
    }
    let tokens = response.usage_metadata.and_then(Figures::known);
    out.extend(tokens.map(|tokens| Event::Usage(tokens.usage())));
    Ok(())
}

pub(super) fn whole(body: &str) -> Result<WholeReply, ProviderFailure> {
    let response: Response = read(body)?;
    response.check(body)?;
    let mut candidates = response.candidates.unwrap_or_default();
    if candidates.len() != 1 {
        let message = format!("expected exactly one candidate, got {}", candidates.len());
        return Err(no_answer(&message, body));
    }
    let candidate = candidates.remove(0);
    let Some(content) = candidate.content else {
        let reason = candidate.finish_message.or(candidate.finish_reason);
        let message = format!("no content: {}", reason.as_deref().unwrap_or("no reason given"));
        return Err(no_answer(&message, body));
    };
    let mut reply = WholeReply {
        finish_reason: candidate.finish_reason,
        refusal: candidate.finish_message.unwrap_or_default(),
        usage: response
            .usage_metadata
            .and_then(Figures::known)
            .map(Tokens::usage)
            .unwrap_or_default(),
        ..WholeReply::default()
    };
    for part in content.parts.unwrap_or_default() {
        let thought = part.thought == Some(true);
        let place = if thought { &mut reply.reasoning } else { &mut reply.text };
        place.extend(part.text);
    }
    Ok(reply)
}

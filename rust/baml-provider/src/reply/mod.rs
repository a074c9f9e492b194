//! What each provider's JSON says, streamed or whole, one file a wire format.
//!
//! Invariant: an unknown event or field is skipped, a known one of the wrong form is a failure, but
//! for usage, which is none then.
#![allow(clippy::struct_field_names, reason = "fields are named as the wire names them")]

pub(crate) mod anthropic;
pub(crate) mod bedrock;
mod figures;
pub(crate) mod google;
pub(crate) mod openai;
pub(crate) mod responses;
mod said;
pub(crate) mod transcription;

use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::event::{Event, FailureKind, ProviderFailure, WholeReply};
use crate::provider::ReplyShape;

/// Which part of a reply is its answer, as far as a stream has told.
#[derive(Debug, Default)]
pub(crate) struct AnswerPart(Option<(u64, u64)>);

/// How much of an unreadable event an error shows.
const EXCERPT_CHARS_MAX: usize = 200;

/// Whether this ends a stream, whatever is spoken: services and what stands before them do it so.
pub(crate) fn is_end_marker(data: &str) -> bool {
    data == "[DONE]"
}

/// Reads one event of a stream.
pub(crate) fn read_event(
    shape: ReplyShape,
    answer: &mut AnswerPart,
    name: &str,
    data: &str,
    out: &mut Vec<Event>,
) {
    if data.is_empty() {
        return;
    }
    if is_end_marker(data) {
        return out.push(Event::End);
    }
    let outcome = match shape {
        ReplyShape::OpenAi | ReplyShape::Transcription => openai::event(name, data, out),
        ReplyShape::Responses => responses::event(answer, data, out),
        ReplyShape::Anthropic => anthropic::event(name, data, out),
        ReplyShape::Google => google::event(data, out),
        ReplyShape::Bedrock => bedrock::event(name, data, out),
    };
    if let Err(failure) = outcome {
        out.push(Event::Failure(failure));
    }
}

/// Reads what came as JSON where a stream of events was asked for: an error, a whole reply, or the
/// list that Gemini sends without `alt=sse`.
pub(crate) fn read_unframed(
    shape: ReplyShape,
    answer: &mut AnswerPart,
    body: &str,
    out: &mut Vec<Event>,
) {
    if let Ok(items) = serde_json::from_str::<Vec<Json>>(body)
        && (shape == ReplyShape::Google || items.len() == 1)
    {
        for item in items {
            read_event(shape, answer, "", &item.to_string(), out);
        }
        return;
    }
    match read_whole(shape, body) {
        Err(failure) => out.push(Event::Failure(failure)),
        Ok(reply) => {
            let texts = [
                (reply.reasoning, Event::Reasoning as fn(String) -> Event),
                (reply.refusal, Event::Refusal),
                (reply.text, Event::Text),
            ];
            let said = texts.into_iter().filter(|(text, _)| !text.is_empty());
            out.extend(said.map(|(text, event)| event(text)));
            out.extend(reply.finish_reason.map(Event::Finish));
            out.extend(Some(reply.usage).filter(|usage| !usage.is_empty()).map(Event::Usage));
            out.push(Event::End);
        }
    }
}

/// Reads a reply that came at once.
pub(crate) fn read_whole(shape: ReplyShape, body: &str) -> Result<WholeReply, ProviderFailure> {
    match shape {
        ReplyShape::OpenAi => openai::whole(body),
        ReplyShape::Responses => responses::whole(body),
        ReplyShape::Transcription => transcription::whole(body),
        ReplyShape::Anthropic => anthropic::whole(body),
        ReplyShape::Google => google::whole(body),
        ReplyShape::Bedrock => bedrock::whole(body),
    }
}

/// Reads JSON of a known form.
fn read<T: DeserializeOwned>(text: &str) -> Result<T, ProviderFailure> {
    serde_json::from_str(text).map_err(|problem| {
        if problem.is_data() {
            let message = format!("the reply is not what this provider sends: {problem}");
            return ProviderFailure::new(FailureKind::Unexpected, message, text);
        }
        let message = format!("the reply is not JSON: {problem}: {}", excerpt(text));
        ProviderFailure::new(FailureKind::Unreadable, message, "")
    })
}

fn unexpected(message: &str, raw: &str) -> ProviderFailure {
    ProviderFailure::new(FailureKind::Unexpected, message, raw)
}

fn no_answer(message: &str, raw: &str) -> ProviderFailure {
    ProviderFailure::new(FailureKind::NoAnswer, message, raw)
}

/// The provider's own report of an error, in any of the forms that they use.
fn reported(error: &Json, raw: &str) -> ProviderFailure {
    let text = |key: &str| match error.get(key) {
        Some(Json::String(text)) => Some(text.clone()),
        Some(Json::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let message =
        error.as_str().map(str::to_owned).or_else(|| text("message")).or_else(|| text("detail"));
    ProviderFailure {
        kind: FailureKind::Reported,
        code: text("code").or_else(|| text("type")).or_else(|| text("status")),
        message: message.unwrap_or_else(|| error.to_string()),
        raw: raw.to_owned(),
    }
}

/// The error that a body with another status than 200 reports, or the body itself.
pub(crate) fn error_body(status: u16, body: &str) -> ProviderFailure {
    let json: Option<Json> = serde_json::from_str(body).ok();
    // Google wraps the error of a stream in a list.
    let json = match json {
        Some(Json::Array(mut items)) if items.len() == 1 => items.pop(),
        json => json,
    };
    let error = json.as_ref().map(|json| json.get("error").unwrap_or(json));
    let mut failure = match error {
        Some(error @ (Json::Object(_) | Json::String(_))) => reported(error, body),
        _ => ProviderFailure::new(FailureKind::Reported, excerpt(body), body),
    };
    if failure.message.is_empty() {
        failure.message = format!("status {status} without a message");
    }
    failure
}

pub(crate) fn excerpt(text: &str) -> String {
    match text.char_indices().nth(EXCERPT_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

//! Anthropic's Messages API, streamed and whole, at Anthropic and on Vertex.

use serde::Deserialize;
use serde_json::Value as Json;

use super::figures::{Count, Figures};
use super::{read, reported, unexpected};
use crate::event::{Event, ProviderFailure, Usage, WholeReply};

#[derive(Deserialize)]
struct StreamEvent {
    #[serde(rename = "type")]
    kind: Option<String>,
    message: Option<Message>,
    content_block: Option<Block>,
    delta: Option<Delta>,
    usage: Option<Figures<Tokens>>,
    error: Option<Json>,
}

#[derive(Deserialize)]
struct Delta {
    #[serde(rename = "type")]
    kind: Option<String>,
    text: Option<String>,
    thinking: Option<String>,
    stop_reason: Option<String>,
    stop_details: Option<StopDetails>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(rename = "type")]
    kind: Option<String>,
    content: Option<Vec<Block>>,
    stop_reason: Option<String>,
    stop_details: Option<StopDetails>,
    usage: Option<Figures<Tokens>>,
    error: Option<Json>,
}

#[derive(Deserialize)]
struct StopDetails {
    explanation: Option<String>,
}

#[derive(Deserialize)]
struct Block {
    #[serde(rename = "type")]
    kind: Option<String>,
    text: Option<String>,
    thinking: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
struct Tokens {
    #[serde(default)]
    input_tokens: Count,
    #[serde(default)]
    output_tokens: Count,
    #[serde(default)]
    cache_read_input_tokens: Count,
}

impl Tokens {
    fn usage(self) -> Usage {
        Usage {
            input_tokens: self.input_tokens.0,
            output_tokens: self.output_tokens.0,
            cached_input_tokens: self.cache_read_input_tokens.0,
        }
    }
}

pub(super) fn event(name: &str, data: &str, out: &mut Vec<Event>) -> Result<(), ProviderFailure> {
    let event: StreamEvent = read(data)?;
    // What stands between may tell of errors without a type.
    let unnamed = if event.error.is_some() { "error" } else { name };
    match event.kind.as_deref().unwrap_or(unnamed) {
        "" => return Err(unexpected("an event without a type", data)),
        "message_start" => {
            let tokens = event.message.and_then(|message| message.usage);
            out.extend(tokens.and_then(Figures::known).map(|tokens| Event::Usage(tokens.usage())));
        }
        "content_block_start" => {
            let block = event.content_block;
            let text = block.filter(|block| block.kind.as_deref() == Some("text"));
            push(text.and_then(|block| block.text), Event::Text, out);
        }
        "content_block_delta" => {
            let Some(delta) = event.delta else {
                return Err(unexpected("a content_block_delta without delta", data));
            };
            match delta.kind.as_deref() {
                Some("text_delta") => push(delta.text, Event::Text, out),
                Some("thinking_delta") => push(delta.thinking, Event::Reasoning, out),
                _ => {}
            }
        }
        "message_delta" => {
            if let Some(delta) = event.delta {
                push(delta.stop_details.and_then(|d| d.explanation), Event::Refusal, out);
                out.extend(delta.stop_reason.map(Event::Finish));
            }
            out.extend(
                event.usage.and_then(Figures::known).map(|tokens| Event::Usage(tokens.usage())),
            );
        }
        "message_stop" => out.push(Event::End),
        "error" => {
            let error = event.error.unwrap_or(Json::from("an error without details"));
            return Err(reported(&error, data));
        }
        _ => {}
    }
    Ok(())
}

fn push(text: Option<String>, event: fn(String) -> Event, out: &mut Vec<Event>) {
    out.extend(text.filter(|text| !text.is_empty()).map(event));
}

pub(super) fn whole(body: &str) -> Result<WholeReply, ProviderFailure> {
    let message: Message = read(body)?;
    if message.kind.as_deref() == Some("error") || message.error.is_some() {
        return Err(reported(&message.error.unwrap_or(Json::Null), body));
    }
    let Some(content) = message.content else {
        return Err(unexpected("a message without content", body));
    };
    let mut reply = WholeReply {
        finish_reason: message.stop_reason,
        refusal: message.stop_details.and_then(|d| d.explanation).unwrap_or_default(),
        usage: message.usage.and_then(Figures::known).map(Tokens::usage).unwrap_or_default(),
        ..WholeReply::default()
    };
    let mut text = None;
    for block in content {
        match block.kind.as_deref() {
            Some("text") if text.is_none() => text = block.text,
            Some("thinking") => reply.reasoning.extend(block.thinking),
            _ => {}
        }
    }
    let Some(text) = text else {
        let refusal = Some(reply.refusal).filter(|refusal| !refusal.is_empty());
        let reason = refusal.or(reply.finish_reason);
        let message = format!("no text: {}", reason.as_deref().unwrap_or("no reason given"));
        return Err(unexpected(&message, body));
    };
    reply.text = text;
    Ok(reply)
}

//! Bedrock's Converse API, streamed and whole.

use serde::Deserialize;
use serde_json::Value as Json;

use super::figures::{Count, Figures};
use super::{no_answer, read, reported, unexpected};
use crate::event::{Event, ProviderFailure, Usage, WholeReply};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StreamEvent {
    delta: Option<Block>,
    stop_reason: Option<String>,
    usage: Option<Figures<Tokens>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    output: Option<Output>,
    stop_reason: Option<String>,
    usage: Option<Figures<Tokens>>,
}

#[derive(Deserialize)]
struct Output {
    message: Option<Message>,
}

#[derive(Deserialize)]
struct Message {
    content: Option<Vec<Block>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Block {
    text: Option<String>,
    reasoning_content: Option<Reasoning>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reasoning {
    text: Option<String>,
    reasoning_text: Option<ReasoningText>,
}

#[derive(Deserialize)]
struct ReasoningText {
    text: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
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

/// Reads one frame's payload, by the name of its event or exception.
pub(super) fn event(name: &str, data: &str, out: &mut Vec<Event>) -> Result<(), ProviderFailure> {
    match name {
        "contentBlockDelta" => {
            let event: StreamEvent = read(data)?;
            let Some(delta) = event.delta else {
                return Err(unexpected("a contentBlockDelta without delta", data));
            };
            let reasoning = delta.reasoning_content.and_then(|reasoning| reasoning.text);
            push(reasoning, Event::Reasoning, out);
            push(delta.text, Event::Text, out);
        }
        "messageStop" => {
            let event: StreamEvent = read(data)?;
            out.extend(event.stop_reason.map(Event::Finish));
        }
        "metadata" => {
            let event: StreamEvent = read(data)?;
            out.extend(
                event.usage.and_then(Figures::known).map(|tokens| Event::Usage(tokens.usage())),
            );
        }
        _ => {}
    }
    Ok(())
}

/// An exception that came in place of an event.
pub(crate) fn exception(name: &str, data: &str) -> ProviderFailure {
    let error: Json = serde_json::from_str(data).unwrap_or_else(|_| Json::from(data));
    let mut failure = reported(&error, data);
    failure.code = Some(name.to_owned());
    failure
}

fn push(text: Option<String>, event: fn(String) -> Event, out: &mut Vec<Event>) {
    out.extend(text.filter(|text| !text.is_empty()).map(event));
}

pub(super) fn whole(body: &str) -> Result<WholeReply, ProviderFailure> {
    let response: Response = read(body)?;
    let content = response.output.and_then(|output| output.message).and_then(|m| m.content);
    let Some(content) = content else {
        return Err(unexpected("a response without a message", body));
    };
    let mut reply = WholeReply {
        finish_reason: response.stop_reason,
        usage: response.usage.and_then(Figures::known).map(Tokens::usage).unwrap_or_default(),
        ..WholeReply::default()
    };
    if !content.iter().any(|block| block.text.is_some()) {
        return Err(no_answer("a message without text", body));
    }
    for block in content {
        let reasoning = block.reasoning_content;
        let reasoning = reasoning.and_then(|r| r.text.or(r.reasoning_text.and_then(|t| t.text)));
        reply.reasoning.extend(reasoning);
        reply.text.extend(block.text);
    }
    Ok(reply)
}

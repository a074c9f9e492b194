//! OpenAI's Responses API, streamed and whole.

use serde::Deserialize;
use serde_json::Value as Json;

use super::figures::{Count, Figures};
use super::{AnswerPart, read, reported, unexpected};
use crate::event::{Event, ProviderFailure, Usage, WholeReply};

#[derive(Deserialize)]
struct StreamEvent {
    #[serde(rename = "type")]
    kind: Option<String>,
    delta: Option<String>,
    output_index: Option<u64>,
    content_index: Option<u64>,
    response: Option<Response>,
    error: Option<Json>,
}

#[derive(Deserialize)]
struct Response {
    status: Option<String>,
    output: Option<Vec<Item>>,
    usage: Option<Figures<Tokens>>,
    error: Option<Json>,
    incomplete_details: Option<Incomplete>,
}

#[derive(Deserialize)]
struct Incomplete {
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Item {
    #[serde(rename = "type")]
    kind: Option<String>,
    content: Option<Vec<Part>>,
    summary: Option<Vec<Part>>,
    name: Option<String>,
    arguments: Option<String>,
    call_id: Option<String>,
}

impl Item {
    /// A call of a tool, which is the answer of a whole reply where it comes first.
    fn tool_call(&self) -> String {
        // Written as the official runtime writes it: in this order.
        let text = |text: &Option<String>| Json::from(text.as_deref().unwrap_or_default());
        let (name, arguments) = (text(&self.name), text(&self.arguments));
        let id = text(&self.call_id);
        let asked = format!(r#""name":{name},"arguments":{arguments}"#);
        format!(r#"{{"type":"function_call",{asked},"call_id":{id}}}"#)
    }
}

#[derive(Deserialize)]
struct Part {
    #[serde(rename = "type")]
    kind: Option<String>,
    text: Option<String>,
    refusal: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
struct Tokens {
    #[serde(default)]
    input_tokens: Count,
    #[serde(default)]
    output_tokens: Count,
    input_tokens_details: Option<Figures<InputTokens>>,
}

#[derive(Clone, Copy, Deserialize)]
struct InputTokens {
    #[serde(default)]
    cached_tokens: Count,
}

impl Tokens {
    fn usage(self) -> Usage {
        let details = self.input_tokens_details.and_then(Figures::known);
        Usage {
            input_tokens: self.input_tokens.0,
            output_tokens: self.output_tokens.0,
            cached_input_tokens: details.and_then(|details| details.cached_tokens.0),
        }
    }
}

impl Response {
    /// The first text part, which is the answer.
    fn first_text(&mut self) -> Option<String> {
        let items = self.output.iter_mut().flatten();
        let mut parts = items.filter_map(|item| item.content.as_mut()).flatten();
        parts.find(|part| part.kind.as_deref() == Some("output_text"))?.text.take()
    }

    /// Why it ended: a stream says what made it incomplete, a whole reply only that it is.
    fn finish_reason(&self) -> Option<String> {
        let incomplete = self.incomplete_details.as_ref();
        incomplete.and_then(|details| details.reason.clone()).or_else(|| self.status.clone())
    }
}

pub(super) fn event(
    answer: &mut AnswerPart,
    data: &str,
    out: &mut Vec<Event>,
) -> Result<(), ProviderFailure> {
    let event: StreamEvent = match read(data) {
        Ok(event) => event,
        // Events of tools carry a `delta` or `response` of other forms; only their type matters.
        Err(problem) => return tolerate(data, problem),
    };
    match event.kind.as_deref() {
        Some("response.output_text.delta") => {
            // Only the first part is the answer; those after it are not mixed into it.
            let part = (event.output_index.unwrap_or(0), event.content_index.unwrap_or(0));
            if *answer.0.get_or_insert(part) == part {
                push(event.delta, Event::Text, out);
            }
        }
        Some("response.reasoning_summary_text.delta" | "response.reasoning_text.delta") => {
            push(event.delta, Event::Reasoning, out);
        }
        Some("response.refusal.delta") => push(event.delta, Event::Refusal, out),
        Some("response.completed" | "response.incomplete") => {
            if let Some(mut response) = event.response {
                push(response.first_text(), Event::Answer, out);
                out.extend(response.finish_reason().map(Event::Finish));
                let tokens = response.usage.and_then(Figures::known);
                out.extend(tokens.map(|tokens| Event::Usage(tokens.usage())));
            }
            out.push(Event::End);
        }
        Some("response.failed" | "response.cancelled") => {
            let error = event.response.and_then(|response| response.error);
            return Err(reported(&error.unwrap_or(Json::from("the response failed")), data));
        }
        Some("error") => {
            let error = event.error.map_or_else(|| read(data), Ok)?;
            return Err(reported(&error, data));
        }
        None => return Err(reported(&event.error.map_or_else(|| read(data), Ok)?, data)),
        Some(_) => {}
    }
    Ok(())
}

fn tolerate(data: &str, problem: ProviderFailure) -> Result<(), ProviderFailure> {
    const READ: [&str; 8] = [
        "response.output_text.delta",
        "response.reasoning_summary_text.delta",
        "response.reasoning_text.delta",
        "response.refusal.delta",
        "response.completed",
        "response.incomplete",
        "response.failed",
        "error",
    ];
    let json: Json = serde_json::from_str(data).map_err(|_| problem.clone())?;
    match json.get("type").and_then(Json::as_str) {
        Some(kind) if !READ.contains(&kind) => Ok(()),
        _ => Err(problem),
    }
}

fn push(text: Option<String>, event: fn(String) -> Event, out: &mut Vec<Event>) {
    out.extend(text.filter(|text| !text.is_empty()).map(event));
}

pub(super) fn whole(body: &str) -> Result<WholeReply, ProviderFailure> {
    let response: Response = read(body)?;
    if let Some(error) = &response.error {
        return Err(reported(error, body));
    }
    let mut reply = WholeReply {
        finish_reason: response.status,
        usage: response.usage.and_then(Figures::known).map(Tokens::usage).unwrap_or_default(),
        ..WholeReply::default()
    };
    let Some(output) = response.output else {
        return Err(unexpected("a response without output", body));
    };
    let mut text = None;
    for item in output {
        if item.kind.as_deref() == Some("reasoning") {
            let parts = item.summary.into_iter().chain(item.content).flatten();
            reply.reasoning.extend(parts.filter_map(|part| part.text));
            continue;
        }
        if item.kind.as_deref() == Some("function_call") && text.is_none() {
            text = Some(item.tool_call());
        }
        for part in item.content.unwrap_or_default() {
            match part.kind.as_deref() {
                Some("output_text") if text.is_none() => text = part.text,
                Some("refusal") => reply.refusal.extend(part.refusal),
                Some(_) => {}
                None => return Err(unexpected("a part of a message without a type", body)),
            }
        }
    }
    reply.text = text.unwrap_or_default();
    Ok(reply)
}

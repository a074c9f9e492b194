//! Chat completions, streamed and whole.

use serde::Deserialize;
use serde_json::Value as Json;

use super::{no_answer, read, reported, unexpected};
use crate::event::{Event, ProviderFailure, Usage, WholeReply};

#[derive(Deserialize)]
struct Completion {
    model: Option<String>,
    choices: Option<Vec<Choice>>,
    usage: Option<Tokens>,
    error: Option<Json>,
}

#[derive(Deserialize)]
struct Choice {
    index: Option<u32>,
    #[serde(alias = "delta")]
    message: Option<Content>,
    finish_reason: Option<String>,
}

#[derive(Default, Deserialize)]
struct Content {
    content: Option<String>,
    refusal: Option<String>,
    reasoning_content: Option<String>,
    reasoning: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
struct Tokens {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    prompt_tokens_details: Option<PromptTokens>,
}

#[derive(Clone, Copy, Deserialize)]
struct PromptTokens {
    cached_tokens: Option<u64>,
}

impl Tokens {
    fn usage(self) -> Usage {
        Usage {
            input_tokens: self.prompt_tokens,
            output_tokens: self.completion_tokens,
            cached_input_tokens: self.prompt_tokens_details.and_then(|d| d.cached_tokens),
        }
    }
}

pub(super) fn event(data: &str, out: &mut Vec<Event>) -> Result<(), ProviderFailure> {
    let chunk: Completion = read(data)?;
    if let Some(error) = &chunk.error {
        return Err(reported(error, data));
    }
    let Some(choices) = chunk.choices else {
        return Err(unexpected("a chunk without choices", data));
    };
    // Pieces of a second choice belong to another answer, and must not be mixed into this one.
    if let Some(choice) = choices.into_iter().find(|choice| choice.index.unwrap_or(0) == 0) {
        let content = choice.message.unwrap_or_default();
        let reasoning = content.reasoning_content.or(content.reasoning);
        push_text(reasoning, Event::Reasoning, out);
        push_text(content.refusal, Event::Refusal, out);
        push_text(content.content, Event::Text, out);
        out.extend(choice.finish_reason.map(Event::Finish));
    }
    out.extend(chunk.usage.map(|tokens| Event::Usage(tokens.usage())));
    Ok(())
}

fn push_text(text: Option<String>, event: fn(String) -> Event, out: &mut Vec<Event>) {
    out.extend(text.filter(|text| !text.is_empty()).map(event));
}

pub(super) fn whole(body: &str) -> Result<WholeReply, ProviderFailure> {
    let completion: Completion = read(body)?;
    if let Some(error) = &completion.error {
        return Err(reported(error, body));
    }
    let mut choices = completion.choices.unwrap_or_default();
    if choices.len() != 1 {
        let message = format!("expected exactly one choice, got {}", choices.len());
        return Err(match completion.model {
            Some(_) => no_answer(&message, body),
            None => unexpected(&message, body),
        });
    }
    let choice = choices.remove(0);
    let Some(content) = choice.message else {
        return Err(unexpected("a choice without a message", body));
    };
    Ok(WholeReply {
        text: content.content.unwrap_or_default(),
        reasoning: content.reasoning_content.or(content.reasoning).unwrap_or_default(),
        refusal: content.refusal.unwrap_or_default(),
        usage: completion.usage.map(Tokens::usage).unwrap_or_default(),
        finish_reason: choice.finish_reason,
    })
}

//! Chat completions, streamed and whole, as the many servers that speak this form send them.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value as Json;

use super::figures::{Count, Figures};
use super::said::Said;
use super::{no_answer, read, reported, unexpected};
use crate::event::{Event, ProviderFailure, Usage, WholeReply};

#[derive(Deserialize)]
struct Completion {
    model: Option<IgnoredAny>,
    choices: Option<Vec<Choice>>,
    usage: Option<Figures<Tokens>>,
    x_groq: Option<Figures<Apart>>,
    error: Option<Json>,
}

#[derive(Deserialize)]
struct Choice {
    index: Option<u32>,
    /// What a whole reply says; Perplexity tells it so far beside each piece as well.
    message: Option<Content>,
    /// What is new in a stream; Perplexity has it, empty, in whole replies too.
    delta: Option<Content>,
    finish_reason: Option<String>,
    /// Moonshot counts here.
    usage: Option<Figures<Tokens>>,
    /// `OpenRouter` tells here of what broke off behind it.
    error: Option<Json>,
}

#[derive(Default, Deserialize)]
struct Content {
    content: Option<Said>,
    refusal: Option<Said>,
    reasoning_content: Option<Said>,
    reasoning: Option<Said>,
}

/// What a service says in a place of its own.
#[derive(Clone, Copy, Deserialize)]
struct Apart {
    usage: Option<Tokens>,
}

#[derive(Clone, Copy, Deserialize)]
struct Tokens {
    #[serde(default)]
    prompt_tokens: Count,
    #[serde(default)]
    completion_tokens: Count,
    prompt_tokens_details: Option<Figures<PromptTokens>>,
    /// `DeepSeek`'s own name.
    #[serde(default)]
    prompt_cache_hit_tokens: Count,
}

#[derive(Clone, Copy, Deserialize)]
struct PromptTokens {
    #[serde(default)]
    cached_tokens: Count,
}

impl Tokens {
    fn usage(self) -> Usage {
        let details = self.prompt_tokens_details.and_then(Figures::known);
        let cached = details.and_then(|details| details.cached_tokens.0);
        Usage {
            input_tokens: self.prompt_tokens.0,
            output_tokens: self.completion_tokens.0,
            cached_input_tokens: cached.or(self.prompt_cache_hit_tokens.0),
        }
    }
}

impl Completion {
    fn usage(&self) -> Option<Usage> {
        let apart = || self.x_groq.and_then(Figures::known).and_then(|apart| apart.usage);
        self.usage.and_then(Figures::known).or_else(apart).map(Tokens::usage)
    }
}

impl Content {
    /// The answer, and the reasoning from wherever it is told.
    fn parts(self, raw: &str) -> Result<(String, String), ProviderFailure> {
        let said = self.content.unwrap_or_default();
        if said.odd {
            return Err(unexpected("content that is neither text nor parts", raw));
        }
        let apart = self.reasoning_content.or(self.reasoning).unwrap_or_default();
        let mut reasoning = said.reasoning;
        reasoning.push_str(&apart.text);
        Ok((said.text, reasoning))
    }
}

pub(super) fn event(name: &str, data: &str, out: &mut Vec<Event>) -> Result<(), ProviderFailure> {
    let mut chunk: Completion = read(data)?;
    if let Some(error) = &chunk.error {
        return Err(reported(error, data));
    }
    let usage = chunk.usage();
    let Some(choices) = chunk.choices.take() else {
        out.extend(usage.map(Event::Usage));
        return if usage.is_some() { Ok(()) } else { Err(without_choices(name, data)) };
    };
    // Pieces of a second choice belong to another answer, and must not be mixed into this one.
    if let Some(choice) = choices.into_iter().find(|choice| choice.index.unwrap_or(0) == 0) {
        if let Some(error) = &choice.error {
            return Err(reported(error, data));
        }
        let mut content = choice.delta.or(choice.message).unwrap_or_default();
        let refusal = content.refusal.take().unwrap_or_default().text;
        let (text, reasoning) = content.parts(data)?;
        push_text(reasoning, Event::Reasoning, out);
        push_text(refusal, Event::Refusal, out);
        push_text(text, Event::Text, out);
        // Some servers say nothing by an empty text.
        out.extend(choice.finish_reason.filter(|reason| !reason.is_empty()).map(Event::Finish));
        let usage = choice.usage.and_then(Figures::known);
        out.extend(usage.map(|tokens| Event::Usage(tokens.usage())));
    }
    out.extend(usage.map(Event::Usage));
    Ok(())
}

/// What has no choices may be an error without the frame that errors have.
fn without_choices(name: &str, data: &str) -> ProviderFailure {
    let json: Json = serde_json::from_str(data).unwrap_or_default();
    let named = name == "error" || json["object"] == "error";
    if named || json["message"].is_string() || json["detail"].is_string() {
        return reported(&json, data);
    }
    unexpected("a chunk without choices", data)
}

fn push_text(text: String, event: fn(String) -> Event, out: &mut Vec<Event>) {
    if !text.is_empty() {
        out.push(event(text));
    }
}

pub(super) fn whole(body: &str) -> Result<WholeReply, ProviderFailure> {
    let mut completion: Completion = read(body)?;
    if let Some(error) = &completion.error {
        return Err(reported(error, body));
    }
    let usage = completion.usage();
    let Some(mut choices) = completion.choices.take() else {
        return Err(without_choices("", body));
    };
    if choices.len() != 1 {
        let message = format!("expected exactly one choice, got {}", choices.len());
        return Err(match completion.model {
            Some(_) => no_answer(&message, body),
            None => unexpected(&message, body),
        });
    }
    let choice = choices.remove(0);
    if let Some(error) = &choice.error {
        return Err(reported(error, body));
    }
    let Some(mut content) = choice.message.or(choice.delta) else {
        return Err(unexpected("a choice without a message", body));
    };
    let refusal = content.refusal.take().unwrap_or_default().text;
    let (text, reasoning) = content.parts(body)?;
    let own = choice.usage.and_then(Figures::known);
    let usage = usage.or(own.map(Tokens::usage)).unwrap_or_default();
    Ok(WholeReply { text, reasoning, refusal, usage, finish_reason: choice.finish_reason })
}

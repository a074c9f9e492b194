//! The providers by name, and which wire each of them speaks.
//!
//! Invariant: what a provider is called in a project is decided here and nowhere else.

use std::fmt;

/// A provider of the language, or one of the two strategies that stand where a provider does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Provider {
    /// `openai`: chat completions.
    OpenAi,
    /// `openai-generic`: any server that speaks chat completions.
    OpenAiGeneric,
    /// `openai-responses`: the Responses API.
    OpenAiResponses,
    /// `azure-openai`: chat completions of a deployment.
    AzureOpenAi,
    /// `ollama`: a local server, chat completions.
    Ollama,
    /// `openrouter`: chat completions.
    OpenRouter,
    /// `anthropic`: the Messages API.
    Anthropic,
    /// `google-ai`: Gemini with an API key.
    GoogleAi,
    /// `vertex-ai`: Gemini or Claude on Google Cloud.
    VertexAi,
    /// `aws-bedrock`: the Converse API.
    AwsBedrock,
    /// `fallback`: the next member when one fails.
    Fallback,
    /// `round-robin`: the members by turns.
    RoundRobin,
}

/// The names that a project may write, the first of each provider being the one that is shown.
const NAMES: &[(&str, Provider)] = &[
    ("openai", Provider::OpenAi),
    ("openai-generic", Provider::OpenAiGeneric),
    ("openai-responses", Provider::OpenAiResponses),
    ("azure-openai", Provider::AzureOpenAi),
    ("ollama", Provider::Ollama),
    ("openrouter", Provider::OpenRouter),
    ("anthropic", Provider::Anthropic),
    ("google-ai", Provider::GoogleAi),
    ("vertex-ai", Provider::VertexAi),
    ("aws-bedrock", Provider::AwsBedrock),
    ("fallback", Provider::Fallback),
    ("round-robin", Provider::RoundRobin),
    ("baml-openai-chat", Provider::OpenAi),
    ("baml-azure-chat", Provider::AzureOpenAi),
    ("baml-anthropic-chat", Provider::Anthropic),
    ("baml-ollama-chat", Provider::Ollama),
    ("baml-fallback", Provider::Fallback),
    ("baml-round-robin", Provider::RoundRobin),
];

impl Provider {
    /// The provider of this name, old names included.
    pub fn parse(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, provider)| *provider)
    }

    /// Its name, as `ctx.client.provider` shows it.
    pub fn as_str(self) -> &'static str {
        NAMES.iter().find(|(_, provider)| *provider == self).map_or("", |(name, _)| name)
    }

    /// Whether it only chooses among other clients.
    pub fn is_strategy(self) -> bool {
        matches!(self, Self::Fallback | Self::RoundRobin)
    }

    /// Whether its requests are OpenAI's chat completions or responses.
    pub fn is_openai_family(self) -> bool {
        matches!(
            self,
            Self::OpenAi
                | Self::OpenAiGeneric
                | Self::OpenAiResponses
                | Self::AzureOpenAi
                | Self::Ollama
                | Self::OpenRouter
        )
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a reply is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReplyShape {
    /// OpenAI's chat completions.
    OpenAi,
    /// OpenAI's Responses API.
    Responses,
    /// OpenAI's transcription: `{"text": …}`.
    Transcription,
    /// Anthropic's Messages API.
    Anthropic,
    /// Gemini's `generateContent`.
    Google,
    /// Bedrock's Converse API.
    Bedrock,
}

impl ReplyShape {
    /// The value of `client_response_type`.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "openai" => Self::OpenAi,
            "openai-responses" => Self::Responses,
            "openai-transcription" => Self::Transcription,
            "anthropic" => Self::Anthropic,
            "google" | "vertex" => Self::Google,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shown_name_parses_to_itself() {
        for (name, provider) in NAMES {
            assert_eq!(Provider::parse(name), Some(*provider));
            assert_eq!(Provider::parse(provider.as_str()), Some(*provider));
        }
        assert_eq!(Provider::parse("baml-ollama-chat").map(Provider::as_str), Some("ollama"));
        assert_eq!(Provider::parse("round_robin"), None);
    }
}

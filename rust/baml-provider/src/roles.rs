//! Which roles a provider is told: allowed, default, remapped; neighbours of the same role joined.
//!
//! Invariant: what leaves here is what the provider sees; every part that came in is there, and
//! metadata that the client does not allow is gone.

use baml_prompt::message::{Message, Part};
use indexmap::IndexMap;
use serde_json::{Map, Value as Json};
use smol_str::SmolStr;

use crate::error::ProviderError;
use crate::options::Options;
use crate::provider::Provider;

/// The role rules of a client.
#[derive(Clone, Debug, PartialEq)]
pub struct RoleRules {
    /// What a message without a role, or with one that is not allowed, is given.
    pub default_role: SmolStr,
    /// The roles that a prompt may use.
    pub allowed: Vec<SmolStr>,
    /// How the provider calls them.
    pub remap: IndexMap<SmolStr, SmolStr>,
    /// Which keywords of `_.role(…)` go into the request.
    pub metadata: RoleMetadata,
}

/// `allowed_role_metadata`.
#[derive(Clone, Debug, PartialEq)]
pub enum RoleMetadata {
    /// `"all"`.
    All,
    /// The keys of the list; none by default.
    Only(Vec<String>),
}

/// A message as the provider is told it.
#[derive(Debug)]
pub(crate) struct ChatMessage<'a> {
    pub(crate) role: SmolStr,
    pub(crate) parts: Vec<ChatPart<'a>>,
}

/// A part with the metadata that goes with it.
#[derive(Debug)]
pub(crate) struct ChatPart<'a> {
    pub(crate) part: &'a Part,
    pub(crate) metadata: Map<String, Json>,
}

impl RoleRules {
    pub(crate) fn take(provider: Provider, options: &mut Options) -> Result<Self, ProviderError> {
        let allowed: Vec<SmolStr> = match options.take_texts("allowed_roles")? {
            Some(roles) if roles.is_empty() => {
                return Err(options.error("allowed_roles must not be empty"));
            }
            Some(roles) => roles.into_iter().map(SmolStr::from).collect(),
            None => standard_roles(provider, options),
        };
        let default_role = match options.take_text("default_role")? {
            Some(role) if !allowed.iter().any(|known| *known == role) => {
                let known = allowed.join(", ");
                return Err(
                    options.error(format!("default_role must be one of {known}. Got: {role}"))
                );
            }
            Some(role) => SmolStr::from(role),
            None => fallback_role(provider, &allowed),
        };
        let mut remap: IndexMap<SmolStr, SmolStr> = IndexMap::new();
        if provider == Provider::GoogleAi && !options.has("remap_roles") {
            remap.insert("assistant".into(), "model".into());
        }
        for (role, name) in options.take_pairs("remap_roles")? {
            if !allowed.iter().any(|known| *known == role) {
                return Err(
                    options.error(format!("remap_roles: role {role} is not in allowed_roles"))
                );
            }
            remap.insert(role.into(), name.into());
        }
        Ok(Self { default_role, allowed, remap, metadata: RoleMetadata::take(options)? })
    }

    /// The messages as the provider is to be told them.
    pub(crate) fn apply<'a>(&self, messages: &'a [Message]) -> Vec<ChatMessage<'a>> {
        let mut chat: Vec<ChatMessage<'a>> = Vec::with_capacity(messages.len());
        for message in messages {
            let role = self.name(&message.role);
            let metadata = self.metadata.keep(&message.metadata);
            let parts =
                message.parts.iter().map(|part| ChatPart { part, metadata: metadata.clone() });
            let joins = !message.allow_duplicate_role;
            match chat.last_mut() {
                Some(last) if joins && last.role == role => last.parts.extend(parts),
                _ => chat.push(ChatMessage { role, parts: parts.collect() }),
            }
        }
        chat
    }

    fn name(&self, role: &SmolStr) -> SmolStr {
        let role = if self.allowed.contains(role) { role } else { &self.default_role };
        self.remap.get(role).unwrap_or(role).clone()
    }
}

/// The first message as a system prompt of its own, where the provider keeps that apart.
///
/// A later system message, and one that stands alone, is told as the user's.
pub(crate) fn split_system(
    mut chat: Vec<ChatMessage<'_>>,
) -> (Option<ChatMessage<'_>>, Vec<ChatMessage<'_>>) {
    let leads = chat.len() > 1 && chat.first().is_some_and(|first| first.role == "system");
    let system = leads.then(|| chat.remove(0));
    for message in &mut chat {
        if message.role == "system" {
            message.role = SmolStr::new_static("user");
        }
    }
    (system, chat)
}

impl RoleMetadata {
    fn take(options: &mut Options) -> Result<Self, ProviderError> {
        match options.take("allowed_role_metadata") {
            None => Ok(Self::Only(Vec::new())),
            Some(Json::String(word)) if word == "all" => Ok(Self::All),
            Some(Json::String(word)) if word == "none" => Ok(Self::Only(Vec::new())),
            Some(Json::Array(keys)) => {
                let keys: Option<Vec<_>> =
                    keys.iter().map(|key| key.as_str().map(str::to_owned)).collect();
                keys.map(Self::Only)
                    .ok_or_else(|| options.error("allowed_role_metadata must be a list of strings"))
            }
            Some(_) => Err(options
                .error("allowed_role_metadata must be \"all\", \"none\" or a list of strings")),
        }
    }

    fn keep(&self, metadata: &IndexMap<SmolStr, Json>) -> Map<String, Json> {
        let kept = metadata.iter().filter(|(key, _)| match self {
            Self::All => true,
            Self::Only(keys) => keys.iter().any(|known| known == key.as_str()),
        });
        kept.map(|(key, value)| (key.to_string(), value.clone())).collect()
    }
}

fn standard_roles(provider: Provider, options: &Options) -> Vec<SmolStr> {
    let model = options.peek_text("model").unwrap_or_default();
    let without_system = provider.is_openai_family() && (model == "o1" || model.starts_with("o1-"));
    let roles: &[&'static str] =
        if without_system { &["user", "assistant"] } else { &["system", "user", "assistant"] };
    roles.iter().map(|role| SmolStr::new_static(role)).collect()
}

fn fallback_role(provider: Provider, allowed: &[SmolStr]) -> SmolStr {
    let user = SmolStr::new_static("user");
    let first = allowed.first().cloned().unwrap_or_else(|| user.clone());
    match provider {
        Provider::Ollama
        | Provider::Anthropic
        | Provider::GoogleAi
        | Provider::VertexAi
        | Provider::AwsBedrock => user,
        _ => first,
    }
}

//! The clients that a call may name: those of the project, those of the call's registry, and
//! `provider/model`.
//!
//! Invariant: a registry's client hides the project's of the same name, for this call only.

use std::sync::Arc;

use baml_schema::{Client, ClientRef, OptionValue, Schema};
use indexmap::IndexMap;
use serde_json::Value as Json;
use smol_str::SmolStr;

use crate::client::ResolvedClient;
use crate::error::ProviderError;
use crate::options::Environment;
use crate::provider::Provider;

/// Strategies within strategies deeper than this are refused; a cycle ends here too.
pub const STRATEGY_DEPTH_MAX: usize = 16;

/// What a call's client registry says: `{"primary"?, "clients"?: [{name, provider, options}]}`.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    /// The client that takes the place of the function's own.
    pub primary: Option<SmolStr>,
    /// Further clients, in order; a later one hides an earlier one of the same name.
    pub clients: Vec<Arc<Client>>,
}

impl Registry {
    /// Reads a registry; `null` is an empty one.
    pub fn read(json: &Json) -> Result<Self, ProviderError> {
        let registry = match json {
            Json::Null => return Ok(Self::default()),
            Json::Object(registry) => registry,
            _ => return Err(ProviderError::Registry("it must be an object".to_owned())),
        };
        let primary = match registry.get("primary") {
            None | Some(Json::Null) => None,
            Some(Json::String(name)) => Some(SmolStr::from(name)),
            Some(_) => {
                return Err(ProviderError::Registry(
                    "`primary` must be a client's name".to_owned(),
                ));
            }
        };
        let clients = match registry.get("clients") {
            None | Some(Json::Null) => Vec::new(),
            Some(Json::Array(clients)) => {
                clients.iter().map(read_client).collect::<Result<_, _>>()?
            }
            Some(_) => return Err(ProviderError::Registry("`clients` must be a list".to_owned())),
        };
        Ok(Self { primary, clients })
    }
}

fn read_client(json: &Json) -> Result<Arc<Client>, ProviderError> {
    let text = |key: &str| json.get(key).and_then(Json::as_str).map(SmolStr::from);
    let needed = |key: &str| {
        text(key).ok_or_else(|| ProviderError::Registry(format!("a client without `{key}`")))
    };
    let (name, provider) = (needed("name")?, needed("provider")?);
    if Provider::parse(&provider).is_none() {
        return Err(ProviderError::UnknownProvider { provider, client: name });
    }
    let options = match json.get("options") {
        None | Some(Json::Null) => IndexMap::new(),
        Some(Json::Object(options)) => {
            options.iter().map(|(key, value)| (SmolStr::from(key), option_value(value))).collect()
        }
        Some(_) => {
            return Err(ProviderError::Registry(format!("options of `{name}` must be an object")));
        }
    };
    let retry_policy = text("retry_policy");
    Ok(Arc::new(Client { name, provider, retry_policy, options, span: Default::default() }))
}

/// JSON came through a reader that bounds its depth, so this recursion is bounded too.
fn option_value(json: &Json) -> OptionValue {
    match json {
        Json::Null => OptionValue::Null,
        Json::Bool(value) => OptionValue::Bool(*value),
        Json::Number(number) => match number.as_i64() {
            Some(int) => OptionValue::Int(int),
            None => OptionValue::Float(number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => OptionValue::String(text.into()),
        Json::Array(items) => OptionValue::List(items.iter().map(option_value).collect()),
        Json::Object(entries) => OptionValue::Map(
            entries.iter().map(|(key, value)| (SmolStr::from(key), option_value(value))).collect(),
        ),
    }
}

/// Finds clients by name for one call.
#[derive(Clone, Copy, Debug)]
pub struct Directory<'a> {
    /// The project.
    pub schema: &'a Schema,
    /// The call's registry.
    pub registry: &'a Registry,
}

impl Directory<'_> {
    /// The name of the client that a function's call begins with.
    pub fn start(&self, function_client: &ClientRef) -> SmolStr {
        match (&self.registry.primary, function_client) {
            (Some(primary), _) => primary.clone(),
            (None, ClientRef::Named(name)) => name.clone(),
            (None, ClientRef::Shorthand { provider, model }) => {
                format!("{provider}/{model}").into()
            }
        }
    }

    /// Resolves the client of this name.
    pub fn resolve(
        &self,
        name: &str,
        env: &dyn Environment,
    ) -> Result<ResolvedClient, ProviderError> {
        let hidden = self.registry.clients.iter().rev().find(|client| client.name == name);
        if let Some(client) = hidden.or_else(|| self.schema.clients.get(name)) {
            if let Some(policy) = &client.retry_policy
                && !self.schema.retry_policies.contains_key(policy)
            {
                let message = format!("there is no retry policy `{policy}`");
                return Err(ProviderError::options(&client.name, message));
            }
            return ResolvedClient::resolve(client, env);
        }
        match name.split_once('/') {
            Some((provider, model)) if Provider::parse(provider).is_some() => {
                ResolvedClient::shorthand(provider, model, env)
            }
            _ => Err(ProviderError::UnknownClient { client: name.into(), known: self.names() }),
        }
    }

    /// The first client that a call would really ask, without advancing anybody's turn.
    ///
    /// `random` stands for the start of a round-robin client that names none.
    pub fn first_leaf(
        &self,
        name: &str,
        env: &dyn Environment,
        random: u64,
    ) -> Result<ResolvedClient, ProviderError> {
        let mut client = self.resolve(name, env)?;
        for _ in 0..STRATEGY_DEPTH_MAX {
            let Some(strategy) = client.strategy() else { return Ok(client) };
            let member = strategy.member(0, random).clone();
            client = self.resolve(&member, env)?;
        }
        Err(ProviderError::options(name, "strategies are nested too deeply, or in a cycle"))
    }

    fn names(&self) -> Vec<SmolStr> {
        let mut names: Vec<SmolStr> = self.schema.clients.keys().cloned().collect();
        names.extend(self.registry.clients.iter().map(|client| client.name.clone()));
        names.sort();
        names.dedup();
        names
    }
}

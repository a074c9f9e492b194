//! A client's options at call time: every `env.NAME` resolved, then taken out one by one.
//!
//! Taking an option removes it; what is left at the end is what goes into the request's body.
//! Invariant: a variable that is not set is an error here, and its name never goes any further.

use baml_schema::OptionValue;
use indexmap::IndexMap;
use serde_json::{Map, Value as Json};
use smol_str::SmolStr;

use crate::error::ProviderError;

/// Where environment variables come from: the caller gives them with each call.
pub trait Environment {
    /// The variable's value, or nothing where it is not set.
    fn get(&self, name: &str) -> Option<String>;
}

impl<F: Fn(&str) -> Option<String>> Environment for F {
    fn get(&self, name: &str) -> Option<String> {
        self(name)
    }
}

/// A variable's value, unless it is empty.
pub(crate) fn variable(env: &dyn Environment, name: &str) -> Option<String> {
    env.get(name).filter(|value| !value.is_empty())
}

/// Lists and maps nested deeper than this are refused; the project's own parser stops earlier.
const DEPTH_MAX: usize = 64;

/// The options of one client, without variables.
pub(crate) struct Options {
    client: SmolStr,
    values: Map<String, Json>,
}

impl Options {
    /// Resolves the variables of `options`.
    pub(crate) fn resolve(
        client: &SmolStr,
        options: &IndexMap<SmolStr, OptionValue>,
        env: &dyn Environment,
    ) -> Result<Self, ProviderError> {
        let mut values = Map::new();
        for (key, value) in options {
            let resolver = Resolver { client, env };
            values.insert(key.to_string(), resolver.value(value, key, DEPTH_MAX)?);
        }
        Ok(Self { client: client.clone(), values })
    }

    /// The client's name.
    pub(crate) fn client(&self) -> &SmolStr {
        &self.client
    }

    /// An error about these options.
    pub(crate) fn error(&self, message: impl Into<String>) -> ProviderError {
        ProviderError::options(&self.client, message)
    }

    /// Takes an option as it is; `null` counts as absent.
    pub(crate) fn take(&mut self, key: &str) -> Option<Json> {
        self.values.shift_remove(key).filter(|value| !value.is_null())
    }

    /// An option that stays, as text.
    pub(crate) fn peek_text(&self, key: &str) -> Option<&str> {
        self.values.get(key).and_then(Json::as_str)
    }

    /// Whether an option is there, `null` included.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }

    /// Takes a text.
    pub(crate) fn take_text(&mut self, key: &str) -> Result<Option<String>, ProviderError> {
        match self.take(key) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.error(format!("{key} must be a string"))),
        }
    }

    /// Takes a bool.
    pub(crate) fn take_bool(&mut self, key: &str) -> Result<Option<bool>, ProviderError> {
        match self.take(key) {
            None => Ok(None),
            Some(Json::Bool(value)) => Ok(Some(value)),
            Some(_) => Err(self.error(format!("{key} must be a bool"))),
        }
    }

    /// Takes a list of texts.
    pub(crate) fn take_texts(&mut self, key: &str) -> Result<Option<Vec<String>>, ProviderError> {
        let Some(value) = self.take(key) else { return Ok(None) };
        let texts = value
            .as_array()
            .and_then(|items| items.iter().map(|item| item.as_str().map(str::to_owned)).collect());
        match texts {
            Some(texts) => Ok(Some(texts)),
            None => Err(self.error(format!("{key} must be a list of strings"))),
        }
    }

    /// Takes a map.
    pub(crate) fn take_map(
        &mut self,
        key: &str,
    ) -> Result<Option<Map<String, Json>>, ProviderError> {
        match self.take(key) {
            None => Ok(None),
            Some(Json::Object(map)) => Ok(Some(map)),
            Some(_) => Err(self.error(format!("{key} must be a map"))),
        }
    }

    /// Takes a map of texts, in order.
    pub(crate) fn take_pairs(&mut self, key: &str) -> Result<Vec<(String, String)>, ProviderError> {
        let mut pairs = Vec::new();
        for (name, value) in self.take_map(key)?.unwrap_or_default() {
            let Json::String(text) = value else {
                return Err(self.error(format!("{key}.{name} must be a string")));
            };
            pairs.push((name, text));
        }
        Ok(pairs)
    }

    /// What was not taken.
    pub(crate) fn into_rest(self) -> Map<String, Json> {
        self.values
    }

    /// The first option that is left, for providers that forward nothing.
    pub(crate) fn refuse_rest(&self) -> Result<(), ProviderError> {
        match self.values.keys().next() {
            None => Ok(()),
            Some(key) => Err(self.error(format!("Unsupported property: {key}"))),
        }
    }
}

/// Replaces variables inside one option.
struct Resolver<'a> {
    client: &'a SmolStr,
    env: &'a dyn Environment,
}

impl Resolver<'_> {
    fn value(&self, value: &OptionValue, path: &str, depth: usize) -> Result<Json, ProviderError> {
        if depth == 0 {
            let message = format!("{path} is nested too deeply");
            return Err(ProviderError::options(self.client, message));
        }
        Ok(match value {
            OptionValue::Null => Json::Null,
            OptionValue::Bool(value) => Json::Bool(*value),
            OptionValue::Int(value) => Json::from(*value),
            OptionValue::Float(value) => Json::from(*value),
            OptionValue::String(text) => Json::from(text.as_str()),
            OptionValue::Env(variable) => Json::String(self.variable(variable, path)?),
            OptionValue::List(items) => {
                let items = items.iter().enumerate();
                let resolved =
                    items.map(|(at, item)| self.value(item, &format!("{path}[{at}]"), depth - 1));
                Json::Array(resolved.collect::<Result<_, _>>()?)
            }
            OptionValue::Map(entries) => {
                let mut map = Map::new();
                for (key, item) in entries {
                    map.insert(
                        key.to_string(),
                        self.value(item, &format!("{path}.{key}"), depth - 1)?,
                    );
                }
                Json::Object(map)
            }
        })
    }

    fn variable(&self, variable: &SmolStr, path: &str) -> Result<String, ProviderError> {
        self.env.get(variable).ok_or_else(|| ProviderError::MissingVariable {
            variable: variable.clone(),
            client: self.client.clone(),
            option: path.to_owned(),
        })
    }
}

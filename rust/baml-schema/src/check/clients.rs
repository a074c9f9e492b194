//! Clients and retry policies.

use std::sync::Arc;

use baml_syntax::tree::{Entry, Expr, ExprKind, MapEntry, Property, ValueBlock};
use baml_syntax::{Diagnostic, Span};

use super::Checker;
use super::absent::Absent;
use super::client_options::{self, PROVIDERS, is_composite};
use super::cycles::cycles;
use super::option_reader::OptionReader;
use super::options::{name, option_map};
use super::suggest::{did_you_mean, nearest};
use crate::catalogue::{
    CLIENT_CYCLE, CLIENT_UNKNOWN_KEY, OPTION_KIND, PROVIDER_MISSING, UNKNOWN_PROVIDER,
    UNKNOWN_RETRY_POLICY, UNKNOWN_STRATEGY_CLIENT,
};
use crate::client::Client;

/// So many providers are suggested in place of an unknown one.
const PROVIDERS_SUGGESTED: usize = 3;

impl Checker<'_> {
    /// Understands all clients.
    pub(crate) fn clients(&mut self) {
        for at in 0..self.names.clients.len() {
            let block: &ValueBlock = self.names.clients[at];
            let client = self.client(block);
            self.schema.clients.insert(client.name.clone(), Arc::new(client));
        }
    }

    fn client(&mut self, block: &ValueBlock) -> Client {
        let mut client = Client {
            name: block.name.text.clone(),
            provider: Default::default(),
            retry_policy: None,
            options: Default::default(),
            span: block.name.span,
        };
        let mut options: Option<&Property> = None;
        let mut absent = Absent::of(&["provider", "options", "retry_policy"]);
        for property in properties(block) {
            let Some(value) = &property.value else {
                absent.valueless(&property.key.text);
                continue;
            };
            match property.key.text.as_str() {
                "provider" => match self.provider(value) {
                    Some(name) => client.provider = name.into(),
                    None => absent.valueless("provider"),
                },
                "retry_policy" => {
                    if self.wants_name(value, "string") {
                        client.retry_policy = value.as_text().map(Into::into);
                    }
                }
                "options" => options = Some(property),
                other => {
                    let message = format!("Error validating: Unknown field `{other}` in client");
                    let found = Diagnostic::error(CLIENT_UNKNOWN_KEY, property.span, message);
                    let found = found.following(absent.is_open());
                    self.diagnostics.push(absent.misspelt(other, found));
                }
            }
        }
        if client.provider.is_empty() {
            let message =
                "Error validating: Missing `provider` field in client. e.g. `provider openai`";
            let found = Diagnostic::error(PROVIDER_MISSING, block.span, message);
            self.diagnostics.push(found.following(!absent.lacks("provider")));
        } else {
            let told = self.diagnostics.len();
            self.client_options(&client.provider, block, options);
            self.follow(told, options.is_none() && !absent.lacks("options"));
        }
        if let Some(options) = options {
            client.options = option_map(map_entries(options));
        }
        client
    }

    /// The provider's name, if it is one.
    fn provider<'e>(&mut self, value: &'e Expr) -> Option<&'e str> {
        let name = match &value.kind {
            ExprKind::Number(text) => text,
            _ => match wrong_provider(value) {
                None => value.as_text().unwrap_or_default(),
                Some(wrong) => {
                    let message = format!("Error validating: `provider` value error: {wrong}");
                    self.error(UNKNOWN_PROVIDER, value.span, message);
                    return None;
                }
            },
        };
        if client_options::is_provider(name) {
            return Some(name);
        }
        let near = nearest(name, PROVIDERS, PROVIDERS_SUGGESTED);
        let message = format!("client provider {name} not found.{}", did_you_mean(&near, '`'));
        self.error(UNKNOWN_PROVIDER, value.span, message);
        None
    }

    fn client_options(&mut self, provider: &str, block: &ValueBlock, options: Option<&Property>) {
        let (entries, whole): (&[MapEntry], Span) = match options {
            None => (&[], block.span),
            Some(property) => (map_entries(property), property.key.span),
        };
        if let Some(Property { value: Some(value), .. }) = options
            && !matches!(value.kind, ExprKind::Map(_))
        {
            let message = format!(
                "Error validating: Expected a key-value pair, but got a: {}",
                super::options::kind_name(value)
            );
            self.error(OPTION_KIND, value.span, message);
            return;
        }
        let mut reader = OptionReader::new(entries, whole);
        client_options::check(provider, &mut reader);
        let told = self.diagnostics.len();
        self.diagnostics.append(&mut reader.found);
        // What an option is that could not be read is not known.
        self.follow(told, entries.iter().any(|entry| entry.value.is_none()));
    }

    /// Whether the retry policies and clients that clients name exist.
    pub(crate) fn client_references(&mut self) {
        for at in 0..self.names.clients.len() {
            let block: &ValueBlock = self.names.clients[at];
            for property in properties(block) {
                let Some(value) = &property.value else { continue };
                match property.key.text.as_str() {
                    "retry_policy" => self.retry_reference(value),
                    "options" => self.strategy_references(block, property),
                    _ => {}
                }
            }
        }
    }

    fn retry_reference(&mut self, value: &Expr) {
        let Some(name) = name(value) else { return };
        if !self.names.retry_policies.contains_key(name) {
            let known = self.names.retry_policies.keys().copied();
            let near = nearest(name, known, super::suggest::SUGGESTIONS_MAX);
            let message = format!("Type `{name}` does not exist.{}", did_you_mean(&near, '`'));
            self.error(UNKNOWN_RETRY_POLICY, value.span, message);
        }
    }

    fn strategy_references(&mut self, block: &ValueBlock, options: &Property) {
        for (name, span) in strategy(block, options) {
            if name.contains('/') || self.names.clients.contains_key(name) {
                continue;
            }
            let known = self.names.clients.keys().copied();
            let near = nearest(name, known, super::suggest::SUGGESTIONS_MAX);
            let message = format!("client `{name}` does not exist.{}", did_you_mean(&near, '`'));
            self.error(UNKNOWN_STRATEGY_CLIENT, span, message);
        }
    }

    /// Clients that hand calls on in a circle.
    pub(crate) fn client_cycles(&mut self) {
        let clients = &self.names.clients;
        let edges: Vec<Vec<usize>> = clients
            .values()
            .map(|block| {
                let options = properties(block).filter(|found| found.key.text == "options").last();
                let named = options.map(|options| strategy(block, options)).unwrap_or_default();
                named.iter().filter_map(|(name, _)| clients.get_index_of(name)).collect()
            })
            .collect();
        for group in cycles(&edges) {
            let names: Vec<&str> = group.iter().map(|at| clients.keys()[*at]).collect();
            let message = format!(
                "Error validating: These fallback clients form a dependency cycle: {}",
                names.join(" -> ")
            );
            let span = clients[group[0]].span;
            self.diagnostics.push(Diagnostic::error(CLIENT_CYCLE, span, message));
        }
    }
}

/// Why a value cannot name a provider.
fn wrong_provider(value: &Expr) -> Option<&'static str> {
    Some(match &value.kind {
        ExprKind::Env(_) => "Expected a statically defined string, not env variable",
        ExprKind::Jinja(..) => "Expected a statically defined string, not expression",
        ExprKind::List(_) => "Expected a string, not an array",
        ExprKind::Map(_) => "Expected a string, not a map",
        ExprKind::Bool(_) => "Expected a string, not a bool",
        ExprKind::Null => "Expected a string, not null",
        _ => return None,
    })
}

/// The clients that a client's strategy names, with their places.
fn strategy<'a>(block: &'a ValueBlock, options: &'a Property) -> Vec<(&'a str, Span)> {
    let composite = properties(block)
        .filter(|found| found.key.text == "provider")
        .filter_map(|found| found.value.as_ref()?.as_text())
        .last()
        .is_some_and(is_composite);
    let entry = map_entries(options).iter().rev().find(|entry| entry.key.text == "strategy");
    match entry.and_then(|entry| entry.value.as_ref()).map(|value| &value.kind) {
        Some(ExprKind::List(items)) if composite => {
            items.iter().filter_map(|item| Some((item.as_text()?, item.span))).collect()
        }
        _ => Vec::new(),
    }
}

/// The properties of a block, in source order.
pub(crate) fn properties(block: &ValueBlock) -> impl Iterator<Item = &Property> {
    block.entries.iter().filter_map(|entry| match entry {
        Entry::Property(property) => Some(property),
        _ => None,
    })
}

/// The entries of a property whose value is a map.
pub(crate) fn map_entries(property: &Property) -> &[MapEntry] {
    match &property.value {
        Some(Expr { kind: ExprKind::Map(entries), .. }) => entries,
        _ => &[],
    }
}

//! Clients and retry policies.

use std::sync::Arc;

use baml_syntax::tree::{Entry, Expr, ExprKind, MapEntry, Property, ValueBlock};

use super::Checker;
use super::options::{option_map, option_value};
use crate::client::{Client, OptionValue, RetryPolicy, RetryStrategy};

const DELAY_DEFAULT_MS: u64 = 200;
const DELAY_MAX_DEFAULT_MS: u64 = 10_000;
const MULTIPLIER_DEFAULT: f64 = 1.5;

impl Checker<'_> {
    /// Understands all clients.
    pub(crate) fn clients(&mut self) {
        for at in 0..self.names.clients.len() {
            let block: &ValueBlock = self.names.clients[at];
            let mut client = Client {
                name: block.name.text.clone(),
                provider: Default::default(),
                retry_policy: None,
                options: Default::default(),
                span: block.name.span,
            };
            for property in properties(block) {
                let text = property.value.as_ref().and_then(|value| value.as_text());
                match property.key.text.as_str() {
                    "provider" => client.provider = text.unwrap_or_default().into(),
                    "retry_policy" => client.retry_policy = text.map(Into::into),
                    "options" => client.options = option_map(map_entries(property)),
                    _ => {}
                }
            }
            self.schema.clients.insert(client.name.clone(), Arc::new(client));
        }
    }

    /// Understands all retry policies.
    pub(crate) fn retry_policies(&mut self) {
        for at in 0..self.names.retry_policies.len() {
            let block: &ValueBlock = self.names.retry_policies[at];
            let mut policy = RetryPolicy {
                name: block.name.text.clone(),
                retries_max: 0,
                strategy: RetryStrategy::Constant { delay_ms: DELAY_DEFAULT_MS },
            };
            for property in properties(block) {
                match (property.key.text.as_str(), property.value.as_ref()) {
                    ("max_retries", Some(value)) => {
                        policy.retries_max = int(value).unwrap_or(0) as u32;
                    }
                    ("strategy", Some(_)) => policy.strategy = strategy(map_entries(property)),
                    _ => {}
                }
            }
            self.schema.retry_policies.insert(policy.name.clone(), Arc::new(policy));
        }
    }
}

fn strategy(entries: &[MapEntry]) -> RetryStrategy {
    let options = option_map(entries);
    let ms = |key: &str, default| match options.get(key) {
        Some(OptionValue::Int(ms)) => u64::try_from(*ms).unwrap_or(0),
        _ => default,
    };
    let delay_ms = ms("delay_ms", DELAY_DEFAULT_MS);
    match options.get("type") {
        Some(OptionValue::String(kind)) if kind == "exponential_backoff" => {
            let multiplier = match options.get("multiplier") {
                Some(OptionValue::Int(value)) => *value as f64,
                Some(OptionValue::Float(value)) => *value,
                _ => MULTIPLIER_DEFAULT,
            };
            let delay_max_ms = ms("max_delay_ms", DELAY_MAX_DEFAULT_MS);
            RetryStrategy::Exponential { delay_ms, multiplier, delay_max_ms }
        }
        _ => RetryStrategy::Constant { delay_ms },
    }
}

/// A number that is not negative.
fn int(value: &Expr) -> Option<u64> {
    match option_value(value) {
        OptionValue::Int(int) => u64::try_from(int).ok(),
        _ => None,
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

//! Retry policies.

use std::sync::Arc;

use baml_syntax::Diagnostic;
use baml_syntax::tree::{Expr, ExprKind, MapEntry, Property, ValueBlock};

use super::Checker;
use super::absent::Absent;
use super::clients::{map_entries, properties};
use super::suggest::{SUGGESTIONS_MAX, did_you_mean, nearest};
use crate::catalogue::{PROPERTY_MISSING, RETRY_POLICY, UNKNOWN_KEY};
use crate::client::{RetryOptions, RetryPolicy, RetryStrategy};

const DELAY_DEFAULT_MS: u64 = 200;
const DELAY_MAX_DEFAULT_MS: u64 = 10_000;
const MULTIPLIER_DEFAULT: f64 = 1.5;
const KEYS: [&str; 3] = ["max_retries", "strategy", "options"];

/// The parts of a strategy as far as they could be read.
#[derive(Default)]
struct Parts {
    kind: Option<String>,
    delay_ms: Option<u64>,
    multiplier: Option<f64>,
    delay_max_ms: Option<u64>,
}

impl Checker<'_> {
    /// Understands all retry policies.
    pub(crate) fn retry_policies(&mut self) {
        for at in 0..self.names.retry_policies.len() {
            let block: &ValueBlock = self.names.retry_policies[at];
            let policy = self.retry_policy(block);
            self.schema.retry_policies.insert(policy.name.clone(), Arc::new(policy));
        }
    }

    fn retry_policy(&mut self, block: &ValueBlock) -> RetryPolicy {
        let mut retries = None;
        let mut strategy = RetryStrategy::Constant { delay_ms: DELAY_DEFAULT_MS };
        let mut options = RetryOptions::default();
        let mut absent = Absent::of(&["max_retries"]);
        for property in properties(block) {
            let Some(value) = &property.value else {
                absent.valueless(&property.key.text);
                continue;
            };
            match property.key.text.as_str() {
                "max_retries" => retries = self.wanted_int(value).or(retries),
                "strategy" => strategy = self.retry_strategy(property).unwrap_or(strategy),
                "options" if matches!(value.kind, ExprKind::Map(_)) => {
                    options = self.retry_options(map_entries(property));
                }
                "options" => {
                    let message = "Error validating: `options` must be a map";
                    self.error(RETRY_POLICY, value.span, message);
                }
                other => self.unknown_key(other, property, &KEYS, &mut absent),
            }
        }
        if retries.is_none() {
            let message = "Error validating: Missing `max_reties` property";
            let found = Diagnostic::error(PROPERTY_MISSING, block.name.span, message);
            self.diagnostics.push(found.following(!absent.lacks("max_retries")));
        }
        let retries_max = u32::try_from(retries.unwrap_or(0).max(0)).unwrap_or(u32::MAX);
        RetryPolicy { name: block.name.text.clone(), retries_max, strategy, options }
    }

    /// Whatever else stands there is passed over, as it is officially.
    fn retry_options(&mut self, entries: &[MapEntry]) -> RetryOptions {
        let mut options = RetryOptions::default();
        for entry in entries {
            let Some(value) = &entry.value else { continue };
            match entry.key.text.as_str() {
                "retry_refused" => options.retry_refused = self.wanted_bool(value) == Some(true),
                "retry_after" => {
                    options.ignore_retry_after = self.wanted_bool(value) == Some(false);
                }
                "retry_after_max_ms" => {
                    let limit = self.wanted_int(value);
                    options.retry_after_max_ms = limit.map(|ms| u64::try_from(ms).unwrap_or(0));
                }
                _ => {}
            }
        }
        options
    }

    fn wanted_bool(&mut self, value: &Expr) -> Option<bool> {
        if let ExprKind::Bool(value) = value.kind {
            return Some(value);
        }
        self.wrong_value(value, "bool");
        None
    }

    /// Tells of a property that the block does not know.
    pub(crate) fn unknown_key(
        &mut self,
        key: &str,
        property: &Property,
        known: &[&str],
        absent: &mut Absent,
    ) {
        let near = nearest(key, known.iter().copied(), SUGGESTIONS_MAX);
        let message = format!("Property not known: \"{key}\".{}", did_you_mean(&near, '"'));
        let found = Diagnostic::error(UNKNOWN_KEY, property.key.span, message);
        let found = found.following(absent.is_open());
        // The message names it already.
        let found = Diagnostic { help: None, ..absent.misspelt(key, found) };
        self.diagnostics.push(found);
    }

    fn wanted_int(&mut self, value: &Expr) -> Option<i64> {
        if let ExprKind::Number(text) = &value.kind
            && let Ok(int) = text.parse()
        {
            return Some(int);
        }
        self.wrong_value(value, "numeric");
        None
    }

    fn retry_strategy(&mut self, property: &Property) -> Option<RetryStrategy> {
        let value = property.value.as_ref()?;
        if !matches!(value.kind, ExprKind::Map(_)) {
            self.wrong_value(value, "map");
        }
        let entries = map_entries(property);
        let parts = self.strategy_parts(entries);
        let delay_ms = parts.delay_ms.unwrap_or(DELAY_DEFAULT_MS);
        match parts.kind.as_deref() {
            Some("constant_delay") => {
                for entry in entries {
                    self.constant_without(entry);
                }
                Some(RetryStrategy::Constant { delay_ms })
            }
            Some("exponential_backoff") => Some(RetryStrategy::Exponential {
                delay_ms,
                multiplier: parts.multiplier.unwrap_or(MULTIPLIER_DEFAULT),
                delay_max_ms: parts.delay_max_ms.unwrap_or(DELAY_MAX_DEFAULT_MS),
            }),
            Some(other) => {
                let message = format!(
                    "Error validating: Unknown retry strategy type: {other}. Options are \
                     `constant_delay` or `exponential_backoff`"
                );
                let kind = entries.iter().find(|entry| entry.key.text == "type");
                let place = kind.and_then(|entry| entry.value.as_ref()).unwrap_or(value);
                self.error(RETRY_POLICY, place.span, message);
                None
            }
            None => {
                let message = "The required property \"type\" on \"strategy\" is missing.";
                self.error(PROPERTY_MISSING, property.span, message);
                None
            }
        }
    }

    fn strategy_parts(&mut self, entries: &[MapEntry]) -> Parts {
        let mut parts = Parts::default();
        let ms = |int: i64| u64::try_from(int).unwrap_or(0);
        for entry in entries {
            let Some(value) = &entry.value else { continue };
            match entry.key.text.as_str() {
                "type" if self.wants_name(value, "string") => {
                    parts.kind = value.as_text().map(str::to_owned);
                }
                "delay_ms" => parts.delay_ms = self.wanted_int(value).map(ms),
                "max_delay_ms" => parts.delay_max_ms = self.wanted_int(value).map(ms),
                "multiplier" => match &value.kind {
                    ExprKind::Number(text) => parts.multiplier = text.parse().ok(),
                    _ => self.wrong_value(value, "float"),
                },
                _ => {}
            }
        }
        parts
    }

    fn constant_without(&mut self, entry: &MapEntry) {
        let key = entry.key.text.as_str();
        if let (Some(value), "multiplier" | "max_delay_ms") = (&entry.value, key) {
            let message = format!(
                "Error validating: The `{key}` option is not supported for the `constant_delay` \
                 strategy"
            );
            self.error(RETRY_POLICY, value.span, message);
        }
    }
}

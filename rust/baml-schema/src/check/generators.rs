//! Generators: which properties they have and what these may say.

use std::sync::Arc;

use baml_syntax::tree::ValueBlock;
use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::Checker;
use super::clients::properties;
use super::options::{is_name, name};
use super::suggest::{did_you_mean, nearest};
use crate::catalogue::{DUPLICATE_KEY, GENERATOR_VALUE, PROPERTY_MISSING, UNKNOWN_KEY};
use crate::project::{ClientMode, Generator};

const KEYS: [&str; 8] = [
    "output_type",
    "output_dir",
    "version",
    "default_client_mode",
    "on_generate",
    "client_package_name",
    "module_format",
    "project",
];
const OUTPUT_TYPES: [&str; 9] = [
    "rest/openapi",
    "python/pydantic",
    "python/pydantic/v1",
    "typescript",
    "typescript/react",
    "ruby/sorbet",
    "go",
    "rust",
    "boundary-cloud",
];
/// So many output types are suggested in place of an unknown one.
const OUTPUT_TYPES_SUGGESTED: usize = 3;

impl Checker<'_> {
    /// Understands all generators.
    pub(crate) fn generators(&mut self) {
        for at in 0..self.names.generators.len() {
            let block: &ValueBlock = self.names.generators[at];
            let text = |key: &str| -> Option<SmolStr> {
                let property = properties(block).find(|found| found.key.text == key)?;
                Some(property.value.as_ref()?.as_text()?.into())
            };
            let generator = Generator {
                name: block.name.text.clone(),
                output_type: text("output_type").unwrap_or_default(),
                output_dir: text("output_dir"),
                version: text("version"),
                default_client_mode: match text("default_client_mode").as_deref() {
                    Some("sync") => Some(ClientMode::Sync),
                    Some("async") => Some(ClientMode::Async),
                    _ => None,
                },
                on_generate: text("on_generate"),
                client_package_name: text("client_package_name"),
                module_format: text("module_format"),
                span: block.name.span,
            };
            self.schema.generators.insert(generator.name.clone(), Arc::new(generator));
        }
    }

    /// Whether generators have only properties that are known, each once.
    pub(crate) fn check_generator_keys(&mut self) {
        for at in 0..self.names.generators.len() {
            let block: &ValueBlock = self.names.generators[at];
            let mut seen: FxHashSet<&str> = FxHashSet::default();
            for property in properties(block) {
                let key = property.key.text.as_str();
                if !KEYS.contains(&key) {
                    let near = nearest(key, KEYS, KEYS.len());
                    let message =
                        format!("Property not known: \"{key}\".{}", did_you_mean(&near, '"'));
                    self.error(UNKNOWN_KEY, property.span, message);
                } else if seen.contains(key) {
                    let name = &block.name.text;
                    let message =
                        format!("Key \"{key}\" is already defined in generator \"{name}\".");
                    self.error(DUPLICATE_KEY, property.span, message);
                }
                seen.insert(key);
            }
        }
    }

    /// Whether the values of all generators are ones that exist.
    pub(crate) fn check_generators(&mut self) {
        for at in 0..self.names.generators.len() {
            let block: &ValueBlock = self.names.generators[at];
            let told = self.diagnostics.len();
            let mut output_type = None;
            let mut package = false;
            for property in properties(block) {
                let Some(value) = &property.value else { continue };
                let key = property.key.text.as_str();
                let Some(text) = name(value).filter(|_| is_name(value)) else {
                    if key == "project" {
                        continue;
                    }
                    let message = format!("Error validating: `{key}` must be a string.");
                    self.error(GENERATOR_VALUE, value.span, message);
                    output_type = output_type.or((key == "output_type").then_some(""));
                    package |= key == "client_package_name";
                    continue;
                };
                match key {
                    "output_type" => output_type = Some(text),
                    "client_package_name" => package = true,
                    _ => {}
                }
                if let Some(message) = wrong_value(key, text) {
                    self.error(GENERATOR_VALUE, value.span, message);
                }
            }
            let missing = match output_type {
                None => "The `output_type` argument is required for a generator.",
                Some("go") if !package && self.diagnostics.len() == told => {
                    "client_package_name is required for a go generator"
                }
                Some(_) => continue,
            };
            self.error(PROPERTY_MISSING, block.span, format!("Error validating: {missing}"));
        }
    }

    /// The languages that clients are generated for.
    pub(crate) fn output_types(&self) -> Vec<SmolStr> {
        let mut types: Vec<SmolStr> =
            self.schema.generators.values().map(|one| one.output_type.clone()).collect();
        types.sort_unstable();
        types.dedup();
        types
    }
}

/// What is wrong with the value of a property.
fn wrong_value(key: &str, text: &str) -> Option<String> {
    let of = |known: &[&str], list: &str| {
        (!known.contains(&text))
            .then(|| format!("Error validating: '{text}' is not supported. Use one of: {list}"))
    };
    match key {
        "output_type" if !OUTPUT_TYPES.contains(&text) => {
            let near = nearest(text, OUTPUT_TYPES, OUTPUT_TYPES_SUGGESTED);
            Some(format!("output_type {text} not found.{}", did_you_mean(&near, '`')))
        }
        "version" if !is_version(text) => {
            Some(format!("Error validating: Invalid semver version string: '{text}'"))
        }
        "default_client_mode" => of(&["async", "sync"], "'async' or 'sync'"),
        "module_format" => of(&["cjs", "esm"], "'cjs' or 'esm'"),
        "project" if !text.starts_with('@') || !text.contains('/') => Some(
            "Error validating: `project` must be a fully-qualified project ID, i.e. \
             @boundaryml/baml"
                .to_owned(),
        ),
        _ => None,
    }
}

/// `1.2.3`, perhaps with `-pre` and `+build` behind it.
fn is_version(text: &str) -> bool {
    let core = text.split(['-', '+']).next().unwrap_or("");
    let parts: Vec<&str> = core.split('.').collect();
    let number = |part: &&str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_digit())
            && (part.len() == 1 || !part.starts_with('0'))
    };
    let tail = &text[core.len()..];
    let tail_ok = tail.len() != 1
        && tail.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+'));
    parts.len() == 3 && parts.iter().all(number) && tail_ok
}

//! Tests: what they call, with what, and what must hold.

use std::sync::Arc;

use baml_syntax::tree::{
    Attribute, Entry, ExprKind, Item, Name, Property, TypeBlock, TypeBuilderBlock, ValueBlock,
};
use baml_syntax::{Diagnostic, Span, Tree};
use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::Checker;
use super::absent::Absent;
use super::additions::{is_dynamic, understand};
use super::attributes::meaning;
use super::clients::{map_entries, properties};
use super::options::{is_name, name, option_map};
use super::suggest::{SUGGESTIONS_MAX, did_you_mean, nearest};
use crate::catalogue::{
    DUPLICATE_KEY, DUPLICATE_NAME, NOT_DYNAMIC, PROPERTY_MISSING, TEST_FUNCTION,
    UNKNOWN_ALIAS_TARGET, VALUE_KIND,
};
use crate::project::Test;

const KEYS: [&str; 2] = ["functions", "args"];

impl Checker<'_> {
    /// Understands all tests.
    pub(crate) fn tests(&mut self) {
        for at in 0..self.names.tests.len() {
            let block: &ValueBlock = self.names.tests[at];
            let constraints = meaning(block_attributes(block)).constraints;
            let mut test = Test {
                name: block.name.text.clone(),
                functions: Vec::new(),
                args: Default::default(),
                constraints,
                type_builder: type_builder(block).map(|found| self.builder_text(found)),
                span: block.name.span,
            };
            self.test_keys(block);
            self.test_attributes(block);
            if let Some(builder) = type_builder(block) {
                self.check_builder(builder);
            }
            for property in properties(block) {
                match property.key.text.as_str() {
                    "functions" => {
                        let named = listed(property);
                        test.functions = named.map(|(name, _)| SmolStr::from(name)).collect();
                    }
                    "args" => test.args = option_map(map_entries(property)),
                    _ => {}
                }
            }
            self.schema.tests.push(Arc::new(test));
        }
    }

    /// Which properties a test has, and of which kinds they are.
    fn test_keys(&mut self, block: &ValueBlock) {
        let mut seen: FxHashSet<&str> = FxHashSet::default();
        let mut has_args = false;
        let mut has_functions = false;
        let mut absent = Absent::of(&["functions", "args"]);
        for property in properties(block) {
            let Some(value) = &property.value else {
                absent.valueless(&property.key.text);
                continue;
            };
            let key = property.key.text.as_str();
            if seen.contains(key) {
                let message = format!(
                    "Key \"{key}\" is already defined in test_case \"{}\".",
                    block.name.text
                );
                self.error(DUPLICATE_KEY, property.span, message);
                continue;
            }
            seen.insert(key);
            match (key, &value.kind) {
                ("functions", ExprKind::List(items)) => {
                    has_functions = items.iter().all(is_name);
                    for item in items.iter().filter(|item| !is_name(item)) {
                        self.wrong_value(item, "string");
                    }
                }
                ("functions", _) => has_functions = self.wants_name(value, "string"),
                ("args", ExprKind::Map(_)) => has_args = true,
                ("args", _) => {
                    let message = "Error validating: `args` must be a map";
                    self.error(VALUE_KIND, value.span, message);
                }
                _ => self.unknown_key(key, property, &KEYS, &mut absent),
            }
        }
        let name = block.name.span;
        // What stands behind something unreadable may belong into it.
        let builder = type_builder(block).into_iter().flat_map(|builder| &builder.items);
        let unread = builder.into_iter().any(|item| matches!(item, Item::Invalid(_)));
        let told = self.diagnostics.len();
        if !has_functions {
            self.error(
                PROPERTY_MISSING,
                name,
                "Error validating: Test case must have a functions field",
            );
            self.error(PROPERTY_MISSING, name, "Error validating: Missing `functions` property");
            self.follow(told, unread || !absent.lacks("functions"));
        } else if !has_args {
            self.error(PROPERTY_MISSING, name, "Error validating: Missing `args` property");
            self.follow(told, unread || !absent.lacks("args"));
        }
    }

    /// What stands between the braces.
    fn builder_text(&self, block: &TypeBuilderBlock) -> Arc<str> {
        let text = self.sources.text(block.span);
        let inner = text.find('{').map_or("", |at| &text[at + 1..]);
        inner.strip_suffix('}').unwrap_or(inner).into()
    }

    /// Whether what tests name exists, and whether their arguments fit.
    pub(crate) fn check_tests(&mut self) {
        for at in 0..self.names.tests.len() {
            let block: &ValueBlock = self.names.tests[at];
            if let Some(builder) = type_builder(block) {
                self.check_built_types(builder);
            }
            for property in properties(block).filter(|found| found.key.text == "functions") {
                for (name, span) in listed(property) {
                    self.test_function(block, name, span);
                }
            }
        }
    }

    fn test_function(&mut self, block: &ValueBlock, name: &str, span: Span) {
        if self.names.workflows.contains(name) {
            return;
        }
        let Some(function) = self.schema.functions.get(name).cloned() else {
            let known = self.names.functions.keys().copied();
            let near = nearest(name, known, SUGGESTIONS_MAX);
            let message = format!("Type `{name}` does not exist.{}", did_you_mean(&near, '`'));
            self.warning(TEST_FUNCTION, span, message);
            self.warning(TEST_FUNCTION, span, format!("Function '{name}' not found"));
            return;
        };
        self.test_arguments(block, &function);
    }

    /// Whether a type builder opens only types that are open, and declares only new names.
    fn check_builder(&mut self, builder: &TypeBuilderBlock) {
        for item in &builder.items {
            match item {
                Item::Type(block) if block.dynamic.is_some() => self.check_extension(block),
                Item::Type(block) if matches!(block.keyword.text.as_str(), "class" | "enum") => {
                    self.check_new(&block.keyword.text, &block.name);
                }
                Item::Alias(alias) => self.check_new("type_alias", &alias.name),
                _ => {}
            }
        }
    }

    /// Whether a name was told with this id.
    fn is_told(&self, id: &str, name: &str) -> bool {
        let mut told = self.diagnostics.iter();
        told.any(|found| found.id == id && self.sources.text(found.span) == name)
    }

    fn check_new(&mut self, kind: &str, name: &Name) {
        let key = name.text.as_str();
        let class = self.names.classes.get(key).map(|block| ("class", block.name.span));
        let found = class
            .or(self.names.enums.get(key).map(|block| ("enum", block.name.span)))
            .or(self.names.aliases.get(key).map(|alias| ("type_alias", alias.name.span)));
        let Some((other, span)) = found else { return };
        for (own, its, place) in [(kind, other, name.span), (other, kind, span)] {
            let message = format!(
                "The {own} \"{key}\" cannot be re-defined because a {its} with that name already \
                 exists."
            );
            self.error(DUPLICATE_NAME, place, message);
        }
    }

    /// Whether what a type builder declares makes sense beside the project's types.
    fn check_built_types(&mut self, builder: &TypeBuilderBlock) {
        let (dynamic, items): (Vec<Item>, Vec<Item>) =
            builder.items.iter().cloned().partition(is_dynamic);
        let declared = [Tree { items, ..Tree::default() }];
        if let Err(mut found) = understand(&self.schema, self.sources, &declared, &dynamic) {
            self.diagnostics.append(&mut found);
        }
    }

    fn check_extension(&mut self, block: &TypeBlock) {
        let name = block.name.text.as_str();
        let class = self.schema.classes.get(name).map(|class| ("class", class.dynamic));
        let found = class.or(self.schema.enums.get(name).map(|found| ("enum", found.dynamic)));
        let keyword = block.keyword.text.as_str();
        let message = match found {
            Some((kind, _)) if kind != keyword => {
                let article = if kind == "enum" { "an" } else { "a" };
                format!(
                    "Error validating: Type '{name}' is {article} {kind}, but the dynamic block is \
                     defined as 'dynamic {keyword}'"
                )
            }
            Some((_, true)) => return,
            Some((_, false)) => format!(
                "Error validating: Type '{name}' does not contain the `@@dynamic` attribute so it \
                 cannot be modified in a type builder block"
            ),
            None => format!("Error validating: Type '{name}' not found"),
        };
        // It may be declared where nobody could read, or was told to be unknown.
        let follows =
            found.is_none() && (self.names.incomplete || self.is_told(UNKNOWN_ALIAS_TARGET, name));
        let found = Diagnostic::error(NOT_DYNAMIC, block.span, message).following(follows);
        self.diagnostics.push(found);
    }
}

/// The names that `functions` lists, with their places; one alone may stand without brackets.
pub(crate) fn listed(property: &Property) -> impl Iterator<Item = (&str, Span)> {
    let value = property.value.as_ref();
    let items = match value.map(|value| &value.kind) {
        Some(ExprKind::List(items)) if items.iter().all(is_name) => items.as_slice(),
        _ => value.map(std::slice::from_ref).unwrap_or_default(),
    };
    items.iter().filter_map(|item| Some((name(item)?, item.span)))
}

fn type_builder(block: &ValueBlock) -> Option<&TypeBuilderBlock> {
    block.entries.iter().find_map(|entry| match entry {
        Entry::TypeBuilder(found) => Some(found),
        _ => None,
    })
}

/// The `@@` attributes of a block.
pub(crate) fn block_attributes(block: &ValueBlock) -> impl Iterator<Item = &Attribute> {
    block.entries.iter().filter_map(|entry| match entry {
        Entry::Attribute(attribute) => Some(attribute),
        _ => None,
    })
}

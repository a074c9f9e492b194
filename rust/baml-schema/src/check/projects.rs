//! Generators and tests.

use std::sync::Arc;

use baml_syntax::tree::{Attribute, Entry, ExprKind, TypeBuilderBlock, ValueBlock};
use smol_str::SmolStr;

use super::Checker;
use super::clients::{map_entries, properties};
use super::options::option_map;
use crate::project::{ClientMode, Generator, Test};

impl Checker<'_> {
    /// Understands all generators.
    pub(crate) fn generators(&mut self) {
        for at in 0..self.names.generators.len() {
            let block: &ValueBlock = self.names.generators[at];
            let text = |key: &str| -> Option<SmolStr> {
                let property = properties(block).filter(|found| found.key.text == key).last()?;
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

    /// Understands all tests.
    pub(crate) fn tests(&mut self) {
        for at in 0..self.names.tests.len() {
            let block: &ValueBlock = self.names.tests[at];
            let constraints = self.meaning(block_attributes(block)).constraints;
            let mut test = Test {
                name: block.name.text.clone(),
                functions: Vec::new(),
                args: Default::default(),
                constraints,
                type_builder: type_builder(block).map(|found| self.builder_text(found)),
                span: block.name.span,
            };
            for property in properties(block) {
                match (property.key.text.as_str(), property.value.as_ref().map(|v| &v.kind)) {
                    ("functions", Some(ExprKind::List(items))) => {
                        let names = items.iter().filter_map(|item| item.as_text());
                        test.functions = names.map(SmolStr::from).collect();
                    }
                    ("args", _) => test.args = option_map(map_entries(property)),
                    _ => {}
                }
            }
            self.schema.tests.push(Arc::new(test));
        }
    }

    /// What stands between the braces.
    fn builder_text(&self, block: &TypeBuilderBlock) -> Arc<str> {
        let text = self.sources.text(block.span);
        let inner = text.find('{').map_or("", |at| &text[at + 1..]);
        inner.strip_suffix('}').unwrap_or(inner).into()
    }
}

fn type_builder(block: &ValueBlock) -> Option<&TypeBuilderBlock> {
    block.entries.iter().find_map(|entry| match entry {
        Entry::TypeBuilder(found) => Some(found),
        _ => None,
    })
}

fn block_attributes(block: &ValueBlock) -> impl Iterator<Item = &Attribute> {
    block.entries.iter().filter_map(|entry| match entry {
        Entry::Attribute(attribute) => Some(attribute),
        _ => None,
    })
}

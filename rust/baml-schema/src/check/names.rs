//! What is declared, by name.
//!
//! Invariant: a position in `classes` or `enums` is the id that the schema will use.

use baml_syntax::Diagnostic;
use baml_syntax::tree::{Item, TemplateString, Tree, TypeAlias, TypeBlock, ValueBlock};
use indexmap::IndexMap;

/// The declarations of a project.
#[derive(Default)]
pub(crate) struct Names<'a> {
    pub(crate) classes: IndexMap<&'a str, &'a TypeBlock>,
    pub(crate) enums: IndexMap<&'a str, &'a TypeBlock>,
    pub(crate) aliases: IndexMap<&'a str, &'a TypeAlias>,
    pub(crate) functions: IndexMap<&'a str, &'a ValueBlock>,
    pub(crate) clients: IndexMap<&'a str, &'a ValueBlock>,
    pub(crate) retry_policies: IndexMap<&'a str, &'a ValueBlock>,
    pub(crate) generators: IndexMap<&'a str, &'a ValueBlock>,
    pub(crate) templates: IndexMap<&'a str, &'a TemplateString>,
    pub(crate) tests: Vec<&'a ValueBlock>,
}

impl<'a> Names<'a> {
    /// Finds all declarations; the first of a name counts.
    pub(crate) fn collect(trees: &'a [Tree], _diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut names = Self::default();
        for item in trees.iter().flat_map(|tree| &tree.items) {
            names.add(item);
        }
        names
    }

    fn add(&mut self, item: &'a Item) {
        match item {
            Item::Type(block) => {
                let map = match block.keyword.text.as_str() {
                    "class" => &mut self.classes,
                    "enum" => &mut self.enums,
                    _ => return,
                };
                map.entry(&block.name.text).or_insert(block);
            }
            Item::Alias(alias) => {
                self.aliases.entry(&alias.name.text).or_insert(alias);
            }
            Item::Template(template) => {
                self.templates.entry(&template.name.text).or_insert(template);
            }
            Item::Value(block) => self.add_value(block),
            Item::Unsupported(_) | Item::Invalid(_) => {}
        }
    }

    fn add_value(&mut self, block: &'a ValueBlock) {
        let map = match block.keyword.text.as_str() {
            "function" => &mut self.functions,
            "client" => &mut self.clients,
            "retry_policy" => &mut self.retry_policies,
            "generator" => &mut self.generators,
            _ => {
                self.tests.push(block);
                return;
            }
        };
        map.entry(&block.name.text).or_insert(block);
    }
}

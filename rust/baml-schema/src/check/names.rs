//! What is declared, by name; names that are declared twice, or may not be declared at all.
//!
//! Invariant: the first declaration of a name counts, so a position is the same in the schema.

use std::collections::BTreeMap;

use baml_syntax::tree::{
    Item, Member, Name, TemplateString, Tree, TypeAlias, TypeBlock, ValueBlock,
};
use baml_syntax::{Diagnostic, Span};
use indexmap::IndexMap;
use rustc_hash::FxHashSet;

use crate::catalogue::{
    DUPLICATE_FIELD, DUPLICATE_NAME, DUPLICATE_TEST, DUPLICATE_VALUE, RESERVED_NAME,
};
use crate::check::clients::properties;

/// Names that look like types of other languages and are kept free.
const RESERVED: [&str; 4] = ["String", "Int", "Float", "Json"];

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
    /// Functions that are written in the workflow language.
    pub(crate) workflows: FxHashSet<&'a str>,
    /// Whether a part of the text could not be read, so that a name may be declared unseen.
    pub(crate) incomplete: bool,
    /// From where on that is so.
    unread: Vec<Span>,
}

/// Who declares a name: kind and place of each.
#[derive(Default)]
struct Declared<'a> {
    shared: IndexMap<&'a str, Vec<(&'static str, Span)>>,
    generators: IndexMap<&'a str, Vec<(&'static str, Span)>>,
}

impl<'a> Names<'a> {
    /// Finds all declarations.
    pub(crate) fn collect(trees: &'a [Tree], diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut names = Self::default();
        let mut declared = Declared::default();
        for item in trees.iter().flat_map(|tree| &tree.items) {
            names.add(item, &mut declared);
        }
        for block in names.classes.values() {
            repeated_members(block, DUPLICATE_FIELD, "Field", diagnostics);
        }
        for block in names.enums.values() {
            repeated_members(block, DUPLICATE_VALUE, "Value", diagnostics);
        }
        for (name, places) in declared.shared.iter().chain(&declared.generators) {
            let told = diagnostics.len();
            repeated_names(name, places, diagnostics);
            let follows = places.iter().any(|(_, place)| names.is_doubtful(*place));
            for found in diagnostics.iter_mut().skip(told) {
                found.consequence = follows;
            }
        }
        repeated_tests(&names.tests, diagnostics);
        names
    }

    /// Whether a place lies behind something that could not be read.
    fn is_doubtful(&self, place: Span) -> bool {
        let mut unread = self.unread.iter();
        unread.any(|from| from.file == place.file && from.start <= place.start)
    }

    fn add(&mut self, item: &'a Item, declared: &mut Declared<'a>) {
        match item {
            Item::Type(block) => {
                let (map, kind) = match block.keyword.text.as_str() {
                    "class" => (&mut self.classes, "class"),
                    "enum" => (&mut self.enums, "enum"),
                    _ => return,
                };
                declare(&mut declared.shared, &block.name, kind);
                map.entry(&block.name.text).or_insert(block);
            }
            Item::Alias(alias) => {
                declare(&mut declared.shared, &alias.name, "type_alias");
                self.aliases.entry(&alias.name.text).or_insert(alias);
            }
            Item::Template(template) => {
                declare(&mut declared.shared, &template.name, "template_string");
                self.templates.entry(&template.name.text).or_insert(template);
            }
            Item::Value(block) => self.add_value(block, declared),
            Item::Unsupported(refused) => {
                self.workflows.insert(&refused.name.text);
            }
            Item::Invalid(span) => {
                self.incomplete = true;
                self.unread.push(*span);
            }
        }
    }

    fn add_value(&mut self, block: &'a ValueBlock, declared: &mut Declared<'a>) {
        let (map, kind) = match block.keyword.text.as_str() {
            "function" => (&mut self.functions, "function"),
            "client" => (&mut self.clients, "client<llm>"),
            "retry_policy" => (&mut self.retry_policies, "retry_policy"),
            "generator" => {
                declare(&mut declared.generators, &block.name, "generator");
                self.generators.entry(&block.name.text).or_insert(block);
                return;
            }
            _ => {
                if RESERVED.contains(&block.name.text.as_str()) {
                    declare(&mut declared.generators, &block.name, "test");
                }
                self.tests.push(block);
                return;
            }
        };
        declare(&mut declared.shared, &block.name, kind);
        map.entry(&block.name.text).or_insert(block);
    }
}

fn declare<'a>(
    map: &mut IndexMap<&'a str, Vec<(&'static str, Span)>>,
    name: &'a Name,
    kind: &'static str,
) {
    map.entry(&name.text).or_default().push((kind, name.span));
}

/// Tells at each place where `name` is declared that the others exist.
fn repeated_names(name: &str, places: &[(&'static str, Span)], diagnostics: &mut Vec<Diagnostic>) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (kind, _) in places {
        *counts.entry(kind).or_default() += 1;
    }
    for (at, (kind, span)) in places.iter().enumerate() {
        if RESERVED.contains(&name) {
            let message = format!("\"{name}\" is a reserved scalar type name and cannot be used.");
            diagnostics.push(Diagnostic::error(RESERVED_NAME, *span, message));
            continue;
        }
        let others = counts.iter().filter(|(other, count)| *other != kind || **count > 1);
        let others: Vec<&str> = others.map(|(other, _)| *other).collect();
        let why = match others.as_slice() {
            [] => continue,
            [other] if places.len() == 2 => format!("a {other} with that name already exists."),
            [other] => format!("it is already defined as a {other}."),
            all => format!("it is already defined as one of these: \"{}\".", all.join("\", \"")),
        };
        let message = format!("The {kind} \"{name}\" cannot be re-defined because {why}");
        let found = Diagnostic::error(DUPLICATE_NAME, *span, message);
        // Every place is told of by itself; the label only says where to look next.
        let (kind, next) = places[usize::from(at == 0)];
        diagnostics.push(found.with_label(next, format!("this {kind} too")));
    }
}

fn repeated_members(
    block: &TypeBlock,
    id: &'static str,
    what: &str,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut seen = FxHashSet::default();
    for member in &block.members {
        let Member::Field(field) = member else { continue };
        if !seen.insert(&field.name.text) {
            let message = format!(
                "{what} \"{}\" is already defined on {} \"{}\".",
                field.name.text, block.keyword.text, block.name.text
            );
            diagnostics.push(Diagnostic::error(id, field.name.span, message));
        }
    }
}

/// A name names one test of a function.
fn repeated_tests(tests: &[&ValueBlock], diagnostics: &mut Vec<Diagnostic>) {
    let mut seen: IndexMap<(&str, &str), Vec<Span>> = IndexMap::new();
    for test in tests {
        let mut listing = properties(test).filter(|found| found.key.text == "functions");
        if let Some(property) = listing.next() {
            for (function, span) in super::projects::listed(property) {
                seen.entry((&test.name.text, function)).or_default().push(span);
            }
        }
    }
    for ((test, function), places) in seen.iter().filter(|(_, places)| places.len() > 1) {
        for span in places {
            let message = format!("Test \"{test}\" is already defined for function \"{function}\"");
            diagnostics.push(Diagnostic::error(DUPLICATE_TEST, *span, message));
        }
    }
}

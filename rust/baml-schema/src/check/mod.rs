//! Trees → [`Schema`]: names are resolved, types built, rules checked, findings told.
//!
//! [`names`] knows what is declared, [`types`] turns written types into types, and one file for
//! each kind of declaration does the rest.
//!
//! Invariant: whatever the trees hold, a schema comes out; with an error among the diagnostics it
//! is not to be used for calls.

mod absent;
mod additions;
mod aliases;
mod attributes;
mod blocks;
mod client_options;
mod clients;
mod constraints;
mod cycles;
mod example;
mod functions;
mod generators;
mod http_options;
mod keywords;
mod misnamed;
mod names;
mod option_reader;
mod options;
mod projects;
mod retries;
mod roles;
mod suggest;
mod test_arguments;
mod types;

pub(crate) use additions::additions;
use baml_syntax::tree::Expr;
use baml_syntax::{Diagnostic, Severity, SourceMap, Span};
pub(crate) use blocks::required_cycles;

use crate::catalogue::VALUE_KIND;
use crate::schema::Schema;
use names::Names;
use types::Aliases;

/// What all checks share.
pub(crate) struct Checker<'a> {
    pub(crate) sources: &'a SourceMap,
    pub(crate) names: Names<'a>,
    pub(crate) aliases: Aliases,
    /// What was declared before; empty for a project. Its ids come before those of `names`.
    pub(crate) base: &'a Schema,
    pub(crate) schema: Schema,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Parses and checks all files of a project, everything but its Jinja.
///
/// Checking goes on in stages, and a stage with errors is the last one: what follows from an error
/// is not told.
pub fn check(sources: &SourceMap) -> (Schema, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let mut trees = Vec::new();
    for (file, source) in sources.iter() {
        let (tree, found) = baml_syntax::parse(file, &source.text);
        trees.push(tree);
        diagnostics.extend(found);
    }
    let names = Names::collect(&trees, &mut diagnostics);
    let (aliases, base, schema) = (Aliases::default(), Schema::default(), Schema::default());
    let mut checker = Checker { sources, names, aliases, base: &base, schema, diagnostics };
    checker.run();
    let mut diagnostics = checker.diagnostics;
    without_repetitions(&mut diagnostics);
    (checker.schema, diagnostics)
}

/// What is told twice in the same words of the same place is told once.
fn without_repetitions(diagnostics: &mut Vec<Diagnostic>) {
    let mut seen = rustc_hash::FxHashSet::default();
    diagnostics.retain(|found| seen.insert((found.span, found.message.clone())));
}

impl Checker<'_> {
    fn run(&mut self) {
        self.aliases();
        self.enums();
        self.classes();
        self.templates();
        self.retry_policies();
        self.clients();
        self.functions();
        self.generators();
        self.tests();
        let stages: [fn(&mut Self); 6] = [
            Self::check_attributes,
            Self::alias_attributes,
            Self::check_generator_keys,
            Self::check_generators,
            Self::check_meaning,
            Self::check_cycles,
        ];
        for stage in stages {
            if self.diagnostics.iter().any(|found| found.severity == Severity::Error) {
                return;
            }
            stage(self);
        }
    }

    /// Types, constraints, references: everything that needs all names.
    fn check_meaning(&mut self) {
        self.schema.references_checked = true;
        let told = self.diagnostics.len();
        self.check_types();
        self.check_fields();
        self.check_constraints();
        self.client_references();
        self.function_references();
        self.fold_misnamed(told);
        self.check_tests();
    }

    /// Circles, which can be told once every name is known.
    fn check_cycles(&mut self) {
        self.alias_cycles();
        self.class_cycles();
        self.client_cycles();
    }

    pub(crate) fn error(&mut self, id: &'static str, span: Span, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(id, span, message));
    }

    /// Marks what was told from a position on as consequences of what was told before, if it is.
    pub(crate) fn follow(&mut self, told: usize, follows: bool) {
        for found in self.diagnostics.iter_mut().skip(told).filter(|_| follows) {
            found.consequence = true;
        }
    }

    pub(crate) fn warning(&mut self, id: &'static str, span: Span, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::warning(id, span, message));
    }

    /// Whether a property's value can be a name; another kind is told.
    pub(crate) fn wants_name(&mut self, value: &Expr, wanted: &str) -> bool {
        let name = options::is_name(value);
        if !name {
            self.wrong_value(value, wanted);
        }
        name
    }

    /// Tells that a property's value is of another kind than it should be.
    pub(crate) fn wrong_value(&mut self, value: &Expr, wanted: &str) {
        let message = format!(
            "Expected a {wanted} value, but received {} value `{}`.",
            options::written_kind(value),
            options::written(value)
        );
        self.error(VALUE_KIND, value.span, message);
    }
}

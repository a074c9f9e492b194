//! Trees → [`Schema`]: names are resolved, types built, rules checked, findings told.
//!
//! [`names`] knows what is declared, [`types`] turns written types into types, and one file for
//! each kind of declaration does the rest.
//!
//! Invariant: whatever the trees hold, a schema comes out; with an error among the diagnostics it
//! is not to be used for calls.

mod aliases;
mod attributes;
mod blocks;
mod clients;
mod cycles;
mod functions;
mod names;
mod options;
mod projects;
mod types;

use baml_syntax::{Diagnostic, SourceMap, Tree};

use crate::schema::Schema;
use names::Names;
use types::Aliases;

/// What all checks share.
pub(crate) struct Checker<'a> {
    pub(crate) sources: &'a SourceMap,
    pub(crate) names: Names<'a>,
    pub(crate) aliases: Aliases,
    pub(crate) schema: Schema,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Parses and checks all files of a project, everything but its Jinja.
pub fn check(sources: &SourceMap) -> (Schema, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let mut trees = Vec::new();
    for (file, source) in sources.iter() {
        let (tree, found) = baml_syntax::parse(file, &source.text);
        trees.push(tree);
        diagnostics.extend(found);
    }
    check_trees(sources, &trees, diagnostics)
}

fn check_trees(
    sources: &SourceMap,
    trees: &[Tree],
    mut diagnostics: Vec<Diagnostic>,
) -> (Schema, Vec<Diagnostic>) {
    let names = Names::collect(trees, &mut diagnostics);
    let mut checker = Checker {
        sources,
        names,
        aliases: Aliases::default(),
        schema: Schema::default(),
        diagnostics,
    };
    checker.aliases();
    checker.enums();
    checker.classes();
    checker.templates();
    checker.retry_policies();
    checker.clients();
    checker.functions();
    checker.generators();
    checker.tests();
    (checker.schema, checker.diagnostics)
}

//! The static check of Jinja: prompts, template strings and constraints against what they get.
//!
//! [`kind`] says what is known of a value, [`scope`] which names there are; [`expression`],
//! [`call`], [`comparison`] and [`statement`] walk the parsed text.
//!
//! Invariant: a syntax error is an error and stops the check of that text; everything else that is
//! found is a warning, but statements that prompts do not have.

mod call;
pub mod catalogue;
mod comparison;
mod expression;
mod filter;
mod kind;
mod limits;
mod scope;
mod show;
mod signature;
mod statement;
mod suggest;

use std::ops::Range;

use baml_schema::Type;
use baml_schema::{Constraint, ConstraintKind, Function, Schema, TemplateString, Test};
use baml_syntax::{Diagnostic, SourceMap, SourceText, Span as SourceSpan};
use minijinja::machinery::{Span, WhitespaceConfig, parse, parse_expr};
use smol_str::SmolStr;

use catalogue::{STATEMENT, SYNTAX};
use expression::{Finding, Inference};
use limits::Form;
use scope::Scope;

/// How the engine names a text that is an expression.
const EXPRESSION: &str = "<expression>";

/// Checks every template and constraint of a project whose declarations are sound; of another one
/// nothing is told, since it would follow from what is wrong there.
pub fn check(schema: &Schema, sources: &SourceMap) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    if !schema.references_checked {
        return diagnostics;
    }
    for template in schema.template_strings.values() {
        check_template_string(schema, sources, template, &mut diagnostics);
    }
    for class in schema.classes.values() {
        for field in &class.fields {
            check_type(schema, sources, &field.ty, &mut diagnostics);
        }
    }
    for function in schema.functions.values() {
        check_function(schema, sources, function, &mut diagnostics);
    }
    for test in &schema.tests {
        check_test(schema, sources, test, &mut diagnostics);
    }
    diagnostics
}

fn check_template_string(
    schema: &Schema,
    sources: &SourceMap,
    template: &TemplateString,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let params = template.params.iter().map(|param| (&param.name, &param.ty));
    let text = Text { name: &template.name, source: &template.text_source, sources };
    text.check_template(Scope::template(schema, params), diagnostics);
}

fn check_function(
    schema: &Schema,
    sources: &SourceMap,
    function: &Function,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for param in &function.params {
        check_type(schema, sources, &param.ty, diagnostics);
    }
    check_type(schema, sources, &function.returns, diagnostics);
    let params = function.params.iter().map(|param| (&param.name, &param.ty));
    let text = Text { name: &function.name, source: &function.prompt_source, sources };
    text.check_template(Scope::template(schema, params), diagnostics);
}

/// Checks the constraints of a type; those inside of lists, maps and unions are left alone.
fn check_type(schema: &Schema, sources: &SourceMap, ty: &Type, diagnostics: &mut Vec<Diagnostic>) {
    // An alias's constraints were told where they stand.
    if ty.named.is_none() {
        for constraint in &ty.constraints {
            check_constraint(sources, constraint, Scope::constraint(schema), diagnostics);
        }
    }
}

fn check_test(
    schema: &Schema,
    sources: &SourceMap,
    test: &Test,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut checks: Vec<SmolStr> = Vec::new();
    for constraint in &test.constraints {
        let scope = Scope::test(schema, test.args.keys(), checks.clone());
        check_constraint(sources, constraint, scope, diagnostics);
        if constraint.kind == ConstraintKind::Check {
            checks.extend(constraint.name.clone());
        }
    }
}

fn check_constraint(
    sources: &SourceMap,
    constraint: &Constraint,
    scope: Scope<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let written = sources.text(constraint.span);
    let start = constraint.span.start as usize;
    let source = SourceText::verbatim(written, constraint.span.file, start);
    Text { name: EXPRESSION, source: &source, sources }.check_expression(scope, diagnostics);
}

/// A piece of Jinja with its place in a file.
struct Text<'a> {
    /// The function or template string that it belongs to.
    name: &'a str,
    source: &'a SourceText,
    sources: &'a SourceMap,
}

impl Text<'_> {
    fn check_template(&self, scope: Scope<'_>, diagnostics: &mut Vec<Diagnostic>) {
        let text = self.source.as_str();
        if let Some((what, span)) = limits::exceeded(text, Form::Template) {
            diagnostics.push(self.error(SYNTAX, range(span), what));
            return;
        }
        let whitespace = WhitespaceConfig {
            trim_blocks: true,
            lstrip_blocks: true,
            ..WhitespaceConfig::default()
        };
        match parse(text, self.name, Default::default(), whitespace) {
            Err(error) => diagnostics.push(self.syntax_error(&error)),
            Ok(template) => {
                let mut inference = Inference::new(scope);
                inference.statement(&template);
                self.tell(inference.findings, diagnostics);
            }
        }
    }

    fn check_expression(&self, scope: Scope<'_>, diagnostics: &mut Vec<Diagnostic>) {
        let text = self.source.as_str();
        if let Some((what, span)) = limits::exceeded(text, Form::Expression) {
            diagnostics.push(self.error(SYNTAX, range(span), what));
            return;
        }
        match parse_expr(text) {
            Err(error) => diagnostics.push(self.syntax_error(&error)),
            Ok(expression) => {
                let mut inference = Inference::new(scope);
                inference.infer(&expression);
                self.tell(inference.findings, diagnostics);
            }
        }
    }

    fn syntax_error(&self, error: &minijinja::Error) -> Diagnostic {
        let range = error.range().unwrap_or(0..0);
        let what = match error.detail() {
            Some(detail) => format!("{}: {detail}", error.kind()),
            None => error.kind().to_string(),
        };
        self.error(SYNTAX, range, &what)
    }

    fn error(&self, id: &'static str, range: Range<usize>, what: &str) -> Diagnostic {
        let mut place = self.source.span(range.start, range.end);
        let file = &self.sources.file(place.file).text;
        if place.start == place.end && range.start > 0 && file.is_char_boundary(at_end(place)) {
            place.end += 1;
        }
        let (name, line) = (self.name, self.line(place));
        let message = format!("Error parsing jinja template: {what} (in {name}:{line})");
        Diagnostic::error(id, place, message)
    }

    /// The line of a place, counted from the opening quote of the text.
    fn line(&self, place: SourceSpan) -> usize {
        if self.name == EXPRESSION && self.source.as_str().is_empty() {
            return 0;
        }
        let file = &self.sources.file(place.file).text;
        let first = self.source.span(0, 0).start as usize;
        let opening = file.get(..first).map_or(0, |before| before.trim_end().len());
        let between = file.get(opening..place.start as usize).unwrap_or_default();
        between.matches('\n').count() + 1
    }

    /// Tells what was found; with an error among it the warnings are of no use.
    fn tell(&self, findings: Vec<Finding>, diagnostics: &mut Vec<Diagnostic>) {
        let is_error = |finding: &Finding| [SYNTAX, STATEMENT].contains(&finding.id);
        if findings.iter().any(is_error) {
            let errors = findings.into_iter().filter(is_error);
            diagnostics.extend(errors.map(|f| self.error(f.id, self.keyword(f.span), &f.message)));
            return;
        }
        for Finding { id, span, message } in findings {
            let range = range(span);
            let place = self.source.span(range.start, range.end);
            diagnostics.push(Diagnostic::warning(id, place, message));
        }
    }

    /// The word with which a statement begins.
    fn keyword(&self, span: Span) -> Range<usize> {
        let start = span.start_offset as usize;
        let rest = self.source.as_str().get(start..).unwrap_or_default();
        let length = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        start..start + length
    }
}

/// One byte behind a place.
fn at_end(place: SourceSpan) -> usize {
    place.end as usize + 1
}

fn range(span: Span) -> Range<usize> {
    span.start_offset as usize..span.end_offset as usize
}

//! One rendering of one template: parse, rewrite, compile, run.
//!
//! What lives here: the text of a prompt with its template strings as macros, and the error that
//! names the place. What the variables are is the caller's.
//!
//! Invariant: a rendering ends, by its last step or by running out of fuel.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use minijinja::machinery::{
    CodeGenerator, Vm, WhitespaceConfig, make_string_output, parse as parse_template,
};
use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Value};

use crate::environment;
use crate::rewrite;

/// The name that errors give the template.
const NAME: &str = "prompt";

/// Why a template gave no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// What went wrong, such as `unknown filter: filter x is unknown`.
    pub what: String,
    /// The line of the rendered source, from 1; macros of template strings come first.
    pub line: usize,
    /// Whether the template used up its steps.
    pub out_of_fuel: bool,
}

/// Renders `source` with the variables of `root`, a map-like value.
pub fn render(source: &str, root: Value) -> Result<String, TemplateError> {
    // The engine panics where it cannot order two values of one kind, such as in `|sort`.
    let run = || run(environment::shared(), source, root);
    let outcome = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| {
        let detail = "values that cannot be compared";
        Err(Error::new(ErrorKind::InvalidOperation, detail))
    });
    outcome.map_err(|error| TemplateError {
        what: environment::describe(&error),
        line: error.line().unwrap_or(1),
        out_of_fuel: is_out_of_fuel(&error),
    })
}

fn run<'a>(
    environment: &'a Environment<'a>,
    source: &'a str,
    root: Value,
) -> Result<String, Error> {
    let whitespace =
        WhitespaceConfig { keep_trailing_newline: false, lstrip_blocks: true, trim_blocks: true };
    let tree = parse_template(source, NAME, SyntaxConfig, whitespace)?;
    let tree = rewrite::statement(&tree);
    let mut generator = CodeGenerator::new(NAME, source);
    generator.compile_stmt(&tree);
    let (instructions, blocks) = generator.finish();
    let mut text = String::with_capacity(source.len());
    let mut output = make_string_output(&mut text);
    Vm::new(environment).eval(&instructions, root, &blocks, &mut output, AutoEscape::None)?;
    Ok(text)
}

/// Fuel runs out inside macros and filters too, where it is the cause of another error.
fn is_out_of_fuel(error: &Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(current) = cause {
        let found = current.downcast_ref::<Error>();
        if found.is_some_and(|found| found.kind() == ErrorKind::OutOfFuel) {
            return true;
        }
        cause = current.source();
    }
    false
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (in {NAME}:{})", self.what, self.line)
    }
}

impl std::error::Error for TemplateError {}

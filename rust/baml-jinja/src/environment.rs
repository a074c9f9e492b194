//! The shared Jinja environment: settings, BAML's filters, the printing of values.
//!
//! What a single render needs (arguments, `ctx`, `_`) comes with it and never enters here.
//!
//! Invariant: the environment never changes once built, so every call and thread shares one.

use std::sync::OnceLock;

use minijinja::{Environment, Error, ErrorKind, Output, State, Value};
use regex::Regex;

/// Steps that one template or expression may take: far beyond any prompt, about a second of work.
pub const FUEL_MAX: u64 = 20_000_000;

/// The kind of the error of a template that ran out of steps.
pub const OUT_OF_FUEL: ErrorKind = ErrorKind::OutOfFuel;

/// Bytes that a compiled pattern of `regex_match` may take.
const REGEX_BYTES_MAX: usize = 1 << 20;

/// The environment that every template and expression uses.
pub fn shared() -> &'static Environment<'static> {
    static SHARED: OnceLock<Environment<'static>> = OnceLock::new();
    SHARED.get_or_init(build)
}

fn build() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_debug(false);
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_fuel(Some(FUEL_MAX));
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    environment.set_formatter(format);
    environment.add_filter("regex_match", regex_match);
    crate::equality::install(&mut environment);
    environment
}

/// Prints a value as BAML does: `none` is `null`, everything else as Jinja prints it.
fn format(out: &mut Output<'_>, state: &State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_none() {
        out.write_str("null").map_err(Error::from)
    } else {
        minijinja::escape_formatter(out, state, value)
    }
}

/// `text|regex_match(pattern)`: a pattern that cannot be read matches nothing, as officially.
fn regex_match(text: String, pattern: &str) -> bool {
    regex::RegexBuilder::new(pattern)
        .size_limit(REGEX_BYTES_MAX)
        .build()
        .is_ok_and(|regex: Regex| regex.is_match(&text))
}

/// What went wrong, without the place: `unknown filter: filter x is unknown`.
pub fn describe(error: &Error) -> String {
    match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    }
}

//! The shared Jinja environment: settings, BAML's filters, the printing of values.
//!
//! What a single render needs (arguments, `ctx`, `_`) comes with it and never enters here.
//!
//! Invariant: the environment never changes once built, so every call and thread shares one.

use std::sync::OnceLock;

use minijinja::value::{Kwargs, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Output, State, Value};
use minijinja_contrib::pycompat::unknown_method_callback;

use crate::{data, equality, pattern};

/// Steps that one template or expression may take: far beyond any prompt, about a second of work.
pub const FUEL_MAX: u64 = 20_000_000;

/// The kind of the error of a template that ran out of steps.
pub const OUT_OF_FUEL: ErrorKind = ErrorKind::OutOfFuel;

/// The most that `indent` moves a line in.
const INDENT_MAX: usize = 1 << 10;

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
    environment.set_unknown_method_callback(method);
    environment.set_formatter(format);
    environment.add_filter("regex_match", regex_match);
    environment.add_filter("sum", sum);
    environment.add_filter("indent", indent);
    environment.add_filter("format", data::format);
    environment.add_filter("tojson", data::tojson);
    equality::install(&mut environment);
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

/// Methods as Python has them; `map.get(color)` also finds what stands under an enum value's name.
fn method(
    state: &State<'_, '_>,
    value: &Value,
    method: &str,
    args: &[Value],
) -> Result<Value, Error> {
    let found = unknown_method_callback(state, value, method, args)?;
    let name = args.first().and_then(equality::name).filter(|_| method == "get" && found.is_none());
    match name {
        Some(name) => {
            let mut args = args.to_vec();
            args[0] = Value::from(name);
            unknown_method_callback(state, value, method, &args)
        }
        None => Ok(found),
    }
}

/// `text|regex_match(pattern)`
fn regex_match(text: String, pattern: String) -> bool {
    pattern::matches(&pattern, &text)
}

/// `list|sum`: whole numbers as an int, others as a float; 0 where anything is no number.
fn sum(values: &Value) -> Result<Value, Error> {
    if !matches!(values.kind(), ValueKind::Seq | ValueKind::Iterable) {
        return Err(Error::new(ErrorKind::InvalidOperation, "not iterable"));
    }
    let items: Vec<Value> = values.try_iter()?.collect();
    let whole: Result<Vec<i64>, _> = items.iter().cloned().map(i64::try_from).collect();
    if let Ok(whole) = whole {
        return Ok(Value::from(whole.into_iter().map(i128::from).sum::<i128>()));
    }
    let numbers = items.iter().all(Value::is_number);
    let floats: Result<Vec<f64>, _> = items.into_iter().map(f64::try_from).collect();
    Ok(match floats {
        Ok(floats) if numbers => Value::from(floats.into_iter().sum::<f64>()),
        _ => Value::from(0),
    })
}

/// `text|indent(width, first, blank)`, all of them positional.
fn indent(
    text: String,
    width: usize,
    first: Option<bool>,
    blank: Option<bool>,
) -> Result<String, Error> {
    let width = Some(width.min(INDENT_MAX));
    let keywords: Kwargs = std::iter::empty::<(&str, Value)>().collect();
    minijinja::filters::indent(text, width, first, blank, keywords)
}

/// What went wrong, without the place: `unknown filter: filter x is unknown`.
pub fn describe(error: &Error) -> String {
    match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    }
}

//! Constraint expressions (`@check`, `@assert`): compiled once, evaluated over values.
//!
//! What lives here: an expression with its one variable `this`. How values look to it is `plain`'s.
//!
//! Invariant: an evaluation ends in a bool or an error; the same value always gives the same
//! answer.

use std::fmt;

use baml_schema::Value;
use minijinja::{Error, Expression};
use smol_str::{SmolStr, format_smolstr};

use crate::environment::{self, OUT_OF_FUEL};
use crate::plain;

/// A compiled constraint expression. Evaluate it as often as needed, from any thread.
pub struct Predicate {
    source: SmolStr,
    compiled: Expression<'static, 'static>,
}

/// Why a constraint gave no answer. The text says what is wrong with the expression or the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConstraintError {
    message: SmolStr,
}

impl Predicate {
    /// Compiles the text between `{{` and `}}`.
    pub fn compile(expression: &str) -> Result<Self, ConstraintError> {
        let compiled = environment::shared()
            .compile_expression_owned(expression.to_owned())
            .map_err(|error| ConstraintError::from_jinja(&error, expression))?;
        Ok(Self { source: expression.into(), compiled })
    }

    /// Whether `value` (as `this`) fulfils it. An answer that is neither a bool nor the text of one
    /// is an error, never a silent `false`.
    pub fn holds(&self, value: &Value) -> Result<bool, ConstraintError> {
        let answer = self
            .compiled
            .eval(minijinja::context! { this => plain::value(value) })
            .map_err(|error| ConstraintError::from_jinja(&error, &self.source))?;
        match answer.as_str() {
            Some("true") => return Ok(true),
            Some("false") => return Ok(false),
            _ => {}
        }
        bool::try_from(answer).map_err(|_| ConstraintError {
            message: SmolStr::new_static("Predicate did not evaluate to a boolean"),
        })
    }

    /// The expression as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }
}

/// Compiles and evaluates in one step, for expressions that are needed once.
pub fn evaluate(expression: &str, value: &Value) -> Result<bool, ConstraintError> {
    Predicate::compile(expression)?.holds(value)
}

impl ConstraintError {
    fn from_jinja(error: &Error, expression: &str) -> Self {
        let line = error.line().unwrap_or(1);
        let what = environment::describe(error);
        let message = if error.kind() == OUT_OF_FUEL {
            format_smolstr!("{what} in `{{{{ {expression} }}}}`")
        } else {
            format_smolstr!("{what} (in <string>:{line})")
        };
        Self { message }
    }
}

impl fmt::Display for ConstraintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConstraintError {}

impl fmt::Debug for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Predicate").field(&self.source).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use baml_schema::{ClassValue, EnumRef, Value};
    use indexmap::IndexMap;

    use super::*;

    fn person() -> Value {
        let color = Value::Enum(Arc::new(EnumRef { enumeration: "E".into(), value: "RED".into() }));
        let fields = IndexMap::from([
            ("a".into(), Value::Int(1)),
            ("e".into(), color),
            ("l".into(), Value::list(vec![Value::Int(1), Value::Int(2)])),
        ]);
        Value::Class(Arc::new(ClassValue { class: "K".into(), fields: fields.into() }))
    }

    fn check(value: &Value, expected: &[(&str, bool)]) {
        for (expression, answer) in expected {
            assert_eq!(evaluate(expression, value), Ok(*answer), "{expression}");
        }
    }

    #[test]
    fn holds_on_classes_reads_declared_names() {
        check(
            &person(),
            &[
                ("this.a == 1", true),
                ("this.aa == 1", false),
                ("this.e == \"RED\"", true),
                ("this.e|upper == \"RED\"", true),
                ("this|length == 3", true),
                ("this is mapping", true),
                ("this[\"a\"] == 1", true),
                ("this.l|sum == 3 and 2 in this.l and this.l[0] == 1", true),
                ("(this.l|select(\"odd\")|list|length) == 1", true),
                ("this.keys()|list|length == 3", true),
                ("this|items|length == 3", true),
                ("\"a\" in this", true),
            ],
        );
    }

    #[test]
    fn holds_on_scalars() {
        check(
            &Value::string("abc"),
            &[
                ("this|regex_match(\"^a\")", true),
                ("this.upper() == \"ABC\"", true),
                ("this is defined and _ is undefined", true),
                ("\"true\"", true),
                ("\"tr\" ~ \"ue\"", true),
                ("not this", false),
                ("range(3)|length == 3", true),
            ],
        );
        check(
            &Value::Null,
            &[("this is none", true), ("this == none", true), ("this == null", false)],
        );
        check(&Value::Float(1.0), &[("this == 1", true), ("this > 0.5", true)]);
        check(&Value::Bool(true), &[("this", true), ("this is true", true)]);
    }

    #[test]
    fn holds_without_a_bool_is_an_error() {
        for expression in ["this", "this|length", "nope", "this.nope", "1/0", "none", "\"\"", "[]"]
        {
            let error = evaluate(expression, &Value::string("abc")).unwrap_err();
            assert_eq!(
                error.to_string(),
                "Predicate did not evaluate to a boolean",
                "{expression}"
            );
        }
    }

    #[test]
    fn holds_names_what_is_unknown() {
        let message =
            |expression| evaluate(expression, &Value::string("abc")).unwrap_err().to_string();
        assert_eq!(message("this.nope.x"), "undefined value (in <string>:1)");
        assert_eq!(
            message("this|nosuch"),
            "unknown filter: filter nosuch is unknown (in <string>:1)"
        );
        assert_eq!(
            message("this is nosuch"),
            "unknown test: test nosuch is unknown (in <string>:1)"
        );
    }
}

//! Enums beside texts: such comparisons hold today and are going to be dropped.
//!
//! Invariant: two values of one enum are never complained about.

use minijinja::machinery::Span;

use super::catalogue::ENUM_COMPARISON;
use super::expression::Inference;
use super::kind::{Constant, Kind};

const ISSUE: &str = "https://github.com/BoundaryML/baml/issues/2339";

impl Inference<'_> {
    /// Looks at the two sides of an operator.
    pub(crate) fn compare_enums(&mut self, left: &Kind, right: &Kind, span: Span) {
        let Some((name, other)) = enum_and_other(left, right) else { return };
        let message = self.enum_advice(name, other);
        self.warn(ENUM_COMPARISON, span, message);
    }

    fn enum_advice(&self, name: &str, other: &Kind) -> String {
        let literal = match other {
            Kind::Literal(Constant::String(text)) => Some(text.as_str()),
            Kind::Enum(_) | Kind::Member(..) => None,
            _ => return general(name),
        };
        let Some(values) = self.scope.enum_values(name) else { return general(name) };
        if let Some(text) = literal {
            let named = values.iter().find(|(value, _)| value.eq_ignore_ascii_case(text));
            if let Some((value, _)) = named {
                return format!(
                    "Use `{name}.{value}` instead of \"{text}\" - comparing enums with strings \
                     will soon be deprecated."
                );
            }
            let aliased = values.iter().find(|(_, alias)| *alias == Some(text));
            if let Some((value, _)) = aliased {
                return format!(
                    "Did you mean `{name}.{value}` instead of \"{text}\" (alias)? Enums are not \
                     equal to their alias values."
                );
            }
        }
        let all: Vec<String> = values.iter().map(|(value, _)| format!("{name}.{value}")).collect();
        format!(
            "Use one of: {} - comparing enums with strings will soon be deprecated.",
            all.join(", ")
        )
    }
}

fn general(name: &str) -> String {
    format!(
        "Comparing enum {name} to string variable - enum-string comparisons will soon be \
         deprecated. Please see {ISSUE}."
    )
}

/// The enum that is compared with something else, and what that is.
fn enum_and_other<'k>(left: &'k Kind, right: &'k Kind) -> Option<(&'k str, &'k Kind)> {
    let sides = [(left, right), (right, left)];
    for (side, other) in sides {
        if let Some(name) = plain_enum(side) {
            let same = plain_enum(other).or_else(|| optional_enum(other)) == Some(name);
            return (!same).then_some((name, other));
        }
    }
    for (side, other) in sides {
        let is_text = matches!(other, Kind::String | Kind::Literal(Constant::String(_)));
        if let Some(name) = optional_enum(side).filter(|_| is_text) {
            return Some((name, other));
        }
    }
    None
}

/// The enum of `E`, or of a value of it.
fn plain_enum(kind: &Kind) -> Option<&str> {
    match kind {
        Kind::Enum(name) | Kind::Member(name, _) => Some(name),
        _ => None,
    }
}

/// The enum of `E?`.
fn optional_enum(kind: &Kind) -> Option<&str> {
    match kind {
        Kind::Union(members) => match members.as_slice() {
            [Kind::None, other] | [other, Kind::None] => plain_enum(other),
            _ => None,
        },
        _ => None,
    }
}

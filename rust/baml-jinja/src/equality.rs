//! Equality of enum values with texts: `color == "RED"` holds although `color` prints as its alias.
//!
//! The template engine compares objects with texts as unequal, so the operators `==`, `!=`, `in` and
//! the tests of the same meaning go through here. `rewrite` turns the operators into these filters.

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, State, Value};

use crate::value::EnumObject;

/// Filter names that no template can write, since they are not identifiers.
pub(crate) const EQUAL: &str = "==";
pub(crate) const UNEQUAL: &str = "!=";
pub(crate) const WITHIN: &str = "<in>";

pub(crate) fn install(environment: &mut Environment<'_>) {
    environment.add_filter(EQUAL, equal);
    environment.add_filter(UNEQUAL, unequal);
    environment.add_filter(WITHIN, within);
    for name in ["eq", "equalto", "=="] {
        environment.add_test(name, equal);
    }
    for name in ["ne", "!="] {
        environment.add_test(name, unequal);
    }
    environment.add_test("in", |state: &State<'_, '_>, item: &Value, container: &Value| {
        within(state, item, container).unwrap_or(false)
    });
}

fn equal(left: &Value, right: &Value) -> bool {
    let name =
        |value: &Value| value.downcast_object_ref::<EnumObject>().map(|it| it.name().clone());
    match (name(left), name(right)) {
        (Some(name), None) if right.as_str().is_some() => right.as_str() == Some(name.as_str()),
        (None, Some(name)) if left.as_str().is_some() => left.as_str() == Some(name.as_str()),
        _ => left == right,
    }
}

fn unequal(left: &Value, right: &Value) -> bool {
    !equal(left, right)
}

fn within(state: &State<'_, '_>, item: &Value, container: &Value) -> Result<bool, Error> {
    match container.kind() {
        ValueKind::Undefined => Ok(false),
        ValueKind::String => Ok(contains_text(container, item)),
        ValueKind::Seq | ValueKind::Iterable => {
            Ok(container.try_iter()?.any(|candidate| equal(&candidate, item)))
        }
        ValueKind::Map => minijinja::tests::is_in(state, item, container),
        _ => Err(Error::new(
            minijinja::ErrorKind::InvalidOperation,
            "cannot perform a containment check on this value",
        )),
    }
}

fn contains_text(container: &Value, item: &Value) -> bool {
    let text = container.as_str().unwrap_or_default();
    match item.as_str() {
        Some(item) => text.contains(item),
        None => text.contains(&item.to_string()),
    }
}

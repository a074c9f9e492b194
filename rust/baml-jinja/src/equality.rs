//! Equality of enum values with texts: `color == "RED"` holds although `color` prints as its alias.
//!
//! The template engine compares objects with texts as unequal, so the operators `==`, `!=`, `in`,
//! `[ ]` and the tests of the same meaning go through here. `rewrite` turns the operators into
//! these filters.

use std::cmp::Ordering;

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, State, Value};

use crate::value::EnumObject;

/// Filter names that no template can write, since they are not identifiers.
pub(crate) const EQUAL: &str = "==";
pub(crate) const UNEQUAL: &str = "!=";
pub(crate) const LESS: &str = "<";
pub(crate) const LESS_OR_EQUAL: &str = "<=";
pub(crate) const GREATER: &str = ">";
pub(crate) const GREATER_OR_EQUAL: &str = ">=";
pub(crate) const WITHIN: &str = "<in>";
pub(crate) const ITEM: &str = "<item>";

pub(crate) fn install(environment: &mut Environment<'_>) {
    environment.add_filter(EQUAL, equal);
    environment.add_filter(UNEQUAL, unequal);
    environment.add_filter(LESS, |a: &Value, b: &Value| order(a, b).is_lt());
    environment.add_filter(LESS_OR_EQUAL, |a: &Value, b: &Value| order(a, b).is_le());
    environment.add_filter(GREATER, |a: &Value, b: &Value| order(a, b).is_gt());
    environment.add_filter(GREATER_OR_EQUAL, |a: &Value, b: &Value| order(a, b).is_ge());
    environment.add_filter(WITHIN, within);
    environment.add_filter(ITEM, item);
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
    if left == right {
        return true;
    }
    match (name(left), name(right)) {
        (Some(name), None) => right.as_str() == Some(name),
        (None, Some(name)) => left.as_str() == Some(name),
        (Some(_), Some(_)) => false,
        (None, None) => equal_inside(left, right),
    }
}

/// Where one value stands to another; an enum value stands to a text as its name does.
fn order(left: &Value, right: &Value) -> Ordering {
    match (name(left), left.as_str(), name(right), right.as_str()) {
        (Some(left), _, _, Some(right)) | (_, Some(left), Some(right), _) => left.cmp(right),
        // The engine cannot order an enum value and a map, which are of one kind to it.
        (Some(_), _, None, _) | (None, _, Some(_), _) if left.kind() == right.kind() => {
            left.to_string().cmp(&right.to_string())
        }
        _ => left.cmp(right),
    }
}

/// The declared name of an enum value.
pub(crate) fn name(value: &Value) -> Option<&str> {
    value.downcast_object_ref::<EnumObject>().map(|it| it.name().as_str())
}

/// Lists and maps are equal when what they hold is.
fn equal_inside(left: &Value, right: &Value) -> bool {
    let same_length = || left.len().is_some() && left.len() == right.len();
    match (left.kind(), right.kind()) {
        (ValueKind::Seq, ValueKind::Seq) if same_length() => {
            let (Ok(left), Ok(mut right)) = (left.try_iter(), right.try_iter()) else {
                return false;
            };
            left.zip(&mut right).all(|(left, right)| equal(&left, &right))
        }
        (ValueKind::Map, ValueKind::Map) if same_length() => {
            let Ok(mut keys) = left.try_iter() else { return false };
            keys.all(|key| match (left.get_item(&key), right.get_item(&key)) {
                (Ok(left), Ok(right)) => equal(&left, &right),
                _ => false,
            })
        }
        _ => false,
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
        ValueKind::Map => Ok(minijinja::tests::is_in(state, item, container)?
            || match name(item) {
                Some(name) => minijinja::tests::is_in(state, &Value::from(name), container)?,
                None => false,
            }),
        _ => Err(Error::new(
            minijinja::ErrorKind::InvalidOperation,
            "cannot perform a containment check on this value",
        )),
    }
}

/// `container[key]`, where an enum value also finds what stands under its name.
fn item(container: &Value, key: &Value) -> Result<Value, Error> {
    let found = container.get_item(key)?;
    match name(key) {
        Some(name) if found.is_undefined() => container.get_item(&Value::from(name)),
        _ => Ok(found),
    }
}

fn contains_text(container: &Value, item: &Value) -> bool {
    let text = container.as_str().unwrap_or_default();
    match item.as_str() {
        Some(item) => text.contains(item),
        None => text.contains(&item.to_string()),
    }
}

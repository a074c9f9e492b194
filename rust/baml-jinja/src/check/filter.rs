//! What the filters and the methods of texts take and yield.
//!
//! Invariant: `NAMES` lists every filter that [`Filter::named`] knows, in the order of suggestions.

use super::kind::Kind;

/// Every filter, in the order in which equally near ones are suggested.
pub(crate) const NAMES: &[&str] = &[
    "abs",
    "attrs",
    "batch",
    "bool",
    "capitalize",
    "escape",
    "first",
    "last",
    "default",
    "float",
    "indent",
    "int",
    "dictsort",
    "items",
    "join",
    "length",
    "list",
    "lower",
    "upper",
    "map",
    "max",
    "min",
    "pprint",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "safe",
    "select",
    "selectattr",
    "slice",
    "sort",
    "split",
    "sum",
    "title",
    "tojson",
    "json",
    "trim",
    "unique",
    "urlencode",
    "format",
    "regex_match",
];

/// What a filter asks of the value before it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Input {
    Any,
    Number,
    Text,
    List,
    /// A list, a text, a class or a map.
    Sized,
    /// A map or a class.
    Entries,
    /// A list of ints, or one of floats.
    Numbers,
}

/// A filter, as far as the checker cares.
pub(crate) struct Filter {
    pub(crate) input: Input,
    output: Output,
}

/// What a filter yields.
#[derive(Clone, Copy)]
enum Output {
    Unknown,
    Number,
    Int,
    /// An int, when there is something to count.
    Length,
    Float,
    Bool,
    Text,
    Texts,
    List,
    /// An element of the list, or nothing.
    Element,
    /// Pairs of key and value.
    Pairs,
    /// A number of the list's kind.
    Sum,
}

impl Filter {
    /// The filter of a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let (input, output) = match name {
            "abs" => (Input::Number, Output::Number),
            "capitalize" | "lower" | "upper" => (Input::Text, Output::Text),
            "first" | "last" => (Input::List, Output::Element),
            "dictsort" | "items" => (Input::Entries, Output::Pairs),
            "length" => (Input::Sized, Output::Length),
            "sum" => (Input::Numbers, Output::Sum),
            "int" => (Input::Any, Output::Int),
            "float" | "round" => (Input::Any, Output::Float),
            "bool" | "regex_match" => (Input::Any, Output::Bool),
            "list" => (Input::Any, Output::List),
            "split" => (Input::Any, Output::Texts),
            "escape" | "indent" | "join" | "replace" | "safe" | "title" | "tojson" | "json"
            | "trim" | "urlencode" | "format" => (Input::Any, Output::Text),
            name if NAMES.contains(&name) => (Input::Any, Output::Unknown),
            _ => return None,
        };
        Some(Self { input, output })
    }

    /// What it yields for such a value.
    pub(crate) fn yields(&self, value: &Kind) -> Kind {
        match self.output {
            Output::Unknown => Kind::Unknown,
            Output::Number => Kind::Number,
            Output::Length if !self.input.accepts(value) => Kind::Unknown,
            Output::Int | Output::Length => Kind::Int,
            Output::Float => Kind::Float,
            Output::Bool => Kind::Bool,
            Output::Text => Kind::String,
            Output::Texts => Kind::list(Kind::String),
            Output::List => Kind::list(Kind::Unknown),
            Output::Element => match value {
                Kind::List(item) => Kind::merge([Kind::None, (**item).clone()]),
                _ => Kind::Unknown,
            },
            Output::Pairs => match value {
                Kind::Map(key, item) => pairs((**key).clone(), (**item).clone()),
                Kind::Class(_) => pairs(Kind::String, Kind::Unknown),
                _ => Kind::Unknown,
            },
            Output::Sum if value.fits(&Kind::list(Kind::Int)) => Kind::Int,
            Output::Sum if value.fits(&Kind::list(Kind::Float)) => Kind::Float,
            Output::Sum => Kind::String,
        }
    }
}

fn pairs(key: Kind, value: Kind) -> Kind {
    Kind::list(Kind::Tuple(vec![key, value]))
}

impl Input {
    /// Whether the value is of what is asked for.
    pub(crate) fn accepts(self, value: &Kind) -> bool {
        match self {
            Self::Any => true,
            Self::Number => value.fits(&Kind::Number),
            Self::Text => value.fits(&Kind::String),
            Self::List => matches!(value, Kind::Unknown | Kind::List(_)),
            Self::Sized => matches!(
                value,
                Kind::Unknown | Kind::List(_) | Kind::String | Kind::Class(_) | Kind::Map(..)
            ),
            Self::Entries => matches!(value, Kind::Unknown | Kind::Class(_) | Kind::Map(..)),
            Self::Numbers => {
                !value.is_unknown()
                    && (value.fits(&Kind::list(Kind::Int)) || value.fits(&Kind::list(Kind::Float)))
            }
        }
    }

    /// Its name in messages.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Any => "any value",
            Self::Number => "number",
            Self::Text => "string",
            Self::List => "list",
            Self::Sized => "list, string, class or map",
            Self::Entries => "map or class",
            Self::Numbers => "(int|float)[]",
        }
    }
}

/// What a method of a text yields.
pub(crate) fn text_method(name: &str) -> Option<Kind> {
    Some(match name {
        "capitalize" | "format" | "join" | "lower" | "lstrip" | "replace" | "rstrip" | "strip"
        | "title" | "upper" => Kind::String,
        "split" | "splitlines" => Kind::list(Kind::String),
        "count" | "find" | "rfind" => Kind::Int,
        "endswith" | "isalnum" | "isalpha" | "isascii" | "isdigit" | "islower" | "isnumeric"
        | "isupper" | "startswith" => Kind::Bool,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_knows_every_listed_filter() {
        for name in NAMES {
            assert!(Filter::named(name).is_some(), "{name}");
        }
        assert!(Filter::named("attr").is_none());
    }

    #[test]
    fn yields_follow_the_value() {
        let yields = |name, value: &Kind| Filter::named(name).unwrap().yields(value).to_string();
        assert_eq!(yields("first", &Kind::list(Kind::Int)), "(none | int)");
        assert_eq!(yields("sum", &Kind::list(Kind::Float)), "float");
        assert_eq!(yields("items", &Kind::Class("K".into())), "list[(string, <unknown>)]");
    }
}

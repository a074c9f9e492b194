//! The way from a value to a part of it.

use std::fmt::Write as _;

use smol_str::SmolStr;

/// One step from a value to a part of it; a state and checks are passed through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A field of a class or a key of a map.
    Name(SmolStr),
    /// An item of a list.
    Index(usize),
}

/// A path as people write it: `items[2].price`. Names with other signs are quoted.
pub(crate) fn path_text(path: &[Step]) -> String {
    let mut out = String::new();
    for step in path {
        let _ = match step {
            Step::Index(at) => write!(out, "[{at}]"),
            Step::Name(name) if name.chars().all(|c| c.is_alphanumeric() || c == '_') => {
                write!(out, "{}{name}", if out.is_empty() { "" } else { "." })
            }
            Step::Name(name) => write!(out, "[{name:?}]"),
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_reads_as_people_write_it() {
        let path = [Step::Name("items".into()), Step::Index(2), Step::Name("a b".into())];
        assert_eq!(path_text(&path), "items[2][\"a b\"]");
        assert_eq!(path_text(&path[1..]), "[2][\"a b\"]");
        assert_eq!(path_text(&[]), "");
    }
}

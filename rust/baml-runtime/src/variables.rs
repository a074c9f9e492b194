//! The environment variables that came with a call.
//!
//! Invariant: most are keys, so their values stand in no `Debug`.

use std::collections::BTreeMap;
use std::fmt;

use baml_provider::Environment;
use serde::{Deserialize, Deserializer};

/// Variables by name, sorted. Calls are many, and a table for each would be mostly empty.
#[derive(Default)]
pub struct Variables(Box<[(String, String)]>);

impl<'de> Deserialize<'de> for Variables {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let sorted = BTreeMap::<String, String>::deserialize(deserializer)?;
        Ok(Self(sorted.into_iter().collect()))
    }
}

impl Environment for Variables {
    fn get(&self, name: &str) -> Option<String> {
        let found = self.0.binary_search_by(|(known, _)| known.as_str().cmp(name));
        found.ok().map(|at| self.0[at].1.clone())
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_by_name_and_never_shown() {
        let text = r#"{"B": "sk-1", "A": "", "ABC": "sk-2"}"#;
        let variables: Variables = serde_json::from_str(text).expect("variables");
        let found: Vec<_> = ["A", "B", "ABC", "AB", ""].map(|name| variables.get(name)).into();
        let expected = [Some(""), Some("sk-1"), Some("sk-2"), None, None];
        assert_eq!(found, expected.map(|value| value.map(str::to_owned)));
        assert_eq!(format!("{variables:?}"), r#"{"A", "ABC", "B"}"#);
    }
}

//! Patterns of `regex_match`, compiled once while they are in use.
//!
//! Invariant: the memory is bounded, in patterns and in the size of each; a full store starts anew.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use regex::{Regex, RegexBuilder};

/// How many patterns are kept: more than the constraints of any project that was seen.
const KEPT_MAX: usize = 256;

/// Bytes that a compiled pattern may take.
const COMPILED_BYTES_MAX: usize = 1 << 20;

/// Whether `pattern` is found in `text`. One that cannot be read matches nothing, as officially.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    compiled(pattern).is_some_and(|regex| regex.is_match(text))
}

fn compiled(pattern: &str) -> Option<Regex> {
    static KEPT: OnceLock<Mutex<HashMap<String, Option<Regex>>>> = OnceLock::new();
    let kept = KEPT.get_or_init(Mutex::default);
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = kept.get(pattern) {
        return found.clone();
    }
    let regex = RegexBuilder::new(pattern).size_limit(COMPILED_BYTES_MAX).build().ok();
    if kept.len() == KEPT_MAX {
        kept.clear();
    }
    kept.insert(pattern.to_owned(), regex.clone());
    regex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_beyond_what_is_kept() {
        for at in 0..=KEPT_MAX {
            assert!(matches(&format!("^{at}$"), &at.to_string()));
        }
        assert!(matches("^0$", "0"));
        assert!(!matches("^0$", "1"));
    }

    #[test]
    fn matches_nothing_where_the_pattern_is_wrong_or_huge() {
        assert!(!matches("(", "("));
        assert!(!matches("(a{1000}){1000}", "a"));
    }
}

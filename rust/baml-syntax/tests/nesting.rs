//! Nesting that never closes: found by fuzzing, where each level doubled the time.

use baml_syntax::{FileId, parse};

/// Deep enough that doubling at each level would never end.
const LEVELS: usize = 400;

#[test]
fn unclosed_values_are_read_once() {
    for opening in ["a {\n", "a [\n", "a { b [\n", "q\np a {\n"] {
        let head = "client<llm> C {\n  provider p\n  options {\n";
        let text = format!("{head}{}", opening.repeat(LEVELS));
        let (tree, diagnostics) = parse(FileId::default(), &text);
        assert!(!diagnostics.is_empty(), "{opening}");
        assert!(!tree.items.is_empty(), "{opening}");
    }
}

#[test]
fn unclosed_types_and_attributes_are_read_once() {
    for opening in ["(", "map<", "map<string, (", "int @check(a, ", "(int | ("] {
        let text = format!("class A {{\n  a {}", opening.repeat(LEVELS));
        let (_, diagnostics) = parse(FileId::default(), &text);
        assert!(!diagnostics.is_empty(), "{opening}");
    }
}

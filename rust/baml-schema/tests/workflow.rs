//! The workflow language: each piece of it is told once, where it is named, and the rest loads.

use baml_schema::{Schema, check};
use baml_syntax::{Severity, SourceMap};

const REST: &str = "class A {\n  x int\n}\nfunction Ask(a: A) -> A {\n  client \"openai/m\"\n  \
                    prompt #\"{{ a.x }}\"#\n}\ntest T {\n  functions [Ask]\n  args {\n    a {\n      \
                    x 1\n    }\n  }\n}\n";

/// The schema, and id and marked text of each diagnostic; none of them is an error.
fn load(text: &str) -> (Schema, Vec<(&'static str, String)>) {
    let mut sources = SourceMap::default();
    sources.add("main.baml", text);
    let (schema, found) = check(&sources);
    assert!(found.iter().all(|one| one.severity == Severity::Warning), "{text}\n{found:?}");
    let told = found.iter().map(|one| (one.id, sources.text(one.span).to_owned())).collect();
    (schema, told)
}

/// The piece is told once, before, between and after the rest, which loads.
fn told_once(piece: &str, id: &str, name: &str) {
    let (head, tail) = REST.split_at(REST.find("function").unwrap_or(0));
    for text in [format!("{piece}{REST}"), format!("{head}{piece}{tail}"), format!("{REST}{piece}")]
    {
        let (schema, told) = load(&text);
        let told: Vec<_> = told.iter().map(|(id, name)| (*id, name.as_str())).collect();
        assert_eq!(told, [(id, name)], "{text}");
        assert_eq!(schema.functions.keys().collect::<Vec<_>>(), ["Ask"], "{text}");
        assert_eq!(schema.classes["A"].fields.len(), 1, "{text}");
        assert_eq!(schema.tests.len(), 1, "{text}");
        assert!(schema.references_checked, "{text}");
    }
}

#[test]
fn functions_whose_body_is_code_are_told_once() {
    for body in [
        "x + 1",
        "let y = x; y",
        "let y = Ask(A { x: 1 });\n  y.x",
        "if (x > 0) { 1 } else { 2 }",
        "for (i in [1, 2]) { x += i; } x",
        "while (true) { break; } 1",
        "watch let y = 1; y",
        "return x;",
        "assert x > 0; x",
        "\"a text with a } in it\"",
        "let s = #\"a block with } and { in it\"#; s",
        "// a comment with }\n  x",
        "[1, 2, 3]",
        "A { x: 1 }",
        "",
    ] {
        let piece = format!("function Work(x: int) -> int {{\n  {body}\n}}\n");
        told_once(&piece, "W-workflow-function", "Work");
    }
}

#[test]
fn let_outside_of_functions_is_told_once() {
    for piece in [
        "let x = 5;\n",
        "let x: int = 5;\n",
        "let x = \"a } text;\";\n",
        "let x = #\"a block;\n  of lines\"#;\n",
        "let x = { a 1 };\n",
        "let x = Ask(A { x: 1 });\n",
        "watch let x = 5;\n",
    ] {
        told_once(piece, "W-top-level-let", "x");
    }
}

#[test]
fn methods_are_told_once_and_the_class_keeps_its_fields() {
    let text =
        "class B {\n  y int\n  function twice(self) -> int {\n    self.y * 2\n  }\n  z int\n}\n";
    let (schema, told) = load(&format!("{text}{REST}"));
    assert_eq!(told, [("W-method", "twice".to_owned())]);
    assert_eq!(schema.classes["B"].fields.len(), 2);
}

#[test]
fn tests_of_workflow_functions_are_no_mistake() {
    let test = "test OfWork {\n  functions [Work]\n  args {\n    x 1\n  }\n}\n";
    let piece = "function Work(x: int) -> int {\n  x\n}\n";
    let (_, told) = load(&format!("{piece}{test}{REST}"));
    assert_eq!(told, [("W-workflow-function", "Work".to_owned())]);
}

#[test]
fn all_of_it_at_once_is_told_piece_by_piece() {
    let text = format!(
        "let limit = 3;\nfunction One(x: int) -> int {{\n  x\n}}\n{REST}watch let y = 1;\n\
         function Two(x: int) -> int {{\n  let z = x; z\n}}\n"
    );
    let (schema, told) = load(&text);
    let names: Vec<&str> = told.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(names, ["limit", "One", "y", "Two"]);
    assert_eq!(schema.functions.len(), 1);
}

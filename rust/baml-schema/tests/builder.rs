//! The type builder over the recorded projects: which operations are taken, and what they make.

#![allow(clippy::unwrap_used)] // A test fails by it.

use std::fs;
use std::path::Path;

use baml_schema::builder::{BuilderError, extend};
use baml_schema::{Schema, TypeKind, check};
use baml_syntax::{Severity, SourceMap};
use serde_json::{Value, json};

const PROJECT: &str = r"
enum Mood { Good Bad @@dynamic }
enum Fixed { A }
class Person { name string @@dynamic }
class Closed { x int }
type Tag = string @check(short, {{ this|length < 9 }})
type Tree = int | Tree[]
";

fn load(name: &str, text: &str) -> Schema {
    let mut sources = SourceMap::default();
    sources.add(name, text);
    let (schema, diagnostics) = check(&sources);
    let errors: Vec<_> = diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:?}");
    schema
}

fn project() -> Schema {
    load("main.baml", &PROJECT.replace("Good Bad", "Good\n Bad\n"))
}

fn with(text: &str) -> Result<Schema, BuilderError> {
    extend(&project(), &json!([{"op": "baml", "source": text}]))
}

#[test]
fn recorded_operations_are_taken_or_refused_as_recorded() {
    let folder = baml_testkit::testdata().join("conformance/request");
    let text = fs::read_to_string(folder.join("type-builder.baml")).unwrap();
    let schema = load("type-builder.baml", &text);
    let records = baml_testkit::records(&folder.join("type-builder.jsonl"));
    assert!(records.len() > 20);
    for (id, record) in records {
        let result = extend(&schema, &record["type_builder"]);
        let message = record["error"]["message"].as_str().unwrap_or_default();
        match record["error"]["stage"].as_str() {
            Some("type_builder") => {
                assert!(matches!(result, Err(BuilderError::Source { .. })), "{id}");
            }
            Some("build") => {
                let error = result.err().unwrap_or_else(|| panic!("{id}: taken"));
                assert!(message.ends_with(&error.to_string()), "{id}: {error}");
            }
            // A process that ended says nothing about the operations.
            _ => assert!(result.is_ok(), "{id}: {:?}", result.err()),
        }
    }
}

#[test]
fn recorded_texts_are_taken() {
    let folder = baml_testkit::testdata().join("conformance/parse");
    for file in ["attrs", "stream"] {
        let mut taken = 0;
        for (id, record) in baml_testkit::records(&folder.join(format!("{file}.jsonl"))) {
            let Value::String(source) = &record["type_builder"] else { continue };
            let name = record["baml"].as_str().unwrap();
            let text = fs::read_to_string(folder.join(Path::new(name))).unwrap();
            let ops = json!([{"op": "baml", "source": source}]);
            assert!(extend(&load(name, &text), &ops).is_ok(), "{id}");
            taken += 1;
        }
        assert!(taken > 0, "{file}");
    }
}

#[test]
fn text_adds_members_and_types_that_know_each_other() {
    let added = with(
        "dynamic class Person {\n  pet Pet?\n  tag Tag\n  tree Tree\n}\n\
         class Pet {\n  owner Person?\n  kind Kind @description(\"d\")\n  j J\n}\n\
         enum Kind {\n  Cat\n  Dog @alias(\"d\")\n}\n\
         type J = int | J[]\n\
         dynamic enum Mood {\n  Odd\n}\n",
    )
    .unwrap();
    let person = &added.classes["Person"].fields;
    let pet = added.class_id("Pet").unwrap();
    let TypeKind::Union(variants) = &person[1].ty.kind else { panic!("{:?}", person[1].ty) };
    assert_eq!(variants[0].kind, TypeKind::Class(pet));
    assert_eq!(person[2].ty.constraints[0].name.as_deref(), Some("short"));
    assert_eq!(person[3].ty.kind, TypeKind::Alias(added.alias_id("Tree").unwrap()));
    let fields = &added.classes["Pet"].fields;
    assert_eq!(fields[1].ty.kind, TypeKind::Enum(added.enum_id("Kind").unwrap()));
    assert_eq!(fields[2].ty.kind, TypeKind::Alias(added.alias_id("J").unwrap()));
    assert_eq!(added.enums["Mood"].values.len(), 3);
    assert_eq!(project().enums["Mood"].values.len(), 2);
    assert_eq!(added.class_id("Closed"), project().class_id("Closed"));
}

#[test]
fn text_with_an_error_is_refused_with_its_place() {
    for (text, wanted) in [
        ("dynamic class Closed {\n  z int\n}\n", "'Closed' does not contain the `@@dynamic`"),
        ("dynamic enum Fixed {\n  B\n}\n", "'Fixed' does not contain the `@@dynamic`"),
        ("dynamic class Ghost {\n  z int\n}\n", "Type 'Ghost' not found"),
        ("class Closed {\n  z int\n}\n", "\"Closed\" cannot be re-defined"),
        ("type Tag = int\n", "\"Tag\" cannot be re-defined"),
        ("dynamic class Person {\n  z Ghost[]?\n}\n", "Type `Ghost` does not exist"),
        ("client<llm> X {\n  provider openai\n}\n", "Syntax error in type builder block"),
        ("dynamic class Person {{{\n", "TypeBuilder::add_baml:1"),
        ("dynamic class Person {\n  z Person\n}\n", "dependency cycle: Person"),
        ("class Y {\n  z map<int, int>\n}\n", "Maps may only have strings"),
    ] {
        let error = with(text).unwrap_err();
        assert!(error.to_string().contains(wanted), "{text}\n{error}");
    }
}

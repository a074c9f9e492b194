//! The type builder, operation by operation; and that what is built lives with one call.

#![allow(clippy::unwrap_used)] // A test fails by it.

use baml_schema::builder::{BuilderError, TYPE_DEPTH_MAX, extend};
use baml_schema::{Literal, Schema, Type, TypeKind, check};
use baml_syntax::SourceMap;
use serde_json::{Value, json};

const PROJECT: &str = "class Person {\n  name string\n  @@dynamic\n}\n\
                       enum Mood {\n  Good @description(\"fine\")\n  Bad\n  @@dynamic\n}\n\
                       class Closed {\n  x int\n}\n";

fn project() -> Schema {
    let mut sources = SourceMap::default();
    sources.add("main.baml", PROJECT);
    let (schema, found) = check(&sources);
    assert!(found.is_empty(), "{found:?}");
    schema
}

fn with(ops: &Value) -> Schema {
    extend(&project(), ops).unwrap_or_else(|error| panic!("{ops}: {error}"))
}

fn refused(ops: &Value) -> BuilderError {
    extend(&project(), ops).unwrap_err()
}

fn fields(schema: &Schema, class: &str) -> Vec<String> {
    schema.classes[class].fields.iter().map(|field| field.name.to_string()).collect()
}

#[test]
fn class_makes_an_empty_class_once() {
    let schema = with(&json!([{"op": "class", "name": "Pet"}, {"op": "class", "name": "Pet"}]));
    assert!(fields(&schema, "Pet").is_empty());
    assert_eq!(schema.classes.len(), 3);
    assert_eq!(fields(&with(&json!([{"op": "class", "name": "Person"}])), "Person"), ["name"]);
}

#[test]
fn enum_makes_an_empty_enum_or_names_one_anew() {
    let schema = with(&json!([{"op": "enum", "name": "Kind"}]));
    assert!(schema.enums["Kind"].values.is_empty());
    let schema = with(&json!([{"op": "enum", "name": "Mood", "alias": "Feeling"}]));
    assert_eq!(schema.enums["Mood"].alias.as_deref(), Some("Feeling"));
    assert_eq!(schema.enums["Mood"].values.len(), 2);
}

#[test]
fn property_adds_a_field_of_each_kind_of_type() {
    let text = || Type::new(TypeKind::String);
    let kinds: Vec<(Value, TypeKind)> = vec![
        (json!("string"), TypeKind::String),
        (json!("int"), TypeKind::Int),
        (json!("float"), TypeKind::Float),
        (json!("bool"), TypeKind::Bool),
        (json!("null"), TypeKind::Null),
        (json!({"literal": "a"}), TypeKind::Literal(Literal::String("a".into()))),
        (json!({"literal": 5}), TypeKind::Literal(Literal::Int(5))),
        (json!({"literal": true}), TypeKind::Literal(Literal::Bool(true))),
        (json!({"list": "string"}), TypeKind::List(Box::new(text()))),
        (json!({"map": ["string", "string"]}), TypeKind::Map(Box::new(text()), Box::new(text()))),
        (json!({"optional": "string"}), text().optional().kind),
        (json!({"union": ["string", "null"]}), text().optional().kind),
    ];
    for (written, wanted) in kinds {
        let op = json!({"op": "property", "class": "Person", "name": "p", "type": written});
        let schema = with(&json!([op]));
        assert_eq!(schema.classes["Person"].fields[1].ty.kind, wanted, "{written}");
    }
}

#[test]
fn property_names_classes_and_enums_that_are_made_by_that() {
    let schema = with(&json!([
        {"op": "property", "class": "Pet", "name": "owner", "type": {"class": "Person"}},
        {"op": "property", "class": "Pet", "name": "kind", "type": {"enum": "Kind"}},
        {"op": "value", "enum": "Kind", "name": "Cat"},
    ]));
    let pet = &schema.classes["Pet"].fields;
    assert_eq!(pet[0].ty.kind, TypeKind::Class(schema.class_id("Person").unwrap()));
    assert_eq!(pet[1].ty.kind, TypeKind::Enum(schema.enum_id("Kind").unwrap()));
}

#[test]
fn property_again_changes_what_it_says_anew() {
    let schema = with(&json!([
        {"op": "property", "class": "Person", "name": "p", "type": "int", "alias": "a",
         "description": "d"},
        {"op": "property", "class": "Person", "name": "p", "type": "bool", "alias": "b"},
    ]));
    let field = &schema.classes["Person"].fields[1];
    assert_eq!(field.ty.kind, TypeKind::Bool);
    let said = (field.alias.as_deref(), field.description.as_deref());
    assert_eq!(said, (Some("b"), Some("d")));
    assert_eq!(fields(&schema, "Person"), ["name", "p"]);
}

#[test]
fn property_that_the_class_declares_is_refused() {
    let error = refused(&json!([
        {"op": "property", "class": "Person", "name": "name", "type": "int"},
    ]));
    assert_eq!(error, BuilderError::Predefined { class: "Person".into(), field: "name".into() });
}

#[test]
fn remove_property_takes_back_what_was_added_and_nothing_else() {
    let added = json!({"op": "property", "class": "Person", "name": "p", "type": "int"});
    let remove = |name: &str| json!({"op": "remove_property", "class": "Person", "name": name});
    assert_eq!(fields(&with(&json!([added, remove("p")])), "Person"), ["name"]);
    assert_eq!(fields(&with(&json!([remove("name"), remove("ghost")])), "Person"), ["name"]);
    assert_eq!(fields(&with(&json!([added, remove("p"), added])), "Person"), ["name", "p"]);
}

#[test]
fn value_adds_one_or_changes_what_it_says_anew() {
    let schema = with(&json!([
        {"op": "value", "enum": "Mood", "name": "Odd", "alias": "o", "description": "strange"},
        {"op": "value", "enum": "Mood", "name": "Good", "alias": "g"},
        {"op": "value", "enum": "Mood", "name": "Bad", "skip": true},
    ]));
    let values = &schema.enums["Mood"].values;
    let names: Vec<&str> = values.iter().map(|value| value.name.as_str()).collect();
    assert_eq!(names, ["Good", "Bad", "Odd"]);
    assert_eq!(values[0].alias.as_deref(), Some("g"));
    assert_eq!(values[0].description.as_deref(), Some("fine"), "what is left open stays");
    assert!(values[1].skip && !values[0].skip);
    assert_eq!(values[2].description.as_deref(), Some("strange"));
}

#[test]
fn baml_adds_declarations_and_opens_dynamic_types() {
    let source = "class Pet {\n  owner Person\n}\nenum Kind {\n  Cat\n}\ntype Pets = Pet[]\n\
                  dynamic class Person {\n  pets Pets\n}\ndynamic enum Mood {\n  Odd\n}\n";
    let schema = with(&json!([{"op": "baml", "source": source}]));
    assert_eq!(fields(&schema, "Person"), ["name", "pets"]);
    assert_eq!(schema.enums["Mood"].values.len(), 3);
    assert_eq!(schema.enums["Kind"].values.len(), 1);
    let closed = "dynamic class Closed {\n  y int\n}\n";
    let error = refused(&json!([{"op": "baml", "source": closed}]));
    assert!(matches!(error, BuilderError::Source { .. }), "{error}");
}

#[test]
fn operations_of_no_known_form_are_refused_by_their_position() {
    for (op, wanted) in [
        (json!({}), "`op` must name an operation"),
        (json!({"op": "explode"}), "no operation `explode`"),
        (json!({"op": "class"}), "`name` must be a text"),
        (json!({"op": "property", "class": "A", "name": "b"}), "needs a `type`"),
        (json!({"op": "property", "class": "A", "name": "b", "type": "text"}), "no type"),
        (json!({"op": "property", "class": "A", "name": "b", "type": {"map": ["int"]}}), "no type"),
        (json!({"op": "value", "enum": "E", "name": "V", "skip": 1}), "`skip` must be a bool"),
        (json!({"op": "value", "enum": "E", "name": "V", "alias": 1}), "alias"),
        (json!({"op": "baml"}), "`source` must be a text"),
        (json!("class"), "`op` must name an operation"),
    ] {
        let error = refused(&json!([{"op": "class", "name": "First"}, op]));
        assert!(matches!(error, BuilderError::Operation { index: 1, .. }), "{op}: {error}");
        assert!(error.to_string().contains(wanted), "{op}: {error}");
    }
    assert!(extend(&project(), &json!({"op": "class"})).is_err(), "no list");
    assert!(extend(&project(), &Value::Null).is_ok(), "nothing at all");
}

#[test]
fn types_nest_to_their_limit_and_no_further() {
    let nested = |depth: usize| {
        let ty = (0..depth).fold(json!("int"), |inner, _| json!({"list": inner}));
        json!([{"op": "property", "class": "Person", "name": "p", "type": ty}])
    };
    with(&nested(TYPE_DEPTH_MAX));
    let error = refused(&nested(TYPE_DEPTH_MAX + 1));
    assert!(error.to_string().contains("nests too deeply"), "{error}");
}

#[test]
fn what_is_built_lives_with_one_call() {
    let base = project();
    let before = format!("{base:?}");
    let ops = json!([
        {"op": "property", "class": "Person", "name": "p", "type": "int"},
        {"op": "value", "enum": "Mood", "name": "Odd"},
        {"op": "baml", "source": "class Pet {\n  a int\n}\n"},
    ]);
    let first = extend(&base, &ops).unwrap();
    assert_eq!(format!("{base:?}"), before, "the project's schema is as it was");
    let second = extend(&base, &json!([{"op": "class", "name": "Other"}])).unwrap();
    assert_eq!(fields(&second, "Person"), ["name"], "nothing of the first call is seen");
    assert!(!second.classes.contains_key("Pet") && !first.classes.contains_key("Other"));
    for name in base.classes.keys() {
        assert_eq!(first.class_id(name), base.class_id(name), "ids stay");
    }
}

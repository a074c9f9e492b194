//! What holds for every project: checking ends, and every finding can be shown.
//! Method: random sequences of declarations that refer to each other in every wrong way.

use baml_syntax::{SourceMap, render};
use proptest::prelude::*;

const DECLARATIONS: &[&str] = &[
    "class A { a B? b map<E, A[]> @skip c D @alias(\"x\") @@dynamic }",
    "class B { a A  c (A | B)[] @check(x, {{ this }}) from int }",
    "class A { a A }",
    "enum E { X @alias(\"y\") @skip\n Y\n X\n @@dynamic }",
    "enum A { X }",
    "type D = int | D[] | map<string, D>",
    "type F = F | G?",
    "type G = (F, D)",
    "function Fn(a: A, b: Nope[]) -> D? {\n client C\n prompt #\"{{ a }}\"#\n}",
    "function Fn(x: int) -> int {\n x + 1\n}",
    "client<llm> C {\n provider fallback\n retry_policy R\n options { strategy [C, Z, \"openai/x\"] }\n}",
    "client<llm> Z {\n provider openai\n options { http { request_timeout 5 } headers 5 }\n}",
    "retry_policy R {\n max_retries 3\n strategy { type exponential_backoff }\n}",
    "generator g {\n output_type \"python/pydantic\"\n version 5\n}",
    "template_string T(a: A) #\"{{ a }}\"#",
    "test Te {\n functions [Fn, Nope]\n args { a { a null } b [1, {}] }\n}",
    "test Te {\n functions [Fn]\n type_builder {\n class N { a A }\n dynamic class A { z N }\n }\n args {}\n}",
    "let x = 5;",
    "}",
];

proptest! {
    #[test]
    fn any_declarations_are_checked(
        picks in prop::collection::vec(prop::sample::select(DECLARATIONS), 0..12),
        files in 1usize..3,
    ) {
        let mut sources = SourceMap::default();
        for part in picks.chunks(picks.len().div_ceil(files).max(1)) {
            sources.add("part.baml", part.join("\n"));
        }
        let (schema, found) = baml_schema::check(&sources);
        render::text(&found, &sources);
        prop_assert!(schema.env_names().is_empty());
    }
}

#[test]
fn aliases_that_double_stay_small() {
    let mut text = "type A0 = int\n".to_owned();
    for at in 1..60 {
        text.push_str(&format!("type A{at} = A{0}[] | map<string, A{0}>\n", at - 1));
    }
    text.push_str("class K { a A59 }\n");
    let mut sources = SourceMap::default();
    sources.add("main.baml", text);
    let (schema, found) = baml_schema::check(&sources);
    assert!(found.is_empty());
    assert!(!schema.aliases.is_empty());
}

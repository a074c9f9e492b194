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

/// Every recorded project's text: what people write.
fn recorded() -> Vec<String> {
    let folder = baml_testkit::testdata().join("conformance");
    let mut texts = Vec::new();
    for kind in ["parse", "request", "stream"] {
        let entries = std::fs::read_dir(folder.join(kind)).expect("the recorded folder");
        for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
            if path.extension().is_some_and(|ending| ending == "baml") {
                texts.push(std::fs::read_to_string(path).expect("a recorded file"));
            }
        }
    }
    texts.sort();
    texts
}

/// A text with a piece of it removed, doubled, or replaced by something that opens or closes.
fn damaged() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "", "{", "}", "(", ")", "[", "]", "\"", "#\"", "\"#", "{{", "}}", "{//", "@", "\n", "é",
        "|",
    ];
    let change = (any::<u16>(), 0usize..40, prop::sample::select(PIECES), any::<bool>());
    let changes = prop::collection::vec(change, 1..6);
    (prop::sample::select(recorded()), changes).prop_map(|(mut text, changes)| {
        for (at, len, piece, double) in changes {
            let boundary =
                |at: usize| (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            let start = boundary(at as usize % (text.len() + 1));
            let end = boundary((start + len).min(text.len())).max(start);
            let kept = if double { text[start..end].repeat(2) } else { String::new() };
            text.replace_range(start..end, &format!("{kept}{piece}"));
        }
        text
    })
}

proptest! {
    #[test]
    fn damaged_projects_are_checked(text in damaged()) {
        let mut sources = SourceMap::default();
        sources.add("main.baml", text);
        let (_, found) = baml_schema::check(&sources);
        render::text(&found, &sources);
        render::json(&found, &sources);
    }
}

/// Texts that repeat one thing: what is looked for again and again must not cost more each time.
#[test]
fn repeated_pieces_cost_the_same_each_time() {
    const PIECES: &[&str] = &[
        "class A {\n",
        "{//",
        "#\"",
        "\"",
        "@x(",
        "@x({{ ",
        "a (",
        "a map<",
        "[",
        "{ a ",
        "a b | ",
        "function f(",
        "class A { function f( {\n",
        "let x = {",
        "let x = \"\\",
        "type A = A[] | ",
        "enum E { A }\n",
        "test T { functions [F] }\n",
        "type_builder {",
        "a int @alias(\"x\") ",
        "/// doc\n",
        "class K { a Nope }\n",
        "generator g { output_type 5 }\n",
        "a {{ }}\n",
        "function F(x: int) -> int {\n client openai/x\n prompt #\"x\"#\n}\n",
        "-1 ",
        "\"\\",
        "client<llm> C {\n provider fallback\n options { strategy [C] }\n}\n",
    ];
    const BYTES: usize = 60_000;
    let time = |text: String| {
        let mut sources = SourceMap::default();
        sources.add("main.baml", text);
        let begun = std::time::Instant::now();
        baml_schema::check(&sources);
        begun.elapsed()
    };
    for piece in PIECES {
        for head in ["", "class A {\n", "test T {\n", "function F() -> int {\n"] {
            let text = |bytes: usize| format!("{head}{}", piece.repeat(bytes / piece.len()));
            // Linear time is four times as much, quadratic sixteen times; a busy machine gets three
            // attempts.
            let linear = (0..3).any(|_| {
                let (short, long) = (time(text(BYTES / 4)), time(text(BYTES)));
                long < short * 10 + std::time::Duration::from_millis(200)
            });
            assert!(linear, "{head:?} {piece:?}");
        }
    }
}

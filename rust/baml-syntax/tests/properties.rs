//! What holds for every text, sense or nonsense: reading it ends, and the tree leaves nothing out.
//! Method: random texts, and random sequences of pieces of the language.

use baml_syntax::tree::Tree;
use baml_syntax::{FileId, SourceMap, parse, render};
use proptest::prelude::*;

/// Pieces that make the parser go places.
const PIECES: &[&str] = &[
    "class",
    "enum",
    "type",
    "function",
    "client<llm>",
    "test",
    "generator",
    "retry_policy",
    "template_string",
    "type_builder",
    "dynamic",
    "let",
    "watch",
    "A",
    "b",
    "map<",
    "string",
    "int",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "[]",
    "<",
    ">",
    "|",
    "?",
    "@",
    "@@",
    "@alias",
    "#\"",
    "\"#",
    "##\"",
    "\"##",
    "\"",
    "\\",
    "'",
    "{{",
    "}}",
    "{//",
    "//}",
    "//",
    "///",
    "\n",
    "\r\n",
    "\t",
    " ",
    "  ",
    ",",
    ":",
    ";",
    "=",
    "->",
    "-1",
    "1.5",
    "env.X",
    "é",
    "🎉",
    "prompt",
    "client",
    "options",
    "this > 0",
    ".",
];

fn soup() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(PIECES);
    prop::collection::vec((piece, prop::bool::weighted(0.6)), 0..120).prop_map(|pieces| {
        let with = |(piece, spaced): (&str, bool)| [piece, if spaced { " " } else { "" }].concat();
        pieces.into_iter().map(with).collect()
    })
}

/// The tree tells the text: items in order, and nothing but blank space and comments between them.
fn tells_all_of(tree: &Tree, text: &str) -> bool {
    let mut spans: Vec<(usize, usize)> = tree
        .items
        .iter()
        .map(|item| item.span())
        .map(|s| (s.start as usize, s.end as usize))
        .collect();
    let comments = tree.comments.iter().map(|one| (one.span.start as usize, one.span.end as usize));
    let outside: Vec<_> = comments
        .filter(|(start, _)| !spans.iter().any(|item| item.0 <= *start && *start < item.1))
        .collect();
    spans.extend(outside);
    spans.sort_unstable();
    let mut at = 0;
    for (start, end) in spans {
        let Some(gap) = text.get(at..start) else { return false };
        if !gap.trim().is_empty() || end < start {
            return false;
        }
        at = end;
    }
    text[at..].trim().is_empty()
}

fn holds(text: &str) {
    let (tree, found) = parse(FileId(0), text);
    assert!(tells_all_of(&tree, text), "{text:?}\n{tree:#?}");
    let mut sources = SourceMap::default();
    sources.add("main.baml", text);
    for one in &found {
        let span = one.span.start as usize..one.span.end as usize;
        assert!(text.get(span).is_some(), "{one:?} of {text:?}");
    }
    render::text(&found, &sources);
    render::json(&found, &sources);
}

proptest! {
    #[test]
    fn any_text_is_read_and_told(text in any::<String>()) {
        holds(&text);
    }

    #[test]
    fn any_pieces_are_read_and_told(text in soup()) {
        holds(&text);
    }
}

#[test]
fn nesting_beyond_the_limit_is_told() {
    let nested = |depth: usize| {
        format!("class A {{\n  a {}int{}\n}}\n", "(".repeat(depth), ")".repeat(depth))
    };
    let limit = baml_syntax::DEPTH_MAX as usize;
    assert!(parse(FileId(0), &nested(limit - 1)).1.is_empty());
    let (_, found) = parse(FileId(0), &nested(limit));
    assert_eq!(found[0].id, "E-depth");
    let (_, found) = parse(FileId(0), &nested(200_000));
    assert_eq!(found[0].id, "E-depth");
}

#[test]
fn brace_that_never_closes_is_left_where_it_is() {
    holds("let x = {");
    holds("let x = ( {1 @@");
    holds("function F(x: int) -> int { let y = {");
}

//! Lexer, parser, formatter: any text yields a tree whose spans lie in the text; formatting is
//! stable and keeps what is declared.

#![no_main]

use baml_syntax::{FileId, format, parse, render};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (tree, diagnostics) = parse(FileId::default(), text);
    for item in &tree.items {
        let span = item.span();
        assert!(text.get(span.start as usize..span.end as usize).is_some(), "{span:?}");
    }
    let mut sources = baml_syntax::SourceMap::default();
    sources.add("main.baml", text);
    render::text(&diagnostics, &sources);
    render::json(&diagnostics, &sources);
    if let Ok(once) = format(text) {
        assert_eq!(format(&once).as_ref(), Ok(&once));
    }
});

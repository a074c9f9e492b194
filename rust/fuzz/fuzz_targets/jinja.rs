//! The check of one template and one constraint: any text of either ends in findings.

#![no_main]

use baml_syntax::SourceMap;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if text.contains("\"#") {
        return;
    }
    let project = format!(
        "class K {{\n  name string\n  next K?\n  kinds E[]\n  m map<string, int>\n}}\n\
         enum E {{\n  A\n  B\n}}\n\
         template_string T(k: K, e: E, n: int, s: string?) #\"{text}\"#\n"
    );
    let mut sources = SourceMap::default();
    sources.add("main.baml", project);
    let (schema, _) = baml_schema::check(&sources);
    baml_jinja::check::check(&schema, &sources);
});

//! The type builder.

use std::sync::LazyLock;

use baml_schema::Schema;
use baml_schema::builder::extend;
use baml_syntax::SourceMap;

use crate::text_of;

static BASE: LazyLock<Schema> = LazyLock::new(|| {
    let mut sources = SourceMap::default();
    let project =
        "class A {\n  a int\n  @@dynamic\n}\nenum E {\n  X\n  @@dynamic\n}\ntype T = A[]\n";
    sources.add("main.baml", project);
    baml_schema::check(&sources).0
});

/// Any operations, and any added text, end in a schema or an error.
pub fn builder(bytes: &[u8]) {
    let text = text_of(bytes);
    let ops = serde_json::from_str(text)
        .unwrap_or_else(|_| serde_json::json!([{"op": "baml", "source": text}]));
    let _ = extend(&BASE, &ops);
}

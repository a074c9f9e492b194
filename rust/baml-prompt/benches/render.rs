//! How long a prompt takes: arguments of growing size, schemas of growing number of types.
//!
//! Both must grow linearly. `cargo bench -p baml-prompt`. The official `buildRequest` 0.226.2 took,
//! on the machine where this took 0.015, 2.0 and 0.17 ms: 0.30 ms for a text of 100 KiB, 29 ms for
//! 100 KiB of classes, 2.8 ms for 200 types (with the request around the prompt).

use baml_prompt::{ClientContext, PromptContext, convert_arguments, render};
use baml_schema::Schema;
use baml_syntax::SourceMap;
use divan::{Bencher, black_box};
use indexmap::IndexMap;
use serde_json::{Value as Json, json};

fn main() {
    divan::main();
}

const KIB: usize = 1024;

fn load(source: &str) -> Schema {
    let mut sources = SourceMap::default();
    sources.add("main.baml", source);
    let (schema, diagnostics) = baml_schema::check(&sources);
    assert!(schema.functions.contains_key("F"), "{diagnostics:?}");
    schema
}

fn bench(bencher: Bencher, schema: &Schema, args: &Json) {
    let roles = ["system", "user", "assistant"].map(Into::into).to_vec();
    let client = ClientContext {
        default_role: "system".into(),
        allowed_roles: roles,
        ..ClientContext::default()
    };
    let context = PromptContext { client, tags: IndexMap::new() };
    let function = &schema.functions["F"];
    bencher.bench(|| {
        let args = convert_arguments(schema, &function.params, black_box(args)).expect("fits");
        render(schema, function, &args, &context).expect("renders")
    });
}

/// A text argument between roles.
#[divan::bench(args = [10, 100, 1000])]
fn text_argument_kib(bencher: Bencher, kib: usize) {
    let schema = load(
        "client<llm> C {\n  provider openai\n  options {\n    model \"m\"\n  }\n}\n\
         function F(s: string) -> string {\n  client C\n  prompt #\"{{ _.role(\"system\") }}\n  \
         Read.\n  {{ _.role(\"user\") }}\n  {{ s }}\"#\n}\n",
    );
    let text = "The quick brown fox jumps over the lazy dog. ".repeat(kib * KIB / 45);
    bench(bencher, &schema, &json!({ "s": text }));
}

/// A list of classes, printed whole.
#[divan::bench(args = [10, 100, 1000])]
fn class_argument_kib(bencher: Bencher, kib: usize) {
    let schema = load(
        "client<llm> C {\n  provider openai\n  options {\n    model \"m\"\n  }\n}\n\
         class Person {\n  name string @alias(\"full name\")\n  age int\n  tags string[]\n}\n\
         function F(people: Person[]) -> string {\n  client C\n  prompt #\"{{ people }}\"#\n}\n",
    );
    let person = json!({"name": "Ada Lovelace", "age": 36, "tags": ["first", "programmer"]});
    let people = vec![person; kib * KIB / 64];
    bench(bencher, &schema, &json!({ "people": people }));
}

/// An output format that reaches every type of the schema.
#[divan::bench(args = [50, 200, 800])]
fn output_format_types(bencher: Bencher, types: usize) {
    let mut source = String::from(
        "client<llm> C {\n  provider openai\n  options {\n    model \"m\"\n  }\n}\n\
         function F() -> Root {\n  client C\n  prompt #\"{{ ctx.output_format }}\"#\n}\n",
    );
    let mut root = String::from("class Root {\n");
    for at in 0..types / 2 {
        source.push_str(&format!("enum E{at} {{\n  A @description(\"a\")\n  B\n  C\n}}\n"));
        source.push_str(&format!(
            "class K{at} {{\n  a int @description(\"an int\")\n  b string[]\n  e E{at}?\n}}\n"
        ));
        root.push_str(&format!("  f{at} K{at}\n"));
    }
    source.push_str(&root);
    source.push_str("}\n");
    bench(bencher, &load(&source), &json!({}));
}

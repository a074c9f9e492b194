//! Reading a reply: any text in any pieces ends in a value or an error, whatever the pieces.

#![no_main]

use std::sync::{Arc, LazyLock};

use baml_reply::{Reader, Target, parse};
use baml_syntax::SourceMap;
use libfuzzer_sys::fuzz_target;

static TARGETS: LazyLock<Vec<Arc<Target>>> = LazyLock::new(|| {
    let project = r##"
class Person {
  name string @alias("Name")
  age int?
  mood Mood
  tags string[] @stream.done
  boss Person?
  extra map<string, float | bool>
  any Json @check(small, {{ this|length < 9 }})
}
enum Mood {
  Good @alias("fine")
  Bad
}
type Json = string | int | bool | null | Json[] | map<string, Json>
function A() -> Person { client "openai/x" prompt #"x"# }
function B() -> Person[] | string { client "openai/x" prompt #"x"# }
function C() -> Mood? { client "openai/x" prompt #"x"# }
function D() -> Json { client "openai/x" prompt #"x"# }
function E() -> int | float { client "openai/x" prompt #"x"# }
"##;
    let mut sources = SourceMap::default();
    sources.add("main.baml", project);
    let schema = Arc::new(baml_schema::check(&sources).0);
    let returns = schema.functions.values().map(|function| function.returns.clone());
    returns.map(|ty| Arc::new(Target::new(Arc::clone(&schema), ty))).collect()
});

fuzz_target!(|input: (u8, u8, &str)| {
    let (which, step, text) = input;
    let target = &TARGETS[which as usize % TARGETS.len()];
    let mut reader = Reader::new(Arc::clone(target));
    let mut rest = text;
    while !rest.is_empty() {
        let wanted = usize::from(step % 16) + 1;
        let cut = rest.char_indices().nth(wanted).map_or(rest.len(), |(at, _)| at);
        reader.push(&rest[..cut]);
        let _ = reader.partial();
        rest = &rest[cut..];
    }
    let whole = parse(target, text);
    let pieces = reader.finish();
    assert_eq!(whole.is_ok(), pieces.is_ok());
    if let (Ok(whole), Ok(pieces)) = (whole, pieces) {
        assert_eq!(format!("{whole:?}"), format!("{pieces:?}"));
    }
});

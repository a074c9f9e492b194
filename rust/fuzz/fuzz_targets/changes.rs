//! Reading a reply as it grows: the changes told at each poll lead to what a fresh reader of the
//! same prefix shows, whatever the pieces.

#![no_main]

use std::sync::{Arc, LazyLock};

use baml_reply::{Reader, Target, apply, parse_partial};
use baml_schema::Value;
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
class Note {
  text string @stream.with_state
  parts (Note | string)[] @stream.with_state
  count int @stream.not_null
}
enum Mood {
  Good @alias("fine")
  Bad
}
type Json = string | int | bool | null | Json[] | map<string, Json>
function A() -> Person { client "openai/x" prompt #"x"# }
function B() -> Person[] | string { client "openai/x" prompt #"x"# }
function C() -> Note { client "openai/x" prompt #"x"# }
function D() -> Json { client "openai/x" prompt #"x"# }
function E() -> (Note | Person)[] { client "openai/x" prompt #"x"# }
function F() -> map<string, Note[]> | Note { client "openai/x" prompt #"x"# }
"##
    .replace("{ client", "{\n client")
    .replace(" prompt", "\n prompt")
    .replace("# }", "#\n}");
    let mut sources = SourceMap::default();
    sources.add("main.baml", project);
    let (schema, diagnostics) = baml_schema::check(&sources);
    let schema = Arc::new(schema);
    let returns = schema.functions.values().map(|function| function.returns.clone());
    let targets: Vec<_> =
        returns.map(|ty| Arc::new(Target::new(Arc::clone(&schema), ty))).collect();
    assert_eq!(targets.len(), 6, "{diagnostics:?}");
    targets
});

/// Of texts longer than this the last characters may be told later than they are shown.
const TEXT_MAX: usize = 1_000;

fuzz_target!(|input: (u8, u8, &str)| {
    let (which, step, text) = input;
    if text.len() > TEXT_MAX {
        return;
    }
    let target = &TARGETS[which as usize % TARGETS.len()];
    let mut reader = Reader::new(Arc::clone(target));
    let mut held: Option<Value> = None;
    let mut at = 0;
    while at < text.len() {
        let wanted = usize::from(step % 16) + 1;
        let rest = &text[at..];
        let cut = rest.char_indices().nth(wanted).map_or(rest.len(), |(at, _)| at);
        reader.push(&rest[..cut]);
        at += cut;
        if step & 16 != 0 && at % 3 == 0 {
            continue;
        }
        let told = reader.changes();
        let fresh = parse_partial(target, &text[..at]);
        assert_eq!(told.is_ok(), fresh.is_ok());
        if let Ok(Some(changes)) = told {
            let value = held.get_or_insert(Value::Null);
            apply(value, &changes);
            let value: Result<_, ()> = Ok(Some(value));
            assert_eq!(format!("{value:?}"), format!("{:?}", fresh.map_err(drop)));
        }
    }
});

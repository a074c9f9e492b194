//! Hostile replies end in a value or an error that says which bound they met, in linear time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use baml_reply::{
    BLOCKS_MAX, Bound, DEPTH_MAX, LENGTH_MAX, PIECES_MAX, ROOTS_MAX, Reader, ReplyError, Target,
    parse, parse_partial,
};
use baml_syntax::SourceMap;

const SCHEMA: &str = r##"
class Item {
  name string
  count int?
}
type Json = int | float | bool | string | null | Json[] | map<string, Json>
enum Color { RED GREEN }
function Items(x: string) -> Item[] { client "openai/x" prompt #"x"# }
function Any(x: string) -> Json { client "openai/x" prompt #"x"# }
function Pick(x: string) -> Color { client "openai/x" prompt #"x"# }
function Text(x: string) -> string { client "openai/x" prompt #"x"# }
function Either(x: string) -> Item | int | string[] { client "openai/x" prompt #"x"# }
"##;

const ATTEMPTS_MAX: usize = 5;

fn target(function: &str) -> Arc<Target> {
    let mut sources = SourceMap::default();
    let one_a_line = SCHEMA.replace("{ RED GREEN }", "{\n RED\n GREEN\n}");
    sources.add(
        "main.baml",
        one_a_line.replace(" prompt", "\n prompt").replace("{ client", "{\n client"),
    );
    let (schema, diagnostics) = baml_schema::check(&sources);
    let found = schema.functions.get(function);
    let ty = found.unwrap_or_else(|| panic!("{diagnostics:?}")).returns.clone();
    Arc::new(Target::new(Arc::new(schema), ty))
}

fn time(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

#[test]
fn depth_beyond_bound_error_names_it() {
    let target = target("Any");
    for text in ["[".repeat(12_000), "{\"a\":".repeat(12_000), "[{\"a\":".repeat(6_000)] {
        assert_eq!(parse(&target, &text), Err(ReplyError::Beyond(Bound::Depth)));
        assert_eq!(parse_partial(&target, &text), Err(ReplyError::Beyond(Bound::Depth)));
    }
    assert!(Bound::Depth.to_string().contains(&DEPTH_MAX.to_string()));
}

#[test]
fn depth_at_bound_is_read() {
    let target = target("Any");
    let text = format!("{}{}", "[".repeat(DEPTH_MAX), "]".repeat(DEPTH_MAX));
    assert!(parse(&target, &text).is_ok());
    assert!(parse_partial(&target, &text[..DEPTH_MAX + 7]).is_ok());
    let text = format!("[{text}]");
    assert_eq!(parse(&target, &text), Err(ReplyError::Beyond(Bound::Depth)));
}

/// Replies at a bound, and one beyond it.
#[test]
fn bound_reached_is_read_and_one_beyond_names_it() {
    let target = target("Items");
    type Text = fn(usize) -> String;
    let cases: [(Bound, usize, Text); 3] = [
        (Bound::Pieces, PIECES_MAX, |count| "{\"name\": \"a\"} ".repeat(count)),
        (Bound::Blocks, BLOCKS_MAX, |count| "```json\n{\"name\": \"a\"}\n```\n".repeat(count)),
        (Bound::Roots, ROOTS_MAX, |count| format!("[}}] {}", "{} ".repeat(count - 1))),
    ];
    for (bound, max, text) in cases {
        assert!(parse(&target, &text(max)).is_ok(), "{bound:?}");
        let beyond = text(max + 1);
        assert_eq!(parse(&target, &beyond), Err(ReplyError::Beyond(bound)));
        assert_eq!(parse_partial(&target, &beyond), Err(ReplyError::Beyond(bound)));
        let mut reader = Reader::new(Arc::clone(&target));
        reader.push(&beyond);
        assert_eq!(reader.changes(), Err(ReplyError::Beyond(bound)));
    }
}

#[test]
fn length_at_bound_is_read_and_one_byte_more_refused() {
    let target = target("Text");
    let mut reader = Reader::new(target);
    let piece = "a".repeat(LENGTH_MAX / 4);
    for _ in 0..4 {
        reader.push(&piece);
    }
    assert!(matches!(reader.changes(), Ok(Some(changes)) if changes.len() == 1));
    reader.push("b");
    assert_eq!(reader.text().len(), LENGTH_MAX);
    assert_eq!(reader.changes(), Err(ReplyError::Beyond(Bound::Length)));
    assert_eq!(reader.finish(), Err(ReplyError::Beyond(Bound::Length)));
}

/// A reply that is itself the value is not read for anything in it.
#[test]
fn text_of_brackets_is_a_text() {
    let target = target("Text");
    let text = "[".repeat(DEPTH_MAX + 1);
    assert_eq!(parse(&target, &text), Ok(baml_schema::Value::string(text)));
}

/// The times that grew more than four times the size explains, in each of several attempts: other
/// work on the machine may slow down one of them, a cost that is not linear slows down all.
fn grows_too_fast(cost: &dyn Fn(usize) -> Duration) -> Option<(Duration, Duration)> {
    let mut told = None;
    for _ in 0..ATTEMPTS_MAX {
        let (small, big) = (cost(16_000), cost(64_000));
        if big < small * 16 + Duration::from_millis(80) {
            return None;
        }
        told = Some((small, big));
    }
    told
}

/// Replies that double in size must not take much more than double the time, however they are fed.
#[test]
fn hostile_replies_take_linear_time() {
    let parts = [
        "{",
        "[",
        "}",
        "]",
        "{}",
        "[]",
        "{]",
        "\"",
        "\\",
        "'",
        "`",
        "```\n",
        "```a\n",
        "/",
        "/*",
        "//\n",
        ",",
        ":",
        "{a:",
        "[1,",
        "\"a\" ",
        "{\"a\":1}\n",
        "RED GREEN ",
        "1 ",
        "a, ",
        "\u{e9}",
        "{\"a\":\"",
        "\"\"\"",
        "\\u00",
        "[{\"name\":\"a\"},",
        "{a: b c, ",
        "```a\n{}\n```\n",
    ];
    for function in ["Items", "Any", "Pick", "Either"] {
        let target = target(function);
        for part in parts {
            let whole = |bytes: usize| {
                let text = part.repeat(bytes / part.len());
                time(|| drop(parse(&target, &text)))
            };
            let fed = |bytes: usize| {
                let text = part.repeat(bytes / part.len());
                time(|| {
                    let mut reader = Reader::new(Arc::clone(&target));
                    for piece in text.as_bytes().chunks(64) {
                        reader.push(&String::from_utf8_lossy(piece));
                        drop(reader.changes());
                    }
                })
            };
            for (how, cost) in [("whole", &whole as &dyn Fn(usize) -> Duration), ("fed", &fed)] {
                let told = grows_too_fast(cost);
                assert!(told.is_none(), "{function} {part:?} {how}: {told:?}");
            }
        }
    }
}

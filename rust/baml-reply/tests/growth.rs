//! What a poll costs does not grow with what came before, whatever the type and the reply.
//!
//! Method: each shape is streamed at two lengths, polled for changes at every piece; twice the
//! length may take little more than twice the time. The least of several attempts counts, so that
//! other work on the machine does not; a cost that is not linear shows in all of them. Left out are
//! shapes whose value itself is another one at each piece, as officially: an object or list printed
//! where a text was promised. To tell it all costs its size.

use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use baml_reply::{Reader, Target};
use baml_syntax::SourceMap;

const PIECE_BYTES: usize = 20;
const SMALL_BYTES: usize = 40_000;
const BIG_BYTES: usize = 80_000;
/// Twice the length, and some room for memory that is further away.
const RATIO_MAX: f64 = 2.5;
const ATTEMPTS_MAX: usize = 12;

const CLASSES: &str = r#"
class Item {
  name string
  count int
  note string?
  tags string[]
}
class Checked {
  name string @check(short, {{ this|length < 99 }})
  count int @assert(small, {{ this >= 0 }})
}
class Stated {
  name string @stream.with_state
  tags string[] @stream.with_state
}
class Strict {
  name string @stream.not_null
  count int @stream.not_null
}
class Done {
  name string @stream.done
  tags string[] @stream.done
}
class Long {
  text string
}
class Noted {
  count int @check(small, {{ this < 9 }})
  text string
}
class Items {
  items Item[]
}
class MaybeItems {
  title string?
  items Item[]?
}
class StatedItems {
  items Item[] @stream.with_state
}
class StatedText {
  text string @stream.with_state
}
class CheckedItems {
  items Item[] @check(many, {{ this|length > 3 }})
}
class EitherItems {
  items Item[] | string
}
class Tree {
  name string
  below Tree[]
}
class Open {
  name string
  count int?
  @@dynamic
}
class Picture {
  title string
  colors Color[]
  rest map<string, Item[]>
}
enum Color {
  Red
  Green @alias("gr")
  Blue
}
type Json = int | float | bool | string | null | Json[] | map<string, Json>
type Nested = int | Nested[]
"#;

/// A type, and the text of a reply of so many bytes.
struct Shape {
    name: &'static str,
    ty: &'static str,
    text: fn(usize) -> String,
}

const fn shape(name: &'static str, ty: &'static str, text: fn(usize) -> String) -> Shape {
    Shape { name, ty, text }
}

const SHAPES: &[Shape] = &[
    shape("list", "Item[]", list),
    shape("list, optional", "Item[]?", list),
    shape("list or text", "Item[] | string", list),
    shape("text or list", "string | Item[]", list),
    shape("list, class of a text or text", "Item[] | Long | string", list),
    shape("list of either", "(Item | Long | string)[]", list),
    shape("two lists", "Item[] | Strict[]", list),
    shape("list of strict", "Strict[]", list),
    shape("list of strict or text", "Strict[] | string", list),
    shape("list of done", "Done[]", list),
    shape("list of done or text", "Done[] | string", list),
    shape("list of stated", "Stated[]", list),
    shape("list of checked", "Checked[]", list),
    shape("list of checked or text", "Checked[] | string", list),
    shape("list of any", "Json", list),
    shape("list of texts or ints", "(string | int)[]", numbers),
    shape("ints", "int[]", numbers),
    shape("ints or text", "int[] | string", numbers),
    shape("lists of ints", "int[][]", rows),
    shape("lists of ints, any", "Nested", rows),
    shape("enums", "Color[]", colors),
    shape("enums or text", "Color[] | string", colors),
    shape("texts", "string[]", texts),
    shape("texts or text", "string[] | string", texts),
    shape("list in a class", "Items", in_class),
    shape("list in a class or text", "Items | string", in_class),
    shape("optional list in a class", "MaybeItems", in_class),
    shape("stated list in a class", "StatedItems", in_class),
    shape("checked list in a class", "CheckedItems", in_class),
    shape("list or text in a class", "EitherItems", in_class),
    shape("map", "map<string, Item>", map),
    shape("map or text", "map<string, Item> | string", map),
    shape("map of any", "Json", map),
    shape("map of texts", "map<string, string>", flat),
    shape("map of texts or text", "map<string, string> | string", flat),
    shape("class with more keys", "Open", named),
    shape("class with more keys or text", "Open | string", named),
    shape("recursive class, wide", "Tree", tree),
    shape("recursive class or text", "Tree | string", tree),
    shape("class with lists in a map", "Picture", picture),
    shape("list in a fence", "Item[]", |bytes| fenced(&list(bytes))),
    shape("list in a fence, or text", "Item[] | string", |bytes| fenced(&list(bytes))),
    shape("class in a fence, or text", "Items | string", |bytes| fenced(&in_class(bytes))),
    shape("list in a fence, optional", "Item[]?", |bytes| fenced(&list(bytes))),
    shape("list in a fence, any", "Json", |bytes| fenced(&list(bytes))),
    shape("list after prose", "Item[]", |bytes| format!("I think: {}", list(bytes))),
    shape("list after prose, or text", "Item[] | string", |bytes| {
        format!("I think [a, b] and {{c}}: {}", list(bytes))
    }),
    shape("long prose before", "Items", |bytes| format!("{}{{\"items\": []}}", words(bytes))),
    shape("long prose before, or text", "Items | string", words),
    shape("objects side by side", "Item[]", side_by_side),
    shape("objects side by side, or text", "Item[] | string", side_by_side),
    shape("objects side by side, one wanted", "Item", side_by_side),
    shape("broken list", "Item[]", broken),
    shape("broken list or text", "Item[] | string", broken),
    shape("bracket in texts", "Item[]", bracketed),
    shape("text", "string", words),
    shape("text, optional", "string?", words),
    shape("text or int", "string | int", words),
    shape("text of either", "Color | string", words),
    shape("long text in a class", "Long", long),
    shape("long text in a class or text", "Long | string", long),
    shape("long text beside a check", "Noted", |bytes| {
        format!("{{\"count\": 1, \"text\": \"{}\"}}", words(bytes))
    }),
    shape("long text, stated", "StatedText", long),
    shape("long text in a list", "string[]", |bytes| format!("[\"{}\"]", words(bytes))),
    shape("long text in a list of either", "(int | string)[]", |bytes| {
        format!("[\"{}\"]", words(bytes))
    }),
    shape("long text in a map", "map<string, string>", long),
    shape("long text, any", "Json", long),
    shape("long text in a fence", "Long", |bytes| fenced(&long(bytes))),
    shape("long text with escapes", "Long", |bytes| {
        format!("{{\"text\": \"{}\"}}", "a\\n\\\"b\\\" \\u00e9 ".repeat(bytes / 20))
    }),
    shape("long text unquoted", "Long", |bytes| format!("{{text: {}}}", words(bytes))),
    shape("long text, single quotes", "Long", |bytes| format!("{{'text': '{}'}}", words(bytes))),
    shape("long text, backticks", "Long", |bytes| format!("{{text: `{}`}}", words(bytes))),
    shape("long text, three quotes", "Long", |bytes| {
        format!("{{text: \"\"\"{}\"\"\"}}", "words\n".repeat(bytes / 6))
    }),
    shape("long text, three backticks", "Long", |bytes| {
        format!("{{text: ```\n{}```}}", "words\n".repeat(bytes / 6))
    }),
];

fn items(bytes: usize, mut part: impl FnMut(usize) -> String, between: &str) -> String {
    let mut out = String::new();
    for at in 0.. {
        if out.len() >= bytes {
            break;
        }
        if at > 0 {
            out.push_str(between);
        }
        out.push_str(&part(at));
    }
    out
}

fn item(at: usize) -> String {
    format!(
        "{{\"name\": \"item number {at}\", \"count\": {at}, \"note\": \"some words\", \
         \"tags\": [\"a\", \"b{at}\"]}}"
    )
}

fn list(bytes: usize) -> String {
    format!("[{}]", items(bytes, item, ", "))
}

fn in_class(bytes: usize) -> String {
    format!("{{\"items\": {}}}", list(bytes))
}

fn map(bytes: usize) -> String {
    format!("{{{}}}", items(bytes, |at| format!("\"key{at}\": {}", item(at)), ", "))
}

fn flat(bytes: usize) -> String {
    format!("{{{}}}", items(bytes, |at| format!("\"key{at}\": \"word {at}\""), ", "))
}

fn named(bytes: usize) -> String {
    let rest = items(bytes, |at| format!("\"key{at}\": \"word {at}\""), ", ");
    format!("{{\"name\": \"x\", {rest}}}")
}

fn tree(bytes: usize) -> String {
    let part =
        |at| format!("{{\"name\": \"n{at}\", \"below\": [{{\"name\": \"leaf\", \"below\": []}}]}}");
    format!("{{\"name\": \"top\", \"below\": [{}]}}", items(bytes, part, ", "))
}

fn picture(bytes: usize) -> String {
    let part = |at| format!("\"k{at}\": [{}, {}]", item(at), item(at + 1));
    let colors = colors(bytes / 2);
    let rest = items(bytes / 2, part, ", ");
    format!("{{\"title\": \"all\", \"colors\": {colors}, \"rest\": {{{rest}}}}}")
}

fn colors(bytes: usize) -> String {
    let names = ["\"Red\"", "\"gr\"", "\"BLUE\""];
    format!("[{}]", items(bytes, |at| names[at % names.len()].to_owned(), ", "))
}

fn numbers(bytes: usize) -> String {
    format!("[{}]", items(bytes, |at| (at * 7).to_string(), ", "))
}

fn rows(bytes: usize) -> String {
    format!("[{}]", items(bytes, |at| format!("[{at}, 2, 3, [4], []]"), ", "))
}

fn texts(bytes: usize) -> String {
    format!("[{}]", items(bytes, |at| format!("\"word {at}\""), ", "))
}

fn side_by_side(bytes: usize) -> String {
    items(bytes, item, "\nand then\n")
}

fn broken(bytes: usize) -> String {
    let part = |at| format!("{{name: item {at}, \"count\": {at},\n tags: ['a', 'b',],}}");
    format!("[{}]", items(bytes, part, ",\n"))
}

fn bracketed(bytes: usize) -> String {
    let part = |at| format!("{{\"name\": \"a ] or }} {at}\", \"count\": 1, \"tags\": [\"]\"]}}");
    format!("[{}]", items(bytes, part, ", "))
}

fn words(bytes: usize) -> String {
    "words and words ".repeat(bytes / 16)
}

fn long(bytes: usize) -> String {
    format!("{{\"text\": \"{}\"}}", words(bytes))
}

fn fenced(text: &str) -> String {
    format!("Here it is:\n\n```json\n{text}\n```\n")
}

fn targets() -> Vec<Arc<Target>> {
    let mut source = CLASSES.to_owned();
    for (at, shape) in SHAPES.iter().enumerate() {
        let ty = shape.ty;
        let _ = writeln!(
            source,
            "function F{at}(x: string) -> {ty} {{\n  client \"openai/x\"\n  prompt #\"x\"#\n}}"
        );
    }
    let mut sources = SourceMap::default();
    sources.add("main.baml", source);
    let (schema, diagnostics) = baml_schema::check(&sources);
    let schema = Arc::new(schema);
    let target = |at: usize| {
        let found = schema.functions.get(format!("F{at}").as_str());
        let ty = found.unwrap_or_else(|| panic!("{diagnostics:?}")).returns.clone();
        Arc::new(Target::new(Arc::clone(&schema), ty))
    };
    (0..SHAPES.len()).map(target).collect()
}

/// How long this thread has had a processor; where the system does not tell, the time of day.
fn worked(since: Instant) -> Duration {
    // The system counts when it looks at the thread.
    std::thread::yield_now();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|told| told.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

fn cost(target: &Arc<Target>, text: &str) -> Duration {
    let since = Instant::now();
    let started = worked(since);
    let mut reader = Reader::new(Arc::clone(target));
    for piece in text.as_bytes().chunks(PIECE_BYTES) {
        reader.push(std::str::from_utf8(piece).expect("the shapes are ASCII"));
        drop(reader.changes());
    }
    worked(since).saturating_sub(started)
}

/// How much longer the big one takes, as the least of the attempts say.
fn ratio(target: &Arc<Target>, text: fn(usize) -> String) -> (f64, Duration) {
    let texts = [text(SMALL_BYTES), text(BIG_BYTES)];
    let mut least = [Duration::MAX; 2];
    let mut ratio = f64::MAX;
    for _ in 0..ATTEMPTS_MAX {
        for (least, text) in least.iter_mut().zip(&texts) {
            *least = (*least).min(cost(target, text));
        }
        ratio = least[1].as_secs_f64() / least[0].as_secs_f64();
        if ratio <= RATIO_MAX {
            break;
        }
    }
    (ratio, least[1])
}

#[test]
fn streaming_twice_as_much_costs_twice_as_much() {
    let mut wrong = Vec::new();
    for (shape, target) in SHAPES.iter().zip(targets()) {
        let (ratio, took) = ratio(&target, shape.text);
        let line = format!("{:32} {ratio:5.2} {took:9.2?}", shape.name);
        if std::env::var_os("BAMLWIRE_LIST").is_some() {
            let _ =
                std::io::Write::write_all(&mut std::io::stderr(), format!("{line}\n").as_bytes());
        }
        if ratio > RATIO_MAX {
            wrong.push(line);
        }
    }
    assert!(wrong.is_empty(), "shape, times as long, time of the long one:\n{}", wrong.join("\n"));
}

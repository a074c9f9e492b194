//! Time grows with the text and no faster, whatever the text: each shape of hostile source is
//! checked at one size and at four times that size.
//!
//! Method: the time that this thread had the processor for (on the wall where the system does not
//! tell). Linear work takes 4 times as long, work of the square 16 times; more than `RATIO_MAX`
//! fails, when it does so every time it is tried.

#![allow(clippy::print_stdout)] // A report is printed.

use std::time::{Duration, Instant};

use baml_syntax::{SourceMap, format, render};

const RATIO_MAX: f64 = 8.0;
const TRIES: usize = 4;
/// Work is repeated for so long: the system tells processor time in steps of a few milliseconds.
const TIME_MIN: Duration = Duration::from_millis(25);

/// The processor time of this thread.
fn thread_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// The seconds that the work takes once.
fn timed(work: impl Fn()) -> f64 {
    let (before, start) = (thread_time(), Instant::now());
    let mut times = 0;
    while start.elapsed() < TIME_MIN {
        work();
        times += 1;
    }
    let on_wall = start.elapsed();
    let spent =
        thread_time().zip(before).map_or(on_wall, |(after, before)| after.saturating_sub(before));
    spent.as_secs_f64() / f64::from(times)
}

/// All that is ever done with a source before calls: parsed, checked, told, formatted.
fn load(text: &str) {
    let mut sources = SourceMap::default();
    sources.add("main.baml", text);
    let (schema, mut found) = baml_schema::check(&sources);
    found.extend(baml_jinja::check::check(&schema, &sources));
    std::hint::black_box(render::text(&found, &sources));
    std::hint::black_box(render::json(&found, &sources));
    std::hint::black_box(format(text)).ok();
}

/// How much longer four times as much takes.
fn ratio(shape: fn(usize) -> String, size: usize) -> f64 {
    let (small, large) = (shape(size), shape(size * 4));
    let small = timed(|| load(&small));
    timed(|| load(&large)) / small
}

/// A name, the smaller size, and the source of a size.
type Shape = (&'static str, usize, fn(usize) -> String);

fn assert_linear(shapes: &[Shape]) {
    let mut slow = Vec::new();
    for (name, size, shape) in shapes {
        let mut least = f64::MAX;
        for _ in 0..TRIES {
            least = least.min(ratio(*shape, *size));
            if least <= RATIO_MAX {
                break;
            }
        }
        println!("{name:45} × {size:6}: four times as much takes {least:.1} times as long");
        if least > RATIO_MAX {
            slow.push(format!("{name}: {least:.1}"));
        }
    }
    assert!(slow.is_empty(), "not linear: {slow:?}");
}

fn class(members: &str) -> String {
    format!("class A {{\n{members}\n}}\n")
}

fn numbered(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

const FUNCTION: &str =
    "function F(x: string) -> int {\n  client \"openai/m\"\n  prompt #\"x\"#\n}\n";

fn template(text: &str) -> String {
    format!("template_string T(x: string) #\"{text}\"#\n")
}

fn options(text: &str) -> String {
    format!("client<llm> C {{\n  provider openai\n  options {{\n{text}\n  }}\n}}\n")
}

#[test]
fn errors_and_what_is_told_of_them() {
    assert_linear(&[
        ("lines that are no fields", 2_500, |n| class(&"  a int,\n".repeat(n))),
        ("unknown types", 1_000, |n| class(&numbered(n, |i| format!("  a{i} Nope{i}\n")))),
        ("unknown types among classes", 500, |n| {
            class(&numbered(n, |i| format!("  a{i} Clas{i}\n")))
                + &numbered(n, |i| format!("class Class{i} {{\n}}\n"))
        }),
        ("one unknown type", 2_500, |n| class(&numbered(n, |i| format!("  a{i} Persn\n")))),
        ("one unknown type, misspelt", 2_500, |n| {
            class(&numbered(n, |i| format!("  a{i} Person\n"))) + "class Persn {\n}\n"
        }),
        ("the same name", 1_000, |n| "class A {\n}\n".repeat(n)),
        ("the same field", 2_500, |n| class(&"  a int\n".repeat(n))),
        ("the same attribute", 2_500, |n| class(&format!("  a int{}", " @alias(\"a\")".repeat(n)))),
        ("the same test", 1_000, |n| {
            let test = "test T {\n  functions [F]\n  args { }\n}\n";
            FUNCTION.to_owned() + &test.repeat(n)
        }),
        ("unknown options of http", 1_000, |n| {
            let settings = numbered(n, |i| format!("      setting{i} 1\n"));
            options(&format!("    http {{\n{settings}    }}"))
        }),
        ("unknown properties", 1_000, |n| {
            format!("retry_policy R {{\n{}}}\n", numbered(n, |i| format!("  key{i} 1\n")))
        }),
        ("unknown functions of a test", 1_000, |n| {
            let names = numbered(n, |i| format!("Nope{i}, "));
            format!("{FUNCTION}test T {{\n  functions [{names}F]\n  args {{ }}\n}}\n")
        }),
        ("arguments that nobody takes", 1_000, |n| {
            let args = numbered(n, |i| format!("    a{i} 1\n"));
            format!("{FUNCTION}test T {{\n  functions [F]\n  args {{\n{args}  }}\n}}\n")
        }),
        ("unknown variables of a template", 80, |n| template(&"{{ nope }}\n".repeat(n))),
    ]);
}

#[test]
fn one_line_of_everything() {
    assert_linear(&[
        ("fields", 2_500, |n| class(&numbered(n, |i| format!("a{i} int ")))),
        ("errors", 2_500, |n| class(&"a ] ".repeat(n))),
        ("unknown types", 1_000, |n| class(&numbered(n, |i| format!("a{i} N{i} ")))),
        ("unknown types, wide", 1_000, |n| {
            class(&numbered(n, |i| format!("a{i} N{i} @alias(\"名前𝄞\") ")))
        }),
        ("a union", 5_000, |n| class(&format!("a {}int", "int | ".repeat(n)))),
        ("a union of strings", 2_500, |n| {
            class(&format!("a {}int", numbered(n, |i| format!("\"v{i}\" | "))))
        }),
        ("a name", 50_000, |n| class(&format!("  {} int", "a".repeat(n)))),
        ("an unknown name", 50_000, |n| class(&format!("  a {}", "A".repeat(n)))),
        ("a string", 50_000, |n| class(&format!("  a int @alias(\"{}\")", "a\\n".repeat(n)))),
        ("a comment", 50_000, |n| class(&format!("  a int // {}", "c".repeat(n)))),
        ("parameters", 1_000, |n| {
            let params = numbered(n, |i| format!("p{i}: int, "));
            FUNCTION.replace("x: string", &params)
        }),
        ("a list", 5_000, |n| options(&format!("    a [{}1]", "1, ".repeat(n)))),
        ("a template", 2_000, |n| template(&"{{ x }}".repeat(n))),
    ]);
}

#[test]
fn brackets_that_nest() {
    assert_linear(&[
        ("(", 2_500, |n| class(&format!("  a {}int{}", "(".repeat(n), ")".repeat(n)))),
        ("( that never closes", 2_500, |n| class(&format!("  a {}", "(int | ".repeat(n)))),
        ("[]", 2_500, |n| class(&format!("  a int{}", "[]".repeat(n)))),
        ("map<", 2_500, |n| class(&format!("  a {}int", "map<string, ".repeat(n)))),
        ("{ in a class", 2_500, |n| class(&"a {\n".repeat(n))),
        ("{ at the top", 2_500, |n| "class A {\n".repeat(n)),
        ("{ of functions", 1_000, |n| "function F(x: int) -> int {\n".repeat(n)),
        ("{ of clients", 1_000, |n| "client<llm> C {\n  options {\n".repeat(n)),
        ("{ of methods", 1_000, |n| class(&"function m(self) -> int {\n".repeat(n))),
        ("{ of values", 2_500, |n| options(&"a {\n".repeat(n))),
        ("[ of values", 2_500, |n| options(&format!("a {}", "[".repeat(n)))),
        ("[ and { of values", 2_500, |n| options(&format!("a {}", "[{ a ".repeat(n)))),
        ("{ of a let", 1_000, |n| "let x = {\n".repeat(n)),
        ("type builders", 1_000, |n| "test T {\n  type_builder {\n".repeat(n)),
        ("attributes in attributes", 2_500, |n| class(&format!("  a int {}", "@a(".repeat(n)))),
        ("jinja (", 300, |n| template(&format!("{{{{ {}x }}}}", "(".repeat(n)))),
        ("jinja if", 300, |n| template(&"{% if x %}".repeat(n))),
    ]);
}

#[test]
fn texts_that_never_end() {
    assert_linear(&[
        ("\"", 2_500, |n| class(&"  a \"\n".repeat(n))),
        ("\" on one line", 5_000, |n| class(&"a \" ".repeat(n))),
        ("#\"", 2_500, |n| class(&"  a int @alias(#\"x\n".repeat(n))),
        ("#\" and ##\" in turn", 1_500, |n| class(&"  a #\"x\n  b ##\"x\n ###\"\n".repeat(n))),
        ("{//", 2_500, |n| "{// c\n".repeat(n)),
        ("{// in a class", 2_500, |n| class(&"  a int {// c\n".repeat(n))),
        ("@check({{", 2_500, |n| class(&"  a int @check(a, {{ x\n".repeat(n))),
        ("prompts", 500, |n| FUNCTION.replace("x\"#", "x").repeat(n)),
        ("jinja {{", 2_500, |n| template(&"{{ x ".repeat(n))),
        ("jinja {#", 2_500, |n| template(&"{# x ".repeat(n))),
        ("jinja \"", 2_500, |n| template(&"{{ \" }} ".repeat(n))),
    ]);
}

#[test]
fn declarations_that_mention_each_other() {
    assert_linear(&[
        ("classes in a chain", 1_000, |n| {
            numbered(n, |i| format!("class A{i} {{\n  a A{}?\n}}\n", (i + 1) % n))
        }),
        ("classes in a circle", 1_000, |n| {
            numbered(n, |i| format!("class A{i} {{\n  a A{}\n}}\n", (i + 1) % n))
        }),
        ("aliases in a chain", 1_000, |n| {
            numbered(n, |i| format!("type A{i} = A{}\n", i + 1)) + &format!("type A{n} = int\n")
        }),
        ("aliases that double", 500, |n| {
            numbered(n, |i| format!("type A{i} = A{0}[] | map<string, A{0}>\n", i + 1))
                + &format!("type A{n} = int\n")
        }),
        ("aliases in a circle", 1_000, |n| {
            numbered(n, |i| format!("type A{i} = A{}\n", (i + 1) % n))
        }),
        ("clients that fall back", 500, |n| {
            numbered(n, |i| {
                let next = (i + 1) % n;
                format!(
                    "client<llm> C{i} {{\n  provider fallback\n  options {{\n    \
                     strategy [C{next}]\n  }}\n}}\n"
                )
            })
        }),
        ("attributes", 2_500, |n| {
            class(&numbered(n, |i| format!("  a{i} int @alias(\"b\") @description(\"c\")\n")))
        }),
        ("checks of one field", 1_000, |n| {
            class(&format!("  a int{}", numbered(n, |i| format!(" @check(c{i}, {{{{ this }}}})"))))
        }),
        ("comments", 5_000, |n| "// c\n/// d\n{// e //}\n".repeat(n)),
        ("doc comments of one class", 5_000, |n| "/// d\n".repeat(n) + &class("")),
        ("blank lines", 50_000, |n| "\n \t\r\n".repeat(n)),
        ("template strings that call each other", 500, |n| {
            numbered(n, |i| format!("template_string T{i}() #\"{{{{ T{}() }}}}\"#\n", (i + 1) % n))
        }),
    ]);
}

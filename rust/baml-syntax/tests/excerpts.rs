//! Excerpts: what people see of lines with tabs, wide characters, no end, or far too much text.
//!
//! Method: each case is a text and a place in it; all that is shown stands in one golden file,
//! `rust/testdata/excerpts/shown.txt`, which `BAMLWIRE_BLESS=1` writes.

use std::fmt::Write;

use baml_syntax::{Diagnostic, FileId, SourceMap, Span, render};

fn sources(text: &str) -> SourceMap {
    let mut sources = SourceMap::default();
    sources.add("main.baml", text);
    sources
}

/// The first place that says so; the end of the text if none does.
fn place(text: &str, marked: &str) -> Span {
    let start = text.find(marked).unwrap_or(text.len());
    Span::new(FileId(0), start, (start + marked.len()).min(text.len()))
}

/// What is shown of a place, with its line and columns as an editor gets them.
fn shown(text: &str, marked: &str) -> String {
    let sources = sources(text);
    let found = [Diagnostic::error("E-id", place(text, marked), "the message")];
    let json = render::json(&found, &sources);
    let text = render::text(&found, &sources);
    format!("{text}(editor: {} to {})\n", json[0]["start"], json[0]["end"])
}

/// The same with two labels, near and far.
fn labelled(text: &str, marked: &str, labels: &[&str]) -> String {
    let mut found = Diagnostic::error("E-id", place(text, marked), "the message").with_help("help");
    for label in labels {
        found = found.with_label(place(text, label), format!("label of {label}"));
    }
    render::text(&[found], &sources(text))
}

fn long_lines() -> Vec<(&'static str, String)> {
    let ascii = format!("{} Foo {}\nnext\n", "abc ".repeat(2_000), "def ".repeat(2_000));
    let wide = format!("{} Foo {}\n", "名前 ".repeat(2_000), "型 ".repeat(2_000));
    let long = format!("{} Foo {}\n", "abc ".repeat(60), "def ".repeat(60));
    let numbered = |count| (0..count).map(|n| format!("line {n}\n")).collect::<Vec<_>>().concat();
    let (lines, many): (String, String) = (numbered(40), numbered(2_000));
    let marked = "abc ".repeat(100);
    vec![
        ("long line", shown(&long, "Foo")),
        ("long marked place", shown(&format!("x {marked}\n"), marked.trim_end())),
        ("very long line", shown(&ascii, "Foo")),
        ("very long line, wide", shown(&wide, "Foo")),
        ("very long line, at its start", shown(&ascii[8_000..], "Foo")),
        ("label far away in a very long line", labelled(&ascii, "abc", &["Foo"])),
        ("many lines", shown(&lines, lines[10..250].trim_end())),
        ("very many lines", shown(&many, many[10..12_000].trim_end())),
    ]
}

fn cases() -> Vec<(&'static str, String)> {
    let mut cases = vec![
        ("tabs", shown("class A {\n\ta\tFoo\tx\n}\n", "Foo")),
        ("wide characters before", shown("a 名前の型 Foo\n", "Foo")),
        ("wide characters marked", shown("a 名前の型 Foo\n", "名前の型")),
        ("emoji", shown("a 🎉🎉 Foo\n", "Foo")),
        ("joined emoji", shown("a 👩\u{200d}👩\u{200d}👧 Foo\n", "Foo")),
        ("combining characters", shown("a e\u{301}e\u{301} Foo\n", "Foo")),
        ("CRLF", shown("class A {\r\n  a Foo\r\n}\r\n", "Foo")),
        ("CRLF, several lines", shown("a {\r\n  b\r\n}\r\n", "{\r\n  b\r\n}")),
        ("CR alone", shown("class A {\r  a Foo\r}\r", "Foo")),
        ("last line without an end", shown("class A {\n  a Foo", "Foo")),
        ("end of the text", shown("class A {\n", "is not there")),
        ("several lines", shown("class A {\n  a (\n  b\n  ) x\n", "(\n  b\n  )")),
        ("empty file", shown("", "")),
        ("blank line", shown("a\n\nb\n", "\n\n")),
        ("control characters", shown("a \u{1b}[31mred\u{7}\u{0} Foo \u{202e}evil\n", "Foo")),
        ("byte order mark", shown("\u{feff}class a {\n}\n", "a {")),
        ("label on the same line", labelled("class A {\n  a Foo @b\n}\n", "Foo", &["@b"])),
        ("label near", labelled("class A {\n  a Foo\n  b Bar\n}\n", "Bar", &["A", "Foo"])),
        ("label behind blank lines", labelled("a b\n\n \r\n", "a", &["is not there"])),
        ("label far away", labelled(&format!("A\n{}B\n", "x\n".repeat(20)), "B", &["A"])),
    ];
    cases.extend(long_lines());
    cases
}

#[test]
fn excerpts_are_shown_as_recorded() {
    let mut got = String::new();
    for (name, shown) in cases() {
        writeln!(got, "== {name}\n{shown}").expect("a string takes all");
    }
    let path = baml_testkit::testdata().join("excerpts/shown.txt");
    if std::env::var_os("BAMLWIRE_BLESS").is_some() {
        std::fs::write(&path, &got).expect("a writable folder");
    }
    let wanted = std::fs::read_to_string(&path).expect("the golden file");
    assert_eq!(got, wanted);
}

#[test]
fn columns_count_utf16_units_wherever_the_line_is() {
    let text = "é𝄞x 名\n".repeat(1_000);
    let sources = sources(&text);
    let file = sources.file(FileId(0));
    for (at, _) in text.char_indices().chain([(text.len(), ' ')]) {
        let line_start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let column = text[line_start..at].encode_utf16().count() as u32;
        assert_eq!(file.line_column_utf16(at as u32).1, column, "byte {at}");
    }
}

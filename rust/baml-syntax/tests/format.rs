//! The formatter: goldens for its rules, and its two promises over every recorded source.

use baml_syntax::{FileId, Severity, format, parse};

/// Formats, compares, and formats once more.
fn check(written: &str, wanted: &str) {
    let formatted = format(written).unwrap_or_else(|found| panic!("{written}\n{found:?}"));
    assert_eq!(formatted, wanted, "of:\n{written}");
    assert_eq!(format(&formatted).as_deref(), Ok(wanted), "a second time");
}

#[test]
fn class_members_get_a_line_each() {
    check(
        "class   A{\n\n  a   int   @alias( \"x\" )\n     b  string[]? \n\n\n  c map<string,int>\n@@dynamic }",
        "class A {\n  a int @alias(\"x\")\n  b string[]?\n\n  c map<string, int>\n  @@dynamic\n}\n",
    );
}

#[test]
fn attributes_on_lines_of_their_own_stay_there() {
    check(
        "class A {\n  a int\n  @alias(\"x\")\n @check(c, {{ this > 1 }})  @description(#\"\n    two\n  \"#)\n}\n",
        "class A {\n  a int\n    @alias(\"x\")\n    @check(c, {{ this > 1 }}) @description(#\"\n    two\n  \"#)\n}\n",
    );
}

#[test]
fn comments_stay_where_they_were() {
    check(
        "// top\n\n\n/// doc\nclass A { // open\n// first\n  a int // of a\n  {// block //}\n  b int\n  // last\n}\n// end",
        "// top\n\n/// doc\nclass A { // open\n  // first\n  a int // of a\n  {// block //}\n  b int\n  // last\n}\n\n// end\n",
    );
}

#[test]
fn blocks_are_kept_apart_and_empty_ones_closed() {
    check(
        "class A {\n}\nenum B {}\ntype C = A|B\ntype D=int",
        "class A {}\n\nenum B {}\n\ntype C = A | B\ntype D = int\n",
    );
}

#[test]
fn values_of_several_lines_get_a_line_for_each_part() {
    check(
        "client<llm>  C{\n provider   fallback\n options { strategy [ A, // one\n B,\n ]\n   nested { a 1, b \"x\" } }\n}\n",
        "client<llm> C {\n  provider fallback\n  options {\n    strategy [\n      A // one\n      B\n    ]\n    nested { a 1, b \"x\" }\n  }\n}\n",
    );
}

#[test]
fn a_value_that_begins_with_a_colon_keeps_the_one_before_it() {
    check(
        "client<llm> C {\n  provider openai\n  options {\n    a::b\n    c: d\n  }\n}\n",
        "client<llm> C {\n  provider openai\n  options {\n    a: :b\n    c d\n  }\n}\n",
    );
}

#[test]
fn a_character_that_only_looks_blank_stays() {
    for odd in ['\u{b}', '\u{a0}', '\u{2003}'] {
        let written = format!("client<llm> C {{\n  provider openai\n  a {odd}\"b\"\n}}\n");
        check(&written, &written);
    }
}

#[test]
fn a_quote_that_is_not_closed_on_its_line_stays_open() {
    let written = "class A {\n  @@x(\"a\n, b\")\n}\n";
    check(written, written);
}

#[test]
fn a_value_that_begins_like_a_comment_stays_one() {
    let written = "function F() -> int { // c\n  p//t\n}\n";
    check(written, written);
    let options = "client<llm> C {\n  provider openai\n  options {\n    a//b\n  }\n}\n";
    check(options, options);
}

#[test]
fn functions_keep_their_prompts_and_break_long_heads() {
    check(
        "function F( a : int,b:string )->int{client C\n  prompt #\"\n   keep\n     me\n\"#\n}",
        "function F(a: int, b: string) -> int {\n  client C\n  prompt #\"\n   keep\n     me\n\"#\n}\n",
    );
    let long = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    check(
        &format!(
            "function F({long}1: int, {long}2: int, {long}3: int) -> int {{\n  client C\n}}\n"
        ),
        &format!(
            "function F(\n  {long}1: int,\n  {long}2: int,\n  {long}3: int,\n) -> int {{\n  client C\n}}\n"
        ),
    );
}

#[test]
fn long_unions_get_a_line_for_each_variant() {
    let name = "ANameThatIsLongEnoughToBreakLines";
    let one = format!("class A {{\n  a {name}1 | {name}2[] | {name}3 @alias(\"x\")\n}}\n");
    let broken =
        format!("class A {{\n  a {name}1\n    | {name}2[]\n    | {name}3 @alias(\"x\")\n}}\n");
    check(&one, &broken);
    let alias = format!("type T = {name}1 | {name}2 @check(c, {{{{ this }}}}) | {name}3\n");
    let broken = format!("type T = {name}1\n  | {name}2 @check(c, {{{{ this }}}})\n  | {name}3\n");
    check(&alias, &broken);
    check(
        "type T = A |\n  B\n      | C @check(c, {{ this }})\n",
        "type T = A\n  | B\n  | C @check(c, {{ this }})\n",
    );
    check("type T = A | B\n", "type T = A | B\n");
}

#[test]
fn attributes_that_do_not_fit_get_lines() {
    let text = "words ".repeat(11);
    check(
        &format!("enum E {{\n  A @alias(\"x\") @description(\"{text}\") @skip\n}}\n"),
        &format!("enum E {{\n  A @alias(\"x\") @description(\"{text}\")\n    @skip\n}}\n"),
    );
    check(
        &format!("class A {{\n  a string @alias(\"x\") @description(\"{text}{text}\")\n}}\n"),
        &format!("class A {{\n  a string @alias(\"x\")\n    @description(\"{text}{text}\")\n}}\n"),
    );
}

#[test]
fn values_that_do_not_fit_get_a_line_for_each_part() {
    let name = "aNameThatIsLongEnoughToBreakLines";
    check(
        &format!(
            "test T {{\n  functions [{name}1, {name}2, {name}3]\n  \
             args {{ a {{ {name} 1, b [1, 2] }}, c \"{name}\", d {{ e \"{name}\" }} }}\n}}\n"
        ),
        &format!(
            "test T {{\n  functions [\n    {name}1\n    {name}2\n    {name}3\n  ]\n  args {{\n    \
             a {{ {name} 1, b [1, 2] }}\n    c \"{name}\"\n    d {{ e \"{name}\" }}\n  }}\n}}\n"
        ),
    );
}

#[test]
fn lines_of_a_hundred_columns_stay() {
    let line = |extra: usize| format!("  a int | \"{}\"", "é".repeat(88 + extra));
    let class = |line: &str| format!("class A {{\n{line}\n}}\n");
    check(&class(&line(0)), &class(&line(0)));
    let broken = line(1).replacen(" |", "\n    |", 1);
    check(&class(&line(1)), &class(&broken));
}

#[test]
fn template_strings_and_tests_are_told_in_one_form() {
    check(
        "string_template   T( a:int ) #\"x\"#\ntest X { functions [F]\n type_builder { dynamic class A{ b int }\n }\n args { }\n}",
        "template_string T(a: int) #\"x\"#\n\ntest X {\n  functions [F]\n  type_builder {\n    dynamic class A {\n      b int\n    }\n  }\n  args { }\n}\n",
    );
}

#[test]
fn a_part_with_a_comment_inside_stands_as_written() {
    check(
        "function F( a: int, // why\n  b: int) -> int {\n  client C\n}\n",
        "function F( a: int, // why\n  b: int) -> int {\n  client C\n}\n",
    );
}

#[test]
fn text_with_errors_is_refused() {
    assert!(format("class A {\n  a int,,\n}\n").is_err());
}

#[test]
fn every_recorded_source_keeps_its_meaning_and_is_stable() {
    let mut formatted = 0;
    for (name, text) in baml_testkit::sources() {
        let (tree, found) = parse(FileId::default(), &text);
        let Ok(once) = format(&text) else {
            assert!(found.iter().any(|found| found.severity == Severity::Error), "{name}");
            continue;
        };
        assert_eq!(format(&once).as_ref(), Ok(&once), "{name} a second time");
        let (again, _) = parse(FileId::default(), &once);
        assert_eq!(again.items.len(), tree.items.len(), "{name}");
        assert_eq!(again.comments.len(), tree.comments.len(), "{name}");
        formatted += 1;
    }
    assert!(formatted > 200, "only {formatted}");
}

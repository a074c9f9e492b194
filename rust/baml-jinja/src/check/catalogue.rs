//! Every diagnostic of Jinja, declared once; [`explain`] finds those of the other crates as well.
//!
//! Invariant: no id is declared twice, here or below this crate.

use baml_syntax::catalogue::Entry;

use super::suggest::{did_you_mean, nearest};

/// So many ids are suggested for one that does not exist.
const SUGGESTIONS_MAX: usize = 3;
/// So much is looked at of something that is no id; all ids are shorter.
const WRITTEN_MAX: usize = 64;

baml_syntax::catalogue! {
    SYNTAX = "E-jinja-syntax",
        "The Jinja text cannot be parsed.",
        "Close every `{{`, `{%`, bracket and quote; `{% if %}` and `{% for %}` end with `{% endif \
         %}` and `{% endfor %}`.",
        "template_string T() #\"{{ a\"#\n",
        "template_string T(a: int) #\"{{ a }}\"#\n";
    STATEMENT = "E-jinja-statement",
        "Prompts do not have this Jinja statement.",
        "Use `{% set %}`, `{% if %}`, `{% for %}` and `{% macro %}`, or call a `template_string`.",
        "template_string T() #\"{% with a = 1 %}{% endwith %}\"#\n",
        "template_string T() #\"{% set a = 1 %}{{ a }}\"#\n";
    UNKNOWN_VARIABLE = "W-jinja-unknown-variable",
        "Nothing of this name is to be seen from here.",
        "Correct the name, or add it to the parameters; what is not there prints as nothing.",
        "template_string T(a: int) #\"{{ b }}\"#\n",
        "template_string T(a: int) #\"{{ a }}\"#\n";
    UNKNOWN_FILTER = "W-jinja-unknown-filter",
        "There is no filter of this name.",
        "Use one of the filters that are suggested.",
        "template_string T(a: string) #\"{{ a|shout }}\"#\n",
        "template_string T(a: string) #\"{{ a|upper }}\"#\n";
    KIND = "W-jinja-kind",
        "The value is not of the kind that is asked for here.",
        "Convert the value first, or use what fits its type.",
        "template_string T(a: int) #\"{{ a|upper }}\"#\n",
        "template_string T(a: string) #\"{{ a|upper }}\"#\n";
    PROPERTY = "W-jinja-property",
        "The value does not have this property.",
        "Correct the name; properties go by the names of the fields, aliases do not count.",
        "class K {\n  a int\n}\ntemplate_string T(k: K) #\"{{ k.b }}\"#\n",
        "class K {\n  a int\n}\ntemplate_string T(k: K) #\"{{ k.a }}\"#\n";
    ARGUMENT = "W-jinja-argument",
        "The arguments are not those that the function takes.",
        "Give the arguments in their order, or by name: `A(a=1)`.",
        "template_string A(a: int) #\"{{ a }}\"#\ntemplate_string T() #\"{{ A() }}\"#\n",
        "template_string A(a: int) #\"{{ a }}\"#\ntemplate_string T() #\"{{ A(1) }}\"#\n";
    UNCALLED = "W-jinja-uncalled",
        "A function is named but not called.",
        "Write parentheses behind the name.",
        "template_string A() #\"a\"#\ntemplate_string T() #\"{{ A }}\"#\n",
        "template_string A() #\"a\"#\ntemplate_string T() #\"{{ A() }}\"#\n";
    UNPACK = "W-jinja-unpack",
        "The loop's elements do not have as many parts as there are variables.",
        "Name as many variables as each element has parts; entries of a map have two.",
        "template_string T(m: map<string, int>) #\"{% for a, b, c in m|items %}{% endfor %}\"#\n",
        "template_string T(m: map<string, int>) #\"{% for a, b in m|items %}{{ a }}{{ b }}{% \
         endfor %}\"#\n";
    ENUM_COMPARISON = "W-jinja-enum-comparison",
        "Enums are going to be unequal to texts; compare with a value of the enum.",
        "Compare with a value of the enum, without quotes: `E.A`.",
        "enum E {\n  A\n}\ntemplate_string T(e: E) #\"{{ e == \"A\" }}\"#\n",
        "enum E {\n  A\n}\ntemplate_string T(e: E) #\"{{ e == E.A }}\"#\n";
}

/// Every entry, of this crate and of those below it, in the order of what they are about.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    let below = [baml_syntax::catalogue::ENTRIES, baml_schema::catalogue::ENTRIES];
    below.into_iter().flatten().chain(ENTRIES)
}

/// What an id stands for, of this crate or of those below it.
pub fn explain(id: &str) -> Option<&'static Entry> {
    all().find(|entry| entry.id == id)
}

/// The same for what a person wrote: any case, and without the `E-` or `W-` in front if they like;
/// or else a sentence that names the nearest ids.
pub fn find(written: &str) -> Result<&'static Entry, String> {
    let bare = |id: &'static str| id.split_once('-').map_or(id, |(_, bare)| bare);
    let same = |entry: &&Entry| {
        entry.id.eq_ignore_ascii_case(written) || bare(entry.id).eq_ignore_ascii_case(written)
    };
    all().find(same).ok_or_else(|| {
        let written: String = written.chars().take(WRITTEN_MAX).collect();
        let near = nearest(&written, all().map(|entry| entry.id), SUGGESTIONS_MAX);
        format!("there is no diagnostic {written}.{}", did_you_mean(&near, '`'))
    })
}

#[cfg(test)]
mod tests {
    use baml_syntax::{Diagnostic, Severity, SourceMap};

    use super::*;

    fn told(text: &str) -> Vec<Diagnostic> {
        let mut sources = SourceMap::default();
        sources.add("main.baml", text);
        let (schema, mut found) = baml_schema::check(&sources);
        found.extend(super::super::check(&schema, &sources));
        found
    }

    #[test]
    fn every_example_causes_its_diagnostic() {
        for entry in all() {
            let found = told(entry.example);
            assert!(found.iter().any(|found| found.id == entry.id), "{}: {found:?}", entry.id);
            assert_eq!(explain(entry.id), Some(entry));
        }
    }

    #[test]
    fn every_fixed_example_is_sound() {
        for entry in all() {
            let found = told(entry.fixed);
            let wrong = |one: &Diagnostic| one.id == entry.id || one.severity == Severity::Error;
            assert!(!found.iter().any(wrong), "{}: {found:?}", entry.id);
            assert!(entry.fix.ends_with('.'), "{} has no way out", entry.id);
            assert_ne!(entry.fixed, entry.example);
        }
    }
}

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
        "template_string T() #\"{{ a\"#\n";
    STATEMENT = "E-jinja-statement",
        "Prompts do not have this Jinja statement.",
        "template_string T() #\"{% with a = 1 %}{% endwith %}\"#\n";
    UNKNOWN_VARIABLE = "W-jinja-unknown-variable",
        "Nothing of this name is to be seen from here.",
        "template_string T(a: int) #\"{{ b }}\"#\n";
    UNKNOWN_FILTER = "W-jinja-unknown-filter",
        "There is no filter of this name.",
        "template_string T(a: string) #\"{{ a|shout }}\"#\n";
    KIND = "W-jinja-kind",
        "The value is not of the kind that is asked for here.",
        "template_string T(a: int) #\"{{ a|upper }}\"#\n";
    PROPERTY = "W-jinja-property",
        "The value does not have this property.",
        "class K {\n  a int\n}\ntemplate_string T(k: K) #\"{{ k.b }}\"#\n";
    ARGUMENT = "W-jinja-argument",
        "The arguments are not those that the function takes.",
        "template_string A(a: int) #\"{{ a }}\"#\ntemplate_string T() #\"{{ A() }}\"#\n";
    UNCALLED = "W-jinja-uncalled",
        "A function is named but not called.",
        "template_string A() #\"a\"#\ntemplate_string T() #\"{{ A }}\"#\n";
    UNPACK = "W-jinja-unpack",
        "The loop's elements do not have as many parts as there are variables.",
        "template_string T(m: map<string, int>) #\"{% for a, b, c in m|items %}{% endfor %}\"#\n";
    ENUM_COMPARISON = "W-jinja-enum-comparison",
        "Enums are going to be unequal to texts; compare with a value of the enum.",
        "enum E {\n  A\n}\ntemplate_string T(e: E) #\"{{ e == \"A\" }}\"#\n";
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
    use baml_syntax::SourceMap;

    use super::*;

    #[test]
    fn every_example_causes_its_diagnostic() {
        for entry in ENTRIES {
            let mut sources = SourceMap::default();
            sources.add("main.baml", entry.example);
            let (schema, _) = baml_schema::check(&sources);
            let found = super::super::check(&schema, &sources);
            assert!(found.iter().any(|found| found.id == entry.id), "{}: {found:?}", entry.id);
            assert_eq!(explain(entry.id), Some(entry));
        }
    }
}

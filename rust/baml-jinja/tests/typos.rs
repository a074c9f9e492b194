//! One typo, one error: sound projects with a slip of the finger in them, and how much is told.
//!
//! Method: every sound source of the test data gets typos of all kinds; those that leave it sound do
//! not count. `BAMLWIRE_SHOW=<kind>` (or `all`) shows those that are told more than once.

#![allow(clippy::print_stdout)] // A report is printed.

use std::collections::BTreeMap;

use baml_syntax::{Diagnostic, Severity, SourceMap, render};
use baml_testkit::{Typo, typos};

/// Typos of a kind in one source; more in one that is written like real projects.
const EACH: usize = 1;
const EACH_REAL: usize = 25;
/// Typos with exactly one error, in thousandths of all that are told; these only rise.
const ONE_FLOOR: usize = 995;
const ONE_FLOOR_REAL: usize = 970;
/// No typo is told more often.
const ERRORS_MAX: usize = 3;

#[derive(Default)]
struct Tally {
    sound: usize,
    one: usize,
    more: usize,
    most: usize,
}

impl Tally {
    fn count(&mut self, errors: usize) {
        match errors {
            0 => self.sound += 1,
            1 => self.one += 1,
            _ => self.more += 1,
        }
        self.most = self.most.max(errors);
    }

    fn add(&mut self, other: &Self) {
        self.sound += other.sound;
        self.one += other.one;
        self.more += other.more;
        self.most = self.most.max(other.most);
    }
}

fn check(text: &str) -> (Vec<Diagnostic>, SourceMap) {
    let mut sources = SourceMap::default();
    sources.add("main.baml", text);
    let (schema, mut found) = baml_schema::check(&sources);
    found.extend(baml_jinja::check::check(&schema, &sources));
    (found, sources)
}

fn errors(found: &[Diagnostic]) -> usize {
    found.iter().filter(|one| one.severity == Severity::Error && !one.consequence).count()
}

fn show(name: &str, typo: &Typo, found: &[Diagnostic], sources: &SourceMap) {
    let wanted = std::env::var("BAMLWIRE_SHOW").unwrap_or_default();
    if !wanted.is_empty() && (wanted == "all" || typo.kind.starts_with(&wanted)) {
        let told = render::text(found, sources);
        println!("=== {name} {} at byte {}\n{}\n---\n{told}", typo.kind, typo.at, typo.text);
    }
}

/// What is told of the typos of one source, by kind.
fn measure(name: &str, text: &str, each: usize, kinds: &mut BTreeMap<String, Tally>) {
    for typo in typos(text, each) {
        let (found, sources) = check(&typo.text);
        let count = errors(&found);
        let told = render::text(&found, &sources);
        assert_eq!(told.is_empty(), found.is_empty(), "{name} {}", typo.kind);
        if count > 1 {
            show(name, &typo, &found, &sources);
        }
        kinds.entry(typo.kind).or_default().count(count);
    }
}

fn report(kinds: &BTreeMap<String, Tally>) -> Tally {
    let mut all = Tally::default();
    for (kind, tally) in kinds {
        let Tally { sound, one, more, most } = tally;
        println!("{kind:30} one {one:5} more {more:4} (at most {most}) still sound {sound:5}");
        all.add(tally);
    }
    let Tally { sound, one, more, most } = all;
    println!("{} typos: {one} are one error, {more} up to {most}; {sound} stay sound", one + more);
    all
}

fn assert_floors(all: &Tally, floor: usize) {
    let told = all.one + all.more;
    assert!(all.one * 1000 >= floor * told, "{} of {told} are one error", all.one);
    assert!(all.most <= ERRORS_MAX, "a typo is told {} times", all.most);
}

#[test]
fn one_typo_is_one_error() {
    let mut kinds = BTreeMap::new();
    let mut projects = 0;
    for (name, text) in baml_testkit::sources() {
        if errors(&check(&text).0) == 0 {
            projects += 1;
            measure(&name, &text, EACH, &mut kinds);
        }
    }
    let all = report(&kinds);
    assert!(projects > 250 && all.one > 5_000, "only {projects} projects, {} typos", all.one);
    assert_floors(&all, ONE_FLOOR);
}

#[test]
fn one_typo_in_a_real_project_is_one_error() {
    let path = baml_testkit::testdata().join("typo/helpdesk.baml");
    let text = std::fs::read_to_string(path).expect("a source of the test data");
    assert_eq!(errors(&check(&text).0), 0, "the source is sound");
    let mut kinds = BTreeMap::new();
    measure("helpdesk.baml", &text, EACH_REAL, &mut kinds);
    assert_floors(&report(&kinds), ONE_FLOOR_REAL);
}

//! What the Jinja check says, case by case.
//!
//! Method: each file under `rust/testdata/jinja` holds a project and the rendered diagnostics. Every
//! id of the catalogue has a case of its name, the catalogue's example; the other cases are
//! behaviours. `BAMLWIRE_BLESS=1` writes what is missing or differs.

#![allow(clippy::unwrap_used)] // A case that cannot be read or written fails.

use std::fs;

use baml_syntax::{SourceMap, render};
use baml_testkit::Case;

#[test]
fn cases_get_their_diagnostics() {
    for case in baml_testkit::cases("jinja") {
        let found = rendered(&case);
        if std::env::var_os("BAMLWIRE_BLESS").is_some() {
            fs::write(&case.path, told(&case, &found)).unwrap();
        }
        let wanted = case.opt_section("diagnostics").unwrap_or_default();
        let updated = std::env::var_os("BAMLWIRE_BLESS").is_some();
        assert!(updated || found == wanted, "{}\n{found}", case.path.display());
    }
}

#[test]
fn every_id_has_a_case() {
    let folder = baml_testkit::testdata().join("jinja");
    for entry in baml_jinja::check::catalogue::ENTRIES {
        let path = folder.join(entry.id).with_extension("txtar");
        if std::env::var_os("BAMLWIRE_BLESS").is_some() && !path.exists() {
            let (id, summary, example) = (entry.id, entry.summary, entry.example);
            let text = format!("{id}: {summary}\n\n-- main.baml --\n{example}-- diagnostics --\n");
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, text).unwrap();
        }
        let case = Case::parse(&fs::read_to_string(&path).unwrap());
        assert_eq!(case.section("main.baml"), entry.example, "{}", entry.id);
    }
}

fn rendered(case: &Case) -> String {
    let mut sources = SourceMap::default();
    for (name, text) in case.sources() {
        sources.add(name, text);
    }
    let (schema, mut diagnostics) = baml_schema::check(&sources);
    diagnostics.extend(baml_jinja::check::check(&schema, &sources));
    render::text(&diagnostics, &sources)
}

fn told(case: &Case, diagnostics: &str) -> String {
    let mut text = case.comment.clone();
    for (name, source) in case.sources() {
        text.push_str(&format!("-- {name} --\n{source}"));
    }
    text + "-- diagnostics --\n" + diagnostics
}

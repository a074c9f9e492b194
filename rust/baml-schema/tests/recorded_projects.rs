//! Every project that the other kinds of records call into must load.
//! Method: load each `.baml` file under the recorded folders alone (those that belong together are
//! loaded together) and expect no error, but for the few that the records say are refused.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use baml_schema::{Schema, TypeKind, check};
use baml_syntax::{Severity, SourceMap, render};

/// What matters here of a record; the rest of some is nested too deeply for a JSON value.
#[derive(serde::Deserialize)]
struct Record {
    baml: serde_json::Value,
    #[serde(default)]
    error: serde_json::Value,
}

fn folder(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/conformance").join(kind)
}

fn load(files: &[PathBuf]) -> (Schema, Vec<baml_syntax::Diagnostic>, SourceMap) {
    let mut sources = SourceMap::default();
    for file in files {
        let text = std::fs::read_to_string(file).expect("a recorded file");
        let name = file.file_name().expect("a file name").to_string_lossy().into_owned();
        sources.add(name, text);
    }
    let (schema, found) = check(&sources);
    let errors = found.into_iter().filter(|one| one.severity == Severity::Error).collect();
    (schema, errors, sources)
}

/// The sets of files that the records of a kind load, with those that are refused left out.
fn projects(kind: &str) -> BTreeSet<Vec<PathBuf>> {
    let folder = folder(kind);
    let mut projects = BTreeSet::new();
    for entry in std::fs::read_dir(&folder).expect("the recorded folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|ending| ending != "jsonl") {
            continue;
        }
        for line in std::fs::read_to_string(&path).expect("records").lines() {
            let record: Record = serde_json::from_str(line).expect("a record");
            if record.error["stage"] == "load" {
                continue;
            }
            let names: Vec<&str> = match &record.baml {
                serde_json::Value::String(name) => vec![name.as_str()],
                list => list.as_array().into_iter().flatten().filter_map(|n| n.as_str()).collect(),
            };
            projects.insert(names.iter().map(|name| folder.join(name)).collect());
        }
    }
    projects
}

#[test]
fn recorded_projects_load() {
    let mut refused = Vec::new();
    let mut count = 0;
    for kind in ["parse", "request", "stream"] {
        for files in projects(kind) {
            count += 1;
            let (_, errors, sources) = load(&files);
            if !errors.is_empty() {
                refused.push(render::text(&errors, &sources));
            }
        }
    }
    assert!(count > 100, "{count} projects");
    assert!(refused.is_empty(), "{} of {count} refused:\n{}", refused.len(), refused.join("\n"));
}

#[test]
fn recursive_aliases_keep_their_names() {
    let (schema, _, _) = load(&[folder("parse").join("recursive.baml")]);
    assert_eq!(schema.aliases.keys().collect::<Vec<_>>(), ["Js", "Nested", "Bush"]);
    assert!(matches!(schema.functions["GetJson"].returns.kind, TypeKind::Alias(_)));
    assert!(matches!(schema.functions["GetNames"].returns.kind, TypeKind::List(_)));
}

#[test]
fn multiline_option_is_dedented() {
    let (schema, _, _) = load(&[folder("request").join("clients-openai-multiline-option.baml")]);
    let note = &schema.clients["C"].options["note"];
    assert_eq!(*note, baml_schema::OptionValue::String("line 1\n  line 2".into()));
}

//! What is asked of sources that need not load: their diagnostics, their formatted texts, and what
//! a diagnostic's id stands for. Loading them is for `project`.
//!
//! Invariant: a pure function of its input; JSON in, JSON out.

use baml_jinja::check::catalogue;
use baml_schema::Schema;
use baml_syntax::catalogue::Entry;
use baml_syntax::{Diagnostic, Severity, SourceMap, render};
use indexmap::IndexMap;
use serde_json::{Map, Value as Json, json};

use crate::error::Error;

/// The diagnostics of files (a JSON object path → text), as data and as text.
pub fn check(files: &[u8]) -> Result<Vec<u8>, Error> {
    let (sources, _, diagnostics) = diagnose(&read(files)?);
    let ok = !diagnostics.iter().any(is_error);
    Ok(told(&diagnostics, &sources, ok, Map::new()))
}

/// Files (a JSON object path → text) with the usual blank space, and the diagnostics of those that
/// cannot be formatted because they cannot be parsed.
pub fn format(files: &[u8]) -> Result<Vec<u8>, Error> {
    let mut sources = SourceMap::default();
    let mut formatted = Map::new();
    let mut refused = Vec::new();
    for (path, text) in read(files)? {
        let file = sources.add(path.as_str(), text.as_str());
        match baml_syntax::format(&text) {
            Ok(text) => _ = formatted.insert(path, text.into()),
            Err(_) => {
                let (_, found) = baml_syntax::parse(file, &text);
                refused.extend(found.into_iter().filter(is_error));
            }
        }
    }
    let ok = refused.is_empty();
    let rest = Map::from_iter([("files".to_owned(), Json::Object(formatted))]);
    Ok(told(&refused, &sources, ok, rest))
}

/// What an id stands for, and what its example looks like when checked; of all ids if none is
/// named. An id may be named without its `E-` or `W-`, in any case.
pub fn explain(id: &[u8]) -> Result<Vec<u8>, Error> {
    let entries: Vec<&Entry> = match String::from_utf8_lossy(id).trim() {
        "" => catalogue::all().collect(),
        id => vec![catalogue::find(id).map_err(Error::invalid)?],
    };
    let explained: Json = entries.into_iter().map(explained).collect();
    Ok(explained.to_string().into_bytes())
}

/// Parses and checks files (path → text), templates and constraints included.
pub(crate) fn diagnose(files: &IndexMap<String, String>) -> (SourceMap, Schema, Vec<Diagnostic>) {
    let mut sources = SourceMap::default();
    for (path, text) in files {
        sources.add(path.as_str(), text.as_str());
    }
    let (schema, mut diagnostics) = baml_schema::check(&sources);
    diagnostics.extend(baml_jinja::check::check(&schema, &sources));
    (sources, schema, diagnostics)
}

pub(crate) fn is_error(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity == Severity::Error
}

fn read(files: &[u8]) -> Result<IndexMap<String, String>, Error> {
    serde_json::from_slice(files)
        .map_err(|problem| Error::invalid(format!("the files cannot be read: {problem}")))
}

fn told(
    diagnostics: &[Diagnostic],
    sources: &SourceMap,
    ok: bool,
    mut rest: Map<String, Json>,
) -> Vec<u8> {
    rest.insert("ok".into(), ok.into());
    rest.insert("diagnostics".into(), render::json(diagnostics, sources));
    rest.insert("text".into(), render::text(diagnostics, sources).into());
    rest.insert("styled".into(), render::styled(diagnostics, sources).into());
    Json::Object(rest).to_string().into_bytes()
}

fn explained(entry: &Entry) -> Json {
    let files = IndexMap::from_iter([("main.baml".to_owned(), entry.example.to_owned())]);
    let (sources, _, mut found) = diagnose(&files);
    found.retain(|one| one.id == entry.id);
    json!({
        "id": entry.id,
        "severity": if entry.id.starts_with("W-") { "warning" } else { "error" },
        "summary": entry.summary,
        "fix": entry.fix,
        "example": entry.example,
        "fixed": entry.fixed,
        "shown": render::text(&found, &sources),
    })
}

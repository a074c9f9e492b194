//! The recorded requests of the official runtime: sources, arguments and environment through the
//! whole way to a request, compared in method, address, headers and body.
//!
//! What the record needed a server for is answered here from the record: pages of `serves`, and the
//! token endpoint. `BAMLWIRE_LIST=1` lists what differs, `BAMLWIRE_SHOW=<id>` shows expected and got,
//! `BAMLWIRE_RECORDS=<folder>` runs other records of the same form.
#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::path::Path;

use baml_prompt::{ClientContext, Message, PromptContext, convert_arguments, render};
use baml_provider::{
    Cloud, Delivery, Directory, GoogleSource, HttpRequest, Registry, ResolvedClient, Signing,
    build_request, media_fetches, replace_media,
};
use baml_syntax::SourceMap;
use baml_syntax::diagnostic::Severity;
use base64::Engine;
use indexmap::IndexMap;
use serde_json::{Map, Value as Json, json};
use smol_str::SmolStr;

/// How many records agreed when this was last changed; it only rises.
const FLOOR: usize = 532;

/// Stands for the service account of the records; only its address is used.
const SERVICE_ACCOUNT: &str = r#"{"type":"service_account","project_id":"oracle-project",
    "client_email":"a@b","private_key":"","token_uri":"http://127.0.0.1:18765/token"}"#;

#[derive(Debug, PartialEq)]
enum Answer {
    Request(Box<Json>),
    Error(String),
}

#[test]
fn requests_agree_with_the_records() {
    let recorded = baml_testkit::testdata().join("conformance/request");
    let folder = std::env::var("BAMLWIRE_RECORDS").map_or(recorded, std::path::PathBuf::from);
    let chosen = chosen_differences(&folder);
    let (mut agreed, mut total, mut differ) = (0, 0, 0);
    for path in record_files(&folder) {
        let group = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let (mut group_agreed, mut group_total) = (0, 0);
        let mut differing = Vec::new();
        for (id, record) in baml_testkit::records(&path) {
            group_total += 1;
            let expected = expected(&record);
            let got = answer(&folder, &record);
            if expected.contains(&got) {
                group_agreed += 1;
            } else if chosen.contains(&id) {
                differ += 1;
            } else {
                differing.push(id.clone());
            }
            if std::env::var("BAMLWIRE_SHOW").is_ok_and(|wanted| wanted == id) {
                println!("{id}\nexpected {expected:?}\ngot      {got:?}");
            }
        }
        println!("request/{group}: {group_agreed} of {group_total} agree");
        if std::env::var("BAMLWIRE_LIST").is_ok() {
            for id in differing {
                println!("  {id}");
            }
        }
        agreed += group_agreed;
        total += group_total;
    }
    println!("request: {agreed} of {total} agree, {differ} differ by choice");
    assert!(agreed >= FLOOR, "{agreed} of {total} records agree, but {FLOOR} did before");
}

fn record_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the records are there");
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    let mut paths: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|e| e == "jsonl")).collect();
    paths.sort();
    paths
}

/// A line of the list of chosen differences; what we answer instead may be nested very deeply.
#[derive(serde::Deserialize)]
struct Choice {
    kind: String,
    id: String,
}

fn chosen_differences(folder: &Path) -> Vec<String> {
    let path = folder.with_file_name("differs.jsonl");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines = text.lines().map(|line| serde_json::from_str::<Choice>(line).expect("JSON"));
    lines.filter(|choice| choice.kind == "request").map(|choice| choice.id).collect()
}

fn expected(record: &Json) -> Vec<Answer> {
    if let Some(answers) = record.get("any_of").and_then(Json::as_array) {
        return answers.iter().flat_map(expected).collect();
    }
    if let Some(requests) = record.get("requests").and_then(Json::as_array) {
        return requests.iter().map(|request| Answer::Request(Box::new(request.clone()))).collect();
    }
    match record.get("request") {
        Some(request) => vec![Answer::Request(Box::new(request.clone()))],
        None => {
            let stage = record["error"]["stage"].as_str().unwrap_or_default();
            // Where the official process dies, an error at any stage of ours will do.
            let stages: &[&str] = if stage == "crash" { &["load", "build"] } else { &[stage] };
            stages.iter().map(|stage| Answer::Error((*stage).to_owned())).collect()
        }
    }
}

fn answer(folder: &Path, record: &Json) -> Answer {
    match request(folder, record) {
        Ok(request) => Answer::Request(Box::new(plain(request))),
        Err((stage, message)) => {
            if std::env::var("BAMLWIRE_SHOW").is_ok_and(|id| record["id"] == id.as_str()) {
                println!("{stage}: {message}");
            }
            Answer::Error(stage.to_owned())
        }
    }
}

/// A request as the records write it.
fn plain(request: HttpRequest) -> Json {
    let mut headers: BTreeMap<String, Json> = BTreeMap::new();
    for header in request.headers {
        headers.insert(header.name, Json::String(header.value));
    }
    if request.signing == Signing::GoogleToken {
        headers.insert("authorization".into(), json!("Bearer oracle-token"));
    }
    json!({
        "method": request.method, "url": request.url, "headers": headers, "body": request.body,
    })
}

type Failure = (&'static str, String);

fn stage<E: std::fmt::Display>(stage: &'static str) -> impl Fn(E) -> Failure {
    move |error| (stage, error.to_string())
}

fn request(folder: &Path, record: &Json) -> Result<HttpRequest, Failure> {
    let mut sources = SourceMap::default();
    for name in record["baml"].as_array().into_iter().flatten().filter_map(Json::as_str) {
        let text = std::fs::read_to_string(folder.join(name)).map_err(stage("load"))?;
        sources.add(name, text);
    }
    let (base, mut diagnostics) = baml_schema::check(&sources);
    diagnostics.extend(baml_jinja::check::check(&base, &sources));
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Err(("load", format!("{diagnostics:?}")));
    }
    let registry = record.get("client_registry").unwrap_or(&Json::Null);
    let registry = Registry::read(registry).map_err(stage("client_registry"))?;
    let ops = record.get("type_builder").unwrap_or(&Json::Null);
    let schema = baml_schema::builder::extend(&base, ops).map_err(stage("type_builder"))?;
    let name = record["function"].as_str().unwrap_or_default();
    let function = schema.functions.get(name).ok_or(("build", "no such function".to_owned()))?;
    let args = record.get("args").cloned().unwrap_or_else(|| json!({}));
    let values = convert_arguments(&schema, &function.params, &args).map_err(stage("build"))?;

    let env = |name: &str| match record["env"].get(name)?.as_str()? {
        "$service_account" => Some(SERVICE_ACCOUNT.to_owned()),
        value => Some(value.to_owned()),
    };
    let directory = Directory { schema: &schema, registry: &registry };
    let start = directory.start(&function.client);
    let mut client = directory.first_leaf(&start, &env, 0).map_err(stage("build"))?;
    read_credentials(&mut client)?;
    let mut messages = {
        let context = context(record, &client);
        render(&schema, function, &values, &context).map_err(stage("build"))?
    };
    download(record, &client, &mut messages)?;
    let delivery = match record["stream"].as_bool() {
        Some(true) => Delivery::Stream,
        _ => Delivery::Whole,
    };
    build_request(&client, &messages, delivery).map_err(stage("build"))
}

fn context(record: &Json, client: &ResolvedClient) -> PromptContext {
    let tags = record.get("tags").and_then(Json::as_object).cloned().unwrap_or_default();
    let official = [("baml.language", "typescript"), ("baml.runtime", "0.226.2")];
    let official: Map<String, Json> =
        official.into_iter().map(|(key, value)| (key.to_owned(), json!(value))).collect();
    let tags: IndexMap<SmolStr, Json> =
        tags.into_iter().chain(official).map(|(key, value)| (key.into(), value)).collect();
    let client = ClientContext {
        name: client.name().clone(),
        provider: client.provider().as_str().into(),
        default_role: client.default_role().clone(),
        allowed_roles: client.allowed_roles().to_vec(),
        remap_roles: client.remap_roles().clone(),
        model: client.model().map(SmolStr::from),
    };
    PromptContext { client, tags }
}

/// What the runtime does for credentials that are not among the options.
fn read_credentials(client: &mut ResolvedClient) -> Result<(), Failure> {
    match client.cloud() {
        Cloud::Google(google) if google.credentials.is_none() && !google.brings_key => {
            match &google.source {
                GoogleSource::File(path) => Err(("build", format!("no file {path}"))),
                _ => Err(("build", "no credentials on this machine".to_owned())),
            }
        }
        _ => Ok(()),
    }
}

fn download(
    record: &Json,
    client: &ResolvedClient,
    messages: &mut [Message],
) -> Result<(), Failure> {
    for fetch in media_fetches(client, messages) {
        let page = fetch.url.strip_prefix("http://127.0.0.1:18765");
        let page = page.and_then(|page| record.get("serves")?.get(page)?.get("base64")?.as_str());
        let Some(page) = page else { return Err(("build", format!("cannot fetch {}", fetch.url))) };
        let bytes = base64::engine::general_purpose::STANDARD.decode(page).expect("base64");
        replace_media(messages, &fetch, &bytes).map_err(stage("build"))?;
    }
    Ok(())
}

//! The recorded requests of the official runtime, as far as prompts go: roles and texts of messages.
//!
//! For the providers that spell messages plainly the roles are compared too; for the others only
//! the texts and the places of media, because system prompts stand apart there. How a request is
//! spelled is tested with `baml-provider`.
//!
//! `BAMLWIRE_LIST=1` lists what differs, `BAMLWIRE_SHOW=<id>` shows expected and got.

use std::path::{Path, PathBuf};

use baml_prompt::{ClientContext, Message, Part, PromptContext, convert_arguments, render};
use baml_schema::{ClientRef, Function, OptionValue, Schema};
use baml_syntax::SourceMap;
use indexmap::IndexMap;
use serde_json::Value as Json;
use smol_str::SmolStr;

const FILES: [&str; 10] = [
    "args",
    "jinja",
    "output-format",
    "output-options",
    "roles",
    "role-options",
    "whitespace",
    "files",
    "type-builder",
    "media",
];

/// How many records agreed when this was last changed; it only rises.
const FLOOR: usize = 379;

/// A message as it is compared: a role (empty where roles are not compared) and its parts.
type Told = Vec<(String, Vec<String>)>;

#[test]
fn prompts_agree_with_the_records() {
    let folder = baml_testkit::testdata().join("conformance/request");
    let (mut agreed, mut total) = (0, 0);
    let show = std::env::var("BAMLWIRE_SHOW").unwrap_or_default();
    let list = std::env::var("BAMLWIRE_LIST").is_ok();
    let mut files: Vec<PathBuf> =
        FILES.iter().map(|name| folder.join(name).with_extension("jsonl")).collect();
    files.extend(std::env::var("BAMLWIRE_RECORDS").iter().map(PathBuf::from));
    for file in files {
        let mut differing = Vec::new();
        for (id, record) in baml_testkit::records(&file) {
            let Some(expected) = expected(&record) else { continue };
            total += 1;
            let got = got(&folder, &record);
            if expected.iter().any(|expected| agrees(expected, &got)) {
                agreed += 1;
            } else {
                differing.push(id.clone());
            }
            if show == id {
                println!("{id}\nexpected {expected:#?}\ngot      {got:#?}");
            }
        }
        if list && !differing.is_empty() {
            println!("{}: {}", file.display(), differing.join(" "));
        }
    }
    println!("prompt: {agreed} of {total} agree");
    assert!(agreed >= FLOOR, "{agreed} of {total} records agree, but {FLOOR} did before");
}

/// The answers that are right, or nothing where the record is not about prompts.
fn expected(record: &Json) -> Option<Vec<Result<Told, String>>> {
    if let Some(answers) = record.get("any_of").and_then(Json::as_array) {
        return answers.iter().map(|answer| one(answer)).collect();
    }
    Some(vec![one(record)?])
}

fn one(answer: &Json) -> Option<Result<Told, String>> {
    if let Some(body) = answer.pointer("/request/body") {
        return Some(Ok(told(body)));
    }
    let message = answer.pointer("/error/message")?.as_str()?;
    let about_prompts = ["rendering prompt", "BamlInvalidArgumentError"];
    let stage = answer.pointer("/error/stage")?.as_str()?;
    let ours = stage == "build" && about_prompts.iter().any(|words| message.contains(words));
    ours.then(|| Err(message.lines().next().unwrap_or_default().to_owned()))
}

fn told(body: &Json) -> Told {
    let system = body.get("system").or_else(|| body.pointer("/system_instruction/parts"));
    let mut told: Told = system.map(|parts| (String::new(), contents(parts))).into_iter().collect();
    let plain = body.get("messages").is_some() && body.get("system").is_none();
    let messages = ["messages", "input", "contents"].iter().find_map(|key| body.get(*key));
    for message in messages.and_then(Json::as_array).into_iter().flatten() {
        let parts = message.get("content").or_else(|| message.get("parts"));
        let role = message["role"].as_str().unwrap_or_default();
        let role = if plain { role.to_owned() } else { String::new() };
        told.push((role, contents(parts.unwrap_or(&Json::Null))));
    }
    told
}

fn contents(parts: &Json) -> Vec<String> {
    match parts {
        Json::String(text) => vec![text.clone()],
        Json::Array(parts) => parts.iter().filter_map(content).collect(),
        _ => Vec::new(),
    }
}

fn content(part: &Json) -> Option<String> {
    if part.get("cachePoint").is_some() {
        return None;
    }
    Some(part.get("text").and_then(Json::as_str).unwrap_or("<media>").to_owned())
}

fn got(folder: &Path, record: &Json) -> Result<Told, String> {
    let mut sources = SourceMap::default();
    for (name, text) in record["files"].as_object().into_iter().flatten() {
        sources.add(name.as_str(), text.as_str().unwrap_or_default());
    }
    for name in record["baml"].as_array().into_iter().flatten().filter_map(Json::as_str) {
        let text = std::fs::read_to_string(folder.join(name)).map_err(|e| e.to_string())?;
        sources.add(name, text);
    }
    let (base, diagnostics) = baml_schema::check(&sources);
    if base.functions.is_empty() {
        return Err(format!("does not load: {diagnostics:?}"));
    }
    let ops = record.get("type_builder").cloned().unwrap_or_default();
    let schema = baml_schema::builder::extend(&base, &ops).map_err(|e| e.to_string())?;
    let name = record["function"].as_str().unwrap_or_default();
    let function = schema.functions.get(name).ok_or("no such function")?;
    let args = record.get("args").cloned().unwrap_or_default();
    let values = convert_arguments(&schema, &function.params, &args)
        .map_err(|error| format!("BamlError: BamlInvalidArgumentError: {error}"))?;
    let context = PromptContext { client: client(&schema, function), tags: IndexMap::new() };
    let messages = render(&schema, function, &values, &context)
        .map_err(|error| format!("BamlError: {error}"))?;
    Ok(joined(&messages, &context.client))
}

/// The roles and names of the function's client, as its provider resolves them.
fn client(schema: &Schema, function: &Function) -> ClientContext {
    let ClientRef::Named(name) = &function.client else { return ClientContext::default() };
    let Some(client) = schema.clients.get(name) else { return ClientContext::default() };
    let text = |key: &str| match client.options.get(key) {
        Some(OptionValue::String(text)) => Some(text.clone()),
        _ => None,
    };
    let allowed = match client.options.get("allowed_roles") {
        Some(OptionValue::List(roles)) => roles.iter().filter_map(option_text).collect(),
        _ => ["system", "user", "assistant"].map(SmolStr::new_static).to_vec(),
    };
    let remap = match client.options.get("remap_roles") {
        Some(OptionValue::Map(roles)) => {
            let pairs =
                roles.iter().filter_map(|(from, to)| Some((from.clone(), option_text(to)?)));
            pairs.collect()
        }
        _ => IndexMap::new(),
    };
    let family = ["openai", "azure-openai", "openai-generic", "openai-responses", "openrouter"];
    let first = if family.contains(&client.provider.as_str()) { "system" } else { "user" };
    ClientContext {
        name: name.clone(),
        provider: client.provider.clone(),
        default_role: text("default_role").unwrap_or(SmolStr::new_static(first)),
        allowed_roles: allowed,
        remap_roles: remap,
        model: text("model"),
    }
}

fn option_text(value: &OptionValue) -> Option<SmolStr> {
    match value {
        OptionValue::String(text) => Some(text.clone()),
        _ => None,
    }
}

/// The messages as a provider tells them: roles renamed, neighbours of one role joined.
fn joined(messages: &[Message], client: &ClientContext) -> Told {
    let mut told: Told = Vec::new();
    for message in messages {
        let role = client.remap_roles.get(&message.role).unwrap_or(&message.role).to_string();
        let parts = message.parts.iter().map(|part| match part {
            Part::Text(text) => text.to_string(),
            Part::Media(_) => "<media>".to_owned(),
        });
        match told.last_mut() {
            Some((last, all)) if *last == role && !message.allow_duplicate_role => {
                all.extend(parts)
            }
            _ => told.push((role, parts.collect())),
        }
    }
    told
}

fn agrees(expected: &Result<Told, String>, got: &Result<Told, String>) -> bool {
    match (expected, got) {
        (Ok(expected), Ok(got)) => {
            let roles = expected.iter().all(|(role, _)| !role.is_empty());
            let flat = |told: &Told| told.iter().flat_map(|it| it.1.clone()).collect::<Vec<_>>();
            let joined = |told: &Told| flat(told).join(" ");
            if roles {
                expected == got || joined(expected) == joined(got)
            } else {
                flat(expected) == flat(got)
            }
        }
        (Err(expected), Err(got)) => {
            let dump =
                expected.contains("UnionTypeGeneric") || expected.contains("Could not unify");
            dump || got.lines().next() == Some(expected)
        }
        _ => false,
    }
}

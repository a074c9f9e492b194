//! One record of the official runtime: what it expects of the prompt, and what the prompt is here.
//!
//! Roles are compared where the provider spells messages plainly; for the others only the texts and
//! the places of media are, because system prompts stand apart there.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use baml_prompt::{ClientContext, Message, Part, PromptContext, convert_arguments, render};
use baml_schema::{ClientRef, Function, OptionValue, Schema};
use baml_syntax::SourceMap;
use indexmap::IndexMap;
use serde_json::Value as Json;
use smol_str::SmolStr;

/// A role (empty where roles are not compared) and its parts, for each message.
pub(crate) type Told = Vec<(String, Vec<String>)>;

/// What a prompt is, or the first line of the reason why there is none.
pub(crate) type Answer = Result<Told, String>;

/// A folder of records with the projects that they load.
pub(crate) struct Records {
    folder: PathBuf,
    loaded: HashMap<Vec<String>, Result<Arc<Schema>, String>>,
}

impl Records {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder, loaded: HashMap::new() }
    }

    /// The records of one file.
    pub(crate) fn read(&self, name: &str) -> Vec<(String, Json)> {
        baml_testkit::records(&self.folder.join(name).with_extension("jsonl"))
    }

    /// What this repository makes of a record.
    pub(crate) fn got(&mut self, record: &Json) -> Answer {
        let base = self.schema(record)?;
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

    fn schema(&mut self, record: &Json) -> Result<Arc<Schema>, String> {
        let names = record["baml"].as_array().into_iter().flatten().filter_map(Json::as_str);
        let names: Vec<String> = names.map(str::to_owned).collect();
        let folder = &self.folder;
        self.loaded.entry(names).or_insert_with_key(|names| load(folder, names)).clone()
    }
}

fn load(folder: &Path, names: &[String]) -> Result<Arc<Schema>, String> {
    let mut sources = SourceMap::default();
    for name in names {
        let text = std::fs::read_to_string(folder.join(name)).map_err(|e| e.to_string())?;
        sources.add(name.as_str(), text);
    }
    let (schema, diagnostics) = baml_schema::check(&sources);
    if schema.functions.is_empty() {
        return Err(format!("does not load: {diagnostics:?}"));
    }
    Ok(Arc::new(schema))
}

/// The answers that are right, or nothing where the record is not about prompts.
pub(crate) fn expected(record: &Json) -> Option<Vec<Answer>> {
    if let Some(answers) = record.get("any_of").and_then(Json::as_array) {
        return answers.iter().map(one).collect();
    }
    Some(vec![one(record)?])
}

fn one(answer: &Json) -> Option<Answer> {
    if let Some(body) = answer.pointer("/request/body") {
        let url = answer.pointer("/request/url").and_then(Json::as_str);
        return Some(Ok(told(body, url.is_none_or(|url| url.contains("chat/completions")))));
    }
    let message = answer.pointer("/error/message")?.as_str()?;
    let about_prompts = ["rendering prompt", "BamlInvalidArgumentError"];
    let stage = answer.pointer("/error/stage")?.as_str()?;
    let ours = stage == "build" && about_prompts.iter().any(|words| message.contains(words));
    ours.then(|| Err(message.lines().next().unwrap_or_default().to_owned()))
}

fn told(body: &Json, plain: bool) -> Told {
    let system = body.get("system").or_else(|| body.pointer("/system_instruction/parts"));
    let mut told: Told = system.map(|parts| (String::new(), contents(parts))).into_iter().collect();
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
                all.extend(parts);
            }
            _ => told.push((role, parts.collect())),
        }
    }
    told
}

/// Whether an answer is the expected one. Reasons that show the official types from inside are not
/// compared by their words.
pub(crate) fn agrees(expected: &Answer, got: &Answer) -> bool {
    match (expected, got) {
        (Ok(expected), Ok(got)) => {
            let roles = expected.iter().all(|(role, _)| !role.is_empty());
            if roles {
                return expected == got || *expected == in_one_text(got);
            }
            let flat = |told: &Told| told.iter().flat_map(|it| it.1.clone()).collect::<Vec<_>>();
            flat(expected) == flat(got)
        }
        (Err(expected), Err(got)) => {
            let dumps = ["UnionTypeGeneric", "Could not unify", "unrecognizable data"];
            dumps.iter().any(|words| expected.contains(words))
                || got.lines().next() == Some(expected)
        }
        _ => false,
    }
}

/// A provider with plain texts joins the parts of a message.
fn in_one_text(told: &Told) -> Told {
    told.iter().map(|(role, parts)| (role.clone(), vec![parts.join(" ")])).collect()
}

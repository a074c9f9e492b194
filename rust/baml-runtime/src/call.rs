//! A call as it is asked: its function, its arguments, its schema and its clients, before any
//! provider is asked.
//!
//! Invariant: whatever is wrong with the request itself is found here, before anything is sent.

use std::sync::Arc;

use baml_prompt::{ClientContext, Message, Part, PromptContext, convert_arguments};
use baml_provider::{Directory, ProviderError, Registry, ResolvedClient};
use baml_reply::Target;
use baml_schema::{Function, Schema, Value};
use indexmap::IndexMap;
use serde_json::{Value as Json, json};
use smol_str::SmolStr;

use crate::error::{Error, ErrorKind, Stage};
use crate::project::Project;
use crate::request::{CallRequest, Mode};
use crate::variables::Variables;

/// A call that can be made.
pub struct Call {
    /// The function.
    pub function: Arc<Function>,
    /// The project's schema, or that of this call alone.
    pub schema: Arc<Schema>,
    /// What the reply must become.
    pub target: Arc<Target>,
    /// Streamed or not.
    pub mode: Mode,
    /// Whether a retry waits as long as the provider asks.
    pub heeds_retry_after: bool,
    args: IndexMap<SmolStr, Value>,
    registry: Registry,
    env: Variables,
    tags: IndexMap<SmolStr, Json>,
}

impl Call {
    /// Checks a request against the project.
    pub fn new(project: &Project, request: CallRequest) -> Result<Self, Error> {
        let (mut call, given) = Self::without_arguments(project, request)?;
        let none = json!({});
        let given = if given.is_null() { &none } else { &given };
        if !given.is_object() {
            return Err(Error::invalid("args must be an object of arguments by name"));
        }
        call.args =
            convert_arguments(&call.schema, &call.function.params, given).map_err(|problem| {
                let name = &call.function.name;
                Error::invalid(format!("arguments of {name}:\n{problem}")).at(Stage::Build)
            })?;
        Ok(call)
    }

    /// The same for work that takes no arguments, such as reading a reply; they are given back.
    pub fn without_arguments(
        project: &Project,
        request: CallRequest,
    ) -> Result<(Self, Json), Error> {
        let mut registry = Registry::read(&request.client_registry)
            .map_err(|e| of_provider(&e).at(Stage::ClientRegistry))?;
        if let Some(client) = request.client {
            registry.primary = Some(client.into());
        }
        let extended = match &request.type_builder {
            Json::Null => None,
            Json::Array(ops) if ops.is_empty() => None,
            ops => {
                Some(Arc::new(baml_schema::builder::extend(project.schema(), ops).map_err(
                    |problem| Error::invalid(problem.to_string()).at(Stage::TypeBuilder),
                )?))
            }
        };
        let schema = extended.as_ref().unwrap_or(project.schema());
        let Some(function) = schema.functions.get(request.function.as_str()).cloned() else {
            return Err(unknown_function(schema, &request.function));
        };
        let target = match &extended {
            Some(schema) => Arc::new(Target::new(Arc::clone(schema), function.returns.clone())),
            None => project
                .target(&function.name)
                .ok_or_else(|| Error::internal("a function without a target"))?,
        };
        let schema = Arc::clone(schema);
        let (env, tags, mode) = (request.env, request.tags, request.mode);
        let call = Self {
            function,
            schema,
            target,
            mode,
            heeds_retry_after: request.retry_after.unwrap_or(true),
            args: IndexMap::new(),
            registry,
            env,
            tags,
        };
        Ok((call, request.args))
    }

    /// The clients that this call may name.
    pub fn directory(&self) -> Directory<'_> {
        Directory { schema: &self.schema, registry: &self.registry }
    }

    /// The environment that came with it.
    pub fn env(&self) -> &Variables {
        &self.env
    }

    /// The name of the client that is asked first.
    pub fn start(&self) -> SmolStr {
        self.directory().start(&self.function.client)
    }

    /// The prompt as this client gets it.
    pub fn render(&self, client: &ResolvedClient) -> Result<Vec<Message>, Error> {
        let context = ClientContext {
            name: client.name().clone(),
            provider: client.provider().as_str().into(),
            default_role: client.default_role().clone(),
            allowed_roles: client.allowed_roles().to_vec(),
            remap_roles: client.remap_roles().clone(),
            model: client.model().map(SmolStr::from),
        };
        let context = PromptContext { client: context, tags: self.tags.clone() };
        baml_prompt::render(&self.schema, &self.function, &self.args, &context)
            .map_err(|problem| Error::invalid(problem.to_string()).at(Stage::Build))
    }
}

fn unknown_function(schema: &Schema, name: &str) -> Error {
    let mut known: Vec<&str> = schema.functions.keys().map(SmolStr::as_str).collect();
    known.sort_unstable();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    Error::invalid(format!("function `{name}` does not exist; there are: {known}")).at(Stage::Build)
}

/// A provider's complaint as this crate's error.
pub fn of_provider(problem: &ProviderError) -> Error {
    let kind = match problem {
        ProviderError::MissingVariable { variable, .. } => {
            ErrorKind::Environment { variable: variable.to_string() }
        }
        _ => ErrorKind::InvalidArgument,
    };
    let error = Error::new(kind, problem.to_string()).at(Stage::Build);
    match problem {
        ProviderError::MissingVariable { client, .. }
        | ProviderError::Options { client, .. }
        | ProviderError::UnknownProvider { client, .. }
        | ProviderError::Media { client, .. }
        | ProviderError::Credentials { client, .. } => error.of_client(client.as_str()),
        _ => error,
    }
}

/// A prompt as text, for errors and logs: `role: content`, media by what they are.
pub fn prompt_text(messages: &[Message]) -> String {
    let mut out = String::new();
    for message in messages {
        out.push_str(&message.role);
        out.push_str(": ");
        for part in &message.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Media(media) => out.push_str(&format!("<{}>", media.kind.as_str())),
            }
        }
        out.push('\n');
    }
    out
}

/// A prompt as data.
pub fn prompt_json(client: &ResolvedClient, messages: &[Message]) -> Json {
    let part = |part: &Part| match part {
        Part::Text(text) => json!({ "text": &**text }),
        Part::Media(media) => crate::plain::json(&Value::Media(Arc::clone(media))),
    };
    let messages: Vec<Json> = messages
        .iter()
        .map(|message| {
            json!({
                "role": message.role,
                "parts": message.parts.iter().map(part).collect::<Vec<_>>(),
                "metadata": message.metadata,
            })
        })
        .collect();
    json!({
        "client": client.name(), "provider": client.provider().as_str(), "messages": messages,
    })
}

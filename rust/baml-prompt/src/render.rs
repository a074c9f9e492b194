//! A function's prompt and its arguments → messages.
//!
//! What lives here: the template with its template strings, its variables, and the cutting of the
//! rendered text into messages. Roles that a client does not allow become its default role here;
//! renaming roles (`remap_roles`) and joining neighbours of one role are the provider's.
//!
//! Invariant: each message has at least one part. A prompt that names roles and says nothing has no
//! message at all, as officially.

use std::fmt;
use std::sync::Arc;

use baml_jinja::template::{self, TemplateError};
use baml_jinja::value::{Bridge, enum_global};
use baml_schema::{Function, Media, Schema, Value};
use indexmap::IndexMap;
use smol_str::SmolStr;

use crate::context::{Chat, ClientContext, PromptContext, ctx};
use crate::marks::{Mark, Marks, Piece};
use crate::message::{Message, Part};

/// Why a prompt gave no messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PromptError {
    /// The template failed.
    Template {
        /// The function whose prompt it is.
        function: SmolStr,
        /// Where it failed, for a person: a line of the prompt or of a template string.
        place: String,
        /// What went wrong.
        error: TemplateError,
    },
}

impl fmt::Display for PromptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Template { function, place, error } => write!(
                f,
                "Error occurred while rendering prompt: {error}\n  \
                 in function `{function}`, {place}"
            ),
        }
    }
}

impl std::error::Error for PromptError {}

/// Renders the prompt of `function` with converted arguments.
pub fn render(
    schema: &Schema,
    function: &Function,
    args: &IndexMap<SmolStr, Value>,
    context: &PromptContext,
) -> Result<Vec<Message>, PromptError> {
    let marks = Arc::new(Marks::new());
    let root = variables(schema, function, args, context, &marks);
    let source = Source::of(schema, function);
    let text = template::render(&source.text, root).map_err(|error| PromptError::Template {
        function: function.name.clone(),
        place: source.place(error.line),
        error,
    })?;
    Ok(messages(&marks, &text, &context.client))
}

fn variables(
    schema: &Schema,
    function: &Function,
    args: &IndexMap<SmolStr, Value>,
    context: &PromptContext,
    marks: &Arc<Marks>,
) -> minijinja::Value {
    let mark = |media: &Arc<Media>| Arc::from(marks.text(Mark::Media(media.clone())));
    let bridge = Bridge { schema, mark: &mark };
    let enums = schema.enums.iter().map(|(name, it)| (name.as_str(), enum_global(it)));
    let chat = minijinja::Value::from_object(Chat { marks: marks.clone() });
    let fixed = [("ctx", ctx(schema, &function.returns, context)), ("_", chat)];
    let args = args.iter().map(|(name, value)| (name.as_str(), bridge.value(value)));
    enums.chain(fixed).chain(args).collect()
}

/// The text that is rendered: every template string as a macro, then the prompt.
struct Source {
    text: String,
    /// The line on which each template string begins, and last the prompt.
    starts: Vec<(usize, Option<SmolStr>)>,
}

impl Source {
    fn of(schema: &Schema, function: &Function) -> Self {
        let mut text = String::new();
        let mut starts = Vec::with_capacity(schema.template_strings.len() + 1);
        let mut line = 1;
        for (name, it) in &schema.template_strings {
            starts.push((line, Some(name.clone())));
            let params: Vec<&str> = it.params.iter().map(|param| param.name.as_str()).collect();
            let params = params.join(", ");
            text.push_str(&format!("{{% macro {name}({params}) %}}{}{{% endmacro %}}\n", it.text));
            line += it.text.matches('\n').count() + 1;
        }
        starts.push((line, None));
        text.push_str(&function.prompt);
        Self { text, starts }
    }

    fn place(&self, line: usize) -> String {
        let at = self.starts.partition_point(|(start, _)| *start <= line).saturating_sub(1);
        let (start, name) = &self.starts[at];
        let line = line.saturating_sub(*start) + 1;
        match name {
            Some(name) => format!("line {line} of template string `{name}`"),
            None => format!("line {line} of its prompt"),
        }
    }
}

fn messages(marks: &Marks, text: &str, client: &ClientContext) -> Vec<Message> {
    let pieces = marks.split(text);
    let mut messages = vec![message(client, &client.default_role)];
    if let [Piece::Text(text)] = pieces.as_slice() {
        messages[0].parts.push(Part::Text(Arc::from(*text)));
        return messages;
    }
    for piece in pieces {
        match piece {
            Piece::Mark(Mark::Role(role)) => messages.push(Message {
                allow_duplicate_role: role.allow_duplicate,
                metadata: role.metadata,
                ..message(client, &role.name)
            }),
            Piece::Mark(Mark::Media(media)) => push(&mut messages, Part::Media(media)),
            Piece::Text(text) => {
                let text = text.trim();
                if !text.is_empty() {
                    push(&mut messages, Part::Text(Arc::from(text)));
                }
            }
        }
    }
    messages.retain(|message| !message.parts.is_empty());
    messages
}

fn push(messages: &mut [Message], part: Part) {
    if let Some(last) = messages.last_mut() {
        last.parts.push(part);
    }
}

fn message(client: &ClientContext, role: &SmolStr) -> Message {
    let allowed = client.allowed_roles.contains(role);
    Message {
        role: if allowed { role.clone() } else { client.default_role.clone() },
        allow_duplicate_role: false,
        metadata: IndexMap::new(),
        parts: Vec::new(),
    }
}

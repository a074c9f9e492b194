//! What a prompt's template can name besides its arguments: `ctx` and `_`.
//!
//! What lives here: those objects and the reading of their keyword arguments. What they mean for
//! the messages is `marks`' and `render`'s.

use std::fmt;
use std::sync::Arc;

use baml_schema::{Schema, Type};
use indexmap::IndexMap;
use minijinja::value::{Kwargs, Object, from_args};
use minijinja::{Error, ErrorKind, State, Value};
use serde_json::Value as Json;
use smol_str::SmolStr;

use crate::marks::{Mark, Marks, Role};
use crate::output_format::output_format;
use crate::output_options::{HoistClasses, MapStyle, OutputOptions, Prefix};

/// The keyword that keeps a message apart from a neighbour of the same role.
const ALLOW_DUPLICATE: &str = "__baml_allow_dupe_role__";

/// What a prompt may know of the call that it is rendered for.
#[derive(Clone, Debug, Default)]
pub struct PromptContext {
    /// The client that will be asked.
    pub client: ClientContext,
    /// The call's tags.
    pub tags: IndexMap<SmolStr, Json>,
}

/// What a prompt may know of its client.
#[derive(Clone, Debug, Default)]
pub struct ClientContext {
    /// Its name.
    pub name: SmolStr,
    /// Its provider as written.
    pub provider: SmolStr,
    /// The role of text before the first role, and of roles that are not allowed.
    pub default_role: SmolStr,
    /// The roles that may be used.
    pub allowed_roles: Vec<SmolStr>,
    /// What the provider is told instead; applied by `baml-provider`, shown to the template here.
    pub remap_roles: IndexMap<SmolStr, SmolStr>,
    /// The model, where one is set.
    pub model: Option<SmolStr>,
}

/// The value of `ctx`.
pub(crate) fn ctx(schema: &Schema, returns: &Type, context: &PromptContext) -> Value {
    let output = OutputFormat { schema: schema.clone(), returns: returns.clone() };
    Value::from_iter([
        ("client", client(&context.client)),
        ("tags", Value::from_serialize(&context.tags)),
        ("output_format", Value::from_object(output)),
    ])
}

fn client(client: &ClientContext) -> Value {
    let text = |text: &SmolStr| Value::from(text.as_str());
    let model = client.model.iter().map(|model| ("model", text(model)));
    Value::from_iter([
        ("name", text(&client.name)),
        ("provider", text(&client.provider)),
        ("default_role", text(&client.default_role)),
        ("allowed_roles", client.allowed_roles.iter().map(text).collect()),
        ("remap_role", client.remap_roles.iter().map(|(a, b)| (a.as_str(), text(b))).collect()),
        ("options", model.collect()),
    ])
}

/// The value of `_`: `_.role("user")`, `_.chat("user")`.
#[derive(Debug)]
pub(crate) struct Chat {
    pub(crate) marks: Arc<Marks>,
}

impl Object for Chat {
    fn call_method(
        self: &Arc<Self>,
        _state: &State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "role" | "chat" => {
                let role = read_role(method, args)?;
                Ok(Value::from(self.marks.text(Mark::Role(role))))
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}

fn read_role(method: &str, args: &[Value]) -> Result<Role, Error> {
    let (positional, keywords): (&[Value], Kwargs) = from_args(args)?;
    if positional.len() > 1 {
        return Err(Error::from(ErrorKind::TooManyArguments));
    }
    let given = |value: &Value| !value.is_none() && !value.is_undefined();
    let first = positional.first().filter(|value| given(value)).cloned();
    let named: Option<Value> = keywords.get("role")?;
    let name = match (first, named.filter(given)) {
        (Some(first), Some(named)) => {
            let detail = format!("{method}() called with two roles: '{named}' and '{first}'");
            return Err(Error::new(ErrorKind::TooManyArguments, detail));
        }
        (Some(name), None) | (None, Some(name)) => name.to_string(),
        (None, None) => {
            let detail = format!(
                "{method}() called without role. Try {method}('role') or {method}(role='role')."
            );
            return Err(Error::new(ErrorKind::MissingArgument, detail));
        }
    };
    let mut metadata = IndexMap::new();
    for key in keywords.args().filter(|key| *key != "role" && *key != ALLOW_DUPLICATE) {
        let value: Value = keywords.get(key)?;
        let json = serde_json::to_value(&value)
            .map_err(|error| Error::new(ErrorKind::BadSerialization, format!("{key}: {error}")))?;
        metadata.insert(key.into(), json);
    }
    let allow_duplicate = keywords.get::<Option<bool>>(ALLOW_DUPLICATE)?.unwrap_or(false);
    Ok(Role { name: name.into(), allow_duplicate, metadata })
}

/// The value of `ctx.output_format`: prints the text, and may be called with options.
struct OutputFormat {
    schema: Schema,
    returns: Type,
}

impl OutputFormat {
    fn text(&self, options: &OutputOptions) -> Result<String, Error> {
        let text = output_format(&self.schema, &self.returns, options);
        text.map(Option::unwrap_or_default)
            .map_err(|unknown| Error::new(ErrorKind::BadSerialization, unknown.to_string()))
    }
}

impl fmt::Debug for OutputFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OutputFormat").field(&self.returns).finish()
    }
}

impl Object for OutputFormat {
    fn call(self: &Arc<Self>, _state: &State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let (positional, keywords): (&[Value], Kwargs) = from_args(args)?;
        if !positional.is_empty() {
            let detail = "output_format() may only be called with named arguments";
            return Err(Error::new(ErrorKind::TooManyArguments, detail));
        }
        self.text(&read_options(&keywords)?).map(Value::from)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(&OutputOptions::default()).unwrap_or_default())
    }
}

fn read_options(keywords: &Kwargs) -> Result<OutputOptions, Error> {
    let defaults = OutputOptions::default();
    let prefix = match given(keywords, "prefix")? {
        None => Prefix::Automatic,
        Some(value) => text(&value).map_or(Prefix::Nothing, Prefix::Text),
    };
    let or_splitter = match given(keywords, "or_splitter")? {
        None => defaults.or_splitter,
        Some(value) => value.to_string(),
    };
    let render_null_as = given(keywords, "render_null_as")?.and_then(|value| text(&value));
    let enum_value_prefix = match given(keywords, "enum_value_prefix")? {
        None => defaults.enum_value_prefix,
        Some(value) => text(&value).unwrap_or_default(),
    };
    let hoisted_class_prefix = given(keywords, "hoisted_class_prefix")?;
    let options = OutputOptions {
        prefix,
        always_hoist_enums: flag(keywords, "always_hoist_enums")?,
        enum_value_prefix,
        or_splitter,
        hoisted_class_prefix: hoisted_class_prefix.and_then(|value| text(&value)),
        hoist_classes: hoist_classes(keywords)?,
        map_style: map_style(keywords)?,
        quote_class_fields: flag(keywords, "quote_class_fields")?,
        render_null_as: render_null_as.unwrap_or(defaults.render_null_as),
    };
    keywords.assert_all_used().map_err(|_| {
        let detail = "output_format() got an unexpected keyword argument (only 'prefix', \
            'always_hoist_enums', 'enum_value_prefix', 'or_splitter', 'hoisted_class_prefix', \
            'hoist_classes', 'map_style', 'quote_class_fields', and 'render_null_as' are allowed)";
        Error::new(ErrorKind::TooManyArguments, detail)
    })?;
    Ok(options)
}

/// The value of a keyword that was written, whatever it is.
fn given(keywords: &Kwargs, key: &str) -> Result<Option<Value>, Error> {
    if keywords.has(key) { keywords.get(key).map(Some) } else { Ok(None) }
}

/// `none` and undefined values (such as `null`) are no text; all others print.
fn text(value: &Value) -> Option<String> {
    (!value.is_none() && !value.is_undefined()).then(|| value.to_string())
}

fn flag(keywords: &Kwargs, key: &str) -> Result<bool, Error> {
    let Some(value) = given(keywords, key)? else { return Ok(false) };
    bool::try_from(value).map_err(|error| {
        let detail = format!("Invalid value for {key} (expected bool): {error}");
        Error::new(ErrorKind::SyntaxError, detail)
    })
}

fn map_style(keywords: &Kwargs) -> Result<MapStyle, Error> {
    match given(keywords, "map_style")?.as_ref().map(Value::as_str) {
        None | Some(Some("angle")) => Ok(MapStyle::Angle),
        Some(Some("object")) => Ok(MapStyle::Object),
        Some(_) => Err(Error::new(
            ErrorKind::SyntaxError,
            "Invalid value for map_style (expected one of angle, object): \
             Matching variant not found",
        )),
    }
}

fn hoist_classes(keywords: &Kwargs) -> Result<HoistClasses, Error> {
    let Some(value) = given(keywords, "hoist_classes")? else {
        return Ok(HoistClasses::Recursive);
    };
    if let Ok(all) = bool::try_from(value.clone()) {
        return Ok(if all { HoistClasses::All } else { HoistClasses::Recursive });
    }
    if value.as_str() == Some("auto") {
        return Ok(HoistClasses::Recursive);
    }
    let names = match value.kind() {
        minijinja::value::ValueKind::Seq | minijinja::value::ValueKind::Iterable => {
            value.try_iter()?.map(|name| name.to_string()).collect()
        }
        _ => {
            let detail = "Invalid value for hoist_classes (expected one of bool | \"auto\" | \
                string[]): invalid operation: not iterable";
            return Err(Error::new(ErrorKind::SyntaxError, detail));
        }
    };
    Ok(HoistClasses::Named(names))
}

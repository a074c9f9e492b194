//! What a project declares, as data for bindings, generators and people.
//!
//! Types are written as type builder operations write them: `"string"`, `{"list": T}`, and so on.

use baml_provider::{Provider, default_key_variable};
use baml_schema::{ClientRef, Constraint, ConstraintKind, Literal, Schema, Type, TypeKind};
use serde_json::{Map, Value as Json, json};
use smol_str::SmolStr;

const KEYED_PROVIDERS: [Provider; 6] = [
    Provider::OpenAi,
    Provider::OpenAiResponses,
    Provider::AzureOpenAi,
    Provider::OpenRouter,
    Provider::Anthropic,
    Provider::GoogleAi,
];

/// Everything that a caller may want to know.
pub fn describe(schema: &Schema) -> Json {
    let functions: Vec<Json> = schema
        .functions
        .values()
        .map(|function| {
            let params: Vec<Json> = function
                .params
                .iter()
                .map(|param| json!({ "name": param.name, "type": type_json(schema, &param.ty) }))
                .collect();
            let client = match &function.client {
                ClientRef::Named(name) => name.to_string(),
                ClientRef::Shorthand { provider, model } => format!("{provider}/{model}"),
            };
            json!({
                "name": function.name, "params": params, "client": client, "doc": function.doc,
                "returns": type_json(schema, &function.returns),
            })
        })
        .collect();
    let aliases: Vec<Json> = schema
        .aliases
        .values()
        .map(|alias| json!({ "name": alias.name, "type": type_json(schema, &alias.ty) }))
        .collect();
    json!({
        "functions": functions,
        "classes": classes(schema),
        "enums": enums(schema),
        "aliases": aliases,
        "clients": schema.clients.values().map(|client| {
            json!({ "name": client.name, "provider": client.provider })
        }).collect::<Vec<_>>(),
        "env": variables(schema),
    })
}

/// What a binding must know before the first call.
pub fn names(schema: &Schema) -> Json {
    let functions: Vec<&SmolStr> = schema.functions.values().map(|found| &found.name).collect();
    json!({ "functions": functions, "env": variables(schema) })
}

fn classes(schema: &Schema) -> Vec<Json> {
    let classes = schema.classes.values().map(|class| {
        let fields: Vec<Json> = class
            .fields
            .iter()
            .map(|field| {
                json!({
                    "name": field.name, "type": type_json(schema, &field.ty),
                    "alias": field.alias, "description": field.description,
                    "skip": field.skip, "doc": field.doc,
                })
            })
            .collect();
        json!({
            "name": class.name, "dynamic": class.dynamic, "doc": class.doc, "fields": fields,
        })
    });
    classes.collect()
}

fn enums(schema: &Schema) -> Vec<Json> {
    let enums = schema.enums.values().map(|declared| {
        let values: Vec<Json> = declared
            .values
            .iter()
            .map(|value| {
                json!({
                    "name": value.name, "alias": value.alias, "skip": value.skip,
                    "description": value.description, "doc": value.doc,
                })
            })
            .collect();
        json!({
            "name": declared.name, "dynamic": declared.dynamic, "doc": declared.doc,
            "values": values,
        })
    });
    enums.collect()
}

fn variables(schema: &Schema) -> Vec<SmolStr> {
    let mut names = schema.env_names();
    names.extend(KEYED_PROVIDERS.into_iter().filter_map(default_key_variable).map(SmolStr::from));
    names.extend(baml_provider::CLOUD_VARIABLES.into_iter().map(SmolStr::from));
    names.sort_unstable();
    names.dedup();
    names
}

/// A type as data. The source bounds how deep it nests.
fn type_json(schema: &Schema, ty: &Type) -> Json {
    let plain = match &ty.kind {
        TypeKind::String => json!("string"),
        TypeKind::Int => json!("int"),
        TypeKind::Float => json!("float"),
        TypeKind::Bool => json!("bool"),
        TypeKind::Null => json!("null"),
        TypeKind::Media(kind) => json!(kind.as_str()),
        TypeKind::Literal(Literal::String(text)) => json!({ "literal": text }),
        TypeKind::Literal(Literal::Int(number)) => json!({ "literal": number }),
        TypeKind::Literal(Literal::Bool(flag)) => json!({ "literal": flag }),
        TypeKind::Enum(id) => json!({ "enum": schema.enumeration(*id).name }),
        TypeKind::Class(id) => json!({ "class": schema.class(*id).name }),
        TypeKind::Alias(id) => json!({ "alias": schema.alias(*id).name }),
        TypeKind::List(item) => json!({ "list": type_json(schema, item) }),
        TypeKind::Map(key, value) => {
            json!({ "map": [type_json(schema, key), type_json(schema, value)] })
        }
        TypeKind::Union(variants) => {
            let variants: Vec<Json> = variants.iter().map(|ty| type_json(schema, ty)).collect();
            json!({ "union": variants })
        }
    };
    let checks: Vec<&Constraint> = ty.constraints.iter().collect();
    let rules = ty.stream;
    if checks.is_empty() && !rules.done && !rules.not_null && !rules.with_state {
        return plain;
    }
    let mut out = Map::new();
    out.insert("type".into(), plain);
    let named = |kind: ConstraintKind| -> Vec<Json> {
        let wanted = checks.iter().filter(|check| check.kind == kind);
        wanted.map(|check| json!({ "name": check.name, "expression": check.expression })).collect()
    };
    out.insert("checks".into(), named(ConstraintKind::Check).into());
    out.insert("asserts".into(), named(ConstraintKind::Assert).into());
    out.insert(
        "stream".into(),
        json!({ "done": rules.done, "not_null": rules.not_null, "with_state": rules.with_state }),
    );
    Json::Object(out)
}

//! Whether a test's arguments fit the functions that it calls; what does not is a warning.

use baml_syntax::tree::ValueBlock;
use indexmap::IndexMap;
use serde_json::Value as Json;
use smol_str::SmolStr;

use super::Checker;
use super::clients::{map_entries, properties};
use super::example::example;
use super::options::option_map;
use crate::catalogue::TEST_ARGUMENT;
use crate::client::OptionValue;
use crate::schema::{ClassId, Enum, Function};
use crate::types::{Literal, MediaKind, Type, TypeKind};

type Arguments = IndexMap<SmolStr, OptionValue>;

/// Arguments nested deeper are taken to fit.
const DEPTH_MAX: u32 = 64;

impl Checker<'_> {
    /// Compares the arguments of a test with the parameters of one of its functions.
    pub(crate) fn test_arguments(&mut self, block: &ValueBlock, function: &Function) {
        let test = &block.name.text;
        let args = properties(block).filter(|found| found.key.text == "args").last();
        let args = option_map(args.map(map_entries).unwrap_or_default());
        let missing = function
            .params
            .iter()
            .any(|param| !param.ty.is_optional() && !args.contains_key(&param.name));
        if missing {
            let what = self.missing_arguments(function, &args);
            let message = format!(
                "Test '{test}' is missing required arguments for function '{}'{what}",
                function.name
            );
            self.warning(TEST_ARGUMENT, block.span, message);
        }
        let known = |name: &str| function.params.iter().any(|param| param.name == name);
        let extra: Vec<&str> =
            args.keys().map(|name| name.as_str()).filter(|name| !known(name)).collect();
        if !extra.is_empty() {
            let expected: Vec<&str> =
                function.params.iter().map(|param| param.name.as_str()).collect();
            let message = format!(
                "Test '{test}' has unknown argument(s) for function '{}': {}. Expected: {}",
                function.name,
                extra.join(", "),
                expected.join(", ")
            );
            self.warning(TEST_ARGUMENT, block.span, message);
        }
        for param in &function.params {
            let Some(value) = args.get(&param.name) else { continue };
            let mut errors = Vec::new();
            self.fits(&param.ty, &json(value), 0, &mut errors);
            if !errors.is_empty() {
                let why: Vec<String> = errors.iter().map(|why| format!("  Error: {why}")).collect();
                let message = format!(
                    "Test '{test}' argument '{}' has type error: {}",
                    param.name,
                    why.join("\n")
                );
                self.warning(TEST_ARGUMENT, block.span, message);
            }
        }
    }

    /// What to add: a whole block when there is no argument yet, or else what is missing.
    fn missing_arguments(&self, function: &Function, given: &Arguments) -> String {
        let line = |name: &str, ty: &Type| format!("{name} {}", example(&self.schema, ty));
        let params = &function.params;
        if !given.is_empty() {
            let missing =
                params.iter().filter(|one| !one.ty.is_optional() && !given.contains_key(&one.name));
            let lines: Vec<String> =
                missing.map(|one| line(&one.name, &one.ty).replace('\n', ", ")).collect();
            return format!(": {}", lines.join(", "));
        }
        let lines: Vec<String> = params
            .iter()
            .flat_map(|one| line(&one.name, &one.ty).lines().map(str::to_owned).collect::<Vec<_>>())
            .map(|line| format!("  {line}\n"))
            .collect();
        format!(". Add an args block like:\n\nargs {{\n{}}}", lines.concat())
    }

    /// Adds to `errors` why `value` is none of the type; nothing when it is one.
    fn fits(&self, ty: &Type, value: &Json, depth: u32, errors: &mut Vec<String>) {
        if depth >= DEPTH_MAX {
            return;
        }
        let mut wanted = |fits: bool, what: &str| {
            if !fits {
                errors.push(format!("Expected {what}, got `{value:#?}`"));
            }
        };
        match &ty.kind {
            // Numbers and the like are written out where text is wanted.
            TypeKind::String => wanted(!value.is_array() && !value.is_object(), "type String"),
            TypeKind::Int => wanted(value.is_i64(), "type Int"),
            TypeKind::Float => wanted(value.is_number(), "type Float"),
            TypeKind::Bool => wanted(value.is_boolean(), "type Bool"),
            TypeKind::Null => wanted(value.is_null(), "type Null"),
            TypeKind::Media(kind) => errors.extend(media_error(*kind, value)),
            TypeKind::Literal(literal) => wanted(
                match literal {
                    Literal::String(text) => value.as_str() == Some(text),
                    Literal::Int(int) => value.as_i64() == Some(*int),
                    Literal::Bool(bool) => value.as_bool() == Some(*bool),
                },
                &format!("literal {literal:?}"),
            ),
            TypeKind::Enum(id) => {
                errors.extend(enum_error(self.schema.enumeration(*id), value));
            }
            TypeKind::Class(id) => self.fits_class(*id, value, depth, errors),
            TypeKind::Alias(id) => {
                self.fits(&self.schema.alias(*id).ty, value, depth + 1, errors);
            }
            TypeKind::List(inner) => match value {
                Json::Array(items) => {
                    for item in items {
                        self.fits(inner, item, depth + 1, errors);
                    }
                }
                _ => wanted(false, "array"),
            },
            TypeKind::Map(_, inner) => match value {
                Json::Object(entries) => {
                    for (key, item) in entries {
                        let mut own = Vec::new();
                        self.fits(inner, item, depth + 1, &mut own);
                        errors.extend(own.into_iter().map(|why| format!("{key}: {why}")));
                    }
                }
                _ => wanted(false, "map"),
            },
            TypeKind::Union(variants) => self.fits_union(variants, value, depth, errors),
        }
    }

    fn fits_union(&self, variants: &[Type], value: &Json, depth: u32, errors: &mut Vec<String>) {
        let mut own = Vec::new();
        for variant in variants {
            own.clear();
            self.fits(variant, value, depth + 1, &mut own);
            if own.is_empty() {
                return;
            }
        }
        if let [only, null] = variants
            && null.kind == TypeKind::Null
        {
            self.fits(only, value, depth + 1, errors);
            return;
        }
        let names: Vec<String> = variants.iter().map(|one| self.type_name(one)).collect();
        errors.push(format!("Expected one of {}, got `{value:#?}`", names.join(", ")));
    }

    /// A type as people write it, without what is inside of lists and maps of classes.
    fn type_name(&self, ty: &Type) -> String {
        match &ty.kind {
            TypeKind::Media(kind) => kind.as_str().to_owned(),
            TypeKind::Literal(Literal::String(text)) => format!("{text:?}"),
            TypeKind::Literal(Literal::Int(int)) => int.to_string(),
            TypeKind::Literal(Literal::Bool(value)) => value.to_string(),
            TypeKind::Enum(id) => self.schema.enumeration(*id).name.to_string(),
            TypeKind::Class(id) => self.schema.class(*id).name.to_string(),
            TypeKind::Alias(id) => self.schema.alias(*id).name.to_string(),
            TypeKind::List(_) => "a list".to_owned(),
            TypeKind::Map(..) => "a map".to_owned(),
            TypeKind::Union(_) => "a union".to_owned(),
            TypeKind::String => "string".to_owned(),
            TypeKind::Int => "int".to_owned(),
            TypeKind::Float => "float".to_owned(),
            TypeKind::Bool => "bool".to_owned(),
            TypeKind::Null => "null".to_owned(),
        }
    }

    fn fits_class(&self, id: ClassId, value: &Json, depth: u32, errors: &mut Vec<String>) {
        let class = self.schema.class(id);
        let Json::Object(entries) = value else {
            errors.push(format!("Expected class {}, got `{value:#?}`", class.name));
            return;
        };
        for field in &class.fields {
            let before = errors.len();
            if let Some(value) = entries.get(field.name.as_str()) {
                self.fits(&field.ty, value, depth + 1, errors);
            }
            let unusable = errors.len() > before || !entries.contains_key(field.name.as_str());
            if unusable && !field.ty.is_optional() {
                errors.push(format!(
                    "Missing required field `{}` for class {}",
                    field.name, class.name
                ));
            }
        }
    }
}

fn media_error(kind: MediaKind, value: &Json) -> Option<String> {
    let Json::Object(entries) = value else {
        return Some(format!("Expected type Media({kind:?}), got `{value:#?}`"));
    };
    let source = ["file", "url", "base64"].into_iter().find(|key| value[*key].is_string());
    let Some(source) = source else {
        return Some(format!(
            "Invalid media source: expected `file`, `url`, or `base64`, got `{value:#?}`"
        ));
    };
    let other = entries.keys().find(|key| *key != source && *key != "media_type")?;
    Some(format!(
        "Invalid property `{other}` on {source} {}: `media_type` is the only supported property",
        kind.as_str()
    ))
}

fn enum_error(found: &Enum, value: &Json) -> Option<String> {
    let Some(text) = value.as_str() else {
        return Some(format!("Invalid enum {}: Got `{value:?}`", found.name));
    };
    if found.dynamic || found.values.iter().any(|one| one.name == text) {
        return None;
    }
    let names: Vec<&str> = found.values.iter().map(|one| one.name.as_str()).collect();
    Some(format!(
        "Invalid enum {}: expected one of ({}), got `{text}`",
        found.name,
        names.join(" | ")
    ))
}

/// The argument as data; a variable of the environment is text.
fn json(value: &OptionValue) -> Json {
    match value {
        OptionValue::Null => Json::Null,
        OptionValue::Bool(value) => Json::Bool(*value),
        OptionValue::Int(value) => Json::from(*value),
        OptionValue::Float(value) => Json::from(*value),
        OptionValue::String(text) => Json::from(text.as_str()),
        OptionValue::Env(name) => Json::from(format!("${name}")),
        OptionValue::List(items) => items.iter().map(json).collect(),
        OptionValue::Map(entries) => {
            entries.iter().map(|(key, value)| (key.to_string(), json(value))).collect()
        }
    }
}

//! Whether a test's arguments fit the functions that it calls; what does not is a warning.

use baml_syntax::tree::ValueBlock;
use serde_json::Value as Json;

use super::Checker;
use super::clients::{map_entries, properties};
use super::options::option_map;
use crate::catalogue::TEST_ARGUMENT;
use crate::client::OptionValue;
use crate::schema::Function;
use crate::types::{Literal, Type, TypeKind};

/// Arguments nested deeper are taken to fit.
const DEPTH_MAX: u32 = 64;

impl Checker<'_> {
    /// Compares the arguments of a test with the parameters of one of its functions.
    pub(crate) fn test_arguments(&mut self, block: &ValueBlock, function: &Function) {
        let test = &block.name.text;
        let args = properties(block).filter(|found| found.key.text == "args").last();
        let args = option_map(args.map(map_entries).unwrap_or_default());
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
        let missing: Vec<&str> = function
            .params
            .iter()
            .filter(|param| !param.ty.is_optional() && !args.contains_key(&param.name))
            .map(|param| param.name.as_str())
            .collect();
        if !missing.is_empty() {
            let message = format!(
                "Test '{test}' is missing required arguments for function '{}': {}",
                function.name,
                missing.join(", ")
            );
            self.warning(TEST_ARGUMENT, block.span, message);
        }
        for param in &function.params {
            let Some(value) = args.get(&param.name) else { continue };
            if let Err(why) = self.fits(&param.ty, &json(value), 0) {
                let message = format!(
                    "Test '{test}' argument '{}' has type error:   Error: {why}",
                    param.name
                );
                self.warning(TEST_ARGUMENT, block.span, message);
            }
        }
    }

    fn fits(&self, ty: &Type, value: &Json, depth: u32) -> Result<(), String> {
        if depth >= DEPTH_MAX {
            return Ok(());
        }
        let wanted = |fits: bool, what: &str| {
            if fits { Ok(()) } else { Err(format!("Expected type {what}, got `{value:#?}`")) }
        };
        match &ty.kind {
            TypeKind::String => wanted(value.is_string(), "String"),
            TypeKind::Int => wanted(value.is_i64(), "Int"),
            TypeKind::Float => wanted(value.is_number(), "Float"),
            TypeKind::Bool => wanted(value.is_boolean(), "Bool"),
            TypeKind::Null => wanted(value.is_null(), "Null"),
            TypeKind::Media(kind) => {
                let fits = ["file", "url", "base64"].iter().any(|key| value[*key].is_string());
                if value.is_object() && !fits {
                    return Err(format!(
                        "Invalid media source: expected `file`, `url`, or `base64`, got \
                         `{value:#?}`"
                    ));
                }
                wanted(fits, &format!("Media({kind:?})"))
            }
            TypeKind::Literal(literal) => fits_literal(literal, value),
            TypeKind::Enum(id) => fits_enum(self.schema.enumeration(*id), value),
            TypeKind::Class(id) => self.fits_class(*id, value, depth),
            TypeKind::Alias(id) => self.fits(&self.schema.alias(*id).ty, value, depth + 1),
            TypeKind::List(inner) => {
                let Json::Array(items) = value else {
                    return Err(format!("Expected array, got `{value:#?}`"));
                };
                items.iter().try_for_each(|item| self.fits(inner, item, depth + 1))
            }
            TypeKind::Map(_, inner) => {
                let Json::Object(entries) = value else {
                    return Err(format!("Expected map, got `{value:#?}`"));
                };
                entries.iter().try_for_each(|(key, item)| {
                    self.fits(inner, item, depth + 1).map_err(|why| format!("{key}: {why}"))
                })
            }
            TypeKind::Union(variants) => {
                if variants.iter().any(|variant| self.fits(variant, value, depth + 1).is_ok()) {
                    return Ok(());
                }
                match variants.as_slice() {
                    [only, null] if null.kind == TypeKind::Null => {
                        self.fits(only, value, depth + 1)
                    }
                    _ => Err(format!("None of the union's types fits, got `{value:#?}`")),
                }
            }
        }
    }

    fn fits_class(
        &self,
        id: crate::schema::ClassId,
        value: &Json,
        depth: u32,
    ) -> Result<(), String> {
        let class = self.schema.class(id);
        let Json::Object(entries) = value else {
            return Err(format!("Expected class {}, got `{value:#?}`", class.name));
        };
        for field in &class.fields {
            match entries.get(field.name.as_str()) {
                Some(value) => self
                    .fits(&field.ty, value, depth + 1)
                    .map_err(|why| format!("{}: {why}", field.name))?,
                None if field.ty.is_optional() => {}
                None => {
                    return Err(format!(
                        "Missing required field `{}` for class {}",
                        field.name, class.name
                    ));
                }
            }
        }
        Ok(())
    }
}

fn fits_literal(literal: &Literal, value: &Json) -> Result<(), String> {
    let (fits, shown) = match literal {
        Literal::String(text) => (value.as_str() == Some(text), format!("{text:?}")),
        Literal::Int(int) => (value.as_i64() == Some(*int), int.to_string()),
        Literal::Bool(bool) => (value.as_bool() == Some(*bool), bool.to_string()),
    };
    if fits { Ok(()) } else { Err(format!("Expected literal {shown}, got `{value:#?}`")) }
}

fn fits_enum(found: &crate::schema::Enum, value: &Json) -> Result<(), String> {
    let fits = value
        .as_str()
        .is_some_and(|text| found.dynamic || found.values.iter().any(|one| one.name == text));
    if fits {
        return Ok(());
    }
    let names: Vec<&str> = found.values.iter().map(|one| one.name.as_str()).collect();
    Err(format!(
        "Invalid enum {}: expected one of ({}), got `{value:#?}`",
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

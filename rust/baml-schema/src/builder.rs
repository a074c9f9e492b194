//! The type builder: a schema for one call, made from the project's schema and a list of
//! operations.
//!
//! What lives here: the operations, their order and their conflicts. How added BAML text is
//! understood lives in `builder_source`. What a built type looks like in a prompt lives elsewhere.
//!
//! Invariant: the base schema is never changed and its ids stay valid; what is new is appended.

use std::fmt;
use std::sync::Arc;

use baml_syntax::Span;
use indexmap::IndexMap;
use serde_json::Value as Json;
use smol_str::SmolStr;

use crate::builder_source;
use crate::check;
use crate::schema::{Class, ClassId, Enum, EnumId, EnumValue, Field, Schema};
use crate::types::{Literal, StreamRules, Type, TypeKind};

/// How deep a type of an operation may nest; deeper ones come from no person.
pub const TYPE_DEPTH_MAX: usize = 64;

/// Why a type builder's operations were refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuilderError {
    /// An operation is not of the form that is asked for.
    Operation {
        /// Its position in the list.
        index: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// Added BAML text has errors; they are rendered here, with excerpts.
    Source {
        /// The text that a person reads.
        rendered: String,
    },
    /// A property was added to a class that declares a field of that name itself.
    Predefined {
        /// The class.
        class: SmolStr,
        /// The field.
        field: SmolStr,
    },
    /// What was added makes classes need each other without end.
    Cycle {
        /// The classes, each needing the next.
        classes: Vec<SmolStr>,
    },
}

impl fmt::Display for BuilderError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operation { index, reason } => {
                write!(out, "type builder: operation {index}: {reason}")
            }
            Self::Source { rendered } => out.write_str(rendered),
            Self::Predefined { class, field } => {
                write!(out, "Class {class} already has a pre-defined field: {field}")
            }
            Self::Cycle { classes } => {
                write!(out, "These classes form a dependency cycle: {}", classes.join(" -> "))
            }
        }
    }
}

impl std::error::Error for BuilderError {}

/// The schema of one call: `base` with the operations of `ops`, a JSON array, applied in order.
///
/// Classes, enums and their members are made when first named. A property may be added to any class
/// and a value to any enum; only properties that were added can be removed.
pub fn extend(base: &Schema, ops: &Json) -> Result<Schema, BuilderError> {
    let empty = Vec::new();
    let ops = match ops {
        Json::Null => &empty,
        Json::Array(ops) => ops,
        _ => return Err(refused(0, "the operations must be a list")),
    };
    let mut builder = Builder::new(base);
    for (index, op) in ops.iter().enumerate() {
        builder.apply(index, op)?;
    }
    builder.finish(base)
}

/// What was added to one enum.
#[derive(Default)]
pub(crate) struct EnumPatch {
    alias: Option<SmolStr>,
    values: IndexMap<SmolStr, ValuePatch>,
}

/// What was said about one value of an enum.
#[derive(Default)]
pub(crate) struct ValuePatch {
    pub(crate) alias: Option<SmolStr>,
    pub(crate) description: Option<SmolStr>,
    pub(crate) skip: Option<bool>,
}

/// The schema under construction.
///
/// Invariant: `schema` holds the new names already, so that types can refer to them; members wait
/// in `fields` and `values` until the end, because a later operation may still change them.
pub(crate) struct Builder {
    pub(crate) schema: Schema,
    fields: IndexMap<SmolStr, IndexMap<SmolStr, Field>>,
    values: IndexMap<SmolStr, EnumPatch>,
}

impl Builder {
    fn new(base: &Schema) -> Self {
        Self { schema: base.clone(), fields: IndexMap::new(), values: IndexMap::new() }
    }

    fn apply(&mut self, index: usize, op: &Json) -> Result<(), BuilderError> {
        let text = |key: &str| match op.get(key) {
            Some(Json::String(text)) => Ok(SmolStr::from(text.as_str())),
            _ => Err(refused(index, &format!("`{key}` must be a text"))),
        };
        match op.get("op").and_then(Json::as_str) {
            Some("property") => self.property(index, op, &text("class")?, &text("name")?),
            Some("remove_property") => {
                self.remove_field(&text("class")?, &text("name")?);
                Ok(())
            }
            Some("class") => {
                self.class(&text("name")?);
                Ok(())
            }
            Some("enum") => {
                let name = text("name")?;
                self.enumeration(&name);
                let alias = opt_text(index, op, "alias")?;
                let patch = self.values.entry(name).or_default();
                patch.alias = alias.or(patch.alias.take());
                Ok(())
            }
            Some("value") => self.value(index, op, &text("enum")?, &text("name")?),
            Some("baml") => builder_source::add(self, &text("source")?),
            Some(other) => Err(refused(index, &format!("there is no operation `{other}`"))),
            None => Err(refused(index, "`op` must name an operation")),
        }
    }

    fn property(
        &mut self,
        index: usize,
        op: &Json,
        class: &SmolStr,
        name: &SmolStr,
    ) -> Result<(), BuilderError> {
        let ty = op.get("type").ok_or_else(|| refused(index, "a property needs a `type`"))?;
        let ty = self.json_type(index, ty, 0)?;
        let (alias, description) =
            (opt_text(index, op, "alias")?, opt_text(index, op, "description")?);
        let field = Field {
            name: name.clone(),
            alias,
            description,
            skip: false,
            ty,
            doc: None,
            span: Span::default(),
        };
        self.add_field(class, field);
        Ok(())
    }

    /// Adds a field, or changes the one that was added before; what the new one leaves open stays.
    pub(crate) fn add_field(&mut self, class: &SmolStr, field: Field) {
        self.class(class);
        let fields = self.fields.entry(class.clone()).or_default();
        if let Some(old) = fields.get_mut(&field.name) {
            let (alias, description) = (old.alias.take(), old.description.take());
            *old = field;
            old.alias = old.alias.take().or(alias);
            old.description = old.description.take().or(description);
        } else {
            fields.insert(field.name.clone(), field);
        }
    }

    fn remove_field(&mut self, class: &SmolStr, name: &SmolStr) {
        self.class(class);
        if let Some(fields) = self.fields.get_mut(class) {
            fields.shift_remove(name);
        }
    }

    fn value(
        &mut self,
        index: usize,
        op: &Json,
        enumeration: &SmolStr,
        name: &SmolStr,
    ) -> Result<(), BuilderError> {
        let skip = match op.get("skip") {
            None | Some(Json::Null) => None,
            Some(Json::Bool(skip)) => Some(*skip),
            Some(_) => return Err(refused(index, "`skip` must be a bool")),
        };
        let patch = ValuePatch {
            alias: opt_text(index, op, "alias")?,
            description: opt_text(index, op, "description")?,
            skip,
        };
        self.add_value(enumeration, name, patch);
        Ok(())
    }

    /// Adds a value, or changes the one of that name; what the patch leaves open stays.
    pub(crate) fn add_value(&mut self, enumeration: &SmolStr, name: &SmolStr, patch: ValuePatch) {
        self.enumeration(enumeration);
        let values = &mut self.values.entry(enumeration.clone()).or_default().values;
        let old = values.entry(name.clone()).or_default();
        old.alias = patch.alias.or(old.alias.take());
        old.description = patch.description.or(old.description.take());
        old.skip = patch.skip.or(old.skip);
    }

    /// The id of a class, made when there is none of that name yet.
    pub(crate) fn class(&mut self, name: &SmolStr) -> ClassId {
        let classes = &mut self.schema.classes;
        let at = classes
            .get_index_of(name)
            .unwrap_or_else(|| classes.insert_full(name.clone(), Arc::new(empty_class(name))).0);
        ClassId(at as u32)
    }

    /// The id of an enum, made when there is none of that name yet.
    pub(crate) fn enumeration(&mut self, name: &SmolStr) -> EnumId {
        let enums = &mut self.schema.enums;
        let at = enums
            .get_index_of(name)
            .unwrap_or_else(|| enums.insert_full(name.clone(), Arc::new(empty_enum(name))).0);
        EnumId(at as u32)
    }

    fn json_type(&mut self, index: usize, ty: &Json, depth: usize) -> Result<Type, BuilderError> {
        if depth > TYPE_DEPTH_MAX {
            return Err(refused(index, "the type nests too deeply"));
        }
        let unknown = || refused(index, &format!("there is no type {ty}"));
        if let Json::String(name) = ty {
            return primitive(name).map(Type::new).ok_or_else(unknown);
        }
        let map = ty.as_object().filter(|map| map.len() == 1).ok_or_else(unknown)?;
        let (key, inner) = map.iter().next().ok_or_else(unknown)?;
        let kind = match (key.as_str(), inner) {
            ("list", inner) => TypeKind::List(Box::new(self.json_type(index, inner, depth + 1)?)),
            ("optional", inner) => return Ok(self.json_type(index, inner, depth + 1)?.optional()),
            ("map", Json::Array(pair)) if pair.len() == 2 => {
                let key = self.json_type(index, &pair[0], depth + 1)?;
                let value = self.json_type(index, &pair[1], depth + 1)?;
                TypeKind::Map(Box::new(key), Box::new(value))
            }
            ("union", Json::Array(variants)) => {
                let variants: Result<Vec<_>, _> =
                    variants.iter().map(|ty| self.json_type(index, ty, depth + 1)).collect();
                return Ok(union(variants?));
            }
            ("class", Json::String(name)) => TypeKind::Class(self.class(&name.as_str().into())),
            ("enum", Json::String(name)) => TypeKind::Enum(self.enumeration(&name.as_str().into())),
            ("literal", inner) => TypeKind::Literal(literal(inner).ok_or_else(unknown)?),
            _ => return Err(unknown()),
        };
        Ok(Type::new(kind))
    }

    fn finish(self, base: &Schema) -> Result<Schema, BuilderError> {
        let Self { mut schema, fields, values } = self;
        for (name, added) in fields.into_iter().filter(|(_, added)| !added.is_empty()) {
            let declared = base.classes.get(&name).map_or(&[][..], |class| &class.fields);
            if let Some(field) = declared.iter().find(|field| added.contains_key(&field.name)) {
                return Err(BuilderError::Predefined { class: name, field: field.name.clone() });
            }
            if let Some(class) = schema.classes.get_mut(&name) {
                Arc::make_mut(class).fields.extend(added.into_values());
            }
        }
        if let Some(group) = check::required_cycles(&schema).first() {
            let names = schema.classes.keys();
            let classes = group.iter().filter_map(|at| names.clone().nth(*at).cloned()).collect();
            return Err(BuilderError::Cycle { classes });
        }
        for (name, patch) in values {
            if let Some(enumeration) = schema.enums.get_mut(&name) {
                patch_enum(Arc::make_mut(enumeration), patch);
            }
        }
        Ok(schema)
    }
}

fn patch_enum(enumeration: &mut Enum, patch: EnumPatch) {
    enumeration.alias = patch.alias.or(enumeration.alias.take());
    let mut known: IndexMap<SmolStr, usize> = IndexMap::new();
    for (at, value) in enumeration.values.iter().enumerate() {
        known.insert(value.name.clone(), at);
    }
    for (name, patch) in patch.values {
        let at = known.get(&name).copied().unwrap_or_else(|| {
            enumeration.values.push(empty_value(&name));
            enumeration.values.len() - 1
        });
        let value = &mut enumeration.values[at];
        value.alias = patch.alias.or(value.alias.take());
        value.description = patch.description.or(value.description.take());
        value.skip = patch.skip.unwrap_or(value.skip);
    }
}

fn union(variants: Vec<Type>) -> Type {
    if variants.is_empty() { Type::new(TypeKind::Null) } else { Type::union(variants) }
}

fn primitive(name: &str) -> Option<TypeKind> {
    Some(match name {
        "string" => TypeKind::String,
        "int" => TypeKind::Int,
        "float" => TypeKind::Float,
        "bool" => TypeKind::Bool,
        "null" => TypeKind::Null,
        _ => return None,
    })
}

fn literal(value: &Json) -> Option<Literal> {
    match value {
        Json::String(text) => Some(Literal::String(text.as_str().into())),
        Json::Bool(value) => Some(Literal::Bool(*value)),
        Json::Number(number) => number.as_i64().map(Literal::Int),
        _ => None,
    }
}

fn empty_class(name: &SmolStr) -> Class {
    Class {
        name: name.clone(),
        alias: None,
        description: None,
        fields: Vec::new(),
        dynamic: false,
        constraints: Vec::new(),
        stream: StreamRules::default(),
        doc: None,
        span: Span::default(),
    }
}

fn empty_enum(name: &SmolStr) -> Enum {
    Enum {
        name: name.clone(),
        alias: None,
        description: None,
        values: Vec::new(),
        dynamic: false,
        constraints: Vec::new(),
        doc: None,
        span: Span::default(),
    }
}

fn empty_value(name: &SmolStr) -> EnumValue {
    EnumValue {
        name: name.clone(),
        alias: None,
        description: None,
        skip: false,
        doc: None,
        span: Span::default(),
    }
}

fn opt_text(index: usize, op: &Json, key: &str) -> Result<Option<SmolStr>, BuilderError> {
    match op.get(key) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text.as_str().into())),
        Some(_) => Err(refused(index, &format!("`{key}` must be a text"))),
    }
}

fn refused(index: usize, reason: &str) -> BuilderError {
    BuilderError::Operation { index, reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn base() -> Schema {
        let mut class = empty_class(&"Dyn".into());
        class.fields.push(Field {
            name: "a".into(),
            alias: None,
            description: None,
            skip: false,
            ty: Type::new(TypeKind::Int),
            doc: None,
            span: Span::default(),
        });
        let mut enumeration = empty_enum(&"DynE".into());
        enumeration
            .values
            .push(EnumValue { alias: Some("why".into()), ..empty_value(&"Y".into()) });
        let mut schema = Schema::default();
        schema.classes.insert("Dyn".into(), Arc::new(class));
        schema.enums.insert("DynE".into(), Arc::new(enumeration));
        schema
    }

    #[test]
    fn property_added_twice_keeps_what_the_second_leaves_open() {
        let ops = json!([
            {"op": "property", "class": "Dyn", "name": "b", "type": "string", "alias": "bee"},
            {"op": "property", "class": "Dyn", "name": "b", "type": {"optional": "int"}},
        ]);
        let built = extend(&base(), &ops).unwrap();
        let field = &built.classes["Dyn"].fields[1];
        assert_eq!(field.alias.as_deref(), Some("bee"));
        assert_eq!(field.ty, Type::new(TypeKind::Int).optional());
        assert_eq!(base().classes["Dyn"].fields.len(), 1);
    }

    #[test]
    fn property_of_a_declared_name_is_refused_unless_removed() {
        let add = json!({"op": "property", "class": "Dyn", "name": "a", "type": "string"});
        let error = extend(&base(), &json!([add])).unwrap_err();
        assert_eq!(error.to_string(), "Class Dyn already has a pre-defined field: a");
        let remove = json!({"op": "remove_property", "class": "Dyn", "name": "a"});
        let built = extend(&base(), &json!([add, remove])).unwrap();
        assert_eq!(built.classes["Dyn"].fields.len(), 1);
    }

    #[test]
    fn class_and_enum_are_made_when_first_named() {
        let ops = json!([
            {"op": "property", "class": "Dyn", "name": "n", "type": {"list": {"class": "New"}}},
            {"op": "property", "class": "New", "name": "e", "type": {"enum": "NewE"}},
            {"op": "value", "enum": "NewE", "name": "P"},
        ]);
        let built = extend(&base(), &ops).unwrap();
        assert_eq!(built.class_id("Dyn"), base().class_id("Dyn"));
        assert_eq!(built.classes["New"].fields[0].ty.kind, TypeKind::Enum(EnumId(1)));
        assert_eq!(built.enums["NewE"].values[0].name, "P");
    }

    #[test]
    fn value_of_a_declared_name_changes_only_what_is_said() {
        let ops = json!([{"op": "value", "enum": "DynE", "name": "Y", "description": "d"}]);
        let built = extend(&base(), &ops).unwrap();
        let value = &built.enums["DynE"].values[0];
        assert_eq!(
            (value.alias.as_deref(), value.description.as_deref()),
            (Some("why"), Some("d"))
        );
        assert_eq!(built.enums["DynE"].values.len(), 1);
    }

    #[test]
    fn operation_of_another_form_is_refused_with_its_position() {
        for bad in [
            json!([{"op": "class", "name": "X"}, {"op": "nope"}]),
            json!([{"op": "class", "name": "X"}, {}]),
            json!([{"op": "class", "name": "X"}, {"op": "class", "name": 1}]),
            json!([{"op": "class", "name": "X"}, {"op": "property", "class": "X", "name": "y"}]),
            json!([{"op": "class", "name": "X"},
                   {"op": "property", "class": "X", "name": "y", "type": {"literal": 1.5}}]),
        ] {
            let error = extend(&base(), &bad).unwrap_err();
            assert!(matches!(error, BuilderError::Operation { index: 1, .. }), "{error}");
        }
    }

    #[test]
    fn type_nested_beyond_the_limit_is_refused() {
        let nested = |depth| (0..depth).fold(json!("int"), |ty, _| json!({ "list": ty }));
        let ops = |ty| json!([{"op": "property", "class": "X", "name": "y", "type": ty}]);
        assert!(extend(&base(), &ops(nested(TYPE_DEPTH_MAX))).is_ok());
        assert!(extend(&base(), &ops(nested(TYPE_DEPTH_MAX + 1))).is_err());
    }
}

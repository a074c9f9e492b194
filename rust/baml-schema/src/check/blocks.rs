//! Classes and enums.

use std::sync::Arc;

use baml_syntax::Diagnostic;
use baml_syntax::tree::{
    Attribute, Field as WrittenField, Member, Name, TypeBlock, TypeExpr, TypeExprKind,
};
use smol_str::SmolStr;

use super::Checker;
use super::attributes::{meaning, of_field, own_attributes};
use super::cycles::cycles;
use super::keywords;
use crate::catalogue::{CLASS_CYCLE, FIELD_KEYWORD, FIELD_TARGET_KEYWORD, SKIP_REQUIRED};
use crate::schema::{Class, ClassId, Enum, EnumValue, Field, Schema};
use crate::types::{Type, TypeKind};

impl Checker<'_> {
    /// Rules about single fields and values: their names, and `@skip`.
    pub(crate) fn check_fields(&mut self) {
        let targets = self.output_types();
        for at in 0..self.names.classes.len() {
            for field in fields(self.names.classes[at]) {
                self.check_skip(field);
                self.check_field_name(&field.name, &targets);
            }
        }
        if targets.iter().any(|target| target.starts_with("python/")) {
            for at in 0..self.names.enums.len() {
                self.check_value_names(self.names.enums[at]);
            }
        }
    }

    fn check_skip(&mut self, field: &WrittenField) {
        let skip = of_field(field).any(|attribute| attribute.name.text == "skip");
        let Some(ty) = field.ty.as_ref().filter(|ty| skip && !may_be_null(ty)) else { return };
        let message = format!(
            "Error validating: Class field with @skip attribute must be optional. Try making the \
             type nullable: {} {}?",
            field.name.text,
            plainly(ty)
        );
        self.error(SKIP_REQUIRED, field.span, message);
    }

    fn check_field_name(&mut self, name: &Name, targets: &[SmolStr]) {
        let what = format!("Error validating field `{0}` in class `{0}`:", name.text);
        let clashing: Vec<&str> = targets
            .iter()
            .map(SmolStr::as_str)
            .filter(|target| keywords::is_of_target(&name.text, target))
            .collect();
        if !clashing.is_empty() {
            let message = format!(
                "{what} Field name is a reserved word in generated {} clients.",
                clashing.join(", ")
            );
            self.error(FIELD_TARGET_KEYWORD, name.span, message);
        }
        if keywords::is_baml(&name.text) {
            let message = format!("{what} Field name cannot be a BAML language keyword.");
            self.error(FIELD_KEYWORD, name.span, message);
        }
    }

    fn check_value_names(&mut self, block: &TypeBlock) {
        for field in fields(block) {
            let name = &field.name.text;
            if keywords::is_python(name) {
                let message = format!(
                    "Error validating field `{name}` in enum `{}`: Enum value '{name}' is a \
                     reserved \
                     word in Python, try changing the name and using `OtherValueName \
                     @alias(\"{name}\")`.",
                    block.name.text
                );
                self.error(FIELD_TARGET_KEYWORD, field.span, message);
            }
        }
    }

    /// Classes that cannot have an instance without having one already.
    pub(crate) fn class_cycles(&mut self) {
        let classes = &self.names.classes;
        for group in required_cycles(&self.schema) {
            let names: Vec<&str> = group.iter().map(|at| classes.keys()[*at]).collect();
            let message = format!(
                "Error validating: These classes form a dependency cycle: {}",
                names.join(" -> ")
            );
            let span = classes[group[0]].span;
            self.diagnostics.push(Diagnostic::error(CLASS_CYCLE, span, message));
        }
    }

    /// Understands all enums.
    pub(crate) fn enums(&mut self) {
        for at in 0..self.names.enums.len() {
            let block: &TypeBlock = self.names.enums[at];
            let meaning = meaning(block_attributes(block));
            let values = fields(block).map(enum_value).collect();
            let entry = Enum {
                name: block.name.text.clone(),
                alias: meaning.alias,
                description: meaning.description,
                values,
                dynamic: meaning.dynamic,
                constraints: meaning.constraints,
                doc: block.doc.clone(),
                span: block.name.span,
            };
            self.schema.enums.insert(entry.name.clone(), Arc::new(entry));
        }
    }

    /// Understands all classes.
    pub(crate) fn classes(&mut self) {
        for at in 0..self.names.classes.len() {
            let block: &TypeBlock = self.names.classes[at];
            let meaning = meaning(block_attributes(block));
            let fields = fields(block).map(|field| self.field(field)).collect();
            let entry = Class {
                name: block.name.text.clone(),
                alias: meaning.alias,
                description: meaning.description,
                fields,
                dynamic: meaning.dynamic,
                constraints: meaning.constraints,
                stream: meaning.stream,
                doc: block.doc.clone(),
                span: block.name.span,
            };
            self.schema.classes.insert(entry.name.clone(), Arc::new(entry));
        }
    }

    pub(crate) fn field(&mut self, field: &WrittenField) -> Field {
        let mut ty = match &field.ty {
            Some(ty) => self.resolve(ty),
            None => Type::new(TypeKind::String),
        };
        let mut own = meaning(&field.attributes);
        own.onto_type(&mut ty);
        // What stands in parentheses says of the type what the type knows already.
        let inside = meaning(field.ty.iter().flat_map(own_attributes));
        Field {
            name: field.name.text.clone(),
            alias: own.alias.or(inside.alias),
            description: own.description.or(inside.description),
            skip: own.skip || inside.skip,
            ty,
            doc: field.doc.clone(),
            span: field.name.span,
        }
    }
}

/// Circles of classes of which each needs a value of the next, by position.
pub(crate) fn required_cycles(schema: &Schema) -> Vec<Vec<usize>> {
    let needed = |class: &Class| {
        let ids = class.fields.iter().filter_map(|field| required(&field.ty)).flatten();
        ids.map(|id| id.0 as usize).collect()
    };
    let edges: Vec<Vec<usize>> = schema.classes.values().map(|class| needed(class)).collect();
    cycles(&edges)
}

/// The classes of which a value of this type needs one; none when it can do without.
fn required(ty: &Type) -> Option<Vec<ClassId>> {
    match &ty.kind {
        TypeKind::Class(id) => Some(vec![*id]),
        TypeKind::Union(variants) => {
            let each: Option<Vec<_>> = variants.iter().map(required).collect();
            Some(each?.concat())
        }
        _ => None,
    }
}

/// A type without what is attached to it, and unions in parentheses.
fn plainly(ty: &TypeExpr) -> String {
    let all = |parts: &[TypeExpr], between: &str| {
        let parts: Vec<String> = parts.iter().map(plainly).collect();
        format!("({})", parts.join(between))
    };
    match &ty.kind {
        TypeExprKind::Name(name) | TypeExprKind::Number(name) => name.to_string(),
        TypeExprKind::String(text) => format!("{text:?}"),
        TypeExprKind::List(item) => format!("{}[]", plainly(item)),
        TypeExprKind::Optional(inner) => format!("{}?", plainly(inner)),
        TypeExprKind::Map(key, value) => format!("map<{}, {}>", plainly(key), plainly(value)),
        TypeExprKind::Union(variants) => all(variants, " | "),
        TypeExprKind::Tuple(parts) => all(parts, ", "),
        TypeExprKind::Group(inner) => plainly(inner),
    }
}

/// Whether `null` is written as one of a type's values.
fn may_be_null(ty: &TypeExpr) -> bool {
    match &ty.kind {
        TypeExprKind::Optional(_) => true,
        TypeExprKind::Name(name) => name == "null",
        TypeExprKind::Group(inner) => may_be_null(inner),
        TypeExprKind::Union(variants) => variants.iter().any(may_be_null),
        _ => false,
    }
}

pub(crate) fn enum_value(field: &WrittenField) -> EnumValue {
    let meaning = meaning(&field.attributes);
    EnumValue {
        name: field.name.text.clone(),
        alias: meaning.alias,
        description: meaning.description,
        skip: meaning.skip,
        doc: field.doc.clone(),
        span: field.name.span,
    }
}

pub(crate) fn fields(block: &TypeBlock) -> impl Iterator<Item = &WrittenField> {
    block.members.iter().filter_map(|member| match member {
        Member::Field(field) => Some(field),
        _ => None,
    })
}

fn block_attributes(block: &TypeBlock) -> impl Iterator<Item = &Attribute> {
    block.members.iter().filter_map(|member| match member {
        Member::Attribute(attribute) => Some(attribute),
        _ => None,
    })
}

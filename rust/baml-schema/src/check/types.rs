//! Written types → types: names resolved, aliases put in place, unions made flat.

use baml_syntax::tree::{Member, TypeExpr, TypeExprKind};
use baml_syntax::{Diagnostic, Span};
use indexmap::IndexMap;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::Checker;
use super::attributes::meaning;
use super::suggest::{SUGGESTIONS_MAX, did_you_mean, nearest};
use crate::catalogue::{MAP_KEY, UNKNOWN_ALIAS_TARGET, UNKNOWN_TYPE};
use crate::schema::{AliasId, ClassId, EnumId};
use crate::types::{Literal, MediaKind, Type, TypeKind};

/// How the names of aliases are understood.
#[derive(Default)]
pub(crate) struct Aliases {
    /// Aliases that contain themselves, with their ids.
    pub(crate) recursive: IndexMap<SmolStr, AliasId>,
    /// What every other alias stands for, once known.
    pub(crate) expanded: FxHashMap<SmolStr, Type>,
}

impl Checker<'_> {
    /// The type that was written; an unknown name becomes `string`, so that checking can go on.
    pub(crate) fn resolve(&mut self, written: &TypeExpr) -> Type {
        let mut ty = match &written.kind {
            TypeExprKind::Name(name) => self.named(name),
            TypeExprKind::String(text) => literal(Literal::String(text.clone())),
            TypeExprKind::Number(text) => literal(Literal::Int(text.parse().unwrap_or_default())),
            TypeExprKind::List(inner) => Type::new(TypeKind::List(Box::new(self.resolve(inner)))),
            TypeExprKind::Optional(inner) => self.resolve(inner).optional(),
            TypeExprKind::Map(key, value) => {
                Type::new(TypeKind::Map(Box::new(self.resolve(key)), Box::new(self.resolve(value))))
            }
            TypeExprKind::Union(variants) => {
                let variants: Vec<Type> =
                    variants.iter().map(|variant| self.resolve(variant)).collect();
                Type::union(variants)
            }
            TypeExprKind::Tuple(parts) => {
                let parts: Vec<Type> = parts.iter().map(|part| self.resolve(part)).collect();
                Type::union(parts)
            }
            TypeExprKind::Group(inner) => self.resolve(inner),
        };
        let mut meaning = meaning(&written.attributes);
        meaning.onto_type(&mut ty);
        ty.description = meaning.description.or(ty.description);
        ty.alias = meaning.alias.or(ty.alias);
        ty
    }

    fn named(&mut self, name: &SmolStr) -> Type {
        if let Some(kind) = builtin(name) {
            return Type::new(kind);
        }
        if let Some(at) = self.names.classes.get_index_of(name.as_str()) {
            return Type::new(TypeKind::Class(ClassId((self.base.classes.len() + at) as u32)));
        }
        if let Some(at) = self.names.enums.get_index_of(name.as_str()) {
            return Type::new(TypeKind::Enum(EnumId((self.base.enums.len() + at) as u32)));
        }
        self.alias_type(name).unwrap_or_else(|| Type::new(TypeKind::String))
    }

    /// What an alias's name means where it is used.
    fn alias_type(&mut self, name: &SmolStr) -> Option<Type> {
        if let Some(id) = self.aliases.recursive.get(name) {
            return Some(Type::new(TypeKind::Alias(*id)));
        }
        if let Some(found) = self.aliases.expanded.get(name) {
            return Some(Type { named: Some(name.clone()), ..found.clone() });
        }
        self.base.type_named(name)
    }
}

/// The types that are suggested beside the declared ones.
const SUGGESTED: [&str; 6] = ["string", "int", "float", "bool", "true", "false"];

impl Checker<'_> {
    fn is_known(&self, name: &str) -> bool {
        let names = &self.names;
        builtin(name).is_some()
            || names.classes.contains_key(name)
            || names.enums.contains_key(name)
            || names.aliases.contains_key(name)
            || self.base.type_named(name).is_some()
    }

    /// Tells of the names that an alias mentions and nobody declares.
    pub(crate) fn alias_targets(&mut self) {
        let told = self.diagnostics.len();
        for at in 0..self.names.aliases.len() {
            for (name, span) in mentioned(&self.names.aliases[at].ty) {
                if !self.is_known(name) {
                    let message = format!(
                        "Error validating: Type alias points to unknown identifier `{name}`"
                    );
                    self.error(UNKNOWN_ALIAS_TARGET, span, message);
                }
            }
        }
        self.follow(told, self.names.incomplete);
    }

    /// Whether all types that fields, parameters and results have exist, and their maps have keys.
    pub(crate) fn check_types(&mut self) {
        for at in 0..self.names.classes.len() {
            for member in &self.names.classes[at].members {
                if let Member::Field(field) = member {
                    field.ty.iter().for_each(|ty| self.check_type(ty));
                }
            }
        }
        for at in 0..self.names.functions.len() {
            let block = self.names.functions[at];
            let params = block.params.iter().flatten().filter_map(|param| param.ty.as_ref());
            params.chain(&block.returns).for_each(|ty| self.check_type(ty));
        }
        for at in 0..self.names.templates.len() {
            let params = self.names.templates[at].params.iter().flatten();
            params.filter_map(|param| param.ty.as_ref()).for_each(|ty| self.check_type(ty));
        }
    }

    pub(crate) fn check_type(&mut self, ty: &TypeExpr) {
        for (name, span) in mentioned(ty) {
            if !self.is_known(name) {
                let declared = self.names.classes.keys().chain(self.names.enums.keys());
                let declared = declared.copied();
                let base = self.base.classes.keys().chain(self.base.enums.keys());
                let base = base.map(SmolStr::as_str);
                let all = declared.chain(base).chain(SUGGESTED);
                let near = did_you_mean(&nearest(name, all, SUGGESTIONS_MAX), '`');
                let message = format!("Type `{name}` does not exist.{near}");
                self.error(UNKNOWN_TYPE, span, message);
            }
        }
        let mut pending = vec![ty];
        while let Some(ty) = pending.pop() {
            if let TypeExprKind::Map(key, _) = &ty.kind {
                self.check_key(key);
            }
            pending.extend(parts(ty));
        }
    }

    fn check_key(&mut self, key: &TypeExpr) {
        let mut key = key;
        while let TypeExprKind::Group(inner) = &key.kind {
            key = inner;
        }
        // That there is no such type is told by itself.
        let untold = matches!(&key.kind, TypeExprKind::Name(name) if !self.is_known(name));
        let wrong: Vec<Span> = match &key.kind {
            TypeExprKind::String(_) => Vec::new(),
            TypeExprKind::Name(name)
                if name == "string"
                    || self.names.enums.contains_key(name.as_str())
                    || self.base.enums.contains_key(name) =>
            {
                Vec::new()
            }
            TypeExprKind::Union(variants) => variants
                .iter()
                .filter(|variant| !matches!(variant.kind, TypeExprKind::String(_)))
                .map(|variant| variant.span)
                .collect(),
            _ => vec![key.span],
        };
        for span in wrong {
            let message =
                "Error validating: Maps may only have strings, enums or literal strings as keys";
            let found = Diagnostic::error(MAP_KEY, span, message).following(untold);
            self.diagnostics.push(found);
        }
    }
}

/// The types that a type is made of, one level down.
pub(crate) fn parts(ty: &TypeExpr) -> Vec<&TypeExpr> {
    match &ty.kind {
        TypeExprKind::List(inner) | TypeExprKind::Optional(inner) | TypeExprKind::Group(inner) => {
            vec![inner]
        }
        TypeExprKind::Map(key, value) => vec![key, value],
        TypeExprKind::Union(parts) | TypeExprKind::Tuple(parts) => parts.iter().collect(),
        TypeExprKind::Name(_) | TypeExprKind::String(_) | TypeExprKind::Number(_) => Vec::new(),
    }
}

/// The names that a type mentions, with their places, in source order.
pub(crate) fn mentioned(ty: &TypeExpr) -> Vec<(&str, Span)> {
    let mut found = Vec::new();
    let mut pending = vec![ty];
    while let Some(ty) = pending.pop() {
        if let TypeExprKind::Name(name) = &ty.kind {
            found.push((name.as_str(), ty.span));
        }
        pending.extend(parts(ty).into_iter().rev());
    }
    found
}

fn literal(literal: Literal) -> Type {
    Type::new(TypeKind::Literal(literal))
}

/// The types that need no declaration.
pub(crate) fn builtin(name: &str) -> Option<TypeKind> {
    Some(match name {
        "string" => TypeKind::String,
        "int" => TypeKind::Int,
        "float" => TypeKind::Float,
        "bool" => TypeKind::Bool,
        "null" => TypeKind::Null,
        "image" => TypeKind::Media(MediaKind::Image),
        "audio" => TypeKind::Media(MediaKind::Audio),
        "pdf" => TypeKind::Media(MediaKind::Pdf),
        "video" => TypeKind::Media(MediaKind::Video),
        "true" => TypeKind::Literal(Literal::Bool(true)),
        "false" => TypeKind::Literal(Literal::Bool(false)),
        _ => return None,
    })
}

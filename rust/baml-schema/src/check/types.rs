//! Written types → types: names resolved, aliases put in place, unions made flat.

use baml_syntax::tree::{TypeExpr, TypeExprKind};
use indexmap::IndexMap;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::Checker;
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
        let mut meaning = self.meaning(&written.attributes);
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
            return Type::new(TypeKind::Class(ClassId(at as u32)));
        }
        if let Some(at) = self.names.enums.get_index_of(name.as_str()) {
            return Type::new(TypeKind::Enum(EnumId(at as u32)));
        }
        self.alias_type(name).unwrap_or_else(|| Type::new(TypeKind::String))
    }

    /// What an alias's name means where it is used.
    fn alias_type(&mut self, name: &SmolStr) -> Option<Type> {
        if let Some(id) = self.aliases.recursive.get(name) {
            return Some(Type::new(TypeKind::Alias(*id)));
        }
        let mut ty = self.aliases.expanded.get(name).cloned()?;
        ty.named = Some(name.clone());
        Some(ty)
    }
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

//! What the checker knows of a value inside a template, and which kinds fit where.
//!
//! Invariant: the variants stand in the order in which a merged union lists its members.

use std::collections::BTreeSet;
use std::fmt;

use baml_schema::{Literal, Schema, Type, TypeKind};
use smol_str::SmolStr;

/// The kind of a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Nothing is known; it fits everywhere.
    Unknown,
    /// A variable that only some branches set.
    Undefined,
    None,
    Int,
    Float,
    /// An int or a float.
    Number,
    String,
    Bool,
    Literal(Constant),
    List(Box<Kind>),
    Map(Box<Kind>, Box<Kind>),
    Tuple(Vec<Kind>),
    Union(Vec<Kind>),
    /// A value of a class, declared or predefined.
    Class(SmolStr),
    /// The name of an enum, through which its values are reached.
    Definition(SmolStr),
    /// A value of an enum.
    Enum(SmolStr),
    /// One value of an enum that is known: `E.A`.
    Member(SmolStr, SmolStr),
    Alias(SmolStr, Box<Kind>),
    RecursiveAlias(SmolStr),
    Function(SmolStr),
    /// `ctx.output_format`, a text that may also be called.
    OutputFormat,
}

/// The one value of a literal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Constant {
    String(SmolStr),
    Int(i64),
    Bool(bool),
}

impl Kind {
    /// The kind of an argument or a field of this type.
    pub(crate) fn of(schema: &Schema, ty: &Type) -> Self {
        let kind = Self::of_kind(schema, &ty.kind);
        match &ty.named {
            Some(name) if !matches!(kind, Self::RecursiveAlias(_)) => {
                Self::Alias(name.clone(), Box::new(kind))
            }
            _ => kind,
        }
    }

    fn of_kind(schema: &Schema, kind: &TypeKind) -> Self {
        let of = |ty: &Type| Box::new(Self::of(schema, ty));
        match kind {
            TypeKind::String => Self::String,
            TypeKind::Int => Self::Int,
            TypeKind::Float => Self::Float,
            TypeKind::Bool => Self::Bool,
            TypeKind::Null => Self::None,
            TypeKind::Media(_) => Self::Unknown,
            TypeKind::Literal(literal) => Self::Literal(match literal {
                Literal::String(text) => Constant::String(text.clone()),
                Literal::Int(value) => Constant::Int(*value),
                Literal::Bool(value) => Constant::Bool(*value),
            }),
            TypeKind::Enum(id) => Self::Enum(schema.enumeration(*id).name.clone()),
            TypeKind::Class(id) => Self::Class(schema.class(*id).name.clone()),
            TypeKind::Alias(id) => Self::RecursiveAlias(schema.alias(*id).name.clone()),
            TypeKind::List(item) => Self::List(of(item)),
            TypeKind::Map(key, value) => Self::Map(of(key), of(value)),
            TypeKind::Union(variants) => {
                let (none, others): (Vec<_>, Vec<_>) =
                    variants.iter().partition(|ty| ty.kind == TypeKind::Null);
                let ordered = none.into_iter().chain(others);
                Self::Union(ordered.map(|ty| Self::of(schema, ty)).collect())
            }
        }
    }

    pub(crate) fn text(text: &str) -> Self {
        Self::Literal(Constant::String(text.into()))
    }

    pub(crate) fn list(item: Kind) -> Self {
        Self::List(Box::new(item))
    }

    pub(crate) fn map(key: Kind, value: Kind) -> Self {
        Self::Map(Box::new(key), Box::new(value))
    }

    pub(crate) fn optional(self) -> Self {
        Self::Union(vec![Self::None, self])
    }

    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown | Self::Undefined)
    }

    /// The members of a union, also of one behind an alias.
    pub(crate) fn members(&self) -> Option<&[Kind]> {
        match self {
            Self::Union(members) => Some(members),
            Self::Alias(_, inner) => inner.members(),
            _ => None,
        }
    }

    /// Whether a value of this kind may stand where one of `wanted` is asked for.
    pub(crate) fn fits(&self, wanted: &Kind) -> bool {
        if self == wanted || self.is_unknown() || wanted.is_unknown() {
            return true;
        }
        match (self, wanted) {
            (Self::Union(members), _) => members.iter().all(|member| member.fits(wanted)),
            (_, Self::Union(members)) if members.iter().any(|member| self.fits(member)) => true,
            (Self::Alias(_, inner), _) => inner.fits(wanted),
            (Self::OutputFormat, Self::String) => true,
            (Self::Member(name, _), Self::Enum(wanted)) => name == wanted,
            (Self::Literal(Constant::String(_)), Self::String) => true,
            (Self::Literal(Constant::Int(_)), Self::Int | Self::Number) => true,
            (Self::Literal(Constant::Bool(_)), Self::Bool) => true,
            (Self::Int | Self::Float, Self::Number) => true,
            (Self::Number, Self::Int | Self::Float) => true,
            (Self::List(item), Self::List(wanted)) => item.fits(wanted),
            (Self::Map(key, value), Self::Map(wanted_key, wanted_value)) => {
                key.fits(wanted_key) && value.fits(wanted_value)
            }
            (Self::Tuple(items), Self::Tuple(wanted)) => {
                items.len() == wanted.len() && items.iter().zip(wanted).all(|(a, b)| a.fits(b))
            }
            _ => false,
        }
    }

    /// The kind of a value that is of one of `kinds`: the narrower of two that fit, else a union.
    pub(crate) fn merge(kinds: impl IntoIterator<Item = Kind>) -> Self {
        kinds.into_iter().reduce(Self::join).unwrap_or(Self::Unknown)
    }

    fn join(self, other: Kind) -> Self {
        match (&self, &other) {
            (Self::Unknown, _) => return other,
            (_, Self::Unknown) => return self,
            (Self::Union(_), _) | (_, Self::Union(_)) => {}
            (Self::Undefined, _) | (_, Self::Undefined) => {}
            _ if self.fits(&other) => return self,
            _ if other.fits(&self) => return other,
            _ => {}
        }
        let mut members = BTreeSet::new();
        for kind in [self, other] {
            match kind {
                Self::Union(inner) => members.extend(inner),
                kind => {
                    members.insert(kind);
                }
            }
        }
        let mut members: Vec<Kind> = members.into_iter().collect();
        if members.len() == 1 { members.remove(0) } else { Self::Union(members) }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => out.write_str("<unknown>"),
            Self::Undefined => out.write_str("undefined"),
            Self::None => out.write_str("none"),
            Self::Int => out.write_str("int"),
            Self::Float => out.write_str("float"),
            Self::Number => out.write_str("number"),
            Self::String => out.write_str("string"),
            Self::Bool => out.write_str("bool"),
            Self::Literal(Constant::String(text)) => write!(out, "literal[\"{text}\"]"),
            Self::Literal(Constant::Int(value)) => write!(out, "literal[{value}]"),
            Self::Literal(Constant::Bool(value)) => write!(out, "literal[{value}]"),
            Self::List(item) => write!(out, "list[{item}]"),
            Self::Map(key, value) => write!(out, "map[{key}, {value}]"),
            Self::Tuple(items) => joined(out, items, ", "),
            Self::Union(members) => joined(out, members, " | "),
            Self::Class(name) => write!(out, "class {name}"),
            Self::Definition(name) => write!(out, "enum definition {name}"),
            Self::Enum(name) => write!(out, "enum {name}"),
            Self::Member(_, value) => write!(out, "enum {value}"),
            Self::Alias(name, inner) => write!(out, "type alias {name} (resolves to {inner})"),
            Self::RecursiveAlias(name) => write!(out, "recursive type alias {name}"),
            Self::Function(name) => write!(out, "function {name}"),
            Self::OutputFormat => out.write_str("string & function baml::OutputFormat"),
        }
    }
}

fn joined(out: &mut fmt::Formatter<'_>, kinds: &[Kind], separator: &str) -> fmt::Result {
    out.write_str("(")?;
    for (at, kind) in kinds.iter().enumerate() {
        if at > 0 {
            out.write_str(separator)?;
        }
        write!(out, "{kind}")?;
    }
    out.write_str(")")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merge_keeps_the_narrower_of_two_that_fit() {
        let one = || Kind::Literal(Constant::Int(1));
        assert_eq!(Kind::merge([Kind::String, Kind::text("a")]), Kind::text("a"));
        assert_eq!(Kind::merge([one(), Kind::Number]), one());
        assert_eq!(Kind::merge([Kind::Unknown, Kind::String]), Kind::String);
        assert_eq!(Kind::merge([]), Kind::Unknown);
    }

    #[test]
    fn merge_lists_members_in_one_order() {
        let merged = Kind::merge([Kind::Float, Kind::Bool, Kind::Int, Kind::String, Kind::None]);
        assert_eq!(merged.to_string(), "(none | int | float | string | bool)");
    }

    #[test]
    fn fits_an_alias_only_by_name_but_stands_for_its_type() {
        let alias = Kind::Alias("T".into(), Box::new(Kind::Int));
        assert!(alias.fits(&Kind::Int));
        assert!(!Kind::Int.fits(&alias));
        assert!(alias.fits(&alias.clone()));
    }
}

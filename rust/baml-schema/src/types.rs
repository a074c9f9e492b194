//! Types as functions promise them: resolved, normalised, with the rules that were attached.
//!
//! Invariant: a `TypeKind::Union` is flat, has at least two variants, and holds `Null` at most
//! once, as its last variant (`T?` and `T | null` are the same type). Only recursive aliases remain
//! as `TypeKind::Alias`; every other alias was replaced by what it stands for.

use std::hash::{Hash, Hasher};

use baml_syntax::Span;
use rustc_hash::{FxHashMap, FxHasher};
use smol_str::SmolStr;

use crate::schema::{AliasId, ClassId, EnumId};

/// A type with what was attached to this use of it. The alias that it was written as does not
/// count when two are compared.
#[derive(Clone, Debug)]
pub struct Type {
    /// What values it has.
    pub kind: TypeKind,
    /// `@check` and `@assert`, in source order.
    pub constraints: Vec<Constraint>,
    /// `@stream.*` on this use of the type.
    pub stream: StreamRules,
    /// `@description` on the type itself, for the prompt.
    pub description: Option<SmolStr>,
    /// `@alias` on the type itself, for the prompt.
    pub alias: Option<SmolStr>,
    /// The alias as which the source names it, for messages.
    pub named: Option<SmolStr>,
}

impl PartialEq for Type {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.constraints == other.constraints
            && self.stream == other.stream
            && self.description == other.description
            && self.alias == other.alias
    }
}

/// The shape of a type.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeKind {
    /// Any text.
    String,
    /// A 64-bit signed integer.
    Int,
    /// A 64-bit float.
    Float,
    /// `true` or `false`.
    Bool,
    /// Only `null`.
    Null,
    /// An image, audio, PDF or video; arguments only.
    Media(MediaKind),
    /// One value of a string, int or bool.
    Literal(Literal),
    /// A declared enum.
    Enum(EnumId),
    /// A declared class.
    Class(ClassId),
    /// A recursive alias.
    Alias(AliasId),
    /// `T[]`.
    List(Box<Type>),
    /// `map<K, V>`.
    Map(Box<Type>, Box<Type>),
    /// `A | B | …`, see the invariant of this file.
    Union(Vec<Type>),
}

/// The four kinds of media.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum MediaKind {
    Image,
    Audio,
    Pdf,
    Video,
}

/// A literal type's one value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Literal {
    /// `"x"`
    String(SmolStr),
    /// `1`
    Int(i64),
    /// `true`
    Bool(bool),
}

/// How a value is shown while it is still arriving.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamRules {
    /// `@stream.done`: shown only once complete.
    pub done: bool,
    /// `@stream.not_null`: what contains it is held back until it is there.
    pub not_null: bool,
    /// `@stream.with_state`: shown with its state.
    pub with_state: bool,
}

/// `@check` or `@assert`. Where it stands does not count when two are compared.
#[derive(Clone, Debug)]
pub struct Constraint {
    /// Which of the two.
    pub kind: ConstraintKind,
    /// The name; a check always has one.
    pub name: Option<SmolStr>,
    /// The Jinja expression between `{{` and `}}`, trimmed.
    pub expression: SmolStr,
    /// The expression's place.
    pub span: Span,
}

impl PartialEq for Constraint {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.name == other.name && self.expression == other.expression
    }
}

/// A check is reported with the value; an assert that fails makes the value invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ConstraintKind {
    Check,
    Assert,
}

impl Type {
    /// A type with nothing attached.
    pub fn new(kind: TypeKind) -> Self {
        Self {
            kind,
            constraints: Vec::new(),
            stream: StreamRules::default(),
            description: None,
            alias: None,
            named: None,
        }
    }

    /// The union of `variants`, flattened, each once, and with `null` last; a single variant stays
    /// itself.
    /// What is attached to a nested union is dropped with it.
    pub fn union(variants: impl IntoIterator<Item = Type>) -> Self {
        let mut flat: Vec<Type> = Vec::new();
        // Comparing each with all others would cost the square of a long union.
        let mut of_shape: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
        let mut null = None;
        let mut pending: Vec<Type> = variants.into_iter().collect();
        pending.reverse();
        while let Some(variant) = pending.pop() {
            match variant.kind {
                TypeKind::Union(inner) => pending.extend(inner.into_iter().rev()),
                TypeKind::Null => null = null.or(Some(variant)),
                _ => {
                    let same = of_shape.entry(shape(&variant.kind)).or_default();
                    if !same.iter().any(|at| flat[*at] == variant) {
                        same.push(flat.len());
                        flat.push(variant);
                    }
                }
            }
        }
        flat.extend(null);
        if flat.len() == 1 { flat.remove(0) } else { Type::new(TypeKind::Union(flat)) }
    }

    /// `T?`.
    pub fn optional(self) -> Self {
        if self.is_optional() { self } else { Self::union([self, Type::new(TypeKind::Null)]) }
    }

    /// Whether `null` is one of its values, seen without resolving aliases.
    pub fn is_optional(&self) -> bool {
        match &self.kind {
            TypeKind::Null => true,
            TypeKind::Union(variants) => {
                variants.last().is_some_and(|last| last.kind == TypeKind::Null)
            }
            _ => false,
        }
    }
}

/// A number that is the same for equal types, and seldom for others.
fn shape(kind: &TypeKind) -> u64 {
    let mut hasher = FxHasher::default();
    std::mem::discriminant(kind).hash(&mut hasher);
    match kind {
        TypeKind::Literal(literal) => literal.hash(&mut hasher),
        TypeKind::Media(kind) => kind.hash(&mut hasher),
        TypeKind::Class(id) => id.hash(&mut hasher),
        TypeKind::Enum(id) => id.hash(&mut hasher),
        TypeKind::Alias(id) => id.hash(&mut hasher),
        TypeKind::List(inner) => shape(&inner.kind).hash(&mut hasher),
        TypeKind::Map(_, value) => shape(&value.kind).hash(&mut hasher),
        TypeKind::Union(variants) => variants.len().hash(&mut hasher),
        _ => {}
    }
    hasher.finish()
}

impl MediaKind {
    /// The keyword: `image`, `audio`, `pdf`, `video`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Audio => "audio",
            Self::Pdf => "pdf",
            Self::Video => "video",
        }
    }
}

//! The immutable result of loading a project: everything it declares, found by id or by name.
//!
//! Invariant: ids are positions; a type builder appends, so ids of the base schema stay valid in
//! the schema built for one call.

use std::sync::Arc;

use baml_syntax::{SourceText, Span};
use indexmap::IndexMap;
use smol_str::SmolStr;

use crate::client::{Client, OptionValue, RetryPolicy};
use crate::project::{Generator, Test};
use crate::types::{Constraint, StreamRules, Type, TypeKind};

/// A class of a [`Schema`], by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassId(pub u32);

/// An enum of a [`Schema`], by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EnumId(pub u32);

/// A recursive alias of a [`Schema`], by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AliasId(pub u32);

/// All that a project declares. Cheap to clone: every entry is shared.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// Whether checking came as far as to what references and types mean; without that, what the
    /// project's Jinja says is not looked at either.
    pub references_checked: bool,
    /// Classes in source order; [`ClassId`] is the position.
    pub classes: IndexMap<SmolStr, Arc<Class>>,
    /// Enums in source order; [`EnumId`] is the position.
    pub enums: IndexMap<SmolStr, Arc<Enum>>,
    /// Recursive aliases; [`AliasId`] is the position.
    pub aliases: IndexMap<SmolStr, Arc<Alias>>,
    /// What every other alias stands for; types hold that in its place.
    pub expanded_aliases: IndexMap<SmolStr, Type>,
    /// Functions by name.
    pub functions: IndexMap<SmolStr, Arc<Function>>,
    /// Template strings by name.
    pub template_strings: IndexMap<SmolStr, Arc<TemplateString>>,
    /// Declared clients by name.
    pub clients: IndexMap<SmolStr, Arc<Client>>,
    /// Retry policies by name.
    pub retry_policies: IndexMap<SmolStr, Arc<RetryPolicy>>,
    /// Generators by name.
    pub generators: IndexMap<SmolStr, Arc<Generator>>,
    /// Tests in source order; one name may be used for several functions.
    pub tests: Vec<Arc<Test>>,
}

/// `class Name { … }`
#[derive(Clone, Debug)]
pub struct Class {
    /// Its name in the source.
    pub name: SmolStr,
    /// `@@alias`; official 0.226 accepts it without using it in prompts.
    pub alias: Option<SmolStr>,
    /// `@@description`.
    pub description: Option<SmolStr>,
    /// Fields in source order, skipped ones included.
    pub fields: Vec<Field>,
    /// `@@dynamic`: a type builder may add fields.
    pub dynamic: bool,
    /// `@@check` and `@@assert`.
    pub constraints: Vec<Constraint>,
    /// `@@stream.*`.
    pub stream: StreamRules,
    /// The `///` comment above it.
    pub doc: Option<SmolStr>,
    /// The name's place.
    pub span: Span,
}

/// One field of a class. `@check`, `@assert` and `@stream.*` of the field stand on its type.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name in the source.
    pub name: SmolStr,
    /// `@alias`: the key that the model sees and writes.
    pub alias: Option<SmolStr>,
    /// `@description`.
    pub description: Option<SmolStr>,
    /// `@skip`: neither shown to the model nor read from a reply.
    pub skip: bool,
    /// Its type.
    pub ty: Type,
    /// The `///` comment above it.
    pub doc: Option<SmolStr>,
    /// The name's place.
    pub span: Span,
}

/// `enum Name { … }`
#[derive(Clone, Debug)]
pub struct Enum {
    /// Its name in the source.
    pub name: SmolStr,
    /// `@@alias`: the name shown in prompts.
    pub alias: Option<SmolStr>,
    /// `@@description`.
    pub description: Option<SmolStr>,
    /// Values in source order, skipped ones included.
    pub values: Vec<EnumValue>,
    /// `@@dynamic`: a type builder may add values.
    pub dynamic: bool,
    /// `@@check` and `@@assert`.
    pub constraints: Vec<Constraint>,
    /// The `///` comment above it.
    pub doc: Option<SmolStr>,
    /// The name's place.
    pub span: Span,
}

/// One value of an enum.
#[derive(Clone, Debug)]
pub struct EnumValue {
    /// Its name in the source; what a caller gets.
    pub name: SmolStr,
    /// `@alias`: what the model sees and writes.
    pub alias: Option<SmolStr>,
    /// `@description`.
    pub description: Option<SmolStr>,
    /// `@skip`.
    pub skip: bool,
    /// The `///` comment above it.
    pub doc: Option<SmolStr>,
    /// The name's place.
    pub span: Span,
}

/// A recursive `type Name = …`.
#[derive(Clone, Debug)]
pub struct Alias {
    /// Its name in the source.
    pub name: SmolStr,
    /// What it stands for.
    pub ty: Type,
    /// The name's place.
    pub span: Span,
}

/// `function Name(…) -> T { client … prompt … }`
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name in the source.
    pub name: SmolStr,
    /// Parameters in source order.
    pub params: Vec<Param>,
    /// What it promises.
    pub returns: Type,
    /// Which client answers.
    pub client: ClientRef,
    /// The prompt's Jinja text, dedented.
    pub prompt: Arc<str>,
    /// The same text with the way back to its place in the source.
    pub prompt_source: SourceText,
    /// The `///` comment above it.
    pub doc: Option<SmolStr>,
    /// The name's place.
    pub span: Span,
}

/// One parameter of a function or template string.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: SmolStr,
    /// Its type.
    pub ty: Type,
    /// The name's place.
    pub span: Span,
}

/// The client that a function names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientRef {
    /// A declared client.
    Named(SmolStr),
    /// `"provider/model"`.
    Shorthand {
        /// Before the first `/`.
        provider: SmolStr,
        /// After it.
        model: SmolStr,
    },
}

/// `template_string Name(…) #"…"#`
#[derive(Clone, Debug)]
pub struct TemplateString {
    /// Its name.
    pub name: SmolStr,
    /// Parameters in source order.
    pub params: Vec<Param>,
    /// The Jinja text, dedented.
    pub text: Arc<str>,
    /// The same text with the way back to its place in the source.
    pub text_source: SourceText,
    /// The name's place.
    pub span: Span,
}

impl Schema {
    /// The class of an id that this schema (or its base) gave out.
    pub fn class(&self, id: ClassId) -> &Arc<Class> {
        &self.classes[id.0 as usize]
    }

    /// The enum of an id that this schema (or its base) gave out.
    pub fn enumeration(&self, id: EnumId) -> &Arc<Enum> {
        &self.enums[id.0 as usize]
    }

    /// The alias of an id that this schema (or its base) gave out.
    pub fn alias(&self, id: AliasId) -> &Arc<Alias> {
        &self.aliases[id.0 as usize]
    }

    /// Every `env.NAME` that a client or a test mentions, each once, sorted.
    pub fn env_names(&self) -> Vec<SmolStr> {
        let mut names = Vec::new();
        for client in self.clients.values() {
            client.options.values().for_each(|value| env_names_of(value, &mut names));
        }
        for test in &self.tests {
            test.args.values().for_each(|value| env_names_of(value, &mut names));
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// A class's id by its name.
    pub fn class_id(&self, name: &str) -> Option<ClassId> {
        self.classes.get_index_of(name).map(|at| ClassId(at as u32))
    }

    /// An enum's id by its name.
    pub fn enum_id(&self, name: &str) -> Option<EnumId> {
        self.enums.get_index_of(name).map(|at| EnumId(at as u32))
    }

    /// The type that a declared name stands for.
    pub fn type_named(&self, name: &str) -> Option<Type> {
        if let Some(found) = self.expanded_aliases.get(name) {
            return Some(Type { named: Some(name.into()), ..found.clone() });
        }
        let class = self.class_id(name).map(TypeKind::Class);
        let kind = class
            .or_else(|| self.enum_id(name).map(TypeKind::Enum))
            .or_else(|| self.alias_id(name).map(TypeKind::Alias))?;
        Some(Type::new(kind))
    }

    /// A recursive alias's id by its name.
    pub fn alias_id(&self, name: &str) -> Option<AliasId> {
        self.aliases.get_index_of(name).map(|at| AliasId(at as u32))
    }
}

fn env_names_of(value: &OptionValue, names: &mut Vec<SmolStr>) {
    match value {
        OptionValue::Env(name) => names.push(name.clone()),
        OptionValue::List(items) => items.iter().for_each(|item| env_names_of(item, names)),
        OptionValue::Map(entries) => entries.values().for_each(|item| env_names_of(item, names)),
        _ => {}
    }
}

impl Field {
    /// The key that the model sees: the alias, or else the name.
    pub fn key(&self) -> &SmolStr {
        self.alias.as_ref().unwrap_or(&self.name)
    }
}

impl EnumValue {
    /// The text that the model sees: the alias, or else the name.
    pub fn text(&self) -> &SmolStr {
        self.alias.as_ref().unwrap_or(&self.name)
    }
}

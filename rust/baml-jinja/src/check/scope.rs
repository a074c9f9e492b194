//! The variables that a template sees, and what the project and the language define beside them.
//!
//! Invariant: variables are found from the innermost frame outwards, then the definitions.

use baml_schema::{Schema, Type};
use indexmap::IndexMap;
use smol_str::SmolStr;

use super::kind::Kind;
use super::signature::Signature;

/// The predefined classes.
pub(crate) const CONTEXT: &str = "baml::Context";
const CLIENT: &str = "baml::Client";
pub(crate) const BUILT_IN: &str = "baml::BuiltIn";
pub(crate) const LOOP: &str = "jinja::loop";
/// `_` of a test's constraints.
pub(crate) const TEST: &str = "_";
/// `_.checks` of a test's constraints.
const CHECKS: &str = "Checks";

/// Variables of one block.
pub(crate) type Frame = IndexMap<SmolStr, Kind>;

/// Whether the project's classes, enums and template strings are to be seen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Definitions {
    Visible,
    Hidden,
}

/// Everything that a name may stand for.
pub(crate) struct Scope<'a> {
    schema: &'a Schema,
    definitions: Definitions,
    frames: Vec<Frame>,
    /// The names of the checks that `_.checks` holds.
    checks: Vec<SmolStr>,
}

impl<'a> Scope<'a> {
    /// What a prompt or a template string sees.
    pub(crate) fn template(
        schema: &'a Schema,
        params: impl Iterator<Item = (&'a SmolStr, &'a Type)>,
    ) -> Self {
        let mut frame = Frame::new();
        frame.insert("ctx".into(), Kind::Class(CONTEXT.into()));
        frame.insert("_".into(), Kind::Class(BUILT_IN.into()));
        frame.extend(params.map(|(name, ty)| (name.clone(), Kind::of(schema, ty))));
        Self::new(schema, Definitions::Visible, frame)
    }

    /// What a constraint sees: `this` and nothing else.
    pub(crate) fn constraint(schema: &'a Schema) -> Self {
        let frame = Frame::from([("this".into(), Kind::Unknown)]);
        Self::new(schema, Definitions::Hidden, frame)
    }

    /// What a constraint of a test sees, after checks of these names.
    pub(crate) fn test<'n>(
        schema: &'a Schema,
        args: impl Iterator<Item = &'n SmolStr>,
        checks: Vec<SmolStr>,
    ) -> Self {
        let mut frame = Frame::from([("this".into(), Kind::Unknown)]);
        frame.insert("_".into(), Kind::Class(TEST.into()));
        frame.extend(args.map(|name| (name.clone(), Kind::Unknown)));
        Self { checks, ..Self::new(schema, Definitions::Hidden, frame) }
    }

    fn new(schema: &'a Schema, definitions: Definitions, frame: Frame) -> Self {
        Self { schema, definitions, frames: vec![frame], checks: Vec::new() }
    }

    /// The kind of what a name stands for.
    pub(crate) fn find(&self, name: &str) -> Option<Kind> {
        self.variable(name).cloned().or_else(|| self.definition(name))
    }

    fn variable(&self, name: &str) -> Option<&Kind> {
        self.frames.iter().rev().find_map(|frame| frame.get(name))
    }

    fn definition(&self, name: &str) -> Option<Kind> {
        if self.definitions == Definitions::Hidden {
            return None;
        }
        if self.schema.classes.contains_key(name) {
            return Some(Kind::Class(name.into()));
        }
        if self.schema.enums.contains_key(name) {
            return Some(Kind::Definition(name.into()));
        }
        self.schema.template_strings.contains_key(name).then(|| Kind::Function(name.into()))
    }

    /// All variables, outer ones first.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        self.frames.iter().flat_map(|frame| frame.keys().map(SmolStr::as_str))
    }

    /// Sets a variable of the innermost frame.
    pub(crate) fn set(&mut self, name: &str, kind: Kind) {
        if let Some(frame) = self.frames.last_mut() {
            frame.insert(name.into(), kind);
        }
    }

    /// Enters a block.
    pub(crate) fn push(&mut self) {
        self.frames.push(Frame::new());
    }

    /// Leaves a block and hands out what it set.
    pub(crate) fn pop(&mut self) -> Frame {
        self.frames.pop().unwrap_or_default()
    }

    /// What holds after one of two blocks: a variable that only one of them set keeps what it was
    /// before as the other possibility.
    pub(crate) fn merge(&mut self, first: Frame, mut second: Frame) {
        let mut both: Vec<(SmolStr, Kind, Option<Kind>)> = Vec::new();
        for (name, kind) in first {
            let other = second.shift_remove(&name);
            both.push((name, kind, other));
        }
        both.extend(second.into_iter().map(|(name, kind)| (name, kind, None)));
        for (name, kind, other) in both {
            let before = || self.variable(&name).cloned().unwrap_or(Kind::Undefined);
            let other = other.unwrap_or_else(before);
            self.set(&name, Kind::merge([kind, other]));
        }
    }

    /// The values of an enum with their aliases, when there is one of that name.
    pub(crate) fn enum_values(&self, name: &str) -> Option<Vec<(&str, Option<&str>)>> {
        let enumeration = self.schema.enums.get(name)?;
        let values = enumeration.values.iter();
        Some(values.map(|value| (value.name.as_str(), value.alias.as_deref())).collect())
    }

    /// What a function takes.
    pub(crate) fn signature(&self, name: &str) -> Option<Signature> {
        match Signature::predefined(name) {
            None => {
                let template = self.schema.template_strings.get(name)?;
                Some(Signature::of(self.schema, template))
            }
            found => found,
        }
    }

    /// The kind of a class's property.
    pub(crate) fn property(&self, class: &str, name: &str) -> Option<Kind> {
        match (class, name) {
            (CONTEXT, "output_format") => Some(Kind::OutputFormat),
            (CONTEXT, "client") => Some(Kind::Class(CLIENT.into())),
            (CONTEXT, "tags") => Some(Kind::map(Kind::String, Kind::String)),
            (CLIENT, "name" | "provider") => Some(Kind::String),
            (BUILT_IN, "role" | "chat") => Some(Kind::Function(super::signature::CHAT.into())),
            (LOOP, "first" | "last") => Some(Kind::Bool),
            (LOOP, "index" | "index0" | "revindex" | "revindex0" | "length") => Some(Kind::Int),
            (LOOP, "depth" | "depth0") => Some(Kind::Int),
            (TEST, "checks") => Some(Kind::Class(CHECKS.into())),
            (TEST, "latency_ms") => Some(Kind::Number),
            (TEST, "result") => Some(Kind::Unknown),
            (CHECKS, name) if self.checks.iter().any(|check| check == name) => Some(Kind::Unknown),
            _ => {
                let class = self.schema.classes.get(class)?;
                let field = class.fields.iter().find(|field| field.name == name)?;
                Some(Kind::of(self.schema, &field.ty))
            }
        }
    }
}

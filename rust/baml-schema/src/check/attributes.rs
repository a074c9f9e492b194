//! What attributes mean for the thing they stand on, and which may stand there.

use baml_syntax::Diagnostic;
use baml_syntax::tree::{
    Attribute, ExprKind, Field as WrittenField, Member, TypeBlock, TypeExpr, TypeExprKind,
    ValueBlock,
};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::Checker;
use super::constraints::{self, constraint};
use super::options::is_text;
use super::projects::block_attributes;
use crate::catalogue::{
    ALIAS_ATTRIBUTE, ATTRIBUTE_ARGUMENT_KIND, ATTRIBUTE_ARGUMENT_MISSING,
    ATTRIBUTE_ARGUMENT_UNKNOWN, CONSTRAINT_FORM, CONSTRAINT_NAME, REPEATED_ATTRIBUTE,
    TEST_ATTRIBUTE, UNKNOWN_ATTRIBUTE,
};
use crate::types::{Constraint, ConstraintKind, StreamRules, Type};

/// Everything that attributes can say.
#[derive(Default)]
pub(crate) struct Meaning {
    pub(crate) alias: Option<SmolStr>,
    pub(crate) description: Option<SmolStr>,
    pub(crate) skip: bool,
    pub(crate) dynamic: bool,
    pub(crate) constraints: Vec<Constraint>,
    pub(crate) stream: StreamRules,
}

/// What attributes can stand on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Field,
    EnumValue,
    Class,
    Enum,
    Alias,
}

impl Place {
    fn knows(self, name: &str) -> bool {
        match name {
            "alias" | "description" | "skip" | "check" | "assert" => true,
            "stream.done" | "stream.not_null" | "stream.with_state" => true,
            "dynamic" => matches!(self, Self::Class | Self::Enum),
            _ => false,
        }
    }

    /// Enums and their values take one constraint; a further one is unknown there.
    fn constraints_max(self) -> usize {
        if matches!(self, Self::Enum | Self::EnumValue) { 1 } else { usize::MAX }
    }
}

impl Meaning {
    /// Moves what belongs to a type onto it.
    pub(crate) fn onto_type(&mut self, ty: &mut Type) {
        ty.constraints.append(&mut self.constraints);
        ty.stream.done |= self.stream.done;
        ty.stream.not_null |= self.stream.not_null;
        ty.stream.with_state |= self.stream.with_state;
        self.stream = StreamRules::default();
    }
}

/// What these attributes say together.
pub(crate) fn meaning<'t>(attributes: impl IntoIterator<Item = &'t Attribute>) -> Meaning {
    let mut meaning = Meaning::default();
    for attribute in attributes {
        match attribute.name.text.as_str() {
            "alias" => meaning.alias = text_argument(attribute),
            "description" => meaning.description = text_argument(attribute),
            "skip" => meaning.skip = true,
            "dynamic" => meaning.dynamic = true,
            "check" => meaning.constraints.extend(constraint(attribute, ConstraintKind::Check)),
            "assert" => meaning.constraints.extend(constraint(attribute, ConstraintKind::Assert)),
            "stream.done" => meaning.stream.done = true,
            "stream.not_null" => meaning.stream.not_null = true,
            "stream.with_state" => meaning.stream.with_state = true,
            _ => {}
        }
    }
    meaning
}

fn text_argument(attribute: &Attribute) -> Option<SmolStr> {
    let arg = attribute.args.first()?;
    Some(match &arg.kind {
        ExprKind::Env(name) => smol_str::format_smolstr!("env.{name}"),
        ExprKind::Jinja(text, _) => text.clone(),
        _ => arg.as_text()?.into(),
    })
}

/// What is attached to a field: behind its type, or inside the parentheses that the type stands in.
pub(crate) fn of_field(field: &WrittenField) -> impl Iterator<Item = &Attribute> + Clone {
    field.ty.iter().flat_map(own_attributes).chain(&field.attributes)
}

/// What is attached to a type itself: parentheses and a question mark stand for nothing here.
pub(crate) fn own_attributes(ty: &TypeExpr) -> impl Iterator<Item = &Attribute> + Clone {
    let own = std::iter::successors(Some(ty), |ty| match &ty.kind {
        TypeExprKind::Group(inner) | TypeExprKind::Optional(inner) => Some(inner),
        _ => None,
    });
    own.flat_map(|ty| &ty.attributes)
}

impl Checker<'_> {
    /// Whether attributes are known where they stand, and have the arguments they need.
    pub(crate) fn check_attributes(&mut self) {
        for at in 0..self.names.classes.len() {
            self.attributes_of_block(self.names.classes[at], Place::Class, Place::Field);
        }
        for at in 0..self.names.enums.len() {
            self.attributes_of_block(self.names.enums[at], Place::Enum, Place::EnumValue);
        }
        for at in 0..self.names.aliases.len() {
            let alias = self.names.aliases[at];
            self.attributes_of(own_attributes(&alias.ty), Place::Alias);
        }
    }

    /// Whether aliases have only the attributes that mean something on them.
    pub(crate) fn alias_attributes(&mut self) {
        for alias in self.names.aliases.values() {
            let named = |name: &str| matches!(name, "alias" | "description" | "skip");
            if own_attributes(&alias.ty).any(|attribute| named(&attribute.name.text)) {
                let message =
                    "Error validating: type aliases may only have @check and @assert attributes";
                self.diagnostics.push(Diagnostic::error(ALIAS_ATTRIBUTE, alias.span, message));
            }
        }
    }

    /// Whether a test has only attributes that say what must hold.
    pub(crate) fn test_attributes(&mut self, block: &ValueBlock) {
        for attribute in block_attributes(block) {
            if matches!(attribute.name.text.as_str(), "check" | "assert") {
                self.constraint_arguments(attribute);
            } else {
                let message =
                    "Error validating: Tests may only contain 'check' or 'assert' attributes";
                self.error(TEST_ATTRIBUTE, attribute.span, message);
            }
        }
    }

    fn attributes_of_block(&mut self, block: &TypeBlock, own: Place, member: Place) {
        let attributes = block.members.iter().filter_map(|member| match member {
            Member::Attribute(attribute) => Some(attribute),
            _ => None,
        });
        self.attributes_of(attributes, own);
        for one in &block.members {
            if let Member::Field(field) = one {
                self.attributes_of(of_field(field), member);
            }
        }
    }

    /// The same for the members that a `dynamic` block adds.
    pub(crate) fn attributes_of_members(&mut self, block: &TypeBlock) {
        match block.keyword.text.as_str() {
            "class" => self.attributes_of_block(block, Place::Class, Place::Field),
            _ => self.attributes_of_block(block, Place::Enum, Place::EnumValue),
        }
    }

    fn attributes_of<'t>(
        &mut self,
        attributes: impl Iterator<Item = &'t Attribute> + Clone,
        place: Place,
    ) {
        let mut counts: FxHashMap<&str, usize> = FxHashMap::default();
        for attribute in attributes.clone() {
            *counts.entry(&attribute.name.text).or_default() += 1;
        }
        let mut constraints = 0;
        for attribute in attributes {
            let name = attribute.name.text.as_str();
            let constraint = matches!(name, "check" | "assert");
            constraints += usize::from(constraint);
            let unknown = !place.knows(name) || constraint && constraints > place.constraints_max();
            if unknown {
                let message = format!("Attribute not known: \"@{name}\".");
                self.error(UNKNOWN_ATTRIBUTE, attribute.span, message);
                continue;
            }
            let stream = name.starts_with("stream.") && place != Place::Field;
            let single = stream || matches!(name, "alias" | "description" | "skip" | "dynamic");
            if single && counts[name] > 1 {
                let message = format!("Attribute \"@{name}\" can only be defined once.");
                self.error(REPEATED_ATTRIBUTE, attribute.span, message);
                continue;
            }
            match name {
                "alias" | "description" => self.text_arguments(attribute),
                "skip" | "dynamic" => self.no_arguments(attribute, 0),
                _ if stream => self.no_arguments(attribute, 0),
                // Constraints of fields are looked at together with the fields' types.
                "check" | "assert" if place != Place::Field => self.constraint_arguments(attribute),
                _ => {}
            }
        }
    }

    fn text_arguments(&mut self, attribute: &Attribute) {
        match attribute.args.first() {
            None => {
                let message = format!("Argument \"{}\" is missing.", attribute.name.text);
                self.error(ATTRIBUTE_ARGUMENT_MISSING, attribute.span, message);
            }
            Some(arg) if !is_text(arg) && !matches!(arg.kind, ExprKind::Jinja(..)) => {
                let message = "Error validating: must be a string.";
                self.error(ATTRIBUTE_ARGUMENT_KIND, arg.span, message);
            }
            Some(_) => {}
        }
        self.no_arguments(attribute, 1);
    }

    fn no_arguments(&mut self, attribute: &Attribute, allowed: usize) {
        for arg in attribute.args.iter().skip(allowed) {
            self.error(ATTRIBUTE_ARGUMENT_UNKNOWN, arg.span, "No such argument.");
        }
    }

    fn constraint_arguments(&mut self, attribute: &Attribute) {
        let name = &attribute.name.text;
        let (id, what) = match constraints::form(attribute) {
            constraints::Form::Unnamed if name == "check" => {
                (CONSTRAINT_NAME, "Checks must specify a label.")
            }
            constraints::Form::Named | constraints::Form::Unnamed => return,
            constraints::Form::Neither => (
                CONSTRAINT_FORM,
                "Checks and asserts may have either a label and an expression, or a lone \
                 expression.",
            ),
        };
        let message = format!("Error parsing attribute \"{name}\": {what}");
        self.error(id, attribute.span, message);
    }
}

//! `@check` and `@assert` on fields, parameters and results.

use baml_syntax::tree::{Attribute, ExprKind, Member, Param, TemplateString, ValueBlock};
use smol_str::SmolStr;

use super::Checker;
use crate::catalogue::{CONSTRAINT_FORM, CONSTRAINT_NAME, PARAM_CHECK};
use crate::types::{Constraint, ConstraintKind};

/// How a constraint is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `(name, {{ … }})`
    Named,
    /// `({{ … }})`
    Unnamed,
    /// Anything else.
    Neither,
}

/// How the arguments of `@check` or `@assert` are written.
pub(crate) fn form(attribute: &Attribute) -> Form {
    match attribute.args.iter().map(|arg| &arg.kind).collect::<Vec<_>>().as_slice() {
        [ExprKind::Jinja(..)] => Form::Unnamed,
        [ExprKind::Bare(name), ExprKind::Jinja(..)] if is_identifier(name) => Form::Named,
        _ => Form::Neither,
    }
}

fn is_identifier(name: &str) -> bool {
    let part = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    name.bytes().all(part) && !name.starts_with(|c: char| c.is_ascii_digit())
}

/// The constraint that an attribute says, if it is written well enough.
pub(crate) fn constraint(attribute: &Attribute, kind: ConstraintKind) -> Option<Constraint> {
    let (name, expression) = match attribute.args.as_slice() {
        [expression] => (None, expression),
        [name, expression] => (name.as_text(), expression),
        _ => return None,
    };
    let ExprKind::Jinja(text, span) = &expression.kind else { return None };
    Some(Constraint { kind, name: name.map(SmolStr::from), expression: text.clone(), span: *span })
}

impl Checker<'_> {
    /// Whether the constraints of fields, parameters and results are written well.
    pub(crate) fn check_constraints(&mut self) {
        for at in 0..self.names.classes.len() {
            for member in &self.names.classes[at].members {
                if let Member::Field(field) = member {
                    self.constraints_of(&field.attributes);
                }
            }
        }
        for at in 0..self.names.functions.len() {
            let block: &ValueBlock = self.names.functions[at];
            self.param_constraints(block.params.as_deref().unwrap_or_default());
            if let Some(ty) = &block.returns {
                self.constraints_of(&ty.attributes);
            }
        }
        for at in 0..self.names.templates.len() {
            let template: &TemplateString = self.names.templates[at];
            self.param_constraints(template.params.as_deref().unwrap_or_default());
        }
    }

    fn param_constraints(&mut self, params: &[Param]) {
        for ty in params.iter().filter_map(|param| param.ty.as_ref()) {
            self.constraints_of(&ty.attributes);
            if ty.attributes.iter().any(|attribute| attribute.name.text == "check") {
                let message = "Error validating: Types with checks are not allowed as function \
                               parameters.";
                self.error(PARAM_CHECK, ty.span, message);
            }
        }
    }

    fn constraints_of(&mut self, attributes: &[Attribute]) {
        for attribute in attributes {
            let is_check = attribute.name.text == "check";
            if !is_check && attribute.name.text != "assert" {
                continue;
            }
            match form(attribute) {
                Form::Named => {}
                Form::Unnamed if !is_check => {}
                Form::Unnamed => {
                    let span = attribute.args[0].span;
                    let message = "Error validating:\nCheck constraints must have a valid \
                                   identifier. e.g.:\n@check( valid_name_length, {{ this|length > \
                                   0 }} )";
                    self.error(CONSTRAINT_NAME, span, message);
                }
                Form::Neither => {
                    let message = "Error validating:\nA check or assert has an optional identifier \
                                   and a Jinja argument. e.g.:\n@check( valid_name_length, {{ \
                                   this|length > 0 }} )\n@assert( {{ this|length > 0 }} )\n\
@assert( \
                                   valid_name_length, {{ this|length > 0 }} )";
                    self.error(CONSTRAINT_FORM, attribute.span, message);
                }
            }
        }
    }
}

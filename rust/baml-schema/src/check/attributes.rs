//! What attributes mean for the thing they stand on.

use baml_syntax::tree::{Attribute, Expr, ExprKind};
use smol_str::SmolStr;

use super::Checker;
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

impl Checker<'_> {
    /// What these attributes say together.
    pub(crate) fn meaning<'t>(
        &mut self,
        attributes: impl IntoIterator<Item = &'t Attribute>,
    ) -> Meaning {
        let mut meaning = Meaning::default();
        for attribute in attributes {
            match attribute.name.text.as_str() {
                "alias" => meaning.alias = text_argument(attribute),
                "description" => meaning.description = text_argument(attribute),
                "skip" => meaning.skip = true,
                "dynamic" => meaning.dynamic = true,
                "check" => meaning.constraints.extend(constraint(attribute, ConstraintKind::Check)),
                "assert" => {
                    meaning.constraints.extend(constraint(attribute, ConstraintKind::Assert));
                }
                "stream.done" => meaning.stream.done = true,
                "stream.not_null" => meaning.stream.not_null = true,
                "stream.with_state" => meaning.stream.with_state = true,
                _ => {}
            }
        }
        meaning
    }
}

fn text_argument(attribute: &Attribute) -> Option<SmolStr> {
    let arg = attribute.args.first()?;
    Some(match &arg.kind {
        ExprKind::Env(name) => smol_str::format_smolstr!("env.{name}"),
        ExprKind::Number(text) => text.clone(),
        ExprKind::Bool(value) => smol_str::format_smolstr!("{value}"),
        ExprKind::Null => "null".into(),
        ExprKind::Jinja(text, _) => text.clone(),
        _ => arg.as_text()?.into(),
    })
}

fn constraint(attribute: &Attribute, kind: ConstraintKind) -> Option<Constraint> {
    let (name, expression) = match attribute.args.as_slice() {
        [expression] => (None, expression),
        [name, expression] => (name.as_text(), expression),
        _ => return None,
    };
    let Expr { kind: ExprKind::Jinja(text, span), .. } = expression else { return None };
    Some(Constraint { kind, name: name.map(SmolStr::from), expression: text.clone(), span: *span })
}

//! Types and nodes as people read them, for reasons and explanations.
//!
//! Invariant: a type that contains itself is cut off, `…`.

use baml_schema::Literal;

use crate::plan::{PlanId, PlanKind, Plans};
use crate::tree::Kind;

/// Types inside one another that are written out.
const TYPE_DEPTH_MAX: usize = 4;

impl Plans {
    /// The type that a plan reads, as `.baml` files write it.
    pub(crate) fn describe(&self, id: PlanId) -> String {
        self.describe_at(id, 0)
    }

    fn describe_at(&self, id: PlanId, depth: usize) -> String {
        if depth > TYPE_DEPTH_MAX {
            return "…".to_owned();
        }
        match &self.plan(id).kind {
            PlanKind::String => "string".to_owned(),
            PlanKind::Int => "int".to_owned(),
            PlanKind::Float => "float".to_owned(),
            PlanKind::Bool => "bool".to_owned(),
            PlanKind::Null => "null".to_owned(),
            PlanKind::Literal(literal) => match literal {
                Literal::String(text) => format!("{text:?}"),
                Literal::Int(int) => int.to_string(),
                Literal::Bool(value) => value.to_string(),
            },
            PlanKind::Enum(at) => self.enums[*at].name.to_string(),
            PlanKind::Class(at) => self.classes[*at].name.to_string(),
            PlanKind::List(item) => format!("{}[]", self.describe_at(*item, depth + 1)),
            PlanKind::Map(value) => {
                format!("map<string, {}>", self.describe_at(*value, depth + 1))
            }
            PlanKind::Union(variants) => self.describe_union(variants, depth),
            PlanKind::Unreadable => "media".to_owned(),
        }
    }

    fn describe_union(&self, variants: &[PlanId], depth: usize) -> String {
        let (last, others) = match variants.split_last() {
            Some((last, others)) => (*last, others),
            None => return "nothing".to_owned(),
        };
        match others {
            [] => self.describe_at(last, depth + 1),
            [only] if matches!(self.plan(last).kind, PlanKind::Null) => {
                format!("{}?", self.describe_at(*only, depth + 1))
            }
            _ => {
                let names = variants.iter().map(|variant| self.describe_at(*variant, depth + 1));
                format!("({})", names.collect::<Vec<_>>().join(" | "))
            }
        }
    }
}

impl Kind<'_> {
    /// What kind of value it is.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Number(_) => "number",
            Self::Text(_) => "text",
            Self::Array(_) => "list",
            Self::Object(_) => "object",
            Self::AnyOf(_) => "reply",
        }
    }
}

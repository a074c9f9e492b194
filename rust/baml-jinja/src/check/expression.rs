//! The kinds of expressions, and what is wrong with them.
//!
//! Invariant: every operand is looked at once, in source order, so a finding is told once; only the
//! arguments of filters and tests and what stands in brackets are left alone.

use minijinja::machinery::Span;
use minijinja::machinery::ast::{BinOp, BinOpKind, Const, Expr, Filter as Written, GetAttr};
use minijinja::value::ValueKind;

use super::catalogue::{KIND, PROPERTY, UNKNOWN_FILTER, UNKNOWN_VARIABLE};
use super::filter::{Filter, NAMES};
use super::kind::{Constant, Kind};
use super::scope::Scope;
use super::show::show;
use super::suggest::{did_you_mean, nearest};

const VARIABLES_SUGGESTED: usize = 3;
const FILTERS_SUGGESTED: usize = 5;
const FILTERS_PAGE: &str = "See: https://docs.rs/minijinja/latest/minijinja/filters/\
     index.html#functions for the compelete list";

/// Something probably not meant so, at a place of the template.
pub(crate) struct Finding {
    pub(crate) id: &'static str,
    pub(crate) span: Span,
    pub(crate) message: String,
}

/// Looks at expressions in a scope and collects what it finds.
pub(crate) struct Inference<'a> {
    pub(crate) scope: Scope<'a>,
    pub(crate) findings: Vec<Finding>,
}

impl<'a> Inference<'a> {
    pub(crate) fn new(scope: Scope<'a>) -> Self {
        Self { scope, findings: Vec::new() }
    }

    pub(crate) fn warn(&mut self, id: &'static str, span: Span, message: String) {
        self.findings.push(Finding { id, span, message });
    }

    /// The kind of an expression.
    pub(crate) fn infer(&mut self, expr: &Expr<'_>) -> Kind {
        match expr {
            Expr::Var(var) => self.variable(var.id, var.span()),
            Expr::Const(constant) => kind_of_constant(constant),
            Expr::UnaryOp(op) => {
                self.infer(&op.expr);
                match op.op {
                    minijinja::machinery::ast::UnaryOpKind::Not => Kind::Bool,
                    minijinja::machinery::ast::UnaryOpKind::Neg => Kind::Number,
                }
            }
            Expr::BinOp(op) => self.binary(op, op.span()),
            Expr::Compare(compare) => {
                let mut left = self.infer(&compare.expr);
                for part in &compare.ops {
                    let right = self.infer(&part.expr);
                    let end_offset = part.expr.span().end_offset;
                    self.compare_enums(&left, &right, Span { end_offset, ..compare.span() });
                    left = Kind::Bool;
                }
                Kind::Bool
            }
            Expr::IfExpr(choice) => {
                self.infer(&choice.test_expr);
                let first = self.infer(&choice.true_expr);
                match &choice.false_expr {
                    Some(otherwise) => {
                        let second = self.infer(otherwise);
                        Kind::merge([first, second])
                    }
                    None => first,
                }
            }
            Expr::Filter(filter) => self.filter(filter, filter.span()),
            Expr::Test(test) => {
                self.infer(&test.expr);
                Kind::Bool
            }
            Expr::GetAttr(get) => self.property(get, get.span()),
            Expr::GetItem(_) | Expr::Slice(_) => Kind::Unknown,
            Expr::Call(call) => self.call(call, call.span()),
            Expr::List(list) => {
                let items: Vec<Kind> = list.items.iter().map(|item| self.infer(item)).collect();
                Kind::list(Kind::merge(items))
            }
            Expr::Map(map) => {
                let mut keys = Vec::with_capacity(map.keys.len());
                let mut values = Vec::with_capacity(map.keys.len());
                for (key, value) in map.keys.iter().zip(&map.values) {
                    keys.push(self.infer(key));
                    values.push(self.infer(value));
                }
                Kind::map(Kind::merge(keys), Kind::merge(values))
            }
        }
    }

    fn variable(&mut self, name: &str, span: Span) -> Kind {
        if let Some(kind) = self.scope.find(name) {
            return kind;
        }
        let near = nearest(name, self.scope.variables(), VARIABLES_SUGGESTED);
        let hint = did_you_mean(&near, '`');
        let message = format!("Variable `{name}` does not exist.{hint}");
        self.warn(UNKNOWN_VARIABLE, span, message);
        Kind::Unknown
    }

    fn binary(&mut self, op: &BinOp<'_>, span: Span) -> Kind {
        let left = self.infer(&op.left);
        let right = self.infer(&op.right);
        self.compare_enums(&left, &right, span);
        match op.op {
            BinOpKind::Add if is_text(&left) || is_text(&right) => Kind::String,
            BinOpKind::Add
            | BinOpKind::Sub
            | BinOpKind::Mul
            | BinOpKind::Div
            | BinOpKind::FloorDiv
            | BinOpKind::Rem
            | BinOpKind::Pow => Kind::Number,
            BinOpKind::Concat => Kind::String,
            _ => Kind::Bool,
        }
    }

    fn filter(&mut self, written: &Written<'_>, span: Span) -> Kind {
        let Some(inner) = &written.expr else { return Kind::String };
        let value = self.infer(inner);
        let Some(filter) = Filter::named(written.name) else {
            let near = nearest(written.name, NAMES.iter().copied(), FILTERS_SUGGESTED);
            let hint = did_you_mean(&near, '\'');
            let hint = if near.is_empty() { hint } else { format!(".{hint}") };
            let message =
                format!("Filter '{}' does not exist{hint}\n\n{FILTERS_PAGE}", written.name);
            self.warn(UNKNOWN_FILTER, span, message);
            return Kind::Unknown;
        };
        if !filter.input.accepts(&value) {
            let message = mismatch(&show(inner), &value, filter.input.describe());
            self.warn(KIND, span, message);
        }
        filter.yields(&value)
    }

    fn property(&mut self, get: &GetAttr<'_>, span: Span) -> Kind {
        let parent = self.infer(&get.expr);
        if let Some(members) = parent.members() {
            return self.property_of_union(members, get, span);
        }
        let shown = || show(&get.expr);
        let message = match &parent {
            Kind::Unknown | Kind::Undefined => return Kind::Unknown,
            Kind::Class(class) => match self.scope.property(class, get.name) {
                Some(kind) => return kind,
                None => no_property("class", class, &shown(), get.name),
            },
            Kind::Definition(name) => {
                let values = self.scope.enum_values(name).unwrap_or_default();
                if values.iter().any(|(value, _)| *value == get.name) {
                    return Kind::Member(name.clone(), get.name.into());
                }
                no_property("class", name, &shown(), get.name)
            }
            Kind::Enum(_) | Kind::Member(..) if get.name == "value" => return Kind::String,
            Kind::Enum(name) | Kind::Member(_, name) => {
                no_property("enum value", name, &shown(), get.name)
            }
            other => mismatch(&shown(), other, "class"),
        };
        self.warn(PROPERTY, span, message);
        Kind::Unknown
    }

    fn property_of_union(&mut self, members: &[Kind], get: &GetAttr<'_>, span: Span) -> Kind {
        let mut found = Vec::new();
        let mut lacking = Vec::new();
        for member in members.iter().rev() {
            match member {
                Kind::Unknown => found.push(Kind::Unknown),
                Kind::Class(class) => match self.scope.property(class, get.name) {
                    Some(kind) => found.push(kind),
                    None => lacking.push(class.as_str()),
                },
                other => {
                    let message = format!(
                        "cannot access property '{}' on '{}': \
                         union contains non-class type {other}",
                        get.name,
                        show(&get.expr),
                    );
                    self.warn(PROPERTY, span, message);
                    return Kind::Unknown;
                }
            }
        }
        if lacking.is_empty() {
            return Kind::merge(found);
        }
        let message = format!("property '{}' does not exist on {}", get.name, lacking.join(", "));
        self.warn(PROPERTY, span, message);
        Kind::Unknown
    }
}

fn no_property(what: &str, of: &str, shown: &str, name: &str) -> String {
    format!("{what} {of} ({shown}) does not have a property '{name}'")
}

/// Says that a value is of another kind than is asked for.
pub(crate) fn mismatch(shown: &str, kind: &Kind, wanted: &str) -> String {
    if kind.is_unknown() {
        format!("'{shown}' is undefined, expected {wanted}")
    } else {
        format!("'{shown}' is a {kind}, expected {wanted}")
    }
}

fn is_text(kind: &Kind) -> bool {
    kind.fits(&Kind::String)
}

fn kind_of_constant(constant: &Const) -> Kind {
    let value = &constant.value;
    match value.kind() {
        ValueKind::None => Kind::None,
        ValueKind::Bool => Kind::Literal(Constant::Bool(value.is_true())),
        ValueKind::String => Kind::text(value.as_str().unwrap_or_default()),
        ValueKind::Number if value.is_integer() => match value.as_i64() {
            Some(int) => Kind::Literal(Constant::Int(int)),
            None => Kind::Int,
        },
        ValueKind::Number => Kind::Number,
        _ => Kind::Unknown,
    }
}

//! Copies a parsed template, with comparisons, `in` and `[ ]` replaced by filters of `equality`.
//!
//! The engine's tree cannot be changed in place, so it is rebuilt node by node; everything else
//! stays as it was, spans included, so that errors still name the line of the source.
//!
//! Invariant: depth follows the parsed tree, whose depth the engine's parser bounds.

use minijinja::machinery::Span;
use minijinja::machinery::ast::{
    AutoEscape, BinOp, BinOpKind, Block, Call, CallArg, CallBlock, Compare, CompareOp,
    CompareOpKind, Const, Do, EmitExpr, EmitRaw, Expr, Extends, Filter, FilterBlock, ForLoop,
    FromImport, GetAttr, IfCond, IfExpr, Import, Include, List, Macro, Map, Set, SetBlock, Slice,
    Spanned, Stmt, Template, Test, UnaryOp, UnaryOpKind, Var, WithBlock,
};

use crate::equality::{
    EQUAL, GREATER, GREATER_OR_EQUAL, ITEM, LESS, LESS_OR_EQUAL, UNEQUAL, WITHIN,
};

/// The copy of a statement; a whole template is one.
pub(crate) fn statement<'a>(stmt: &Stmt<'a>) -> Stmt<'a> {
    match stmt {
        Stmt::Template(it) => {
            Stmt::Template(Spanned::new(Template { children: body(&it.children) }, it.span()))
        }
        Stmt::EmitExpr(it) => {
            Stmt::EmitExpr(Spanned::new(EmitExpr { expr: expression(&it.expr) }, it.span()))
        }
        Stmt::EmitRaw(it) => Stmt::EmitRaw(Spanned::new(EmitRaw { raw: it.raw }, it.span())),
        Stmt::ForLoop(it) => Stmt::ForLoop(Spanned::new(for_loop(it), it.span())),
        Stmt::IfCond(it) => {
            let node = IfCond {
                expr: expression(&it.expr),
                true_body: body(&it.true_body),
                false_body: body(&it.false_body),
            };
            Stmt::IfCond(Spanned::new(node, it.span()))
        }
        Stmt::WithBlock(it) => {
            let pairs = it.assignments.iter().map(|(to, from)| (expression(to), expression(from)));
            let node = WithBlock { assignments: pairs.collect(), body: body(&it.body) };
            Stmt::WithBlock(Spanned::new(node, it.span()))
        }
        Stmt::Set(it) => {
            let node = Set { target: expression(&it.target), expr: expression(&it.expr) };
            Stmt::Set(Spanned::new(node, it.span()))
        }
        Stmt::SetBlock(it) => {
            let node = SetBlock {
                target: expression(&it.target),
                filter: optional(it.filter.as_ref()),
                body: body(&it.body),
            };
            Stmt::SetBlock(Spanned::new(node, it.span()))
        }
        Stmt::AutoEscape(it) => {
            let node = AutoEscape { enabled: expression(&it.enabled), body: body(&it.body) };
            Stmt::AutoEscape(Spanned::new(node, it.span()))
        }
        Stmt::FilterBlock(it) => {
            let node = FilterBlock { filter: expression(&it.filter), body: body(&it.body) };
            Stmt::FilterBlock(Spanned::new(node, it.span()))
        }
        Stmt::Macro(it) => Stmt::Macro(Spanned::new(macro_node(it), it.span())),
        Stmt::CallBlock(it) => {
            let declared = &it.macro_decl;
            let node = CallBlock {
                call: Spanned::new(call(&it.call), it.call.span()),
                macro_decl: Spanned::new(macro_node(declared), declared.span()),
            };
            Stmt::CallBlock(Spanned::new(node, it.span()))
        }
        Stmt::Do(it) => {
            let node = Do { call: Spanned::new(call(&it.call), it.call.span()) };
            Stmt::Do(Spanned::new(node, it.span()))
        }
        other => reuse(other),
    }
}

/// The statements that combine templates, of which BAML has none at run time.
fn reuse<'a>(stmt: &Stmt<'a>) -> Stmt<'a> {
    match stmt {
        Stmt::Block(it) => {
            let node = Block { name: it.name, required: it.required, body: body(&it.body) };
            Stmt::Block(Spanned::new(node, it.span()))
        }
        Stmt::Import(it) => {
            let node = Import { expr: expression(&it.expr), name: expression(&it.name) };
            Stmt::Import(Spanned::new(node, it.span()))
        }
        Stmt::FromImport(it) => {
            let names = it.names.iter().map(|(name, to)| (expression(name), optional(to.as_ref())));
            let node = FromImport { expr: expression(&it.expr), names: names.collect() };
            Stmt::FromImport(Spanned::new(node, it.span()))
        }
        Stmt::Extends(it) => {
            Stmt::Extends(Spanned::new(Extends { name: expression(&it.name) }, it.span()))
        }
        Stmt::Include(it) => {
            let node = Include { name: expression(&it.name), ignore_missing: it.ignore_missing };
            Stmt::Include(Spanned::new(node, it.span()))
        }
        other => statement(other),
    }
}

fn body<'a>(statements: &[Stmt<'a>]) -> Vec<Stmt<'a>> {
    statements.iter().map(statement).collect()
}

fn for_loop<'a>(it: &ForLoop<'a>) -> ForLoop<'a> {
    ForLoop {
        target: expression(&it.target),
        iter: expression(&it.iter),
        filter_expr: optional(it.filter_expr.as_ref()),
        recursive: it.recursive,
        body: body(&it.body),
        else_body: body(&it.else_body),
    }
}

fn macro_node<'a>(it: &Macro<'a>) -> Macro<'a> {
    Macro {
        name: it.name,
        args: expressions(&it.args),
        defaults: expressions(&it.defaults),
        body: body(&it.body),
    }
}

fn call<'a>(it: &Call<'a>) -> Call<'a> {
    Call { expr: expression(&it.expr), args: arguments(&it.args) }
}

fn arguments<'a>(args: &[CallArg<'a>]) -> Vec<CallArg<'a>> {
    let copy = |arg: &CallArg<'a>| match arg {
        CallArg::Pos(it) => CallArg::Pos(expression(it)),
        CallArg::Kwarg(name, it) => CallArg::Kwarg(name, expression(it)),
        CallArg::PosSplat(it) => CallArg::PosSplat(expression(it)),
        CallArg::KwargSplat(it) => CallArg::KwargSplat(expression(it)),
    };
    args.iter().map(copy).collect()
}

fn expressions<'a>(items: &[Expr<'a>]) -> Vec<Expr<'a>> {
    items.iter().map(expression).collect()
}

fn optional<'a>(item: Option<&Expr<'a>>) -> Option<Expr<'a>> {
    item.map(expression)
}

/// The copy of an expression.
fn expression<'a>(expr: &Expr<'a>) -> Expr<'a> {
    match expr {
        Expr::Var(it) => Expr::Var(Spanned::new(Var { id: it.id }, it.span())),
        Expr::Const(it) => Expr::Const(Spanned::new(Const { value: it.value.clone() }, it.span())),
        Expr::Slice(it) => {
            let node = Slice {
                expr: expression(&it.expr),
                start: optional(it.start.as_ref()),
                stop: optional(it.stop.as_ref()),
                step: optional(it.step.as_ref()),
            };
            Expr::Slice(Spanned::new(node, it.span()))
        }
        Expr::UnaryOp(it) => {
            let node = UnaryOp { op: copy_unary(&it.op), expr: expression(&it.expr) };
            Expr::UnaryOp(Spanned::new(node, it.span()))
        }
        Expr::BinOp(it) => binary(it),
        Expr::Compare(it) => compare(it),
        Expr::IfExpr(it) => {
            let node = IfExpr {
                test_expr: expression(&it.test_expr),
                true_expr: expression(&it.true_expr),
                false_expr: optional(it.false_expr.as_ref()),
            };
            Expr::IfExpr(Spanned::new(node, it.span()))
        }
        Expr::Filter(it) => {
            let expr = optional(it.expr.as_ref());
            let node = Filter { name: it.name, expr, args: arguments(&it.args) };
            Expr::Filter(Spanned::new(node, it.span()))
        }
        Expr::Test(it) => {
            let expr = expression(&it.expr);
            let node = Test { name: it.name, expr, args: arguments(&it.args) };
            Expr::Test(Spanned::new(node, it.span()))
        }
        Expr::GetAttr(it) => {
            let node = GetAttr { expr: expression(&it.expr), name: it.name };
            Expr::GetAttr(Spanned::new(node, it.span()))
        }
        Expr::GetItem(it) => {
            let args = vec![CallArg::Pos(expression(&it.subscript_expr))];
            let node = Filter { name: ITEM, expr: Some(expression(&it.expr)), args };
            Expr::Filter(Spanned::new(node, it.span()))
        }
        Expr::Call(it) => Expr::Call(Spanned::new(call(it), it.span())),
        Expr::List(it) => {
            Expr::List(Spanned::new(List { items: expressions(&it.items) }, it.span()))
        }
        Expr::Map(it) => {
            let node = Map { keys: expressions(&it.keys), values: expressions(&it.values) };
            Expr::Map(Spanned::new(node, it.span()))
        }
    }
}

fn copy_unary(op: &UnaryOpKind) -> UnaryOpKind {
    match op {
        UnaryOpKind::Not => UnaryOpKind::Not,
        UnaryOpKind::Neg => UnaryOpKind::Neg,
    }
}

fn binary<'a>(it: &Spanned<BinOp<'a>>) -> Expr<'a> {
    operation(it.op, expression(&it.left), expression(&it.right), it.span())
}

fn operation<'a>(op: BinOpKind, left: Expr<'a>, right: Expr<'a>, span: Span) -> Expr<'a> {
    let name = match op {
        BinOpKind::Eq => EQUAL,
        BinOpKind::Ne => UNEQUAL,
        BinOpKind::Lt => LESS,
        BinOpKind::Lte => LESS_OR_EQUAL,
        BinOpKind::Gt => GREATER,
        BinOpKind::Gte => GREATER_OR_EQUAL,
        BinOpKind::In => WITHIN,
        op => return Expr::BinOp(Spanned::new(BinOp { op, left, right }, span)),
    };
    let args = vec![CallArg::Pos(right)];
    Expr::Filter(Spanned::new(Filter { name, expr: Some(left), args }, span))
}

/// A chain such as `a < b < c` is compared from the left, as officially: `(a < b) < c`.
fn compare<'a>(it: &Spanned<Compare<'a>>) -> Expr<'a> {
    let mut left = expression(&it.expr);
    for CompareOp { op, expr } in &it.ops {
        let (op, negated) = match op {
            CompareOpKind::Eq => (BinOpKind::Eq, false),
            CompareOpKind::Ne => (BinOpKind::Ne, false),
            CompareOpKind::Lt => (BinOpKind::Lt, false),
            CompareOpKind::Lte => (BinOpKind::Lte, false),
            CompareOpKind::Gt => (BinOpKind::Gt, false),
            CompareOpKind::Gte => (BinOpKind::Gte, false),
            CompareOpKind::In => (BinOpKind::In, false),
            CompareOpKind::NotIn => (BinOpKind::In, true),
        };
        left = operation(op, left, expression(expr), it.span());
        if negated {
            let node = UnaryOp { op: UnaryOpKind::Not, expr: left };
            left = Expr::UnaryOp(Spanned::new(node, it.span()));
        }
    }
    left
}

//! Expressions as text, the way messages name them: without quotes, operators in parentheses.
//!
//! Invariant: what is written depends on the expression alone, not on its spacing in the source.

use minijinja::machinery::ast::{
    BinOpKind, CallArg, Compare, CompareOpKind, Expr, Slice, UnaryOpKind,
};

/// The text of an expression.
pub(crate) fn show(expr: &Expr<'_>) -> String {
    let mut out = String::new();
    write(&mut out, expr);
    out
}

fn write(out: &mut String, expr: &Expr<'_>) {
    match expr {
        Expr::Var(var) => out.push_str(var.id),
        Expr::Const(constant) => out.push_str(&constant.value.to_string()),
        Expr::Slice(inner) => slice(out, inner),
        Expr::UnaryOp(op) => {
            out.push_str(match op.op {
                UnaryOpKind::Not => "not ",
                UnaryOpKind::Neg => "-",
            });
            write(out, &op.expr);
        }
        Expr::BinOp(op) => binary(out, &show(&op.left), bin_op(op.op), &op.right),
        Expr::Compare(inner) => compare(out, inner),
        Expr::IfExpr(choice) => {
            write(out, &choice.true_expr);
            out.push_str(" if ");
            write(out, &choice.test_expr);
            if let Some(otherwise) = &choice.false_expr {
                out.push_str(" else ");
                write(out, otherwise);
            }
        }
        Expr::Filter(filter) => {
            if let Some(inner) = &filter.expr {
                write(out, inner);
            }
            out.push('|');
            out.push_str(filter.name);
            opt_args(out, &filter.args);
        }
        Expr::Test(test) => {
            write(out, &test.expr);
            out.push_str(" is ");
            out.push_str(test.name);
            opt_args(out, &test.args);
        }
        Expr::GetAttr(get) => {
            write(out, &get.expr);
            out.push('.');
            out.push_str(get.name);
        }
        Expr::GetItem(get) => {
            write(out, &get.expr);
            out.push('[');
            write(out, &get.subscript_expr);
            out.push(']');
        }
        Expr::Call(call) => {
            write(out, &call.expr);
            args(out, &call.args);
        }
        Expr::List(list) => {
            out.push('[');
            items(out, &list.items, |out, item| write(out, item));
            out.push(']');
        }
        Expr::Map(map) => {
            let entries: Vec<_> = map.keys.iter().zip(&map.values).collect();
            out.push('{');
            items(out, &entries, |out, (key, value)| {
                write(out, key);
                out.push(':');
                write(out, value);
            });
            out.push('}');
        }
    }
}

fn items<T>(out: &mut String, list: &[T], write: impl Fn(&mut String, &T)) {
    for (at, item) in list.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write(out, item);
    }
}

fn slice(out: &mut String, slice: &Slice<'_>) {
    out.push('(');
    write(out, &slice.expr);
    out.push_str(")[");
    for (at, part) in [&slice.start, &slice.stop, &slice.step].into_iter().enumerate() {
        if at > 0 {
            out.push(':');
        }
        if let Some(part) = part {
            write(out, part);
        }
    }
    out.push(']');
}

fn compare(out: &mut String, compare: &Compare<'_>) {
    let mut left = show(&compare.expr);
    for part in &compare.ops {
        let mut next = String::new();
        if matches!(part.op, CompareOpKind::NotIn) {
            next.push_str("not ");
        }
        binary(&mut next, &left, compare_op(part.op), &part.expr);
        left = next;
    }
    out.push_str(&left);
}

fn binary(out: &mut String, left: &str, op: &str, right: &Expr<'_>) {
    out.push('(');
    out.push_str(left);
    out.push(' ');
    out.push_str(op);
    out.push(' ');
    write(out, right);
    out.push(')');
}

fn opt_args(out: &mut String, list: &[CallArg<'_>]) {
    if !list.is_empty() {
        args(out, list);
    }
}

fn args(out: &mut String, list: &[CallArg<'_>]) {
    out.push('(');
    items(out, list, |out, arg| {
        let expr = match arg {
            CallArg::Pos(expr) => expr,
            CallArg::Kwarg(name, expr) => {
                out.push_str(name);
                out.push('=');
                expr
            }
            CallArg::PosSplat(expr) => {
                out.push('*');
                expr
            }
            CallArg::KwargSplat(expr) => {
                out.push_str("**");
                expr
            }
        };
        write(out, expr);
    });
    out.push(')');
}

fn bin_op(op: BinOpKind) -> &'static str {
    match op {
        BinOpKind::Eq => "==",
        BinOpKind::Ne => "!=",
        BinOpKind::Lt => "<",
        BinOpKind::Lte => "<=",
        BinOpKind::Gt => ">",
        BinOpKind::Gte => ">=",
        BinOpKind::ScAnd => "and",
        BinOpKind::ScOr => "or",
        BinOpKind::Add => "+",
        BinOpKind::Sub => "-",
        BinOpKind::Mul => "*",
        BinOpKind::Div => "/",
        BinOpKind::FloorDiv => "//",
        BinOpKind::Rem => "%",
        BinOpKind::Pow => "**",
        BinOpKind::Concat => "~",
        BinOpKind::In => "in",
    }
}

fn compare_op(op: CompareOpKind) -> &'static str {
    match op {
        CompareOpKind::Eq => "==",
        CompareOpKind::Ne => "!=",
        CompareOpKind::Lt => "<",
        CompareOpKind::Lte => "<=",
        CompareOpKind::Gt => ">",
        CompareOpKind::Gte => ">=",
        CompareOpKind::In | CompareOpKind::NotIn => "in",
    }
}

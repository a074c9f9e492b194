//! Types, attributes and values as the formatter writes them.
//!
//! Invariant: strings, numbers and Jinja stand as they were written; a part of a type that was
//! written over several lines does too. What was broken into lines stays so, what does not fit on
//! one is.

use super::printer::Printer;
use crate::source::Span;
use crate::tree::{Attribute, Expr, ExprKind, MapEntry, TypeExpr, TypeExprKind};

/// A type on one line, or as it was written over several.
pub(crate) fn type_text(printer: &Printer<'_>, ty: &TypeExpr) -> String {
    let whole = Span { end: type_end(ty), ..ty.span };
    if printer.written(whole).contains('\n') {
        return printer.written(whole).to_owned();
    }
    let mut out = bare_type(printer, ty);
    for attribute in &ty.attributes {
        out.push(' ');
        out.push_str(&attribute_text(printer, attribute, "@"));
    }
    out
}

/// Writes a type; a union that was broken, or does not fit before `after` more characters, gets a
/// line for each variant but the first.
pub(crate) fn write_type(printer: &mut Printer<'_>, ty: &TypeExpr, after: usize) {
    let text = type_text(printer, ty);
    let TypeExprKind::Union(variants) = &ty.kind else { return printer.push(&text) };
    if is_broken(printer, variants) || !printer.fits(&text, after) {
        let texts: Vec<String> = variants.iter().map(|one| type_text(printer, one)).collect();
        printer.push(&texts[0]);
        for text in &texts[1..] {
            printer.wrap();
            printer.push("| ");
            printer.push(text);
        }
        let last = variants.last().map_or(ty.span.end, type_end);
        attributes(printer, &ty.attributes, last);
    } else {
        printer.push(&text);
    }
}

/// Whether variants stand on different lines.
fn is_broken(printer: &Printer<'_>, variants: &[TypeExpr]) -> bool {
    variants.windows(2).any(|pair| {
        let between = (type_end(&pair[0]) as usize, pair[1].span.start as usize);
        printer.source(between.0, between.1).contains('\n')
    })
}

fn bare_type(printer: &Printer<'_>, ty: &TypeExpr) -> String {
    let joined = |parts: &[TypeExpr], separator: &str| {
        let parts: Vec<String> = parts.iter().map(|part| type_text(printer, part)).collect();
        parts.join(separator)
    };
    match &ty.kind {
        TypeExprKind::Name(name) => name.to_string(),
        TypeExprKind::String(_) | TypeExprKind::Number(_) => printer.written(ty.span).to_owned(),
        TypeExprKind::List(item) => format!("{}[]", type_text(printer, item)),
        TypeExprKind::Optional(inner) => format!("{}?", type_text(printer, inner)),
        TypeExprKind::Map(key, value) => {
            format!("map<{}, {}>", type_text(printer, key), type_text(printer, value))
        }
        TypeExprKind::Union(variants) => joined(variants, " | "),
        TypeExprKind::Tuple(parts) => format!("({})", joined(parts, ", ")),
        TypeExprKind::Group(inner) => format!("({})", type_text(printer, inner)),
    }
}

/// Where a type ends, its attributes included.
pub(crate) fn type_end(ty: &TypeExpr) -> u32 {
    ty.attributes.last().map_or(ty.span.end, |attribute| attribute.span.end.max(ty.span.end))
}

/// An attribute behind its mark.
pub(crate) fn attribute_text(printer: &Printer<'_>, attribute: &Attribute, mark: &str) -> String {
    // A quote that its line does not close could be closed by what comes onto that line.
    let is_open = |arg: &Expr| matches!(&arg.kind, ExprKind::Bare(text) if text.starts_with('"'));
    if attribute.args.iter().any(is_open) {
        return printer.written(attribute.span).to_owned();
    }
    let mut out = format!("{mark}{}", attribute.name.text);
    if attribute.parens {
        let args: Vec<&str> = attribute.args.iter().map(|arg| printer.written(arg.span)).collect();
        out.push('(');
        out.push_str(&args.join(", "));
        out.push(')');
    }
    out
}

/// Attributes after something that ends at byte `end`; one on a line of its own keeps that.
pub(crate) fn attributes(printer: &mut Printer<'_>, list: &[Attribute], mut end: u32) {
    for attribute in list {
        let start = attribute.span.start;
        let text = attribute_text(printer, attribute, "@");
        let broken = printer.source(end as usize, start as usize).contains('\n');
        if broken || !printer.fits(&text, 1) {
            printer.wrap();
        } else {
            printer.push(" ");
        }
        printer.push(&text);
        end = attribute.span.end;
    }
}

/// A value: lists and maps of several lines, or too long for one, get a line for each part; the
/// rest stands as written.
pub(crate) fn value(printer: &mut Printer<'_>, expr: &Expr) {
    let (start, end) = (expr.span.start as usize, expr.span.end);
    let written = printer.written(expr.span);
    let broken = written.contains('\n') || !printer.fits(written, 0);
    match &expr.kind {
        ExprKind::List(items) if broken => {
            printer.open("[", start + 1);
            for item in items {
                printer.begin(item.span.start);
                value(printer, item);
            }
            printer.close("]", end);
        }
        ExprKind::Map(entries) if broken => {
            printer.open("{", start + 1);
            for entry in entries {
                map_entry(printer, entry);
            }
            printer.close("}", end);
        }
        _ => printer.verbatim(expr.span),
    }
}

fn map_entry(printer: &mut Printer<'_>, entry: &MapEntry) {
    printer.begin(entry.key.span.start);
    let Some(inner) = &entry.value else { return printer.verbatim(entry.span) };
    let comment = printer.written(inner.span).starts_with("//");
    if comment || printer.has_comment(entry.key.span.start, inner.span.start) {
        return printer.verbatim(entry.span);
    }
    let key = printer.written(entry.key.span);
    printer.push(key);
    // A colon may stand behind a key; where the value begins with one too, the first must stay.
    let colon = printer.written(inner.span).starts_with(':');
    printer.push(if colon { ": " } else { " " });
    value(printer, inner);
}

//! Declarations as the formatter writes them.
//!
//! Invariant: each function tells one declaration or member whole, from its first byte to its last.

use super::printer::{COLUMNS_MAX, Printer};
use super::values::{attribute_text, attributes, type_end, type_text, value, write_type};
use crate::source::Span;
use crate::tree::{
    Attribute, Entry, Field, Item, Member, Param, Property, TemplateString, TypeBlock, ValueBlock,
};

/// All declarations of a file.
pub(crate) fn file(printer: &mut Printer<'_>, items: &[Item]) {
    for item in items {
        self::item(printer, item);
        if matches!(item, Item::Type(_) | Item::Value(_) | Item::Template(_)) {
            printer.space();
        }
    }
}

fn item(printer: &mut Printer<'_>, item: &Item) {
    printer.begin(item.span().start);
    match item {
        Item::Type(block) => type_block(printer, block),
        Item::Value(block) => value_block(printer, block),
        Item::Template(template) => template_string(printer, template),
        Item::Alias(alias) if !printer.has_comment(alias.span.start, alias.span.end) => {
            printer.push(&format!("type {} = ", alias.name.text));
            write_type(printer, &alias.ty, 0);
            printer.done(alias.span.end);
        }
        other => printer.verbatim(other.span()),
    }
}

fn type_block(printer: &mut Printer<'_>, block: &TypeBlock) {
    let Some(brace) = brace_after(printer, block.span.start, block.name.span.end)
        .filter(|brace| printer.source(block.name.span.end as usize, *brace).trim().is_empty())
    else {
        return printer.verbatim(block.span);
    };
    let dynamic = if block.dynamic.is_some() { "dynamic " } else { "" };
    let head = format!("{dynamic}{} {} ", block.keyword.text, block.name.text);
    printer.push(&head);
    printer.open("{", brace + 1);
    for member in &block.members {
        match member {
            Member::Field(field) => self::field(printer, field),
            Member::Attribute(attribute) => block_attribute(printer, attribute),
            Member::Method(method) => as_written(printer, method.span),
            Member::Invalid(span) => as_written(printer, *span),
        }
    }
    printer.close("}", block.span.end);
}

fn field(printer: &mut Printer<'_>, field: &Field) {
    printer.begin(field.span.start);
    if printer.has_comment(field.span.start, field.span.end) {
        return printer.verbatim(field.span);
    }
    printer.push(&field.name.text);
    let mut end = field.name.span.end;
    if let Some(ty) = &field.ty {
        printer.push(" ");
        write_type(printer, ty, 0);
        end = type_end(ty);
    }
    attributes(printer, &field.attributes, end);
    printer.done(field.span.end);
}

fn value_block(printer: &mut Printer<'_>, block: &ValueBlock) {
    let Some(brace) = brace_after(printer, block.span.start, head_end(block)) else {
        return printer.verbatim(block.span);
    };
    printer.push(&block.keyword.text);
    if let Some(generic) = &block.generic {
        printer.push("<");
        printer.push(&generic.text);
        printer.push(">");
    }
    printer.push(" ");
    printer.push(&block.name.text);
    let returns = block.returns.as_ref().map(|ty| format!(" -> {}", type_text(printer, ty)));
    let returns = returns.unwrap_or_default();
    if let Some(list) = &block.params {
        params(printer, list, returns.len() + 2);
    }
    printer.push(&returns);
    printer.push(" ");
    printer.open("{", brace + 1);
    for entry in &block.entries {
        match entry {
            Entry::Property(property) => self::property(printer, property),
            Entry::Attribute(attribute) => block_attribute(printer, attribute),
            Entry::TypeBuilder(builder) => {
                printer.begin(builder.span.start);
                match brace_after(printer, builder.span.start, builder.span.start) {
                    Some(brace) => {
                        printer.push("type_builder ");
                        printer.open("{", brace + 1);
                        builder.items.iter().for_each(|item| self::item(printer, item));
                        printer.close("}", builder.span.end);
                    }
                    None => printer.verbatim(builder.span),
                }
            }
        }
    }
    printer.close("}", block.span.end);
}

/// Parameters in parentheses, on one line if they and `after` more characters fit there.
fn params(printer: &mut Printer<'_>, list: &[Param], after: usize) {
    let texts: Vec<String> = list.iter().map(|param| param_text(printer, param)).collect();
    let joined = texts.join(", ");
    if printer.column() + joined.len() + 2 + after <= COLUMNS_MAX || list.is_empty() {
        printer.push(&format!("({joined})"));
        return;
    }
    printer.push("(");
    for text in texts {
        printer.wrap();
        printer.push(&text);
        printer.push(",");
    }
    printer.push("\n)");
}

fn param_text(printer: &Printer<'_>, param: &Param) -> String {
    match &param.ty {
        Some(ty) => format!("{}: {}", param.name.text, type_text(printer, ty)),
        None => param.name.text.to_string(),
    }
}

fn property(printer: &mut Printer<'_>, property: &Property) {
    printer.begin(property.span.start);
    let Some(inner) = &property.value else { return printer.verbatim(property.span) };
    let in_front = printer.has_comment(property.span.start, inner.span.start);
    let written = printer.written(inner.span);
    // Blank space in front of these would make a value of the rest, or a comment.
    let glued = written.starts_with(':') || written.starts_with("//");
    if glued || in_front || printer.has_comment(inner.span.end, property.span.end) {
        return printer.verbatim(property.span);
    }
    printer.push(&property.key.text);
    printer.push(" ");
    value(printer, inner);
    attributes(printer, &property.attributes, inner.span.end);
    printer.done(property.span.end);
}

fn block_attribute(printer: &mut Printer<'_>, attribute: &Attribute) {
    printer.begin(attribute.span.start);
    if printer.has_comment(attribute.span.start, attribute.span.end) {
        return printer.verbatim(attribute.span);
    }
    let text = attribute_text(printer, attribute, "@@");
    printer.push(&text);
    printer.done(attribute.span.end);
}

fn template_string(printer: &mut Printer<'_>, template: &TemplateString) {
    let span = template.span;
    let list = template.params.as_deref().unwrap_or_default();
    let after = list.last().map_or(template.name.span.end, |param| param.span.end);
    let rest = printer.source(after as usize, span.end as usize);
    let Some(quote) = rest.find('#').map(|at| after + at as u32) else {
        return printer.verbatim(span);
    };
    if printer.has_comment(span.start, quote) {
        return printer.verbatim(span);
    }
    printer.push("template_string ");
    printer.push(&template.name.text);
    params(printer, list, 3);
    printer.push(" ");
    printer.verbatim(Span { start: quote, ..span });
}

fn as_written(printer: &mut Printer<'_>, span: Span) {
    printer.begin(span.start);
    printer.verbatim(span);
}

/// Where the head of a block ends, blank space and brackets aside.
fn head_end(block: &ValueBlock) -> u32 {
    let params = block.params.iter().flatten().map(|param| {
        let ty = param.ty.as_ref().map_or(0, type_end);
        param.span.end.max(ty)
    });
    let returns = block.returns.as_ref().map(type_end);
    params.chain(returns).chain([block.name.span.end]).max().unwrap_or_default()
}

/// The opening brace behind a head that ends at `end`; none when the head has more to it than
/// names and types, such as a comment.
fn brace_after(printer: &Printer<'_>, start: u32, end: u32) -> Option<usize> {
    let brace = end as usize + printer.source(end as usize, printer.text.len()).find('{')?;
    let between = printer.source(end as usize, brace).trim();
    let plain = between.is_empty() || between == "type_builder" || between.starts_with(')');
    let plain = plain || between.starts_with('(') && between.ends_with(')') || between == ",)";
    (plain && !printer.has_comment(start, brace as u32)).then_some(brace)
}

//! Blocks of properties: `function`, `client`, `test`, `retry_policy`, `generator`; and templates.

use smol_str::SmolStr;

use crate::catalogue::{
    BLOCK_ATTRIBUTE, FUNCTION_PARAMS_MISSING, FUNCTION_SYNTAX, PARAM_SELF, PARAM_TYPE_MISSING,
    TYPE_BUILDER_REPEATED, VALUE_MISSING,
};
use crate::cursor::Cursor;
use crate::diagnostic::Diagnostic;
use crate::grammar::naming::{self, Case};
use crate::grammar::{attributes, items, types, values};
use crate::source::Span;
use crate::tree::{
    BlockString, Entry, Name, Param, Property, TemplateString, TypeBuilderBlock, TypeExpr,
    ValueBlock,
};

const KEYWORDS: [&str; 5] = ["function", "client", "test", "retry_policy", "generator"];

/// A value block whose keyword stands here.
pub(crate) fn block(cursor: &mut Cursor, doc: Option<SmolStr>) -> Option<ValueBlock> {
    let start = cursor.at;
    let told = cursor.diagnostics.len();
    let found = head(cursor).and_then(|head| {
        let entries = entries(cursor, &head)?;
        Some((head, entries))
    });
    let Some((head, entries)) = found else {
        cursor.rewind(start);
        cursor.diagnostics.truncate(told);
        return None;
    };
    let whole = cursor.span_from(start);
    check_head(cursor, &head, whole);
    Some(ValueBlock {
        keyword: head.keyword,
        generic: head.generic,
        name: head.name,
        params: head.params,
        returns: head.returns,
        entries,
        doc,
        span: cursor.span_from(start),
    })
}

pub(crate) struct Head {
    pub(crate) keyword: Name,
    pub(crate) generic: Option<Name>,
    pub(crate) name: Name,
    pub(crate) params: Option<Vec<Param>>,
    pub(crate) returns: Option<TypeExpr>,
    /// Whether `->` was written; a type may still be missing after it.
    pub(crate) arrow: bool,
}

/// Everything up to and with the opening brace.
pub(crate) fn head(cursor: &mut Cursor) -> Option<Head> {
    let keyword = cursor.word().filter(|word| KEYWORDS.contains(&word.text.as_str()))?;
    let mut generic = None;
    if cursor.eat("<") {
        generic = cursor.word().filter(|word| keyword.text == "client" && word.text == "llm");
        generic.as_ref()?;
        if !cursor.eat(">") {
            return None;
        }
    }
    cursor.skip_spaces();
    let Some(name) = cursor.word() else { return cursor.stop() };
    cursor.skip_spaces();
    let params = if cursor.looking_at("(") { Some(params(cursor)?) } else { None };
    cursor.skip_trivia();
    let mut returns = None;
    // The arrow may be left out.
    let arrow = cursor.eat("->");
    cursor.skip_trivia();
    if !cursor.looking_at("{") {
        let Some(ty) = types::ty(cursor) else { return cursor.stop() };
        // Without parameters and arrow it says nothing, and is passed over as officially.
        returns = Some(ty).filter(|_| arrow || params.is_some());
        cursor.skip_trivia();
    }
    if !cursor.eat("{") {
        return cursor.stop();
    }
    Some(Head { keyword, generic, name, params, returns, arrow })
}

/// `(name: Type, …)`
pub(crate) fn params(cursor: &mut Cursor) -> Option<Vec<Param>> {
    cursor.at += 1;
    let mut params = Vec::new();
    cursor.skip_trivia();
    // A comma alone is an empty list.
    cursor.eat(",");
    loop {
        cursor.skip_trivia();
        if cursor.eat(")") {
            return Some(params);
        }
        let start = cursor.at;
        let Some(name) = cursor.word() else { return cursor.stop() };
        cursor.skip_trivia();
        let ty = if cursor.eat(":") {
            cursor.skip_trivia();
            let ty = types::ty(cursor);
            if ty.is_none() && !cursor.looking_at(",") && !cursor.looking_at(")") {
                return cursor.stop();
            }
            ty
        } else {
            None
        };
        params.push(Param { name, ty, span: cursor.span_from(start) });
        cursor.skip_trivia();
        if !cursor.eat(",") && !cursor.looking_at(")") {
            return cursor.stop();
        }
    }
}

fn check_head(cursor: &mut Cursor, head: &Head, whole: Span) {
    let name = &head.name;
    match head.keyword.text.as_str() {
        "function" => {
            naming::check(cursor, name, "function", Case::Upper);
            check_function_head(cursor, head);
        }
        "client" => naming::check(cursor, name, "client", Case::Upper),
        "retry_policy" => naming::check(cursor, name, "retry", Case::Upper),
        kind => naming::check(cursor, name, kind, Case::Any),
    }
    if head.params.is_none() && head.returns.is_some() {
        tell_missing(cursor, name, whole, "input parameters");
    }
    if head.arrow && head.returns.is_none() {
        tell_missing(cursor, name, whole, "return type");
    }
}

fn tell_missing(cursor: &mut Cursor, name: &Name, whole: Span, what: &str) {
    let message = format!(
        "Error validating value expression \"{}\": No {what} specified. Valid function \
         syntax is\n```\nfunction {}(param1: String, param2: String) -> ReturnType {{\n    client \
         SomeClient\n    prompt #\"...\"#\n}}\n```",
        name.text, name.text
    );
    cursor.tell(Diagnostic::error(FUNCTION_PARAMS_MISSING, whole, message));
}

fn check_function_head(cursor: &mut Cursor, head: &Head) {
    let name = &head.name;
    match (&head.params, &head.returns) {
        (Some(params), Some(_)) => check_params(cursor, params),
        (None, Some(_)) => {}
        (_, None) if head.arrow => {}
        (_, None) => {
            let message = format!(
                "Invalid syntax for function \"{}\". Use:\nfunction {}(params...) -> \
                 ReturnType {{ ... }}",
                name.text, name.text
            );
            cursor.tell(Diagnostic::error(FUNCTION_SYNTAX, name.span, message));
        }
    }
}

fn check_params(cursor: &mut Cursor, params: &[Param]) {
    for param in params {
        let name = &param.name;
        if name.text == "self" {
            let message = "`self` stands for the instance in a method and names no parameter.";
            cursor.tell(Diagnostic::error(PARAM_SELF, name.span, message));
        } else if param.ty.is_none() {
            let message = format!(
                "Error validating: No type specified for argument: {}. Expected: `{}: type`",
                name.text, name.text
            );
            cursor.tell(Diagnostic::error(PARAM_TYPE_MISSING, name.span, message));
        }
    }
}

fn entries(cursor: &mut Cursor, head: &Head) -> Option<Vec<Entry>> {
    let mut entries = Vec::new();
    loop {
        cursor.skip_trivia();
        if cursor.eat("}") {
            return Some(entries);
        }
        let Some(next) = entry(cursor, head) else { return cursor.stop() };
        if let Entry::TypeBuilder(block) = &next
            && entries.iter().any(|entry| matches!(entry, Entry::TypeBuilder(_)))
        {
            let message = "Error validating: Definition of multiple `type_builder` blocks in the \
                           same parent block";
            cursor.tell(Diagnostic::error(TYPE_BUILDER_REPEATED, block.span, message));
        }
        entries.push(next);
    }
}

fn entry(cursor: &mut Cursor, head: &Head) -> Option<Entry> {
    if let Some(attribute) = attributes::of_block(cursor) {
        if head.keyword.text != "test" {
            let message = "Error validating: Only Tests may contain block-level attributes";
            cursor.tell(Diagnostic::error(BLOCK_ATTRIBUTE, attribute.span, message));
        }
        return Some(Entry::Attribute(attribute));
    }
    if let Some(block) = type_builder(cursor) {
        return Some(Entry::TypeBuilder(block));
    }
    if let Some(property) = property(cursor) {
        return Some(Entry::Property(property));
    }
    let key = cursor.word()?;
    cursor.skip_spaces_and_comment();
    let attributes = attributes::list(cursor);
    if attributes.is_empty() && !cursor.at_line_end() && !cursor.looking_at("}") {
        return None;
    }
    let kind = match head.keyword.text.as_str() {
        "function" => "Function",
        "client" => "Client",
        "test" => "Test",
        "generator" => "Generator",
        _ => "RetryPolicy",
    };
    let message = format!(
        "Error validating {kind} \"{}\": This field declaration is invalid. It is either missing \
         a name or a type.",
        head.name.text
    );
    let span = attributes.last().map_or(key.span, |last| last.span.to(key.span));
    cursor.tell(Diagnostic::error(VALUE_MISSING, span, message));
    Some(Entry::Property(Property { span, key, value: None, attributes }))
}

fn property(cursor: &mut Cursor) -> Option<Property> {
    let start = cursor.at;
    let key = cursor.word()?;
    cursor.skip_spaces();
    let Some(value) = values::value(cursor) else {
        cursor.rewind(start);
        return None;
    };
    let mut span = value.span.to(key.span);
    let attributes = attributes::list(cursor);
    if let Some(last) = attributes.last() {
        span = span.to(last.span);
    }
    Some(Property { key, value: Some(value), attributes, span })
}

fn type_builder(cursor: &mut Cursor) -> Option<TypeBuilderBlock> {
    let start = cursor.at;
    if !cursor.eat_word("type_builder") {
        return None;
    }
    cursor.skip_trivia();
    let items = if cursor.eat("{") { items::inside_type_builder(cursor) } else { None };
    match items {
        Some(items) => Some(TypeBuilderBlock { items, span: cursor.span_from(start) }),
        None => {
            cursor.rewind(start);
            None
        }
    }
}

/// `template_string Name(…) #"…"#`
pub(crate) fn template(cursor: &mut Cursor, doc: Option<SmolStr>) -> Option<TemplateString> {
    let start = cursor.at;
    let found = template_parts(cursor);
    if found.is_none() {
        cursor.rewind(start);
    }
    let (name, params, text) = found?;
    naming::check(cursor, &name, "template_string", Case::Upper);
    check_params(cursor, params.as_deref().unwrap_or_default());
    Some(TemplateString { name, params, text, doc, span: cursor.span_from(start) })
}

type TemplateParts = (Name, Option<Vec<Param>>, BlockString);

fn template_parts(cursor: &mut Cursor) -> Option<TemplateParts> {
    if !cursor.eat_word("template_string") && !cursor.eat_word("string_template") {
        return None;
    }
    cursor.skip_spaces();
    let name = cursor.word()?;
    cursor.skip_spaces();
    let params = if cursor.looking_at("(") { Some(params(cursor)?) } else { None };
    cursor.skip_trivia();
    if params.is_none() && cursor.eat("=") {
        cursor.skip_trivia();
    }
    Some((name, params, cursor.block_string()?))
}

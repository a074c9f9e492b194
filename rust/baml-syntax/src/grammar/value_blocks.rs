//! Blocks of properties: `function`, `client`, `test`, `retry_policy`, `generator`; and templates.

use smol_str::SmolStr;

use crate::cursor::Cursor;
use crate::grammar::{attributes, items, types, values};
use crate::tree::{
    Entry, Name, Param, Property, TemplateString, TypeBuilderBlock, TypeExpr, ValueBlock,
};

const KEYWORDS: [&str; 5] = ["function", "client", "test", "retry_policy", "generator"];

/// A value block whose keyword stands here.
pub(crate) fn block(cursor: &mut Cursor, doc: Option<SmolStr>) -> Option<ValueBlock> {
    let start = cursor.at;
    let found = head(cursor).and_then(|head| Some((head, entries(cursor)?)));
    let Some((head, entries)) = found else {
        cursor.at = start;
        return None;
    };
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
}

/// Everything up to and with the opening brace.
pub(crate) fn head(cursor: &mut Cursor) -> Option<Head> {
    let keyword = cursor.word().filter(|word| KEYWORDS.contains(&word.text.as_str()))?;
    let mut generic = None;
    cursor.skip_spaces();
    if cursor.eat("<") {
        cursor.skip_spaces();
        generic = Some(cursor.word()?);
        cursor.skip_spaces();
        if !cursor.eat(">") {
            return None;
        }
        cursor.skip_spaces();
    }
    let name = cursor.word()?;
    cursor.skip_spaces();
    let params = if cursor.looking_at("(") { Some(params(cursor)?) } else { None };
    let here = cursor.at;
    cursor.skip_trivia();
    let mut returns = None;
    if cursor.eat("->") {
        cursor.skip_trivia();
        returns = Some(types::ty(cursor)?);
        cursor.skip_trivia();
    } else {
        cursor.at = here;
        cursor.skip_trivia();
    }
    cursor.eat("{").then_some(Head { keyword, generic, name, params, returns })
}

/// `(name: Type, …)`
fn params(cursor: &mut Cursor) -> Option<Vec<Param>> {
    cursor.at += 1;
    let mut params = Vec::new();
    loop {
        cursor.skip_trivia();
        if cursor.eat(")") {
            return Some(params);
        }
        let start = cursor.at;
        let name = cursor.word()?;
        let name_end = cursor.at;
        cursor.skip_trivia();
        cursor.eat(":");
        cursor.skip_trivia();
        let ty = types::ty(cursor);
        if ty.is_none() {
            cursor.at = name_end;
        }
        params.push(Param { name, ty, span: cursor.span_from(start) });
        cursor.skip_trivia();
        if !cursor.eat(",") && !cursor.looking_at(")") {
            return None;
        }
    }
}

fn entries(cursor: &mut Cursor) -> Option<Vec<Entry>> {
    let mut entries = Vec::new();
    loop {
        cursor.skip_trivia();
        if cursor.eat("}") {
            return Some(entries);
        }
        if cursor.at_end() {
            return None;
        }
        entries.push(entry(cursor));
    }
}

fn entry(cursor: &mut Cursor) -> Entry {
    if let Some(attribute) = attributes::of_block(cursor) {
        return Entry::Attribute(attribute);
    }
    if let Some(block) = type_builder(cursor) {
        return Entry::TypeBuilder(block);
    }
    if let Some(property) = property(cursor) {
        return Entry::Property(property);
    }
    let start = cursor.at;
    cursor.skip_line();
    Entry::Invalid(cursor.span_from(start))
}

fn property(cursor: &mut Cursor) -> Option<Property> {
    let start = cursor.at;
    let key = cursor.word()?;
    cursor.skip_spaces();
    let Some(value) = values::value(cursor) else {
        cursor.at = start;
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
            cursor.at = start;
            None
        }
    }
}

/// `template_string Name(…) #"…"#`
pub(crate) fn template(cursor: &mut Cursor, doc: Option<SmolStr>) -> Option<TemplateString> {
    let start = cursor.at;
    let found = template_parts(cursor);
    if found.is_none() {
        cursor.at = start;
    }
    let (name, params, text) = found?;
    Some(TemplateString { name, params, text, doc, span: cursor.span_from(start) })
}

type TemplateParts = (Name, Option<Vec<Param>>, crate::tree::BlockString);

fn template_parts(cursor: &mut Cursor) -> Option<TemplateParts> {
    if !cursor.eat_word("template_string") && !cursor.eat_word("string_template") {
        return None;
    }
    cursor.skip_spaces();
    let name = cursor.word()?;
    cursor.skip_spaces();
    let params = if cursor.looking_at("(") { Some(params(cursor)?) } else { None };
    cursor.skip_trivia();
    if cursor.eat("=") {
        cursor.skip_trivia();
    }
    Some((name, params, cursor.block_string()?))
}

//! `class Name { … }`, `enum Name { … }` and `type Name = …`.

use smol_str::SmolStr;

use crate::cursor::Cursor;
use crate::grammar::{attributes, types};
use crate::tree::{Field, Member, Method, Name, TypeAlias, TypeBlock};

/// A type block whose first word stands here; `dynamic` may come before it.
pub(crate) fn block(cursor: &mut Cursor, doc: Option<SmolStr>) -> Option<TypeBlock> {
    let start = cursor.at;
    let found = head(cursor).and_then(|(dynamic, keyword, name)| {
        let members = members(cursor)?;
        let span = cursor.span_from(start);
        Some(TypeBlock { dynamic, keyword, name, members, doc, span })
    });
    if found.is_none() {
        cursor.at = start;
    }
    found
}

fn head(cursor: &mut Cursor) -> Option<(Option<crate::source::Span>, Name, Name)> {
    let mut dynamic = None;
    let mut keyword = cursor.word()?;
    cursor.skip_spaces();
    let mut name = cursor.word()?;
    cursor.skip_spaces();
    if keyword.text == "dynamic" && cursor.peek_word().is_some() {
        dynamic = Some(keyword.span);
        keyword = name;
        name = cursor.word()?;
    }
    cursor.skip_trivia();
    cursor.eat("{").then_some((dynamic, keyword, name))
}

fn members(cursor: &mut Cursor) -> Option<Vec<Member>> {
    let mut members = Vec::new();
    loop {
        let doc = cursor.skip_trivia();
        if cursor.eat("}") {
            return Some(members);
        }
        if cursor.at_end() {
            return None;
        }
        members.push(member(cursor, doc));
    }
}

fn member(cursor: &mut Cursor, doc: Option<SmolStr>) -> Member {
    if let Some(attribute) = attributes::of_block(cursor) {
        return Member::Attribute(attribute);
    }
    if let Some(method) = method(cursor) {
        return Member::Method(method);
    }
    if let Some(field) = field(cursor, doc) {
        return Member::Field(field);
    }
    let start = cursor.at;
    cursor.skip_line();
    Member::Invalid(cursor.span_from(start))
}

fn field(cursor: &mut Cursor, doc: Option<SmolStr>) -> Option<Field> {
    let start = cursor.at;
    let name = cursor.word()?;
    let name_end = cursor.at;
    cursor.skip_spaces();
    let mut ty = types::ty(cursor);
    let attributes = match &mut ty {
        Some(ty) => std::mem::take(&mut ty.attributes),
        None => {
            cursor.at = name_end;
            attributes::list(cursor)
        }
    };
    Some(Field { name, ty, attributes, doc, span: cursor.span_from(start) })
}

/// `function name(…) … { … }`
fn method(cursor: &mut Cursor) -> Option<Method> {
    let start = cursor.at;
    let found = method_name(cursor);
    if found.is_none() {
        cursor.at = start;
    }
    found.map(|name| Method { name, span: cursor.span_from(start) })
}

fn method_name(cursor: &mut Cursor) -> Option<Name> {
    if !cursor.eat_word("function") {
        return None;
    }
    cursor.skip_spaces();
    let name = cursor.word()?;
    cursor.skip_spaces();
    if !cursor.looking_at("(") {
        return None;
    }
    cursor.at += cursor.rest().find('{')?;
    skip_braces(cursor).then_some(name)
}

/// Goes past the brace that closes the one here; braces inside strings and comments do not count.
pub(crate) fn skip_braces(cursor: &mut Cursor) -> bool {
    let mut open = 0u32;
    while let Some(byte) = cursor.peek() {
        match byte {
            b'{' => {
                open += 1;
                cursor.at += 1;
            }
            b'}' => {
                cursor.at += 1;
                open -= 1;
                if open == 0 {
                    return true;
                }
            }
            b'"' if cursor.quoted().is_some() => {}
            b'#' if cursor.block_string().is_some() => {}
            b'/' if cursor.looking_at("//") => {
                cursor.skip_trivia();
            }
            _ => cursor.at += cursor.rest().chars().next().map_or(1, char::len_utf8),
        }
    }
    false
}

/// `type Name = …`
pub(crate) fn alias(cursor: &mut Cursor, doc: Option<SmolStr>) -> Option<TypeAlias> {
    let start = cursor.at;
    let found = alias_parts(cursor);
    if found.is_none() {
        cursor.at = start;
    }
    let (name, ty) = found?;
    Some(TypeAlias { name, ty, doc, span: cursor.span_from(start) })
}

fn alias_parts(cursor: &mut Cursor) -> Option<(Name, crate::tree::TypeExpr)> {
    if !cursor.eat_word("type") {
        return None;
    }
    cursor.skip_spaces();
    let name = cursor.word()?;
    cursor.skip_spaces();
    if !cursor.eat("=") {
        return None;
    }
    cursor.skip_trivia();
    let ty = types::ty(cursor)?;
    Some((name, ty))
}

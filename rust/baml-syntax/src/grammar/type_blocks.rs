//! `class Name { … }`, `enum Name { … }` and `type Name = …`.

use smol_str::SmolStr;

use crate::catalogue::{
    ENUM_VALUE_TYPE, FIELD_TYPE_MISSING, INVALID_ENUM_VALUE, INVALID_FIELD, METHOD, TYPE_KEYWORD,
};
use crate::cursor::Cursor;
use crate::diagnostic::Diagnostic;
use crate::grammar::naming::{self, Case};
use crate::grammar::{attributes, consequences, types, value_blocks};
use crate::source::Span;
use crate::tree::{Field, Member, Method, Name, TypeAlias, TypeBlock, TypeExpr};

/// After so many braces that never close, no further one is followed to the end of the text.
const UNCLOSED_MAX: u32 = 16;

/// A type block whose first word stands here; `dynamic` may come before it.
pub(crate) fn block(cursor: &mut Cursor, doc: Option<SmolStr>) -> Option<TypeBlock> {
    // Whoever tries again at every line must not read to the end of the text each time.
    if cursor.unclosed_blocks >= UNCLOSED_MAX {
        return None;
    }
    let start = cursor.at;
    let told = cursor.diagnostics.len();
    let found = head(cursor).and_then(|(dynamic, keyword, name)| {
        let kind = Kind::of(cursor, &keyword);
        if kind != Kind::Unknown {
            naming::check(cursor, &name, &keyword.text, Case::Upper);
        }
        let members = members(cursor, kind, &name)?;
        let span = cursor.span_from(start);
        Some(TypeBlock { dynamic, keyword, name, members, doc, span })
    });
    if found.is_none() {
        cursor.rewind(start);
        cursor.diagnostics.truncate(told);
    }
    found
}

/// What a block's keyword says its members are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Class,
    Enum,
    Unknown,
}

impl Kind {
    fn of(cursor: &mut Cursor, keyword: &Name) -> Self {
        match keyword.text.as_str() {
            "class" => Self::Class,
            "enum" => Self::Enum,
            other => {
                let message = format!(
                    "Error validating: Unexpected keyword '{other}' in type definition. \
                     Use 'class' or 'enum'."
                );
                cursor.tell(Diagnostic::error(TYPE_KEYWORD, keyword.span, message));
                Self::Unknown
            }
        }
    }
}

fn head(cursor: &mut Cursor) -> Option<(Option<Span>, Name, Name)> {
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
    cursor.skip_spaces();
    if cursor.looking_at("(") {
        value_blocks::params(cursor)?;
        cursor.skip_spaces();
    }
    cursor.eat("{").then_some((dynamic, keyword, name))
}

fn members(cursor: &mut Cursor, kind: Kind, name: &Name) -> Option<Vec<Member>> {
    let mut members = Vec::new();
    let mut told_of = consequences::Members::default();
    loop {
        let since = cursor.at;
        let doc = cursor.skip_trivia();
        if cursor.eat("}") {
            told_of.missing_brace(cursor, &name.text);
            return Some(members);
        }
        if cursor.at_end() {
            cursor.unclosed_blocks += 1;
            return cursor.stop();
        }
        told_of.begin(cursor, since);
        let told = cursor.diagnostics.len();
        let member = member(cursor, kind, doc);
        told_of.end(cursor, told, &member, kind == Kind::Class);
        members.push(member);
    }
}

fn member(cursor: &mut Cursor, kind: Kind, doc: Option<SmolStr>) -> Member {
    if let Some(attribute) = attributes::of_block(cursor) {
        if kind != Kind::Unknown {
            attributes::check_name(cursor, &attribute.name);
        }
        return Member::Attribute(attribute);
    }
    if let Some(method) = method(cursor) {
        let message = format!(
            "Methods are not supported: `{}` is ignored, the rest of the class is not.",
            method.name.text
        );
        cursor.tell(Diagnostic::warning(METHOD, method.name.span, message));
        return Member::Method(method);
    }
    if let Some(field) = field(cursor, doc) {
        check_field(cursor, kind, &field);
        for attribute in field.attributes.iter().filter(|_| kind != Kind::Unknown) {
            attributes::check_name(cursor, &attribute.name);
        }
        return Member::Field(field);
    }
    let start = cursor.at;
    cursor.skip_line();
    let span = cursor.span_from(start);
    let (id, message) = match kind {
        Kind::Enum => (
            INVALID_ENUM_VALUE,
            "Error validating: This line is not an enum value definition. BAML enums don't have \
             commas, and all values must be all caps.",
        ),
        _ => (
            INVALID_FIELD,
            "Error validating: This line is not a valid field or attribute definition. A valid \
             class property looks like: 'myProperty string[] @description(\"This is a \
             description\")'",
        ),
    };
    cursor.tell(Diagnostic::error(id, span, message));
    Member::Invalid(span)
}

fn check_field(cursor: &mut Cursor, kind: Kind, field: &Field) {
    let name = &field.name;
    match (kind, &field.ty) {
        (Kind::Class, ty) => {
            naming::check(cursor, name, "class field", Case::Any);
            if ty.is_none() {
                let message =
                    format!("Error validating: No type specified for field `{}`", name.text);
                cursor.tell(Diagnostic::error(FIELD_TYPE_MISSING, field.span, message));
            }
        }
        (Kind::Enum, ty) => {
            naming::check(cursor, name, "enum value", Case::Upper);
            if ty.is_some() {
                let message = format!(
                    "Error validating: Unexpected type specified for value `{}`",
                    name.text
                );
                cursor.tell(Diagnostic::error(ENUM_VALUE_TYPE, field.span, message));
            }
        }
        (Kind::Unknown, _) => {}
    }
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
            cursor.rewind(name_end);
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
        cursor.rewind(start);
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
    let head = cursor.rest().find(['{', '}'])?;
    cursor.at += head;
    skip_braces(cursor).then_some(name)
}

/// Goes past the brace that closes the one here; braces inside strings and comments do not count.
/// Where there is none, stays.
pub(crate) fn skip_braces(cursor: &mut Cursor) -> bool {
    if !cursor.looking_at("{") || cursor.unclosed_braces >= UNCLOSED_MAX {
        return false;
    }
    let start = cursor.at;
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
    cursor.unclosed_braces += 1;
    cursor.rewind(start);
    false
}

/// `type Name = …`; another word in place of `type` is told.
pub(crate) fn alias(cursor: &mut Cursor, doc: Option<SmolStr>) -> Option<TypeAlias> {
    let start = cursor.at;
    let told = cursor.diagnostics.len();
    let found = alias_parts(cursor);
    if found.is_none() {
        cursor.rewind(start);
        cursor.diagnostics.truncate(told);
    }
    let (keyword, name, ty) = found?;
    if keyword.text != "type" {
        let message =
            format!("Error validating: Unexpected keyword used in assignment: {}", keyword.text);
        cursor.tell(Diagnostic::error(TYPE_KEYWORD, keyword.span, message));
    }
    naming::check(cursor, &name, "type alias", Case::Upper);
    Some(TypeAlias { name, ty, doc, span: cursor.span_from(start) })
}

fn alias_parts(cursor: &mut Cursor) -> Option<(Name, Name, TypeExpr)> {
    let keyword = cursor.word()?;
    cursor.skip_spaces();
    let name = cursor.word()?;
    cursor.skip_spaces();
    if !cursor.eat("=") {
        return None;
    }
    cursor.skip_spaces();
    let ty = types::aliased(cursor)?;
    Some((keyword, name, ty))
}

//! Types: names, literals, `T[]`, `T?`, `map<K, V>`, unions, parentheses, tuples.
//!
//! What is attached after the last variant of a union belongs to the whole union; what is attached
//! to an earlier one belongs to that one.

use smol_str::{SmolStr, format_smolstr};

use crate::catalogue::{FLOAT_LITERAL, INT_LITERAL, TYPE_PATH};
use crate::cursor::Cursor;
use crate::diagnostic::Diagnostic;
use crate::grammar::attributes;
use crate::tree::{TypeExpr, TypeExprKind};

/// A type that starts here, unions and trailing attributes included.
pub(crate) fn ty(cursor: &mut Cursor) -> Option<TypeExpr> {
    nested(cursor, Attributes::Allowed, Optional::Any)
}

/// The same of a type alias: as inside another type, a variant with a question mark is the last.
pub(crate) fn aliased(cursor: &mut Cursor) -> Option<TypeExpr> {
    nested(cursor, Attributes::Allowed, Optional::Last)
}

/// Whether attributes may follow a type; inside `map<…>` they may not.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Attributes {
    Allowed,
    Refused,
}

/// Which variants of a union may be optional. Lists and maps always may.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Optional {
    Any,
    /// The last one: the union ends with it.
    Last,
}

fn nested(cursor: &mut Cursor, attributes: Attributes, optional: Optional) -> Option<TypeExpr> {
    if cursor.too_deep() {
        return None;
    }
    let start = cursor.at;
    cursor.depth += 1;
    let found = union(cursor, attributes, optional);
    cursor.depth -= 1;
    if found.is_none() {
        cursor.rewind(start);
    }
    found
}

fn union(cursor: &mut Cursor, allowed: Attributes, optional: Optional) -> Option<TypeExpr> {
    let start = cursor.at;
    let mut variants = vec![postfix(cursor)?];
    loop {
        let last = variants.last_mut()?;
        if allowed == Attributes::Allowed {
            last.attributes = attributes::list(cursor);
        }
        if optional == Optional::Last && ends_union(&last.kind) {
            break;
        }
        let before = cursor.at;
        cursor.skip_trivia();
        if !cursor.looking_at("|") {
            cursor.rewind(before);
            break;
        }
        cursor.at += 1;
        cursor.skip_trivia();
        match postfix(cursor) {
            Some(variant) => variants.push(variant),
            None => {
                cursor.rewind(before);
                break;
            }
        }
    }
    let mut last = variants.pop()?;
    if variants.is_empty() {
        return Some(last);
    }
    let attributes = std::mem::take(&mut last.attributes);
    let mut span = cursor.span_from(start);
    span.end = last.span.end;
    variants.push(last);
    Some(TypeExpr { kind: TypeExprKind::Union(variants), attributes, span })
}

/// Whether a question mark stands behind anything but a list or map.
fn ends_union(kind: &TypeExprKind) -> bool {
    match kind {
        TypeExprKind::Optional(of) => {
            !matches!(of.kind, TypeExprKind::List(_) | TypeExprKind::Map(..))
        }
        _ => false,
    }
}

/// `T[][]?`: lists first, then at most one question mark. Brackets do not follow a written string
/// or number; `("x")[]` says it.
fn postfix(cursor: &mut Cursor) -> Option<TypeExpr> {
    let start = cursor.at;
    let mut inner = primary(cursor)?;
    let literal = matches!(inner.kind, TypeExprKind::String(_) | TypeExprKind::Number(_));
    let depth = cursor.depth;
    loop {
        let here = cursor.at;
        cursor.skip_spaces();
        if literal || !cursor.looking_at("[]") || cursor.too_deep() {
            cursor.rewind(here);
            break;
        }
        cursor.at += 2;
        cursor.depth += 1;
        inner = plain(TypeExprKind::List(Box::new(inner)), cursor, start);
    }
    cursor.depth = depth;
    let here = cursor.at;
    cursor.skip_spaces();
    if cursor.eat("?") {
        inner = plain(TypeExprKind::Optional(Box::new(inner)), cursor, start);
    } else {
        cursor.rewind(here);
    }
    Some(inner)
}

fn plain(kind: TypeExprKind, cursor: &Cursor, start: usize) -> TypeExpr {
    TypeExpr { kind, attributes: Vec::new(), span: cursor.span_from(start) }
}

fn primary(cursor: &mut Cursor) -> Option<TypeExpr> {
    let start = cursor.at;
    let kind = match cursor.peek()? {
        b'"' => TypeExprKind::String(cursor.quoted()?.text),
        b'(' => parenthesised(cursor)?,
        b'-' | b'0'..=b'9' => TypeExprKind::Number(literal_number(cursor)?),
        _ if cursor.peek_word() == Some("map") => match map(cursor) {
            Some(kind) => kind,
            None => TypeExprKind::Name(cursor.word()?.text),
        },
        _ => TypeExprKind::Name(path(cursor)?),
    };
    Some(plain(kind, cursor, start))
}

/// A name; one with dots in it is told and taken whole.
fn path(cursor: &mut Cursor) -> Option<SmolStr> {
    let start = cursor.at;
    let mut word = cursor.word()?;
    while let Some(part) = part_of_path(cursor) {
        word.text = format_smolstr!("{}::{part}", word.text);
    }
    let mut dotted = false;
    while cursor.looking_at(".") {
        cursor.at += 1;
        if cursor.word().is_none() {
            cursor.at -= 1;
            break;
        }
        dotted = true;
    }
    if dotted {
        let message = "Error validating: Path identifiers are not supported in base types";
        cursor.tell(Diagnostic::error(TYPE_PATH, cursor.span_from(start), message));
    }
    Some(word.text)
}

/// `::Name`, which names nothing that can be declared.
fn part_of_path(cursor: &mut Cursor) -> Option<SmolStr> {
    let start = cursor.at;
    let part = if cursor.eat("::") { cursor.word() } else { None };
    if part.is_none() {
        cursor.rewind(start);
    }
    part.map(|part| part.text)
}

/// A number as a type: an int that fits.
fn literal_number(cursor: &mut Cursor) -> Option<SmolStr> {
    let start = cursor.at;
    let text = number(cursor)?;
    let span = cursor.span_from(start);
    if text.contains('.') {
        let message = format!("Error validating: Float literal values are not supported: {text}");
        cursor.tell(Diagnostic::error(FLOAT_LITERAL, span, message));
    } else if text.parse::<i64>().is_err() {
        let message = format!("Error validating: Integer literal out of range: {text}");
        cursor.tell(Diagnostic::error(INT_LITERAL, span, message));
    }
    Some(text)
}

/// `-12` or `1.5` with nothing of a word behind it.
pub(crate) fn number(cursor: &mut Cursor) -> Option<SmolStr> {
    let rest = cursor.rest();
    let bytes = rest.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let sign = usize::from(bytes.first() == Some(&b'-'));
    let whole = digits(sign);
    if whole == 0 {
        return None;
    }
    let mut len = sign + whole;
    if bytes.get(len) == Some(&b'.') {
        let part = digits(len + 1);
        if part > 0 {
            len += 1 + part;
        }
    }
    cursor.at += len;
    Some(rest[..len].into())
}

fn parenthesised(cursor: &mut Cursor) -> Option<TypeExprKind> {
    let start = cursor.at;
    cursor.at += 1;
    let found = parenthesised_rest(cursor);
    if found.is_none() {
        cursor.rewind(start);
    }
    found
}

fn parenthesised_rest(cursor: &mut Cursor) -> Option<TypeExprKind> {
    let mut parts = Vec::new();
    let mut commas = 0;
    loop {
        cursor.skip_trivia();
        parts.push(nested(cursor, Attributes::Allowed, Optional::Last)?);
        cursor.skip_trivia();
        if cursor.eat(")") {
            break;
        }
        if !cursor.eat(",") {
            return None;
        }
        commas += 1;
    }
    match parts.pop() {
        Some(only) if commas == 0 => Some(TypeExprKind::Group(Box::new(only))),
        last => {
            parts.extend(last);
            Some(TypeExprKind::Tuple(parts))
        }
    }
}

fn map(cursor: &mut Cursor) -> Option<TypeExprKind> {
    let start = cursor.at;
    let found = map_rest(cursor);
    if found.is_none() {
        cursor.rewind(start);
    }
    found
}

fn map_rest(cursor: &mut Cursor) -> Option<TypeExprKind> {
    cursor.at += "map".len();
    cursor.skip_spaces();
    if !cursor.eat("<") {
        return None;
    }
    cursor.skip_trivia();
    let key = nested(cursor, Attributes::Refused, Optional::Last)?;
    cursor.skip_trivia();
    if !cursor.eat(",") {
        return None;
    }
    cursor.skip_trivia();
    let value = nested(cursor, Attributes::Refused, Optional::Last)?;
    cursor.skip_trivia();
    cursor.eat(">").then(|| TypeExprKind::Map(Box::new(key), Box::new(value)))
}

//! The workflow language: recognised, so that it can be refused at the right place.
//!
//! Code is not read, only walked past; what is told is a warning, since the rest still loads.

use crate::catalogue::{
    FUNCTION_SYNTAX, INVALID_LINE, SEMICOLON, TOP_LEVEL_LET, WORKFLOW_FUNCTION,
};
use crate::cursor::Cursor;
use crate::diagnostic::Diagnostic;
use crate::grammar::type_blocks::skip_braces;
use crate::grammar::{types, value_blocks};
use crate::source::Span;
use crate::tree::{Unsupported, UnsupportedKind};

const STATEMENTS: [&str; 9] =
    ["let", "return", "if", "for", "while", "watch", "assert", "break", "continue"];

/// Whether the function here has code for a body.
pub(crate) fn is_ahead(cursor: &mut Cursor) -> bool {
    let (start, told) = (cursor.at, cursor.diagnostics.len());
    let code = value_blocks::head(cursor)
        .is_some_and(|head| head.params.is_some() && (head.returns.is_some() || !head.arrow))
        && begins_code(cursor);
    cursor.rewind(start);
    cursor.diagnostics.truncate(told);
    code
}

/// Whether a body that starts here is code rather than properties.
fn begins_code(cursor: &mut Cursor) -> bool {
    cursor.skip_trivia();
    let Some(first) = cursor.word() else {
        return matches!(cursor.peek(), Some(b'}' | b'"' | b'(' | b'[' | b'-' | b'0'..=b'9'));
    };
    if STATEMENTS.contains(&first.text.as_str()) {
        return true;
    }
    cursor.skip_spaces_and_comment();
    if cursor.at_line_end() {
        cursor.skip_trivia();
        return cursor.looking_at("}");
    }
    let operators = b"+-*/=<>(.?;|&!%}";
    let property = matches!(first.text.as_str(), "client" | "prompt");
    match cursor.peek() {
        // Somebody meant `client X` and wrote `client = X`.
        Some(b'=' | b':' | b'-' | b'.') if property => false,
        Some(b'<') if first.text == "impl" => false,
        Some(b'{') => first.text.starts_with(|c: char| c.is_ascii_uppercase()),
        Some(byte) => operators.contains(&byte),
        None => false,
    }
}

/// Walks past a function whose body is code.
pub(crate) fn function(cursor: &mut Cursor) -> Option<Unsupported> {
    let start = cursor.at;
    let told = cursor.diagnostics.len();
    let found = value_blocks::head(cursor).filter(|_| {
        cursor.at -= 1;
        skip_braces(cursor)
    });
    let Some(head) = found else {
        cursor.rewind(start);
        cursor.diagnostics.truncate(told);
        return None;
    };
    let kind = UnsupportedKind::WorkflowFunction;
    if head.returns.is_none() {
        let span = cursor.span_from(start);
        let message = "function must have a return type: e.g. function Foo() -> int";
        cursor.tell(Diagnostic::error(FUNCTION_SYNTAX, span, message));
        return Some(Unsupported { kind, name: head.name, span });
    }
    let message = format!(
        "Workflow functions are not supported: `{}` cannot be called, the rest of the project can.",
        head.name.text
    );
    cursor.tell(
        Diagnostic::warning(WORKFLOW_FUNCTION, head.name.span, message)
            .with_help("A function that asks a model holds `client` and `prompt`."),
    );
    Some(Unsupported { kind, name: head.name, span: cursor.span_from(start) })
}

/// Walks past `let name = …;` outside of functions.
pub(crate) fn top_level_let(cursor: &mut Cursor) -> Option<Unsupported> {
    let start = cursor.at;
    let found = let_name(cursor);
    let Some(name) = found else {
        cursor.rewind(start);
        return None;
    };
    cursor.tell(Diagnostic::warning(
        TOP_LEVEL_LET,
        name.span,
        format!("`let` outside of functions is not supported: `{}` is ignored.", name.text),
    ));
    let kind = UnsupportedKind::TopLevelLet;
    Some(Unsupported { kind, name, span: cursor.span_from(start) })
}

/// `name = …` outside of functions, which is told; where nothing of the kind stands, nothing.
pub(crate) fn assignment(cursor: &mut Cursor) -> Option<Span> {
    let start = cursor.at;
    let assigns = cursor.word().is_some() && {
        cursor.skip_spaces();
        if cursor.peek().is_some_and(|byte| b"+-*/".contains(&byte)) {
            cursor.at += 1;
        }
        let line = cursor.rest().lines().next().unwrap_or_default();
        let value = line.strip_prefix('=').unwrap_or_default();
        !value.starts_with('=') && !value.trim().is_empty()
    };
    if !assigns {
        cursor.rewind(start);
        return None;
    }
    cursor.at += 1;
    let line = !rest_of_statement(cursor);
    let span = cursor.span_from(start);
    if line {
        tell_semicolon(cursor, span);
    }
    let message = "Error validating: assignments are not allowed at top level, only let \
                   statements are allowed";
    cursor.tell(Diagnostic::error(INVALID_LINE, span, message).following(line));
    Some(span)
}

fn tell_semicolon(cursor: &mut Cursor, span: Span) {
    cursor.tell(Diagnostic::error(SEMICOLON, span, "Statement must end with a semicolon."));
}

fn let_name(cursor: &mut Cursor) -> Option<crate::tree::Name> {
    let start = cursor.at;
    if cursor.eat_word("watch") {
        cursor.skip_spaces();
    }
    if !cursor.eat_word("let") {
        return None;
    }
    cursor.skip_spaces();
    let name = cursor.word()?;
    cursor.skip_spaces();
    if cursor.eat(":") {
        cursor.skip_spaces();
        types::ty(cursor)?;
        cursor.skip_spaces();
    }
    if !cursor.eat("=") {
        return None;
    }
    if !rest_of_statement(cursor) {
        let span = cursor.span_from(start);
        tell_semicolon(cursor, span);
    }
    Some(name)
}

/// Walks to the end of a statement; whether that is a semicolon rather than the end of the line.
fn rest_of_statement(cursor: &mut Cursor) -> bool {
    loop {
        match cursor.peek() {
            None | Some(b'\n' | b'\r') => return false,
            Some(b';') => {
                cursor.at += 1;
                return true;
            }
            Some(b'{') if skip_braces(cursor) => {}
            Some(b'"') if cursor.quoted().is_some() => {}
            Some(b'#') if cursor.block_string().is_some() => {}
            Some(_) => cursor.at += cursor.rest().chars().next().map_or(1, char::len_utf8),
        }
    }
}

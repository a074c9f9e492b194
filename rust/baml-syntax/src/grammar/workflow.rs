//! The workflow language: recognised, so that it can be refused at the right place.
//!
//! Code is not read, only walked past; what is told is a warning, since the rest still loads.

use crate::catalogue::{TOP_LEVEL_LET, WORKFLOW_FUNCTION};
use crate::cursor::Cursor;
use crate::diagnostic::Diagnostic;
use crate::grammar::type_blocks::skip_braces;
use crate::grammar::value_blocks;
use crate::tree::{Unsupported, UnsupportedKind};

const STATEMENTS: [&str; 9] =
    ["let", "return", "if", "for", "while", "watch", "assert", "break", "continue"];

/// Whether the function here has code for a body.
pub(crate) fn is_ahead(cursor: &mut Cursor) -> bool {
    let (start, told) = (cursor.at, cursor.diagnostics.len());
    let code = value_blocks::head(cursor)
        .is_some_and(|head| head.params.is_some() && head.returns.is_some())
        && begins_code(cursor);
    cursor.at = start;
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
        Some(b'=' | b':') if property => false,
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
        cursor.at = start;
        cursor.diagnostics.truncate(told);
        return None;
    };
    let message = format!(
        "Workflow functions are not supported: `{}` cannot be called, the rest of the project can.",
        head.name.text
    );
    cursor.tell(
        Diagnostic::warning(WORKFLOW_FUNCTION, head.name.span, message)
            .with_help("A function that asks a model holds `client` and `prompt`."),
    );
    let kind = UnsupportedKind::WorkflowFunction;
    Some(Unsupported { kind, name: head.name, span: cursor.span_from(start) })
}

/// Walks past `let name = …;` outside of functions.
pub(crate) fn top_level_let(cursor: &mut Cursor) -> Option<Unsupported> {
    let start = cursor.at;
    let found = let_name(cursor);
    let Some(name) = found else {
        cursor.at = start;
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

fn let_name(cursor: &mut Cursor) -> Option<crate::tree::Name> {
    if cursor.eat_word("watch") {
        cursor.skip_spaces();
    }
    if !cursor.eat_word("let") {
        return None;
    }
    cursor.skip_spaces();
    let name = cursor.word()?;
    cursor.skip_spaces();
    if !cursor.eat("=") {
        return None;
    }
    loop {
        match cursor.peek() {
            None | Some(b'\n' | b'\r') => return Some(name),
            Some(b';') => {
                cursor.at += 1;
                return Some(name);
            }
            Some(b'{') if skip_braces(cursor) => {}
            Some(b'"') if cursor.quoted().is_some() => {}
            Some(b'#') if cursor.block_string().is_some() => {}
            Some(_) => cursor.at += cursor.rest().chars().next().map_or(1, char::len_utf8),
        }
    }
}

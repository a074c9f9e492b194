//! What follows from an error that was told already, and is therefore marked: one typo, one error.
//!
//! Only what nobody would look for once the first error is repaired is marked. Tools that compare
//! with the official one, which tells most of it, still get it.
//!
//! Invariant: where errors were told, at least one of them is not marked.

use crate::catalogue::{FIELD_TYPE_MISSING, TYPE_KEYWORD};
use crate::cursor::Cursor;
use crate::diagnostic::Severity;
use crate::source::Span;
use crate::tree::Member;

/// Of a declaration whose first word is unknown, only that word is told: what its members must look
/// like is not known then.
pub(crate) fn of_unknown_keyword(cursor: &mut Cursor, told: usize, item: Span) {
    let is_keyword = |id: &str, start: u32| id == TYPE_KEYWORD && start == item.start;
    let mut found = cursor.diagnostics[told..].iter();
    if let Some(at) = found.position(|found| is_keyword(found.id, found.span.start)) {
        cursor.diagnostics.swap(told, told + at);
        follow(cursor, told + 1);
    }
}

/// Marks what was told from a position on as consequences.
pub(crate) fn follow(cursor: &mut Cursor, told: usize) {
    for found in cursor.diagnostics.iter_mut().skip(told) {
        found.consequence = true;
    }
}

/// Whether the line is a bracket that closes what an error kept from being opened.
pub(crate) fn is_left_over(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && line.bytes().all(|byte| b"})]>\"#;, ".contains(&byte))
}

/// The members of a class or an enum, one after the other, with what was told of them.
#[derive(Default)]
pub(crate) struct Members {
    /// How many stand before this one on its line.
    nth: usize,
    /// How much had been told when the line began.
    line: usize,
    /// How much had been told when a line came from which on nothing is sure: after one error, the
    /// rest of the block follows from it.
    lost: Option<usize>,
    /// How much had been told when a line came that begins a declaration.
    head: Option<usize>,
}

impl Members {
    /// A member is going to be read; `since` is where the one before it ended.
    pub(crate) fn begin(&mut self, cursor: &Cursor, since: usize) {
        let ends = ['\n', '\r'];
        // What is no member was taken with the end of its line.
        let (before, gap) = (&cursor.text[..since], &cursor.text[since..cursor.at]);
        if !gap.contains(ends) && !before.ends_with(ends) {
            self.nth += 1;
            return;
        }
        let told = cursor.diagnostics.len();
        (self.nth, self.line) = (0, told);
        if cursor.text[..cursor.at].ends_with(ends) && begins_declaration(cursor) {
            self.head.get_or_insert(told);
            self.lost.get_or_insert(told);
        }
        if is_left_over(line_here(cursor)) {
            self.lost.get_or_insert(told);
        }
    }

    /// A member was read; what was told of it since `told` and follows from before is marked.
    pub(crate) fn end(&mut self, cursor: &mut Cursor, told: usize, member: &Member, class: bool) {
        if !cursor.erred_since(told) {
            return;
        }
        let rest = match member {
            Member::Invalid(span) => &cursor.text[span.start as usize..span.end as usize],
            _ => "",
        };
        let line = self.nth > 0 && any_error(cursor, self.line..told);
        let line = line && !(class && self.nth == 1 && is_told_twice(cursor, told, rest));
        let lost = self.lost.is_some_and(|lost| any_error(cursor, lost..told));
        if line || lost {
            follow(cursor, told);
        } else if self.nth > 0 || self.lost.is_some() || is_call(cursor, member) {
            follow(cursor, told + 1);
        }
        if leaves_open(rest) {
            self.lost.get_or_insert(told);
        }
    }

    /// Says in the first error after a line that begins a declaration what that probably means.
    pub(crate) fn missing_brace(&self, cursor: &mut Cursor, name: &str) {
        let Some(head) = self.head else { return };
        let mut found = cursor.diagnostics[head..].iter_mut();
        if let Some(first) = found.find(|found| found.severity == Severity::Error) {
            let help = format!("Is the `}}` of `{name}` missing before this line?");
            first.help.get_or_insert(help);
        }
    }
}

/// `name: Type` and `name []Type` are told twice officially: no type, and a rest of the line.
fn is_told_twice(cursor: &Cursor, told: usize, rest: &str) -> bool {
    let before = cursor.diagnostics[..told].last();
    before.is_some_and(|found| found.id == FIELD_TYPE_MISSING) && rest.starts_with([':', '['])
}

/// Whether a member looks like an attribute without its `@`.
fn is_call(cursor: &Cursor, member: &Member) -> bool {
    let Member::Field(field) = member else { return false };
    cursor.text[field.name.span.end as usize..].starts_with('(')
}

/// Whether the rest of a line opens a bracket or a text that ends on a later line.
fn leaves_open(rest: &str) -> bool {
    let count = |mark: &[char]| rest.matches(mark).count();
    count(&['(', '[', '{']) > count(&[')', ']', '}'])
        || rest.starts_with('"')
        || rest.contains("#\"")
}

fn line_here<'a>(cursor: &Cursor<'a>) -> &'a str {
    cursor.rest().lines().next().unwrap_or_default()
}

fn any_error(cursor: &Cursor, range: std::ops::Range<usize>) -> bool {
    let found = cursor.diagnostics.get(range).unwrap_or_default();
    found.iter().any(|found| found.severity == Severity::Error && !found.consequence)
}

const DECLARATIONS: [&str; 9] = [
    "class",
    "enum",
    "type",
    "function",
    "client",
    "test",
    "generator",
    "retry_policy",
    "template_string",
];

/// Whether a line that is not indented looks like a declaration of its own.
fn begins_declaration(cursor: &Cursor) -> bool {
    let Some(word) = cursor.peek_word().filter(|word| DECLARATIONS.contains(word)) else {
        return false;
    };
    let line = line_here(cursor);
    let after = line[word.len()..].trim_start_matches("<llm>").trim_start();
    let named = after.starts_with(|c: char| c.is_ascii_alphabetic());
    named && after.contains(['{', '(', '=', '#'])
}

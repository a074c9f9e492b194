//! How names must look.

use crate::catalogue::{NAME_CASE, NAME_CHARACTERS};
use crate::cursor::Cursor;
use crate::diagnostic::Diagnostic;
use crate::tree::Name;

/// Whether names of a kind must begin with an uppercase letter.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    Upper,
    Any,
}

/// Tells when `name` cannot name a `kind`.
pub(crate) fn check(cursor: &mut Cursor, name: &Name, kind: &str, case: Case) {
    let characters = name.text.contains('-') || name.text == "env";
    let lower = case == Case::Upper && name.text.starts_with(|c: char| c.is_ascii_lowercase());
    if characters {
        let message = format!(
            "Invalid name for `{kind}`: Used invalid token. Only letters, numbers, and _. \
             And must start with an uppercase letter."
        );
        cursor.tell(Diagnostic::error(NAME_CHARACTERS, name.span, message));
    } else if lower {
        let message = format!("Invalid name for `{kind}`: Must start with an uppercase letter.");
        cursor.tell(Diagnostic::error(NAME_CASE, name.span, message));
    }
}

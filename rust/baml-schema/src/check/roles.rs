//! The options that say which roles a client knows and how it calls them.

use baml_syntax::tree::{Expr, ExprKind};

use super::option_reader::OptionReader;
use super::options::is_text;
use crate::catalogue::{OPTION_KIND, OPTION_VALUE};

const ALLOWED_DEFAULT: [&str; 3] = ["user", "assistant", "system"];

/// Checks `allowed_roles`, `default_role`, `remap_roles` and `allowed_role_metadata`.
pub(crate) fn check(options: &mut OptionReader) {
    let allowed = allowed_roles(options);
    let list = |roles: &[&str]| {
        let roles: Vec<String> = roles.iter().map(|role| format!("Value({role:?})")).collect();
        roles.join(", ")
    };
    // With a role that only the environment knows, nothing can be told.
    let known = |role: &str| allowed.iter().any(|one| one.is_none_or(|one| one == role));
    let names: Vec<&str> = allowed.iter().copied().flatten().collect();
    if let Some((_, value)) = options.text("default_role")
        && let Some(role) = value.as_text()
        && !known(role)
    {
        let message = format!(
            "default_role must be one of {}. Got: {role}. To support different default roles, add \
             allowed_roles [\"user\", \"assistant\", \"system\", ...]",
            list(&names)
        );
        options.error(OPTION_VALUE, value.span, message);
    }
    for entry in options.map("remap_roles").unwrap_or_default() {
        let role = entry.key.text.as_str();
        match entry.value.as_ref().filter(|value| !is_text(value)) {
            Some(value) => {
                options.wrong_kind(value, "remap_role must be a map of strings to strings");
            }
            None if !known(role) => {
                let message = format!(
                    "remap_roles values must be one of: {}. Got: {role}. To support different \
                     remap \
                     roles, add allowed_roles [\"user\", \"assistant\", \"system\", ...]",
                    list(&names)
                );
                options.error(OPTION_VALUE, entry.key.span, message);
            }
            None => {}
        }
    }
    metadata(options);
}

/// The allowed roles; `None` stands for one that only the environment knows.
fn allowed_roles<'a>(options: &mut OptionReader<'a>) -> Vec<Option<&'a str>> {
    let default = || ALLOWED_DEFAULT.iter().map(|role| Some(*role)).collect();
    let Some((_, value, items)) = options.list("allowed_roles") else { return default() };
    if items.is_empty() {
        options.error(OPTION_VALUE, value.span, "allowed_roles must not be empty");
        return default();
    }
    let mut allowed = Vec::new();
    for item in items {
        if is_text(item) {
            allowed.push(item.as_text());
        } else {
            options.wrong_kind(item, "values in allowed_roles must be strings");
        }
    }
    allowed
}

fn metadata(options: &mut OptionReader) {
    const KEY: &str = "allowed_role_metadata";
    let Some((_, value)) = options.take(KEY) else { return };
    match &value.kind {
        ExprKind::List(items) => {
            let wrong: Vec<&Expr> = items.iter().filter(|item| !is_text(item)).collect();
            for item in wrong {
                options.error(OPTION_KIND, item.span, format!("values in {KEY} must be strings."));
            }
        }
        _ if is_text(value) => {}
        _ => options.error(
            OPTION_KIND,
            value.span,
            format!(
                "{KEY} must be an array of keys or \"all\" or \"none\". For example: ['key1', \
                     'key2']"
            ),
        ),
    }
}

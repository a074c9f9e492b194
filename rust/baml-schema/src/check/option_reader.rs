//! Reading a client's options one by one, each as the kind that it must have.
//!
//! Invariant: an option that was asked for counts as known; what nobody asked for is left over.

use baml_syntax::tree::{Expr, ExprKind, MapEntry};
use baml_syntax::{Diagnostic, Span};
use indexmap::IndexMap;

use super::absent::is_near;
use super::options::{is_text, kind_name};
use crate::catalogue::{OPTION_CONFLICT, OPTION_KIND, OPTION_MISSING, OPTION_UNSUPPORTED};

/// The options of one client, of which those already read are gone.
pub(crate) struct OptionReader<'a> {
    left: IndexMap<&'a str, (Span, &'a Expr)>,
    /// Where it is told that something is missing.
    pub(crate) whole: Span,
    pub(crate) found: Vec<Diagnostic>,
    /// What is missing, with the position of what was told of it.
    missing: Vec<(&'static str, usize)>,
}

impl<'a> OptionReader<'a> {
    pub(crate) fn new(entries: &'a [MapEntry], whole: Span) -> Self {
        let left = entries
            .iter()
            .filter_map(|entry| {
                Some((entry.key.text.as_str(), entry.key.span, entry.value.as_ref()?))
            })
            .map(|(key, span, value)| (key, (span, value)))
            .collect();
        Self { left, whole, found: Vec::new(), missing: Vec::new() }
    }

    /// Takes an option of any kind: its key's place and its value.
    pub(crate) fn take(&mut self, key: &str) -> Option<(Span, &'a Expr)> {
        self.left.shift_remove(key)
    }

    pub(crate) fn error(&mut self, id: &'static str, span: Span, message: impl Into<String>) {
        self.found.push(Diagnostic::error(id, span, message));
    }

    /// Tells that `what` is not of the kind that is wanted.
    pub(crate) fn wrong_kind(&mut self, value: &Expr, what: &str) {
        let message = format!("{what}. Got: {}", kind_name(value));
        self.error(OPTION_KIND, value.span, message);
    }

    /// Takes a text; one of another kind is told.
    pub(crate) fn text(&mut self, key: &str) -> Option<(Span, &'a Expr)> {
        let (span, value) = self.take(key)?;
        if is_text(value) {
            return Some((span, value));
        }
        self.wrong_kind(value, &format!("{key} must be a string"));
        None
    }

    /// Takes a text that the provider cannot do without.
    pub(crate) fn required_text(&mut self, key: &'static str) {
        if self.left.contains_key(key) {
            self.text(key);
        } else {
            self.missing_key(key, format!("Missing required property: {key}"));
        }
    }

    /// Tells that an option is missing; one that was perhaps meant by it is named.
    pub(crate) fn missing_key(&mut self, key: &'static str, message: impl Into<String>) {
        self.missing.push((key, self.found.len()));
        let mut found = Diagnostic::error(OPTION_MISSING, self.whole, message);
        found.help = self
            .left
            .keys()
            .find(|own| is_near(own, key))
            .map(|own| format!("Did you mean `{key}` where you wrote `{own}`?"));
        self.found.push(found);
    }

    pub(crate) fn missing(&mut self, message: impl Into<String>) {
        self.error(OPTION_MISSING, self.whole, message);
    }

    /// Tells at both places that two options exclude each other.
    pub(crate) fn conflict(&mut self, places: &[Span], message: &str) {
        for span in places {
            self.error(OPTION_CONFLICT, *span, message);
        }
    }

    pub(crate) fn bool(&mut self, key: &str) {
        if let Some((_, value)) = self.take(key)
            && !matches!(value.kind, ExprKind::Bool(_))
        {
            self.wrong_kind(value, &format!("{key} must be a bool"));
        }
    }

    pub(crate) fn int(&mut self, key: &str) {
        let Some((_, value)) = self.take(key) else { return };
        match &value.kind {
            ExprKind::Number(text) if text.parse::<i64>().is_ok() => {}
            ExprKind::Number(text) => {
                let message = format!("{key} must be an integer. Got: {text}");
                self.error(OPTION_KIND, value.span, message);
            }
            _ => self.wrong_kind(value, &format!("{key} must be an integer")),
        }
    }

    pub(crate) fn list(&mut self, key: &str) -> Option<(Span, &'a Expr, &'a [Expr])> {
        let (span, value) = self.take(key)?;
        if let ExprKind::List(items) = &value.kind {
            return Some((span, value, items));
        }
        self.wrong_kind(value, &format!("{key} must be an array"));
        None
    }

    pub(crate) fn map(&mut self, key: &str) -> Option<&'a [MapEntry]> {
        let (_, value) = self.take(key)?;
        if let ExprKind::Map(entries) = &value.kind {
            return Some(entries);
        }
        self.wrong_kind(value, &format!("{key} must be a map"));
        None
    }

    /// Takes a map whose values are texts; `what(key)` names one of them.
    pub(crate) fn text_map(&mut self, key: &str, what: impl Fn(&str) -> String) {
        for entry in self.map(key).unwrap_or_default() {
            if let Some(value) = entry.value.as_ref().filter(|value| !is_text(value)) {
                self.wrong_kind(value, &what(&entry.key.text));
            }
        }
    }

    /// Tells of everything that was not asked for; what was perhaps meant by it is not
    /// really missing.
    pub(crate) fn refuse_rest(&mut self) {
        let mut meant = Vec::new();
        for (key, (span, _)) in std::mem::take(&mut self.left) {
            let message = format!("Unsupported property: {key}");
            let mut found = Diagnostic::error(OPTION_UNSUPPORTED, span, message);
            if let Some((near, at)) = self.missing.iter().find(|(own, _)| is_near(key, own)) {
                found.help = Some(format!("Did you mean `{near}`?"));
                meant.push(*at);
            }
            self.found.push(found);
        }
        for at in meant {
            self.found[at].consequence = true;
        }
    }
}

//! What is wrong with a source text, as data. Rendering lives elsewhere.
//!
//! Invariant: a diagnostic's id is stable and declared once, in the catalogue of the crate that
//! reports it.

use crate::source::Span;

/// How grave a diagnostic is: an error keeps the project from loading, a warning does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The project does not load.
    Error,
    /// The project loads; something is probably not meant so.
    Warning,
}

/// A further place that belongs to a diagnostic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is to be seen there.
    pub text: String,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable id, such as `E-unknown-type`.
    pub id: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// One sentence that names the thing.
    pub message: String,
    /// The place that is shown first.
    pub span: Span,
    /// Further places.
    pub labels: Vec<Label>,
    /// The way out, where there is one to tell.
    pub help: Option<String>,
    /// It follows from another error and goes with it: people are not shown it, so that one typo is
    /// one error; tools get it with the others.
    pub consequence: bool,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(id: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(id, Severity::Error, span, message.into())
    }

    /// A warning at a place.
    pub fn warning(id: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(id, Severity::Warning, span, message.into())
    }

    fn new(id: &'static str, severity: Severity, span: Span, message: String) -> Self {
        Self { id, severity, message, span, labels: Vec::new(), help: None, consequence: false }
    }

    /// Adds the way out.
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says whether it follows from another error.
    pub fn following(mut self, consequence: bool) -> Self {
        self.consequence = consequence;
        self
    }

    /// Adds a further place.
    pub fn with_label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }
}

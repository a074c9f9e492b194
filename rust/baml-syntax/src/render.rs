//! The one place that shows diagnostics: as text with excerpts, or as JSON for editors.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{SourceMap, Span};

/// Each diagnostic with its place, the lines around it, and its help.
pub fn text(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    show(diagnostics, sources, &Renderer::plain())
}

/// The same text with colours, for a terminal.
pub fn styled(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    show(diagnostics, sources, &Renderer::styled())
}

fn show(diagnostics: &[Diagnostic], sources: &SourceMap, renderer: &Renderer) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(&renderer.render(&report(diagnostic, sources)));
        out.push_str("\n\n");
    }
    out.truncate(out.trim_end().len());
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

fn report<'a>(diagnostic: &'a Diagnostic, sources: &'a SourceMap) -> Vec<Group<'a>> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = level.primary_title(&diagnostic.message).id(diagnostic.id).element(excerpt(
        sources,
        diagnostic.span,
        AnnotationKind::Primary,
        None,
    ));
    for label in &diagnostic.labels {
        group = group.element(excerpt(
            sources,
            label.span,
            AnnotationKind::Context,
            Some(label.text.as_str()),
        ));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    vec![group]
}

/// The lines of a span with the span marked. Only these lines are handed on: looking through the
/// whole file for each diagnostic would cost the product of both.
fn excerpt<'a>(
    sources: &'a SourceMap,
    span: Span,
    kind: AnnotationKind,
    label: Option<&'a str>,
) -> Snippet<'a, Annotation<'a>> {
    let file = sources.file(span.file);
    let lines = file.lines_of(span);
    let (line, column) = file.line_column(span.start);
    // Blank space at the end of a span is not worth marking.
    let marked = column as usize..column as usize + sources.text(span).trim_end().len();
    Snippet::source(lines)
        .line_start(line as usize)
        .path(&*file.name)
        .annotation(kind.span(marked).label(label))
}

/// Each diagnostic as an object with the fields that an editor needs; lines count from 1, columns
/// from 0 in UTF-16 units.
pub fn json(diagnostics: &[Diagnostic], sources: &SourceMap) -> Value {
    diagnostics.iter().map(|diagnostic| one_json(diagnostic, sources)).collect()
}

fn one_json(diagnostic: &Diagnostic, sources: &SourceMap) -> Value {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let labels: Vec<Value> = diagnostic
        .labels
        .iter()
        .map(|label| {
            let (file, start, end) = place(label.span, sources);
            json!({ "text": label.text, "file": file, "start": start, "end": end })
        })
        .collect();
    let (file, start, end) = place(diagnostic.span, sources);
    json!({
        "id": diagnostic.id,
        "severity": severity,
        "message": diagnostic.message,
        "file": file,
        "start": start,
        "end": end,
        "help": diagnostic.help,
        "labels": labels,
    })
}

fn place(span: Span, sources: &SourceMap) -> (&str, Value, Value) {
    let file = sources.file(span.file);
    let at = |offset| {
        let (line, column) = file.line_column_utf16(offset);
        json!([line, column])
    };
    (&file.name, at(span.start), at(span.end))
}

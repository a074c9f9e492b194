//! The one place that shows diagnostics: as text with excerpts, or as JSON for editors.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{SourceMap, Span};

/// Each diagnostic with its place, the lines around it, and its help; not those that only follow
/// from another.
pub fn text(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    show(diagnostics, sources, &Renderer::plain())
}

/// The same text with colours, for a terminal.
pub fn styled(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    show(diagnostics, sources, &Renderer::styled())
}

fn show(diagnostics: &[Diagnostic], sources: &SourceMap, renderer: &Renderer) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics.iter().filter(|found| !found.consequence) {
        let Report { group, places } = report(diagnostic, sources);
        let mut shown = renderer.render(&[group]);
        for (of_excerpt, of_source) in places {
            shown = shown.replacen(&of_excerpt, &of_source, 1);
        }
        out.push_str(&shown);
        out.push_str("\n\n");
    }
    out.truncate(out.trim_end().len());
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// What is shown of a diagnostic.
struct Report<'a> {
    group: Group<'a>,
    /// Places as they are told of lines that were cut, and as they are in the source.
    places: Vec<(String, String)>,
}

fn report<'a>(diagnostic: &'a Diagnostic, sources: &'a SourceMap) -> Report<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut excerpts = vec![Excerpt::new(sources, diagnostic.span)];
    excerpts[0].marks.push((diagnostic.span, AnnotationKind::Primary, None));
    for label in &diagnostic.labels {
        let last = excerpts.len() - 1;
        if !excerpts[last].takes(label.span) {
            excerpts.push(Excerpt::new(sources, label.span));
        }
        let last = excerpts.len() - 1;
        let text = Some(label.text.as_str());
        excerpts[last].marks.push((label.span, AnnotationKind::Context, text));
    }
    let title = level.primary_title(&diagnostic.message).id(diagnostic.id);
    let mut report = Report { group: Group::with_title(title), places: Vec::new() };
    for excerpt in excerpts {
        report = excerpt.onto(report);
    }
    if let Some(help) = &diagnostic.help {
        report.group = report.group.element(Level::HELP.message(help));
    }
    report
}

/// Lines with marked places. Only these lines are handed on: looking through the whole file for
/// each diagnostic would cost the product of both.
struct Excerpt<'a> {
    sources: &'a SourceMap,
    /// All that is to be seen.
    span: Span,
    marks: Vec<(Span, AnnotationKind, Option<&'a str>)>,
}

/// Places at most so many lines apart are shown in one excerpt.
const LINES_BETWEEN_MAX: u32 = 6;
/// More text than this is cut before it is handed on, to the start of what is marked.
const BYTES_MAX: usize = 4096;
/// So much of a text that is cut stays on each side of where the marked place begins.
const BYTES_AROUND: usize = 200;

impl<'a> Excerpt<'a> {
    fn new(sources: &'a SourceMap, span: Span) -> Self {
        Self { sources, span, marks: Vec::new() }
    }

    /// Takes a further place in, if it is near.
    fn takes(&mut self, span: Span) -> bool {
        if span.file != self.span.file {
            return false;
        }
        let file = self.sources.file(span.file);
        let lines = |span: Span| (file.line_column(span.start).0, file.line_column(span.end).0);
        let ((first, last), (from, to)) = (lines(self.span), lines(span));
        let both = self.span.to(span);
        let near = from <= last + LINES_BETWEEN_MAX && first <= to + LINES_BETWEEN_MAX;
        let near = near && file.lines_of(both).len() <= BYTES_MAX;
        if near {
            self.span = both;
        }
        near
    }

    fn onto(self, mut report: Report<'a>) -> Report<'a> {
        let file = self.sources.file(self.span.file);
        let lines = file.lines_of(self.span);
        if lines.len() > BYTES_MAX {
            return self.cut_onto(report);
        }
        let (line, column) = file.line_column(self.span.start);
        let start = self.span.start - column;
        let marks = self.marks.iter().map(|(span, kind, label)| {
            // Blank space at the end of a span is not worth marking.
            let from = ((span.start - start) as usize).min(lines.len());
            let to = from + self.sources.text(*span).trim_end().len();
            let marked = from..to.min(lines.len());
            kind.span(marked).label(*label)
        });
        let snippet = Snippet::source(lines).line_start(line as usize).path(&*file.name);
        report.group = report.group.element(snippet.annotations(marks));
        report
    }

    /// The same for lines that are too long: what is around the start of the place, and `…`.
    fn cut_onto(self, mut report: Report<'a>) -> Report<'a> {
        let file = self.sources.file(self.span.file);
        let text = &*file.text;
        let at = self.span.start as usize;
        let line_end = file.line_end(self.span.start);
        let (line, column) = file.line_column(self.span.start);
        let from =
            text.ceil_char_boundary((at - column as usize).max(at.saturating_sub(BYTES_AROUND)));
        let to = text.floor_char_boundary(line_end.min(at + BYTES_AROUND));
        let dots = |cut: bool| if cut { "…" } else { "" };
        let (before, after) = (dots(from + column as usize > at), dots(to < line_end));
        let shown = [before, &text[from..to], after].concat();
        let marks = self.marks.iter().map(|(span, kind, label)| {
            let inside = |offset: u32| (offset as usize).clamp(from, to) - from + before.len();
            kind.span(inside(span.start)..inside(span.end)).label(*label)
        });
        let name = &*file.name;
        let (_, column) = file.line_column_utf16(self.span.start);
        let shown_column = before.chars().count() + text[from..at].chars().count();
        let place = |column: usize| format!("{name}:{line}:{}", column + 1);
        report.places.push((place(shown_column), place(column as usize)));
        let marks: Vec<Annotation<'a>> = marks.collect();
        let snippet = Snippet::source(shown).line_start(line as usize).path(name);
        report.group = report.group.element(snippet.annotations(marks));
        report
    }
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
    let mut out = json!({
        "id": diagnostic.id,
        "severity": severity,
        "message": diagnostic.message,
        "file": file,
        "start": start,
        "end": end,
        "help": diagnostic.help,
        "labels": labels,
    });
    if diagnostic.consequence {
        out["consequence"] = true.into();
    }
    out
}

fn place(span: Span, sources: &SourceMap) -> (&str, Value, Value) {
    let file = sources.file(span.file);
    let at = |offset| {
        let (line, column) = file.line_column_utf16(offset);
        json!([line, column])
    };
    (&file.name, at(span.start), at(span.end))
}

//! One typo in a sound source: what a slip of the finger does to code, strings and templates.
//! What lives here: where slips happen, and what they leave. Nothing is known of the language but
//! its comments and strings.
//!
//! Invariant: the same source gets the same typos in the same order, and each differs from it.

use std::ops::Range;

/// A source with one typo.
#[derive(Clone, Debug)]
pub struct Typo {
    /// What slipped, such as `missing {`.
    pub kind: String,
    /// Where in the sound source.
    pub at: usize,
    /// The source with the typo.
    pub text: String,
}

/// What a piece of a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Code,
    Comment,
    Quoted,
    Block,
    /// `{{ … }}` or `{% … %}`, inside of a string or as an argument.
    Jinja,
}

/// What slipped, where, and what stands there then.
type Slip = (String, Range<usize>, String);

/// Typos of each kind in a source, at most `each` of a kind, spread over the source.
pub fn typos(source: &str, each: usize) -> Vec<Typo> {
    let mut found: Vec<Slip> = Vec::new();
    for (part, range) in parts(source) {
        match part {
            Part::Comment => {}
            Part::Code => {
                marks(source, &range, CODE_MARKS, "", &mut found);
                words(source, &range, "", &mut found);
                line_ends(source, &range, &mut found);
            }
            Part::Jinja => {
                marks(source, &range, JINJA_MARKS, "jinja ", &mut found);
                words(source, &range, "jinja ", &mut found);
            }
            Part::Quoted | Part::Block => ends(source, &range, part, &mut found),
        }
    }
    spread(source, found, each)
}

/// Marks of code, and what they are mistaken for.
const CODE_MARKS: &[(&str, &[&str])] = &[
    ("{", &["", "{{", "("]),
    ("}", &["", "}}", ")"]),
    ("(", &["", "((", "{"]),
    (")", &["", "))", "}"]),
    ("[", &["", "(", "[["]),
    ("]", &["", "}", "]]"]),
    ("<", &["", "("]),
    (">", &["", ")"]),
    (",", &["", ",,", ";", "."]),
    (":", &["", "=", ";"]),
    ("->", &["", ">", "=>", "-", "="]),
    ("@@", &["@", ""]),
    ("@", &["", "#", "@@"]),
    ("|", &["", "||", ","]),
    ("?", &["", "??", "!"]),
    ("=", &["", ":", "=="]),
];

const JINJA_MARKS: &[(&str, &[&str])] = &[
    ("{{", &["{", "{%", "{{{"]),
    ("}}", &["}", "%}", ""]),
    ("{%", &["{", "%", "{{"]),
    ("%}", &["}", "%", "}}"]),
    ("(", &["", "["]),
    (")", &["", "]"]),
    ("[", &[""]),
    ("]", &[""]),
    ("|", &["", "||"]),
    (".", &["", ",", ".."]),
    ("\"", &[""]),
    ("==", &["="]),
];

fn marks(
    source: &str,
    range: &Range<usize>,
    table: &[(&str, &[&str])],
    prefix: &str,
    found: &mut Vec<Slip>,
) {
    let mut at = range.start;
    while at < range.end {
        let rest = &source[at..range.end];
        let Some((mark, slips)) = table.iter().find(|(mark, _)| rest.starts_with(mark)) else {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        };
        for slip in *slips {
            let kind = match *slip {
                "" => format!("{prefix}missing {mark}"),
                slip => format!("{prefix}{slip} for {mark}"),
            };
            found.push((kind, at..at + mark.len(), (*slip).to_owned()));
        }
        at += mark.len();
    }
}

fn words(source: &str, range: &Range<usize>, prefix: &str, found: &mut Vec<Slip>) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut at = range.start;
    while at < range.end {
        let rest = &source[at..range.end];
        let len = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let word = &rest[..len];
        if len == 0 || !word.starts_with(|c: char| c.is_ascii_alphabetic()) {
            at += rest.chars().next().map_or(1, char::len_utf8).max(len);
            continue;
        }
        for (kind, slip) in slips(word) {
            found.push((format!("{prefix}{kind}"), at..at + len, slip));
        }
        at += len;
    }
}

/// What becomes of a word.
fn slips(word: &str) -> Vec<(&'static str, String)> {
    let middle = word.len() / 2;
    let (front, back) = word.split_at(middle);
    let mut slips = vec![("missing word", String::new())];
    if word.len() > 2 {
        slips.push(("missing letter", format!("{front}{}", &back[1..])));
        slips.push(("doubled letter", format!("{front}{}{back}", &back[..1])));
        let mut letters: Vec<char> = word.chars().collect();
        letters.swap(middle - 1, middle);
        slips.push(("swapped letters", letters.into_iter().collect()));
        slips.push(("wrong letter", format!("{front}q{}", &back[1..])));
        slips.push(("split word", format!("{front} {back}")));
    }
    let (first, rest) = word.split_at(1);
    let flipped = if first.chars().all(char::is_uppercase) {
        first.to_lowercase()
    } else {
        first.to_uppercase()
    };
    slips.push(("other case", format!("{flipped}{rest}")));
    slips.retain(|(_, slip)| slip != word);
    slips
}

fn line_ends(source: &str, range: &Range<usize>, found: &mut Vec<Slip>) {
    for (at, _) in source[range.clone()].match_indices('\n') {
        let at = range.start + at;
        let blank = source[..at].ends_with(['\n', ' ']);
        if !blank {
            for extra in [",", ";"] {
                found.push((format!("{extra} at the end of a line"), at..at, extra.to_owned()));
            }
        }
    }
}

fn ends(source: &str, range: &Range<usize>, part: Part, found: &mut Vec<Slip>) {
    let text = &source[range.clone()];
    if part == Part::Quoted {
        found.push(("missing opening quote".into(), range.start..range.start + 1, String::new()));
        found.push(("missing closing quote".into(), range.end - 1..range.end, String::new()));
        found.push(("quote ' for \"".into(), range.end - 1..range.end, "'".into()));
        return;
    }
    if text.starts_with('#') {
        let hashes = text.bytes().take_while(|b| *b == b'#').count();
        let opening = range.start..range.start + hashes + 1;
        found.push(("missing #\"".into(), opening.clone(), String::new()));
        found.push(("missing # of #\"".into(), range.start..range.start + 1, String::new()));
        found.push(("missing \" of #\"".into(), opening.end - 1..opening.end, String::new()));
    }
    if text.ends_with('#') && text.len() > 1 {
        let hashes = text.bytes().rev().take_while(|b| *b == b'#').count();
        let closing = range.end - hashes - 1..range.end;
        found.push(("missing \"#".into(), closing.clone(), String::new()));
        found.push(("missing # of \"#".into(), range.end - 1..range.end, String::new()));
        found.push(("missing \" of \"#".into(), closing.start..closing.start + 1, String::new()));
    }
}

/// At most `each` of a kind, as far from each other as there are.
fn spread(source: &str, found: Vec<Slip>, each: usize) -> Vec<Typo> {
    let mut kinds: Vec<Vec<Slip>> = Vec::new();
    for slip in found {
        match kinds.iter_mut().find(|same| same[0].0 == slip.0) {
            Some(same) => same.push(slip),
            None => kinds.push(vec![slip]),
        }
    }
    let mut typos = Vec::new();
    for same in kinds {
        let taken = same.len().min(each);
        for nth in 0..taken {
            let (kind, range, slip) = &same[nth * same.len() / taken];
            let text = [&source[..range.start], slip, &source[range.end..]].concat();
            typos.push(Typo { kind: kind.clone(), at: range.start, text });
        }
    }
    typos
}

/// The pieces of a source, in order; those of block strings are split at what Jinja reads.
fn parts(source: &str) -> Vec<(Part, Range<usize>)> {
    let mut parts = Vec::new();
    let mut code = 0;
    let mut at = 0;
    while at < source.len() {
        let rest = &source[at..];
        let Some((part, len)) = special(rest) else {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        };
        parts.push((Part::Code, code..at));
        match part {
            Part::Block => with_jinja(source, at..at + len, &mut parts),
            part => parts.push((part, at..at + len)),
        }
        at += len;
        code = at;
    }
    parts.push((Part::Code, code..source.len()));
    parts
}

/// What starts here that is no code, and how long it is.
fn special(rest: &str) -> Option<(Part, usize)> {
    if rest.starts_with("//") {
        return Some((Part::Comment, rest.find('\n').unwrap_or(rest.len())));
    }
    if rest.starts_with("{//") {
        return rest.find("//}").map(|at| (Part::Comment, at + 3));
    }
    if rest.starts_with("{{") {
        return rest.find("}}").map(|at| (Part::Jinja, at + 2));
    }
    if rest.starts_with('"') {
        let line = rest.split('\n').next().unwrap_or_default();
        return line[1..].find('"').map(|at| (Part::Quoted, at + 2));
    }
    let hashes = rest.bytes().take_while(|b| *b == b'#').count();
    if hashes > 0 && rest[hashes..].starts_with('"') {
        let closing = format!("\"{}", "#".repeat(hashes));
        let inner = hashes + 1;
        return rest[inner..].find(&closing).map(|at| (Part::Block, inner + at + closing.len()));
    }
    None
}

fn with_jinja(source: &str, range: Range<usize>, parts: &mut Vec<(Part, Range<usize>)>) {
    let mut plain = range.start;
    let mut at = range.start;
    while at < range.end {
        let rest = &source[at..range.end];
        let closing = match rest.get(..2) {
            Some("{{") => "}}",
            Some("{%") => "%}",
            _ => "",
        };
        match rest.find(closing).filter(|_| !closing.is_empty()) {
            Some(end) => {
                parts.push((Part::Block, plain..at));
                parts.push((Part::Jinja, at..at + end + 2));
                at += end + 2;
                plain = at;
            }
            None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    parts.push((Part::Block, plain..range.end));
}

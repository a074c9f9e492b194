//! Which of some names a text means: exact, without case, without punctuation, inside prose.

use std::sync::Arc;

use smol_str::SmolStr;

use super::Coercer;
use crate::found::Found;
use crate::liberty::Liberty;
use crate::misfit::{Misfit, Why};
use crate::plan::PlanId;
use crate::print;
use crate::tree::{Kind, NodeId};

/// Texts longer than this are not looked through for a name while they still grow.
pub(crate) const SEARCHED_LENGTH_MAX: usize = 4_096;

impl Coercer<'_> {
    /// The name that a node means, and how it was found.
    pub(super) fn match_node(
        &mut self,
        id: PlanId,
        names: &[(SmolStr, Vec<String>)],
        node: NodeId,
    ) -> Result<(SmolStr, Ways), Arc<Misfit>> {
        let text_of_node;
        let (text, printed) = match self.tree.kind(node) {
            Kind::Null => return Err(Self::expected(id, node)),
            Kind::Text(text) => (text, false),
            _ => {
                text_of_node = print::loose(self.tree, node);
                (text_of_node.as_str(), true)
            }
        };
        if !self.is_complete(node) && text.len() > SEARCHED_LENGTH_MAX {
            return Err(Misfit::said("the text is too long to be looked through before it ends"));
        }
        match find(names, text) {
            Match::One(name, how) => Ok((name, Ways { printed, how })),
            Match::Many(got) => Err(Misfit::new(Why::Many { plan: id, got })),
            Match::None => Err(Self::expected(id, node)),
        }
    }
}

/// How a name was found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ways {
    /// In something else, printed as a text.
    printed: bool,
    how: How,
}

#[derive(Clone, Copy, Debug)]
enum How {
    AsWritten,
    OtherCase,
    Stripped,
    /// Inside a longer text, with so much more to pay for other names in it.
    Inside(i64),
}

impl Ways {
    /// What was found so, at its price.
    pub(super) fn take(self, found: Found) -> Found {
        let found = if self.printed { found.took(Liberty::JsonToText) } else { found };
        match self.how {
            How::AsWritten => found,
            How::OtherCase => found.took(Liberty::OtherCase),
            How::Stripped => found.took(Liberty::Stripped),
            How::Inside(more) => found.took(Liberty::Substring).priced(more),
        }
    }
}

enum Match {
    None,
    One(SmolStr, How),
    Many(String),
}

fn find(names: &[(SmolStr, Vec<String>)], text: &str) -> Match {
    let text = text.trim();
    if let Some(name) = exactly(names, text, |name| name.to_owned()) {
        return Match::One(name, How::AsWritten);
    }
    let plain = strip(text);
    if let Some(name) = exactly(names, &plain, strip) {
        return Match::One(name, How::Stripped);
    }
    let folded = fold(&plain);
    if let Some(name) = exactly(names, &folded, |name| fold(&strip(name))) {
        return Match::One(name, How::OtherCase);
    }
    // Inside a longer text: as written, then without case, then without punctuation as well.
    let forms: [fn(&str) -> String; 3] = [str::to_owned, fold, |text| fold(&strip(text))];
    for form in forms {
        match inside(names, &form(text), form) {
            Match::None => {}
            found => return found,
        }
    }
    Match::None
}

fn exactly(
    names: &[(SmolStr, Vec<String>)],
    text: &str,
    form: impl Fn(&str) -> String,
) -> Option<SmolStr> {
    let means = |(_, texts): &&(SmolStr, Vec<String>)| texts.iter().any(|name| form(name) == text);
    names.iter().find(means).map(|(name, _)| name.clone())
}

/// The name that stands most often in a text.
fn inside(names: &[(SmolStr, Vec<String>)], text: &str, form: fn(&str) -> String) -> Match {
    let mut places: Vec<(usize, usize, usize)> = Vec::new();
    for (at, (_, texts)) in names.iter().enumerate() {
        for name in texts {
            let name = form(name);
            if name.is_empty() {
                continue;
            }
            let starts =
                text.match_indices(&name).map(|(start, _)| (start, start + name.len(), at));
            places.extend(starts);
        }
    }
    // Of names that overlap, the one that starts first counts, and of those the longest.
    places.sort_by_key(|(start, end, _)| (*start, usize::MAX - *end));
    let mut counts = vec![0_usize; names.len()];
    let mut last_end = 0;
    for (start, end, at) in places {
        if start >= last_end {
            counts[at] += 1;
            last_end = end;
        }
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    let winners: Vec<usize> = (0..names.len()).filter(|at| counts[*at] == most).collect();
    match winners.as_slice() {
        _ if most == 0 => Match::None,
        [only] => {
            let others: usize = counts.iter().sum();
            let many = if others > most { others as i64 } else { 0 };
            Match::One(names[*only].0.clone(), How::Inside(many))
        }
        many => {
            let mut got: Vec<String> =
                many.iter().map(|at| format!("{} ({most} times)", names[*at].0)).collect();
            got.sort();
            Match::Many(got.join(", "))
        }
    }
}

/// The position of the key that means the same, but for punctuation, case and space around it.
pub(super) fn same<'a>(keys: impl Iterator<Item = &'a str> + Clone, key: &str) -> Option<usize> {
    let key = key.trim();
    let stripped = strip(key);
    let folded = fold(&stripped);
    keys.clone()
        .position(|other| other.trim() == key)
        .or_else(|| keys.clone().position(|other| strip(other.trim()) == stripped))
        .or_else(|| keys.clone().position(|other| fold(&strip(other.trim())) == folded))
}

/// The bool that a text holds exactly one of.
pub(super) fn bool_in(text: &str) -> Option<bool> {
    let names = [
        (SmolStr::new_static("true"), vec!["true".to_owned()]),
        (SmolStr::new_static("false"), vec!["false".to_owned()]),
    ];
    match find(&names, text) {
        Match::One(name, _) => Some(name == "true"),
        _ => None,
    }
}

/// Without punctuation, but `-` and `_`.
fn strip(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
}

/// Without case and accents.
pub(super) fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).map(unaccented).collect()
}

fn unaccented(c: char) -> char {
    match c {
        // Full-width forms mean their plain ones.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ė' | 'ę' | 'ě' => 'e',
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'į' => 'i',
        'ñ' | 'ń' | 'ň' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ō' | 'ő' => 'o',
        'ś' | 'š' | 'ş' => 's',
        'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ž' | 'ż' => 'z',
        other => other,
    }
}

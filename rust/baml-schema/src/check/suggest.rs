//! "Did you mean": the names that are nearest to one that is not known.

/// At most so many names are suggested.
pub(crate) const SUGGESTIONS_MAX: usize = 10;
/// Names longer than this are near to nothing: comparing them costs the product of both lengths.
const LENGTH_MAX: usize = 64;
/// So many candidates are looked at, so that many unknown names among many known ones stay cheap.
const CANDIDATES_MAX: usize = 500;

/// The candidates, nearest first, in their order where two are as near.
pub(crate) fn nearest<'a>(
    wanted: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    max: usize,
) -> Vec<&'a str> {
    if wanted.len() > LENGTH_MAX {
        return Vec::new();
    }
    let wanted = wanted.to_lowercase();
    let mut found: Vec<(usize, &str)> = candidates
        .into_iter()
        .filter(|name| name.len() <= LENGTH_MAX)
        .take(CANDIDATES_MAX)
        .map(|name| (distance(&wanted, &name.to_lowercase()), name))
        .collect();
    found.sort_by_key(|(distance, _)| *distance);
    found.truncate(max);
    found.into_iter().map(|(_, name)| name).collect()
}

/// ` Did you mean …?`, or nothing when there is nothing to suggest.
pub(crate) fn did_you_mean(names: &[&str], quote: char) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("{quote}{name}{quote}")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [only] => format!(" Did you mean {only}?"),
        all => format!(" Did you mean one of these: {}?", all.join(", ")),
    }
}

/// How many insertions, removals, replacements and swaps of neighbours lead from one to the other.
pub(crate) fn distance(from: &str, to: &str) -> usize {
    let from: Vec<char> = from.chars().collect();
    let to: Vec<char> = to.chars().collect();
    let mut before_last = vec![0; to.len() + 1];
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut row = vec![i + 1; to.len() + 1];
        for (j, b) in to.iter().enumerate() {
            let replace = last[j] + usize::from(a != b);
            row[j + 1] = replace.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == to[j - 1] && from[i - 1] == *b {
                row[j + 1] = row[j + 1].min(before_last[j - 1] + 1);
            }
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[to.len()]
}

//! Names that a person may have meant.
//!
//! Invariant: the answer depends on the names and their order alone.

/// Names farther away than this are not worth telling.
const DISTANCE_MAX: usize = 20;

/// The `count` names nearest to `name`, in alphabetical order; of equally near ones the earlier.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    count: usize,
) -> Vec<&'a str> {
    let mut ranked: Vec<(usize, &str)> = candidates
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(far, _)| *far <= DISTANCE_MAX)
        .collect();
    ranked.sort_by_key(|(far, _)| *far);
    ranked.truncate(count);
    let mut names: Vec<&str> = ranked.into_iter().map(|(_, candidate)| candidate).collect();
    names.sort_unstable();
    names
}

/// ` Did you mean …?` with every name between `quote`s, or nothing.
pub(crate) fn did_you_mean(names: &[&str], quote: char) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("{quote}{name}{quote}")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [name] => format!(" Did you mean {name}?"),
        names => format!(" Did you mean one of these: {}?", names.join(", ")),
    }
}

/// Insertions, deletions, substitutions and swaps of neighbours that make one the other,
/// upper and lower case being the same.
fn distance(a: &str, b: &str) -> usize {
    let letters = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<Vec<char>>();
    let (a, b) = (letters(a), letters(b));
    if a.len().abs_diff(b.len()) > DISTANCE_MAX {
        return DISTANCE_MAX + 1;
    }
    let mut before = vec![0; b.len() + 1];
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (above[j] + 1).min(row[j - 1] + 1).min(above[j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_prefers_fewer_edits_then_the_earlier() {
        assert_eq!(nearest("zzzz", ["ctx", "_", "a", "b"], 3), ["_", "a", "ctx"]);
        assert_eq!(nearest("nope", ["ctx", "_", "n", "bo", "oe"], 3), ["bo", "n", "oe"]);
    }

    #[test]
    fn nearest_leaves_out_what_is_too_far() {
        assert_eq!(nearest(&"a".repeat(21), ["ta"], 3), ["ta"]);
        assert_eq!(nearest(&"a".repeat(22), ["b"], 3), Vec::<&str>::new());
    }

    #[test]
    fn distance_counts_a_swap_once() {
        assert_eq!(distance("nope", "onpe"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("TA", "ta"), 0);
    }

    #[test]
    fn did_you_mean_names_one_or_many() {
        assert_eq!(did_you_mean(&[], '`'), "");
        assert_eq!(did_you_mean(&["a"], '\''), " Did you mean 'a'?");
        assert_eq!(did_you_mean(&["a", "b"], '`'), " Did you mean one of these: `a`, `b`?");
    }
}

//! Explanations are of the reading that gives the value: over all records, whole and cut, the price
//! is that of the value, and where no price depends on a count it is the sum of what was taken.

use std::collections::HashMap;
use std::fs;
use std::sync::Arc;

use baml_reply::{Explanation, Liberty, Reach, Reader, Reading, Target, explain};

use super::{Corpus, folder, record_of, text_of};

/// Liberties that may cost more than their price.
const COUNTED: [Liberty; 5] = [
    Liberty::ExtraKey,
    Liberty::LostItem,
    Liberty::LostEntry,
    Liberty::Substring,
    Liberty::FirstMatch,
];

/// Nodes of deeper replies are told by their size alone.
const LENGTH_MAX: usize = 20_000;

#[test]
fn explanations_are_of_the_value() {
    let mut corpus = Corpus { folder: folder(), schemas: HashMap::new(), shown: None };
    let mut files: Vec<_> =
        fs::read_dir(folder()).expect("records").flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    let (mut summed, mut explained, mut guessed) = (0, 0, 0);
    for path in files {
        for line in fs::read_to_string(&path).expect("records").lines() {
            let record = record_of(line);
            let text = text_of(&record);
            let Some(target) = corpus.target(&record) else { continue };
            if text.len() > LENGTH_MAX {
                continue;
            }
            let explanation = check(&target, &text, &record["id"].to_string());
            explained += 1;
            guessed += usize::from(explanation.score.is_some_and(|score| score > 0));
            summed += usize::from(adds_up(&explanation));
        }
    }
    assert!(explained > 2_000 && guessed > 500, "{explained} {guessed}");
    assert!(summed > explained / 2, "{summed} of {explained} add up");
}

/// The explanation of a reply, which must fit what reading it gives.
fn check(target: &Arc<Target>, text: &str, id: &str) -> Explanation {
    let mut reader = Reader::new(Arc::clone(target));
    reader.push(text);
    let value = reader.finish();
    let explanation = reader.explain(Reach::Whole).expect("the records are within all bounds");
    assert_eq!(explanation.score.is_some(), value.is_ok(), "{id}");
    assert_eq!(explanation.refused.is_some(), value.is_err(), "{id}");
    if value.is_ok() {
        assert_eq!(explanation.score, reader.score(), "{id}");
        assert!(explanation.root.taken, "{id}");
        let taken = explanation.taken();
        let is_counted = taken.iter().any(|taken| COUNTED.contains(&taken.liberty));
        let sum: i64 = taken.iter().map(|taken| taken.liberty.price()).sum();
        let score = explanation.score.unwrap_or_default();
        if is_counted || explanation.cut {
            assert!(sum <= score, "{id}: {sum} {score}\n{taken:#?}");
        } else {
            assert_eq!(sum, score, "{id}: {taken:#?}");
        }
    }
    assert_taken_is_connected(&explanation.root, id);
    // The beginning of a reply is explained as well.
    let half = text.floor_char_boundary(text.len() / 2);
    let cut = explain(target, &text[..half], Reach::Partial).expect("within all bounds");
    assert_taken_is_connected(&cut.root, id);
    explanation
}

fn adds_up(explanation: &Explanation) -> bool {
    let sum: i64 = explanation.taken().iter().map(|taken| taken.liberty.price()).sum();
    explanation.score == Some(sum)
}

/// What is taken is part of what is taken, has a price, and no more than one reading is taken of
/// those that read the same stretch.
fn assert_taken_is_connected(reading: &Reading, id: &str) {
    let others = reading.parts.iter().filter(|part| part.at.is_none() && part.taken).count();
    assert!(others <= 1, "{id}: {reading:#?}");
    for part in &reading.parts {
        assert!(!part.taken || reading.taken, "{id}: {part:#?}");
        assert!(!part.taken || part.score.is_some(), "{id}: {part:#?}");
        assert_taken_is_connected(part, id);
    }
}

//! Raw events of a stream, kept small: each is stored as what differs from the one before it.
//!
//! Invariant: what is given back is what was pushed, byte for byte. Providers repeat all but a few
//! words in every event, so that a stream costs little more than its text.

/// Bytes that the numbers of one event take at most.
const HEAD_BYTES_MAX: usize = 3 * 5;
/// Bytes that are compared at once.
const WORD_BYTES: usize = 16;
/// Room that is made at once, at least.
const PACKED_BYTES_MIN: usize = 128;

/// Events in the order in which they came.
#[derive(Default)]
pub struct Events {
    /// For each event: how many bytes at its start and at its end are those of the one before, how
    /// many stand between them, and these.
    packed: Vec<u8>,
    last: Vec<u8>,
    count: usize,
}

impl Events {
    /// Keeps one more.
    pub fn push(&mut self, event: &str) {
        let bytes = event.as_bytes();
        let start = shared_start(&self.last, bytes);
        let (old, new) = (&self.last[start..], &bytes[start..]);
        let end = shared_end(old, new);
        let between = &new[..new.len() - end];
        if self.packed.capacity() - self.packed.len() < between.len() + HEAD_BYTES_MAX {
            // Streams are many, and half of what they hold ready would never be used.
            let more = (self.packed.len() / 4).max(PACKED_BYTES_MIN);
            self.packed.reserve_exact(more.max(between.len() + HEAD_BYTES_MAX));
        }
        for number in [start, end, between.len()] {
            push_number(&mut self.packed, number);
        }
        self.packed.extend_from_slice(between);
        let stale = self.last.len() - end;
        self.last.splice(start..stale, between.iter().copied());
        self.count += 1;
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The events as they are kept: for each, three numbers (LEB128: how many bytes at its start
    /// and at its end are those of the one before, how many stand between them) and what stands
    /// between.
    pub fn packed(&self) -> &[u8] {
        &self.packed
    }

    /// No more will come: lets go of memory that was held ready.
    pub fn settle(&mut self) {
        self.packed.shrink_to_fit();
        self.last.shrink_to_fit();
    }

    /// Calls `sink` with each event.
    pub fn each(&self, mut sink: impl FnMut(&str)) {
        let (mut rest, mut event) = (self.packed.as_slice(), Vec::new());
        for _ in 0..self.count {
            let (start, end) = (take_number(&mut rest), take_number(&mut rest));
            let length = take_number(&mut rest);
            let (between, after) = rest.split_at(length);
            rest = after;
            let stale = event.len() - end;
            event.splice(start..stale, between.iter().copied());
            sink(&String::from_utf8_lossy(&event));
        }
    }
}

/// How many bytes two texts share at their start.
fn shared_start(one: &[u8], other: &[u8]) -> usize {
    let (ones, others) = (one.chunks_exact(WORD_BYTES), other.chunks_exact(WORD_BYTES));
    let words = ones.zip(others).take_while(|(one, other)| one == other).count();
    let begun = words * WORD_BYTES;
    begun + alike(one[begun..].iter(), other[begun..].iter())
}

/// How many bytes two texts share at their end.
fn shared_end(one: &[u8], other: &[u8]) -> usize {
    let (ones, others) = (one.rchunks_exact(WORD_BYTES), other.rchunks_exact(WORD_BYTES));
    let words = ones.zip(others).take_while(|(one, other)| one == other).count();
    let done = words * WORD_BYTES;
    let (one, other) = (&one[..one.len() - done], &other[..other.len() - done]);
    done + alike(one.iter().rev(), other.iter().rev())
}

fn alike<'a>(one: impl Iterator<Item = &'a u8>, other: impl Iterator<Item = &'a u8>) -> usize {
    one.zip(other).take_while(|(one, other)| one == other).count()
}

const CONTINUES: u8 = 0x80;
const GROUP_BITS: u32 = 7;

fn push_number(out: &mut Vec<u8>, mut number: usize) {
    while number >= usize::from(CONTINUES) {
        out.push(number as u8 | CONTINUES);
        number >>= GROUP_BITS;
    }
    out.push(number as u8);
}

fn take_number(bytes: &mut &[u8]) -> usize {
    let (mut number, mut shift) = (0, 0);
    while let Some((&byte, rest)) = bytes.split_first() {
        *bytes = rest;
        number |= usize::from(byte & !CONTINUES) << shift;
        shift += GROUP_BITS;
        if byte < CONTINUES {
            break;
        }
    }
    number
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use super::*;

    fn back(events: &Events) -> Vec<String> {
        let mut back = Vec::new();
        events.each(|event| back.push(event.to_owned()));
        back
    }

    #[test]
    fn events_of_any_likeness_come_back_whole() {
        let long = "x".repeat(70_000);
        let texts = [
            "",
            "",
            "a",
            "aa",
            "aaa",
            "aa",
            "é",
            "è",
            "\u{1f980}",
            "\u{1f981}",
            "ab",
            "b",
            "",
            "abab",
            "ab",
            &long,
            "y",
            &long,
            &long[1..],
        ];
        let mut events = Events::default();
        for text in texts {
            events.push(text);
        }
        events.settle();
        assert_eq!(back(&events), texts);
        assert_eq!(events.count(), texts.len());
    }

    #[test]
    fn events_that_repeat_each_other_cost_what_differs() {
        let mut events = Events::default();
        let text = |n: usize| format!("{{\"id\":\"{}\",\"delta\":\"word {n}\"}}", "i".repeat(300));
        for n in 0..1_000 {
            events.push(&text(n));
        }
        assert_eq!(back(&events), (0..1_000).map(text).collect::<Vec<_>>());
        assert!(events.packed.len() < 10_000, "{} bytes", events.packed.len());
    }
}

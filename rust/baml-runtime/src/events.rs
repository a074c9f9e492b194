//! Raw events of a stream, kept small: each is stored as what differs from the one before it, and a
//! piece of the reply in it as the place where the reply has it.
//!
//! Invariants:
//! 1. What is given back is what was pushed, byte for byte. Providers repeat all but a few words in
//!    every event, and these are the reply's: a stream costs little more than its text.
//! 2. Whoever reads events has the reply that they were pushed beside, as far as it came: events
//!    whose piece it does not hold yet have not come yet either.

use std::borrow::Cow;

use memchr::memmem;

/// Bytes that the numbers of one event take at most.
const HEAD_BYTES_MAX: usize = 7 * 5;
/// Bytes that are compared at once.
const WORD_BYTES: usize = 16;
/// Room that is made at once, at least.
const PACKED_BYTES_MIN: usize = 64;
/// Bytes of a piece that is looked for in an event of another shape: a shorter one is found
/// anywhere, and saves nothing.
const PIECE_BYTES_MIN: usize = 4;

/// What the first number of an event says.
const WITHOUT_PIECE: usize = 0;
const WITH_PIECE: usize = 2;
/// Its lowest bit says that the event is in the shape of the one before, its other bits how long
/// the piece is.
const IN_SHAPE: usize = 1;

/// A piece of the reply that an event brought.
#[derive(Clone, Copy)]
pub struct Piece<'a> {
    /// The piece, not empty.
    pub text: &'a str,
    /// Where in the reply it begins.
    pub at: usize,
}

/// Events in the order in which they came.
#[derive(Default)]
pub struct Events {
    /// See [`packed`](Self::packed).
    packed: Vec<u8>,
    last: Vec<u8>,
    count: usize,
    /// How many bytes of the last event stand before and behind its piece, if it has one.
    shape: Option<(usize, usize)>,
    /// Where in the reply the last piece ended.
    said: usize,
}

impl Events {
    /// Keeps one more, with the piece that it brought, if it brought just one.
    pub fn push(&mut self, event: &str, piece: Option<Piece<'_>>) {
        let bytes = event.as_bytes();
        let found = piece.and_then(|piece| {
            let escaped = escaped(piece.text);
            let place = self.find(bytes, escaped.as_bytes())?;
            Some((piece, place, bytes.len() - place - escaped.len()))
        });
        match found {
            Some((piece, before, behind)) => self.push_piece(bytes, piece, before, behind),
            None => self.push_whole(bytes),
        }
        self.count += 1;
    }

    /// Where in an event its piece stands: where that of the last one stood, if it may be.
    fn find(&self, event: &[u8], piece: &[u8]) -> Option<usize> {
        if let Some((before, _)) = self.shape
            && event.get(before..).is_some_and(|rest| rest.starts_with(piece))
        {
            return Some(before);
        }
        let is_long = piece.len() >= PIECE_BYTES_MIN;
        is_long.then(|| memmem::find(event, piece)).flatten()
    }

    fn push_whole(&mut self, event: &[u8]) {
        let start = shared_start(&self.last, event);
        let end = shared_end(&self.last[start..], &event[start..]);
        let between = &event[start..event.len() - end];
        self.make_room(between.len());
        for number in [WITHOUT_PIECE, start, end] {
            push_number(&mut self.packed, number);
        }
        push_text(&mut self.packed, between);
        self.shape = None;
        self.replace(start, end, between);
    }

    /// `before` and `behind` are how many bytes stand there.
    fn push_piece(&mut self, event: &[u8], piece: Piece<'_>, before: usize, behind: usize) {
        let (first, rest) = (&event[..before], &event[event.len() - behind..]);
        let length = piece.text.len();
        let start = shared_start(&self.last, first);
        let end = shared_end(&self.last[start..], rest);
        let is_shaped = self.shape == Some((start, end)) && (start, end) == (before, behind);
        if is_shaped && piece.at == self.said {
            self.make_room(0);
            push_number(&mut self.packed, length << 1 | IN_SHAPE);
        } else {
            let (first, rest) = (&first[start..], &rest[..behind - end]);
            self.make_room(first.len() + rest.len());
            for number in [WITH_PIECE, start, end] {
                push_number(&mut self.packed, number);
            }
            push_text(&mut self.packed, first);
            push_number(&mut self.packed, piece.at);
            push_number(&mut self.packed, length);
            push_text(&mut self.packed, rest);
        }
        self.shape = Some((before, behind));
        self.said = piece.at + length;
        self.replace(start, end, &event[start..event.len() - end]);
    }

    /// Room for the numbers of an event and so many bytes.
    fn make_room(&mut self, bytes: usize) {
        let wanted = bytes + HEAD_BYTES_MAX;
        if self.packed.capacity() - self.packed.len() < wanted {
            // Streams are many, and half of what they hold ready would never be used.
            let more = (self.packed.len() / 4).max(PACKED_BYTES_MIN);
            self.packed.reserve_exact(more.max(wanted));
        }
    }

    /// Makes the last event the next one.
    fn replace(&mut self, start: usize, end: usize, between: &[u8]) {
        let stale = self.last.len() - end;
        self.last.splice(start..stale, between.iter().copied());
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Those whose pieces a reply of so many bytes holds: how many they are, and their bytes. Each
    /// event begins with a number (all are LEB128) and follows from the one before it:
    /// - 0: three numbers, `start`, `end` and `length`, and `length` bytes. The event is the first
    ///   `start` bytes of the one before, these, and its last `end` bytes.
    /// - 2: `start`, `end`, a text (its length and its bytes), `at`, `length`, a text. The event is
    ///   `start` bytes as above, the first text, the `length` bytes of the reply from `at` on as
    ///   they are written in JSON, the second text, and `end` bytes.
    /// - an odd one: twice the `length` and one. What stands before and behind the piece is that of
    ///   the event before, and the piece begins where that of the event before ended.
    pub fn packed(&self, reply_bytes: usize) -> (usize, &[u8]) {
        if self.said <= reply_bytes {
            return (self.count, &self.packed);
        }
        let mut reading = Reading::of(&self.packed);
        let (mut count, mut taken) = (0, 0);
        while count < self.count && reading.step().end <= reply_bytes {
            count += 1;
            taken = self.packed.len() - reading.rest.len();
        }
        (count, &self.packed[..taken])
    }

    /// No more will come: lets go of memory that was held ready.
    pub fn settle(&mut self) {
        self.packed.shrink_to_fit();
        self.last.shrink_to_fit();
    }

    /// Calls `sink` with each event whose piece the reply holds.
    pub fn each(&self, reply: &str, mut sink: impl FnMut(&str)) {
        let (count, packed) = self.packed(reply.len());
        let (mut reading, mut event) = (Reading::of(packed), Vec::new());
        for _ in 0..count {
            let step = reading.step();
            let piece = reply.get(step.at..step.end).unwrap_or_default();
            let mut between = step.first.to_vec();
            between.extend_from_slice(escaped(piece).as_bytes());
            between.extend_from_slice(step.rest);
            let stale = event.len() - step.tail;
            event.splice(step.head..stale, between);
            sink(&String::from_utf8_lossy(&event));
        }
    }

    /// Keeps them without the reply, which somebody else's will follow.
    pub fn part_from(&mut self, reply: &str) {
        let mut apart = Self::default();
        self.each(reply, |event| apart.push(event, None));
        apart.settle();
        *self = apart;
    }
}

/// A text as it stands in JSON, between the quotes.
fn escaped(text: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
    if text.bytes().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let quoted = serde_json::to_string(text).unwrap_or_default();
    Cow::Owned(quoted[1..quoted.len() - 1].to_owned())
}

/// How an event follows from the one before: so many bytes of its head and its tail are kept, and
/// between them stand a text, a piece of the reply and a text.
#[derive(Clone, Copy, Default)]
struct Step<'a> {
    head: usize,
    tail: usize,
    first: &'a [u8],
    at: usize,
    end: usize,
    rest: &'a [u8],
}

/// Events being read.
struct Reading<'a> {
    rest: &'a [u8],
    shape: (usize, usize),
    said: usize,
}

impl<'a> Reading<'a> {
    fn of(packed: &'a [u8]) -> Self {
        Self { rest: packed, shape: (0, 0), said: 0 }
    }

    fn step(&mut self) -> Step<'a> {
        let first = take_number(&mut self.rest);
        let mut step = Step::default();
        if first & IN_SHAPE != 0 {
            (step.head, step.tail) = self.shape;
            (step.at, step.end) = (self.said, self.said + (first >> 1));
        } else {
            step.head = take_number(&mut self.rest);
            step.tail = take_number(&mut self.rest);
            step.first = take_text(&mut self.rest);
            if first == WITH_PIECE {
                step.at = take_number(&mut self.rest);
                step.end = step.at + take_number(&mut self.rest);
                step.rest = take_text(&mut self.rest);
                self.shape = (step.head + step.first.len(), step.tail + step.rest.len());
            }
        }
        if first != WITHOUT_PIECE {
            self.said = step.end;
        }
        step
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

fn push_text(out: &mut Vec<u8>, text: &[u8]) {
    push_number(out, text.len());
    out.extend_from_slice(text);
}

fn take_text<'a>(bytes: &mut &'a [u8]) -> &'a [u8] {
    let length = take_number(bytes);
    let (text, rest) = bytes.split_at(length);
    *bytes = rest;
    text
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
    use proptest::prelude::*;
    use serde_json::Value as Json;

    fn back(events: &Events, reply: &str) -> Vec<String> {
        let mut back = Vec::new();
        events.each(reply, |event| back.push(event.to_owned()));
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
            events.push(text, None);
        }
        events.settle();
        assert_eq!(back(&events, ""), texts);
        assert_eq!(events.count(), texts.len());
    }

    #[test]
    fn events_that_repeat_each_other_cost_what_differs() {
        let mut events = Events::default();
        let text = |n: usize| format!("{{\"id\":\"{}\",\"delta\":\"word {n}\"}}", "i".repeat(300));
        for n in 0..1_000 {
            events.push(&text(n), None);
        }
        assert_eq!(back(&events, ""), (0..1_000).map(text).collect::<Vec<_>>());
        assert!(events.packed.len() < 10_000, "{} bytes", events.packed.len());
    }

    #[test]
    fn pieces_of_the_reply_cost_a_number_each() {
        let mut events = Events::default();
        let mut reply = String::new();
        let pieces = ["It said: \"", "so\n", "1", " and é\t\u{1}", "\\"];
        let mut told = Vec::new();
        for n in 0..1_000 {
            let (text, at) = (pieces[n % pieces.len()], reply.len());
            told.push(format!(r#"{{"id":"one","delta":{},"end":null}}"#, Json::from(text)));
            events.push(told.last().expect("one"), Some(Piece { text, at }));
            reply.push_str(text);
        }
        assert_eq!(back(&events, &reply), told);
        assert!(events.packed.len() < 1_100, "{} bytes", events.packed.len());
        // What the reply does not hold has not come yet.
        let cut = &reply[..reply.len() / 2];
        let shown = back(&events, cut);
        assert!(!shown.is_empty() && told.starts_with(&shown), "{} events", shown.len());
        assert_eq!(events.packed(cut.len()).0, shown.len());
        events.part_from(&reply);
        assert_eq!((back(&events, ""), events.count()), (told, 1_000));
    }

    /// An event, and the piece that it brings, if any.
    fn any_event() -> impl Strategy<Value = (String, Option<String>)> {
        let piece = "[a-c\"\\\\\n\u{1}é]{1,8}";
        let around = "[ab{}\"é]{0,6}";
        prop_oneof![
            around.prop_map(|event| (event, None)),
            // As providers write it, in one of few shapes.
            (piece, 0..3_usize).prop_map(|(piece, shape)| {
                let event = format!("{}{}{}", ["", "{aa", "{ab"][shape], quoted(&piece), "}");
                (event, Some(piece))
            }),
            // Written otherwise, or not in it at all.
            (piece, around, around).prop_map(|(piece, before, behind)| {
                (format!("{before}{piece}{behind}"), Some(piece))
            }),
        ]
    }

    fn quoted(text: &str) -> String {
        Json::from(text).to_string()
    }

    proptest! {
        #[test]
        fn any_events_beside_any_reply_come_back(
            made in prop::collection::vec((any_event(), "[a-c]{0,3}"), 0..20), cut in 0.0..1.0_f64,
        ) {
            let (mut events, mut reply, mut told) = (Events::default(), String::new(), Vec::new());
            let mut ends = Vec::new();
            for ((event, piece), more) in made {
                // What came beside the events.
                reply.push_str(&more);
                let at = reply.len();
                events.push(&event, piece.as_deref().map(|text| Piece { text, at }));
                reply.push_str(piece.as_deref().unwrap_or_default());
                told.push(event);
                ends.push(reply.len());
            }
            prop_assert_eq!(&back(&events, &reply), &told);
            let cut = reply.floor_char_boundary((reply.len() as f64 * cut) as usize);
            let shown = back(&events, &reply[..cut]);
            prop_assert!(told.starts_with(&shown));
            prop_assert!(shown.len() >= ends.iter().filter(|end| **end <= cut).count());
            events.part_from(&reply);
            prop_assert_eq!(back(&events, ""), told);
        }
    }
}

//! What a stream's task hands to whoever polls: the newest text of the newest attempt, and the end.
//!
//! The task only appends; reading the text into a value happens when somebody polls. A reader that
//! is slow costs the text itself, which is kept as the raw reply anyway, and no more.
//!
//! Invariants:
//! 1. `end` is set at most once, and nothing is appended after it.
//! 2. An end and a new attempt are told at once, text by `tell_text` or with them; always after the
//!    lock was released.
//! 3. The lock is held for a copy or for writing the text down, never while anything waits: whoever
//!    reads the text borrows it, and what comes meanwhile goes behind it afterwards.

use std::sync::Arc;

use crate::error::Error;
use crate::ready::Signal;
use crate::reply_text::ReplyText;
use crate::sync::{AtomicBool, Mutex, Ordering, lock};

/// Bytes of one reply that are kept; a longer one fails.
pub const REPLY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The hand-over between a task and its stream.
pub struct Feed {
    state: Mutex<State>,
    signal: Arc<Signal>,
    /// Somebody looks at the raw reply: what is no text is news too.
    watched: AtomicBool,
    unseen: AtomicBool,
}

#[derive(Default)]
struct State {
    attempt: u32,
    text: ReplyText,
    /// Bytes of the reply that were taken; always on a character boundary.
    taken: usize,
    end: Option<End>,
}

/// How a task ended.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// The whole reply is there; whether it is a value is still to be seen.
    Complete,
    /// No reply came of it.
    Failed(Box<Error>),
}

/// What came since the last look.
#[derive(Debug, Default, PartialEq)]
pub struct News {
    /// The attempt that the text belongs to, from 1; 0 before the first.
    pub attempt: u32,
    /// The reply so far, lent until this is dropped; of a feed in blocks what is new of it.
    pub text: Arc<String>,
    /// Where in it that begins which was not there at the last look, or belongs to a new attempt.
    pub from: usize,
    /// The end, again at each look.
    pub end: Option<End>,
}

impl News {
    /// Text to append, or the beginning if the attempt is a new one.
    pub fn piece(&self) -> &str {
        &self.text[self.from..]
    }
}

impl Feed {
    /// An empty feed, whose text lies in one piece.
    pub fn new(signal: Arc<Signal>) -> Self {
        Self::with_text_in(ReplyText::default(), signal)
    }

    /// An empty feed for those who look at each piece once: looks lend what is new, and no more.
    pub fn in_blocks(signal: Arc<Signal>) -> Self {
        Self::with_text_in(ReplyText::in_blocks(), signal)
    }

    fn with_text_in(text: ReplyText, signal: Arc<Signal>) -> Self {
        Self {
            state: Mutex::new(State { text, ..State::default() }),
            signal,
            watched: AtomicBool::new(false),
            unseen: AtomicBool::new(false),
        }
    }

    /// Starts over: what an earlier attempt said and nobody took is dropped.
    pub fn begin_attempt(&self, attempt: u32) {
        let mut state = lock(&self.state);
        if state.end.is_none() {
            let fresh = state.text.anew();
            let stale = std::mem::replace(&mut state.text, fresh);
            state.attempt = attempt;
            state.taken = 0;
            drop(state);
            drop(stale);
            self.signal.tell();
        }
    }

    /// Appends a piece of the reply; `tell_text` tells of it. False if the reply would grow beyond
    /// [`REPLY_BYTES_MAX`].
    pub fn append(&self, piece: &str) -> bool {
        let mut state = lock(&self.state);
        if state.text.len() + piece.len() > REPLY_BYTES_MAX {
            return false;
        }
        if state.end.is_none() {
            state.text.push(piece);
        }
        true
    }

    /// Ends the feed; a second end is ignored.
    pub fn end(&self, end: End) {
        let mut state = lock(&self.state);
        if state.end.is_none() {
            state.end = Some(end);
            drop(state);
            self.signal.tell();
        }
    }

    /// Reasoning came: `tell_text` tells of it where somebody watches.
    pub fn reasoned(&self) {
        if self.watched.load(Ordering::Acquire) {
            self.unseen.store(true, Ordering::Release);
        }
    }

    /// The raw text of the newest attempt from a byte on, with the attempt's number; from its
    /// beginning if `attempt` is another. From now on reasoning is told of as well.
    pub fn raw(&self, attempt: u32, from: usize) -> (u32, String) {
        self.watched.store(true, Ordering::Release);
        let mut state = lock(&self.state);
        let newest = state.attempt;
        let from = if attempt == newest { from } else { 0 };
        (newest, state.text.since(from))
    }

    /// Tells of text that nobody took yet, if there is any. Says whether there was.
    pub fn tell_text(&self) -> bool {
        let state = lock(&self.state);
        let text = state.text.len() > state.taken;
        drop(state);
        let news = text | self.unseen.swap(false, Ordering::AcqRel);
        if news {
            self.signal.tell();
        }
        news
    }

    /// Tells of what is there already: whoever looked has more to look at.
    pub fn tell(&self) {
        self.signal.tell();
    }

    /// Takes what came since the last look, once it was told of: whoever looks again at once would
    /// else be given each piece alone. Only one at a time may look.
    pub fn look(&self) -> News {
        let told = self.signal.look();
        let mut state = lock(&self.state);
        if !told && state.end.is_none() {
            // What is not told of is not shown.
            return News { attempt: state.attempt, ..News::default() };
        }
        let taken = state.taken;
        let (text, from) = state.text.lend(taken);
        state.taken += text.len() - from;
        News { attempt: state.attempt, text, from, end: state.end.clone() }
    }

    /// Calls `read` with the whole text of the newest attempt so far. Once the feed has ended
    /// nobody waits for the lock meanwhile; before, the task does.
    pub fn with_text<T>(&self, read: impl FnOnce(&str) -> T) -> T {
        read(&lock(&self.state).text.whole())
    }

    /// The whole text of the newest attempt, which lies in one piece from now on.
    pub fn joined(&self) -> Arc<String> {
        lock(&self.state).text.joined()
    }

    /// The whole text of the newest attempt so far.
    pub fn text(&self) -> String {
        lock(&self.state).text.whole().into_owned()
    }
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use super::*;
    use crate::ready::{Bell, ReadyQueue};

    struct Mute;
    impl Bell for Mute {
        fn ring(&self) {}
    }

    /// A feed whose first attempt has begun.
    fn begun() -> Feed {
        let queue = Arc::new(ReadyQueue::new(Box::new(Mute)));
        let feed = Feed::new(Arc::new(Signal::new(queue, 1)));
        feed.begin_attempt(1);
        feed
    }

    #[test]
    fn look_gives_what_was_told_of_and_the_end_gives_all() {
        let feed = begun();
        assert!(feed.append("a"));
        assert_eq!(feed.look().piece(), "a", "the attempt was told of");
        assert!(feed.append("b"));
        assert_eq!(feed.look().piece(), "", "nobody told");
        assert!(feed.append("c"));
        feed.tell_text();
        assert_eq!(feed.look().piece(), "bc");
        assert!(feed.append("d"));
        feed.end(End::Complete);
        feed.signal.look();
        let news = feed.look();
        assert_eq!((news.piece(), news.end.clone()), ("d", Some(End::Complete)));
    }

    #[test]
    fn text_that_comes_while_the_rest_is_lent_goes_behind_it() {
        let feed = begun();
        assert!(feed.append("ab"));
        feed.tell_text();
        let lent = feed.look();
        assert!(feed.append("c") && feed.append("d"));
        assert_eq!((lent.text.as_str(), lent.piece()), ("ab", "ab"));
        assert_eq!((feed.text().as_str(), feed.raw(1, 1).1.as_str()), ("abcd", "bcd"));
        assert!(feed.tell_text());
        drop(lent);
        assert_eq!(feed.look().piece(), "cd");
        let lent = feed.look();
        feed.begin_attempt(2);
        assert!(feed.append("x"));
        feed.end(End::Complete);
        drop(lent);
        let news = feed.look();
        assert_eq!((news.attempt, news.piece(), feed.text().as_str()), (2, "x", "x"));
    }
}

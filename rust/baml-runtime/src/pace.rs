//! How often the workers look for news: where thousands of pieces come a second, those of a moment
//! are taken together.
//!
//! Waking a thread costs as much as reading a piece. A worker that has nothing left to do rests for
//! a moment before it looks again, so that it finds several sockets with something to read, and its
//! owner several streams with news. A few streams at the pace of a model never come to that; one
//! that comes as fast as the line allows does: the system wakes a worker for each of its packets,
//! read or not, which would cost more than all that is made of them.
//!
//! Invariants: a rest is no longer than the pieces of the last [`SPAN`] were many, see [`RESTS`]; a
//! bell that is owed is rung before its worker rests.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::sync::{Mutex, lock};

/// The time over which pieces are counted.
const SPAN: Duration = Duration::from_millis(10);
/// From so many pieces in that time on a worker rests for so long: there are two or more in each
/// rest, and, where it is the longer one, twenty. A model's pieces are 20 to 100 ms apart.
const RESTS: [(u64, Duration); 2] =
    [(40, Duration::from_millis(1)), (100, Duration::from_millis(2))];

thread_local! {
    /// On a worker of a busy runtime: the address of its pace; else 0.
    static BUSY_WITH: Cell<usize> = const { Cell::new(0) };
}

/// The pace of one runtime.
#[derive(Default)]
pub struct Pace {
    pieces: AtomicU64,
    span: Mutex<Option<Span>>,
}

struct Span {
    began: Instant,
    before: u64,
    /// How long workers rest after it; zero where they do not.
    rest: Duration,
}

impl Pace {
    /// So many pieces were read.
    pub(crate) fn count(&self, pieces: u64) {
        self.pieces.fetch_add(pieces, Ordering::Relaxed);
    }

    /// Called by a worker that has nothing to do; `settle` does what it owes.
    pub(crate) fn idle(&self, settle: impl FnOnce()) {
        settle();
        let rest = self.rest();
        BUSY_WITH.set(if rest.is_zero() { 0 } else { self.address() });
        if !rest.is_zero() {
            std::thread::sleep(rest);
        }
    }

    /// Whether this thread is a worker that can do later what is not urgent: it calls `idle` soon.
    pub(crate) fn can_wait(&self) -> bool {
        BUSY_WITH.get() == self.address()
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    fn rest(&self) -> Duration {
        let pieces = self.pieces.load(Ordering::Relaxed);
        let mut span = lock(&self.span);
        let now = Instant::now();
        let fresh = Span { began: now, before: pieces, rest: Duration::ZERO };
        let found = span.get_or_insert(fresh);
        let elapsed = now - found.began;
        if elapsed >= SPAN {
            let share = elapsed.as_secs_f64() / SPAN.as_secs_f64();
            let in_span = (pieces - found.before) as f64 / share;
            let rest = RESTS.iter().rev().find(|(least, _)| in_span > *least as f64);
            let rest = rest.map_or(Duration::ZERO, |(_, rest)| *rest);
            *found = Span { began: now, before: pieces, rest };
        }
        found.rest
    }
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use super::*;

    #[test]
    fn workers_rest_only_where_pieces_are_many() {
        let pace = Pace::default();
        let span = || {
            let begun = Instant::now();
            pace.idle(|| {});
            begun.elapsed()
        };
        span();
        std::thread::sleep(SPAN);
        span();
        assert!(!pace.can_wait(), "nothing was read");
        let [(some, _), (many, long)] = RESTS;
        pace.count(1_000 * many);
        std::thread::sleep(SPAN);
        assert!(span() >= long);
        assert!(pace.can_wait());
        assert!(!Pace::default().can_wait(), "that of another runtime");
        std::thread::sleep(SPAN);
        span();
        assert!(!pace.can_wait(), "nothing was read any more");
        let begun = Instant::now();
        std::thread::sleep(SPAN);
        // As many as are some for the time that passed, however long the machine took.
        pace.count((some as f64 * 1.5 * begun.elapsed().as_secs_f64() / SPAN.as_secs_f64()) as u64);
        assert!(pace.rest() < long, "some are not many");
    }
}

//! How often the workers look for news: where thousands of pieces come a second, those of a moment
//! are taken together.
//!
//! Waking a thread costs as much as reading a piece. A worker that has nothing left to do rests for
//! a moment before it looks again, so that it finds several sockets with something to read, and its
//! owner several streams with news. A few streams at the pace of a model never come to that; one
//! that comes as fast as the line allows does: the system wakes a worker for each of its packets,
//! read or not, which would cost more than all that is made of them.
//!
//! Invariants: a rest is no longer than [`REST`], and nobody rests unless there were more than
//! [`PIECES_MIN`] pieces in the last [`SPAN`]; a bell that is owed is rung before its worker rests.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::sync::{Mutex, lock};

/// How long a worker rests.
const REST: Duration = Duration::from_millis(1);
/// The time over which pieces are counted.
const SPAN: Duration = Duration::from_millis(10);
/// So many pieces in that time are many: two or more in each rest.
const PIECES_MIN: u64 = 40;

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
    is_busy: bool,
}

impl Pace {
    /// So many pieces were read.
    pub(crate) fn count(&self, pieces: u64) {
        self.pieces.fetch_add(pieces, Ordering::Relaxed);
    }

    /// Called by a worker that has nothing to do; `settle` does what it owes.
    pub(crate) fn idle(&self, settle: impl FnOnce()) {
        settle();
        let is_busy = self.is_busy();
        BUSY_WITH.set(if is_busy { self.address() } else { 0 });
        if is_busy {
            std::thread::sleep(REST);
        }
    }

    /// Whether this thread is a worker that can do later what is not urgent: it calls `idle` soon.
    pub(crate) fn can_wait(&self) -> bool {
        BUSY_WITH.get() == self.address()
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    fn is_busy(&self) -> bool {
        let pieces = self.pieces.load(Ordering::Relaxed);
        let mut span = lock(&self.span);
        let now = Instant::now();
        let found = span.get_or_insert(Span { began: now, before: pieces, is_busy: false });
        let elapsed = now - found.began;
        if elapsed >= SPAN {
            let share = elapsed.as_secs_f64() / SPAN.as_secs_f64();
            let is_busy = (pieces - found.before) as f64 > PIECES_MIN as f64 * share;
            *found = Span { began: now, before: pieces, is_busy };
        }
        found.is_busy
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
        pace.count(1_000 * PIECES_MIN);
        std::thread::sleep(SPAN);
        assert!(span() >= REST);
        assert!(pace.can_wait());
        assert!(!Pace::default().can_wait(), "that of another runtime");
        std::thread::sleep(SPAN);
        span();
        assert!(!pace.can_wait(), "nothing was read any more");
    }
}

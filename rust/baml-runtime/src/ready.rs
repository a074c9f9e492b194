//! The streams that have news, as the tags that their owners chose, and the bell that says so.
//!
//! Invariants:
//! 1. A stream stands in the queue at most once, so the queue is no longer than there are streams.
//! 2. Whenever the queue holds a tag, the bell was rung after the last `drain` began, or will be
//!    before the worker that owes it rests: no wake-up is lost. It may ring once too often.
//! 3. The bell is rung without a lock held.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Wake;

use crate::pace::Pace;
use crate::sync::{AtomicBool, Mutex, Ordering, lock};

/// What tells the owner of a runtime that `drain` has something to give. Must not block.
pub trait Bell: Send + Sync {
    /// Rings.
    fn ring(&self);
}

impl<B: Bell + ?Sized> Bell for Arc<B> {
    fn ring(&self) {
        (**self).ring();
    }
}

/// Tags of streams with news, oldest first.
pub struct ReadyQueue {
    state: Mutex<State>,
    bell: Box<dyn Bell>,
    pace: Arc<Pace>,
    /// The bell is rung by a worker once it has nothing else to do.
    owed: AtomicBool,
}

/// Tags that wait for a bell that is owed, at most.
const OWED_MAX: usize = 64;

#[derive(Default)]
struct State {
    tags: VecDeque<u64>,
    rung: bool,
}

impl ReadyQueue {
    /// An empty queue that rings `bell`.
    pub fn new(bell: Box<dyn Bell>) -> Self {
        let (state, pace) = (Mutex::default(), Arc::default());
        Self { state, bell, pace, owed: AtomicBool::new(false) }
    }

    /// The pace of the workers that tell.
    pub(crate) fn pace(&self) -> &Arc<Pace> {
        &self.pace
    }

    /// Rings if that is owed.
    pub(crate) fn settle(&self) {
        if self.owed.load(Ordering::Acquire) && self.owed.swap(false, Ordering::AcqRel) {
            self.bell.ring();
        }
    }

    /// Moves up to `out.len()` tags into `out` and says how many. If some are left, the bell rings
    /// again.
    pub fn drain(&self, out: &mut [u64]) -> usize {
        let mut state = lock(&self.state);
        let count = out.len().min(state.tags.len());
        for (slot, tag) in out.iter_mut().zip(state.tags.drain(..count)) {
            *slot = tag;
        }
        state.rung = !state.tags.is_empty();
        let left = state.rung;
        drop(state);
        if left {
            self.bell.ring();
        }
        count
    }

    /// Rings whatever the queue holds: for a waiter that must look up because the runtime ends.
    pub fn ring(&self) {
        self.bell.ring();
    }

    fn push(&self, tag: u64) {
        let mut state = lock(&self.state);
        state.tags.push_back(tag);
        let rings = !std::mem::replace(&mut state.rung, true);
        let many = state.tags.len() >= OWED_MAX;
        drop(state);
        if rings && self.pace.can_wait() {
            self.owed.store(true, Ordering::Release);
        } else if rings {
            self.bell.ring();
        } else if many {
            self.settle();
        }
    }
}

/// One stream's way into the queue.
pub struct Signal {
    queue: Arc<ReadyQueue>,
    tag: u64,
    /// Whether news were told that no poll has looked at yet.
    told: AtomicBool,
}

impl Signal {
    /// The signal of the stream that its owner calls `tag`.
    pub fn new(queue: Arc<ReadyQueue>, tag: u64) -> Self {
        Self { queue, tag, told: AtomicBool::new(false) }
    }

    /// Says that there are news; nothing more than a flag if they were told already.
    pub fn tell(&self) {
        if !self.told.swap(true, Ordering::AcqRel) {
            self.queue.push(self.tag);
        }
    }

    /// To be called by a poll *before* it looks: what comes after it is told anew. Says whether
    /// news were told.
    pub fn look(&self) -> bool {
        self.told.swap(false, Ordering::AcqRel)
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.tell();
    }
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering as Order};

    #[derive(Clone, Default)]
    struct Count(Arc<AtomicUsize>);
    impl Bell for Count {
        fn ring(&self) {
            self.0.fetch_add(1, Order::SeqCst);
        }
    }

    #[test]
    fn bell_rings_once_until_the_queue_is_drained() {
        let count = Count::default();
        let queue = Arc::new(ReadyQueue::new(Box::new(count.clone())));
        let signals: Vec<Signal> =
            (10..13).map(|tag| Signal::new(Arc::clone(&queue), tag)).collect();
        signals.iter().for_each(Signal::tell);
        signals.iter().for_each(Signal::tell);
        assert_eq!(count.0.load(Order::SeqCst), 1);
        let mut tags = [0; 2];
        assert_eq!((queue.drain(&mut tags), tags), (2, [10, 11]));
        assert_eq!(count.0.load(Order::SeqCst), 2, "one tag is left");
        assert_eq!((queue.drain(&mut tags), tags[0]), (1, 12));
        assert_eq!(queue.drain(&mut tags), 0);
        signals[0].tell();
        assert_eq!(queue.drain(&mut tags), 0, "told and not looked at yet");
        signals[0].look();
        signals[0].tell();
        assert_eq!((queue.drain(&mut tags), tags[0]), (1, 10));
        assert_eq!(count.0.load(Order::SeqCst), 3);
    }
    #[test]
    fn bell_of_a_busy_worker_is_rung_before_it_rests_or_when_many_wait() {
        let count = Count::default();
        let queue = Arc::new(ReadyQueue::new(Box::new(count.clone())));
        let rung = || count.0.load(Order::SeqCst);
        let idle = || queue.pace().idle(|| queue.settle());
        let signals: Vec<Signal> =
            (0..2 * OWED_MAX as u64).map(|tag| Signal::new(Arc::clone(&queue), tag)).collect();
        idle();
        queue.pace().count(1_000_000);
        std::thread::sleep(std::time::Duration::from_millis(20));
        idle();
        assert_eq!(rung(), 0, "nothing was told");
        signals[0].tell();
        assert_eq!(rung(), 0, "it is owed");
        idle();
        assert_eq!(rung(), 1);
        queue.drain(&mut [0; 4]);
        signals[1..].iter().for_each(Signal::tell);
        assert_eq!(rung(), 2, "too many for a worker that may be long about it");
        idle();
        assert_eq!(rung(), 2, "once is enough");
    }
}

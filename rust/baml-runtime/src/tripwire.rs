//! The tripwire: whatever hangs on it ends when it is tripped, once, for the first reason given.
//!
//! ```text
//!            abort(reason): one compare-exchange
//!   ARMED ───────────────────────────────────────► TRIPPED(reason)
//!     │      disarm(): one compare-exchange
//!     └──────────────────────────────────────────► SPENT      (what hung on it ended by itself)
//! ```
//! Invariants:
//! 1. The state leaves ARMED exactly once; whoever moves it is *the one*.
//! 2. Links are looked through after the move and under their lock, and whoever adds a link looks
//!    at the state under that lock: no waiter and no child is missed.
//! 3. Lock order: one tripwire's links at a time; wakers and children are called after release.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};

use rustc_hash::FxHashMap;

use crate::sync::{AtomicU16, Mutex, Ordering, lock};

const ARMED: u16 = 0;
const SPENT: u16 = 1;
/// Tripped with reason r is this plus r.
const TRIPPED: u16 = 0x100;

/// A shared tripwire; a clone is the same wire.
#[derive(Clone)]
pub struct Tripwire(Arc<Wire>);

struct Wire {
    state: AtomicU16,
    links: Mutex<Links>,
    /// Each parent with the key of this wire among its links.
    parents: Vec<(Tripwire, u64)>,
}

#[derive(Default)]
struct Links {
    next: u64,
    children: FxHashMap<u64, Weak<Wire>>,
    /// By their keys, which only rise. Most wires have two.
    waiters: Vec<(u64, Waker)>,
}

impl Default for Tripwire {
    fn default() -> Self {
        Self::new()
    }
}

impl Tripwire {
    /// A wire that only its own `abort` trips.
    pub fn new() -> Self {
        Self::with_parents(&[])
    }

    /// A wire that trips with any of its parents, for the parent's reason. It does not keep a
    /// parent from being freed by its owner: only memory is shared.
    pub fn with_parents(parents: &[&Tripwire]) -> Self {
        let wire = Arc::new_cyclic(|this: &Weak<Wire>| Wire {
            state: AtomicU16::new(ARMED),
            links: Mutex::new(Links::default()),
            parents: parents.iter().map(|p| ((*p).clone(), p.adopt(this))).collect(),
        });
        let child = Self(wire);
        // A parent that tripped before or while the link was made may not have seen it.
        for parent in parents {
            if let Some(reason) = parent.reason() {
                child.abort(reason);
            }
        }
        child
    }

    /// Trips. True for the one call that did it; never blocks on anything but a short lock.
    pub fn abort(&self, reason: u8) -> bool {
        if !self.0.leave_armed(TRIPPED + u16::from(reason)) {
            return false;
        }
        let mut pending = vec![Arc::clone(&self.0)];
        while let Some(wire) = pending.pop() {
            let (children, waiters) = {
                let mut links = lock(&wire.links);
                (std::mem::take(&mut links.children), std::mem::take(&mut links.waiters))
            };
            let tripped = children.into_values().filter_map(|child| child.upgrade());
            pending.extend(tripped.filter(|child| child.leave_armed(TRIPPED + u16::from(reason))));
            for (_, waker) in waiters {
                waker.wake();
            }
        }
        true
    }

    /// Retires the wire because what hung on it ended by itself. False if it was tripped before:
    /// the end counts as aborted then. Children are left as they are.
    pub fn disarm(&self) -> bool {
        self.0.leave_armed(SPENT)
    }

    /// Whether it was tripped.
    pub fn is_tripped(&self) -> bool {
        self.0.state.load(Ordering::Acquire) >= TRIPPED
    }

    /// The reason of the call that tripped it.
    pub fn reason(&self) -> Option<u8> {
        let state = self.0.state.load(Ordering::Acquire);
        (state >= TRIPPED).then(|| (state - TRIPPED) as u8)
    }

    /// Ends when the wire is tripped.
    pub fn tripped(&self) -> Tripped {
        Tripped { wire: self.clone(), key: None, waker: None }
    }

    /// Has `waker` woken when the wire is tripped, at once if it already is.
    pub fn wake_on_trip(&self, waker: Waker) {
        let mut links = lock(&self.0.links);
        if self.is_tripped() {
            drop(links);
            waker.wake();
        } else {
            links.next += 1;
            let key = links.next - 1;
            let _ = links.watch(key, waker);
        }
    }

    fn adopt(&self, child: &Weak<Wire>) -> u64 {
        let mut links = lock(&self.0.links);
        let key = links.next;
        links.next += 1;
        if self.0.state.load(Ordering::Acquire) == ARMED {
            links.children.insert(key, child.clone());
        }
        key
    }
}

impl Links {
    /// Has `waker` woken in place of the one that this key had.
    fn watch(&mut self, key: u64, waker: Waker) -> Option<Waker> {
        match self.waiters.binary_search_by_key(&key, |(key, _)| *key) {
            Ok(at) => Some(std::mem::replace(&mut self.waiters[at].1, waker)),
            Err(at) => {
                if self.waiters.len() == self.waiters.capacity() {
                    // Twice as many, but from one on: wires are many, and most have two.
                    self.waiters.reserve_exact(self.waiters.len().max(1));
                }
                self.waiters.insert(at, (key, waker));
                None
            }
        }
    }

    fn unwatch(&mut self, key: u64) -> Option<Waker> {
        let at = self.waiters.binary_search_by_key(&key, |(key, _)| *key).ok()?;
        Some(self.waiters.remove(at).1)
    }
}

impl Wire {
    fn leave_armed(&self, to: u16) -> bool {
        self.state.compare_exchange(ARMED, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        for (parent, key) in &self.parents {
            lock(&parent.0.links).children.remove(key);
        }
    }
}

impl std::fmt::Debug for Tripwire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tripwire").field("reason", &self.reason()).finish()
    }
}

/// Waits for a [`Tripwire`].
pub struct Tripped {
    wire: Tripwire,
    key: Option<u64>,
    /// Who is woken: it stays so until the wire is tripped, and is not written down at each poll.
    waker: Option<Waker>,
}

impl Future for Tripped {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.wire.is_tripped() {
            return Poll::Ready(());
        }
        if self.waker.as_ref().is_some_and(|waker| waker.will_wake(context.waker())) {
            return Poll::Pending;
        }
        let wire = self.wire.clone();
        let mut links = lock(&wire.0.links);
        if wire.is_tripped() {
            return Poll::Ready(());
        }
        let key = *self.key.get_or_insert_with(|| {
            links.next += 1;
            links.next - 1
        });
        self.waker = Some(context.waker().clone());
        let before = links.watch(key, context.waker().clone());
        // Dropped after the lock: a waker may run foreign code when it goes.
        drop(links);
        drop(before);
        Poll::Pending
    }
}

impl Drop for Tripped {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            // Dropped after the lock: a waker may run foreign code when it goes.
            let waker = lock(&self.wire.0.links).unwatch(key);
            drop(waker);
        }
    }
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering as Order};
    use std::task::Wake;

    struct Count(AtomicUsize);
    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Order::SeqCst);
        }
    }

    #[test]
    fn abort_twice_first_wins_and_its_reason_stays() {
        let wire = Tripwire::new();
        assert!(!wire.is_tripped());
        assert!(wire.abort(7));
        assert!(!wire.abort(9));
        assert_eq!(wire.reason(), Some(7));
        assert!(!wire.disarm());
    }

    #[test]
    fn disarm_before_abort_makes_the_abort_late() {
        let wire = Tripwire::new();
        assert!(wire.disarm());
        assert!(!wire.abort(1));
        assert_eq!(wire.reason(), None);
    }

    #[test]
    fn abort_of_a_parent_trips_descendants_and_only_them() {
        let (root, other) = (Tripwire::new(), Tripwire::new());
        let child = Tripwire::with_parents(&[&root, &other]);
        let grandchild = Tripwire::with_parents(&[&child]);
        let stranger = Tripwire::with_parents(&[&other]);
        assert!(root.abort(3));
        assert_eq!((child.reason(), grandchild.reason()), (Some(3), Some(3)));
        assert_eq!((other.reason(), stranger.reason()), (None, None));
        assert_eq!(Tripwire::with_parents(&[&root]).reason(), Some(3));
    }

    #[test]
    fn abort_wakes_each_waiter_once() {
        let wire = Tripwire::new();
        let count = Arc::new(Count(AtomicUsize::new(0)));
        wire.wake_on_trip(Waker::from(Arc::clone(&count)));
        let waker = Waker::from(Arc::clone(&count));
        let mut tripped = Box::pin(wire.tripped());
        assert!(tripped.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        wire.abort(1);
        wire.abort(1);
        assert_eq!(count.0.load(Order::SeqCst), 2);
        assert!(tripped.as_mut().poll(&mut Context::from_waker(&waker)).is_ready());
        wire.wake_on_trip(Waker::from(Arc::clone(&count)));
        assert_eq!(count.0.load(Order::SeqCst), 3);
    }

    #[test]
    fn children_and_waiters_that_went_leave_no_trace() {
        let root = Tripwire::new();
        for _ in 0..100 {
            let child = Tripwire::with_parents(&[&root]);
            let mut tripped = Box::pin(root.tripped());
            assert!(tripped.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            drop((child, tripped));
        }
        let links = lock(&root.0.links);
        assert!(links.children.is_empty() && links.waiters.is_empty());
    }
}

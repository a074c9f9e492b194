//! Counters of what runs: calls and exchanges, of a runtime and of the process.
//!
//! Invariant: whatever counts up holds a guard whose drop counts down.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What runs at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// Calls whose task lives.
    pub tasks: u64,
    /// Exchanges with a provider under way.
    pub sockets: u64,
}

/// The counters of one runtime.
#[derive(Default)]
pub struct Counters {
    tasks: AtomicU64,
    sockets: AtomicU64,
}

static PROCESS: Counters = Counters { tasks: AtomicU64::new(0), sockets: AtomicU64::new(0) };

/// What is counted.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub enum Counted {
    Task,
    Socket,
}

/// Counts one thing for as long as it lives.
pub struct Running {
    counters: Arc<Counters>,
    what: Counted,
}

/// What runs in the whole process.
pub fn of_process() -> Activity {
    PROCESS.read()
}

impl Counters {
    /// What runs now.
    pub fn read(&self) -> Activity {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Activity { tasks: read(&self.tasks), sockets: read(&self.sockets) }
    }

    fn counter(&self, what: Counted) -> &AtomicU64 {
        match what {
            Counted::Task => &self.tasks,
            Counted::Socket => &self.sockets,
        }
    }
}

impl Running {
    /// Counts one more.
    pub fn new(counters: &Arc<Counters>, what: Counted) -> Self {
        for counters in [&PROCESS, &**counters] {
            counters.counter(what).fetch_add(1, Ordering::Relaxed);
        }
        Self { counters: Arc::clone(counters), what }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for counters in [&PROCESS, &*self.counters] {
            counters.counter(self.what).fetch_sub(1, Ordering::Relaxed);
        }
    }
}

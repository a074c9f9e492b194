//! How a task begins: whoever starts it takes its first steps, up to where it has to wait, and the
//! workers go on from there.
//!
//! What comes before the first wait is work for the processor: a prompt is rendered, a request
//! built and mostly sent. Done at once it costs no worker a wake-up, and holds up nobody else's
//! sockets.
//!
//! ```text
//!   BEGINNING ──(over)──────────────────────────► GONE
//!      ├──(has to wait)──► WAITING ──(woken)──► GONE (a worker has it)
//!      └──(has to wait, woken meanwhile)──────────┘
//! ```
//! Invariants: the task is polled by one thread at a time; once woken it is a worker's; a task that
//! waits is woken by its tripwire at the latest, so none is left behind by a runtime that ends.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};

use tokio::runtime::Handle;

use crate::sync::{Mutex, lock};

/// Threads that take first steps at the same time; those of others are left to the workers, so that
/// many who start at once do not keep more threads busy than there are processors.
const LAUNCHES_MAX: usize = 2;

/// A task on its way.
type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Those who take first steps.
#[derive(Default)]
pub(crate) struct Launches(AtomicUsize);

struct Launch {
    handle: Handle,
    stage: Mutex<Stage>,
}

enum Stage {
    Beginning { woken: bool },
    Waiting(Work),
    Gone,
}

impl Launches {
    /// Starts a task.
    pub(crate) fn start(&self, handle: &Handle, task: impl Future<Output = ()> + Send + 'static) {
        let turn = Turn::take(&self.0);
        if turn.before >= LAUNCHES_MAX {
            drop(turn);
            handle.spawn(task);
            return;
        }
        let stage = Mutex::new(Stage::Beginning { woken: false });
        let launch = Arc::new(Launch { handle: handle.clone(), stage });
        let waker = Waker::from(Arc::clone(&launch));
        let mut work: Work = Box::pin(task);
        let _inside = handle.enter();
        let is_over = work.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
        launch.settle(work, is_over);
    }
}

/// One of those who take first steps.
struct Turn<'a> {
    taken: &'a AtomicUsize,
    before: usize,
}

impl<'a> Turn<'a> {
    fn take(taken: &'a AtomicUsize) -> Self {
        Self { taken, before: taken.fetch_add(1, Ordering::Relaxed) }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Launch {
    fn settle(&self, work: Work, is_over: bool) {
        let mut stage = lock(&self.stage);
        if is_over {
            *stage = Stage::Gone;
        } else if matches!(*stage, Stage::Beginning { woken: true }) {
            *stage = Stage::Gone;
            drop(stage);
            self.handle.spawn(work);
        } else {
            *stage = Stage::Waiting(work);
        }
    }
}

impl Wake for Launch {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut stage = lock(&self.stage);
        match &mut *stage {
            Stage::Beginning { woken } => *woken = true,
            Stage::Gone => {}
            Stage::Waiting(_) => {
                if let Stage::Waiting(work) = std::mem::replace(&mut *stage, Stage::Gone) {
                    drop(stage);
                    self.handle.spawn(work);
                }
            }
        }
    }
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use std::sync::atomic::AtomicBool;
    use std::time::Duration;

    use super::*;

    fn workers() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("workers")
    }

    #[test]
    fn what_needs_no_wait_is_done_at_once_by_whoever_starts_it() {
        let (workers, launches) = (workers(), Launches::default());
        let done = Arc::new(AtomicBool::new(false));
        let (own, here) = (Arc::clone(&done), std::thread::current().id());
        launches.start(workers.handle(), async move {
            assert_eq!(std::thread::current().id(), here);
            own.store(true, Ordering::SeqCst);
        });
        assert!(done.load(Ordering::SeqCst));
        assert_eq!(launches.0.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn what_waits_or_was_woken_meanwhile_goes_on_with_the_workers() {
        let (workers, launches) = (workers(), Launches::default());
        let (tell, told) = std::sync::mpsc::channel();
        let here = std::thread::current().id();
        for yields in [true, false] {
            let tell = tell.clone();
            launches.start(workers.handle(), async move {
                if yields {
                    tokio::task::yield_now().await;
                } else {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                let _ = tell.send(std::thread::current().id());
            });
        }
        for _ in 0..2 {
            let there = told.recv_timeout(Duration::from_secs(10)).expect("it goes on");
            assert_ne!(there, here);
        }
    }
}

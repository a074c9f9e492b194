//! The objects behind the handles, and the counters.
//!
//! Invariant: an object leaves its table before anything is done to end it, so a handle that is
//! being freed is stale for everybody else at once.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use baml_runtime::{Error, Runtime, Stream, Table, Tripwire};

use crate::wakeup::Wakeup;

/// A runtime with what wakes its owner.
pub(crate) struct Held {
    pub(crate) runtime: Runtime,
    pub(crate) wakeup: Arc<Wakeup>,
}

impl Held {
    /// Loads the project of a configuration.
    pub(crate) fn new(config: &[u8]) -> Result<Arc<Self>, Error> {
        let wakeup = Wakeup::new().map_err(|problem| {
            Error::internal(format!("no wake-up descriptor can be made: {problem}"))
        })?;
        let wakeup = Arc::new(wakeup);
        let runtime = Runtime::new(config, Box::new(Arc::clone(&wakeup)))?;
        Ok(Arc::new(Self { runtime, wakeup }))
    }
}

macro_rules! table {
    ($name:ident, $kind:literal, $object:ty, $doc:literal) => {
        #[doc = $doc]
        pub(crate) fn $name() -> &'static Table<$object> {
            static TABLE: LazyLock<Table<$object>> = LazyLock::new(|| Table::new($kind));
            &TABLE
        }
    };
}

table!(runtimes, 1, Arc<Held>, "All runtimes.");
table!(streams, 2, Arc<Stream>, "All streams.");
table!(tripwires, 3, Tripwire, "All tripwires that a caller made.");
table!(buffers, 4, Vec<u8>, "All bytes that were handed out.");

static ABORTS: [AtomicU64; 8] = [const { AtomicU64::new(0) }; 8];

/// Counts a first abort.
pub(crate) fn count_abort(reason: u8) {
    ABORTS[usize::from(reason).min(ABORTS.len() - 1)].fetch_add(1, Ordering::Relaxed);
}

/// First aborts by reason.
pub(crate) fn aborts() -> [u64; 8] {
    std::array::from_fn(|at| ABORTS[at].load(Ordering::Relaxed))
}

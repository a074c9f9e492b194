//! Counters, for tests and for those who watch.

use super::status::*;
use crate::guard::{guard, output};
use crate::tables::{aborts, buffers, runtimes, streams, tripwires};

/// What lives. Handles are counted over the whole process.
#[repr(C)]
pub struct bamlwire_counts {
    /// Runtimes that were not freed.
    pub runtimes: u64,
    /// Streams that were not freed.
    pub streams: u64,
    /// Tripwires that were not freed; a stream's own is not counted.
    pub tripwires: u64,
    /// Buffers that were not freed.
    pub buffers: u64,
    /// Calls that still run: of the given runtime, or of all if it is 0.
    pub tasks: u64,
    /// Exchanges with a provider under way, each of which holds a socket.
    pub sockets: u64,
    /// First aborts by their reason; the last entry counts all reasons from 7 on.
    pub aborts: [u64; 8],
}

/// Reads the counters; runtime 0 means the whole process. BAMLWIRE_BAD_HANDLE,
/// BAMLWIRE_BAD_ARGUMENT if `out` is NULL. Never blocks; callable from any thread.
///
/// # Safety
/// `out`, unless NULL, is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bamlwire_stats(runtime: u64, out: *mut bamlwire_counts) -> i32 {
    // SAFETY: the caller says that `out` is writable or NULL.
    let Some(out) = (unsafe { output(out, bamlwire_counts::ZERO) }) else {
        return BAMLWIRE_BAD_ARGUMENT;
    };
    guard(|| {
        let activity = match runtime {
            0 => baml_runtime::activity::of_process(),
            _ => match runtimes().get(runtime) {
                Some(held) => held.runtime.activity(),
                None => return BAMLWIRE_BAD_HANDLE,
            },
        };
        *out = bamlwire_counts {
            runtimes: runtimes().live(),
            streams: streams().live(),
            tripwires: tripwires().live(),
            buffers: buffers().live(),
            tasks: activity.tasks,
            sockets: activity.sockets,
            aborts: aborts(),
        };
        BAMLWIRE_OK
    })
}

impl bamlwire_counts {
    const ZERO: Self = Self {
        runtimes: 0,
        streams: 0,
        tripwires: 0,
        buffers: 0,
        tasks: 0,
        sockets: 0,
        aborts: [0; 8],
    };
}

//! Tripwires.

use baml_runtime::Tripwire;

use super::status::*;
use crate::guard::guard;
use crate::tables::{count_abort, tripwires};

/// Makes a tripwire, to be freed by `bamlwire_tripwire_free`. It trips by its own abort, or with
/// `parent` and for the parent's reason; parent 0 means none. Returns 0 if `parent` is no live
/// tripwire. Never blocks; callable from any thread.
#[unsafe(no_mangle)]
pub extern "C" fn bamlwire_tripwire_new(parent: u64) -> u64 {
    let make = || match parent {
        0 => tripwires().insert(Tripwire::new()),
        _ => match tripwires().get(parent) {
            Some(parent) => tripwires().insert(Tripwire::with_parents(&[&parent])),
            None => 0,
        },
    };
    std::panic::catch_unwind(make).unwrap_or(0)
}

/// Trips it: every stream and tripwire that hangs on it is aborted when this returns, its tasks are
/// told to let go of their sockets, and no further partial is taken from such a stream. `reason` is
/// the caller's own number and comes back in the stream's error. BAMLWIRE_OK for the one call that
/// did it, BAMLWIRE_ALREADY for all others, BAMLWIRE_BAD_HANDLE. Never blocks; callable from any
/// thread at any time, also while the same handle is being freed.
#[unsafe(no_mangle)]
pub extern "C" fn bamlwire_tripwire_abort(tripwire: u64, reason: u8) -> i32 {
    guard(|| match tripwires().get(tripwire) {
        Some(wire) if wire.abort(reason) => {
            count_abort(reason);
            BAMLWIRE_OK
        }
        Some(_) => BAMLWIRE_ALREADY,
        None => BAMLWIRE_BAD_HANDLE,
    })
}

/// 1 if it was tripped, 0 if not, negative if the handle is bad. Never blocks; any thread.
#[unsafe(no_mangle)]
pub extern "C" fn bamlwire_tripwire_is_tripped(tripwire: u64) -> i32 {
    match tripwires().get(tripwire) {
        Some(wire) => i32::from(wire.is_tripped()),
        None => -BAMLWIRE_BAD_HANDLE,
    }
}

/// Frees the handle. Streams and tripwires that hang on it go on and can no longer be reached
/// through it. BAMLWIRE_BAD_HANDLE if it was freed before. Never blocks; any thread.
#[unsafe(no_mangle)]
pub extern "C" fn bamlwire_tripwire_free(tripwire: u64) -> i32 {
    guard(|| match tripwires().remove(tripwire) {
        Some(_) => BAMLWIRE_OK,
        None => BAMLWIRE_BAD_HANDLE,
    })
}

//! Runtimes: a loaded project, its workers, its wake-up descriptor.

use super::buffer::{bamlwire_buffer, hand_out};
use super::status::*;
use crate::guard::{answer, guard, input, output};
use crate::tables::{Held, runtimes};

/// Loads a project. `config` is JSON: `{"files": {path: text, …}, "worker_threads": n}`; 0 or
/// absent workers mean one for each core. On BAMLWIRE_OK, `*runtime` is to be freed by
/// `bamlwire_runtime_free`. Otherwise it is 0, and `*error` (may be NULL) is a JSON error to be
/// freed by the caller. Takes the time of reading the project; starts no thread, reads no file, no
/// network and no environment. The bytes of `config` are read during the call only. Callable from
/// any thread.
///
/// # Safety
/// `config` is readable for `len` bytes; `runtime` and `error`, unless NULL, are writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bamlwire_runtime_new(
    config: *const u8,
    len: usize,
    runtime: *mut u64,
    error: *mut bamlwire_buffer,
) -> i32 {
    // SAFETY: the caller says that the pointers are valid or NULL.
    let (config, runtime, error) =
        unsafe { (input(config, len), output(runtime, 0), output(error, bamlwire_buffer::EMPTY)) };
    let (Some(config), Some(runtime)) = (config, runtime) else {
        return BAMLWIRE_BAD_ARGUMENT;
    };
    answer(error, || {
        *runtime = runtimes().insert(Held::new(config)?);
        Ok(BAMLWIRE_OK)
    })
}

/// Aborts every stream of the runtime with BAMLWIRE_REASON_CLOSED, makes its descriptor readable a
/// last time and frees the handle. Streams keep their handles, to be polled (they are terminal) and
/// freed. Workers are told to stop and not awaited. BAMLWIRE_BAD_HANDLE if it was freed before.
/// Never blocks; callable from any thread.
#[unsafe(no_mangle)]
pub extern "C" fn bamlwire_runtime_free(runtime: u64) -> i32 {
    guard(|| match runtimes().remove(runtime) {
        Some(held) => {
            held.runtime.close();
            BAMLWIRE_OK
        }
        None => BAMLWIRE_BAD_HANDLE,
    })
}

/// A descriptor that is readable whenever `bamlwire_runtime_ready` has something to give, and once
/// more when the runtime was freed. Each call makes a new one, non-blocking and close-on-exec, that
/// belongs to the caller, who closes it. All of one runtime share their state: one reader is
/// enough. The reader first reads (8 bytes are enough; more does no harm) until the read would
/// block, then drains the ready list. Negative if the handle is bad or the platform has no such
/// descriptor.
#[unsafe(no_mangle)]
pub extern "C" fn bamlwire_runtime_wakeup_fd(runtime: u64) -> i32 {
    guard(|| match runtimes().get(runtime) {
        Some(held) => held.wakeup.descriptor(),
        None => -BAMLWIRE_BAD_HANDLE,
    })
}

/// Moves the tags of up to `cap` streams with news into `tags` and says how many. A stream stands
/// in the list once, until it is polled. If tags are left, the descriptor becomes readable again. A
/// tag may belong to a stream that was freed meanwhile: ignore it. Negative if the handle is bad or
/// `tags` is NULL. Never blocks; callable from any thread.
///
/// # Safety
/// `tags`, unless NULL, is writable for `cap` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bamlwire_runtime_ready(runtime: u64, tags: *mut u64, cap: usize) -> i64 {
    // SAFETY: the caller says that `tags` is writable for `cap` numbers.
    let Some(tags) = (unsafe { crate::guard::numbers(tags, cap) }) else {
        return -i64::from(BAMLWIRE_BAD_ARGUMENT);
    };
    let drain = std::panic::AssertUnwindSafe(|| match runtimes().get(runtime) {
        Some(held) => held.runtime.ready(tags) as i64,
        None => -i64::from(BAMLWIRE_BAD_HANDLE),
    });
    std::panic::catch_unwind(drain).unwrap_or(-i64::from(BAMLWIRE_PANIC))
}

/// Takes what the runtime logged, as JSON (see bindings/WIRE.md). BAMLWIRE_OK with `*out`, to be
/// freed; BAMLWIRE_PENDING if there is nothing. Nothing is logged unless the configuration says so;
/// when something is, the descriptor becomes readable. Entries wait in a bounded ring: what finds
/// it full is dropped and counted. Never blocks; callable from any thread.
///
/// # Safety
/// `out`, unless NULL, is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bamlwire_runtime_logs(runtime: u64, out: *mut bamlwire_buffer) -> i32 {
    // SAFETY: the caller says that `out` is writable or NULL.
    let Some(out) = (unsafe { output(out, bamlwire_buffer::EMPTY) }) else {
        return BAMLWIRE_BAD_ARGUMENT;
    };
    guard(|| match runtimes().get(runtime).map(|held| held.runtime.logs()) {
        Some(Some(entries)) => {
            *out = hand_out(entries);
            BAMLWIRE_OK
        }
        Some(None) => BAMLWIRE_PENDING,
        None => BAMLWIRE_BAD_HANDLE,
    })
}

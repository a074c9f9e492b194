//! What stands around every exported function: pointers become references, a panic becomes a
//! status.
//!
//! Invariant: nothing is written through an out-pointer after its function returned.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use baml_runtime::{Error, ErrorKind};

use crate::abi::buffer::bamlwire_buffer;
use crate::abi::buffer::hand_out;
use crate::abi::status::{BAMLWIRE_BAD_ARGUMENT, BAMLWIRE_FAILED, BAMLWIRE_OK, BAMLWIRE_PANIC};

/// Runs the body of an exported function; a panic becomes BAMLWIRE_PANIC.
pub(crate) fn guard(body: impl FnOnce() -> i32) -> i32 {
    catch(body).unwrap_or(BAMLWIRE_PANIC)
}

/// The same for a body with an error to tell: it goes out as JSON, if anybody wants it.
pub(crate) fn answer(
    error: Option<&mut bamlwire_buffer>,
    body: impl FnOnce() -> Result<i32, Error>,
) -> i32 {
    let (problem, status) = match catch(body) {
        Ok(Ok(status)) => return status,
        Ok(Err(problem)) => {
            let invalid = problem.kind == ErrorKind::InvalidArgument;
            (problem, if invalid { BAMLWIRE_BAD_ARGUMENT } else { BAMLWIRE_FAILED })
        }
        Err(message) => (Error::internal(message), BAMLWIRE_PANIC),
    };
    if let Some(error) = error {
        *error = hand_out(problem.to_json().to_string().into_bytes());
    }
    status
}

/// The same with one buffer for the answer and the error.
pub(crate) fn answer_with(
    out: &mut bamlwire_buffer,
    body: impl FnOnce(&mut bamlwire_buffer) -> Result<i32, Error>,
) -> i32 {
    let mut given = bamlwire_buffer::EMPTY;
    let status = answer(Some(out), || body(&mut given));
    if status == BAMLWIRE_OK {
        *out = given;
    }
    status
}

fn catch<T>(body: impl FnOnce() -> T) -> Result<T, String> {
    static QUIET: Once = Once::new();
    // The default hook would print to the host's stderr what the caller gets as an error anyway.
    QUIET.call_once(|| std::panic::set_hook(Box::new(|_| {})));
    catch_unwind(AssertUnwindSafe(body)).map_err(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
        format!("a defect in the library: {}", text.unwrap_or("no message"))
    })
}

/// The caller's bytes; NULL is the same as none. `None` if that cannot be.
///
/// # Safety
/// `data`, unless NULL, is readable for `len` bytes while the result is used.
pub(crate) unsafe fn input<'a>(data: *const u8, len: usize) -> Option<&'a [u8]> {
    match (data.is_null(), len) {
        (_, 0) => Some(&[]),
        (false, 1..) if isize::try_from(len).is_ok() => {
            // SAFETY: not NULL, and the caller says that it is readable for `len` bytes.
            Some(unsafe { std::slice::from_raw_parts(data, len) })
        }
        _ => None,
    }
}

/// The caller's place for an answer, set to `first`; `None` if it is NULL.
///
/// # Safety
/// `place`, unless NULL, is aligned and writable while the result is used, and nobody else uses it.
pub(crate) unsafe fn output<'a, T>(place: *mut T, first: T) -> Option<&'a mut T> {
    if place.is_null() {
        return None;
    }
    // SAFETY: not NULL, and the caller says that it is writable; `write` reads no old value.
    unsafe {
        place.write(first);
        Some(&mut *place)
    }
}

/// The caller's room for numbers, set to zero.
///
/// # Safety
/// `place`, unless NULL, is aligned and writable for `cap` numbers while the result is used.
pub(crate) unsafe fn numbers<'a>(place: *mut u64, cap: usize) -> Option<&'a mut [u64]> {
    match (place.is_null(), cap) {
        (_, 0) => Some(&mut []),
        (false, 1..) if cap <= isize::MAX as usize / size_of::<u64>() => {
            // SAFETY: not NULL, and the caller says that it is writable for `cap` numbers; after
            // the zeroes are written they are initialised.
            unsafe {
                place.write_bytes(0, cap);
                Some(std::slice::from_raw_parts_mut(place, cap))
            }
        }
        _ => None,
    }
}

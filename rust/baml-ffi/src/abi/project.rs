//! Plain calls: data in, data out.
//!
//! All of them set `*out`, to be freed by the caller: the answer on BAMLWIRE_OK, a JSON error on
//! any other status; nothing where a pointer is NULL or a handle bad.

use baml_runtime::{Error, Runtime, sources};

use super::buffer::bamlwire_buffer;
use super::status::*;
use crate::abi::buffer::hand_out;
use crate::guard::{answer_with, input, output};
use crate::tables::runtimes;

/// Diagnoses sources without loading them. `files` is a JSON object path → text. The answer:
/// `{"ok": bool, "diagnostics": [{id, severity, message, file, start, end, help, labels}],
/// "text", "styled"}`, the text as people read it, and the same with colours for a terminal.
/// Callable from any thread; takes the time of its work.
///
/// # Safety
/// `files` is readable for `len` bytes; `out`, unless NULL, is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bamlwire_check(
    files: *const u8,
    len: usize,
    out: *mut bamlwire_buffer,
) -> i32 {
    // SAFETY: the caller answers for the pointers.
    unsafe { of_bytes(files, len, out, sources::check) }
}

/// Formats sources. `files` is a JSON object path → text. The answer is that of `bamlwire_check`
/// with `"files"`, the formatted texts; a file that cannot be parsed is not among them, and the
/// diagnostics say why. Callable from any thread; takes the time of its work.
///
/// # Safety
/// `files` is readable for `len` bytes; `out`, unless NULL, is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bamlwire_format(
    files: *const u8,
    len: usize,
    out: *mut bamlwire_buffer,
) -> i32 {
    // SAFETY: the caller answers for the pointers.
    unsafe { of_bytes(files, len, out, sources::format) }
}

/// Says what the id of a diagnostic stands for; of no bytes, what all of them do. The answer:
/// `[{"id", "severity", "summary", "fix", "example", "fixed", "shown"}]`, `shown` being what is
/// told about the example. An id that does not exist gives BAMLWIRE_BAD_ARGUMENT and a JSON error
/// that names the nearest ones. Callable from any thread.
///
/// # Safety
/// `id` is readable for `len` bytes; `out`, unless NULL, is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bamlwire_explain(
    id: *const u8,
    len: usize,
    out: *mut bamlwire_buffer,
) -> i32 {
    // SAFETY: the caller answers for the pointers.
    unsafe { of_bytes(id, len, out, sources::explain) }
}

/// # Safety
/// `bytes` is readable for `len` bytes; `out`, unless NULL, is writable.
unsafe fn of_bytes(
    bytes: *const u8,
    len: usize,
    out: *mut bamlwire_buffer,
    work: fn(&[u8]) -> Result<Vec<u8>, Error>,
) -> i32 {
    // SAFETY: the caller says that the pointers are valid or NULL.
    let (bytes, out) = unsafe { (input(bytes, len), output(out, bamlwire_buffer::EMPTY)) };
    let (Some(bytes), Some(out)) = (bytes, out) else { return BAMLWIRE_BAD_ARGUMENT };
    answer_with(out, |out| {
        *out = hand_out(work(bytes)?);
        Ok(BAMLWIRE_OK)
    })
}

/// What the project declares, as JSON: functions with their parameters and types, classes, enums,
/// clients, and `env`, the names of the variables that a call may need. Callable from any thread.
///
/// # Safety
/// `out`, unless NULL, is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bamlwire_describe(runtime: u64, out: *mut bamlwire_buffer) -> i32 {
    // SAFETY: an empty request is always readable, and the caller answers for `out`.
    unsafe { plain(runtime, std::ptr::null(), 0, out, |runtime, _| runtime.describe()) }
}

/// The names that a binding needs before the first call, as JSON: `functions`, and `env`, the names
/// of the variables that a call may need. Both stand in `bamlwire_describe` too, which takes long
/// for a large project. Callable from any thread.
///
/// # Safety
/// `out`, unless NULL, is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bamlwire_names(runtime: u64, out: *mut bamlwire_buffer) -> i32 {
    // SAFETY: an empty request is always readable, and the caller answers for `out`.
    unsafe { plain(runtime, std::ptr::null(), 0, out, |runtime, _| runtime.names()) }
}

/// Renders the prompt of a call. `request` is that of `bamlwire_stream_start`. The answer:
/// `{"client", "provider", "messages": [{"role", "parts": […]}]}`. Takes no network.
///
/// # Safety
/// `request` is readable for `len` bytes; `out`, unless NULL, is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bamlwire_prompt(
    runtime: u64,
    request: *const u8,
    len: usize,
    out: *mut bamlwire_buffer,
) -> i32 {
    // SAFETY: the caller answers for the pointers.
    unsafe { plain(runtime, request, len, out, Runtime::prompt) }
}

/// Builds the HTTP request of a call. `request` is that of `bamlwire_stream_start`. The answer:
/// `{"method", "url", "headers": {}, "body"}`, credentials included. Media that the provider wants
/// embedded are downloaded and tokens are fetched, so this may wait for the network, up to a bound.
///
/// # Safety
/// `request` is readable for `len` bytes; `out`, unless NULL, is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bamlwire_request(
    runtime: u64,
    request: *const u8,
    len: usize,
    out: *mut bamlwire_buffer,
) -> i32 {
    // SAFETY: the caller answers for the pointers.
    unsafe { plain(runtime, request, len, out, Runtime::request) }
}

/// Reads a model's text as the value that a function promises. `request` is JSON: `{"function",
/// "text", "partial": bool, "type_builder", "form": "wire" | "json", "explain": bool}`. The answer
/// is the value in that form; of a partial that may not be shown, nothing at all. With `explain` it
/// is JSON that tells how the reply was read, even where it does not fit: see bindings/WIRE.md.
///
/// # Safety
/// `request` is readable for `len` bytes; `out`, unless NULL, is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bamlwire_parse(
    runtime: u64,
    request: *const u8,
    len: usize,
    out: *mut bamlwire_buffer,
) -> i32 {
    // SAFETY: the caller answers for the pointers.
    unsafe { plain(runtime, request, len, out, Runtime::parse) }
}

/// # Safety
/// `request` is readable for `len` bytes; `out`, unless NULL, is writable.
unsafe fn plain(
    runtime: u64,
    request: *const u8,
    len: usize,
    out: *mut bamlwire_buffer,
    work: fn(&Runtime, &[u8]) -> Result<Vec<u8>, Error>,
) -> i32 {
    // SAFETY: the caller says that the pointers are valid or NULL.
    let (request, out) = unsafe { (input(request, len), output(out, bamlwire_buffer::EMPTY)) };
    let (Some(request), Some(out)) = (request, out) else { return BAMLWIRE_BAD_ARGUMENT };
    answer_with(out, |out| match runtimes().get(runtime) {
        Some(held) => {
            *out = hand_out(work(&held.runtime, request)?);
            Ok(BAMLWIRE_OK)
        }
        None => Ok(BAMLWIRE_BAD_HANDLE),
    })
}

//! Streams: started, polled, aborted, freed.

use baml_runtime::record_text::EventsForm;
use baml_runtime::{Error, Status};

use super::buffer::{bamlwire_buffer, hand_out};
use super::status::*;
use crate::guard::{answer, guard, input, output};
use crate::tables::{count_abort, runtimes, streams, tripwires};

/// What a poll found.
#[repr(C)]
pub struct bamlwire_poll {
    /// BAMLWIRE_PENDING, PARTIAL, DONE, FAILED or ABORTED, or what the function returned.
    pub status: i32,
    /// The form of `data`; errors are always JSON.
    pub form: u32,
    /// The attempt that the data belongs to, from 1. A higher one than before means that the reply
    /// began anew: a retry or a fallback.
    pub attempt: u32,
    /// Counts what was handed out, from 1.
    pub sequence: u64,
    /// The value (PARTIAL, DONE), whole or as changes, or the error (FAILED, ABORTED); NULL if
    /// there is none.
    pub data: *const u8,
    /// How many bytes.
    pub len: usize,
    /// To be given to `bamlwire_buffer_free`; 0 if there is no data.
    pub owner: u64,
}

/// Starts a call; waits for nothing. The prompt is rendered and the request made before it returns,
/// unless several start at once; media, credentials and answers are what workers wait for.
/// `request` is JSON: `{"function", "args": {}, "env": {}, "tags": {}, "client",
/// "client_registry": {"primary", "clients": []}, "type_builder": [], "mode":
/// "stream" | "call", "form": "wire" | "json", "partials": "whole" | "changes" | "off"}`; all but
/// `function` may be absent. A `tripwire` of 0 means none; else the stream is aborted with it, and
/// at once if it was tripped before. `tag` is the caller's number for `bamlwire_runtime_ready`;
/// register it first, as its news may come before this returns. On BAMLWIRE_OK, `*stream` is to be
/// freed by `bamlwire_stream_free`. Otherwise it is 0, and `*error` (may be NULL) is a JSON error
/// to be freed. Anything that depends on the request (an unknown function, a wrong argument) fails
/// here; anything that takes time fails in the stream. The bytes of `request` are read during the
/// call only. Callable from any thread.
///
/// # Safety
/// `request` is readable for `len` bytes; `stream` and `error`, unless NULL, are writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bamlwire_stream_start(
    runtime: u64,
    request: *const u8,
    len: usize,
    tripwire: u64,
    tag: u64,
    stream: *mut u64,
    error: *mut bamlwire_buffer,
) -> i32 {
    // SAFETY: the caller says that the pointers are valid or NULL.
    let (request, stream, error) =
        unsafe { (input(request, len), output(stream, 0), output(error, bamlwire_buffer::EMPTY)) };
    let (Some(request), Some(stream)) = (request, stream) else {
        return BAMLWIRE_BAD_ARGUMENT;
    };
    answer(error, || {
        let wire = tripwires().get(tripwire);
        let Some(held) = runtimes().get(runtime) else { return Ok(BAMLWIRE_BAD_HANDLE) };
        if tripwire != 0 && wire.is_none() {
            return Ok(BAMLWIRE_BAD_HANDLE);
        }
        let started = held.runtime.start(request, wire.as_ref(), tag)?;
        *stream = streams().insert(started.into());
        if *stream == 0 {
            return Err(Error::internal("too many streams at once"));
        }
        Ok(BAMLWIRE_OK)
    })
}

/// What is new. Returns the same number as `out->status`. PENDING: nothing; the tag will come in
/// the ready list. PARTIAL: the newest partial value; older ones were dropped. DONE, FAILED,
/// ABORTED: the terminal answer, the same at every later poll. Other numbers: the call itself went
/// wrong and `*out` is empty. Never waits for the provider; takes the time of reading what came
/// since the last poll. Callable from any thread; two polls of one stream take turns.
///
/// # Safety
/// `out`, unless NULL, is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bamlwire_stream_poll(stream: u64, out: *mut bamlwire_poll) -> i32 {
    // SAFETY: the caller says that `out` is writable or NULL.
    let Some(out) = (unsafe { output(out, bamlwire_poll::empty(BAMLWIRE_BAD_ARGUMENT)) }) else {
        return BAMLWIRE_BAD_ARGUMENT;
    };
    out.status = guard(|| {
        let Some(stream) = streams().get(stream) else { return BAMLWIRE_BAD_HANDLE };
        let poll = stream.poll();
        let form = if poll.data.is_empty() { BAMLWIRE_FORM_NONE } else { poll.form as u32 };
        let data = hand_out(poll.data);
        *out = bamlwire_poll {
            status: BAMLWIRE_OK,
            form,
            attempt: poll.attempt,
            sequence: poll.sequence,
            data: data.data,
            len: data.len,
            owner: data.owner,
        };
        match poll.status {
            Status::Pending => BAMLWIRE_PENDING,
            Status::Partial => BAMLWIRE_PARTIAL,
            Status::Done => BAMLWIRE_DONE,
            Status::Failed => BAMLWIRE_FAILED,
            Status::Aborted => BAMLWIRE_ABORTED,
        }
    });
    out.status
}

/// What is known about the call so far, as JSON (see bindings/WIRE.md): attempts, usage, times, the
/// raw reply and reasoning. Also during the call and after its end. `*out` is to be freed. Never
/// waits for the provider; callable from any thread.
///
/// # Safety
/// `out`, unless NULL, is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bamlwire_stream_info(stream: u64, out: *mut bamlwire_buffer) -> i32 {
    // SAFETY: the caller says that `out` is writable or NULL.
    let Some(out) = (unsafe { output(out, bamlwire_buffer::EMPTY) }) else {
        return BAMLWIRE_BAD_ARGUMENT;
    };
    told(stream, EventsForm::Json, out)
}

/// The same with the raw events apart from the text, as they are kept (see bindings/WIRE.md): a
/// tenth of the bytes, for those who unpack them only when somebody looks. `*out` is to be freed.
/// Never waits for the provider; callable from any thread.
///
/// # Safety
/// `out`, unless NULL, is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bamlwire_stream_record(stream: u64, out: *mut bamlwire_buffer) -> i32 {
    // SAFETY: the caller says that `out` is writable or NULL.
    let Some(out) = (unsafe { output(out, bamlwire_buffer::EMPTY) }) else {
        return BAMLWIRE_BAD_ARGUMENT;
    };
    told(stream, EventsForm::Packed, out)
}

fn told(stream: u64, form: EventsForm, out: &mut bamlwire_buffer) -> i32 {
    guard(|| match streams().get(stream) {
        Some(stream) => {
            *out = hand_out(stream.info_text(form));
            BAMLWIRE_OK
        }
        None => BAMLWIRE_BAD_HANDLE,
    })
}

/// The raw reply of the newest attempt as far as it has come, reasoning apart, in the form of
/// bindings/WIRE.md: only what lies beyond `text_from` and `reasoning_from` bytes, or all of it if
/// `attempt` is not the newest one (0 never is). From the first such call on, reasoning is news too
/// and puts the stream into the ready list. `*out` is to be freed. Never waits for the provider;
/// callable from any thread.
///
/// # Safety
/// `out`, unless NULL, is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bamlwire_stream_raw(
    stream: u64,
    attempt: u32,
    text_from: u64,
    reasoning_from: u64,
    out: *mut bamlwire_buffer,
) -> i32 {
    // SAFETY: the caller says that `out` is writable or NULL.
    let Some(out) = (unsafe { output(out, bamlwire_buffer::EMPTY) }) else {
        return BAMLWIRE_BAD_ARGUMENT;
    };
    guard(|| match streams().get(stream) {
        Some(stream) => {
            let bytes = |from: u64| usize::try_from(from).unwrap_or(usize::MAX);
            *out = hand_out(stream.raw(attempt, bytes(text_from), bytes(reasoning_from)));
            BAMLWIRE_OK
        }
        None => BAMLWIRE_BAD_HANDLE,
    })
}

/// Aborts the stream alone, as `bamlwire_tripwire_abort` would: BAMLWIRE_OK for the one call that
/// ended it, BAMLWIRE_ALREADY if it was aborted or had ended before, BAMLWIRE_BAD_HANDLE. The
/// handle stays, to be polled and freed. Never blocks; callable from any thread.
#[unsafe(no_mangle)]
pub extern "C" fn bamlwire_stream_abort(stream: u64, reason: u8) -> i32 {
    guard(|| match streams().get(stream) {
        Some(stream) if stream.abort(reason) => {
            count_abort(reason);
            BAMLWIRE_OK
        }
        Some(_) => BAMLWIRE_ALREADY,
        None => BAMLWIRE_BAD_HANDLE,
    })
}

/// Aborts the stream if it still runs (BAMLWIRE_REASON_CLOSED), then frees it. Buffers taken from
/// it stay valid. BAMLWIRE_BAD_HANDLE if it was freed before: of several calls exactly one gives
/// BAMLWIRE_OK. Never blocks; callable from any thread, also during a poll of the same stream.
#[unsafe(no_mangle)]
pub extern "C" fn bamlwire_stream_free(stream: u64) -> i32 {
    guard(|| match streams().remove(stream) {
        Some(stream) => {
            if stream.abort(BAMLWIRE_REASON_CLOSED) {
                count_abort(BAMLWIRE_REASON_CLOSED);
            }
            BAMLWIRE_OK
        }
        None => BAMLWIRE_BAD_HANDLE,
    })
}

impl bamlwire_poll {
    const fn empty(status: i32) -> Self {
        let data = std::ptr::null();
        Self { status, form: 0, attempt: 0, sequence: 0, data, len: 0, owner: 0 }
    }
}

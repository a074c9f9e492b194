//! The numbers that functions answer with. A retired number stays reserved.

/// The version of this interface. A library and a caller go together if their versions are equal.
pub const BAMLWIRE_ABI_VERSION: u32 = 1;

/// It worked.
pub const BAMLWIRE_OK: i32 = 0;
/// Nothing new.
pub const BAMLWIRE_PENDING: i32 = 1;
/// A partial value is there.
pub const BAMLWIRE_PARTIAL: i32 = 2;
/// The stream ended with its value. Terminal.
pub const BAMLWIRE_DONE: i32 = 3;
/// The stream was aborted. Terminal.
pub const BAMLWIRE_ABORTED: i32 = 4;
/// It failed; the error is there as JSON. Terminal for a stream.
pub const BAMLWIRE_FAILED: i32 = 5;
/// Somebody was faster, or it was over already.
pub const BAMLWIRE_ALREADY: i32 = 6;
/// The handle is stale, doubled, foreign or made up.
pub const BAMLWIRE_BAD_HANDLE: i32 = 7;
/// A pointer is NULL that must not be, or a length is impossible.
pub const BAMLWIRE_BAD_ARGUMENT: i32 = 8;
/// A defect of the library, caught. Handles stay valid and can be freed.
pub const BAMLWIRE_PANIC: i32 = 9;

/// `bamlwire_poll.form`: no data.
pub const BAMLWIRE_FORM_NONE: u32 = 0;
/// `bamlwire_poll.form`: the data is JSON.
pub const BAMLWIRE_FORM_JSON: u32 = 1;
/// `bamlwire_poll.form`: the data is in the form of bindings/WIRE.md.
pub const BAMLWIRE_FORM_WIRE: u32 = 2;

/// The reason of an abort because a stream or its runtime was freed. Others are the caller's own.
pub const BAMLWIRE_REASON_CLOSED: u8 = 3;

/// The version of the ABI that this library speaks. Callable always, from any thread.
#[unsafe(no_mangle)]
pub extern "C" fn bamlwire_abi_version() -> u32 {
    BAMLWIRE_ABI_VERSION
}

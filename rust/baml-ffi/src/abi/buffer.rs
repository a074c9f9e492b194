//! Bytes that the library hands out.

use crate::tables::buffers;

/// Bytes of the library. They stay where they are until `bamlwire_buffer_free(owner)`, whatever
/// else happens to the runtime or the stream that they came from. An empty buffer is all zeroes.
#[repr(C)]
pub struct bamlwire_buffer {
    /// The first byte; NULL if there are none.
    pub data: *const u8,
    /// How many there are. No zero byte follows.
    pub len: usize,
    /// What to free; 0 if there is nothing to free.
    pub owner: u64,
}

/// Gives the bytes of a buffer or of a poll back. 0, a stale and a foreign owner are ignored, so
/// freeing twice does no harm. Callable from any thread.
#[unsafe(no_mangle)]
pub extern "C" fn bamlwire_buffer_free(owner: u64) {
    drop(buffers().remove(owner));
}

/// Keeps bytes for the caller until it frees them.
pub(crate) fn hand_out(bytes: Vec<u8>) -> bamlwire_buffer {
    if bytes.is_empty() {
        return bamlwire_buffer::EMPTY;
    }
    // The bytes stay where they are when the vector moves into the table.
    let (data, len) = (bytes.as_ptr(), bytes.len());
    match buffers().insert(bytes) {
        0 => bamlwire_buffer::EMPTY,
        owner => bamlwire_buffer { data, len, owner },
    }
}

impl bamlwire_buffer {
    /// No bytes.
    pub(crate) const EMPTY: Self = Self { data: std::ptr::null(), len: 0, owner: 0 };
}

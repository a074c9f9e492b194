//! The allocator of the library: large blocks come from the system and go back to it at once.
//!
//! Texts of a reply grow by doubling. The system's `malloc` keeps such blocks when they were freed,
//! on Linux up to 64 MB for each thread: a long reply cost the process 150 MB for as long as it
//! ran, and growing copied. Small blocks are the business of `malloc` as before. Only what Rust
//! allocates comes here; the host's own memory is not touched.
//!
//! Invariant: the size of a block alone decides where it lies, so whoever frees it knows.

use std::alloc::{GlobalAlloc, Layout, System};

/// Blocks of this many bytes and more are mapped one by one.
const LARGE: usize = 1 << 20;

/// What mappings are aligned to, at least.
const PAGE: usize = 4096;

struct Allocator;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

fn is_large(size: usize, align: usize) -> bool {
    cfg!(all(target_os = "linux", not(miri))) && size >= LARGE && align <= PAGE
}

// SAFETY: every block lies either in a mapping of its own or with `System`, as its size and
// alignment say, and both allocate as `GlobalAlloc` wants it.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if is_large(layout.size(), layout.align()) {
            return mapped::alloc(layout.size());
        }
        // SAFETY: the caller's promise is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if is_large(layout.size(), layout.align()) {
            // Fresh mappings are zero.
            return mapped::alloc(layout.size());
        }
        // SAFETY: the caller's promise is the same.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if is_large(layout.size(), layout.align()) {
            // SAFETY: `alloc` or `realloc` mapped it with this size, and the caller gives it up.
            return unsafe { mapped::free(block, layout.size()) };
        }
        // SAFETY: the caller's promise is the same.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        match (is_large(layout.size(), layout.align()), is_large(size, layout.align())) {
            // SAFETY: `alloc` or `realloc` mapped it with this size.
            (true, true) => unsafe { mapped::resize(block, layout.size(), size) },
            // SAFETY: the caller's promise is the same.
            (false, false) => unsafe { System.realloc(block, layout, size) },
            // SAFETY: the caller's promise is the same.
            _ => unsafe { self.moved(block, layout, size) },
        }
    }
}

impl Allocator {
    /// A block that changes sides: made anew and copied.
    ///
    /// # Safety
    /// As of [`GlobalAlloc::realloc`].
    unsafe fn moved(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller of `realloc` promises that the size is valid for the alignment, and
        // not zero.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: as above.
        let fresh = unsafe { self.alloc(wanted) };
        if !fresh.is_null() {
            // SAFETY: both blocks are as long as the shorter, and they are two.
            unsafe { std::ptr::copy_nonoverlapping(block, fresh, layout.size().min(size)) };
            // SAFETY: the caller gave it to `realloc`, which gives another in its place.
            unsafe { self.dealloc(block, layout) };
        }
        fresh
    }
}

#[cfg(target_os = "linux")]
mod mapped {
    use std::ptr::null_mut;

    /// Null if the system has none, as the callers of `GlobalAlloc` expect.
    fn block_or_null(block: *mut libc::c_void) -> *mut u8 {
        if block == libc::MAP_FAILED { null_mut() } else { block.cast() }
    }

    pub(super) fn alloc(size: usize) -> *mut u8 {
        let rights = libc::PROT_READ | libc::PROT_WRITE;
        let kind = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: a fresh mapping, wherever the system wants it, touches nothing that exists.
        block_or_null(unsafe { libc::mmap(null_mut(), size, rights, kind, -1, 0) })
    }

    /// # Safety
    /// The block was mapped with this size, and nobody uses it any more.
    pub(super) unsafe fn free(block: *mut u8, size: usize) {
        // SAFETY: the caller's promise. It fails only for what is no mapping.
        unsafe { libc::munmap(block.cast(), size) };
    }

    /// # Safety
    /// The block was mapped with this size.
    pub(super) unsafe fn resize(block: *mut u8, old: usize, new: usize) -> *mut u8 {
        // SAFETY: the caller's promise. Pages move, bytes are not copied.
        block_or_null(unsafe { libc::mremap(block.cast(), old, new, libc::MREMAP_MAYMOVE) })
    }
}

/// Other systems give large blocks back by themselves: nothing is ever asked here.
#[cfg(not(target_os = "linux"))]
mod mapped {
    pub(super) fn alloc(_size: usize) -> *mut u8 {
        std::ptr::null_mut()
    }

    /// # Safety
    /// Never called.
    pub(super) unsafe fn free(_block: *mut u8, _size: usize) {}

    /// # Safety
    /// Never called.
    pub(super) unsafe fn resize(_block: *mut u8, _old: usize, _new: usize) -> *mut u8 {
        std::ptr::null_mut()
    }
}

//! The descriptor that says "there are news": an eventfd on Linux, a pipe on other Unix systems.
//!
//! Invariants: both ends are non-blocking and close-on-exec; a full pipe or counter is readable
//! already, so a write that would block may be dropped. Where there is no such descriptor, the bell
//! is mute and callers poll by the clock.

use std::io;

use baml_runtime::Bell;

/// The bell of one runtime.
#[cfg(unix)]
pub(crate) struct Wakeup {
    writer: std::fs::File,
    /// The end that is read; the same as `writer` with an eventfd.
    reader: std::fs::File,
}

#[cfg(target_os = "linux")]
impl Wakeup {
    pub(crate) fn new() -> io::Result<Self> {
        use std::os::fd::{FromRawFd, OwnedFd};
        // SAFETY: the call takes plain numbers.
        let number = unsafe { libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) };
        if number < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor was just made and nobody else has it.
        let writer = std::fs::File::from(unsafe { OwnedFd::from_raw_fd(number) });
        Ok(Self { reader: writer.try_clone()?, writer })
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
impl Wakeup {
    pub(crate) fn new() -> io::Result<Self> {
        use std::os::fd::{AsRawFd, OwnedFd};
        let (reader, writer) = io::pipe()?;
        let (reader, writer) = (OwnedFd::from(reader), OwnedFd::from(writer));
        for end in [&reader, &writer] {
            // SAFETY: the descriptor is open, and the call takes plain numbers.
            if unsafe { libc::fcntl(end.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) } < 0 {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(Self { reader: reader.into(), writer: writer.into() })
    }
}

#[cfg(unix)]
impl Wakeup {
    /// A new descriptor of the reading end, the caller's own; negative if none can be had.
    pub(crate) fn descriptor(&self) -> i32 {
        use std::os::fd::IntoRawFd;
        self.reader.try_clone().map_or(-1, IntoRawFd::into_raw_fd)
    }

    fn write(&self) {
        use io::Write;
        // An eventfd wants exactly eight bytes, a pipe does not mind.
        let _ = (&self.writer).write(&1_u64.to_ne_bytes());
    }
}

#[cfg(not(unix))]
pub(crate) struct Wakeup;

#[cfg(not(unix))]
impl Wakeup {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self)
    }

    pub(crate) fn descriptor(&self) -> i32 {
        -1
    }

    fn write(&self) {}
}

impl Bell for Wakeup {
    fn ring(&self) {
        self.write();
    }
}

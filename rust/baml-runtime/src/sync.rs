//! The locks and counters that the crate's concurrent parts use: the standard ones, or loom's under
//! the feature `loom`, where every interleaving is tried.
//!
//! Invariant: no lock of this crate is held while code of a user runs or while anything waits.

#[cfg(not(feature = "loom"))]
pub(crate) use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering},
};

#[cfg(feature = "loom")]
pub(crate) use loom::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering},
};

/// Locks; a panic of another holder does not spread, since every critical section of this crate
/// leaves its data whole at each step.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

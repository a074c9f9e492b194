//! The exported functions from the inside, where neither a socket nor a worker is needed: what Miri
//! can run (scripts/miri). The C programs in `bindings/testdata/c` do the rest.

use std::ptr::{null, null_mut};

use baml_runtime::Error;

use crate::abi::buffer::{bamlwire_buffer, bamlwire_buffer_free, hand_out};
use crate::abi::project::{bamlwire_check, bamlwire_explain, bamlwire_format};
use crate::abi::stats::{bamlwire_counts, bamlwire_stats};
use crate::abi::status::*;
use crate::abi::stream::{bamlwire_stream_abort, bamlwire_stream_free};
use crate::abi::tripwire::*;
use crate::guard::{answer, answer_with, guard, input, numbers, output};

/// Bytes of a buffer, which is given back.
fn taken(buffer: &bamlwire_buffer) -> Vec<u8> {
    // SAFETY: a buffer's bytes stay until its owner is freed.
    let bytes = unsafe { input(buffer.data, buffer.len) }.expect("readable").to_vec();
    bamlwire_buffer_free(buffer.owner);
    bytes
}

#[test]
fn buffer_freed_twice_or_never_given_is_ignored() {
    let buffer = hand_out(b"abc".to_vec());
    let (owner, other) = (buffer.owner, hand_out(b"other".to_vec()));
    assert_eq!(taken(&buffer), b"abc");
    for owner in [owner, owner, 0, 1, u64::MAX, !owner] {
        bamlwire_buffer_free(owner);
    }
    assert_eq!(taken(&other), b"other");
    let nothing = hand_out(Vec::new());
    assert!(nothing.data.is_null() && nothing.len == 0 && nothing.owner == 0);
}

#[test]
fn buffers_of_several_threads_are_apart() {
    std::thread::scope(|scope| {
        for thread in 0..4_u8 {
            scope.spawn(move || {
                for round in 0..8_u8 {
                    let buffer = hand_out(vec![thread; usize::from(round) + 1]);
                    assert_eq!(taken(&buffer), vec![thread; usize::from(round) + 1]);
                }
            });
        }
    });
}

#[test]
fn pointers_null_or_impossible_are_refused() {
    let (byte, mut room) = (7_u8, [9_u64; 2]);
    // SAFETY: each pointer is NULL or readable or writable for as long as is said, or the length is
    // one that is refused before it is looked at.
    unsafe {
        assert_eq!(input(null(), 0), Some(&[][..]));
        assert_eq!(input(&raw const byte, 0), Some(&[][..]));
        assert_eq!(input(&raw const byte, 1), Some(&[7][..]));
        assert_eq!(input(null(), 1), None);
        assert_eq!(input(&raw const byte, usize::MAX), None);
        assert!(output(null_mut::<u64>(), 1).is_none());
        assert_eq!(output(&raw mut room[0], 1), Some(&mut 1));
        assert_eq!(numbers(null_mut(), 0), Some(&mut [][..]));
        assert_eq!(numbers(null_mut(), 1), None);
        assert_eq!(numbers(room.as_mut_ptr(), usize::MAX), None);
        assert_eq!(numbers(room.as_mut_ptr(), 2), Some(&mut [0, 0][..]));
        assert_eq!(bamlwire_stats(0, null_mut()), BAMLWIRE_BAD_ARGUMENT);
        assert_eq!(bamlwire_check(null(), 3, null_mut()), BAMLWIRE_BAD_ARGUMENT);
    }
}

#[test]
fn panic_becomes_a_status_and_an_error() {
    assert_eq!(guard(|| panic!("a defect")), BAMLWIRE_PANIC);
    let mut error = bamlwire_buffer::EMPTY;
    assert_eq!(answer(Some(&mut error), || panic!("defect {}", 7)), BAMLWIRE_PANIC);
    let told = String::from_utf8(taken(&error)).expect("text");
    assert!(told.contains("\"internal\"") && told.contains("defect 7"), "{told}");
    let mut out = bamlwire_buffer::EMPTY;
    let status = answer_with(&mut out, |given| {
        *given = hand_out(b"half".to_vec());
        bamlwire_buffer_free(given.owner);
        Err(Error::invalid("no"))
    });
    assert_eq!(status, BAMLWIRE_BAD_ARGUMENT);
    assert!(String::from_utf8(taken(&out)).expect("text").contains("\"no\""));
    // A handle made before a panic still works after it.
    let tripwire = bamlwire_tripwire_new(0);
    assert_eq!(guard(|| panic!("another")), BAMLWIRE_PANIC);
    assert_eq!(bamlwire_tripwire_free(tripwire), BAMLWIRE_OK);
}

#[test]
fn tripwire_of_several_threads_has_one_abort_and_one_free() {
    let tripwire = bamlwire_tripwire_new(0);
    let child = bamlwire_tripwire_new(tripwire);
    let outcomes: Vec<(i32, i32)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(move || {
                    (bamlwire_tripwire_abort(tripwire, 2), bamlwire_tripwire_free(tripwire))
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    let count = |found: &dyn Fn(&(i32, i32)) -> bool| outcomes.iter().filter(|o| found(o)).count();
    assert_eq!(count(&|(aborted, _)| *aborted == BAMLWIRE_OK), 1);
    assert_eq!(count(&|(_, freed)| *freed == BAMLWIRE_OK), 1);
    assert_eq!(bamlwire_tripwire_is_tripped(child), 1);
    assert_eq!(bamlwire_tripwire_abort(child, 1), BAMLWIRE_ALREADY);
    assert_eq!(bamlwire_tripwire_free(child), BAMLWIRE_OK);
    for bad in [0, tripwire, child, u64::MAX] {
        assert_eq!(bamlwire_tripwire_free(bad), BAMLWIRE_BAD_HANDLE);
        assert_eq!(bamlwire_stream_abort(bad, 1), BAMLWIRE_BAD_HANDLE);
        assert_eq!(bamlwire_stream_free(bad), BAMLWIRE_BAD_HANDLE);
    }
}

#[test]
fn plain_calls_without_a_runtime_answer_in_buffers() {
    let sources = br#"{"files": {"main.baml": "class A {\n a int\n b Missing\n}\n"}}"#;
    let files = br#"{"main.baml": "class A {\n a int\n b Missing\n}\n"}"#;
    let mut out = bamlwire_buffer::EMPTY;
    let mut counts = std::mem::MaybeUninit::<bamlwire_counts>::uninit();
    // SAFETY: every pointer is to a place of this function.
    unsafe {
        let (place, id) = (&raw mut out, b"E-unknown-type");
        assert_eq!(bamlwire_stats(0, counts.as_mut_ptr()), BAMLWIRE_OK);
        assert!(counts.assume_init().streams == 0);
        let status = bamlwire_check(files.as_ptr(), files.len(), place);
        assert_eq!(status, BAMLWIRE_OK, "{}", String::from_utf8_lossy(&taken(&out)));
        assert!(String::from_utf8(taken(&out)).expect("text").contains("E-unknown-type"));
        assert_eq!(bamlwire_format(files.as_ptr(), files.len(), place), BAMLWIRE_OK);
        assert!(!taken(&out).is_empty());
        assert_eq!(bamlwire_explain(id.as_ptr(), id.len(), place), BAMLWIRE_OK);
        assert!(!taken(&out).is_empty());
        assert_ne!(bamlwire_check(sources.as_ptr(), 3, place), BAMLWIRE_OK);
        assert!(!taken(&out).is_empty());
    }
}

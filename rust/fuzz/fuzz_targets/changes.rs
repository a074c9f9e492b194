//! See `baml_fuzz::reply::changes`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| baml_fuzz::reply::changes(bytes));

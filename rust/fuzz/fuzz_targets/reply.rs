//! See `baml_fuzz::reply::reply`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| baml_fuzz::reply::reply(bytes));

//! See `baml_fuzz::stream::http`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| baml_fuzz::stream::http(bytes));

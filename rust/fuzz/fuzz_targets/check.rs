//! See `baml_fuzz::source::check`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| baml_fuzz::source::check(bytes));

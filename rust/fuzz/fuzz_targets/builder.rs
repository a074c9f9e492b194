//! See `baml_fuzz::builder::builder`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| baml_fuzz::builder::builder(bytes));

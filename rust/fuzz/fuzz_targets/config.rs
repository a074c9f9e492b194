//! See `baml_fuzz::abi::config`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| baml_fuzz::abi::config(bytes));

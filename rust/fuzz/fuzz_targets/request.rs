//! See `baml_fuzz::abi::request`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| baml_fuzz::abi::request(bytes));

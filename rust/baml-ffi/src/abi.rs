//! The exported functions and the types in their signatures; `bindings/include/bamlwire.h` is made
//! from these files, and their comments are its manual.

pub mod buffer;
pub mod project;
pub mod runtime;
pub mod stats;
pub mod status;
pub mod stream;
pub mod tripwire;

//! Dev only: case files (txtar), golden compare, a scripted loopback server, a chunk splitter.

pub mod txtar;

pub use txtar::{Case, cases, records, testdata};

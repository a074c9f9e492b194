//! Dev only: case files (txtar), golden compare, a scripted loopback server, a chunk splitter.

pub mod corpus;
pub mod txtar;

pub use corpus::sources;
pub use txtar::{Case, cases, records, testdata};

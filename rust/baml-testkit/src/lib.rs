//! Dev only: case files (txtar), golden compare, a scripted loopback server, a chunk splitter.

pub mod corpus;
pub mod server;
pub mod txtar;

pub use corpus::sources;
pub use server::{Act, Asked, Server};
pub use txtar::{Case, cases, records, testdata};

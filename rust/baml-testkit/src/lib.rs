//! Dev only: case files (txtar), golden compare, sources with typos, a scripted loopback server.

pub mod corpus;
pub mod server;
pub mod txtar;
pub mod typo;

pub use corpus::sources;
pub use server::{Act, Asked, Server};
pub use txtar::{Case, cases, records, testdata};
pub use typo::{Typo, typos};

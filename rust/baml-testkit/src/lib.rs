//! Dev only: case files (txtar), golden compare, a scripted loopback server, a chunk splitter.

//! Moves inputs between `rust/fuzz/corpus` and a fuzzer's folder: `corpus unpack TARGET FOLDER`,
//! `corpus pack TARGET FOLDER`; `corpus names` lists the targets. Used by scripts/fuzz.
#![forbid(unsafe_code)]

use std::io::{self, Write};
use std::path::Path;

use baml_fuzz::{TARGETS, corpus};

/// Inputs kept for each target, and the bytes of the longest.
const KEPT_MAX: usize = 120;
const KEPT_BYTES_MAX: usize = 400;

fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut out = io::stdout();
    match words[..] {
        ["names"] => {
            for (name, _) in TARGETS {
                writeln!(out, "{name}")?;
            }
            Ok(())
        }
        ["unpack", target, folder] => {
            let count = corpus::unpack(target, Path::new(folder))?;
            writeln!(out, "{target}: {count} inputs unpacked")
        }
        ["pack", target, folder] => {
            let count = corpus::pack(target, Path::new(folder), KEPT_MAX, KEPT_BYTES_MAX)?;
            writeln!(out, "{target}: {count} lines kept")
        }
        _ => {
            Err(io::Error::other("usage: corpus names | unpack TARGET FOLDER | pack TARGET FOLDER"))
        }
    }
}

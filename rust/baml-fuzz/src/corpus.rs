//! Inputs that are kept: a file for each target, an input a line, bytes that are no printable ASCII
//! escaped as in Rust. A line that begins with `#` says something about the next.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where the inputs of a target are kept.
pub fn path(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target).with_extension("txt")
}

/// The inputs that are kept for a target.
pub fn inputs(target: &str) -> io::Result<Vec<Vec<u8>>> {
    let text = fs::read_to_string(path(target))?;
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            unescaped(line).ok_or_else(|| io::Error::other(format!("{target}: bad line {line}")))
        })
        .collect()
}

/// An input as a line.
pub fn escaped(input: &[u8]) -> String {
    let line = input.escape_ascii().to_string();
    match line.strip_prefix('#') {
        Some(rest) => format!("\\x23{rest}"),
        None => line,
    }
}

/// The input of a line; `None` if it is no such line.
pub fn unescaped(line: &str) -> Option<Vec<u8>> {
    let mut input = Vec::with_capacity(line.len());
    let mut bytes = line.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            input.push(byte);
            continue;
        }
        input.push(match bytes.next()? {
            b't' => b'\t',
            b'r' => b'\r',
            b'n' => b'\n',
            b'x' => {
                let digits = [bytes.next()?, bytes.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            quoted @ (b'\\' | b'\'' | b'"') => quoted,
            _ => return None,
        });
    }
    Some(input)
}

/// Writes the inputs of a target into a folder, a file for each.
pub fn unpack(target: &str, folder: &Path) -> io::Result<usize> {
    fs::create_dir_all(folder)?;
    let inputs = inputs(target)?;
    for (at, input) in inputs.iter().enumerate() {
        fs::write(folder.join(format!("kept-{at:04}")), input)?;
    }
    Ok(inputs.len())
}

/// Keeps inputs of a folder, spread over all sizes, at most `count` of at most `bytes_max` bytes
/// each; those with a remark stay as they are.
pub fn pack(target: &str, folder: &Path, count: usize, bytes_max: usize) -> io::Result<usize> {
    let kept = fs::read_to_string(path(target)).unwrap_or_default();
    let mut lines: Vec<String> = Vec::new();
    let mut remarked = false;
    for line in kept.lines() {
        if remarked || line.starts_with('#') {
            lines.push(line.to_owned());
        }
        remarked = line.starts_with('#');
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let input = fs::read(entry?.path())?;
        if !input.is_empty() && input.len() <= bytes_max {
            found.push(input);
        }
    }
    found.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
    found.dedup();
    let stride = found.len().div_ceil(count.max(1)).max(1);
    lines.extend(found.iter().step_by(stride).map(|input| escaped(input)));
    lines.push(String::new());
    fs::write(path(target), lines.join("\n"))?;
    Ok(lines.len() - 1)
}

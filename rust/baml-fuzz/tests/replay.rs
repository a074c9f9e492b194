//! Every input that was kept does what its target promises, findings of the fuzzer included.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::fs;

use baml_fuzz::{TARGETS, corpus};

/// Inputs of each target that Miri is given.
const MIRI_INPUTS: usize = 3;

#[test]
fn kept_inputs_of_every_target_hold() {
    for (name, target) in TARGETS {
        let inputs = corpus::inputs(name).expect("a file of inputs");
        assert!(!inputs.is_empty(), "{name} has no inputs");
        // Miri takes a thousand times as long.
        let count = if cfg!(miri) { MIRI_INPUTS } else { inputs.len() };
        for input in inputs.iter().take(count) {
            // A failure names its input: the target's own message does not.
            if let Err(panic) = std::panic::catch_unwind(|| target(input)) {
                eprintln!("{name}: {}", corpus::escaped(input));
                std::panic::resume_unwind(panic);
            }
        }
        println!("{name}: {count} inputs");
    }
}

#[test]
fn corpus_has_no_file_without_a_target() {
    let folder = corpus::path("any").parent().expect("a folder").to_owned();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let name = entry.path().file_stem().expect("a name").to_string_lossy().into_owned();
        assert!(TARGETS.iter().any(|(target, _)| *target == name), "{name} is no target");
    }
}

#[test]
fn line_escaped_and_read_back_is_the_same() {
    let all: Vec<u8> = (0..=255).collect();
    for input in [&all[..], b"#x", b"", b"\\\"'"] {
        let line = corpus::escaped(input);
        assert!(line.is_ascii() && !line.contains('\n') && !line.starts_with('#'));
        assert_eq!(corpus::unescaped(&line).as_deref(), Some(input));
    }
    assert_eq!(corpus::unescaped("\\q"), None);
}

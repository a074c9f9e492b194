//! `bindings/include/bamlwire.h` says what `src/abi` says. With BAMLWIRE_WRITE=1 the test writes
//! the header instead of comparing it.

use std::path::Path;

const FILES: [&str; 7] = ["status", "buffer", "runtime", "stream", "tripwire", "project", "stats"];

const PREAMBLE: &str = "\
/* bamlwire: BAML functions behind a small C interface.
 *
 * Made from rust/baml-ffi/src/abi by scripts/check-header --write; do not edit.
 *
 * Rules that hold for every function:
 * - Handles are numbers, never pointers. 0 is the handle of nothing. A stale, doubled, foreign or
 *   invented handle gives BAMLWIRE_BAD_HANDLE, never undefined behaviour.
 * - Every function may be called from any thread at any time; nothing ever calls back. No function
 *   waits for a provider but bamlwire_request.
 * - What a function is given belongs to the caller and is read during the call only. What it gives
 *   (handles, buffers, descriptors) belongs to the caller, who frees it.
 * - NULL for an input means no bytes (its length must be 0). NULL for an output gives
 *   BAMLWIRE_BAD_ARGUMENT unless its description allows it.
 * - Outputs are set on every return: to zero where there is nothing to give.
 * - After fork(), a runtime of the parent has no workers in the child: starting a call there gives
 *   BAMLWIRE_BAD_ARGUMENT. What was inherited may be freed or left; the parent notices nothing. New
 *   runtimes are fine, unless another thread of the parent was inside a call when it forked.
 */";

fn generated(root: &Path) -> String {
    let config = cbindgen::Config {
        language: cbindgen::Language::C,
        header: Some(PREAMBLE.into()),
        include_guard: Some("BAMLWIRE_H".into()),
        no_includes: true,
        sys_includes: vec!["stddef.h".into(), "stdint.h".into()],
        cpp_compat: true,
        style: cbindgen::Style::Both,
        usize_is_size_t: true,
        line_length: 100,
        documentation_style: cbindgen::DocumentationStyle::C,
        function: cbindgen::FunctionConfig { sort_by: None, ..Default::default() },
        ..Default::default()
    };
    let mut builder = cbindgen::Builder::new().with_config(config);
    for file in FILES {
        builder = builder.with_src(root.join(format!("rust/baml-ffi/src/abi/{file}.rs")));
    }
    let bindings = builder.generate().expect("the sources of the ABI can be read");
    let mut bytes = Vec::new();
    bindings.write(&mut bytes);
    let text = String::from_utf8(bytes).expect("a header is text");
    without_safety_sections(&text)
}

/// "# Safety" repeats for Rust readers what the comments say for all.
fn without_safety_sections(text: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for line in text.lines() {
        inside = match line.trim() {
            " * # Safety" | "* # Safety" => {
                while out.ends_with(" *\n") {
                    out.truncate(out.len() - " *\n".len());
                }
                true
            }
            "*/" => false,
            _ => inside,
        };
        if !inside {
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
    out
}

#[test]
fn header_equals_the_sources() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join("bindings/include/bamlwire.h");
    let fresh = generated(&root);
    if std::env::var_os("BAMLWIRE_WRITE").is_some() {
        std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder");
        std::fs::write(&path, &fresh).expect("the header can be written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == fresh, "bamlwire.h is stale: run scripts/check-header --write");
}

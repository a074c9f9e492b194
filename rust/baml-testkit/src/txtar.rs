//! Case files: prose, then `-- name --` sections, each the text up to the next section line.
//!
//! What lives here: reading such a file and finding all of a folder. What a section means is the
//! business of the test that asks for it.
//!
//! Invariant: reading never fails; a line that is not a section line belongs to what came before.

use std::fs;
use std::path::{Path, PathBuf};

/// One case file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Case {
    /// Where it was read from; empty for a text.
    pub path: PathBuf,
    /// The prose above the first section.
    pub comment: String,
    /// Name and text of each section, in order.
    pub sections: Vec<(String, String)>,
}

impl Case {
    /// Reads a case from its text.
    pub fn parse(text: &str) -> Self {
        let mut case = Self::default();
        for line in text.split_inclusive('\n') {
            if let Some(name) = section_name(line) {
                case.sections.push((name.to_owned(), String::new()));
                continue;
            }
            match case.sections.last_mut() {
                Some((_, body)) => body.push_str(line),
                None => case.comment.push_str(line),
            }
        }
        case
    }

    /// The text of a section, if there is one of that name.
    pub fn opt_section(&self, name: &str) -> Option<&str> {
        self.sections.iter().find(|(own, _)| own == name).map(|(_, body)| body.as_str())
    }

    /// The text of a section; a test fails here when its case lacks it.
    pub fn section(&self, name: &str) -> &str {
        self.opt_section(name)
            .unwrap_or_else(|| panic!("{}: no section `{name}`", self.path.display()))
    }

    /// A section as JSON; a test fails here when its case lacks it or it is not JSON.
    pub fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_str(self.section(name))
            .unwrap_or_else(|error| panic!("{}: {name}: {error}", self.path.display()))
    }

    /// The sections whose names end in `.baml`: the project of the case.
    pub fn sources(&self) -> impl Iterator<Item = (&str, &str)> {
        let named = self.sections.iter().map(|(name, body)| (name.as_str(), body.as_str()));
        named.filter(|(name, _)| Path::new(name).extension().is_some_and(|ext| ext == "baml"))
    }

    /// Whether the prose marks the case as a chosen difference from the official runtime.
    pub fn differs(&self) -> bool {
        self.comment.lines().any(|line| line.trim_start().starts_with("differs"))
    }
}

/// The `rust/testdata` folder of this repository.
///
/// A test's own package says where that is: a build may be shared by several copies of the sources.
pub fn testdata() -> PathBuf {
    let tested = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let beside = |package: PathBuf| package.with_file_name("testdata");
    tested.map(beside).filter(|folder| folder.is_dir()).unwrap_or_else(|| beside(own))
}

/// Every `.txtar` file below `rust/testdata/<folder>`, sorted by path.
///
/// A test fails here when the folder holds none, so that a moved folder is never a silent success.
pub fn cases(folder: &str) -> Vec<Case> {
    let root = testdata().join(folder);
    let mut found = Vec::new();
    let mut pending = vec![root.clone()];
    while let Some(dir) = pending.pop() {
        let entries = fs::read_dir(&dir)
            .unwrap_or_else(|error| panic!("{}: {error}", dir.display()))
            .filter_map(Result::ok)
            .map(|entry| entry.path());
        for path in entries {
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|ext| ext == "txtar") {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "{}: no case files", root.display());
    found.sort();
    found.into_iter().map(read).collect()
}

/// The records of a `.jsonl` file below `rust/testdata/conformance`, with their ids.
pub fn records(file: &Path) -> Vec<(String, serde_json::Value)> {
    let text = fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| {
            let value: serde_json::Value = serde_json::from_str(line)
                .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            (value["id"].as_str().unwrap_or_default().to_owned(), value)
        })
        .collect()
}

fn read(path: PathBuf) -> Case {
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    Case { path, ..Case::parse(&text) }
}

fn section_name(line: &str) -> Option<&str> {
    let line = line.trim_end_matches(['\r', '\n']);
    let name = line.strip_prefix("-- ")?.strip_suffix(" --")?.trim();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_sections_keep_their_text() {
        let case =
            Case::parse("What it shows.\n-- main.baml --\nclass A {}\n\n-- args.json --\n[1]");
        assert_eq!(case.comment, "What it shows.\n");
        assert_eq!(case.section("main.baml"), "class A {}\n\n");
        assert_eq!(case.json("args.json"), serde_json::json!([1]));
        assert_eq!(case.sources().collect::<Vec<_>>(), [("main.baml", "class A {}\n\n")]);
        assert_eq!(case.opt_section("other"), None);
    }

    #[test]
    fn parse_line_without_name_is_text() {
        let case = Case::parse("--  --\n-- a --\r\n-- b--\n");
        assert_eq!(case.comment, "--  --\n");
        assert_eq!(case.section("a"), "-- b--\n");
    }

    #[test]
    fn differs_is_read_from_the_prose() {
        assert!(Case::parse("differs: theirs hangs\n-- a --\n").differs());
        assert!(!Case::parse("It differs not.\n-- a --\ndiffers\n").differs());
    }
}

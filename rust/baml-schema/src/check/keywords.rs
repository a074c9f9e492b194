//! Words that cannot name a field: those of BAML, and those of languages that clients are made for.
//!
//! Invariant: each list is sorted, so that looking up is a binary search.

/// Keywords of BAML, those kept for later included.
const BAML: &[&str] = &[
    "and",
    "any",
    "assert",
    "asserts",
    "async",
    "audio",
    "await",
    "bool",
    "box",
    "break",
    "byte",
    "catch",
    "chan",
    "char",
    "class",
    "const",
    "constructor",
    "continue",
    "debugger",
    "declare",
    "defer",
    "delegate",
    "do",
    "dyn",
    "dynamic",
    "elif",
    "else",
    "enum",
    "export",
    "extends",
    "extern",
    "false",
    "finally",
    "float",
    "for",
    "foreach",
    "func",
    "function",
    "get",
    "global",
    "go",
    "goto",
    "image",
    "implements",
    "import",
    "in",
    "inline",
    "instanceof",
    "int",
    "join",
    "keyof",
    "lambda",
    "lazy",
    "let",
    "long",
    "macro",
    "module",
    "move",
    "mut",
    "namespace",
    "native",
    "new",
    "nil",
    "nonlocal",
    "not",
    "null",
    "or",
    "package",
    "pdf",
    "private",
    "protected",
    "protocol",
    "pub",
    "public",
    "readonly",
    "ref",
    "return",
    "sealed",
    "select",
    "self",
    "set",
    "short",
    "sizeof",
    "static",
    "strictfp",
    "string",
    "struct",
    "super",
    "switch",
    "template",
    "this",
    "throw",
    "throws",
    "trait",
    "transient",
    "true",
    "try",
    "typeof",
    "uint",
    "union",
    "unsafe",
    "unsigned",
    "unsized",
    "use",
    "var",
    "video",
    "virtual",
    "void",
    "volatile",
    "while",
    "with",
    "yield",
];

/// Keywords of Python.
const PYTHON: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// Whether `word` is a keyword of BAML.
pub(crate) fn is_baml(word: &str) -> bool {
    BAML.binary_search(&word).is_ok()
}

/// Whether `word` is a keyword of Python.
pub(crate) fn is_python(word: &str) -> bool {
    PYTHON.binary_search(&word).is_ok()
}

/// Whether `word` is a keyword of the language behind an `output_type`.
pub(crate) fn is_of_target(word: &str, output_type: &str) -> bool {
    output_type.starts_with("python/") && is_python(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        assert!(BAML.is_sorted());
        assert!(PYTHON.is_sorted());
    }
}

//! Words that cannot name a field: those of BAML, and those of languages that clients are made for.
//!
//! Invariant: each list is sorted, so that looking up is a binary search.

/// Keywords of BAML, those kept for later included.
const BAML: &[&str] = &[
    "Self",
    "and",
    "and_eq",
    "any",
    "assert",
    "asserts",
    "async",
    "audio",
    "await",
    "bigint",
    "bool",
    "box",
    "break",
    "byte",
    "catch",
    "chan",
    "char",
    "char16_t",
    "char32_t",
    "char8_t",
    "class",
    "compl",
    "const",
    "consteval",
    "constexpr",
    "constructor",
    "continue",
    "crossinline",
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
    "fixed",
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
    "internal",
    "join",
    "keyof",
    "lambda",
    "lazy",
    "let",
    "lock",
    "long",
    "macro",
    "module",
    "move",
    "mut",
    "namespace",
    "native",
    "new",
    "nil",
    "noexcept",
    "nonlocal",
    "not",
    "not_eq",
    "null",
    "nullptr",
    "or",
    "or_eq",
    "package",
    "params",
    "pdf",
    "private",
    "protected",
    "protocol",
    "pub",
    "public",
    "readonly",
    "ref",
    "register",
    "reinterpret_cast",
    "requires",
    "return",
    "sbyte",
    "sealed",
    "select",
    "self",
    "set",
    "short",
    "sizeof",
    "stackalloc",
    "static",
    "static_assert",
    "static_cast",
    "strictfp",
    "string",
    "struct",
    "subscript",
    "super",
    "switch",
    "template",
    "this",
    "thread_local",
    "throw",
    "throws",
    "trait",
    "transient",
    "true",
    "try",
    "typealias",
    "typedef",
    "typeof",
    "uint",
    "ulong",
    "union",
    "unsafe",
    "unsigned",
    "unsized",
    "use",
    "using",
    "var",
    "video",
    "virtual",
    "void",
    "volatile",
    "wchar_t",
    "while",
    "with",
    "xor",
    "xor_eq",
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
    output_type == "python/pydantic" && is_python(word)
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

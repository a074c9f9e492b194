//! Every diagnostic of this crate, declared once: id, what it means, an example that causes it.
//!
//! Invariant: an id is used by [`crate::Diagnostic`]s only through its constant here, so none is
//! reported that the catalogue does not know.

/// What a diagnostic's id stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The stable id.
    pub id: &'static str,
    /// One line that says what is wrong and what to do.
    pub summary: &'static str,
    /// A source text that causes it.
    pub example: &'static str,
}

/// Declares diagnostics: a constant for each id, and `ENTRIES`, the table of them all.
#[macro_export]
macro_rules! catalogue {
    ($($name:ident = $id:literal, $summary:literal, $example:literal;)*) => {
        $(#[doc = $summary] pub const $name: &str = $id;)*

        /// All diagnostics of this crate.
        pub const ENTRIES: &[$crate::catalogue::Entry] = &[
            $($crate::catalogue::Entry { id: $id, summary: $summary, example: $example },)*
        ];
    };
}

catalogue! {
    INVALID_LINE = "E-invalid-line",
        "The line begins no declaration, or the declaration that it begins is never finished.",
        "hello world\n";
    INVALID_FIELD = "E-invalid-field",
        "The rest of the line is neither a field nor an attribute of a class.",
        "class A {\n  a int,\n}\n";
    INVALID_ENUM_VALUE = "E-invalid-enum-value",
        "The rest of the line is neither a value nor an attribute of an enum.",
        "enum E {\n  A,\n}\n";
    FIELD_TYPE_MISSING = "E-field-type-missing",
        "A class's field needs a type after its name, on the same line.",
        "class A {\n  a\n}\n";
    ENUM_VALUE_TYPE = "E-enum-value-type",
        "A value of an enum has no type; values stand on lines of their own.",
        "enum E { A B }\n";
    TYPE_KEYWORD = "E-type-keyword",
        "Types are declared with `class` or `enum`.",
        "struct A {\n  a int\n}\n";
    NAME_CASE = "E-name-case",
        "Names of this kind begin with an uppercase letter.",
        "class a {\n}\n";
    NAME_CHARACTERS = "E-name-characters",
        "A name consists of letters, digits and `_`.",
        "class A-B {\n}\n";
    ATTRIBUTE_NAMESPACE = "E-attribute-namespace",
        "Only the `stream.` attributes have a dot in their names.",
        "class A {\n  a int @stream.foo\n}\n";
    FLOAT_LITERAL = "E-float-literal",
        "A literal type is a string, an int or a bool; floats are not.",
        "class A {\n  a 1.5\n}\n";
    TYPE_PATH = "E-type-path",
        "A type is named by one word; values of enums and fields are no types.",
        "enum E {\n  X\n}\nclass A {\n  a E.X\n}\n";
    INT_LITERAL = "E-int-literal",
        "An int literal lies between -2^63 and 2^63-1.",
        "class A {\n  a 99999999999999999999\n}\n";
    PARAM_TYPE_MISSING = "E-param-type-missing",
        "Each parameter is written `name: Type`.",
        "function F(x) -> int {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\n";
    PARAM_SELF = "E-param-self",
        "`self` names the instance in a method; a function cannot use it for a parameter.",
        "function F(self: int) -> int {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\n";
    FUNCTION_SYNTAX = "E-function-syntax",
        "A function is written `function Name(params…) -> Type { … }`.",
        "function F(x: string) {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\n";
    FUNCTION_PARAMS_MISSING = "E-function-params-missing",
        "A function's name is followed by its parameters, `()` if it has none.",
        "function F -> int {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\n";
    VALUE_MISSING = "E-value-missing",
        "A property consists of a name and a value on the same line.",
        "client<llm> C {\n  provider\n}\n";
    SEMICOLON = "E-semicolon",
        "A statement outside of functions ends with a semicolon.",
        "let x = 5\n";
    MAP_ENTRY = "E-map-entry",
        "An entry of a map consists of a key and a value on the same line.",
        "client<llm> C {\n  provider openai\n  options {\n    model 'm'\n  }\n}\n";
    BLOCK_ATTRIBUTE = "E-block-attribute",
        "Of the blocks of properties, only tests have attributes.",
        "retry_policy R {\n  max_retries 1\n  @@foo\n}\n";
    DYNAMIC_INCOMPLETE = "E-dynamic-incomplete",
        "In a type builder, types are extended with `dynamic class` or `dynamic enum`.",
        "test T {\n  functions [F]\n  type_builder {\n    dynamic D {\n      n int\n    }\n  }\n  \
         args { }\n}\n";
    TYPE_BUILDER_SYNTAX = "E-type-builder-syntax",
        "A type builder holds classes, enums, aliases, and types that it opens.",
        "test T {\n  functions [F]\n  type_builder {\n    foo\n  }\n  args { }\n}\n";
    TYPE_BUILDER_REPEATED = "E-type-builder-repeated",
        "A test has one type builder.",
        "test T {\n  functions [F]\n  type_builder {\n  }\n  type_builder {\n  }\n  args { }\n}\n";
    DEPTH = "E-depth",
        "Types and values nested this deeply are refused.",
        "class A {\n  a \
         ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((\
         ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((int\n}\n";
    WORKFLOW_FUNCTION = "W-workflow-function",
        "Functions whose body is code are not supported; the rest of the project still loads.",
        "function F(x: int) -> int {\n  x + 1\n}\n";
    METHOD = "W-method",
        "Methods of classes are read and ignored: they belong to the workflow language.",
        "class A {\n  x int\n  function m(self) -> int {\n    self.x\n  }\n}\n";
    TOP_LEVEL_LET = "W-top-level-let",
        "`let` outside of functions is not supported; the rest of the project still loads.",
        "let x = 5;\n";
}

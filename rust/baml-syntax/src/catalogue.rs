//! Every diagnostic of this crate, declared once: id, what it means, the way out, an example that
//! causes it, and the same as it should be. A table.
//!
//! Invariant: an id is used by [`crate::Diagnostic`]s only through its constant here, so none is
//! reported that the catalogue does not know.

/// What a diagnostic's id stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The stable id.
    pub id: &'static str,
    /// One line that says what is wrong.
    pub summary: &'static str,
    /// One line that says the way out.
    pub fix: &'static str,
    /// A source text that causes it.
    pub example: &'static str,
    /// The same text as it should be.
    pub fixed: &'static str,
}

/// Declares diagnostics: a constant for each id, and `ENTRIES`, the table of them all.
#[macro_export]
macro_rules! catalogue {
    (
        $(
            $name:ident = $id:literal,
            $summary:literal, $fix:literal, $example:literal, $fixed:literal;
        )*
    ) => {
        $(#[doc = $summary] pub const $name: &str = $id;)*

        /// All diagnostics of this crate.
        pub const ENTRIES: &[$crate::catalogue::Entry] = &[
            $($crate::catalogue::Entry {
                id: $id,
                summary: $summary,
                fix: $fix,
                example: $example,
                fixed: $fixed,
            },)*
        ];
    };
}

catalogue! {
    INVALID_LINE = "E-invalid-line",
        "The line begins no declaration, or the declaration that it begins is never finished.",
        "Begin the line with a keyword such as `class`, `enum`, `function` or `client<llm>`, make \
         it a comment with `//`, or close the declaration before it.",
        "hello world\n",
        "// hello world\n";
    INVALID_FIELD = "E-invalid-field",
        "The rest of the line is neither a field nor an attribute of a class.",
        "Write one field a line as `name Type`, without commas, colons or semicolons.",
        "class A {\n  a int,\n}\n",
        "class A {\n  a int\n}\n";
    INVALID_ENUM_VALUE = "E-invalid-enum-value",
        "The rest of the line is neither a value nor an attribute of an enum.",
        "Write one value a line, without commas.",
        "enum E {\n  A,\n}\n",
        "enum E {\n  A\n}\n";
    FIELD_TYPE_MISSING = "E-field-type-missing",
        "A class's field needs a type after its name, on the same line.",
        "Write the type behind the name: `name string`; an attribute begins with `@`, or `@@` for \
         the whole class.",
        "class A {\n  a\n}\n",
        "class A {\n  a int\n}\n";
    ENUM_VALUE_TYPE = "E-enum-value-type",
        "A value of an enum has no type; values stand on lines of their own.",
        "Give each value a line of its own, or take the type away; an attribute begins with `@`.",
        "enum E { A B }\n",
        "enum E {\n  A\n  B\n}\n";
    TYPE_KEYWORD = "E-type-keyword",
        "Types are declared with `class` or `enum`.",
        "Write `class` for a thing with fields, `enum` for a choice of values, `type` for another \
         name of a type.",
        "struct A {\n  a int\n}\n",
        "class A {\n  a int\n}\n";
    NAME_CASE = "E-name-case",
        "Names of this kind begin with an uppercase letter.",
        "Write the first letter of the name large, here and wherever the name is used.",
        "class a {\n}\n",
        "class A {\n}\n";
    NAME_CHARACTERS = "E-name-characters",
        "A name consists of letters, digits and `_`.",
        "Use letters, digits and `_` alone; an `@alias` can say any name to the model.",
        "class A-B {\n}\n",
        "class A_B {\n}\n";
    ATTRIBUTE_NAMESPACE = "E-attribute-namespace",
        "Only the `stream.` attributes have a dot in their names.",
        "Use `@stream.done`, `@stream.not_null` or `@stream.with_state`, or a name without a dot.",
        "class A {\n  a int @stream.foo\n}\n",
        "class A {\n  a int @stream.done\n}\n";
    FLOAT_LITERAL = "E-float-literal",
        "A literal type is a string, an int or a bool; floats are not.",
        "Use the type `float`, with a check if only one number will do.",
        "class A {\n  a 1.5\n}\n",
        "class A {\n  a float\n}\n";
    TYPE_PATH = "E-type-path",
        "A type is named by one word; values of enums and fields are no types.",
        "Name the enum itself, or write the value as a literal: `\"X\"`.",
        "enum E {\n  X\n}\nclass A {\n  a E.X\n}\n",
        "enum E {\n  X\n}\nclass A {\n  a E\n}\n";
    INT_LITERAL = "E-int-literal",
        "An int literal lies between -2^63 and 2^63-1.",
        "Write a smaller number, or the literal as a string.",
        "class A {\n  a 99999999999999999999\n}\n",
        "class A {\n  a 9223372036854775807\n}\n";
    PARAM_TYPE_MISSING = "E-param-type-missing",
        "Each parameter is written `name: Type`.",
        "Write a colon and the type behind the name.",
        "function F(x) -> int {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\n",
        "function F(x: string) -> int {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\n";
    PARAM_SELF = "E-param-self",
        "`self` names the instance in a method; a function cannot use it for a parameter.",
        "Give the parameter another name.",
        "function F(self: int) -> int {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\n",
        "function F(one: int) -> int {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\n";
    FUNCTION_SYNTAX = "E-function-syntax",
        "A function is written `function Name(params…) -> Type { … }`.",
        "Write the result behind the parameters: `-> Type`.",
        "function F(x: string) {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\n",
        "function F(x: string) -> int {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\n";
    FUNCTION_PARAMS_MISSING = "E-function-params-missing",
        "A function's name is followed by its parameters, `()` if it has none.",
        "Write the parameters in parentheses behind the name, `()` if there are none.",
        "function F -> int {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\n",
        "function F() -> int {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\n";
    VALUE_MISSING = "E-value-missing",
        "A property consists of a name and a value on the same line.",
        "Write the value behind the name, on the same line; a map begins with `{` there.",
        "client<llm> C {\n  provider\n}\n",
        "client<llm> C {\n  provider openai\n}\n";
    SEMICOLON = "E-semicolon",
        "A statement outside of functions ends with a semicolon.",
        "Write a semicolon at the end of the statement.",
        "let x = 5\n",
        "let x = 5;\n";
    MAP_ENTRY = "E-map-entry",
        "An entry of a map consists of a key and a value on the same line.",
        "Write the key, blank space or a colon, and the value; strings stand in double quotes.",
        "client<llm> C {\n  provider openai\n  options {\n    model 'm'\n  }\n}\n",
        "client<llm> C {\n  provider openai\n  options {\n    model \"m\"\n  }\n}\n";
    BLOCK_ATTRIBUTE = "E-block-attribute",
        "Of the blocks of properties, only tests have attributes.",
        "Take the attribute away; what it should say is probably a property of the block.",
        "retry_policy R {\n  max_retries 1\n  @@foo\n}\n",
        "retry_policy R {\n  max_retries 1\n}\n";
    DYNAMIC_INCOMPLETE = "E-dynamic-incomplete",
        "In a type builder, types are extended with `dynamic class` or `dynamic enum`.",
        "Write `dynamic class` or `dynamic enum`.",
        "test T {\n  functions [F]\n  type_builder {\n    dynamic D {\n      n int\n    }\n  }\n  \
         args { }\n}\n",
        "class D {\n  a int\n  @@dynamic\n}\nfunction F() -> D {\n  client \"openai/gpt-4o\"\n  \
         prompt #\"x\"#\n}\ntest T {\n  functions [F]\n  type_builder {\n    dynamic class D {\
         \n      n int\n    }\n  }\n  args { }\n}\n";
    TYPE_BUILDER_SYNTAX = "E-type-builder-syntax",
        "A type builder holds classes, enums, aliases, and types that it opens.",
        "Keep declarations of types alone between the braces, and close each of them.",
        "test T {\n  functions [F]\n  type_builder {\n    foo\n  }\n  args { }\n}\n",
        "function F() -> int {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\ntest T {\n  \
         functions [F]\n  type_builder {\n    class New {\n      n int\n    }\n  }\n  args { }\n}\
         \n";
    TYPE_BUILDER_REPEATED = "E-type-builder-repeated",
        "A test has one type builder.",
        "Put all declarations into one `type_builder` block.",
        "test T {\n  functions [F]\n  type_builder {\n  }\n  type_builder {\n  }\n  args { }\n}\n",
        "function F() -> int {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\ntest T {\n  \
         functions [F]\n  type_builder {\n  }\n  args { }\n}\n";
    DEPTH = "E-depth",
        "Types and values nested this deeply are refused.",
        "Give the inner part a name of its own with `type` or `class`.",
        "class A {\n  a \
         (((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((\
         ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((int\n}\n",
        "type Inner = int[][]\nclass A {\n  a Inner[]\n}\n";
    WORKFLOW_FUNCTION = "W-workflow-function",
        "Functions whose body is code are not supported; the rest of the project still loads.",
        "Write what a model should do as a function with `client` and `prompt`, and the code in \
         your own program.",
        "function F(x: int) -> int {\n  x + 1\n}\n",
        "function F(x: string) -> int {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\n";
    METHOD = "W-method",
        "Methods of classes are read and ignored: they belong to the workflow language.",
        "Write the method in your own program; take it away here to be rid of the warning.",
        "class A {\n  x int\n  function m(self) -> int {\n    self.x\n  }\n}\n",
        "class A {\n  x int\n}\n";
    TOP_LEVEL_LET = "W-top-level-let",
        "`let` outside of functions is not supported; the rest of the project still loads.",
        "Write a constant text as a `template_string`, anything else in your own program.",
        "let x = 5;\n",
        "template_string X #\"5\"#\n";
}

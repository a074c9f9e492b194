//! Every diagnostic of this crate, declared once; [`explain`] finds those of the parser as well.
//!
//! Invariant: no id is declared twice, here or in `baml-syntax`.

pub use baml_syntax::catalogue::Entry;

baml_syntax::catalogue! {
    DUPLICATE_NAME = "E-duplicate-name",
        "Classes, enums, aliases, functions, clients, policies and templates share one set of \
         names.",
        "class A {\n}\nenum A {\n  X\n}\n";
    DUPLICATE_FIELD = "E-duplicate-field",
        "A class has one field of a name.",
        "class A {\n  a int\n  a string\n}\n";
    DUPLICATE_VALUE = "E-duplicate-value",
        "An enum has one value of a name.",
        "enum E {\n  X\n  X\n}\n";
    DUPLICATE_TEST = "E-duplicate-test",
        "A function has one test of a name.",
        "function F() -> int {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\ntest T {\n  \
         functions [F]\n  args { }\n}\ntest T {\n  functions [F]\n  args { }\n}\n";
    DUPLICATE_KEY = "E-duplicate-key",
        "A generator or a test has one property of a name.",
        "generator g {\n  output_type \"typescript\"\n  output_type \"go\"\n}\n";
    RESERVED_NAME = "E-reserved-name",
        "The name belongs to the language and cannot be declared.",
        "class String {\n  a int\n}\n";
    FIELD_KEYWORD = "E-field-keyword",
        "A field cannot have the name of a keyword of BAML.",
        "class A {\n  self int\n}\n";
    FIELD_TARGET_KEYWORD = "E-field-target-keyword",
        "A field cannot have the name of a keyword of a language that clients are generated for.",
        "class A {\n  from int\n}\ngenerator g {\n  output_type \"python/pydantic\"\n  output_dir \
         \"../\"\n}\n";
    UNKNOWN_TYPE = "E-unknown-type",
        "No class, enum or alias of this name is declared.",
        "class A {\n  a Foo\n}\n";
    UNKNOWN_ALIAS_TARGET = "E-unknown-alias-target",
        "A type alias mentions a name that is not declared.",
        "type T = Nope\n";
    MAP_KEY = "E-map-key",
        "A map's key is a string, an enum, or a union of literal strings.",
        "class A {\n  a map<int, string>\n}\n";
    CLASS_CYCLE = "E-class-cycle",
        "Classes that require each other can have no instance; make one field optional or a list.",
        "class A {\n  a A\n}\n";
    ALIAS_CYCLE = "E-alias-cycle",
        "An alias may contain itself only inside a list or a map.",
        "type A = A\n";
    CLIENT_CYCLE = "E-client-cycle",
        "Clients that fall back on each other never come to an end.",
        "client<llm> C {\n  provider fallback\n  options {\n    strategy [C]\n  }\n}\n";
    ALIAS_ATTRIBUTE = "E-alias-attribute",
        "A type alias has no other attributes than `@check` and `@assert`.",
        "type A = int @description(\"x\")\n";
    UNKNOWN_ATTRIBUTE = "E-unknown-attribute",
        "The attribute does not exist, or not on this kind of thing.",
        "class A {\n  a int @foo\n}\n";
    REPEATED_ATTRIBUTE = "E-repeated-attribute",
        "The attribute says one thing and stands here twice.",
        "class A {\n  a int @alias(\"a\") @alias(\"b\")\n}\n";
    ATTRIBUTE_ARGUMENT_MISSING = "E-attribute-argument-missing",
        "The attribute needs an argument.",
        "class A {\n  a int @description\n}\n";
    ATTRIBUTE_ARGUMENT_UNKNOWN = "E-attribute-argument-unknown",
        "The attribute takes fewer arguments.",
        "class A {\n  a int @description(\"a\", \"b\")\n}\n";
    ATTRIBUTE_ARGUMENT_KIND = "E-attribute-argument-kind",
        "The attribute's argument is a string.",
        "enum E {\n  X @alias(1)\n}\n";
    SKIP_REQUIRED = "E-skip-required",
        "A field that the model never sees must be optional.",
        "class A {\n  a int @skip\n}\n";
    CONSTRAINT_NAME = "E-constraint-name",
        "A check has a name, written without quotes.",
        "class A {\n  a int @check({{ this > 0 }})\n}\n";
    CONSTRAINT_FORM = "E-constraint-form",
        "A constraint is written `@check(name, {{ expression }})` or `@assert({{ expression }})`.",
        "class A {\n  a int @check(pos)\n}\n";
    PARAM_CHECK = "E-param-check",
        "A check on a parameter has nobody to tell its outcome.",
        "function F(x: int @check(a, {{ this }})) -> int {\n  client \"openai/gpt-4o\"\n  prompt \
         #\"x\"#\n}\n";
    TEST_ATTRIBUTE = "E-test-attribute",
        "A test has no other attributes than `@@check` and `@@assert`.",
        "function F() -> int {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\ntest T {\n  \
         functions [F]\n  args { }\n  @@alias(\"x\")\n}\n";
    FUNCTION_UNKNOWN_KEY = "E-function-unknown-key",
        "A function has a `client` and a `prompt`, nothing else.",
        "function F() -> int {\n  client \"openai/gpt-4o\"\n  colour \"x\"\n  prompt #\"x\"#\n}\n";
    FUNCTION_INCOMPLETE = "E-function-incomplete",
        "A function needs both `client` and `prompt`.",
        "function F() -> int {\n  prompt #\"x\"#\n}\n";
    VALUE_KIND = "E-value-kind",
        "The property wants a value of another kind.",
        "function F() -> int {\n  client \"openai/gpt-4o\"\n  prompt \"x\"\n}\n";
    UNKNOWN_CLIENT = "E-unknown-client",
        "No client of this name is declared, and it is no `provider/model` either.",
        "function F() -> int {\n  client Nope\n  prompt #\"x\"#\n}\n";
    PROVIDER_MISSING = "E-provider-missing",
        "A client needs a provider.",
        "client<llm> C {\n  options {\n    model \"m\"\n  }\n}\n";
    UNKNOWN_PROVIDER = "E-unknown-provider",
        "There is no provider of this name.",
        "client<llm> C {\n  provider 5\n}\n";
    CLIENT_UNKNOWN_KEY = "E-client-unknown-key",
        "A client has a `provider`, a `retry_policy` and `options`, nothing else.",
        "client<llm> C {\n  provider openai\n  colour red\n}\n";
    OPTION_KIND = "E-option-kind",
        "The option wants a value of another kind.",
        "client<llm> C {\n  provider openai\n  options {\n    base_url 5\n  }\n}\n";
    OPTION_VALUE = "E-option-value",
        "The option does not know this value.",
        "client<llm> C {\n  provider openai\n  options {\n    default_role \"x\"\n  }\n}\n";
    OPTION_MISSING = "E-option-missing",
        "The provider needs this option.",
        "client<llm> C {\n  provider openai-generic\n  options {\n    model \"m\"\n  }\n}\n";
    OPTION_UNSUPPORTED = "E-option-unsupported",
        "The provider does not know this option.",
        "client<llm> C {\n  provider fallback\n  options {\n    strategy [\"openai/gpt-4o\"]\n    \
         foo 1\n  }\n}\n";
    OPTION_CONFLICT = "E-option-conflict",
        "These options exclude each other.",
        "client<llm> C {\n  provider openai\n  options {\n    finish_reason_allow_list \
         [\"stop\"]\n    finish_reason_deny_list [\"stop\"]\n  }\n}\n";
    HTTP_OPTION = "E-http-option",
        "The `http` block does not know this setting.",
        "client<llm> C {\n  provider openai\n  options {\n    http {\n      request_timeout \
         5\n    }\n  }\n}\n";
    UNKNOWN_STRATEGY_CLIENT = "E-unknown-strategy-client",
        "The strategy names a client that is not declared.",
        "client<llm> C {\n  provider fallback\n  options {\n    strategy [Nope]\n  }\n}\n";
    UNKNOWN_RETRY_POLICY = "E-unknown-retry-policy",
        "No retry policy of this name is declared.",
        "client<llm> C {\n  provider openai\n  retry_policy Nope\n}\n";
    RETRY_POLICY = "E-retry-policy",
        "A retry policy has `max_retries`, and a strategy that is constant or exponential.",
        "retry_policy R {\n  max_retries 1\n  strategy {\n    type constant_delay\n    multiplier \
         2\n  }\n}\n";
    UNKNOWN_KEY = "E-unknown-key",
        "The block does not know this property.",
        "retry_policy R {\n  max_retries 1\n  colour 2\n}\n";
    PROPERTY_MISSING = "E-property-missing",
        "The block needs this property.",
        "retry_policy R {\n}\n";
    GENERATOR_VALUE = "E-generator-value",
        "The generator's property does not have this value.",
        "generator g {\n  output_type \"typescript\"\n  version \"abc\"\n}\n";
    NOT_DYNAMIC = "E-not-dynamic",
        "A type builder extends only types that are marked `@@dynamic`.",
        "class D {\n  a int\n}\nfunction F() -> D {\n  client \"openai/gpt-4o\"\n  prompt \
         #\"x\"#\n}\ntest T {\n  functions [F]\n  type_builder {\n    dynamic class D {\n      n \
         int\n    }\n  }\n  args { }\n}\n";
    TEST_FUNCTION = "W-test-function",
        "The test names a function that is not declared.",
        "test T {\n  functions [Nope]\n  args { }\n}\n";
    TEST_ARGUMENT = "W-test-argument",
        "The test's arguments are not those that the function takes.",
        "function F(x: string) -> int {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\ntest T \
         {\n  functions [F]\n  args {\n    x \"a\"\n    z 1\n  }\n}\n";
}

/// What an id stands for, of this crate or of the parser.
pub fn explain(id: &str) -> Option<&'static Entry> {
    baml_syntax::catalogue::ENTRIES.iter().chain(ENTRIES).find(|entry| entry.id == id)
}

//! Every diagnostic of this crate, declared once, a table; [`explain`] finds those of the parser
//! as well.
//!
//! Invariant: no id is declared twice, here or in `baml-syntax`.

pub use baml_syntax::catalogue::Entry;

baml_syntax::catalogue! {
    DUPLICATE_NAME = "E-duplicate-name",
        "Classes, enums, aliases, functions, clients, policies and templates share one set of \
         names.",
        "Give one of them another name; an `@@alias` can still say the old one to the model.",
        "class A {\n}\nenum A {\n  X\n}\n",
        "class A {\n}\nenum B {\n  X\n}\n";
    DUPLICATE_FIELD = "E-duplicate-field",
        "A class has one field of a name.",
        "Take one of the fields away or name it differently.",
        "class A {\n  a int\n  a string\n}\n",
        "class A {\n  a int\n  b string\n}\n";
    DUPLICATE_VALUE = "E-duplicate-value",
        "An enum has one value of a name.",
        "Take one of the values away.",
        "enum E {\n  X\n  X\n}\n",
        "enum E {\n  X\n}\n";
    DUPLICATE_TEST = "E-duplicate-test",
        "A function has one test of a name.",
        "Give one of the tests another name.",
        "function F() -> int {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\ntest T {\n  \
         functions [F]\n  args { }\n}\ntest T {\n  functions [F]\n  args { }\n}\n",
        "function F() -> int {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\ntest T {\n  \
         functions [F]\n  args { }\n}\ntest U {\n  functions [F]\n  args { }\n}\n";
    DUPLICATE_KEY = "E-duplicate-key",
        "A generator or a test has one property of a name.",
        "Keep the property that is meant, or write a second block.",
        "generator g {\n  output_type \"typescript\"\n  output_type \"go\"\n}\n",
        "generator g {\n  output_type \"typescript\"\n}\n";
    RESERVED_NAME = "E-reserved-name",
        "The name belongs to the language and cannot be declared.",
        "Choose another name; an `@@alias` can say this one to the model.",
        "class String {\n  a int\n}\n",
        "class Text {\n  a int\n}\n";
    FIELD_KEYWORD = "E-field-keyword",
        "A field cannot have the name of a keyword of BAML.",
        "Choose another name; an `@alias` can say this one to the model.",
        "class A {\n  self int\n}\n",
        "class A {\n  own int @alias(\"self\")\n}\n";
    FIELD_TARGET_KEYWORD = "E-field-target-keyword",
        "A field cannot have the name of a keyword of a language that clients are generated for.",
        "Choose another name; an `@alias` can say this one to the model. Or take the generator \
         away.",
        "class A {\n  from int\n}\ngenerator g {\n  output_type \"python/pydantic\"\n  output_dir \
         \"../\"\n}\n",
        "class A {\n  sender int @alias(\"from\")\n}\ngenerator g {\n  output_type \
         \"python/pydantic\"\n  output_dir \"../\"\n}\n";
    UNKNOWN_TYPE = "E-unknown-type",
        "No class, enum or alias of this name is declared.",
        "Declare the type, or look at the names that are suggested: case counts.",
        "class A {\n  a Foo\n}\n",
        "class A {\n  a Foo\n}\nclass Foo {\n}\n";
    UNKNOWN_ALIAS_TARGET = "E-unknown-alias-target",
        "A type alias mentions a name that is not declared.",
        "Declare the type, or correct its name: case counts.",
        "type T = Nope\n",
        "type T = Some\nclass Some {\n}\n";
    MAP_KEY = "E-map-key",
        "A map's key is a string, an enum, or a union of literal strings.",
        "Use `string` for the key: JSON has no other keys.",
        "class A {\n  a map<int, string>\n}\n",
        "class A {\n  a map<string, string>\n}\n";
    CLASS_CYCLE = "E-class-cycle",
        "Classes that require each other can have no instance; make one field optional or a list.",
        "Write `?` or `[]` behind the type of one field of the circle.",
        "class A {\n  a A\n}\n",
        "class A {\n  a A?\n}\n";
    ALIAS_CYCLE = "E-alias-cycle",
        "An alias may contain itself only inside a list or a map.",
        "Put the inner mention into a list or a map, with something else beside it.",
        "type A = A\n",
        "type A = int | A[]\n";
    CLIENT_CYCLE = "E-client-cycle",
        "Clients that fall back on each other never come to an end.",
        "Take one client out of the strategies that lead in a circle.",
        "client<llm> C {\n  provider fallback\n  options {\n    strategy [C]\n  }\n}\n",
        "client<llm> C {\n  provider fallback\n  options {\n    strategy [\"openai/gpt-4o\"]\n  }\
         \n}\n";
    ALIAS_ATTRIBUTE = "E-alias-attribute",
        "A type alias has no other attributes than `@check` and `@assert`.",
        "Move the attribute to the fields that use the alias.",
        "type A = int @description(\"x\")\n",
        "type A = int @check(small, {{ this < 9 }})\n";
    UNKNOWN_ATTRIBUTE = "E-unknown-attribute",
        "The attribute does not exist, or not on this kind of thing.",
        "Correct the name: fields know `@alias`, `@description`, `@skip`, `@check`, `@assert` and \
         `@stream.…`; blocks know `@@alias`, `@@description` and `@@dynamic`.",
        "class A {\n  a int @foo\n}\n",
        "class A {\n  a int @description(\"foo\")\n}\n";
    REPEATED_ATTRIBUTE = "E-repeated-attribute",
        "The attribute says one thing and stands here twice.",
        "Keep one of them.",
        "class A {\n  a int @alias(\"a\") @alias(\"b\")\n}\n",
        "class A {\n  a int @alias(\"a\")\n}\n";
    ATTRIBUTE_ARGUMENT_MISSING = "E-attribute-argument-missing",
        "The attribute needs an argument.",
        "Write the argument in parentheses.",
        "class A {\n  a int @description\n}\n",
        "class A {\n  a int @description(\"how many\")\n}\n";
    ATTRIBUTE_ARGUMENT_UNKNOWN = "E-attribute-argument-unknown",
        "The attribute takes fewer arguments.",
        "Keep the first argument.",
        "class A {\n  a int @description(\"a\", \"b\")\n}\n",
        "class A {\n  a int @description(\"a\")\n}\n";
    ATTRIBUTE_ARGUMENT_KIND = "E-attribute-argument-kind",
        "The attribute's argument is a string.",
        "Put the argument in double quotes.",
        "enum E {\n  X @alias(1)\n}\n",
        "enum E {\n  X @alias(\"1\")\n}\n";
    SKIP_REQUIRED = "E-skip-required",
        "A field that the model never sees must be optional.",
        "Write `?` behind the type.",
        "class A {\n  a int @skip\n}\n",
        "class A {\n  a int? @skip\n}\n";
    CONSTRAINT_NAME = "E-constraint-name",
        "A check has a name, written without quotes.",
        "Write a name in front of the expression, or use `@assert`, which needs none.",
        "class A {\n  a int @check({{ this > 0 }})\n}\n",
        "class A {\n  a int @check(positive, {{ this > 0 }})\n}\n";
    CONSTRAINT_FORM = "E-constraint-form",
        "A constraint is written `@check(name, {{ expression }})` or `@assert({{ expression }})`.",
        "Write the expression in `{{ }}`, after the name and a comma.",
        "class A {\n  a int @check(pos)\n}\n",
        "class A {\n  a int @check(pos, {{ this > 0 }})\n}\n";
    PARAM_CHECK = "E-param-check",
        "A check on a parameter has nobody to tell its outcome.",
        "Use `@assert`, or check the value before the call.",
        "function F(x: int @check(a, {{ this }})) -> int {\n  client \"openai/gpt-4o\"\n  prompt \
         #\"x\"#\n}\n",
        "function F(x: int @assert(a, {{ this }})) -> int {\n  client \"openai/gpt-4o\"\n  prompt \
         #\"x\"#\n}\n";
    TEST_ATTRIBUTE = "E-test-attribute",
        "A test has no other attributes than `@@check` and `@@assert`.",
        "Take the attribute away, or say what must hold with `@@assert`.",
        "function F() -> int {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\ntest T {\n  \
         functions [F]\n  args { }\n  @@alias(\"x\")\n}\n",
        "function F() -> int {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\ntest T {\n  \
         functions [F]\n  args { }\n  @@assert({{ this > 0 }})\n}\n";
    FUNCTION_UNKNOWN_KEY = "E-function-unknown-key",
        "A function has a `client` and a `prompt`, nothing else.",
        "Correct the name, or take the property away.",
        "function F() -> int {\n  client \"openai/gpt-4o\"\n  colour \"x\"\n  prompt #\"x\"#\n}\n",
        "function F() -> int {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\n";
    FUNCTION_INCOMPLETE = "E-function-incomplete",
        "A function needs both `client` and `prompt`.",
        "Add what is missing: `client Name` or `client \"provider/model\"`, and `prompt #\"…\"#`.",
        "function F() -> int {\n  prompt #\"x\"#\n}\n",
        "function F() -> int {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\n";
    VALUE_KIND = "E-value-kind",
        "The property wants a value of another kind.",
        "Write the value as the message says; a prompt stands in `#\"…\"#`.",
        "function F() -> int {\n  client \"openai/gpt-4o\"\n  prompt \"x\"\n}\n",
        "function F() -> int {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\n";
    UNKNOWN_CLIENT = "E-unknown-client",
        "No client of this name is declared, and it is no `provider/model` either.",
        "Declare the client, correct its name, or write `\"provider/model\"` in quotes.",
        "function F() -> int {\n  client Nope\n  prompt #\"x\"#\n}\n",
        "function F() -> int {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\n";
    PROVIDER_MISSING = "E-provider-missing",
        "A client needs a provider.",
        "Add `provider` with one of the providers, such as `openai` or `anthropic`.",
        "client<llm> C {\n  options {\n    model \"m\"\n  }\n}\n",
        "client<llm> C {\n  provider openai\n  options {\n    model \"m\"\n  }\n}\n";
    UNKNOWN_PROVIDER = "E-unknown-provider",
        "There is no provider of this name.",
        "Use one of the names that are suggested; services that speak like OpenAI are \
         `openai-generic`.",
        "client<llm> C {\n  provider 5\n}\n",
        "client<llm> C {\n  provider openai\n}\n";
    CLIENT_UNKNOWN_KEY = "E-client-unknown-key",
        "A client has a `provider`, a `retry_policy` and `options`, nothing else.",
        "Move the property into `options { }`, correct its name, or take it away.",
        "client<llm> C {\n  provider openai\n  colour red\n}\n",
        "client<llm> C {\n  provider openai\n  options {\n    colour red\n  }\n}\n";
    OPTION_KIND = "E-option-kind",
        "The option wants a value of another kind.",
        "Write the value as the message says.",
        "client<llm> C {\n  provider openai\n  options {\n    base_url 5\n  }\n}\n",
        "client<llm> C {\n  provider openai\n  options {\n    base_url \"https://example.com/v1\"\
         \n  }\n}\n";
    OPTION_VALUE = "E-option-value",
        "The option does not know this value.",
        "Use one of the values that the message names.",
        "client<llm> C {\n  provider openai\n  options {\n    default_role \"x\"\n  }\n}\n",
        "client<llm> C {\n  provider openai\n  options {\n    default_role \"user\"\n  }\n}\n";
    OPTION_MISSING = "E-option-missing",
        "The provider needs this option.",
        "Add the option; a secret can come from the environment: `env.NAME`.",
        "client<llm> C {\n  provider openai-generic\n  options {\n    model \"m\"\n  }\n}\n",
        "client<llm> C {\n  provider openai-generic\n  options {\n    model \"m\"\n    base_url \
         \"https://example.com/v1\"\n  }\n}\n";
    OPTION_UNSUPPORTED = "E-option-unsupported",
        "The provider does not know this option.",
        "Correct the name or take the option away.",
        "client<llm> C {\n  provider fallback\n  options {\n    strategy [\"openai/gpt-4o\"]\n    \
         foo 1\n  }\n}\n",
        "client<llm> C {\n  provider fallback\n  options {\n    strategy [\"openai/gpt-4o\"]\n  }\
         \n}\n";
    OPTION_CONFLICT = "E-option-conflict",
        "These options exclude each other.",
        "Keep one of the options.",
        "client<llm> C {\n  provider openai\n  options {\n    finish_reason_allow_list [\"stop\"]\
         \n    finish_reason_deny_list [\"stop\"]\n  }\n}\n",
        "client<llm> C {\n  provider openai\n  options {\n    finish_reason_allow_list [\"stop\"]\
         \n  }\n}\n";
    HTTP_OPTION = "E-http-option",
        "The `http` block does not know this setting.",
        "Use one of the settings that the message names; times are in milliseconds.",
        "client<llm> C {\n  provider openai\n  options {\n    http {\n      request_timeout 5\
         \n    }\n  }\n}\n",
        "client<llm> C {\n  provider openai\n  options {\n    http {\n      request_timeout_ms \
         5000\n    }\n  }\n}\n";
    UNKNOWN_STRATEGY_CLIENT = "E-unknown-strategy-client",
        "The strategy names a client that is not declared.",
        "Declare the client, correct its name, or write `\"provider/model\"` in quotes.",
        "client<llm> C {\n  provider fallback\n  options {\n    strategy [Nope]\n  }\n}\n",
        "client<llm> C {\n  provider fallback\n  options {\n    strategy [\"openai/gpt-4o\"]\n  }\
         \n}\n";
    UNKNOWN_RETRY_POLICY = "E-unknown-retry-policy",
        "No retry policy of this name is declared.",
        "Declare the policy, or correct its name.",
        "client<llm> C {\n  provider openai\n  retry_policy Nope\n}\n",
        "client<llm> C {\n  provider openai\n  retry_policy Twice\n}\nretry_policy Twice {\n  \
         max_retries 2\n}\n";
    RETRY_POLICY = "E-retry-policy",
        "A retry policy has `max_retries`, and a strategy that is constant or exponential.",
        "Use `exponential_backoff` for delays that grow, or take the setting away.",
        "retry_policy R {\n  max_retries 1\n  strategy {\n    type constant_delay\n    multiplier \
         2\n  }\n}\n",
        "retry_policy R {\n  max_retries 1\n  strategy {\n    type exponential_backoff\n    \
         multiplier 2\n  }\n}\n";
    UNKNOWN_KEY = "E-unknown-key",
        "The block does not know this property.",
        "Correct the name, or take the property away.",
        "retry_policy R {\n  max_retries 1\n  colour 2\n}\n",
        "retry_policy R {\n  max_retries 1\n}\n";
    PROPERTY_MISSING = "E-property-missing",
        "The block needs this property.",
        "Add the property that the message names.",
        "retry_policy R {\n}\n",
        "retry_policy R {\n  max_retries 2\n}\n";
    GENERATOR_VALUE = "E-generator-value",
        "The generator's property does not have this value.",
        "Use one of the values that the message names; a version has three numbers.",
        "generator g {\n  output_type \"typescript\"\n  version \"abc\"\n}\n",
        "generator g {\n  output_type \"typescript\"\n  version \"0.226.2\"\n}\n";
    NOT_DYNAMIC = "E-not-dynamic",
        "A type builder extends only types that are marked `@@dynamic`.",
        "Mark the type with `@@dynamic`, or declare a new type in the builder.",
        "class D {\n  a int\n}\nfunction F() -> D {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\
         \n}\ntest T {\n  functions [F]\n  type_builder {\n    dynamic class D {\n      n int\
         \n    }\n  }\n  args { }\n}\n",
        "class D {\n  a int\n  @@dynamic\n}\nfunction F() -> D {\n  client \"openai/gpt-4o\"\n  \
         prompt #\"x\"#\n}\ntest T {\n  functions [F]\n  type_builder {\n    dynamic class D {\
         \n      n int\n    }\n  }\n  args { }\n}\n";
    TEST_FUNCTION = "W-test-function",
        "The test names a function that is not declared.",
        "Correct the name in `functions`, or take the test away.",
        "test T {\n  functions [Nope]\n  args { }\n}\n",
        "function F() -> int {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\ntest T {\n  \
         functions [F]\n  args { }\n}\n";
    TEST_ARGUMENT = "W-test-argument",
        "The test's arguments are not those that the function takes.",
        "Name in `args` what the function takes, with values of those types.",
        "function F(x: string) -> int {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\ntest T {\
         \n  functions [F]\n  args {\n    x \"a\"\n    z 1\n  }\n}\n",
        "function F(x: string) -> int {\n  client \"openai/gpt-4o\"\n  prompt #\"x\"#\n}\ntest T {\
         \n  functions [F]\n  args {\n    x \"a\"\n  }\n}\n";
}

/// What an id stands for, of this crate or of the parser.
pub fn explain(id: &str) -> Option<&'static Entry> {
    baml_syntax::catalogue::ENTRIES.iter().chain(ENTRIES).find(|entry| entry.id == id)
}

//! What a project declares beside its language: generators and tests.
//!
//! Invariant: these are kept as written; nothing is generated, read or called here.

use std::sync::Arc;

use baml_syntax::Span;
use indexmap::IndexMap;
use smol_str::SmolStr;

use crate::client::OptionValue;
use crate::types::Constraint;

/// `generator name { … }`
#[derive(Clone, Debug)]
pub struct Generator {
    /// Its name.
    pub name: SmolStr,
    /// What is generated, such as `go` or `python/pydantic`.
    pub output_type: SmolStr,
    /// Where to, relative to the sources' folder.
    pub output_dir: Option<SmolStr>,
    /// The tool's version that it asks for.
    pub version: Option<SmolStr>,
    /// `sync` or `async`.
    pub default_client_mode: Option<ClientMode>,
    /// The command to run in the output's folder afterwards.
    pub on_generate: Option<SmolStr>,
    /// The Go package that is generated.
    pub client_package_name: Option<SmolStr>,
    /// `cjs` or `esm`.
    pub module_format: Option<SmolStr>,
    /// The name's place.
    pub span: Span,
}

/// Which kind of client a generator makes the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientMode {
    /// Calls block.
    Sync,
    /// Calls are awaited.
    Async,
}

/// `test Name { … }`
#[derive(Clone, Debug)]
pub struct Test {
    /// Its name.
    pub name: SmolStr,
    /// The functions it calls; they may be unknown, which is only a warning.
    pub functions: Vec<SmolStr>,
    /// The arguments as written; media are maps with `file`, `url` or `base64`.
    pub args: IndexMap<SmolStr, OptionValue>,
    /// `@@check` and `@@assert`.
    pub constraints: Vec<Constraint>,
    /// The text between the braces of `type_builder { … }`.
    pub type_builder: Option<Arc<str>>,
    /// The name's place.
    pub span: Span,
}

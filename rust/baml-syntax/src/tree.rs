//! The tree of one file: what was written, with the place of every part. No meaning, no look-up.
//!
//! Invariant: items stand in source order and do not overlap; whatever lies between and inside them
//! is blank space or one of the tree's comments, so the text can always be told back.

use smol_str::SmolStr;

use crate::block_string::SourceText;
use crate::source::{FileId, Span};

/// A parsed file.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// The file.
    pub file: FileId,
    /// Everything declared, in source order.
    pub items: Vec<Item>,
    /// Every comment, in source order.
    pub comments: Vec<Comment>,
}

/// A comment of any kind, markers included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Which kind.
    pub kind: CommentKind,
    /// From the first marker to the last character; a line comment excludes its line end.
    pub span: Span,
}

/// The three kinds of comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentKind {
    /// `// …`
    Line,
    /// `/// …`
    Doc,
    /// `{// … //}`
    Block,
}

/// A word with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The word.
    pub text: SmolStr,
    /// Its place.
    pub span: Span,
}

/// One declaration.
#[derive(Clone, Debug)]
pub enum Item {
    /// `class`, `enum`, or the same shape behind an unknown word.
    Type(TypeBlock),
    /// `type Name = …`
    Alias(TypeAlias),
    /// `function`, `client`, `test`, `retry_policy`, `generator`.
    Value(ValueBlock),
    /// `template_string Name(…) #"…"#`
    Template(TemplateString),
    /// A declaration that is understood well enough to be refused: see its kind.
    Unsupported(Unsupported),
    /// Text that is no declaration.
    Invalid(Span),
}

/// `class Name { … }` and `enum Name { … }`.
#[derive(Clone, Debug)]
pub struct TypeBlock {
    /// `dynamic`, inside a `type_builder`.
    pub dynamic: Option<Span>,
    /// `class`, `enum`, or what stood in their place.
    pub keyword: Name,
    /// The declared name.
    pub name: Name,
    /// Between the braces, in source order.
    pub members: Vec<Member>,
    /// The `///` lines above it.
    pub doc: Option<SmolStr>,
    /// From the first word to the closing brace.
    pub span: Span,
}

/// What stands between the braces of a class or an enum.
#[derive(Clone, Debug)]
pub enum Member {
    /// A field of a class, a value of an enum.
    Field(Field),
    /// `@@name(…)`
    Attribute(Attribute),
    /// A method; its body is not looked into.
    Method(Method),
    /// A rest of a line that is none of these.
    Invalid(Span),
}

/// A field of a class, or a value of an enum (then without a type).
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: Name,
    /// Its type, if one was written. What was attached to the whole type stands in `attributes`.
    pub ty: Option<TypeExpr>,
    /// `@name(…)` after it.
    pub attributes: Vec<Attribute>,
    /// The `///` lines above it.
    pub doc: Option<SmolStr>,
    /// From the name to the last attribute.
    pub span: Span,
}

/// `function name(self) -> T { … }` inside a class.
#[derive(Clone, Debug)]
pub struct Method {
    /// Its name.
    pub name: Name,
    /// All of it.
    pub span: Span,
}

/// `type Name = …`
#[derive(Clone, Debug)]
pub struct TypeAlias {
    /// The declared name.
    pub name: Name,
    /// What it stands for; attributes of the whole stand on it.
    pub ty: TypeExpr,
    /// The `///` lines above it.
    pub doc: Option<SmolStr>,
    /// From `type` to the end of the type.
    pub span: Span,
}

/// A block of properties behind a keyword.
#[derive(Clone, Debug)]
pub struct ValueBlock {
    /// `function`, `client`, `test`, `retry_policy` or `generator`.
    pub keyword: Name,
    /// `llm` of `client<llm>`.
    pub generic: Option<Name>,
    /// The declared name.
    pub name: Name,
    /// Between parentheses, if there are any.
    pub params: Option<Vec<Param>>,
    /// After `->`.
    pub returns: Option<TypeExpr>,
    /// Between the braces, in source order.
    pub entries: Vec<Entry>,
    /// The `///` lines above it.
    pub doc: Option<SmolStr>,
    /// From the keyword to the closing brace.
    pub span: Span,
}

/// What stands between the braces of a [`ValueBlock`].
#[derive(Clone, Debug)]
pub enum Entry {
    /// `key value`
    Property(Property),
    /// `@@name(…)`
    Attribute(Attribute),
    /// `type_builder { … }`
    TypeBuilder(TypeBuilderBlock),
}

/// `key value @attributes`
#[derive(Clone, Debug)]
pub struct Property {
    /// The key.
    pub key: Name,
    /// The value, if one was written.
    pub value: Option<Expr>,
    /// `@name(…)` after it.
    pub attributes: Vec<Attribute>,
    /// From the key to the last part.
    pub span: Span,
}

/// `type_builder { … }` of a test.
#[derive(Clone, Debug)]
pub struct TypeBuilderBlock {
    /// What it declares.
    pub items: Vec<Item>,
    /// All of it.
    pub span: Span,
}

/// `template_string Name(…) #"…"#`
#[derive(Clone, Debug)]
pub struct TemplateString {
    /// The declared name.
    pub name: Name,
    /// Between parentheses, if there are any.
    pub params: Option<Vec<Param>>,
    /// The block string.
    pub text: BlockString,
    /// The `///` lines above it.
    pub doc: Option<SmolStr>,
    /// From the keyword to the end of the string.
    pub span: Span,
}

/// A declaration that belongs to the workflow language, which is refused.
#[derive(Clone, Debug)]
pub struct Unsupported {
    /// Which.
    pub kind: UnsupportedKind,
    /// Its name.
    pub name: Name,
    /// All of it.
    pub span: Span,
}

/// What is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnsupportedKind {
    /// A function whose body is code.
    WorkflowFunction,
    /// `let` outside of functions.
    TopLevelLet,
}

/// One parameter.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: Name,
    /// Its type; only `self` may lack one.
    pub ty: Option<TypeExpr>,
    /// From the name to the end of the type.
    pub span: Span,
}

/// `@name(…)` or `@@name(…)`.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// The name without its `@`; may hold dots.
    pub name: Name,
    /// Between parentheses.
    pub args: Vec<Expr>,
    /// Whether parentheses were written.
    pub parens: bool,
    /// From `@` to the closing parenthesis.
    pub span: Span,
}

/// A type as written.
#[derive(Clone, Debug)]
pub struct TypeExpr {
    /// Its shape.
    pub kind: TypeExprKind,
    /// What was attached to it.
    pub attributes: Vec<Attribute>,
    /// Its place, attributes excluded.
    pub span: Span,
}

/// The shape of a type as written.
#[derive(Clone, Debug)]
pub enum TypeExprKind {
    /// A word.
    Name(SmolStr),
    /// `"x"`, unescaped.
    String(SmolStr),
    /// `1` or `1.5`, as written.
    Number(SmolStr),
    /// `T[]`
    List(Box<TypeExpr>),
    /// `T?`
    Optional(Box<TypeExpr>),
    /// `map<K, V>`
    Map(Box<TypeExpr>, Box<TypeExpr>),
    /// `A | B`
    Union(Vec<TypeExpr>),
    /// `(A, B)`
    Tuple(Vec<TypeExpr>),
    /// `(A)`
    Group(Box<TypeExpr>),
}

/// A value as written.
#[derive(Clone, Debug)]
pub struct Expr {
    /// Its shape.
    pub kind: ExprKind,
    /// Its place.
    pub span: Span,
}

/// The shape of a value as written.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// `"…"`, unescaped.
    String(SmolStr),
    /// `#"…"#`
    Block(BlockString),
    /// Unquoted text.
    Bare(SmolStr),
    /// `-1.5`, as written.
    Number(SmolStr),
    /// `true`
    Bool(bool),
    /// `null`
    Null,
    /// `env.NAME`
    Env(SmolStr),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{ key value }`
    Map(Vec<MapEntry>),
    /// `{{ … }}`: the trimmed text between the braces and its place.
    Jinja(SmolStr, Span),
}

/// `key value` of a map.
#[derive(Clone, Debug)]
pub struct MapEntry {
    /// The key, unescaped.
    pub key: Name,
    /// The value; none where what stands there is no value.
    pub value: Option<Expr>,
    /// From the key to the end of the value.
    pub span: Span,
}

/// `#"…"#`
#[derive(Clone, Debug)]
pub struct BlockString {
    /// The dedented text, with the way back to the source.
    pub text: SourceText,
    /// How many `#` stand on each side.
    pub hashes: u32,
}

impl Item {
    /// All of it.
    pub fn span(&self) -> Span {
        match self {
            Self::Type(block) => block.span,
            Self::Alias(alias) => alias.span,
            Self::Value(block) => block.span,
            Self::Template(template) => template.span,
            Self::Unsupported(refused) => refused.span,
            Self::Invalid(span) => *span,
        }
    }
}

impl Expr {
    /// The text of a string of any kind, quoted or not.
    pub fn as_text(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::String(text) | ExprKind::Bare(text) => Some(text),
            ExprKind::Block(block) => Some(block.text.as_str()),
            _ => None,
        }
    }
}

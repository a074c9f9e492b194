//! Bounds on templates, kept before they are parsed: the parser's tree is as deep as the longest
//! chain of operators in it, and everybody who walks it recurses.
//!
//! Invariant: a template within the bounds is walked in a small, known part of the stack.

use minijinja::machinery::{Span, Token, WhitespaceConfig, tokenize};

/// Operators, brackets and commas in one `{{ … }}` or `{% … %}`; more come from no person.
pub(crate) const OPERATORS_MAX: usize = 400;
/// `elif` branches of a template; each nests in the one before it.
pub(crate) const BRANCHES_MAX: usize = 200;

/// How the text is to be read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Template,
    Expression,
}

/// What is beyond a bound, and where. Text that cannot be read is for the parser to complain about.
pub(crate) fn exceeded(text: &str, form: Form) -> Option<(&'static str, Span)> {
    let mut operators = 0;
    let mut branches = 0;
    let mut at_start = false;
    for token in tokens(text, form) {
        let Ok((token, span)) = token else { return None };
        match token {
            Token::VariableStart | Token::BlockStart => operators = 0,
            Token::Ident("elif") if at_start => branches += 1,
            Token::Ident("in" | "and" | "or" | "not" | "if" | "is" | "else") => operators += 1,
            Token::Ident(_) | Token::TemplateData(_) => {}
            Token::Str(_) | Token::String(_) | Token::Int(_) | Token::Float(_) => {}
            _ => operators += 1,
        }
        at_start = matches!(token, Token::BlockStart);
        if operators > OPERATORS_MAX {
            return Some(("the expression is too long", span));
        }
        if branches > BRANCHES_MAX {
            return Some(("there are too many branches", span));
        }
    }
    None
}

fn tokens(
    text: &str,
    form: Form,
) -> impl Iterator<Item = Result<(Token<'_>, Span), minijinja::Error>> {
    let whitespace = WhitespaceConfig::default();
    tokenize(text, form == Form::Expression, Default::default(), whitespace)
}

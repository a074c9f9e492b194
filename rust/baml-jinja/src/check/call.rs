//! Calls: what is called, and whether its arguments are what it takes.
//!
//! Invariant: the arguments of something that is no function are not looked at.

use minijinja::machinery::Span;
use minijinja::machinery::ast::{Call, CallArg, Expr};
use smol_str::SmolStr;

use super::catalogue::{ARGUMENT, KIND};
use super::expression::{Inference, mismatch};
use super::filter::text_method;
use super::kind::Kind;
use super::show::show;
use super::signature::{OUTPUT_FORMAT, Required, Signature};
use super::suggest::{did_you_mean, nearest};

const ARGUMENTS_SUGGESTED: usize = 3;

/// The arguments of one call.
#[derive(Default)]
struct Arguments {
    positional: Vec<Kind>,
    /// Of a repeated name the last one counts.
    named: Vec<(SmolStr, Kind)>,
    /// Whether `*list` or `**map` makes the arguments unknown.
    open: bool,
}

impl Inference<'_> {
    pub(crate) fn call(&mut self, call: &Call<'_>, span: Span) -> Kind {
        if let Some(result) = self.method(call) {
            return result;
        }
        let name = match self.infer(&call.expr) {
            Kind::Function(name) => name,
            Kind::OutputFormat => OUTPUT_FORMAT.into(),
            other => {
                let message = mismatch(&show(&call.expr), &other, "function");
                self.warn(KIND, span, message);
                return Kind::Unknown;
            }
        };
        let arguments = self.arguments(&call.args);
        if let Some(signature) = self.scope.signature(&name).filter(|_| !arguments.open) {
            for message in compare(&name, &signature, arguments) {
                self.warn(ARGUMENT, span, message);
            }
        }
        Kind::String
    }

    /// What a method of a text yields, when that is what is called.
    fn method(&mut self, call: &Call<'_>) -> Option<Kind> {
        let Expr::GetAttr(get) = &call.expr else { return None };
        let result = text_method(get.name)?;
        let findings = self.findings.len();
        if !self.infer(&get.expr).fits(&Kind::String) {
            // What was found will be found again when the method is looked up as a property.
            self.findings.truncate(findings);
            return None;
        }
        self.arguments(&call.args);
        Some(result)
    }

    fn arguments(&mut self, args: &[CallArg<'_>]) -> Arguments {
        let mut arguments = Arguments::default();
        for arg in args {
            match arg {
                CallArg::Pos(expr) => {
                    let kind = self.infer(expr);
                    arguments.positional.push(kind);
                }
                CallArg::Kwarg(name, expr) => {
                    let kind = self.infer(expr);
                    arguments.named.retain(|(old, _)| old != name);
                    arguments.named.push(((*name).into(), kind));
                }
                CallArg::PosSplat(expr) | CallArg::KwargSplat(expr) => {
                    self.infer(expr);
                    arguments.open = true;
                }
            }
        }
        arguments
    }
}

/// What is wrong with a function's arguments.
fn compare(function: &str, signature: &Signature, arguments: Arguments) -> Vec<String> {
    let params = &signature.params;
    let given = arguments.positional.len() + arguments.named.len();
    let required = params.iter().filter(|(_, _, must)| *must == Required::Yes).count();
    if given < required || given > params.len() {
        let wanted = params.len();
        return vec![format!("Function '{function}' expects {wanted} arguments, but got {given}")];
    }
    let mut messages = Vec::new();
    let mut free = Vec::new();
    for (at, (name, wanted, must)) in params.iter().enumerate() {
        let named = || arguments.named.iter().find(|(own, _)| own == name).map(|(_, kind)| kind);
        match arguments.positional.get(at).or_else(named) {
            Some(kind) if !kind.fits(wanted) => messages.push(format!(
                "Function '{function}' expects argument '{name}' to be of type {wanted}, \
                 but got {kind}"
            )),
            Some(_) => {}
            None => {
                free.push(name.as_str());
                if *must == Required::Yes {
                    messages.push(format!("Function '{function}' expects argument '{name}'"));
                }
            }
        }
    }
    let is_param = |name: &SmolStr| params.iter().any(|(own, ..)| own == name);
    for (name, _) in arguments.named.iter().filter(|(name, _)| !is_param(name)) {
        let near = nearest(name, free.iter().copied(), ARGUMENTS_SUGGESTED);
        let hint = did_you_mean(&near, '\'');
        messages.push(format!("Function '{function}' does not have an argument '{name}'.{hint}"));
    }
    messages
}

//! Functions and template strings.

use std::sync::Arc;

use baml_syntax::tree::{ExprKind, Param as WrittenParam, TemplateString as Written, ValueBlock};
use baml_syntax::{Diagnostic, SourceText};

use super::Checker;
use super::absent::Absent;
use super::client_options::is_provider;
use super::clients::properties;
use super::options::name;
use super::suggest::{SUGGESTIONS_MAX, did_you_mean, nearest};
use crate::catalogue::{FUNCTION_INCOMPLETE, FUNCTION_UNKNOWN_KEY, UNKNOWN_CLIENT};
use crate::schema::{ClientRef, Function, Param, TemplateString};
use crate::types::{Type, TypeKind};

impl Checker<'_> {
    /// Understands all functions.
    pub(crate) fn functions(&mut self) {
        for at in 0..self.names.functions.len() {
            let block: &ValueBlock = self.names.functions[at];
            let params = self.params(block.params.as_deref().unwrap_or_default());
            let returns = match &block.returns {
                Some(ty) => self.resolve(ty),
                None => Type::new(TypeKind::String),
            };
            let (client, source) = self.function_body(block);
            let function = Function {
                name: block.name.text.clone(),
                params,
                returns,
                client,
                prompt: source.shared(),
                prompt_source: source,
                doc: block.doc.clone(),
                span: block.name.span,
            };
            self.schema.functions.insert(function.name.clone(), Arc::new(function));
        }
    }

    fn function_body(&mut self, block: &ValueBlock) -> (ClientRef, SourceText) {
        let mut client = None;
        let mut prompt = None;
        let mut absent = Absent::of(&["client", "prompt"]);
        for property in properties(block) {
            let Some(value) = &property.value else {
                absent.valueless(&property.key.text);
                continue;
            };
            match (property.key.text.as_str(), &value.kind) {
                ("client", _) => {
                    if self.wants_name(value, "string") {
                        client = name(value).map(client_ref);
                    }
                }
                ("prompt", ExprKind::Block(block)) => prompt = Some(block.text.clone()),
                ("prompt", _) => self.wrong_value(value, "template_string"),
                (other, _) => {
                    let message = format!("Error validating: Unknown field `{other}` in function");
                    let found = Diagnostic::error(FUNCTION_UNKNOWN_KEY, property.span, message);
                    self.diagnostics.push(absent.misspelt(other, found));
                }
            }
        }
        // Without parameters the parser has told already that this is no function.
        let missing = match (client.is_none(), prompt.is_none()) {
            _ if block.returns.is_some() && block.params.is_none() => None,
            (false, false) => None,
            (true, false) => Some(("`client` field", "client GPT4")),
            (false, true) => Some(("`prompt` field", "prompt #\"...\"#")),
            (true, true) => Some(("`prompt` and `client` fields", "client GPT4\nprompt #\"...\"#")),
        };
        if let Some((what, example)) = missing {
            let message = format!(
                "Error validating: Missing {what} in function. Add to the block:\n```\n{example}\n\
                 ```"
            );
            let lacks = (client.is_none() && absent.lacks("client"))
                || (prompt.is_none() && absent.lacks("prompt"));
            let found = Diagnostic::error(FUNCTION_INCOMPLETE, block.name.span, message);
            self.diagnostics.push(found.following(!lacks));
        }
        let nobody = || ClientRef::Named(Default::default());
        (client.unwrap_or_else(nobody), prompt.unwrap_or_default())
    }

    /// Whether the clients that functions name exist.
    pub(crate) fn function_references(&mut self) {
        for at in 0..self.names.functions.len() {
            let block: &ValueBlock = self.names.functions[at];
            let clients = properties(block).filter(|found| found.key.text == "client");
            let Some(value) = clients.filter_map(|found| found.value.as_ref()).last() else {
                continue;
            };
            let name = name(value).unwrap_or_default();
            let known = match client_ref(name) {
                ClientRef::Named(name) => self.names.clients.contains_key(name.as_str()),
                ClientRef::Shorthand { provider, .. } => is_provider(&provider),
            };
            if !known {
                let names = self.names.clients.keys().copied();
                let near = did_you_mean(&nearest(name, names, SUGGESTIONS_MAX), '`');
                let message = format!("Client {name} not found.{near}");
                self.error(UNKNOWN_CLIENT, value.span, message);
            }
        }
    }

    /// Understands all template strings.
    pub(crate) fn templates(&mut self) {
        for at in 0..self.names.templates.len() {
            let written: &Written = self.names.templates[at];
            let template = TemplateString {
                name: written.name.text.clone(),
                params: self.params(written.params.as_deref().unwrap_or_default()),
                text: written.text.text.shared(),
                text_source: written.text.text.clone(),
                span: written.name.span,
            };
            self.schema.template_strings.insert(template.name.clone(), Arc::new(template));
        }
    }

    fn params(&mut self, written: &[WrittenParam]) -> Vec<Param> {
        written
            .iter()
            .map(|param| Param {
                name: param.name.text.clone(),
                ty: match &param.ty {
                    Some(ty) => self.resolve(ty),
                    None => Type::new(TypeKind::String),
                },
                span: param.name.span,
            })
            .collect()
    }
}

fn client_ref(text: &str) -> ClientRef {
    match text.split_once('/') {
        Some((provider, model)) => {
            ClientRef::Shorthand { provider: provider.into(), model: model.into() }
        }
        None => ClientRef::Named(text.into()),
    }
}

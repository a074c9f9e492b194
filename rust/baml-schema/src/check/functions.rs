//! Functions and template strings.

use std::sync::Arc;

use baml_syntax::SourceText;
use baml_syntax::tree::{ExprKind, Param as WrittenParam, TemplateString as Written, ValueBlock};

use super::Checker;
use super::clients::properties;
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
            let mut client = ClientRef::Named(Default::default());
            let mut source = SourceText::default();
            for property in properties(block) {
                let Some(value) = &property.value else { continue };
                match (property.key.text.as_str(), &value.kind) {
                    ("client", _) => client = client_ref(value.as_text().unwrap_or_default()),
                    ("prompt", ExprKind::Block(block)) => source = block.text.clone(),
                    _ => {}
                }
            }
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

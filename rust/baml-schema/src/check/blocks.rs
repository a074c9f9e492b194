//! Classes and enums.

use std::sync::Arc;

use baml_syntax::tree::{Attribute, Field as WrittenField, Member, TypeBlock};

use super::Checker;
use crate::schema::{Class, Enum, EnumValue, Field};
use crate::types::{Type, TypeKind};

impl Checker<'_> {
    /// Understands all enums.
    pub(crate) fn enums(&mut self) {
        for at in 0..self.names.enums.len() {
            let block: &TypeBlock = self.names.enums[at];
            let meaning = self.meaning(block_attributes(block));
            let values = fields(block).map(|field| self.enum_value(field)).collect();
            let entry = Enum {
                name: block.name.text.clone(),
                alias: meaning.alias,
                description: meaning.description,
                values,
                dynamic: meaning.dynamic,
                constraints: meaning.constraints,
                doc: block.doc.clone(),
                span: block.name.span,
            };
            self.schema.enums.insert(entry.name.clone(), Arc::new(entry));
        }
    }

    fn enum_value(&mut self, field: &WrittenField) -> EnumValue {
        let meaning = self.meaning(&field.attributes);
        EnumValue {
            name: field.name.text.clone(),
            alias: meaning.alias,
            description: meaning.description,
            skip: meaning.skip,
            doc: field.doc.clone(),
            span: field.name.span,
        }
    }

    /// Understands all classes.
    pub(crate) fn classes(&mut self) {
        for at in 0..self.names.classes.len() {
            let block: &TypeBlock = self.names.classes[at];
            let meaning = self.meaning(block_attributes(block));
            let fields = fields(block).map(|field| self.field(field)).collect();
            let entry = Class {
                name: block.name.text.clone(),
                alias: meaning.alias,
                description: meaning.description,
                fields,
                dynamic: meaning.dynamic,
                constraints: meaning.constraints,
                stream: meaning.stream,
                doc: block.doc.clone(),
                span: block.name.span,
            };
            self.schema.classes.insert(entry.name.clone(), Arc::new(entry));
        }
    }

    fn field(&mut self, field: &WrittenField) -> Field {
        let mut ty = match &field.ty {
            Some(ty) => self.resolve(ty),
            None => Type::new(TypeKind::String),
        };
        let mut meaning = self.meaning(&field.attributes);
        meaning.onto_type(&mut ty);
        Field {
            name: field.name.text.clone(),
            alias: meaning.alias,
            description: meaning.description,
            skip: meaning.skip,
            ty,
            doc: field.doc.clone(),
            span: field.name.span,
        }
    }
}

fn fields(block: &TypeBlock) -> impl Iterator<Item = &WrittenField> {
    block.members.iter().filter_map(|member| match member {
        Member::Field(field) => Some(field),
        _ => None,
    })
}

fn block_attributes(block: &TypeBlock) -> impl Iterator<Item = &Attribute> {
    block.members.iter().filter_map(|member| match member {
        Member::Attribute(attribute) => Some(attribute),
        _ => None,
    })
}

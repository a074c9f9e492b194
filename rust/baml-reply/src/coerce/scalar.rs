//! Texts, bools, nulls and literals.

use std::sync::Arc;

use baml_schema::{Literal, Value};

use super::Coercer;
use crate::found::{Flags, Found};
use crate::liberty::Liberty;
use crate::misfit::Misfit;
use crate::number::Number;
use crate::plan::PlanId;
use crate::print;
use crate::tree::{Kind, NodeId};

/// Texts longer than this are told piece by piece where only changes are wanted.
const LONG_TEXT_BYTES: usize = 1_024;

impl Coercer<'_> {
    pub(super) fn string(&mut self, id: PlanId, node: NodeId) -> Result<Found, Arc<Misfit>> {
        let complete = self.is_complete(node);
        match self.tree.kind(node) {
            Kind::Text(_) => Ok(Found::scalar(self.text_value(id, node), complete)),
            Kind::Null => Err(Self::expected(id, node)),
            _ => {
                // What grows is printed by whoever shows it: it seldom wins.
                let value = if self.may_stub(id) && !self.tree.is_settled(node) {
                    Value::String(self.memory.unprinted(node))
                } else {
                    Value::string(print::loose(self.tree, node))
                };
                let flags = Flags::JSON_TO_STRING;
                let flags = if complete { flags } else { flags.with(Flags::OPEN_PRINTED) };
                Ok(Found::scalar(value, complete).took(Liberty::JsonToText).flagged(flags))
            }
        }
    }

    /// A text's value. Where only changes are wanted, a long text that grows is not copied: a short
    /// value stands for its node.
    pub(super) fn text_value(&mut self, id: PlanId, node: NodeId) -> Value {
        let Kind::Text(text) = self.tree.kind(node) else { return Value::string("") };
        let long = text.len() > LONG_TEXT_BYTES && self.may_stub(id);
        let settled = self.tree.is_settled(node);
        if !long || (!settled && self.tree.sure_text(node).is_empty()) {
            return Value::string(text);
        }
        Value::String(self.memory.long_text(node, settled))
    }

    pub(super) fn bool(&mut self, id: PlanId, node: NodeId) -> Result<Found, Arc<Misfit>> {
        let complete = self.is_complete(node);
        match self.tree.kind(node) {
            Kind::Bool(value) => Ok(Found::scalar(Value::Bool(value), complete)),
            Kind::Text(text) => {
                let value = match text.trim().to_lowercase().as_str() {
                    "true" => true,
                    "false" => false,
                    _ => match super::matching::bool_in(text) {
                        Some(value) => value,
                        None => return Err(Self::expected(id, node)),
                    },
                };
                Ok(Found::scalar(Value::Bool(value), complete).took(Liberty::TextToOther))
            }
            Kind::Array(items) => self.ended_singular(id, node, items),
            _ => Err(Self::expected(id, node)),
        }
    }

    pub(super) fn null(&self, node: NodeId) -> Found {
        let complete = self.is_complete(node);
        match self.tree.kind(node) {
            Kind::Null => Found::scalar(Value::Null, complete),
            _ => Found::scalar(Value::Null, complete)
                .took(Liberty::NullForValue)
                .flagged(Flags::NULL_FOR_VALUE),
        }
    }

    pub(super) fn literal(
        &mut self,
        id: PlanId,
        literal: &Literal,
        node: NodeId,
    ) -> Result<Found, Arc<Misfit>> {
        let complete = self.is_complete(node);
        if let Some(inner) = self.only_scalar(node) {
            let found = self.coerce(id, inner)?;
            return Ok(found.took(Liberty::ObjectToPrimitive).flagged(Flags::FINISHED));
        }
        match literal {
            Literal::String(text) => {
                let names = [(text.clone(), vec![text.to_string()])];
                let (_, ways) = self.match_node(id, &names, node)?;
                Ok(ways.take(Found::scalar(Value::string(text.as_str()), complete)))
            }
            Literal::Int(wanted) => {
                let found = self.int(id, node)?;
                match found.value {
                    Some(Value::Int(int)) if int == *wanted => Ok(found),
                    _ => Err(Self::expected(id, node)),
                }
            }
            Literal::Bool(wanted) => {
                let found = self.bool(id, node)?;
                match found.value {
                    Some(Value::Bool(value)) if value == *wanted => Ok(found),
                    _ => Err(Self::expected(id, node)),
                }
            }
        }
    }

    /// The only value of an object, when it is a scalar.
    fn only_scalar(&self, node: NodeId) -> Option<NodeId> {
        let Kind::Object([only]) = self.tree.kind(node) else { return None };
        match self.tree.kind(only.value) {
            Kind::Text(_) | Kind::Number(_) | Kind::Bool(_) => Some(only.value),
            _ => None,
        }
    }

    pub(super) fn enumeration(
        &mut self,
        id: PlanId,
        at: usize,
        node: NodeId,
    ) -> Result<Found, Arc<Misfit>> {
        let plans = self.plans;
        let plan = &plans.enums[at];
        let (name, ways) = self.match_node(id, &plan.values, node)?;
        let value = Value::Enum(Arc::new(baml_schema::EnumRef {
            enumeration: plan.name.clone(),
            value: name,
        }));
        let complete = self.is_complete(node);
        let value = super::constrain(&plan.constraints, value, complete)?;
        Ok(ways.take(Found::scalar(value, complete)))
    }

    /// The exact reading of a scalar, without any liberty.
    pub(super) fn cast_literal(&self, literal: &Literal, node: NodeId) -> Option<Found> {
        let complete = self.is_complete(node);
        let value = match (literal, self.tree.kind(node)) {
            (Literal::String(wanted), Kind::Text(text)) if text == wanted.as_str() => {
                Value::string(wanted.as_str())
            }
            (Literal::Int(wanted), Kind::Number(Number::Int(int))) if int == *wanted => {
                Value::Int(int)
            }
            (Literal::Bool(wanted), Kind::Bool(value)) if value == *wanted => Value::Bool(value),
            _ => return None,
        };
        Some(Found::scalar(value, complete))
    }
}

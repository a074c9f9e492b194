//! Lists and maps.

use std::sync::Arc;

use baml_schema::Value;
use indexmap::IndexMap;
use smol_str::SmolStr;

use super::Coercer;
use crate::found::{Flags, Found, Reason, Shape, price};
use crate::plan::PlanId;
use crate::tree::{Kind, NodeId};

impl Coercer<'_> {
    pub(super) fn list(&mut self, item: PlanId, node: NodeId) -> Result<Found, Arc<Reason>> {
        let complete = self.is_complete(node);
        let tree = self.tree;
        let (nodes, single): (&[NodeId], bool) = match &tree.node(node).kind {
            Kind::Array(items) => (items, false),
            _ => (std::slice::from_ref(&node), true),
        };
        let mut score = if single { price::SINGLE_TO_ARRAY } else { 0 };
        let mut values = Vec::with_capacity(nodes.len());
        for (at, node) in nodes.iter().enumerate() {
            match self.coerce(item, *node) {
                Ok(found) => {
                    score = price::add_part(score, found.score);
                    values.extend(found.value.clone());
                }
                Err(_) => score += 1 + at as i64,
            }
        }
        let flags = if single { Flags::SINGLE_TO_ARRAY } else { Flags::default() };
        Ok(Found { value: Some(Value::list(values)), score, flags, shape: Shape::List, complete })
    }

    pub(super) fn map(&mut self, value: PlanId, node: NodeId) -> Result<Found, Arc<Reason>> {
        let tree = self.tree;
        let Kind::Object(entries) = &tree.node(node).kind else {
            return Err(Reason::new("Expected map, got something else"));
        };
        let mut score = price::OBJECT_TO_MAP;
        let mut values = IndexMap::with_capacity(entries.len());
        for (key, node) in entries {
            match self.coerce(value, *node) {
                Ok(found) => {
                    score = price::add_part(score, found.score);
                    if let Some(value) = found.value.clone() {
                        values.insert(SmolStr::from(key.as_str()), value);
                    }
                }
                Err(_) => score += price::MAP_ENTRY,
            }
        }
        Ok(Found {
            value: Some(Value::Map(Arc::new(values))),
            score,
            flags: Flags::default(),
            shape: Shape::Map,
            complete: self.is_complete(node),
        })
    }

    pub(super) fn cast_list(&mut self, item: PlanId, node: NodeId) -> Option<Found> {
        let tree = self.tree;
        let Kind::Array(items) = &tree.node(node).kind else { return None };
        let mut score = 0;
        let mut values = Vec::with_capacity(items.len());
        for node in items {
            let found = self.cast(item, *node)?;
            score = price::add_part(score, found.score);
            values.extend(found.value.clone());
        }
        Some(Found {
            value: Some(Value::list(values)),
            score,
            flags: Flags::default(),
            shape: Shape::List,
            complete: self.is_complete(node),
        })
    }

    pub(super) fn cast_map(&mut self, value: PlanId, node: NodeId) -> Option<Found> {
        let tree = self.tree;
        let Kind::Object(entries) = &tree.node(node).kind else { return None };
        let mut score = price::OBJECT_TO_MAP;
        let mut values = IndexMap::with_capacity(entries.len());
        for (key, node) in entries {
            let found = self.cast(value, *node)?;
            score = price::add_part(score, found.score);
            if let Some(value) = found.value.clone() {
                values.insert(SmolStr::from(key.as_str()), value);
            }
        }
        Some(Found {
            value: Some(Value::Map(Arc::new(values))),
            score,
            flags: Flags::default(),
            shape: Shape::Map,
            complete: self.is_complete(node),
        })
    }

    /// The default of a type whose value is missing, when it has one.
    pub(super) fn default_of(&self, plan: PlanId) -> Option<Value> {
        use crate::plan::PlanKind;
        match &self.plans.plan(plan).kind {
            PlanKind::List(_) => Some(Value::list(Vec::new())),
            PlanKind::Map(..) => Some(Value::Map(Arc::new(IndexMap::new()))),
            PlanKind::Null => Some(Value::Null),
            PlanKind::Union(_) if self.plans.is_nullable(plan) => Some(Value::Null),
            PlanKind::Union(variants) => {
                variants.iter().find_map(|variant| self.default_of_flat(*variant))
            }
            _ => None,
        }
    }

    fn default_of_flat(&self, plan: PlanId) -> Option<Value> {
        use crate::plan::PlanKind;
        match &self.plans.plan(plan).kind {
            PlanKind::Union(_) => self.plans.is_nullable(plan).then_some(Value::Null),
            _ => self.default_of(plan),
        }
    }
}

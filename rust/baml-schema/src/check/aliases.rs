//! Type aliases: which contain themselves, and what the others stand for.
//!
//! Aliases are worked off in an order in which each comes after those it mentions; a group that
//! mentions itself in a circle is recursive and keeps its names.

use std::sync::Arc;

use baml_syntax::tree::{TypeAlias, TypeExpr, TypeExprKind};

use super::Checker;
use super::cycles::components;
use crate::schema::{Alias, AliasId};

impl Checker<'_> {
    /// Understands all aliases.
    pub(crate) fn aliases(&mut self) {
        let edges: Vec<Vec<usize>> =
            self.names.aliases.values().map(|alias| self.mentioned(&alias.ty)).collect();
        let groups = components(&edges);
        let is_recursive = |group: &[usize]| group.len() > 1 || edges[group[0]].contains(&group[0]);
        let mut recursive: Vec<usize> =
            groups.iter().filter(|group| is_recursive(group)).flatten().copied().collect();
        recursive.sort_unstable();
        for (id, at) in recursive.iter().enumerate() {
            let name = self.names.aliases[*at].name.text.clone();
            self.aliases.recursive.insert(name, AliasId(id as u32));
        }
        for group in groups.iter().filter(|group| !is_recursive(group)) {
            let alias = self.names.aliases[group[0]];
            let ty = self.resolve(&alias.ty);
            self.aliases.expanded.insert(alias.name.text.clone(), ty);
        }
        for at in recursive {
            let alias: &TypeAlias = self.names.aliases[at];
            let ty = self.resolve(&alias.ty);
            let name = alias.name.text.clone();
            let span = alias.name.span;
            self.schema.aliases.insert(name.clone(), Arc::new(Alias { name, ty, span }));
        }
    }

    /// The aliases that a type mentions, by position.
    fn mentioned(&self, ty: &TypeExpr) -> Vec<usize> {
        let mut found = Vec::new();
        let mut pending = vec![ty];
        while let Some(ty) = pending.pop() {
            match &ty.kind {
                TypeExprKind::Name(name) => {
                    found.extend(self.names.aliases.get_index_of(name.as_str()));
                }
                TypeExprKind::List(inner)
                | TypeExprKind::Optional(inner)
                | TypeExprKind::Group(inner) => pending.push(inner),
                TypeExprKind::Map(key, value) => pending.extend([&**key, &**value]),
                TypeExprKind::Union(parts) | TypeExprKind::Tuple(parts) => pending.extend(parts),
                TypeExprKind::String(_) | TypeExprKind::Number(_) => {}
            }
        }
        found
    }
}

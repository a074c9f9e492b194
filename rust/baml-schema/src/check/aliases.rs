//! Type aliases: which contain themselves, and what the others stand for.
//!
//! Aliases are worked off in an order in which each comes after those it mentions; a group that
//! mentions itself in a circle is recursive and keeps its names.

use std::sync::Arc;

use baml_syntax::Diagnostic;
use baml_syntax::tree::{TypeAlias, TypeExpr, TypeExprKind};

use super::Checker;
use super::cycles::{components, cycles};
use super::types::{mentioned, parts};
use crate::catalogue::ALIAS_CYCLE;
use crate::schema::{Alias, AliasId};
use crate::types::{Type, TypeKind};

/// A larger type keeps its alias's name: aliases of aliases could double it with every line.
const EXPANDED_MAX: usize = 4096;

impl Checker<'_> {
    /// Understands all aliases.
    pub(crate) fn aliases(&mut self) {
        let told = self.diagnostics.len();
        self.alias_targets();
        self.fold_misnamed(told);
        let edges: Vec<Vec<usize>> =
            self.names.aliases.values().map(|alias| self.mentioned(&alias.ty)).collect();
        let groups = components(&edges);
        let is_recursive = |group: &[usize]| group.len() > 1 || edges[group[0]].contains(&group[0]);
        let mut recursive: Vec<usize> =
            groups.iter().filter(|group| is_recursive(group)).flatten().copied().collect();
        recursive.sort_unstable();
        for (id, at) in recursive.iter().enumerate() {
            let name = self.names.aliases[*at].name.text.clone();
            let id = AliasId((self.base.aliases.len() + id) as u32);
            self.aliases.recursive.insert(name, id);
        }
        let mut huge = Vec::new();
        for group in groups.iter().filter(|group| !is_recursive(group)) {
            let alias = self.names.aliases[group[0]];
            let ty = self.resolve(&alias.ty);
            let name = alias.name.text.clone();
            if nodes(&ty) > EXPANDED_MAX {
                let id = self.base.aliases.len() + self.aliases.recursive.len();
                self.aliases.recursive.insert(name.clone(), AliasId(id as u32));
                huge.push(Alias { name, ty, span: alias.name.span });
                continue;
            }
            self.schema.expanded_aliases.insert(name.clone(), ty.clone());
            self.aliases.expanded.insert(name, ty);
        }
        for at in recursive {
            let alias: &TypeAlias = self.names.aliases[at];
            let ty = self.resolve(&alias.ty);
            let name = alias.name.text.clone();
            let span = alias.name.span;
            self.schema.aliases.insert(name.clone(), Arc::new(Alias { name, ty, span }));
        }
        for alias in huge {
            self.schema.aliases.insert(alias.name.clone(), Arc::new(alias));
        }
    }

    /// The aliases that a type mentions, by position.
    fn mentioned(&self, ty: &TypeExpr) -> Vec<usize> {
        let names = mentioned(ty).into_iter();
        names.filter_map(|(name, _)| self.names.aliases.get_index_of(name)).collect()
    }

    /// Aliases that stand for themselves without a list or a map in between.
    pub(crate) fn alias_cycles(&mut self) {
        let aliases = &self.names.aliases;
        let edges: Vec<Vec<usize>> = aliases
            .values()
            .map(|alias| {
                let names = direct(&alias.ty);
                names.iter().filter_map(|name| aliases.get_index_of(name)).collect()
            })
            .collect();
        for group in cycles(&edges) {
            let names: Vec<&str> = group.iter().map(|at| aliases.keys()[*at]).collect();
            let message = format!(
                "Error validating: These aliases form a dependency cycle: {}",
                names.join(" -> ")
            );
            let span = aliases[group[0]].span;
            self.diagnostics.push(Diagnostic::error(ALIAS_CYCLE, span, message));
        }
    }
}

/// How many types a type is made of, itself included.
fn nodes(ty: &Type) -> usize {
    let mut count = 0;
    let mut pending = vec![ty];
    while let Some(ty) = pending.pop() {
        count += 1;
        match &ty.kind {
            TypeKind::List(inner) => pending.push(inner),
            TypeKind::Map(key, value) => pending.extend([&**key, &**value]),
            TypeKind::Union(variants) => pending.extend(variants),
            _ => {}
        }
    }
    count
}

/// The names that a type cannot do without.
fn direct(ty: &TypeExpr) -> Vec<&str> {
    let mut found = Vec::new();
    let mut pending = vec![ty];
    while let Some(ty) = pending.pop() {
        match &ty.kind {
            TypeExprKind::Name(name) => found.push(name.as_str()),
            TypeExprKind::List(_) | TypeExprKind::Map(..) => {}
            _ => pending.extend(parts(ty)),
        }
    }
    found
}

//! A declaration whose own name has the typo: every use of the right name is unknown then, and one
//! error says it all.
//!
//! Invariant: this is assumed only where a declaration is near in spelling and nobody mentions it;
//! otherwise each use is told.

use baml_syntax::tree::{ExprKind, Member, TypeExpr};
use baml_syntax::{Diagnostic, Span};
use indexmap::IndexMap;
use rustc_hash::FxHashSet;

use super::Checker;
use super::absent::is_near;
use super::clients::{map_entries, properties};
use super::options::name;
use super::types::mentioned;
use crate::catalogue::{
    UNKNOWN_ALIAS_TARGET, UNKNOWN_CLIENT, UNKNOWN_RETRY_POLICY, UNKNOWN_STRATEGY_CLIENT,
    UNKNOWN_TYPE,
};

/// What a name that is not known should be the name of.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Type,
    Client,
    RetryPolicy,
}

impl Kind {
    fn of(id: &str) -> Option<Self> {
        match id {
            UNKNOWN_TYPE | UNKNOWN_ALIAS_TARGET => Some(Self::Type),
            UNKNOWN_CLIENT | UNKNOWN_STRATEGY_CLIENT => Some(Self::Client),
            UNKNOWN_RETRY_POLICY => Some(Self::RetryPolicy),
            _ => None,
        }
    }
}

impl Checker<'_> {
    /// Shows one error of those since `told` that come from one misspelt declaration.
    pub(crate) fn fold_misnamed(&mut self, told: usize) {
        let mut uses: IndexMap<(Kind, &str), Vec<usize>> = IndexMap::new();
        for (at, found) in self.diagnostics.iter().enumerate().skip(told) {
            if let Some(kind) = Kind::of(found.id) {
                let written = self.sources.text(found.span).trim_matches('"');
                uses.entry((kind, written)).or_default().push(at);
            }
        }
        uses.retain(|_, places| places.len() > 1);
        if uses.is_empty() {
            return;
        }
        let unused = [
            (Kind::Type, self.unused_types()),
            (Kind::Client, self.unused_clients()),
            (Kind::RetryPolicy, self.unused_retry_policies()),
        ];
        let mut gone: FxHashSet<usize> = FxHashSet::default();
        for ((kind, written), places) in uses {
            let declared = unused.iter().filter(|(own, _)| *own == kind).flat_map(|(_, all)| all);
            let mut near = declared.filter(|(own, _)| is_near(own, written));
            let (Some((meant, span)), None) = (near.next(), near.next()) else { continue };
            let others = places.len() - 1;
            let found = &mut self.diagnostics[places[0]];
            *found = explained(found, meant, *span, others);
            gone.extend(&places[1..]);
        }
        for at in gone {
            self.diagnostics[at].consequence = true;
        }
    }

    /// The declared types that no type mentions.
    fn unused_types(&self) -> Vec<(String, Span)> {
        let names = &self.names;
        let fields = names.classes.values().flat_map(|class| &class.members);
        let fields = fields.filter_map(|member| match member {
            Member::Field(field) => field.ty.as_ref(),
            _ => None,
        });
        let aliases = names.aliases.values().map(|alias| &alias.ty);
        let functions = names.functions.values();
        let params = functions.clone().flat_map(|function| function.params.iter().flatten());
        let templates = names.templates.values().flat_map(|one| one.params.iter().flatten());
        let params = params.chain(templates).filter_map(|param| param.ty.as_ref());
        let results = functions.filter_map(|function| function.returns.as_ref());
        let types = fields.chain(aliases).chain(params).chain(results);
        let used: FxHashSet<&str> =
            types.flat_map(|ty: &TypeExpr| mentioned(ty)).map(|u| u.0).collect();
        let blocks = names.classes.values().chain(names.enums.values()).map(|block| &block.name);
        let declared = blocks.chain(names.aliases.values().map(|alias| &alias.name));
        let unused = declared.filter(|name| !used.contains(name.text.as_str()));
        unused.map(|name| (name.text.to_string(), name.span)).collect()
    }

    /// The declared clients that no function and no strategy names.
    fn unused_clients(&self) -> Vec<(String, Span)> {
        let blocks = self.names.functions.values().chain(self.names.clients.values());
        let mut used: FxHashSet<&str> = FxHashSet::default();
        for property in blocks.flat_map(|block| properties(block)) {
            match (property.key.text.as_str(), &property.value) {
                ("client", Some(value)) => used.extend(name(value)),
                ("options", _) => {
                    let values = map_entries(property).iter().filter_map(|e| e.value.as_ref());
                    for value in values {
                        if let ExprKind::List(items) = &value.kind {
                            used.extend(items.iter().filter_map(name));
                        }
                    }
                }
                _ => {}
            }
        }
        let unused =
            self.names.clients.values().filter(|own| !used.contains(own.name.text.as_str()));
        unused.map(|block| (block.name.text.to_string(), block.name.span)).collect()
    }
}

impl Checker<'_> {
    /// The retry policies that no client names.
    fn unused_retry_policies(&self) -> Vec<(String, Span)> {
        let properties = self.names.clients.values().flat_map(|block| properties(block));
        let named = properties.filter(|property| property.key.text == "retry_policy");
        let used: FxHashSet<&str> = named.filter_map(|p| name(p.value.as_ref()?)).collect();
        let unused = self.names.retry_policies.iter().filter(|(name, _)| !used.contains(*name));
        unused.map(|(name, block)| ((*name).to_owned(), block.name.span)).collect()
    }
}

fn explained(found: &Diagnostic, meant: &str, declared: Span, others: usize) -> Diagnostic {
    let places = if others == 1 { "one more place" } else { "more places" };
    let help = match others {
        1 => format!("It is meant at {places} too; nothing mentions `{meant}`."),
        _ => format!("It is meant at {others} {places} too; nothing mentions `{meant}`."),
    };
    found.clone().with_label(declared, "is this the declaration that is meant?").with_help(help)
}

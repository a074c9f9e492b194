//! What a type reaches: its enums, classes and recursive aliases, in the order they are listed.
//!
//! Invariant: every class, alias and composite type is opened once (a class of the answer's own
//! type once more as a field), so recursion ends; the cost is linear in the schema.

use std::collections::{BTreeSet, HashSet};

use baml_schema::{AliasId, ClassId, EnumId, Field, Schema, Type, TypeKind};

use crate::cycles::{Cycles, Edges};
use crate::type_text::type_text;

/// All that a type mentions, directly or through fields.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    /// In the order of listing.
    pub(crate) enums: Vec<EnumId>,
    /// In the order of the visit.
    pub(crate) classes: Vec<ClassId>,
    /// Classes that contain themselves, in the order of listing.
    pub(crate) recursive: Vec<ClassId>,
    /// In the order of listing.
    pub(crate) aliases: Vec<AliasId>,
}

/// Where a type was found. A class of the answer's own type counts apart from the same class as a
/// field, which is what fixes the order of enums in recursive classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Place {
    Answer,
    Field,
    Alias,
}

#[derive(Default)]
struct Walk {
    reach: Reach,
    enums: HashSet<EnumId>,
    classes: HashSet<(ClassId, Place)>,
    aliases: HashSet<AliasId>,
    composites: HashSet<String>,
    met_aliases: Vec<AliasId>,
}

impl Reach {
    /// Walks from `root`, the last mentioned first.
    pub(crate) fn of(schema: &Schema, root: &Type) -> Self {
        let mut walk = Walk::default();
        let mut pending = vec![(root, Place::Answer)];
        while let Some((ty, place)) = pending.pop() {
            walk.open(schema, ty, place, &mut pending);
        }
        let Walk { mut reach, met_aliases, .. } = walk;
        reach.recursive = listed_classes(schema, &reach.classes);
        reach.aliases = listed_aliases(schema, &met_aliases);
        reach
    }
}

impl Walk {
    fn open<'a>(
        &mut self,
        schema: &'a Schema,
        ty: &'a Type,
        place: Place,
        pending: &mut Vec<(&'a Type, Place)>,
    ) {
        match &ty.kind {
            TypeKind::Enum(id) if self.enums.insert(*id) => self.reach.enums.push(*id),
            TypeKind::Class(id) if self.classes.insert((*id, place)) => {
                let other = if place == Place::Answer { Place::Field } else { Place::Answer };
                if !self.classes.contains(&(*id, other)) {
                    self.reach.classes.push(*id);
                }
                let fields = schema.class(*id).fields.iter().filter(|field| !field.skip);
                pending.extend(fields.map(|field| (&field.ty, Place::Field)));
            }
            TypeKind::Alias(id) if self.aliases.insert(*id) => {
                self.met_aliases.push(*id);
                pending.push((&schema.alias(*id).ty, place));
            }
            TypeKind::List(_) | TypeKind::Map(..) | TypeKind::Union(_)
                if self.composites.insert(type_text(schema, ty)) =>
            {
                pending.extend(children(ty).into_iter().map(|child| (child, place)));
            }
            _ => {}
        }
    }
}

fn children(ty: &Type) -> Vec<&Type> {
    match &ty.kind {
        TypeKind::List(item) => vec![item],
        TypeKind::Map(key, value) => vec![key, value],
        TypeKind::Union(variants) => variants.iter().collect(),
        _ => Vec::new(),
    }
}

/// Recursive classes: where one is met, its whole cycle is listed, as far as it is reached.
fn listed_classes(schema: &Schema, met: &[ClassId]) -> Vec<ClassId> {
    let mut edges = Edges::with_capacity(schema.classes.len());
    for class in schema.classes.values() {
        edges.push(classes_of(schema, &class.fields));
    }
    let reached: HashSet<usize> = met.iter().map(|id| id.0 as usize).collect();
    let listed = listed(&Cycles::of(&edges), met.iter().map(|id| id.0 as usize));
    let shown = listed.into_iter().filter(|at| reached.contains(at));
    shown.map(|at| ClassId(at as u32)).collect()
}

/// Aliases that a schema keeps are recursive: the whole cycle of one is listed with it.
fn listed_aliases(schema: &Schema, met: &[AliasId]) -> Vec<AliasId> {
    let mut edges = Edges::with_capacity(schema.aliases.len());
    for alias in schema.aliases.values() {
        let mut found = BTreeSet::new();
        let mut pending = vec![&alias.ty];
        while let Some(ty) = pending.pop() {
            match &ty.kind {
                TypeKind::Alias(id) => {
                    found.insert(id.0 as usize);
                }
                _ => pending.extend(children(ty)),
            }
        }
        edges.push(found);
    }
    let listed = listed(&Cycles::of(&edges), met.iter().map(|id| id.0 as usize));
    let mut listed: Vec<AliasId> = listed.into_iter().map(|at| AliasId(at as u32)).collect();
    let left: Vec<AliasId> = met.iter().filter(|id| !listed.contains(id)).copied().collect();
    listed.extend(left);
    listed
}

fn listed(cycles: &Cycles, met: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut seen = HashSet::new();
    let mut listed = Vec::new();
    for node in met {
        let members = cycles.opt_cycle(node).unwrap_or_default();
        listed.extend(members.iter().copied().filter(|member| seen.insert(*member)));
    }
    listed
}

/// The classes that fields mention, skipped ones included, and those in the text of an alias that a
/// field mentions; officially no alias is followed further than that.
fn classes_of(schema: &Schema, fields: &[Field]) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut aliases = HashSet::new();
    let mut pending: Vec<(&Type, Place)> =
        fields.iter().map(|field| (&field.ty, Place::Field)).collect();
    while let Some((ty, mut place)) = pending.pop() {
        match (&ty.named, place) {
            (Some(_), Place::Field) => place = Place::Alias,
            (Some(_), _) => continue,
            (None, _) => {}
        }
        match &ty.kind {
            TypeKind::Class(id) => {
                found.insert(id.0 as usize);
            }
            TypeKind::Alias(id) if place == Place::Field && aliases.insert(*id) => {
                let text = &schema.alias(*id).ty;
                pending.extend(children(text).into_iter().map(|child| (child, Place::Alias)));
            }
            _ => pending.extend(children(ty).into_iter().map(|child| (child, place))),
        }
    }
    found
}

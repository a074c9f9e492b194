//! Types made ready for coercion: one plan per type, in two tables, for partial and final values.
//!
//! Nothing is read here. Invariant: plans are positions in their table; recursion goes through
//! classes and aliases, which are interned, so every table is finite.

mod field;

use std::sync::Arc;

use baml_jinja::constraint::Predicate;
use baml_schema::{
    AliasId, Class, ClassId, Constraint, ConstraintKind, EnumId, Literal, Schema, Type, TypeKind,
};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

/// A plan of a [`Plans`], by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PlanId(pub u32);

/// What a plan reads.
#[derive(Clone, Debug)]
pub(crate) enum PlanKind {
    /// Any text.
    String,
    /// An int.
    Int,
    /// A float.
    Float,
    /// A bool.
    Bool,
    /// Only null.
    Null,
    /// One value.
    Literal(Literal),
    /// A value of an enum.
    Enum(usize),
    /// An instance of a class.
    Class(usize),
    /// A list.
    List(PlanId),
    /// A map.
    /// Its keys are read as they stand.
    Map(PlanId),
    /// One of several; `null` is the last one when it may be null.
    Union(Vec<PlanId>),
    /// Nothing a reply can hold.
    Unreadable,
}

/// A type made ready.
#[derive(Debug)]
pub(crate) struct Plan {
    /// What it reads.
    pub kind: PlanKind,
    /// `@check`s and `@assert`s.
    pub(crate) constraints: Vec<Rule>,
    /// Shown only when complete.
    pub done: bool,
    /// Read only when complete, but for what is exactly its value.
    pub waits: bool,
    /// Shown with its state.
    pub with_state: bool,
    /// Whether its constraints only look at an exact reading, while the reply may go on.
    pub lenient: bool,
    /// Whether its asserts only look at what has not ended: a number in a union.
    pub asserts_open: bool,
    /// Whether it holds back the numbers and words of its variants until they are complete, for its
    /// checks are told before.
    pub withholds: bool,
    /// Whether null is one of its variants only because the field may still come.
    pub null_lent: bool,
    /// Whether it is one of several, so that choosing among a list's items costs nothing.
    pub is_variant: bool,
    /// Whether a constraint looks at its values, its own or one of what it is part of.
    pub observed: bool,
    /// The same number or word without its constraints: what is chosen among a list's items is held
    /// against them only then.
    pub unconstrained: Option<PlanId>,
}

/// A compiled constraint.
#[derive(Debug)]
pub(crate) struct Rule {
    /// Check or assert.
    pub kind: ConstraintKind,
    /// Its name.
    pub name: Option<SmolStr>,
    /// Its expression.
    pub expression: SmolStr,
    /// The expression, compiled; none when it does not compile, which never holds.
    pub predicate: Option<PredicateBox>,
}

/// A predicate that can be printed.
pub(crate) struct PredicateBox(pub Predicate);

impl std::fmt::Debug for PredicateBox {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.0.source())
    }
}

/// A field made ready.
#[derive(Debug)]
pub(crate) struct FieldPlan {
    /// Its declared name.
    pub name: SmolStr,
    /// The key that is looked for.
    pub key: SmolStr,
    /// How its value is read.
    pub plan: PlanId,
    /// Whether a partial value must have it.
    pub needed: bool,
    /// Whether its state is shown.
    pub with_state: bool,
    /// Whether it is a whole list that is shown when complete.
    pub done: bool,
}

/// A class made ready.
#[derive(Debug)]
pub(crate) struct ClassPlan {
    /// Its name.
    pub name: SmolStr,
    /// Its fields without the skipped ones.
    pub fields: Vec<FieldPlan>,
    /// Their names.
    pub names: Arc<[SmolStr]>,
    /// Its own constraints.
    pub(crate) constraints: Vec<Rule>,
    /// Shown only when complete.
    pub done: bool,
}

/// An enum or literal union made ready for matching.
#[derive(Debug)]
pub(crate) struct EnumPlan {
    /// Its name.
    pub name: SmolStr,
    /// For each value its name and the texts that mean it.
    pub values: Vec<(SmolStr, Vec<String>)>,
    /// Its own constraints.
    pub(crate) constraints: Vec<Rule>,
}

/// Which values are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Mode {
    /// The whole reply.
    Final,
    /// A reply that may go on.
    Partial,
}

/// The table of plans of one target and mode.
#[derive(Debug)]
pub(crate) struct Plans {
    /// For which values.
    pub(crate) mode: Mode,
    /// The plan of the whole reply.
    pub root: PlanId,
    table: Vec<Plan>,
    /// Classes made ready.
    pub classes: Vec<ClassPlan>,
    /// Enums made ready.
    pub(crate) enums: Vec<EnumPlan>,
}

struct Builder<'a> {
    schema: &'a Schema,
    plans: Vec<Option<Plan>>,
    classes: Vec<Option<ClassPlan>>,
    class_ids: FxHashMap<(ClassId, bool, bool), usize>,
    enums: Vec<EnumPlan>,
    enum_ids: FxHashMap<EnumId, usize>,
    aliases: FxHashMap<(AliasId, bool, bool), PlanId>,
    mode: Mode,
    /// Whether a constraint looks at what the current type stands in.
    observed: bool,
    /// How many recursive aliases the current type stands in: there, numbers show as they grow.
    inside_aliases: usize,
}

impl Plan {
    /// Whether nothing is attached to the type.
    pub(crate) fn is_bare(&self) -> bool {
        self.constraints.is_empty() && !self.done && !self.with_state
    }

    /// Whether it is any text, with nothing attached.
    pub(crate) fn is_bare_text(&self) -> bool {
        matches!(self.kind, PlanKind::String) && self.is_bare()
    }

    /// Takes the asserts away from a variant of a union, unless its type looks at them itself.
    fn give_up_asserts(&mut self) -> Vec<Rule> {
        let given = |rule: &mut Rule| rule.kind == ConstraintKind::Assert;
        match self.kind {
            PlanKind::Class(_) | PlanKind::Enum(_) => Vec::new(),
            _ => self.constraints.extract_if(.., given).collect(),
        }
    }

    /// Whether its values are single numbers or words.
    fn is_atom(&self) -> bool {
        use PlanKind::{Bool, Enum, Float, Int};
        matches!(self.kind, Int | Float | Bool | Enum(_))
    }

    /// Whether its values are lists or maps.
    pub(crate) fn collects(&self) -> bool {
        matches!(self.kind, PlanKind::List(_) | PlanKind::Map(_))
    }
}

impl Plans {
    /// The plans for a function's return type.
    pub(crate) fn build(schema: &Schema, ty: &Type, mode: Mode) -> Self {
        let mut builder = Builder {
            schema,
            plans: Vec::new(),
            classes: Vec::new(),
            class_ids: FxHashMap::default(),
            enums: Vec::new(),
            enum_ids: FxHashMap::default(),
            aliases: FxHashMap::default(),
            mode,
            observed: false,
            inside_aliases: 0,
        };
        let root = builder.plan(ty, false);
        let table: Vec<Plan> = builder.plans.into_iter().flatten().collect();
        let classes: Vec<ClassPlan> = builder.classes.into_iter().flatten().collect();
        Self { mode, root, table, classes, enums: builder.enums }
    }

    /// The plan of an id of this table.
    pub(crate) fn plan(&self, id: PlanId) -> &Plan {
        &self.table[id.0 as usize]
    }

    /// Whether `null` is among its values.
    pub(crate) fn is_nullable(&self, id: PlanId) -> bool {
        match &self.plan(id).kind {
            PlanKind::Null => true,
            PlanKind::Union(variants) => {
                variants.last().is_some_and(|last| matches!(self.plan(*last).kind, PlanKind::Null))
            }
            _ => false,
        }
    }

    /// Whether the type of a plan allows null, and any text.
    pub(crate) fn is_nullable_text(&self, id: PlanId) -> bool {
        let plan = self.plan(id);
        let PlanKind::Union(variants) = &plan.kind else { return false };
        if plan.null_lent {
            return false;
        }
        let is_text = |variant: &PlanId| matches!(self.plan(*variant).kind, PlanKind::String);
        self.is_nullable(id) && variants.iter().any(is_text)
    }
}

impl Builder<'_> {
    fn reserve(&mut self) -> PlanId {
        self.plans.push(None);
        PlanId(self.plans.len() as u32 - 1)
    }

    fn fill(&mut self, id: PlanId, plan: Plan) {
        self.plans[id.0 as usize] = Some(plan);
    }

    fn plan(&mut self, ty: &Type, done: bool) -> PlanId {
        let id = self.reserve();
        self.plan_at(id, ty, done);
        id
    }

    fn plan_at(&mut self, id: PlanId, ty: &Type, done: bool) {
        let outer = self.observed;
        self.observed |= self.mode == Mode::Partial && !ty.constraints.is_empty();
        self.plan_observed(id, ty, done);
        self.observed = outer;
    }

    fn plan_observed(&mut self, id: PlanId, ty: &Type, done: bool) {
        let done = done || (ty.stream.done && self.mode == Mode::Partial);
        let mut atomic = false;
        // Asserts of the only variant beside null are those of the whole.
        let mut handed = Vec::new();
        let kind = match &ty.kind {
            TypeKind::String => PlanKind::String,
            TypeKind::Int => {
                atomic = true;
                PlanKind::Int
            }
            TypeKind::Float => {
                atomic = true;
                PlanKind::Float
            }
            TypeKind::Bool => {
                atomic = true;
                PlanKind::Bool
            }
            TypeKind::Null => PlanKind::Null,
            TypeKind::Media(_) => PlanKind::Unreadable,
            TypeKind::Literal(literal) => {
                atomic = true;
                PlanKind::Literal(literal.clone())
            }
            TypeKind::Enum(id) => {
                atomic = true;
                PlanKind::Enum(self.enumeration(*id))
            }
            TypeKind::Class(id) => {
                atomic = self.schema.class(*id).stream.done;
                PlanKind::Class(self.class(*id, done))
            }
            TypeKind::Alias(alias) => return self.alias_at(id, *alias, ty, done),
            TypeKind::List(item) => PlanKind::List(self.plan(item, done)),
            TypeKind::Map(_, value) => PlanKind::Map(self.plan(value, done)),
            TypeKind::Union(variants) => {
                let plans: Vec<PlanId> =
                    variants.iter().map(|variant| self.plan(variant, done)).collect();
                atomic = plans.iter().all(|plan| self.is_done(*plan));
                if !atomic && !done {
                    self.release_literals(&plans);
                }
                let several = variants.iter().filter(|ty| ty.kind != TypeKind::Null).count() > 1;
                handed = self.as_variants(&plans, several);
                PlanKind::Union(plans)
            }
        };
        let mut constraints = rules(&ty.constraints);
        constraints.extend(handed);
        let shows_early = self.inside_aliases > 0;
        let unconstrained = self.unconstrained(ty, done);
        let observed = self.observed || (self.mode == Mode::Partial && !constraints.is_empty());
        let plan = Plan {
            kind,
            constraints,
            done: (done || (atomic && !shows_early)) && self.mode == Mode::Partial,
            waits: (done || atomic) && self.mode == Mode::Partial,
            with_state: ty.stream.with_state && self.mode == Mode::Partial,
            lenient: false,
            asserts_open: false,
            withholds: false,
            null_lent: false,
            is_variant: false,
            observed,
            unconstrained,
        };
        self.fill(id, plan);
    }

    /// Makes plans variants, of which several are not null. Gives the asserts that the whole takes.
    fn as_variants(&mut self, plans: &[PlanId], several: bool) -> Vec<Rule> {
        let mut handed = Vec::new();
        for variant in plans {
            let Some(plan) = self.made(*variant) else { continue };
            plan.is_variant = true;
            match plan.kind {
                PlanKind::Int | PlanKind::Float if several => plan.asserts_open = true,
                _ if several => drop(plan.give_up_asserts()),
                _ => handed.extend(plan.give_up_asserts()),
            }
        }
        handed
    }

    /// See [`Plan::unconstrained`].
    fn unconstrained(&mut self, ty: &Type, done: bool) -> Option<PlanId> {
        let is_word = matches!(ty.kind, TypeKind::Int | TypeKind::Float | TypeKind::Bool);
        if ty.constraints.is_empty() || !is_word {
            return None;
        }
        let mut bare = Type { constraints: Vec::new(), ..ty.clone() };
        bare.stream.with_state = false;
        Some(self.plan(&bare, done))
    }

    /// Beside a variant that grows, a literal shows as soon as it is there.
    fn release_literals(&mut self, variants: &[PlanId]) {
        for variant in variants {
            let Some(plan) = self.made(*variant) else { continue };
            match &plan.kind {
                PlanKind::Literal(_) => plan.done = false,
                PlanKind::Union(inner) => {
                    let inner = inner.clone();
                    plan.done = false;
                    self.release_literals(&inner);
                }
                _ => {}
            }
        }
    }

    /// A plan that is made, to change.
    fn made(&mut self, id: PlanId) -> Option<&mut Plan> {
        self.plans[id.0 as usize].as_mut()
    }

    /// Whether a variant is null or shown only when complete.
    fn is_done(&self, plan: PlanId) -> bool {
        let plan = self.plans[plan.0 as usize].as_ref();
        plan.is_some_and(|plan| plan.done || matches!(plan.kind, PlanKind::Null))
    }

    /// A recursive alias: one plan for all its uses, unless something is attached to this use.
    fn alias_at(&mut self, id: PlanId, alias: AliasId, ty: &Type, done: bool) {
        let known = (alias, done, self.observed);
        let target = match self.aliases.get(&known) {
            Some(target) => *target,
            None => {
                let target = self.reserve();
                self.aliases.insert(known, target);
                let declared = self.schema.alias(alias).ty.clone();
                self.inside_aliases += 1;
                self.plan_at(target, &declared, done);
                self.inside_aliases -= 1;
                target
            }
        };
        let plan = Plan {
            kind: PlanKind::Union(vec![target]),
            constraints: rules(&ty.constraints),
            done: done && self.mode == Mode::Partial,
            waits: done && self.mode == Mode::Partial,
            with_state: ty.stream.with_state && self.mode == Mode::Partial,
            lenient: false,
            asserts_open: false,
            withholds: false,
            null_lent: false,
            is_variant: false,
            observed: self.observed,
            unconstrained: None,
        };
        self.fill(id, plan);
    }

    fn class(&mut self, id: ClassId, done: bool) -> usize {
        let class = Arc::clone(self.schema.class(id));
        // What is shown when complete has no state, nor has anything in it.
        let is_whole = done;
        let done = done || (class.stream.done && self.mode == Mode::Partial);
        let outer = self.observed;
        self.observed |= self.mode == Mode::Partial && !class.constraints.is_empty();
        let known = (id, is_whole, self.observed);
        if let Some(at) = self.class_ids.get(&known) {
            self.observed = outer;
            return *at;
        }
        let at = self.classes.len();
        self.classes.push(None);
        self.class_ids.insert(known, at);
        let inside = std::mem::take(&mut self.inside_aliases);
        let fields = class
            .fields
            .iter()
            .filter(|field| !field.skip)
            .map(|field| {
                let plan = self.field(field.name.clone(), field.key().clone(), &field.ty, done);
                FieldPlan { with_state: plan.with_state && !is_whole, ..plan }
            })
            .collect();
        self.inside_aliases = inside;
        self.observed = outer;
        self.classes[at] = Some(finish_class(&class, fields, done));
        at
    }

    fn enumeration(&mut self, id: EnumId) -> usize {
        if let Some(at) = self.enum_ids.get(&id) {
            return *at;
        }
        let declared = self.schema.enumeration(id);
        let values = declared
            .values
            .iter()
            .filter(|value| !value.skip)
            .map(|value| {
                let text = value.text().to_string();
                let mut texts = vec![text.clone()];
                if let Some(description) = &value.description {
                    let description = description.trim();
                    if !description.is_empty() {
                        texts.push(description.to_owned());
                        texts.push(format!("{text}: {description}"));
                    }
                }
                (value.name.clone(), texts)
            })
            .collect();
        self.enums.push(EnumPlan {
            name: declared.name.clone(),
            values,
            constraints: rules(&declared.constraints),
        });
        self.enum_ids.insert(id, self.enums.len() - 1);
        self.enums.len() - 1
    }
}

fn finish_class(class: &Class, fields: Vec<FieldPlan>, done: bool) -> ClassPlan {
    ClassPlan {
        name: class.name.clone(),
        names: fields.iter().map(|field| field.name.clone()).collect(),
        fields,
        constraints: rules(&class.constraints),
        done,
    }
}

fn rules(constraints: &[Constraint]) -> Vec<Rule> {
    constraints
        .iter()
        .map(|constraint| Rule {
            kind: constraint.kind,
            name: constraint.name.clone(),
            expression: constraint.expression.clone(),
            predicate: Predicate::compile(&constraint.expression).ok().map(PredicateBox),
        })
        .collect()
}

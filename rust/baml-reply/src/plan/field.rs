//! The plans of a class's fields: what may still come of them, and when their checks look.

use baml_schema::{ClassId, ConstraintKind, Type, TypeKind};
use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::{Builder, FieldPlan, Mode, PlanId, PlanKind, Rule};

impl Builder<'_> {
    pub(super) fn field(
        &mut self,
        name: SmolStr,
        key: SmolStr,
        ty: &Type,
        done: bool,
    ) -> FieldPlan {
        let partial = self.mode == Mode::Partial;
        let needed = !partial || done || ty.stream.not_null;
        let own_done = (done || ty.stream.done) && partial;
        let collects = matches!(ty.kind, TypeKind::List(_) | TypeKind::Map(..));
        let with_state = partial && ty.stream.with_state;
        let mut bare = ty.clone();
        bare.stream.with_state = false;
        // Null competes with what the field may still become.
        let may_lend = matches!(ty.kind, TypeKind::Class(_) | TypeKind::Union(_));
        let null_lent = !needed && may_lend && !ty.is_optional();
        match &mut bare.kind {
            TypeKind::Class(_) if null_lent => {
                let stream = bare.stream;
                bare = bare.optional();
                bare.stream = stream;
            }
            TypeKind::Union(variants) if null_lent => variants.push(Type::new(TypeKind::Null)),
            _ => {}
        }
        let plan = self.plan(&bare, done);
        if let (true, TypeKind::Class(class)) = (null_lent && !ty.constraints.is_empty(), &ty.kind)
            && self.contains_itself(*class)
        {
            self.look_at_exact_classes(plan);
        }
        if let Some(plan) = &mut self.plans[plan.0 as usize] {
            let is_check = |rule: &Rule| rule.kind == ConstraintKind::Check;
            let is_lenient = match &plan.kind {
                PlanKind::String | PlanKind::Int | PlanKind::Float | PlanKind::Bool => true,
                PlanKind::Literal(_) => true,
                PlanKind::Union(_) => !ty.is_optional(),
                _ => false,
            };
            plan.lenient = !needed && is_lenient;
            plan.is_variant |= !needed;
            plan.null_lent = null_lent;
            if let PlanKind::Union(variants) = &plan.kind
                && plan.constraints.iter().any(is_check)
            {
                // The whole is held back, not the variant that its checks are told of.
                let whole = plan.done;
                plan.withholds = !whole;
                for variant in variants.clone() {
                    if let Some(plan) = self.made(variant).filter(|plan| whole || plan.is_atom()) {
                        plan.done = false;
                    }
                }
            }
        }
        FieldPlan { name, key, plan, needed, with_state, done: own_done && collects }
    }

    /// Constraints of a field of a class that holds others of its kind look at exact readings only,
    /// like those of several variants.
    fn look_at_exact_classes(&mut self, field: PlanId) {
        let Some(PlanKind::Union(variants)) = self.made(field).map(|plan| &plan.kind) else {
            return;
        };
        for variant in variants.clone() {
            if let Some(plan) = self.made(variant) {
                plan.lenient = matches!(plan.kind, PlanKind::Class(_));
            }
        }
    }

    /// Whether a class may hold an instance of itself, at any depth.
    fn contains_itself(&self, class: ClassId) -> bool {
        let mut seen = FxHashSet::from_iter([class]);
        let mut types: Vec<&Type> = Vec::new();
        let fields = |class: ClassId| self.schema.class(class).fields.iter().map(|field| &field.ty);
        types.extend(fields(class));
        while let Some(ty) = types.pop() {
            match &ty.kind {
                TypeKind::Class(found) if *found == class => return true,
                TypeKind::Class(found) if seen.insert(*found) => types.extend(fields(*found)),
                TypeKind::List(item) | TypeKind::Map(_, item) => types.push(item),
                TypeKind::Union(variants) => types.extend(variants),
                _ => {}
            }
        }
        false
    }
}

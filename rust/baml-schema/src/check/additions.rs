//! Declarations that are added to a schema that exists: `class`, `enum`, `type`, and members for
//! classes and enums that are open to them (`dynamic class X { … }`).
//!
//! Invariant: ids of the base stay as they are; what is new is numbered after them.

use baml_syntax::catalogue::INVALID_LINE;
use baml_syntax::tree::{Item, Tree, TypeBlock};
use baml_syntax::{Diagnostic, Severity, SourceMap};
use smol_str::SmolStr;

use super::blocks::{enum_value, fields};
use super::names::Names;
use super::types::Aliases;
use super::{Checker, Schema};
use crate::catalogue::{DUPLICATE_NAME, NOT_DYNAMIC};
use crate::schema::{EnumValue, Field};

/// What a text adds.
pub(crate) struct Additions {
    /// New classes, enums and aliases, in the order of their ids.
    pub(crate) declared: Schema,
    /// New fields of classes that exist.
    pub(crate) fields: Vec<(SmolStr, Field)>,
    /// New values of enums that exist.
    pub(crate) values: Vec<(SmolStr, EnumValue)>,
}

/// Understands a text against `base`; findings instead when it has an error.
pub(crate) fn additions(base: &Schema, sources: &SourceMap) -> Result<Additions, Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    let mut declared = Vec::new();
    let mut dynamic = Vec::new();
    for (file, source) in sources.iter() {
        let (mut tree, found) = baml_syntax::parse(file, &source.text);
        diagnostics.extend(found);
        for item in &tree.items {
            diagnostics.extend(refusal(base, item));
        }
        let items = std::mem::take(&mut tree.items);
        let (open, new): (Vec<Item>, Vec<Item>) = items.into_iter().partition(is_dynamic);
        dynamic.extend(open);
        declared.push(Tree { items: new, ..tree });
    }
    if diagnostics.iter().any(is_error) {
        return Err(diagnostics);
    }
    understand(base, sources, &declared, &dynamic)
}

/// What declarations add to `base`; `dynamic` holds those that open a type of the base.
pub(crate) fn understand(
    base: &Schema,
    sources: &SourceMap,
    declared: &[Tree],
    dynamic: &[Item],
) -> Result<Additions, Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    let names = Names::collect(declared, &mut diagnostics);
    let aliases = Aliases::default();
    let schema = Schema::default();
    let mut checker = Checker { sources, names, aliases, base, schema, diagnostics };
    checker.aliases();
    checker.enums();
    checker.classes();
    let (fields, values) = checker.members(dynamic);
    checker.check_attributes();
    for item in dynamic {
        if let Item::Type(block) = item {
            checker.attributes_of_members(block);
        }
    }
    checker.check_types();
    checker.check_fields();
    checker.check_constraints();
    if !checker.diagnostics.iter().any(is_error) {
        checker.alias_cycles();
    }
    if checker.diagnostics.iter().any(is_error) {
        return Err(checker.diagnostics);
    }
    Ok(Additions { declared: checker.schema, fields, values })
}

fn is_error(found: &Diagnostic) -> bool {
    found.severity == Severity::Error
}

pub(crate) fn is_dynamic(item: &Item) -> bool {
    matches!(item, Item::Type(block) if block.dynamic.is_some())
}

/// Why a declaration cannot be added.
fn refusal(base: &Schema, item: &Item) -> Option<Diagnostic> {
    match item {
        Item::Type(block) if block.dynamic.is_some() => dynamic_refusal(base, block),
        Item::Type(block) => redefinition(base, &block.keyword.text, &block.name),
        Item::Alias(alias) => redefinition(base, "type alias", &alias.name),
        other => {
            let message = "Error validating: Syntax error in type builder block";
            Some(Diagnostic::error(INVALID_LINE, other.span(), message))
        }
    }
}

fn dynamic_refusal(base: &Schema, block: &TypeBlock) -> Option<Diagnostic> {
    let name = &block.name.text;
    let open = match block.keyword.text.as_str() {
        "class" => base.classes.get(name).map(|class| class.dynamic),
        _ => base.enums.get(name).map(|enumeration| enumeration.dynamic),
    };
    let message = match open {
        Some(true) => return None,
        Some(false) => format!(
            "Error validating: Type '{name}' does not contain the `@@dynamic` attribute so it \
             cannot be modified in a type builder block"
        ),
        None => format!("Error validating: Type '{name}' not found"),
    };
    Some(Diagnostic::error(NOT_DYNAMIC, block.span, message))
}

fn redefinition(base: &Schema, what: &str, name: &baml_syntax::tree::Name) -> Option<Diagnostic> {
    base.type_named(&name.text)?;
    let text = &name.text;
    let message = format!(
        "The {what} \"{text}\" cannot be re-defined because a type with that name already exists."
    );
    Some(Diagnostic::error(DUPLICATE_NAME, name.span, message))
}

impl Checker<'_> {
    /// What `dynamic` blocks add to the types that they name.
    #[allow(clippy::type_complexity)]
    fn members(&mut self, items: &[Item]) -> (Vec<(SmolStr, Field)>, Vec<(SmolStr, EnumValue)>) {
        let (mut added_fields, mut added_values) = (Vec::new(), Vec::new());
        for item in items {
            let Item::Type(block) = item else { continue };
            let name = &block.name.text;
            for field in fields(block) {
                field.ty.iter().for_each(|ty| self.check_type(ty));
                if block.keyword.text == "class" {
                    added_fields.push((name.clone(), self.field(field)));
                } else {
                    added_values.push((name.clone(), enum_value(field)));
                }
            }
        }
        (added_fields, added_values)
    }
}

impl Additions {
    /// Appends the new declarations to a schema.
    pub(crate) fn append_to(&mut self, schema: &mut Schema) {
        let declared = std::mem::take(&mut self.declared);
        schema.classes.extend(declared.classes);
        schema.enums.extend(declared.enums);
        schema.aliases.extend(declared.aliases);
        schema.expanded_aliases.extend(declared.expanded_aliases);
    }
}

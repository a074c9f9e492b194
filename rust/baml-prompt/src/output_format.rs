//! The text that tells a model which shape its answer must have.
//!
//! What lives here: enums, classes and aliases that are listed on their own, the sentence before
//! the schema, the schema. What a type reaches and in which order is `reach`'s.
//!
//! Invariant: every recursion passes through a listed class or alias, so the text is finite.

use std::collections::HashSet;
use std::fmt;

use baml_schema::{
    Class, ClassId, Enum, EnumId, EnumValue, Field, Literal, Schema, Type, TypeKind,
};

use crate::output_options::{HoistClasses, MapStyle, OutputOptions, Prefix};
use crate::reach::Reach;

/// An enum with more values than this is listed on its own.
const INLINE_VALUES_MAX: usize = 6;

/// A list of an enum whose text is longer than this goes over several lines.
const LIST_ENUM_LENGTH_MAX: usize = 15;

/// The output format of `ty`, or `None` where there is nothing to say (a plain string).
///
/// The error names the classes of `hoist_classes` that the type does not reach.
pub fn output_format(
    schema: &Schema,
    ty: &Type,
    options: &OutputOptions,
) -> Result<Option<String>, UnknownClasses> {
    let reach = Reach::of(schema, ty);
    let listed_classes = listed_classes(schema, &reach, options)?;
    let writer = Writer {
        schema,
        options,
        listed_enums: reach
            .enums
            .iter()
            .copied()
            .filter(|id| is_listed(schema.enumeration(*id), options))
            .collect(),
        listed_classes: listed_classes.iter().copied().collect(),
    };
    if matches!(ty.kind, TypeKind::String) && !matches!(options.prefix, Prefix::Text(_)) {
        return Ok(None);
    }
    Ok(Some(writer.whole(ty, &reach, &listed_classes)))
}

/// Classes that `hoist_classes` names and the type does not reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownClasses {
    /// Their names, in the order of the option.
    pub names: Vec<String>,
}

impl fmt::Display for UnknownClasses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.names.iter().map(|name| format!("\"{name}\"")).collect();
        match names.as_slice() {
            [name] => write!(f, "Cannot hoist class {name} because it does not exist"),
            names => {
                write!(f, "Cannot hoist classes {} because they do not exist", names.join(", "))
            }
        }
    }
}

impl std::error::Error for UnknownClasses {}

/// Recursive classes come first, then those that were asked for.
fn listed_classes(
    schema: &Schema,
    reach: &Reach,
    options: &OutputOptions,
) -> Result<Vec<ClassId>, UnknownClasses> {
    let mut listed = reach.recursive.clone();
    let mut seen: HashSet<ClassId> = listed.iter().copied().collect();
    match &options.hoist_classes {
        HoistClasses::Recursive => {}
        HoistClasses::All => listed.extend(reach.classes.iter().filter(|id| seen.insert(**id))),
        HoistClasses::Named(names) => {
            let reached: HashSet<ClassId> = reach.classes.iter().copied().collect();
            let find = |name: &str| schema.class_id(name).filter(|id| reached.contains(id));
            let unknown: Vec<String> =
                names.iter().filter(|name| find(name).is_none()).cloned().collect();
            if !unknown.is_empty() {
                return Err(UnknownClasses { names: unknown });
            }
            let named = names.iter().filter_map(|name| find(name));
            listed.extend(named.filter(|id| seen.insert(*id)));
        }
    }
    Ok(listed)
}

fn is_listed(declared: &Enum, options: &OutputOptions) -> bool {
    let mut shown = shown_values(declared);
    options.always_hoist_enums
        || shown.clone().count() > INLINE_VALUES_MAX
        || shown.any(|value| value.description.is_some())
}

fn shown_values(declared: &Enum) -> impl Iterator<Item = &EnumValue> + Clone {
    declared.values.iter().filter(|value| !value.skip)
}

struct Writer<'a> {
    schema: &'a Schema,
    options: &'a OutputOptions,
    listed_enums: HashSet<EnumId>,
    listed_classes: HashSet<ClassId>,
}

impl Writer<'_> {
    fn whole(&self, ty: &Type, reach: &Reach, classes: &[ClassId]) -> String {
        let mut blocks: Vec<String> = Vec::new();
        for id in &reach.enums {
            if self.listed_enums.contains(id) && ty.kind != TypeKind::Enum(*id) {
                blocks.push(self.enum_block(self.schema.enumeration(*id)));
            }
        }
        for id in classes {
            let class = self.schema.class(*id);
            blocks.push(format!("{}{} {}", self.keyword(), class.name, self.class_body(class)));
        }
        let aliases = reach.aliases.iter().map(|id| {
            let alias = self.schema.alias(*id);
            format!("{}{} = {}", self.keyword(), alias.name, self.text(&alias.ty))
        });
        let aliases: Vec<String> = aliases.collect();
        if !aliases.is_empty() {
            blocks.push(aliases.join("\n"));
        }
        blocks.push(self.prefix(ty) + &self.root(ty));
        blocks.join("\n\n")
    }

    fn keyword(&self) -> String {
        match &self.options.hoisted_class_prefix {
            Some(word) if !word.is_empty() => format!("{word} "),
            _ => String::new(),
        }
    }

    fn prefix(&self, ty: &Type) -> String {
        match &self.options.prefix {
            Prefix::Text(text) => return text.clone(),
            Prefix::Nothing => return String::new(),
            Prefix::Automatic => {}
        }
        let word = match &self.options.hoisted_class_prefix {
            Some(word) if !word.is_empty() => word,
            _ => "schema",
        };
        match &ty.kind {
            TypeKind::String => String::new(),
            TypeKind::Int => "Answer as an ".to_owned(),
            TypeKind::Float | TypeKind::Bool => "Answer as a ".to_owned(),
            TypeKind::Null => format!("Answer ONLY with {}:\n", self.options.render_null_as),
            TypeKind::Literal(_) => "Answer using this specific value:\n".to_owned(),
            TypeKind::Enum(_) => "Answer with any of the categories:\n".to_owned(),
            TypeKind::List(_) => "Answer with a JSON Array using this schema:\n".to_owned(),
            TypeKind::Class(id) if self.listed_classes.contains(id) => {
                format!("Answer in JSON using this {word}: ")
            }
            TypeKind::Class(_) => format!("Answer in JSON using this {word}:\n"),
            TypeKind::Alias(_) => format!("Answer in JSON using this {word}: "),
            TypeKind::Union(variants) if variants.iter().filter(|it| !is_null(it)).count() > 1 => {
                "Answer in JSON using any of these schemas:\n".to_owned()
            }
            _ => "Answer in JSON using this schema:\n".to_owned(),
        }
    }

    /// An enum that is the whole answer is listed in place.
    fn root(&self, ty: &Type) -> String {
        match &ty.kind {
            TypeKind::Enum(id) => self.enum_block(self.schema.enumeration(*id)),
            _ => self.text(ty),
        }
    }

    fn text(&self, ty: &Type) -> String {
        match &ty.kind {
            TypeKind::String => "string".to_owned(),
            TypeKind::Int => "int".to_owned(),
            TypeKind::Float => "float".to_owned(),
            TypeKind::Bool => "bool".to_owned(),
            TypeKind::Null => self.options.render_null_as.clone(),
            TypeKind::Media(kind) => kind.as_str().to_owned(),
            TypeKind::Literal(literal) => literal_text(literal),
            TypeKind::Enum(id) if self.listed_enums.contains(id) => {
                enum_name(self.schema.enumeration(*id)).to_owned()
            }
            TypeKind::Enum(id) => self.inline_enum(self.schema.enumeration(*id)),
            TypeKind::Class(id) if self.listed_classes.contains(id) => {
                self.schema.class(*id).name.to_string()
            }
            TypeKind::Class(id) => self.class_body(self.schema.class(*id)),
            TypeKind::Alias(id) => self.schema.alias(*id).name.to_string(),
            TypeKind::List(item) => self.list(item),
            TypeKind::Map(key, value) => match self.options.map_style {
                MapStyle::Angle => format!("map<{}, {}>", self.text(key), self.text(value)),
                MapStyle::Object => format!("{{{}: {}}}", self.text(key), self.text(value)),
            },
            TypeKind::Union(variants) => self.union(variants),
        }
    }

    fn union(&self, variants: &[Type]) -> String {
        let texts: Vec<String> = variants.iter().map(|variant| self.text(variant)).collect();
        texts.join(&self.options.or_splitter)
    }

    fn list(&self, item: &Type) -> String {
        let text = self.text(item);
        let over_lines = match &item.kind {
            TypeKind::Enum(_) => text.chars().count() > LIST_ENUM_LENGTH_MAX,
            TypeKind::Class(id) => !self.listed_classes.contains(id),
            TypeKind::Union(variants) => !variants.iter().any(is_simple),
            TypeKind::Literal(_) | TypeKind::List(_) | TypeKind::Map(..) => true,
            _ => false,
        };
        match &item.kind {
            _ if over_lines => format!("[\n  {}\n]", indented(&text)),
            TypeKind::Union(_) => format!("({text})[]"),
            _ => format!("{text}[]"),
        }
    }

    fn inline_enum(&self, declared: &Enum) -> String {
        let values = shown_values(declared).map(|value| format!("'{}'", value.text()));
        values.collect::<Vec<_>>().join(&self.options.or_splitter)
    }

    fn enum_block(&self, declared: &Enum) -> String {
        let mut lines = vec![enum_name(declared).to_owned(), "----".to_owned()];
        lines.extend(shown_values(declared).map(|value| {
            let prefix = &self.options.enum_value_prefix;
            match &value.description {
                Some(description) => {
                    format!("{prefix}{}: {}", value.text(), indented(description))
                }
                None => format!("{prefix}{}", value.text()),
            }
        }));
        lines.join("\n")
    }

    fn class_body(&self, class: &Class) -> String {
        let mut text = String::from("{\n");
        let description = class.description.as_ref().map_or("", |text| text.trim());
        if !description.is_empty() {
            push_comment(&mut text, description);
            text.push('\n');
        }
        for field in class.fields.iter().filter(|field| !field.skip) {
            if let Some(description) = field_description(field) {
                push_comment(&mut text, description);
            }
            let quote = if self.options.quote_class_fields { "\"" } else { "" };
            let ty = self.text(&field.ty);
            text.push_str(&format!("  {quote}{}{quote}: {},\n", field.key(), indented(&ty)));
        }
        text.push('}');
        text
    }
}

/// A field is described by its own words, or else by the last ones on its type.
fn field_description(field: &Field) -> Option<&str> {
    let on_type = || match &field.ty.kind {
        TypeKind::Union(variants) => {
            variants.iter().rev().find_map(|variant| variant.description.as_ref())
        }
        _ => None,
    };
    let description = field.description.as_ref().or(field.ty.description.as_ref());
    description.or_else(on_type).map(|text| text.as_str())
}

fn push_comment(text: &mut String, description: &str) {
    for line in description.split('\n') {
        text.push_str("  // ");
        text.push_str(line);
        text.push('\n');
    }
}

/// All lines but the first moved in by one step, empty ones too.
fn indented(text: &str) -> String {
    text.replace('\n', "\n  ")
}

fn enum_name(declared: &Enum) -> &str {
    declared.alias.as_ref().unwrap_or(&declared.name)
}

fn literal_text(literal: &Literal) -> String {
    match literal {
        Literal::String(text) => format!("{text:?}"),
        Literal::Int(it) => it.to_string(),
        Literal::Bool(it) => it.to_string(),
    }
}

fn is_null(ty: &Type) -> bool {
    ty.kind == TypeKind::Null
}

/// A primitive, or a list of them: next to one, a union stays on one line in parentheses.
fn is_simple(ty: &Type) -> bool {
    match &ty.kind {
        TypeKind::List(item) => is_simple(item),
        TypeKind::String
        | TypeKind::Int
        | TypeKind::Float
        | TypeKind::Bool
        | TypeKind::Null
        | TypeKind::Media(_) => true,
        _ => false,
    }
}

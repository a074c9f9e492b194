//! A type as a person reads it in an error message.
//!
//! Invariant: recursion follows the written type only, so the text is as long as the declaration.

use baml_schema::{Literal, MediaKind, Schema, Type, TypeKind};

/// The type in BAML's own notation: `int`, `Person`, `"a" | "b"`, `map<string, int>[]`.
pub(crate) fn type_text(schema: &Schema, ty: &Type) -> String {
    match &ty.kind {
        TypeKind::String => "string".to_owned(),
        TypeKind::Int => "int".to_owned(),
        TypeKind::Float => "float".to_owned(),
        TypeKind::Bool => "bool".to_owned(),
        TypeKind::Null => "null".to_owned(),
        TypeKind::Media(kind) => kind.as_str().to_owned(),
        TypeKind::Literal(Literal::String(text)) => format!("{text:?}"),
        TypeKind::Literal(Literal::Int(it)) => it.to_string(),
        TypeKind::Literal(Literal::Bool(it)) => it.to_string(),
        TypeKind::Enum(id) => schema.enumeration(*id).name.to_string(),
        TypeKind::Class(id) => schema.class(*id).name.to_string(),
        TypeKind::Alias(id) => schema.alias(*id).name.to_string(),
        TypeKind::List(item) => match item.kind {
            TypeKind::Union(_) => format!("({})[]", type_text(schema, item)),
            _ => format!("{}[]", type_text(schema, item)),
        },
        TypeKind::Map(key, value) => {
            format!("map<{}, {}>", type_text(schema, key), type_text(schema, value))
        }
        TypeKind::Union(variants) => {
            let texts: Vec<String> = variants.iter().map(|it| type_text(schema, it)).collect();
            texts.join(" | ")
        }
    }
}

/// The word that official messages use for a medium's type: `Media(Image)`.
pub(crate) fn media_type_text(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Image => "Media(Image)",
        MediaKind::Audio => "Media(Audio)",
        MediaKind::Pdf => "Media(Pdf)",
        MediaKind::Video => "Media(Video)",
    }
}

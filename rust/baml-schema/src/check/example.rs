//! A value of a type, written out as a test's argument, for people to start from.

use crate::schema::Schema;
use crate::types::{Literal, MediaKind, Type, TypeKind};

/// Deeper parts of an example are left out.
const DEPTH_MAX: u32 = 4;

/// An example of `ty`.
pub(crate) fn example(schema: &Schema, ty: &Type) -> String {
    at_depth(schema, ty, 0)
}

fn at_depth(schema: &Schema, ty: &Type, depth: u32) -> String {
    if ty.is_optional() || depth > DEPTH_MAX {
        return "null".to_owned();
    }
    match &ty.kind {
        TypeKind::String => "#\"\n  hello world\n\"#".to_owned(),
        TypeKind::Int => "123".to_owned(),
        TypeKind::Float => "0.5".to_owned(),
        TypeKind::Bool => "true".to_owned(),
        TypeKind::Null => "null".to_owned(),
        TypeKind::Media(kind) => format!("{{ url \"{}\" }}", address(*kind)),
        TypeKind::Literal(Literal::String(text)) => format!("{text:?}"),
        TypeKind::Literal(Literal::Int(int)) => int.to_string(),
        TypeKind::Literal(Literal::Bool(value)) => value.to_string(),
        TypeKind::Enum(id) => {
            let values = &schema.enumeration(*id).values;
            values.first().map_or("null".to_owned(), |value| value.name.to_string())
        }
        TypeKind::Alias(id) => at_depth(schema, &schema.alias(*id).ty, depth + 1),
        TypeKind::List(inner) => {
            let item = indented(&at_depth(schema, inner, depth + 1), 2);
            format!("[\n{item},\n{item}\n]")
        }
        TypeKind::Map(key, value) => {
            let key = match key.kind {
                TypeKind::String => "\"a_string\"".to_owned(),
                _ => at_depth(schema, key, depth + 1),
            };
            let value = at_depth(schema, value, depth + 1);
            format!("{{\n{}\n}}", indented(&format!("{key} {value}"), 2))
        }
        TypeKind::Union(variants) => {
            // The first variant but text: an example should show what is special.
            let plain = |variant: &&Type| variant.kind != TypeKind::String;
            let chosen = variants.iter().find(plain).or(variants.first());
            chosen.map_or("null".to_owned(), |variant| at_depth(schema, variant, depth + 1))
        }
        TypeKind::Class(id) => {
            let line = |name: &str, ty: &Type| {
                let text = format!("{name} {}", at_depth(schema, ty, depth + 1));
                format!("{}\n", indented(&text, 4))
            };
            let fields = &schema.class(*id).fields;
            let lines: String = fields.iter().map(|field| line(&field.name, &field.ty)).collect();
            format!("{{\n{lines}}}")
        }
    }
}

fn indented(text: &str, spaces: usize) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("{:spaces$}{line}", "")).collect();
    lines.join("\n")
}

/// A public file of each kind.
fn address(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Image => "https://imgs.xkcd.com/comics/standards.png",
        MediaKind::Audio => {
            "https://actions.google.com/sounds/v1/emergency/beeper_emergency_call.ogg"
        }
        MediaKind::Pdf => {
            "https://ia801801.us.archive.org/15/items/the-great-gatsby_202101/TheGreatGatsby.pdf"
        }
        MediaKind::Video => "https://samplelib.com/lib/preview/mp4/sample-5s.mp4",
    }
}

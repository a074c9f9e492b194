//! What functions take: template strings, and those that the language predefines.
//!
//! Invariant: every function yields a text.

use baml_schema::{Schema, TemplateString};
use smol_str::SmolStr;

use super::kind::Kind;

/// `_.role` and `_.chat`.
pub(crate) const CHAT: &str = "baml::Chat";
/// `ctx.output_format`.
pub(crate) const OUTPUT_FORMAT: &str = "baml::OutputFormat";

/// The parameters of a function.
pub(crate) struct Signature {
    /// Name, kind, and whether a call must give it.
    pub(crate) params: Vec<(SmolStr, Kind, Required)>,
}

/// Whether a call must give a parameter.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Required {
    Yes,
    No,
}

impl Signature {
    /// The parameters of a template string; each must be given.
    pub(crate) fn of(schema: &Schema, template: &TemplateString) -> Self {
        let params = template.params.iter();
        let params = params
            .map(|param| (param.name.clone(), Kind::of(schema, &param.ty), Required::Yes))
            .collect();
        Self { params }
    }

    /// The parameters of a predefined function.
    pub(crate) fn predefined(name: &str) -> Option<Self> {
        let text = || Kind::String.optional();
        let hoist_classes = || {
            let names = Kind::list(Kind::String);
            Kind::Union(vec![Kind::None, Kind::Bool, Kind::text("auto"), names])
        };
        let params: Vec<(&str, Kind, Required)> = match name {
            CHAT => vec![
                ("role", Kind::String, Required::Yes),
                ("cache_control", Kind::map(Kind::String, Kind::Unknown).optional(), Required::No),
            ],
            OUTPUT_FORMAT => vec![
                ("prefix", text(), Required::No),
                ("or_splitter", text(), Required::No),
                ("enum_value_prefix", text(), Required::No),
                ("always_hoist_enums", Kind::Bool.optional(), Required::No),
                ("hoisted_class_prefix", text(), Required::No),
                ("hoist_classes", hoist_classes(), Required::No),
                ("quote_class_fields", Kind::Bool.optional(), Required::No),
                ("render_null_as", text(), Required::No),
            ],
            _ => return None,
        };
        let params = params.into_iter().map(|(name, kind, must)| (name.into(), kind, must));
        Some(Self { params: params.collect() })
    }
}

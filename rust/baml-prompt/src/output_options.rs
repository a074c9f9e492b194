//! The choices that `ctx.output_format(…)` offers, with their defaults.
//!
//! How they are written in a template is `context`'s; what they do is `output_format`'s.

/// How an output format is written down.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputOptions {
    /// What stands before the schema.
    pub prefix: Prefix,
    /// Whether every enum is listed on its own before the schema.
    pub always_hoist_enums: bool,
    /// What stands before each value of a listed enum.
    pub enum_value_prefix: String,
    /// What stands between the variants of a union.
    pub or_splitter: String,
    /// The word before the name of a hoisted class; also replaces "schema" in the prefix.
    pub hoisted_class_prefix: Option<String>,
    /// Which classes are listed on their own, besides recursive ones.
    pub hoist_classes: HoistClasses,
    /// How a map is written.
    pub map_style: MapStyle,
    /// Whether the keys of classes stand in quotes.
    pub quote_class_fields: bool,
    /// The word for `null`.
    pub render_null_as: String,
}

/// What stands before the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prefix {
    /// The sentence that fits the type.
    Automatic,
    /// Nothing.
    Nothing,
    /// This text.
    Text(String),
}

/// Which classes are listed on their own, besides recursive ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HoistClasses {
    /// No others.
    Recursive,
    /// All.
    All,
    /// Those named, in this order.
    Named(Vec<String>),
}

/// How a map is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapStyle {
    /// `map<string, int>`
    Angle,
    /// `{string: int}`
    Object,
}

impl Default for OutputOptions {
    fn default() -> Self {
        Self {
            prefix: Prefix::Automatic,
            always_hoist_enums: false,
            enum_value_prefix: "- ".to_owned(),
            or_splitter: " or ".to_owned(),
            hoisted_class_prefix: None,
            hoist_classes: HoistClasses::Recursive,
            map_style: MapStyle::Angle,
            quote_class_fields: false,
            render_null_as: "null".to_owned(),
        }
    }
}

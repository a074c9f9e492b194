//! How a float is written in data: JSON and YAML alike.
//!
//! Its shortest form; what JSON has no number for is `null`.

/// A float in its shortest form, without a sign before a positive exponent.
pub(crate) fn float_text(value: f64) -> String {
    serde_json::Number::from_f64(value)
        .map_or_else(|| "null".to_owned(), |number| number.to_string().replace("e+", "e"))
}

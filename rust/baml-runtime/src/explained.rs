//! How a reply was read, as JSON: for `parse` with `explain`.
//!
//! Invariant: the keys are those of `bindings/WIRE.md`.

use std::sync::Arc;

use baml_reply::{Explanation, Reach, Reader, Reading, Step, Target};
use serde_json::{Map, Value as Json, json};

use crate::error::ReplyReason;
use crate::plain;

/// Reads a reply and tells how: the value, its price, each liberty, and all that was tried.
pub fn explain(target: &Arc<Target>, text: &str, reach: Reach) -> Json {
    let mut reader = Reader::new(Arc::clone(target));
    reader.push(text);
    let value = match reach {
        Reach::Whole => reader.finish().ok(),
        Reach::Partial => reader.partial().ok().flatten(),
    };
    let value = value.as_ref().map(plain::json);
    match reader.explain(reach) {
        Ok(explanation) => of_explanation(value, &explanation),
        Err(bound) => {
            let reason = json!({ "path": "", "message": bound.to_string() });
            json!({ "value": value, "score": null, "reasons": [reason], "liberties": [],
                "reading": null, "cut": true })
        }
    }
}

fn of_explanation(value: Option<Json>, explanation: &Explanation) -> Json {
    let liberties = explanation.taken();
    let liberties: Vec<Json> = liberties
        .iter()
        .map(|taken| {
            let (liberty, price) = (taken.liberty.name(), taken.liberty.price());
            json!({ "path": taken.path, "liberty": liberty, "price": price,
                "wanted": taken.wanted, "found": taken.found })
        })
        .collect();
    let reasons = explanation.refused.as_deref().map(ReplyReason::all).unwrap_or_default();
    json!({
        "value": value,
        "score": explanation.score,
        "reasons": reasons.iter().map(ReplyReason::to_json).collect::<Vec<_>>(),
        "liberties": liberties,
        "reading": reading_json(&explanation.root),
        "cut": explanation.cut,
    })
}

/// Calls itself no deeper than an explanation nests.
fn reading_json(reading: &Reading) -> Json {
    let mut out = Map::new();
    let at = reading.at.as_ref().map(|step| match step {
        Step::Name(name) => Json::from(name.as_str()),
        Step::Index(at) => Json::from(*at),
    });
    out.insert("at".into(), at.unwrap_or_default());
    out.insert("wanted".into(), reading.wanted.as_str().into());
    out.insert("found".into(), reading.found.as_str().into());
    out.insert("score".into(), reading.score.into());
    if let Some(reason) = &reading.reason {
        out.insert("reason".into(), reason.as_str().into());
    }
    let liberties: Vec<&str> = reading.liberties.iter().map(|liberty| liberty.name()).collect();
    out.insert("liberties".into(), liberties.into());
    out.insert("taken".into(), reading.taken.into());
    let parts: Vec<Json> = reading.parts.iter().map(reading_json).collect();
    out.insert("parts".into(), parts.into());
    out.into()
}

//! What a message says: one text, or a list of parts in which thinking and text take turns.
//!
//! Invariant: whatever stands in its place, reading goes on behind it; what is neither text nor
//! parts says nothing, and is marked.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// What was said.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// As answer.
    pub(super) text: String,
    /// As reasoning.
    pub(super) reasoning: String,
    /// Something else stood there.
    pub(super) odd: bool,
}

impl Said {
    fn odd() -> Self {
        Self { odd: true, ..Self::default() }
    }

    fn take(&mut self, part: Part) {
        let text = part.text.unwrap_or_default().text;
        let thought = part.thinking.unwrap_or_default().text;
        let thinking = matches!(part.kind.as_deref(), Some("thinking" | "reasoning"));
        let place = if thinking { &mut self.reasoning } else { &mut self.text };
        place.push_str(&text);
        self.reasoning.push_str(&thought);
    }
}

#[derive(serde::Deserialize)]
struct Part {
    #[serde(rename = "type")]
    kind: Option<String>,
    text: Option<Said>,
    thinking: Option<Said>,
}

impl<'de> Deserialize<'de> for Said {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SaidVisitor)
    }
}

struct SaidVisitor;

impl<'de> Visitor<'de> for SaidVisitor {
    type Value = Said;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text or a list of parts")
    }

    fn visit_str<E>(self, text: &str) -> Result<Said, E> {
        Ok(Said { text: text.to_owned(), ..Said::default() })
    }

    fn visit_string<E>(self, text: String) -> Result<Said, E> {
        Ok(Said { text, ..Said::default() })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Said, A::Error> {
        let mut said = Said::default();
        while let Some(part) = parts.next_element::<Part>()? {
            said.take(part);
        }
        Ok(said)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Said, A::Error> {
        let part = Part::deserialize(MapAccessDeserializer::new(map))?;
        let mut said =
            Said { odd: part.text.is_none() && part.thinking.is_none(), ..Said::default() };
        said.take(part);
        Ok(said)
    }

    fn visit_unit<E>(self) -> Result<Said, E> {
        Ok(Said::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Said, E> {
        Ok(Said::odd())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Said, E> {
        Ok(Said::odd())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Said, E> {
        Ok(Said::odd())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Said, E> {
        Ok(Said::odd())
    }
}

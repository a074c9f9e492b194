//! Chat messages, as a prompt becomes them and before a provider spells them.
//!
//! Each `_.role(…)` that is followed by something gives one message. Renaming roles (`remap_roles`)
//! and joining neighbours of one role are the provider's, since metadata belongs to each part
//! there.

use std::sync::Arc;

use baml_schema::Media;
use indexmap::IndexMap;
use serde_json::Value as Json;
use smol_str::SmolStr;

/// One message of a chat.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// The role as the prompt names it; the client's default role where none is named before the
    /// text, or where the client does not allow the one that is.
    pub role: SmolStr,
    /// `__baml_allow_dupe_role__`: kept apart from a neighbour of the same role.
    pub allow_duplicate_role: bool,
    /// Further keywords given to `_.role(…)`.
    pub metadata: IndexMap<SmolStr, Json>,
    /// The content in order; never empty.
    pub parts: Vec<Part>,
}

/// One part of a message's content.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Text.
    Text(Arc<str>),
    /// An image, audio, PDF or video.
    Media(Arc<Media>),
}

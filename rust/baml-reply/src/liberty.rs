//! The liberties that a reading takes, each with its name and price.
//!
//! Invariant: a reading without liberties costs nothing; the cheapest reading wins. Prices are
//! settled by the recorded answers.

/// A liberty that was taken to read a value as what was wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Liberty {
    /// A field that may be null was not there.
    MissingOptional,
    /// A field that has a default was not there.
    MissingDefault,
    /// Null in place of a value that did not fit.
    NullForValue,
    /// A default in place of a value that did not fit.
    DefaultForValue,
    /// An object read as a map. Every map is one.
    ObjectToMap,
    /// An object of one scalar read as that scalar.
    ObjectToPrimitive,
    /// Something else printed as a text.
    JsonToText,
    /// A key that no field wants was passed over.
    ExtraKey,
    /// Values that stand beside one another, as one value.
    Gathered,
    /// A fenced block as the text that it is.
    BlockToText,
    /// A name was recognised in another case.
    OtherCase,
    /// A name was recognised without its punctuation or accents.
    Stripped,
    /// A name was found inside a longer text.
    Substring,
    /// A field's value without its key.
    ImpliedKey,
    /// One value as a list.
    SingleToList,
    /// An item was left out of a list.
    LostItem,
    /// An entry was left out of a map.
    LostEntry,
    /// What was wanted was taken out of what stands around it.
    FirstMatch,
    /// The best of several was taken.
    BestOfSeveral,
    /// A text was read as a bool or number.
    TextToOther,
    /// A float was rounded.
    FloatToInt,
}

impl Liberty {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::MissingOptional,
        Self::MissingDefault,
        Self::NullForValue,
        Self::DefaultForValue,
        Self::ObjectToMap,
        Self::ObjectToPrimitive,
        Self::JsonToText,
        Self::ExtraKey,
        Self::Gathered,
        Self::BlockToText,
        Self::OtherCase,
        Self::Stripped,
        Self::Substring,
        Self::ImpliedKey,
        Self::SingleToList,
        Self::LostItem,
        Self::LostEntry,
        Self::FirstMatch,
        Self::BestOfSeveral,
        Self::TextToOther,
        Self::FloatToInt,
    ];

    /// Its name, stable for tools.
    pub fn name(self) -> &'static str {
        match self {
            Self::MissingOptional => "missing_optional",
            Self::MissingDefault => "missing_default",
            Self::NullForValue => "null_for_value",
            Self::DefaultForValue => "default_for_value",
            Self::ObjectToMap => "object_to_map",
            Self::ObjectToPrimitive => "object_to_primitive",
            Self::JsonToText => "json_to_text",
            Self::ExtraKey => "extra_key",
            Self::Gathered => "gathered",
            Self::BlockToText => "block_to_text",
            Self::OtherCase => "other_case",
            Self::Stripped => "stripped",
            Self::Substring => "substring",
            Self::ImpliedKey => "implied_key",
            Self::SingleToList => "single_to_list",
            Self::LostItem => "lost_item",
            Self::LostEntry => "lost_entry",
            Self::FirstMatch => "first_match",
            Self::BestOfSeveral => "best_of_several",
            Self::TextToOther => "text_to_other",
            Self::FloatToInt => "float_to_int",
        }
    }

    /// What it costs, taken once. A lost item costs its place in the list beside that, a name in a
    /// longer text one more for each other name that is there too.
    pub fn price(self) -> i64 {
        match self {
            Self::MissingDefault => 100,
            Self::NullForValue => 110,
            Self::OtherCase => 0,
            Self::DefaultForValue
            | Self::ObjectToPrimitive
            | Self::JsonToText
            | Self::Stripped
            | Self::Substring
            | Self::BestOfSeveral
            | Self::ImpliedKey => 2,
            Self::MissingOptional
            | Self::ObjectToMap
            | Self::ExtraKey
            | Self::Gathered
            | Self::BlockToText
            | Self::SingleToList
            | Self::LostItem
            | Self::LostEntry
            | Self::FirstMatch
            | Self::TextToOther
            | Self::FloatToInt => 1,
        }
    }
}

/// A set of liberties.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Liberties(u32);

impl Liberties {
    /// With one more.
    #[must_use]
    pub(crate) fn with(self, liberty: Liberty) -> Self {
        Self(self.0 | 1 << liberty as u8)
    }

    /// Those that are in it.
    pub(crate) fn iter(self) -> impl Iterator<Item = Liberty> {
        Liberty::ALL.into_iter().filter(move |liberty| self.0 & 1 << *liberty as u8 != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn liberties_each_is_one_of_the_set() {
        for (at, liberty) in Liberty::ALL.into_iter().enumerate() {
            assert_eq!(liberty as usize, at);
            let set = Liberties::default().with(liberty);
            assert_eq!(set.iter().collect::<Vec<_>>(), [liberty]);
        }
    }
}

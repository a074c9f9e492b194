//! Values as bytes, in the form that `bindings/WIRE.md` documents.
//!
//! Invariant: a name is written once in a message and is a number from then on; the same value
//! gives the same bytes.

use baml_reply::{Change, Step};
use baml_schema::{Check, Media, MediaKind, MediaSource, State, Value};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

/// Says that a whole value follows.
pub const WHOLE: u8 = 0;
/// Says that changes follow.
pub const CHANGES: u8 = 1;

mod tag {
    pub(super) const NULL: u8 = 0;
    pub(super) const FALSE: u8 = 1;
    pub(super) const TRUE: u8 = 2;
    pub(super) const INT: u8 = 3;
    pub(super) const FLOAT: u8 = 4;
    pub(super) const STRING: u8 = 5;
    pub(super) const LIST: u8 = 6;
    pub(super) const MAP: u8 = 7;
    pub(super) const CLASS: u8 = 8;
    pub(super) const ENUM: u8 = 9;
    pub(super) const CHECKED: u8 = 10;
    pub(super) const STATED: u8 = 11;
    pub(super) const MEDIA: u8 = 12;
}

mod operation {
    pub(super) const SET: u8 = 1;
    pub(super) const APPEND: u8 = 2;
    pub(super) const PUSH: u8 = 3;
}

/// A message in the making.
#[derive(Default)]
pub struct Writer {
    bytes: Vec<u8>,
    names: FxHashMap<SmolStr, u64>,
}

/// The message that holds one whole value.
pub fn whole(value: &Value) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.byte(WHOLE);
    writer.value(value);
    writer.finish()
}

/// The message that holds what changed since the last one.
pub fn changes(changes: &[Change]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.byte(CHANGES);
    writer.varint(changes.len() as u64);
    for change in changes {
        match change {
            Change::Set { path, value } => {
                writer.byte(operation::SET);
                writer.path(path);
                writer.value(value);
            }
            Change::Append { path, text } => {
                writer.byte(operation::APPEND);
                writer.path(path);
                writer.string(text);
            }
            Change::Push { path, values } => {
                writer.byte(operation::PUSH);
                writer.path(path);
                writer.varint(values.len() as u64);
                for value in values {
                    writer.value(value);
                }
            }
        }
    }
    writer.finish()
}

/// A raw reply: the attempt's number, more text, more reasoning.
pub fn raw(attempt: u32, text: &str, reasoning: &str) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.varint(attempt.into());
    writer.string(text);
    writer.string(reasoning);
    writer.bytes
}

impl Writer {
    /// The bytes.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    /// One byte.
    pub fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    /// An unsigned LEB128 number.
    pub fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    /// A length and its UTF-8 bytes.
    pub fn string(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// A length and so many bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.varint(bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
    }

    /// A name: 0 and its text the first time, its number afterwards.
    pub fn name(&mut self, name: &SmolStr) {
        if let Some(number) = self.names.get(name) {
            let number = *number;
            return self.varint(number);
        }
        self.names.insert(name.clone(), self.names.len() as u64 + 1);
        self.varint(0);
        self.string(name);
    }

    /// The way to a part of the value: 0 and a name, 1 and an index, for each step.
    fn path(&mut self, path: &[Step]) {
        self.varint(path.len() as u64);
        for step in path {
            match step {
                Step::Name(name) => {
                    self.byte(0);
                    self.name(name);
                }
                Step::Index(index) => {
                    self.byte(1);
                    self.varint(*index as u64);
                }
            }
        }
    }

    /// A value with all that it contains.
    pub fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.byte(tag::NULL),
            Value::Bool(false) => self.byte(tag::FALSE),
            Value::Bool(true) => self.byte(tag::TRUE),
            Value::Int(number) => {
                self.byte(tag::INT);
                self.varint(((number << 1) ^ (number >> 63)) as u64);
            }
            Value::Float(number) => {
                self.byte(tag::FLOAT);
                self.bytes.extend_from_slice(&number.to_le_bytes());
            }
            Value::String(text) => {
                self.byte(tag::STRING);
                self.string(text);
            }
            Value::List(items) => {
                self.byte(tag::LIST);
                self.varint(items.len() as u64);
                items.iter().for_each(|item| self.value(item));
            }
            Value::Map(entries) => {
                self.byte(tag::MAP);
                self.entries(entries.iter());
            }
            Value::Class(class) => {
                self.byte(tag::CLASS);
                self.name(&class.class);
                self.entries(class.fields.iter());
            }
            Value::Enum(reference) => {
                self.byte(tag::ENUM);
                self.name(&reference.enumeration);
                self.name(&reference.value);
            }
            Value::Media(media) => self.media(media),
            Value::Checked(checked) => self.checked(&checked.0, &checked.1),
            Value::Stated(stated) => {
                self.byte(tag::STATED);
                self.value(&stated.0);
                self.byte(match stated.1 {
                    State::Pending => 0,
                    State::Incomplete => 1,
                    State::Complete => 2,
                });
            }
        }
    }

    fn entries<'a>(&mut self, entries: impl ExactSizeIterator<Item = (&'a SmolStr, &'a Value)>) {
        self.varint(entries.len() as u64);
        for (name, value) in entries {
            self.name(name);
            self.value(value);
        }
    }

    fn checked(&mut self, value: &Value, checks: &[Check]) {
        self.byte(tag::CHECKED);
        self.value(value);
        self.varint(checks.len() as u64);
        for check in checks {
            self.name(&check.name);
            self.string(&check.expression);
            self.byte(u8::from(check.succeeded));
        }
    }

    fn media(&mut self, media: &Media) {
        self.byte(tag::MEDIA);
        self.byte(match media.kind {
            MediaKind::Image => 0,
            MediaKind::Audio => 1,
            MediaKind::Pdf => 2,
            MediaKind::Video => 3,
        });
        let (form, text) = match &media.source {
            MediaSource::Url(url) => (0, url),
            MediaSource::Base64(data) => (1, data),
        };
        self.byte(form);
        self.string(text);
        self.byte(u8::from(media.mime.is_some()));
        if let Some(mime) = &media.mime {
            self.string(mime);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn names_repeated_become_numbers() {
        let entry = |n: i64| {
            let fields = [("a".into(), Value::Int(n))].into_iter().collect();
            Value::Class(Arc::new(baml_schema::ClassValue { class: "C".into(), fields }))
        };
        let bytes = whole(&Value::list(vec![entry(-1), entry(300)]));
        let expected = [
            &[WHOLE, 6, 2, 8, 0, 1][..],
            b"C",
            &[1, 0, 1],
            b"a",
            &[3, 1],
            &[8, 1, 1, 2, 3, 0xd8, 4],
        ];
        assert_eq!(bytes, expected.concat());
    }

    #[test]
    fn int_extremes_round_trip_through_zigzag() {
        for (number, encoded) in [(0, vec![0]), (-1, vec![1]), (1, vec![2])] {
            let expected = [&[WHOLE, 3][..], &encoded].concat();
            assert_eq!(whole(&Value::Int(number)), expected);
        }
        assert_eq!(whole(&Value::Int(i64::MIN)), [&[WHOLE, 3][..], &[0xff; 9], &[1]].concat());
    }
}

//! A second reader of the wire form (`bindings/WIRE.md`), written from that page: messages → JSON.
//!
//! Invariant: a message is read to its last byte, or it is none.

use serde_json::{Map, Value as Json, json};

/// The value of a message that holds a whole one.
pub(crate) fn value(message: &[u8]) -> Option<Json> {
    let mut cursor = Cursor { rest: message, names: Vec::new() };
    let value = (cursor.byte()? == 0).then(|| cursor.value())??;
    cursor.rest.is_empty().then_some(value)
}

/// How many changes a message holds.
pub(crate) fn changes(message: &[u8]) -> Option<usize> {
    let mut cursor = Cursor { rest: message, names: Vec::new() };
    if cursor.byte()? != 1 {
        return None;
    }
    let count = cursor.varint()?;
    for _ in 0..count {
        cursor.change()?;
    }
    cursor.rest.is_empty().then_some(count as usize)
}

struct Cursor<'a> {
    rest: &'a [u8],
    names: Vec<String>,
}

impl Cursor<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn take(&mut self, count: usize) -> Option<&[u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn string(&mut self) -> Option<String> {
        let length = self.varint()? as usize;
        Some(std::str::from_utf8(self.take(length)?).ok()?.to_owned())
    }

    fn name(&mut self) -> Option<String> {
        match self.varint()? {
            0 => {
                let name = self.string()?;
                self.names.push(name.clone());
                Some(name)
            }
            number => self.names.get(number as usize - 1).cloned(),
        }
    }

    fn entries(&mut self) -> Option<Json> {
        let mut entries = Map::new();
        for _ in 0..self.varint()? {
            let name = self.name()?;
            entries.insert(name, self.value()?);
        }
        Some(Json::Object(entries))
    }

    fn value(&mut self) -> Option<Json> {
        Some(match self.byte()? {
            0 => Json::Null,
            1 => Json::Bool(false),
            2 => Json::Bool(true),
            3 => {
                let number = self.varint()?;
                json!((number >> 1) as i64 ^ -((number & 1) as i64))
            }
            4 => json!(f64::from_le_bytes(self.take(8)?.try_into().ok()?)),
            5 => Json::String(self.string()?),
            6 => {
                let count = self.varint()?;
                (0..count).map(|_| self.value()).collect::<Option<_>>()?
            }
            7 => self.entries()?,
            8 => {
                self.name()?;
                self.entries()?
            }
            9 => {
                self.name()?;
                Json::String(self.name()?)
            }
            10 => {
                let value = self.value()?;
                json!({"value": value, "checks": self.checks()?})
            }
            11 => {
                let value = self.value()?;
                let state = ["Pending", "Incomplete", "Complete"].get(usize::from(self.byte()?))?;
                json!({"value": value, "state": state})
            }
            _ => return None,
        })
    }

    fn checks(&mut self) -> Option<Json> {
        let mut checks = Map::new();
        for _ in 0..self.varint()? {
            let (name, expression) = (self.name()?, self.string()?);
            let status = ["failed", "succeeded"].get(usize::from(self.byte()?))?;
            let check = json!({"name": name, "expression": expression, "status": status});
            checks.insert(name, check);
        }
        Some(Json::Object(checks))
    }

    fn change(&mut self) -> Option<()> {
        let operation = self.byte()?;
        for _ in 0..self.varint()? {
            match self.byte()? {
                0 => drop(self.name()?),
                1 => drop(self.varint()?),
                _ => return None,
            }
        }
        match operation {
            1 => drop(self.value()?),
            2 => drop(self.string()?),
            3 => {
                for _ in 0..self.varint()? {
                    self.value()?;
                }
            }
            _ => return None,
        }
        Some(())
    }
}

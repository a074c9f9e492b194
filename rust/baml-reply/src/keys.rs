//! The keys of objects, each kept once: an object's entry names its key by number.
//!
//! Invariant: a number stands for one text for good. The same text may get a second number when too
//! many keys fall together in the table, so that no choice of keys makes looking one up slow.

use std::hash::Hasher;

use rustc_hash::FxHasher;

use crate::text::{Span, Texts};

/// A key, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyId(pub u32);

/// Places that are looked at before a key counts as new.
const PROBES_MAX: usize = 8;

/// Places of a table that was never filled.
const PLACES_MIN: usize = 32;

/// The keys.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    spans: Vec<Span>,
    /// Numbers of keys plus one, by the hash of their text; 0 is free. A power of two long.
    places: Vec<u32>,
    filled: usize,
}

impl Keys {
    /// Where a key's text stands.
    pub(crate) fn span(&self, id: KeyId) -> Span {
        self.spans[id.0 as usize]
    }

    /// The number of `key`, when it has one.
    pub(crate) fn find(&self, key: &str, texts: &Texts) -> Option<KeyId> {
        let mask = self.places.len().checked_sub(1)?;
        let start = hash(key);
        for probe in 0..PROBES_MAX {
            let id = self.places[start.wrapping_add(probe) & mask].checked_sub(1)?;
            if texts.get(self.spans[id as usize]) == key {
                return Some(KeyId(id));
            }
        }
        None
    }

    /// The number of the key that stands at `span`.
    pub(crate) fn take(&mut self, span: Span, texts: &Texts) -> KeyId {
        let key = texts.get(span);
        if let Some(known) = self.find(key, texts) {
            return known;
        }
        let id = self.spans.len() as u32;
        self.spans.push(span);
        if (self.filled + 1) * 2 > self.places.len() {
            self.grow(texts);
        } else {
            self.place(hash(key), id);
        }
        KeyId(id)
    }

    fn grow(&mut self, texts: &Texts) {
        let places = (self.places.len() * 2).max(PLACES_MIN);
        self.places.clear();
        self.places.resize(places, 0);
        self.filled = 0;
        for id in 0..self.spans.len() {
            self.place(hash(texts.get(self.spans[id])), id as u32);
        }
    }

    fn place(&mut self, start: usize, id: u32) {
        let mask = self.places.len() - 1;
        for probe in 0..PROBES_MAX {
            let place = &mut self.places[start.wrapping_add(probe) & mask];
            if *place == 0 {
                *place = id + 1;
                self.filled += 1;
                return;
            }
        }
    }
}

fn hash(key: &str) -> usize {
    let mut hasher = FxHasher::default();
    hasher.write(key.as_bytes());
    hasher.finish() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_many_each_found_again() {
        let names: Vec<String> = (0..5_000).map(|at| format!("key{at}")).collect();
        let mut texts = Texts::default();
        texts.push_source(&names.concat());
        let mut keys = Keys::default();
        let mut start = 0;
        for name in &names {
            assert!(keys.find(name, &texts).is_none());
            let id = keys.take(Span::new(start, start + name.len()), &texts);
            assert_eq!(texts.get(keys.span(id)), name);
            start += name.len();
        }
        let known = names.iter().filter(|name| keys.find(name, &texts).is_some()).count();
        assert!(known * 10 > names.len() * 9, "{known}");
    }
}

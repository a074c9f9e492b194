//! A table that gives out numbers for objects: slot, generation and kind in 64 bits, never
//! pointers.
//!
//! Invariants:
//! 1. A number names at most one object in the life of the process: its slot's generation moves on
//!    when the object is removed, and a slot whose generations are used up is retired.
//! 2. `remove` succeeds for exactly one caller.
//! 3. A shard's lock is held for a look-up only; objects are dropped after it was released.

use crate::sync::{AtomicU64, Mutex, Ordering, lock};

/// One shard under loom: a freed slot is the next one taken.
const SHARD_BITS: u32 = if cfg!(feature = "loom") { 0 } else { 4 };
const SLOT_BITS: u32 = 24;
const KIND_BITS: u32 = 4;
const SHARDS: usize = 1 << SHARD_BITS;
/// Objects that one shard can hold at once.
const SLOTS_MAX: usize = 1 << SLOT_BITS;
const KIND_SHIFT: u32 = u64::BITS - KIND_BITS;
const GENERATION_SHIFT: u32 = SHARD_BITS + SLOT_BITS;

/// A table of objects of one kind.
pub struct Table<T> {
    /// What the upper bits of every number of this table say; tells foreign handles apart.
    kind: u8,
    shards: [Mutex<Shard<T>>; SHARDS],
    turn: AtomicU64,
    live: AtomicU64,
}

struct Shard<T> {
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
}

struct Slot<T> {
    /// Never zero, so that no handle is zero.
    generation: u32,
    object: Option<T>,
}

struct Place {
    shard: usize,
    slot: usize,
    generation: u32,
}

impl<T> Table<T> {
    /// An empty table whose handles carry `kind`, 1 to 15.
    pub fn new(kind: u8) -> Self {
        debug_assert!((1..1 << KIND_BITS).contains(&u32::from(kind)));
        Self {
            kind,
            shards: std::array::from_fn(|_| {
                Mutex::new(Shard { slots: Vec::new(), free: Vec::new() })
            }),
            turn: AtomicU64::new(0),
            live: AtomicU64::new(0),
        }
    }

    /// Keeps an object and names it. Zero, the handle of nothing, if the table is full; the object
    /// is dropped then.
    pub fn insert(&self, object: T) -> u64 {
        let at = self.turn.fetch_add(1, Ordering::Relaxed) as usize % SHARDS;
        let mut shard = lock(&self.shards[at]);
        let slot = match shard.free.pop() {
            Some(slot) => slot as usize,
            None if shard.slots.len() < SLOTS_MAX => {
                shard.slots.push(Slot { generation: 1, object: None });
                shard.slots.len() - 1
            }
            None => return 0,
        };
        let entry = &mut shard.slots[slot];
        entry.object = Some(object);
        let generation = entry.generation;
        drop(shard);
        self.live.fetch_add(1, Ordering::Relaxed);
        self.name(&Place { shard: at, slot, generation })
    }

    /// A copy of the object, if the handle names one.
    pub fn get(&self, handle: u64) -> Option<T>
    where
        T: Clone,
    {
        let place = self.place(handle)?;
        let shard = lock(&self.shards[place.shard]);
        let slot = shard.slots.get(place.slot)?;
        if slot.generation == place.generation { slot.object.clone() } else { None }
    }

    /// Takes the object out; its handle is stale from now on.
    pub fn remove(&self, handle: u64) -> Option<T> {
        let place = self.place(handle)?;
        let mut shard = lock(&self.shards[place.shard]);
        let slot = shard.slots.get_mut(place.slot)?;
        if slot.generation != place.generation {
            return None;
        }
        let object = slot.object.take()?;
        if let Some(next) = slot.generation.checked_add(1) {
            slot.generation = next;
            shard.free.push(place.slot as u32);
        }
        drop(shard);
        self.live.fetch_sub(1, Ordering::Relaxed);
        Some(object)
    }

    /// How many objects the table holds.
    pub fn live(&self) -> u64 {
        self.live.load(Ordering::Relaxed)
    }

    fn name(&self, place: &Place) -> u64 {
        u64::from(self.kind) << KIND_SHIFT
            | u64::from(place.generation) << GENERATION_SHIFT
            | (place.slot as u64) << SHARD_BITS
            | place.shard as u64
    }

    fn place(&self, handle: u64) -> Option<Place> {
        if handle >> KIND_SHIFT != u64::from(self.kind) {
            return None;
        }
        Some(Place {
            shard: handle as usize & (SHARDS - 1),
            slot: (handle >> SHARD_BITS) as usize & (SLOTS_MAX - 1),
            generation: (handle >> GENERATION_SHIFT) as u32,
        })
    }
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use super::*;

    #[test]
    fn handle_freed_is_stale_even_when_its_slot_is_used_again() {
        let table = Table::new(1);
        let first: Vec<u64> = (0..SHARDS as u64).map(|n| table.insert(n)).collect();
        assert_eq!(table.remove(first[0]), Some(0));
        assert_eq!(table.remove(first[0]), None);
        let again: Vec<u64> = (0..SHARDS as u64).map(|n| table.insert(n)).collect();
        assert_eq!(table.get(first[0]), None);
        assert!(again.iter().all(|handle| !first.contains(handle)));
        assert_eq!(table.live(), 2 * SHARDS as u64 - 1);
    }

    #[test]
    fn handle_foreign_or_invented_names_nothing() {
        let (one, two) = (Table::new(1), Table::<()>::new(2));
        let handle = one.insert(());
        assert_eq!(one.get(handle), Some(()));
        assert_eq!(two.get(handle), None);
        for garbage in
            [0, 1, u64::MAX, handle ^ 1, handle + (1 << GENERATION_SHIFT), handle | 1 << 20]
        {
            assert!(garbage == handle || one.get(garbage).is_none(), "{garbage:x}");
        }
    }

    #[test]
    fn slot_with_its_last_generation_is_retired() {
        let table = Table::new(3);
        let handle = table.insert(());
        lock(&table.shards[0]).slots[0].generation = u32::MAX;
        let last = handle | u64::from(u32::MAX) << GENERATION_SHIFT;
        assert_eq!(table.remove(last), Some(()));
        assert!(lock(&table.shards[0]).free.is_empty());
        assert_eq!(table.remove(last), None);
    }
}

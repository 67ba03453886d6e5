//! Hash tables that take little flash, with the part of the interface of `hashbrown` that this library uses.
//!
//! They hash with FNV-1a, which has no secret: whoever chooses names can make them collide. Memory bounds the time that this takes
//! on the devices that such builds are for.

use alloc::{collections::TryReserveError, vec::Vec};
use core::hash::{BuildHasher, Hash, Hasher};

/// Makes hashers.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct DefaultHashBuilder;

impl BuildHasher for DefaultHashBuilder {
    type Hasher = Fnv;

    fn build_hasher(&self) -> Fnv {
        Fnv(0x811c_9dc5)
    }
}

/// FNV-1a of 32 bits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fnv(u32);

impl Hasher for Fnv {
    #[inline(never)]
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    }

    fn finish(&self) -> u64 {
        // The lowest bits choose the slot.
        u64::from(self.0 ^ self.0 >> 15)
    }
}

/// A place for a number. `value` is `VACANT` if it has none.
#[derive(Debug, Clone, Copy)]
struct Slot {
    hash: u32,
    value: u32,
}

const VACANT: u32 = u32::MAX;

/// The fewest slots of a table that is not empty.
const FEWEST: usize = 4;

/// Numbers below `u32::MAX` by hashes. The number of slots is a power of two, or 0. A number is in the first slot after
/// the one that its hash chooses, so that no slot between the two is vacant.
#[derive(Debug, Clone)]
struct Numbers {
    slots: Vec<Slot>,
    len: usize,
}

impl Numbers {
    /// No numbers.
    const NONE: Self = Self { slots: Vec::new(), len: 0 };

    /// Returns the slot of the first number with this hash that `is_it` is true for, or the vacant one to put it in.
    /// There must be a vacant slot.
    #[inline(never)]
    fn place(&self, hash: u32, is_it: &mut dyn FnMut(&u32) -> bool) -> (usize, bool) {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot.value == VACANT {
                return (at, false);
            }
            if slot.hash == hash && is_it(&slot.value) {
                return (at, true);
            }
            at = (at + 1) & mask;
        }
    }

    fn find(&self, hash: u32, is_it: &mut dyn FnMut(&u32) -> bool) -> Option<usize> {
        if self.slots.is_empty() {
            return None;
        }
        let (at, found) = self.place(hash, is_it);
        found.then_some(at)
    }

    /// Reserves room for `additional` numbers, so that a quarter of the slots stays vacant.
    #[inline(never)]
    fn try_reserve(&mut self, additional: usize) -> Result<(), TryReserveError> {
        let len = self.len + additional;
        let least = len + len.div_ceil(3);
        if least <= self.slots.len() {
            return Ok(());
        }
        let count = least.next_power_of_two().max(FEWEST);
        let mut slots = Vec::new();
        slots.try_reserve_exact(count)?;
        slots.resize(count, Slot { hash: 0, value: VACANT });
        for slot in core::mem::replace(&mut self.slots, slots) {
            if slot.value != VACANT {
                let (at, _) = self.place(slot.hash, &mut |_| false);
                self.slots[at] = slot;
            }
        }
        Ok(())
    }

    #[inline(never)]
    fn insert(&mut self, hash: u32, value: u32) {
        if self.try_reserve(1).is_err() {
            alloc::alloc::handle_alloc_error(core::alloc::Layout::new::<Slot>());
        }
        let (at, _) = self.place(hash, &mut |_| false);
        self.slots[at] = Slot { hash, value };
        self.len += 1;
    }

    /// Removes the number in a slot, and moves those after it that are then not found any more.
    #[inline(never)]
    fn remove(&mut self, mut hole: usize) {
        let mask = self.slots.len() - 1;
        self.len -= 1;
        let mut at = hole;
        loop {
            self.slots[hole].value = VACANT;
            let slot = loop {
                at = (at + 1) & mask;
                let slot = self.slots[at];
                // How far it is from the slot that its hash chooses, and from the hole.
                if slot.value == VACANT
                    || (at.wrapping_sub(slot.hash as usize) & mask) >= (at.wrapping_sub(hole) & mask)
                {
                    break slot;
                }
            };
            if slot.value == VACANT {
                return;
            }
            self.slots[hole] = slot;
            hole = at;
        }
    }
}

/// Numbers by hashes.
#[derive(Debug, Clone)]
pub(crate) struct HashTable<T> {
    numbers: Numbers,
    of: core::marker::PhantomData<T>,
}

impl<T> Default for HashTable<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// The place of a number that is in a table, or is to be.
pub(crate) enum Entry<'a> {
    /// There is one.
    Occupied,
    /// There is none.
    Vacant(VacantEntry<'a>),
}

/// The place for a number.
pub(crate) struct VacantEntry<'a> {
    numbers: &'a mut Numbers,
    hash: u32,
}

impl VacantEntry<'_> {
    /// Adds the number.
    pub(crate) fn insert(self, value: u32) {
        self.numbers.insert(self.hash, value);
    }
}

/// A number in a table.
pub(crate) struct OccupiedEntry<'a> {
    numbers: &'a mut Numbers,
    at: usize,
}

impl OccupiedEntry<'_> {
    /// Removes the number.
    pub(crate) fn remove(self) {
        self.numbers.remove(self.at);
    }
}

impl<T> HashTable<T> {
    /// Makes a table without numbers.
    pub(crate) const fn new() -> Self {
        Self { numbers: Numbers::NONE, of: core::marker::PhantomData }
    }
}

impl HashTable<u32> {
    /// Returns the number with this hash that `is_it` is true for.
    pub(crate) fn find(&self, hash: u64, mut is_it: impl FnMut(&u32) -> bool) -> Option<&u32> {
        self.numbers.find(hash as u32, &mut is_it).map(|at| &self.numbers.slots[at].value)
    }

    /// Returns the number with this hash that `is_it` is true for, so that it can be removed.
    pub(crate) fn find_entry(
        &mut self,
        hash: u64,
        mut is_it: impl FnMut(&u32) -> bool,
    ) -> Result<OccupiedEntry<'_>, ()> {
        let at = self.numbers.find(hash as u32, &mut is_it).ok_or(())?;
        Ok(OccupiedEntry { numbers: &mut self.numbers, at })
    }

    /// Returns the place of the number with this hash that `is_it` is true for.
    pub(crate) fn entry(
        &mut self,
        hash: u64,
        mut is_it: impl FnMut(&u32) -> bool,
        _: impl Fn(&u32) -> u64,
    ) -> Entry<'_> {
        match self.numbers.find(hash as u32, &mut is_it) {
            Some(_) => Entry::Occupied,
            None => Entry::Vacant(VacantEntry { numbers: &mut self.numbers, hash: hash as u32 }),
        }
    }

    /// Adds a number that is not there.
    pub(crate) fn insert_unique(&mut self, hash: u64, value: u32, _: impl Fn(&u32) -> u64) {
        self.numbers.insert(hash as u32, value);
    }

    /// Reserves room for `additional` numbers.
    pub(crate) fn try_reserve(&mut self, additional: usize, _: impl Fn(&u32) -> u64) -> Result<(), TryReserveError> {
        self.numbers.try_reserve(additional)
    }
}

/// Values by keys.
#[derive(Debug)]
pub(crate) struct HashMap<K, V> {
    entries: Vec<(K, V)>,
    positions: Numbers,
}

impl<K, V> Default for HashMap<K, V> {
    fn default() -> Self {
        Self { entries: Vec::new(), positions: Numbers::NONE }
    }
}

impl<K: Hash + Eq, V> HashMap<K, V> {
    fn place(&self, key: &K) -> (u32, Option<usize>) {
        let hash = DefaultHashBuilder.hash_one(key) as u32;
        let found = self.positions.find(hash, &mut |&at| self.entries[at as usize].0 == *key);
        (hash, found.map(|at| self.positions.slots[at].value as usize))
    }

    /// Returns the value of a key.
    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.place(key).1.map(|at| &self.entries[at].1)
    }

    /// Returns the place of a key.
    pub(crate) fn entry(&mut self, key: K) -> MapEntry<'_, K, V> {
        let (hash, at) = self.place(&key);
        MapEntry { map: self, key, hash, at }
    }

    /// Adds a value for a key that has none.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        self.entry(key).or_insert(value);
    }

    /// Reserves room for `additional` values.
    pub(crate) fn try_reserve(&mut self, additional: usize) -> Result<(), TryReserveError> {
        self.entries.try_reserve(additional)?;
        self.positions.try_reserve(additional)
    }

    /// Removes all values.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// The place of a key.
pub(crate) struct MapEntry<'a, K, V> {
    map: &'a mut HashMap<K, V>,
    key: K,
    hash: u32,
    at: Option<usize>,
}

impl<'a, K, V> MapEntry<'a, K, V> {
    /// Returns the value of the key, which is `value` if it had none.
    pub(crate) fn or_insert(self, value: V) -> &'a mut V {
        let Self { map, key, hash, at } = self;
        let at = at.unwrap_or_else(|| {
            map.positions.insert(hash, map.entries.len() as u32);
            map.entries.push((key, value));
            map.entries.len() - 1
        });
        &mut map.entries[at].1
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, HashMap, HashTable, OccupiedEntry};

    /// Numbers that look random.
    fn numbers() -> impl Iterator<Item = u32> {
        core::iter::successors(Some(1_u32), |last| Some(last.wrapping_mul(1_664_525).wrapping_add(1_013_904_223)))
    }

    #[test]
    fn tables_do_what_those_of_hashbrown_do() {
        let (mut lean, mut other) = (HashTable::new(), hashbrown::HashTable::new());
        // Few hashes, so that many numbers have the same one.
        let hash = |&number: &u32| u64::from(number % 97 / 3);
        for (step, random) in numbers().take(20_000).enumerate() {
            let number = random >> 8 & 0xff;
            let is_it = |&other: &u32| other == number;
            assert_eq!(lean.find(hash(&number), is_it), other.find(hash(&number), is_it), "step {step}");
            if random >> 20 & 1 == 0 {
                let removed = lean.find_entry(hash(&number), is_it).map(OccupiedEntry::remove).is_ok();
                assert_eq!(
                    removed,
                    other.find_entry(hash(&number), is_it).map(hashbrown::hash_table::OccupiedEntry::remove).is_ok()
                );
            } else if let Entry::Vacant(entry) = lean.entry(hash(&number), is_it, hash) {
                entry.insert(number);
                assert!(other.find(hash(&number), is_it).is_none());
                other.insert_unique(hash(&number), number, hash);
            }
        }
        assert!(other.len() > 50);
        assert_eq!(lean.find(0, |_| false), None);
    }

    #[test]
    fn maps_keep_the_first_value() {
        let mut map = HashMap::default();
        for (index, key) in numbers().take(1000).map(|number| number % 100).enumerate() {
            let first = numbers().map(|number| number % 100).position(|other| other == key);
            assert_eq!(Some(*map.entry(key).or_insert(index)), first);
            assert_eq!(map.get(&key).copied(), first);
        }
        assert_eq!(map.get(&100), None);
        map.clear();
        assert_eq!(map.get(&1), None);
    }
}

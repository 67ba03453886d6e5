//! The locals of a function: their types, and their entries on the operand stack.

use alloc::vec::Vec;

use crate::{types::repr::Ty, validate::stack::Entry};

/// The locals of a function, parameters first.
#[derive(Debug, Default)]
pub(crate) struct LocalTypes {
    /// The entries that `local.get` pushes for the first locals, up to the first local that is not defaultable. Most
    /// functions have no others.
    first: Vec<Entry>,
    /// Runs of locals of one type, up to and including the other locals, as `(end, type)`.
    runs: Vec<(u32, Ty)>,
    len: u32,
    /// The lower bits of their entries.
    places: Places,
    /// The first local that is not in `first`, if there is one.
    limit: u32,
    /// Which locals from `limit` on have a value, one bit each. Empty if all locals are defaultable.
    set: Vec<u64>,
    /// The locals that got their first value, in order, each with the number of frames that were open.
    log: Vec<(usize, u32)>,
}

/// The lower bits of the entries of locals: `bits` and the slot, which is the index of the local. To indices after the
/// parameters, `gap` is added.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Places {
    pub(crate) bits: u64,
    pub(crate) params: u32,
    pub(crate) gap: u32,
}

impl Places {
    /// Returns the slot of `local`.
    #[inline]
    pub(crate) fn slot(self, local: u32) -> u16 {
        if local < self.params { local as u16 } else { (local + self.gap) as u16 }
    }

    /// Returns the lower bits of the entry of `local`.
    #[inline]
    fn of(self, local: u32) -> u64 {
        self.bits | u64::from(self.slot(local))
    }
}

/// The number of locals that are looked up without a search.
const MAX_FIRST: u32 = 256;

/// The most locals that a function may have, parameters included. Other engines have the same limit.
const MAX_LOCALS: u32 = 50_000;

impl LocalTypes {
    /// Begins a function with its parameters.
    pub(crate) fn begin(&mut self, params: &[Ty], places: Places) {
        self.first.clear();
        self.runs.clear();
        self.limit = MAX_FIRST;
        if !self.set.is_empty() {
            self.set.clear();
            self.log.clear();
        }
        self.places = places;
        self.len = params.len() as u32;
        let first = params.iter().take(MAX_FIRST as usize).zip(0..);
        self.first.extend(first.map(|(&ty, slot)| Entry::new(ty, places.bits | slot)));
        if self.len > MAX_FIRST {
            self.runs.extend(params.iter().zip(1..).skip(MAX_FIRST as usize).map(|(&ty, end)| (end, ty)));
        }
    }

    /// Appends `count` locals of type `ty`. Returns none if there are too many.
    pub(crate) fn push(&mut self, count: u32, ty: Ty) -> Option<()> {
        let start = self.len;
        let end = start.checked_add(count).filter(|&end| end <= MAX_LOCALS)?;
        self.len = end;
        let places = self.places;
        if !ty.is_defaultable() && count > 0 && self.set.is_empty() {
            // Missing words count as 0.
            self.set.push(0);
            self.limit = self.limit.min(start);
        }
        let first = start..end.min(self.limit);
        self.first.extend(first.map(|local| Entry::new(ty, places.bits | u64::from((local + places.gap) as u16))));
        if end > self.limit && count > 0 {
            self.runs.push((end, ty));
        }
        Some(())
    }

    /// Returns the lower bits of the entries.
    pub(crate) fn places(&self) -> Places {
        self.places
    }

    /// Returns the number of locals.
    pub(crate) fn len(&self) -> u32 {
        self.len
    }

    /// Returns the entry that `local.get` pushes, if there is such a local and it has a value.
    #[inline]
    pub(crate) fn get(&self, local: u32) -> Option<Entry> {
        match self.first.get(local as usize) {
            Some(&entry) => Some(entry),
            None => self.search(local).filter(|entry| entry.ty().is_defaultable() || self.is_set(local)),
        }
    }

    /// Notes that the local is set where `frames` are open. Returns the entry that `local.get` pushes, if there is such
    /// a local.
    #[inline]
    pub(crate) fn set(&mut self, local: u32, frames: usize) -> Option<Entry> {
        match self.first.get(local as usize) {
            Some(&entry) => Some(entry),
            None => self.search_to_set(local, frames),
        }
    }

    #[cold]
    fn search(&self, local: u32) -> Option<Entry> {
        let run = self.runs.partition_point(|&(end, _)| end <= local);
        self.runs.get(run).map(|run| Entry::new(run.1, self.places.of(local)))
    }

    #[cold]
    fn search_to_set(&mut self, local: u32, frames: usize) -> Option<Entry> {
        let entry = self.search(local)?;
        if !entry.ty().is_defaultable() && !self.is_set(local) {
            let (word, bit) = self.bit(local);
            if word >= self.set.len() {
                self.set.resize(word + 1, 0);
            }
            self.set[word] |= bit;
            self.log.push((frames, local));
        }
        Some(entry)
    }

    /// Returns the word and the bit in `set` of a local from `limit` on.
    fn bit(&self, local: u32) -> (usize, u64) {
        let at = local - self.limit;
        (at as usize / 64, 1 << (at % 64))
    }

    /// Whether a local that is not defaultable has a value. Parameters have one.
    fn is_set(&self, local: u32) -> bool {
        let (word, bit) = self.bit(local);
        local < self.places.params || self.set.get(word).is_some_and(|word| word & bit != 0)
    }

    /// Whether `leave` may have something to do.
    #[inline]
    pub(crate) fn were_set(&self) -> bool {
        !self.log.is_empty()
    }

    /// Unsets locals that got their first value where more than `frames` were open.
    #[cold]
    pub(crate) fn leave(&mut self, frames: usize) {
        while let Some(&(open, local)) = self.log.last()
            && open > frames
        {
            let (word, bit) = self.bit(local);
            self.set[word] &= !bit;
            self.log.pop();
        }
    }
}

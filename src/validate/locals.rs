//! Types of locals.

use alloc::vec::Vec;

use crate::{types::repr::Ty, validate::stack::Entry};

/// Types of locals, parameters first.
#[derive(Debug, Default)]
pub(crate) struct LocalTypes {
    /// The first locals, which most functions get along with, as they are when pushed: those before the first one that
    /// has no value from the start.
    first: Vec<Entry>,
    /// The others as runs: `(end, type)`.
    runs: Vec<(u32, Ty)>,
    len: u32,
    /// What is said of locals besides their types.
    places: Places,
    /// Locals below this one are in `first`.
    limit: u32,
    /// Which locals from `limit` on have a value, a bit each, if one of them has none from the start.
    set: Vec<u64>,
    /// Such locals in the order in which they got a value, each with the number of frames that were open.
    log: Vec<(usize, u32)>,
}

/// Bits of entries that are locals: `bits` and the index of the local, to which `gap` is added behind the parameters.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Places {
    pub(crate) bits: u64,
    pub(crate) params: u32,
    pub(crate) gap: u32,
}

impl Places {
    /// Where `local` is.
    #[inline]
    pub(crate) fn slot(self, local: u32) -> u16 {
        if local < self.params { local as u16 } else { (local + self.gap) as u16 }
    }

    /// The bits of `local`.
    #[inline]
    fn of(self, local: u32) -> u64 {
        self.bits | u64::from(self.slot(local))
    }
}

/// So many locals are looked up without a search.
const MAX_FIRST: u32 = 256;

/// Limit of the number of locals of a function, parameters included, as in other engines.
const MAX_LOCALS: u32 = 50_000;

impl LocalTypes {
    /// Begins with the parameters of a function.
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

    /// Appends `count` locals of type `ty`, unless there are too many.
    pub(crate) fn push(&mut self, count: u32, ty: Ty) -> Option<()> {
        let start = self.len;
        let end = start.checked_add(count).filter(|&end| end <= MAX_LOCALS)?;
        self.len = end;
        let places = self.places;
        if !ty.is_defaultable() && count > 0 && self.set.is_empty() {
            // The words that are not there yet are 0.
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

    /// What is said of locals besides their types.
    pub(crate) fn places(&self) -> Places {
        self.places
    }

    /// Number of locals.
    pub(crate) fn len(&self) -> u32 {
        self.len
    }

    /// What `local_get` pushes, if there is such a local and it has a value.
    #[inline]
    pub(crate) fn get(&self, local: u32) -> Option<Entry> {
        match self.first.get(local as usize) {
            Some(&entry) => Some(entry),
            None => self.search(local).filter(|entry| entry.ty().is_defaultable() || self.is_set(local)),
        }
    }

    /// What `local_get` pushes after the local was set where `frames` are open, if there is such a local.
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

    /// Where the bit of a local from `limit` on is.
    fn bit(&self, local: u32) -> (usize, u64) {
        let at = local - self.limit;
        (at as usize / 64, 1 << (at % 64))
    }

    /// Whether a local that has no value from the start has one: parameters have.
    fn is_set(&self, local: u32) -> bool {
        let (word, bit) = self.bit(local);
        local < self.places.params || self.set.get(word).is_some_and(|word| word & bit != 0)
    }

    /// Whether there may be something for `leave` to do.
    #[inline]
    pub(crate) fn were_set(&self) -> bool {
        !self.log.is_empty()
    }

    /// Forgets that locals have got a value where more than `frames` were open.
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

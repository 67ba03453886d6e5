//! Types of locals.

use alloc::vec::Vec;

use crate::{types::ValType, validate::stack::Entry};

/// Types of locals, parameters first.
#[derive(Debug, Default)]
pub(crate) struct LocalTypes {
    /// The first locals, which most functions get along with, as they are when pushed.
    first: Vec<Entry>,
    /// The others as runs: `(end, type)`.
    runs: Vec<(u32, ValType)>,
    len: u32,
    /// What is said of locals besides their types.
    places: Places,
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
    pub(crate) fn begin(&mut self, params: &[ValType], places: Places) {
        self.first.clear();
        self.runs.clear();
        self.len = 0;
        self.places = places;
        self.len = params.len() as u32;
        let first = params.iter().take(MAX_FIRST as usize).zip(0..);
        self.first.extend(first.map(|(&ty, slot)| Entry::new(ty, places.bits | slot)));
        if self.len > MAX_FIRST {
            self.runs.extend(params.iter().zip(1..).skip(MAX_FIRST as usize).map(|(&ty, end)| (end, ty)));
        }
    }

    /// Appends `count` locals of type `ty`, unless there are too many.
    pub(crate) fn push(&mut self, count: u32, ty: ValType) -> Option<()> {
        let start = self.len;
        let end = start.checked_add(count).filter(|&end| end <= MAX_LOCALS)?;
        self.len = end;
        let places = self.places;
        let first = start..end.min(MAX_FIRST);
        self.first.extend(first.map(|local| Entry::new(ty, places.bits | u64::from((local + places.gap) as u16))));
        if end > MAX_FIRST && count > 0 {
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

    /// What `local_get` pushes, if there is such a local.
    #[inline]
    pub(crate) fn get(&self, local: u32) -> Option<Entry> {
        match self.first.get(local as usize) {
            Some(&entry) => Some(entry),
            None => self.search(local),
        }
    }

    #[cold]
    fn search(&self, local: u32) -> Option<Entry> {
        let run = self.runs.partition_point(|&(end, _)| end <= local);
        self.runs.get(run).map(|run| Entry::new(run.1, self.places.of(local)))
    }
}

//! Types of locals.

use alloc::vec::Vec;

use crate::{types::ValType, validate::Entry};

/// Types of locals, parameters first, as runs: `(end, type)`.
#[derive(Debug, Default)]
pub(crate) struct LocalTypes {
    runs: Vec<(u32, ValType)>,
    /// The first locals, which most functions get along with, as they are when pushed.
    first: Vec<Entry>,
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
    /// The bits of `local`.
    #[inline]
    fn of(self, local: u32) -> u64 {
        self.bits | u64::from(if local < self.params { local as u16 } else { (local + self.gap) as u16 })
    }
}

/// So many locals are looked up without a search.
const MAX_FIRST: usize = 256;

/// Limit of the number of locals of a function, parameters included, as in other engines.
const MAX_LOCALS: u32 = 50_000;

impl LocalTypes {
    /// Begins with the parameters of a function.
    pub(crate) fn begin(&mut self, params: &[ValType], places: Places) {
        self.runs.clear();
        self.first.clear();
        self.places = places;
        for (&ty, end) in params.iter().zip(1..) {
            self.extend_runs(end, ty);
        }
        let first = params.iter().zip(0..).take(MAX_FIRST);
        self.first.extend(first.map(|(&ty, local)| Entry::new(ty, places.of(local))));
    }

    /// The locals now end at `end`, the last ones are of type `ty`.
    fn extend_runs(&mut self, end: u32, ty: ValType) {
        match self.runs.last_mut() {
            Some(run) if run.1 == ty => run.0 = end,
            _ => self.runs.push((end, ty)),
        }
    }

    /// Appends `count` locals of type `ty`, unless there are too many.
    pub(crate) fn push(&mut self, count: u32, ty: ValType) -> Option<()> {
        let start = self.len();
        let end = start.checked_add(count).filter(|&end| end <= MAX_LOCALS)?;
        if count > 0 {
            let places = self.places;
            let first = start..end.min(MAX_FIRST as u32);
            self.first.extend(first.map(|local| Entry::new(ty, places.of(local))));
            self.extend_runs(end, ty);
        }
        Some(())
    }

    /// Number of locals.
    pub(crate) fn len(&self) -> u32 {
        self.runs.last().map_or(0, |run| run.0)
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

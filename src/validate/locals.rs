//! Types of locals.

use alloc::vec::Vec;

use crate::types::ValType;

/// Types of locals, parameters first, as runs: `(end, type)`.
#[derive(Debug, Default)]
pub(crate) struct LocalTypes {
    runs: Vec<(u32, ValType)>,
    /// The types of the first locals, which most functions get along with.
    first: Vec<ValType>,
}

/// So many locals are looked up without a search.
const MAX_FIRST: usize = 256;

/// Limit of the number of locals of a function, parameters included, as in other engines.
const MAX_LOCALS: u32 = 50_000;

impl LocalTypes {
    /// Forgets all locals.
    pub(crate) fn clear(&mut self) {
        self.runs.clear();
        self.first.clear();
    }

    /// Appends `count` locals of type `ty`, unless there are too many.
    pub(crate) fn push(&mut self, count: u32, ty: ValType) -> Option<()> {
        let end = self.len().checked_add(count).filter(|&end| end <= MAX_LOCALS)?;
        if count > 0 {
            let first = self.first.len() + count as usize;
            self.first.resize(first.min(MAX_FIRST), ty);
            match self.runs.last_mut() {
                Some(run) if run.1 == ty => run.0 = end,
                _ => self.runs.push((end, ty)),
            }
        }
        Some(())
    }

    /// Number of locals.
    pub(crate) fn len(&self) -> u32 {
        self.runs.last().map_or(0, |run| run.0)
    }

    /// Type of `local`, if there is one.
    #[inline]
    pub(crate) fn get(&self, local: u32) -> Option<ValType> {
        if let Some(ty) = self.first.get(local as usize) {
            return Some(*ty);
        }
        self.search(local)
    }

    #[cold]
    fn search(&self, local: u32) -> Option<ValType> {
        let run = self.runs.partition_point(|&(end, _)| end <= local);
        self.runs.get(run).map(|run| run.1)
    }
}

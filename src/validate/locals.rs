//! The locals of a function: their types, and their entries on the operand stack.

use alloc::vec::Vec;

use crate::{
    types::{layout::cells_of, repr::Ty},
    validate::stack::Entry,
};

/// The locals of a function, parameters first.
#[derive(Debug, Default)]
pub(crate) struct LocalTypes {
    /// The entries that `local.get` pushes for the first locals, up to the first local that is not defaultable or is a
    /// vector. Most functions have no others.
    first: Vec<Entry>,
    /// Runs of locals of one type, up to and including the other locals.
    runs: Vec<Run>,
    len: u32,
    /// One past the last slot.
    slots: u32,
    /// The lower bits of their entries.
    places: Places,
    /// The number of parameters.
    params: u32,
    /// The first local that is not in `first`, if there is one.
    limit: u32,
    /// Which locals from `limit` on have a value, one bit each. Empty if all locals are defaultable.
    set: Vec<u64>,
    /// The locals that got their first value, in order, each with the number of frames that were open.
    log: Vec<(usize, u32)>,
    /// Whether locals that are not parameters are references.
    #[cfg(heap)]
    references: bool,
}

/// Locals of one type that follow each other: the first one, how many, the first slot, and the type.
#[cfg(any(heap, feature = "coredump"))]
pub(crate) type Locals = (u32, u32, u32, Ty);

/// Locals of one type that follow each other.
#[derive(Debug, Clone, Copy)]
struct Run {
    start: u32,
    end: u32,
    ty: Ty,
    /// The first slot of the first one.
    slot: u32,
}

impl Run {
    /// Returns the first slot of a local of the run, or the slot after the run if `local` is its end.
    fn slot(self, local: u32) -> u32 {
        self.slot + (local - self.start) * cells_of(self.ty) as u32
    }
}

/// The lower bits of the entries of locals: `bits` and the first slot. The first slot of a parameter is the number of
/// cells of the parameters before it; other locals begin at the slot `others`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Places {
    pub(crate) bits: u64,
    pub(crate) others: u32,
}

/// The number of locals that are looked up without a search.
const MAX_FIRST: u32 = 256;

/// The most locals that a function may have, parameters included. Other engines have the same limit.
const MAX_LOCALS: u32 = 50_000;

impl LocalTypes {
    /// Begins a function whose parameters have cells of these types.
    pub(crate) fn begin(&mut self, params: &[Ty], places: Places) {
        self.first.clear();
        self.runs.clear();
        self.limit = MAX_FIRST;
        #[cfg(heap)]
        {
            self.references = false;
        }
        if !self.set.is_empty() {
            self.set.clear();
            self.log.clear();
        }
        self.places = places;
        self.slots = places.others;
        self.len = params.len() as u32;
        let first = params.iter().take(MAX_FIRST as usize).take_while(|&&ty| ty != Ty::V128).zip(0..);
        self.first.extend(first.map(|(&ty, slot)| Entry::new(ty, places.bits | slot)));
        if self.first.len() < params.len() {
            self.other_params(params);
        }
        self.params = self.len;
    }

    /// Adds the parameters after the first ones.
    #[cold]
    fn other_params(&mut self, params: &[Ty]) {
        let first = self.first.len() as u32;
        self.limit = first;
        self.len = first;
        for (&ty, slot) in params.iter().zip(0..).skip(first as usize).filter(|&(&ty, _)| ty != Ty::V128_HIGH) {
            self.runs.push(Run { start: self.len, end: self.len + 1, ty, slot });
            self.len += 1;
        }
    }

    /// Appends `count` locals of type `ty`. Returns none if there are too many.
    pub(crate) fn push(&mut self, count: u32, ty: Ty) -> Option<()> {
        let start = self.len;
        let end = start.checked_add(count).filter(|&end| end <= MAX_LOCALS)?;
        self.len = end;
        let (bits, slot) = (self.places.bits, self.slots);
        self.slots = slot + count * cells_of(ty) as u32;
        if ty == Ty::V128 {
            self.limit = self.limit.min(start);
        }
        #[cfg(heap)]
        {
            self.references |= ty.is_ref();
        }
        if !ty.is_defaultable() && count > 0 && self.set.is_empty() {
            // Missing words count as 0.
            self.set.push(0);
            self.limit = self.limit.min(start);
        }
        let first = start..end.min(self.limit);
        self.first.extend(first.zip(slot..).map(|(_, slot)| Entry::new(ty, bits | u64::from(slot as u16))));
        if end > self.limit && count > 0 {
            self.runs.push(Run { start, end, ty, slot });
        }
        Some(())
    }

    /// Whether locals that are not parameters are references.
    #[cfg(heap)]
    pub(crate) fn has_references(&self) -> bool {
        self.references
    }

    /// All locals in order.
    #[cfg(any(heap, feature = "coredump"))]
    pub(crate) fn all(&self) -> impl Iterator<Item = Locals> + '_ {
        let listed = self.first.len() as u32;
        let first =
            self.first.iter().zip(0..).map(|(entry, local)| (local, 1, u32::from(entry.bits() as u16), entry.ty()));
        // A run may begin with locals that are listed one by one.
        let rest = self.runs.iter().filter(move |run| run.end > listed).map(move |run| {
            let start = run.start.max(listed);
            (start, run.end - start, run.slot(start), run.ty)
        });
        first.chain(rest)
    }

    /// Returns the number of parameters.
    pub(crate) fn params(&self) -> u32 {
        self.params
    }

    /// Returns one past the last slot.
    pub(crate) fn slots(&self) -> u32 {
        self.slots
    }

    /// Returns the number of cells of the locals that are not parameters.
    pub(crate) fn cells(&self) -> u32 {
        self.slots - self.places.others
    }

    /// Returns the first slot of `local`, or one past the last slot if it is the number of locals.
    pub(crate) fn slot(&self, local: u32) -> u32 {
        match self.run(local) {
            _ if local == self.len => self.slots,
            Some(run) => run.slot(local),
            None if local < self.params => local,
            None => local - self.params + self.places.others,
        }
    }

    /// Returns the number of locals.
    pub(crate) fn len(&self) -> u32 {
        self.len
    }

    /// Returns the entry that `local.get` pushes for one of the first locals.
    #[inline]
    pub(crate) fn first(&self, local: u32) -> Option<Entry> {
        self.first.get(local as usize).copied()
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

    /// Returns the run that the local is in, if it is in one.
    fn run(&self, local: u32) -> Option<Run> {
        let run = self.runs.partition_point(|run| run.end <= local);
        self.runs.get(run).copied().filter(|run| run.start <= local)
    }

    #[cold]
    fn search(&self, local: u32) -> Option<Entry> {
        self.run(local).map(|run| Entry::new(run.ty, self.places.bits | u64::from(run.slot(local) as u16)))
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
        local < self.params || self.set.get(word).is_some_and(|word| word & bit != 0)
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

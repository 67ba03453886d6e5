//! References that the host holds.
//!
//! A handle says where its reference is in a table of the store, which a collection visits. Entries are removed in
//! scopes: when one ends, all that were added since it began go. An entry and its handles have a generation, and no
//! other entry at the same place of the table ever has the same one. So a handle whose entry is gone is an error. What must live longer
//! has an owner, outside of the table.

use alloc::{sync::Arc, vec::Vec};

use spin::Mutex;

use crate::error::kinds::RefError;

/// The generation of a handle that says itself what it refers to, a value of the host that lives as long as its store.
const PINNED: u32 = 0;
/// The generation of a handle that says itself what it refers to, an i31.
const IMMEDIATE: u32 = u32::MAX;

/// A handle of the host.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Root {
    store: usize,
    /// Its place in the table, the number of the value of the host, or the cell of the i31.
    index: u32,
    generation: u32,
}

/// What a handle says.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Told {
    /// Where its reference is in the table
    Entry,
    /// The number of a value of the host, and its store
    Pinned { store: usize, number: u32 },
    /// The cell of an i31
    Immediate(u64),
}

impl Root {
    /// The handle of a value of the host that lives as long as its store.
    pub(crate) const fn pinned(store: usize, number: u32) -> Self {
        Self { store, index: number, generation: PINNED }
    }

    /// The handle of an i31 in a cell. It does not belong to a store.
    pub(crate) const fn immediate(cell: u32) -> Self {
        Self { store: 0, index: cell, generation: IMMEDIATE }
    }

    /// What the handle says.
    #[inline]
    pub(crate) fn told(self) -> Told {
        match self.generation {
            PINNED => Told::Pinned { store: self.store, number: self.index },
            IMMEDIATE => Told::Immediate(self.index.into()),
            _ => Told::Entry,
        }
    }
}

/// A reference that lives as long as its owners.
#[derive(Debug)]
pub(crate) struct Owned {
    store: usize,
    cell: u64,
}

#[derive(Debug)]
struct Entry {
    cell: u64,
    /// What handles of the entry have as their store.
    store: usize,
    generation: u32,
}

/// The references that handles of the host refer to.
#[derive(Debug)]
pub(crate) struct Roots {
    // The host gets references from what it has a shared reference to.
    table: Mutex<Table>,
}

#[derive(Debug)]
struct Table {
    /// What new handles have as their store.
    store: usize,
    /// The generation of new entries.
    generation: u32,
    entries: Vec<Entry>,
    owned: Vec<Arc<Owned>>,
    /// The number of `owned` at which those without owners are removed.
    next_sweep: usize,
}

/// The number of references with owners among which none is sought that has lost them.
const MIN_SWEEP: usize = 64;

impl Roots {
    /// A table for a store with this number.
    pub(crate) fn new(store: usize) -> Self {
        let table =
            Table { store, generation: PINNED + 1, entries: Vec::new(), owned: Vec::new(), next_sweep: MIN_SWEEP };
        Self { table: Mutex::new(table) }
    }

    /// Adds a reference. Returns its handle.
    pub(crate) fn push(&self, cell: u64) -> Root {
        let Table { store, generation, entries, .. } = &mut *self.table.lock();
        let index = u32::try_from(entries.len()).expect("fewer than 2^32 roots");
        entries.push(Entry { cell, store: *store, generation: *generation });
        Root { store: *store, index, generation: *generation }
    }

    /// Returns the reference of a handle that has an entry; `store` is the number of the store.
    ///
    /// # Errors
    ///
    /// If the handle belongs to another store, or its scope has ended.
    pub(crate) fn cell(&self, root: Root, store: usize) -> Result<u64, RefError> {
        let table = self.table.lock();
        match table.entries.get(root.index as usize) {
            Some(entry) if (entry.store, entry.generation) == (root.store, root.generation) => Ok(entry.cell),
            _ if root.store == store || root.store == table.store => Err(RefError::ScopeEnded),
            _ => Err(RefError::OtherStore),
        }
    }

    /// Returns the number of entries, with which a scope begins.
    #[inline]
    pub(crate) fn begin_scope(&mut self) -> usize {
        self.table.get_mut().entries.len()
    }

    /// Removes the entries of a scope that began with `len`. `id` returns a number that no store has or had.
    #[inline]
    pub(crate) fn end_scope(&mut self, len: usize, id: impl FnOnce() -> usize) {
        let table = self.table.get_mut();
        if table.entries.len() > len {
            table.truncate(len, id);
        }
    }

    /// Adds a reference that lives as long as it has owners other than the table.
    pub(crate) fn own(&mut self, cell: u64, store: usize) -> Arc<Owned> {
        let Table { owned, next_sweep, .. } = self.table.get_mut();
        if owned.len() >= *next_sweep {
            owned.retain(|owned| Arc::strong_count(owned) > 1);
            *next_sweep = (2 * owned.len()).max(MIN_SWEEP);
        }
        let new = Arc::new(Owned { store, cell });
        owned.push(new.clone());
        new
    }

    /// Passes all references to `each`.
    pub(crate) fn visit(&mut self, mut each: impl FnMut(u64)) {
        let Table { entries, owned, .. } = self.table.get_mut();
        entries.iter().for_each(|entry| each(entry.cell));
        owned.retain(|owned| Arc::strong_count(owned) > 1);
        owned.iter().for_each(|owned| each(owned.cell));
    }
}

impl Owned {
    /// Returns the reference; `store` is the number of the store.
    ///
    /// # Errors
    ///
    /// If it belongs to another store.
    pub(crate) fn cell(&self, store: usize) -> Result<u64, RefError> {
        if self.store == store { Ok(self.cell) } else { Err(RefError::OtherStore) }
    }
}

impl Table {
    #[cold]
    fn truncate(&mut self, len: usize, id: impl FnOnce() -> usize) {
        self.entries.truncate(len);
        self.generation += 1;
        if self.generation == IMMEDIATE {
            // Handles differ from those of all generations before by what they have as their store.
            self.store = id();
            self.generation = PINNED + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{IMMEDIATE, PINNED, Roots};
    use crate::error::kinds::RefError;

    #[test]
    fn handles_end_with_their_scope() {
        let mut roots = Roots::new(7);
        let outer = roots.push(8);
        let scope = roots.begin_scope();
        let inner = roots.push(16);
        assert_eq!((roots.cell(outer, 7), roots.cell(inner, 7)), (Ok(8), Ok(16)));
        roots.end_scope(scope, || unreachable!("few generations"));
        assert_eq!(roots.cell(inner, 7), Err(RefError::ScopeEnded));
        let next = roots.push(24);
        assert_eq!((roots.cell(inner, 7), roots.cell(next, 7)), (Err(RefError::ScopeEnded), Ok(24)));
        assert_eq!(Roots::new(8).cell(outer, 8), Err(RefError::OtherStore));
        assert_eq!(roots.cell(outer, 7), Ok(8));
    }

    #[test]
    fn generations_do_not_repeat() {
        let mut roots = Roots::new(7);
        let outer = roots.push(8);
        let first = roots.push(16);
        roots.table.get_mut().generation = IMMEDIATE - 2;
        for id in 100..104 {
            roots.table.get_mut().generation = IMMEDIATE - 1;
            let last = roots.push(24);
            roots.end_scope(1, || id);
            assert_eq!(roots.table.get_mut().generation, PINNED + 1);
            // The generation of `first`.
            let new = roots.push(32);
            assert_eq!(roots.cell(new, 7), Ok(32));
            assert!(roots.cell(first, 7).is_err() && roots.cell(last, 7).is_err());
            assert_eq!(roots.cell(outer, 7), Ok(8));
        }
    }

    #[test]
    fn references_with_owners_stay() {
        let mut roots = Roots::new(7);
        let seen = |roots: &mut Roots| {
            let mut cells = alloc::vec::Vec::new();
            roots.visit(|cell| cells.push(cell));
            cells
        };
        let first = roots.own(8, 7);
        let second = (roots.own(16, 7), first.clone());
        assert_eq!(seen(&mut roots), [8, 16]);
        drop(first);
        assert_eq!(seen(&mut roots), [8, 16]);
        drop(second);
        assert_eq!(seen(&mut roots), []);
        for cell in 0..100_000 {
            roots.own(cell << 3, 7);
        }
        assert!(roots.table.get_mut().owned.len() < 1000, "those without owners go");
    }
}

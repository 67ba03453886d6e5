//! The operand stack at translation time: where each value is.

use alloc::vec::Vec;

use crate::types::ValType;

/// Where the value of a stack entry is.
// Two whole words, which are faster to copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub(crate) enum Place {
    /// In the slot of a local that was not written since.
    Local(u16),
    /// Known: the bits of a constant.
    Constant(u64),
    /// In the canonical slot of its stack position.
    Temporary,
    /// The pending value of the builder: staged, or in an accumulator alone.
    Pending,
}

/// A value on the operand stack.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) place: Place,
    pub(crate) ty: ValType,
}

/// The operand stack.
#[derive(Debug, Default)]
pub(crate) struct OperandStack {
    entries: Vec<Entry>,
    /// Below this position no entry is a local. It may be above the stack, and then none is.
    first_local: usize,
}

/// So many entries are looked through when a local is written; if there may be locals deeper down, all are
/// moved away at once, which keeps translation linear.
const MAX_SEARCHED: usize = 32;

impl OperandStack {
    /// Forgets everything, keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.first_local = 0;
    }

    /// Number of entries.
    #[inline]
    pub(crate) fn height(&self) -> usize {
        self.entries.len()
    }

    /// Whether an entry may be a local.
    #[inline]
    pub(crate) fn has_locals(&self) -> bool {
        self.first_local < self.entries.len()
    }

    /// Pushes an entry.
    #[inline]
    pub(crate) fn push(&mut self, place: Place, ty: ValType) {
        if let Place::Local(_) = place {
            self.first_local = self.first_local.min(self.entries.len());
        }
        self.entries.push(Entry { place, ty });
    }

    /// Pops an entry; validation guarantees that there is one.
    #[inline]
    pub(crate) fn pop(&mut self) -> Entry {
        self.entries.pop().unwrap_or(Entry { place: Place::Constant(0), ty: ValType::I32 })
    }

    /// The entry at `position`.
    #[inline]
    pub(crate) fn get(&self, position: usize) -> Entry {
        self.entries[position]
    }

    /// The topmost entry.
    #[inline]
    pub(crate) fn top(&self) -> Option<Entry> {
        self.entries.last().copied()
    }

    /// Says that the entry at `position` is now in its canonical slot.
    #[inline]
    pub(crate) fn set_temporary(&mut self, position: usize) {
        self.entries[position].place = Place::Temporary;
    }

    /// Drops entries above `height`.
    #[inline]
    pub(crate) fn truncate(&mut self, height: usize) {
        self.entries.truncate(height);
    }

    /// Takes the next local entry from `position` on that must be moved away before `local` is written:
    /// one that is this local, or any if `local` is none or there may be many. It counts as a temporary
    /// afterwards. Gives its position and its slot.
    pub(crate) fn take_local(&mut self, search: &mut Search) -> Option<(usize, u16)> {
        while let Some(entry) = self.entries.get_mut(search.position) {
            let position = search.position;
            search.position += 1;
            if let Place::Local(slot) = entry.place {
                if search.local.is_none_or(|local| local == slot) {
                    entry.place = Place::Temporary;
                    return Some((position, slot));
                }
                search.first_left = search.first_left.min(position);
            }
        }
        self.first_local = search.first_left;
        None
    }

    /// Begins to take entries that are this local, or all that are locals.
    #[inline]
    pub(crate) fn search(&self, local: Option<u16>) -> Search {
        let few = self.entries.len() - self.first_local.min(self.entries.len()) <= MAX_SEARCHED;
        Search { local: local.filter(|_| few), position: self.first_local, first_left: usize::MAX }
    }
}

/// Where a search for locals on the stack is.
#[derive(Debug)]
pub(crate) struct Search {
    local: Option<u16>,
    position: usize,
    /// The first local that was not taken.
    first_left: usize,
}

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
    /// Positions of entries that are locals, ascending.
    locals: Vec<u32>,
    /// The greatest height so far.
    max_height: usize,
}

/// So many local entries are looked through when a local is written; more are moved away at once,
/// which keeps translation linear.
const MAX_LOCALS_SEARCHED: usize = 16;

impl OperandStack {
    /// Forgets everything, keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.locals.clear();
        self.max_height = 0;
    }

    /// Number of entries.
    #[inline]
    pub(crate) fn height(&self) -> usize {
        self.entries.len()
    }

    /// The greatest height so far.
    pub(crate) fn max_height(&self) -> usize {
        self.max_height
    }

    /// Whether an entry is a local.
    #[inline]
    pub(crate) fn has_locals(&self) -> bool {
        !self.locals.is_empty()
    }

    /// Pushes an entry.
    #[inline]
    pub(crate) fn push(&mut self, place: Place, ty: ValType) {
        if let Place::Local(_) = place {
            self.locals.push(self.entries.len() as u32);
        }
        self.entries.push(Entry { place, ty });
        self.max_height = self.max_height.max(self.entries.len());
    }

    /// Pops an entry; validation guarantees that there is one.
    #[inline]
    pub(crate) fn pop(&mut self) -> Entry {
        let entry = self.entries.pop().unwrap_or(Entry { place: Place::Constant(0), ty: ValType::I32 });
        if let Place::Local(_) = entry.place {
            self.locals.pop();
        }
        entry
    }

    /// The entry at `position`.
    #[inline]
    pub(crate) fn get(&self, position: usize) -> Entry {
        self.entries[position]
    }

    /// The topmost entry.
    pub(crate) fn top(&self) -> Option<Entry> {
        self.entries.last().copied()
    }

    /// Says that the entry at `position` is now in its canonical slot.
    pub(crate) fn set_temporary(&mut self, position: usize) {
        if let Place::Local(_) = self.entries[position].place
            && let Ok(i) = self.locals.binary_search(&(position as u32))
        {
            self.locals.remove(i);
        }
        self.entries[position].place = Place::Temporary;
    }

    /// Drops entries above `height`.
    pub(crate) fn truncate(&mut self, height: usize) {
        self.entries.truncate(height);
        while self.locals.last().is_some_and(|&position| position as usize >= height) {
            self.locals.pop();
        }
    }

    /// Takes the positions of local entries that must be moved away before `local` is written:
    /// those that are this local, or all if there are many. They count as temporaries afterwards.
    pub(crate) fn take_locals(&mut self, local: u16, moved: &mut Vec<(u32, u16)>) {
        if self.locals.len() > MAX_LOCALS_SEARCHED {
            return self.take_all_locals(moved);
        }
        let entries = &mut self.entries;
        self.locals.retain(|&position| {
            let entry = &mut entries[position as usize];
            let keep = entry.place != Place::Local(local);
            if !keep {
                entry.place = Place::Temporary;
                moved.push((position, local));
            }
            keep
        });
    }

    /// Takes all local entries; they count as temporaries afterwards.
    pub(crate) fn take_all_locals(&mut self, moved: &mut Vec<(u32, u16)>) {
        for position in self.locals.drain(..) {
            let entry = &mut self.entries[position as usize];
            if let Place::Local(slot) = entry.place {
                entry.place = Place::Temporary;
                moved.push((position, slot));
            }
        }
    }
}

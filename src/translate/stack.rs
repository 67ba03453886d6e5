//! The operand stack at translation time: where each value is.

use alloc::vec::Vec;
use core::fmt;

use crate::types::ValType;

/// Where the value of a stack entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
// Two words, which are passed in registers and stored and loaded whole.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    payload: u64,
    tag: u64,
}

const LOCAL: u8 = 0;
const CONSTANT: u8 = 1;
const TEMPORARY: u8 = 2;
const PENDING: u8 = 3;

impl Entry {
    /// A value of type `ty` at `place`.
    #[inline]
    pub(crate) fn new(place: Place, ty: ValType) -> Self {
        let (kind, payload) = match place {
            Place::Local(slot) => (LOCAL, u64::from(slot)),
            Place::Constant(bits) => (CONSTANT, bits),
            Place::Temporary => (TEMPORARY, 0),
            Place::Pending => (PENDING, 0),
        };
        Self { payload, tag: u64::from(kind) | (ty as u64) << 8 }
    }

    /// The same value at another place.
    #[inline]
    pub(crate) fn with_place(self, place: Place) -> Self {
        let Self { payload, tag } = Self::new(place, ValType::I32);
        Self { payload, tag: tag | self.tag & !0xff }
    }

    /// Where it is.
    #[inline]
    pub(crate) fn place(self) -> Place {
        match self.tag as u8 {
            LOCAL => Place::Local(self.payload as u16),
            CONSTANT => Place::Constant(self.payload),
            TEMPORARY => Place::Temporary,
            _ => Place::Pending,
        }
    }

    /// Its type.
    #[inline]
    pub(crate) fn ty(self) -> ValType {
        const TYPES: [ValType; 8] = [
            ValType::I32,
            ValType::I64,
            ValType::F32,
            ValType::F64,
            ValType::V128,
            ValType::FuncRef,
            ValType::ExternRef,
            ValType::ExternRef,
        ];
        TYPES[(self.tag >> 8 & 7) as usize]
    }

    /// Whether it is the pending value.
    #[inline]
    pub(crate) fn is_pending(self) -> bool {
        self.tag as u8 == PENDING
    }

    /// Whether it is in its canonical slot.
    #[inline]
    pub(crate) fn is_temporary(self) -> bool {
        self.tag as u8 == TEMPORARY
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("place", &self.place()).field("ty", &self.ty()).finish()
    }
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
        self.entries.push(Entry::new(place, ty));
    }

    /// Pops an entry; validation guarantees that there is one.
    #[inline]
    pub(crate) fn pop(&mut self) -> Entry {
        self.entries.pop().unwrap_or(Entry { payload: 0, tag: u64::from(CONSTANT) })
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
        self.entries[position] = self.entries[position].with_place(Place::Temporary);
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
            if let Place::Local(slot) = entry.place() {
                if search.local.is_none_or(|local| local == slot) {
                    *entry = entry.with_place(Place::Temporary);
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

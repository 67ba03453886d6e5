//! The operand stack at translation time: where each value is.

use crate::{
    ir::{encode::Operand, operand::Slot},
    translate::{
        builder::Builder,
        place::{CONSTANT, LARGE, Place, TEMPORARY},
    },
    types::ValType,
    validate::Entry,
};

/// So many entries are looked through when a local is written; if there may be locals deeper down, all are
/// moved away at once, which keeps translation linear.
const MAX_SEARCHED: usize = 32;

/// The operand stack.
impl Builder<'_> {
    /// Number of entries.
    #[inline]
    pub(crate) fn height(&self) -> usize {
        self.validation.entries.len()
    }

    /// The canonical slot of `position`; truncated if there are not so many slots.
    #[inline]
    pub(crate) fn slot_at(&self, position: usize) -> Slot {
        Slot((self.first_temporary + position) as u16)
    }

    /// Pushes an entry that is no local.
    #[inline]
    pub(crate) fn push(&mut self, entry: Entry) {
        self.validation.entries.push(entry);
    }

    /// Pushes an entry that is a local.
    #[inline]
    pub(crate) fn push_local(&mut self, entry: Entry) {
        self.first_local = self.first_local.min(self.height());
        self.push(entry);
    }

    /// Pushes a value in its canonical slot.
    #[inline]
    pub(crate) fn push_temporary(&mut self, ty: ValType) {
        self.push(Entry::temporary(self.slot_at(self.height()), ty));
    }

    /// Pushes a constant.
    pub(crate) fn push_constant(&mut self, bits: u64, ty: ValType) {
        let entry = self.constant(bits, ty);
        self.push(entry);
    }

    /// A constant of type `ty`.
    #[inline]
    pub(crate) fn constant(&mut self, bits: u64, ty: ValType) -> Entry {
        let low = bits & u64::from(u32::MAX);
        match bits >> 32 {
            0 if low >> 31 == 0 || matches!(ty, ValType::I32 | ValType::F32) => Entry::new(ty, CONSTANT | low),
            HIGH if low >> 31 != 0 => Entry::new(ty, CONSTANT | Operand::NEGATIVE | low),
            _ => self.pooled(bits, ty),
        }
    }

    /// A constant that goes to the pool.
    #[cold]
    fn pooled(&mut self, bits: u64, ty: ValType) -> Entry {
        let place = if ty == ValType::F64 { CONSTANT } else { LARGE };
        let index = self.pool.len() as u64;
        self.pool.push(bits);
        Entry::new(ty, place | Operand::POOLED | index)
    }

    /// The bits of a constant.
    #[inline]
    pub(crate) fn bits_of(&self, entry: Entry) -> u64 {
        entry.wide_immediate().wide(&self.pool)
    }

    /// Pops an entry; validation guarantees that there is one.
    #[inline]
    pub(crate) fn pop(&mut self) -> Entry {
        self.validation.entries.pop().unwrap_or(Entry::i32(0))
    }

    /// Pops two entries, the topmost one last; validation guarantees that there are two.
    #[inline]
    pub(crate) fn pop_two(&mut self) -> [Entry; 2] {
        let entries = &mut self.validation.entries;
        let Some((below, &two)) = entries.split_last_chunk() else {
            return [Entry::i32(0); 2];
        };
        let height = below.len();
        entries.truncate(height);
        two
    }

    /// The entry at `position`.
    #[inline]
    pub(crate) fn entry_at(&self, position: usize) -> Entry {
        self.validation.entries[position]
    }

    /// The topmost entry.
    #[inline]
    pub(crate) fn top(&self) -> Option<Entry> {
        self.validation.entries.last().copied()
    }

    /// Says that the entry at `position` is now in its canonical slot; gives that.
    #[inline]
    pub(crate) fn set_temporary(&mut self, position: usize) -> Slot {
        let slot = self.slot_at(position);
        let entry = &mut self.validation.entries[position];
        *entry = entry.with_bits(TEMPORARY | u64::from(slot.0));
        slot
    }

    /// Drops entries above `height`.
    #[inline]
    pub(crate) fn truncate(&mut self, height: usize) {
        self.validation.entries.truncate(height);
    }

    /// Whether an entry may be a local.
    #[inline]
    pub(crate) fn has_locals(&self) -> bool {
        self.first_local < self.height()
    }

    /// Takes the next local entry from `position` on that must be moved away before `local` is written:
    /// one that is this local, or any if `local` is none or there may be many. It counts as a temporary
    /// afterwards. Gives its position and its slot.
    pub(crate) fn take_local(&mut self, search: &mut Search) -> Option<(usize, u16)> {
        while let Some(entry) = self.validation.entries.get(search.position) {
            let position = search.position;
            search.position += 1;
            if let Place::Local(slot) = entry.place() {
                if search.local.is_none_or(|local| local == slot) {
                    self.set_temporary(position);
                    return Some((position, slot));
                }
                search.first_left = search.first_left.min(position);
            }
        }
        self.first_local = search.first_left;
        None
    }

    /// Lets entries that are the local at `from` be the one at `to`, which has the same value; false if there may
    /// be too many to look through.
    pub(crate) fn rename_local(&mut self, from: u16, to: u16) -> bool {
        let first = self.first_local.min(self.height());
        let entries = &mut self.validation.entries[first..];
        if entries.len() > MAX_SEARCHED {
            return false;
        }
        for entry in entries.iter_mut().filter(|entry| entry.place() == Place::Local(from)) {
            *entry = entry.in_slot(to);
        }
        true
    }

    /// Begins to take entries that are this local, or all that are locals.
    #[inline]
    pub(crate) fn search(&self, local: Option<u16>) -> Search {
        let few = self.height() - self.first_local.min(self.height()) <= MAX_SEARCHED;
        Search { local: local.filter(|_| few), position: self.first_local, first_left: usize::MAX }
    }
}

/// The upper half of a negative number that 32 bits suffice for.
const HIGH: u64 = u32::MAX as u64;

/// Where a search for locals on the stack is.
#[derive(Debug)]
pub(crate) struct Search {
    local: Option<u16>,
    position: usize,
    /// The first local that was not taken.
    first_left: usize,
}

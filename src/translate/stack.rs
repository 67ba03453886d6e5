//! The operand stack at translation time: where each value is.

use core::fmt;

use crate::{
    ir::{encode::Operand, opcode::Kind, operand::Slot},
    translate::builder::Builder,
    types::ValType,
    validate::Entry,
};

/// Where the value of a stack entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the slot of a local that was not written since.
    Local(u16),
    /// Known: a constant.
    Constant,
    /// In the canonical slot of its stack position.
    Temporary(Slot),
    /// The pending value of the builder: staged, or in an accumulator alone.
    Pending,
}

/// Bits of entries, above those of the operand that the value would be: where the value is,
const IS_LOCAL: u64 = 1 << 36;
const IS_TEMPORARY: u64 = 1 << 37;
const IS_CONSTANT: u64 = 1 << 38;
const IS_PENDING: u64 = 1 << 39;
/// and that it is a constant too large for an immediate.
const IS_LARGE: u64 = 1 << 40;

/// What entries say of places.
pub(super) const LOCAL: u64 = Operand::of_kind(Kind::Slot).word() | IS_LOCAL;
const TEMPORARY: u64 = Operand::of_kind(Kind::Slot).word() | IS_TEMPORARY;
const CONSTANT: u64 = Operand::of_kind(Kind::Imm).word() | IS_CONSTANT;
const LARGE: u64 = Operand::of_kind(Kind::Slot).word() | IS_CONSTANT | IS_LARGE;
const PENDING: u64 = Operand::of_kind(Kind::Acc).word() | IS_PENDING;

impl Entry {
    /// A value of type `ty` that is the pending value.
    #[inline]
    pub(crate) const fn pending(ty: ValType) -> Self {
        Self::new(ty, PENDING)
    }

    /// A constant of type `i32`.
    #[inline]
    pub(crate) const fn i32(value: u32) -> Self {
        Self::new(ValType::I32, CONSTANT | value as u64)
    }

    /// A value of type `ty` in its canonical slot.
    #[inline]
    pub(crate) const fn temporary(slot: Slot, ty: ValType) -> Self {
        Self::new(ty, TEMPORARY | slot.0 as u64)
    }

    /// The slot that it is in, if it is in one.
    #[inline]
    pub(crate) const fn slot(self) -> Slot {
        Slot(self.bits() as u16)
    }

    /// The same, with its value in another slot.
    #[inline]
    pub(crate) const fn in_slot(self, slot: u16) -> Self {
        self.with_bits(self.bits() & !(u16::MAX as u64) | slot as u64)
    }

    /// Where it is.
    #[inline]
    pub(crate) fn place(self) -> Place {
        match self.bits() & (IS_LOCAL | IS_TEMPORARY | IS_CONSTANT) {
            IS_LOCAL => Place::Local(self.bits() as u16),
            IS_TEMPORARY => Place::Temporary(Slot(self.bits() as u16)),
            IS_CONSTANT => Place::Constant,
            _ => Place::Pending,
        }
    }

    /// The operand that it is, if it needs nothing before: the accumulator if it is pending, some slot if it is a
    /// constant that is no immediate.
    #[inline]
    pub(crate) const fn operand(self) -> Operand {
        Operand::new(self.bits())
    }

    /// The immediate that it is where immediates have 64 bits, if it is a constant.
    pub(crate) fn wide_immediate(self) -> Operand {
        Operand::new(self.bits() & !LARGE | Operand::of_kind(Kind::Imm).word())
    }

    /// Whether one of `entries` must be emitted before it can be used.
    #[inline]
    pub(crate) fn some_need_code<const N: usize>(entries: [Self; N]) -> bool {
        Self::some_have(entries, IS_PENDING | IS_LARGE)
    }

    /// Whether one of `entries` is a constant that is no immediate.
    #[inline]
    pub(crate) fn some_are_large<const N: usize>(entries: [Self; N]) -> bool {
        Self::some_have(entries, IS_LARGE)
    }

    /// Whether one of `entries` is the pending value.
    #[inline]
    pub(crate) fn is_one_pending<const N: usize>(entries: [Self; N]) -> bool {
        Self::some_have(entries, IS_PENDING)
    }

    /// Whether one of `entries` has one of these bits.
    #[inline]
    fn some_have<const N: usize>(entries: [Self; N], bits: u64) -> bool {
        entries.iter().fold(0, |all, entry| all | entry.bits()) & bits != 0
    }

    /// Whether it is the pending value.
    #[inline]
    pub(crate) const fn is_pending(self) -> bool {
        self.bits() & IS_PENDING != 0
    }

    /// Whether it is in the slot of a local.
    #[inline]
    pub(crate) const fn is_local(self) -> bool {
        self.bits() & IS_LOCAL != 0
    }

    /// Whether it is in its canonical slot.
    #[inline]
    pub(crate) const fn is_temporary(self) -> bool {
        self.bits() & IS_TEMPORARY != 0
    }

    /// Whether it is a constant.
    #[inline]
    pub(crate) const fn is_constant(self) -> bool {
        self.bits() & IS_CONSTANT != 0
    }

    /// Whether it is a constant of more than 32 bits, which stands in the pool.
    #[inline]
    pub(crate) const fn is_pooled(self) -> bool {
        self.bits() & Operand::POOLED != 0
    }

    /// The immediate of 32 bits that ops extend to its type, if it is such a constant.
    #[inline]
    pub(crate) fn as_imm32(self) -> Option<u32> {
        (self.bits() & (IS_CONSTANT | Operand::POOLED) == IS_CONSTANT).then_some(self.bits() as u32)
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("place", &self.place()).field("ty", &self.ty()).finish()
    }
}

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

//! The operand stack at translation time: where each value is.

use alloc::vec::Vec;
use core::fmt;

use crate::{
    ir::{encode::Operand, opcode::Kind, operand::Slot},
    types::ValType,
};

/// Where the value of a stack entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the slot of a local that was not written since.
    Local(u16),
    /// Known: the bits of a constant.
    Constant(u64),
    /// In the canonical slot of its stack position.
    Temporary(Slot),
    /// The pending value of the builder: staged, or in an accumulator alone.
    Pending,
}

/// A value on the operand stack: the bits of the operand that it would be, and a tag with the kind of that operand,
/// the place and the type of the value.
// Two words, which are passed in registers and stored and loaded whole.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    bits: u64,
    tag: u64,
}

/// Bits of tags, above the two of the operand's `Kind`: where the value is,
const IS_LOCAL: u64 = 1 << 2;
const IS_TEMPORARY: u64 = 1 << 3;
const IS_CONSTANT: u64 = 1 << 4;
const IS_PENDING: u64 = 1 << 5;
/// and that it is a constant too large for an immediate.
const IS_LARGE: u64 = 1 << 6;
/// Where the type begins.
const TYPE: u32 = 8;

/// Tags of places.
const LOCAL: u64 = Kind::Slot as u64 | IS_LOCAL;
const TEMPORARY: u64 = Kind::Slot as u64 | IS_TEMPORARY;
const CONSTANT: u64 = Kind::Imm as u64 | IS_CONSTANT;
const LARGE: u64 = Kind::Slot as u64 | IS_CONSTANT | IS_LARGE;
const PENDING: u64 = Kind::Acc as u64 | IS_PENDING;

impl Entry {
    /// A value of type `ty` that is the pending value.
    #[inline]
    pub(crate) fn pending(ty: ValType) -> Self {
        Self { bits: 0, tag: PENDING | (ty as u64) << TYPE }
    }

    /// A value of type `ty` in the slot of a local.
    #[inline]
    pub(crate) fn local(slot: u16, ty: ValType) -> Self {
        Self { bits: u64::from(slot), tag: LOCAL | (ty as u64) << TYPE }
    }

    /// A constant of type `ty`.
    #[inline]
    pub(crate) fn constant(bits: u64, ty: ValType) -> Self {
        let place = if is_immediate(bits, ty) { CONSTANT } else { LARGE };
        Self { bits, tag: place | (ty as u64) << TYPE }
    }

    /// A value of type `ty` in its canonical slot.
    #[inline]
    pub(crate) fn temporary(slot: Slot, ty: ValType) -> Self {
        Self { bits: u64::from(slot.0), tag: TEMPORARY | (ty as u64) << TYPE }
    }

    /// Where it is.
    #[inline]
    pub(crate) fn place(self) -> Place {
        match self.tag & (IS_LOCAL | IS_TEMPORARY | IS_CONSTANT) {
            IS_LOCAL => Place::Local(self.bits as u16),
            IS_TEMPORARY => Place::Temporary(Slot(self.bits as u16)),
            IS_CONSTANT => Place::Constant(self.bits),
            _ => Place::Pending,
        }
    }

    /// The operand that it is, if it needs nothing before: the accumulator if it is pending, some slot if it is a
    /// constant that is no immediate.
    #[inline]
    pub(crate) fn operand(self) -> Operand {
        Operand::new(self.tag, self.bits)
    }

    /// Whether one of `entries` must be emitted before it can be used.
    #[inline]
    pub(crate) fn need_code<const N: usize>(entries: [Self; N]) -> bool {
        entries.iter().fold(0, |tags, entry| tags | entry.tag) & (IS_PENDING | IS_LARGE) != 0
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
        TYPES[(self.tag >> TYPE & 7) as usize]
    }

    /// Whether it is the pending value.
    #[inline]
    pub(crate) fn is_pending(self) -> bool {
        self.tag & IS_PENDING != 0
    }

    /// Whether it is in its canonical slot.
    #[inline]
    pub(crate) fn is_temporary(self) -> bool {
        self.tag & IS_TEMPORARY != 0
    }

    /// The bits, if it is a constant.
    #[inline]
    pub(crate) fn as_constant(self) -> Option<u64> {
        (self.tag & IS_CONSTANT != 0).then_some(self.bits)
    }
}

/// Whether ops can have such a constant of type `ty` as an immediate.
#[inline]
fn is_immediate(bits: u64, ty: ValType) -> bool {
    ty == ValType::F64 || fits_imm32(bits, ty)
}

/// Whether `bits` can be an immediate of 32 bits that operators of type `ty` sign-extend.
#[inline]
pub(crate) fn fits_imm32(bits: u64, ty: ValType) -> bool {
    match ty {
        ValType::I32 | ValType::F32 => true,
        _ => i64::from(bits as i32) == bits.cast_signed(),
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
    /// The slot of position 0.
    first_slot: usize,
}

/// So many entries are looked through when a local is written; if there may be locals deeper down, all are
/// moved away at once, which keeps translation linear.
const MAX_SEARCHED: usize = 32;

impl OperandStack {
    /// Forgets everything, keeps the memory. The canonical slots begin at `first_slot`.
    pub(crate) fn clear(&mut self, first_slot: usize) {
        self.entries.clear();
        self.first_local = 0;
        self.first_slot = first_slot;
    }

    /// Number of entries.
    #[inline]
    pub(crate) fn height(&self) -> usize {
        self.entries.len()
    }

    /// The canonical slot of `position`; truncated if there are not so many slots.
    #[inline]
    pub(crate) fn slot(&self, position: usize) -> Slot {
        Slot((self.first_slot + position) as u16)
    }

    /// Whether an entry may be a local.
    #[inline]
    pub(crate) fn has_locals(&self) -> bool {
        self.first_local < self.entries.len()
    }

    /// Pushes an entry that is no local.
    #[inline]
    pub(crate) fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// Pushes a value in the slot of a local.
    #[inline]
    pub(crate) fn push_local(&mut self, slot: u16, ty: ValType) {
        self.first_local = self.first_local.min(self.entries.len());
        self.entries.push(Entry::local(slot, ty));
    }

    /// Pushes a value in its canonical slot.
    #[inline]
    pub(crate) fn push_temporary(&mut self, ty: ValType) {
        self.entries.push(Entry::temporary(self.slot(self.entries.len()), ty));
    }

    /// Pops an entry; validation guarantees that there is one.
    #[inline]
    pub(crate) fn pop(&mut self) -> Entry {
        self.entries.pop().unwrap_or(Entry { bits: 0, tag: CONSTANT })
    }

    /// Pops two entries, the topmost one last; validation guarantees that there are two.
    #[inline]
    pub(crate) fn pop_two(&mut self) -> [Entry; 2] {
        let Some((below, &two)) = self.entries.split_last_chunk() else {
            return [Entry { bits: 0, tag: CONSTANT }; 2];
        };
        let height = below.len();
        self.entries.truncate(height);
        two
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

    /// Says that the entry at `position` is now in its canonical slot; gives that.
    #[inline]
    pub(crate) fn set_temporary(&mut self, position: usize) -> Slot {
        let slot = self.slot(position);
        let entry = &mut self.entries[position];
        *entry = Entry { bits: u64::from(slot.0), tag: TEMPORARY | entry.tag >> TYPE << TYPE };
        slot
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
        while let Some(entry) = self.entries.get(search.position) {
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

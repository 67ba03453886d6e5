//! Places: what the translator keeps in the lower bits of an [`Entry`], which say nothing to validation.
//!
//! They are the operand that the value would be, and above it, where the value is.

use core::fmt;

use crate::{
    ir::{encode::Operand, opcode::Kind, operand::Slot},
    types::repr::Ty,
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
    pub(crate) const fn pending(ty: Ty) -> Self {
        Self::new(ty, PENDING)
    }

    /// A constant of type `i32`.
    #[inline]
    pub(crate) const fn i32(value: u32) -> Self {
        Self::new(Ty::I32, CONSTANT | value as u64)
    }

    /// A constant of type `ty`, if 32 bits and a sign suffice for it.
    #[inline]
    pub(crate) fn constant(bits: u64, ty: Ty) -> Option<Self> {
        /// The upper half of a negative number that 32 bits suffice for.
        const HIGH: u64 = u32::MAX as u64;
        let low = bits & u64::from(u32::MAX);
        match bits >> 32 {
            0 if low >> 31 == 0 || matches!(ty, Ty::I32 | Ty::F32) => Some(Self::new(ty, CONSTANT | low)),
            HIGH if low >> 31 != 0 => Some(Self::new(ty, CONSTANT | Operand::NEGATIVE | low)),
            _ => None,
        }
    }

    /// A constant of type `ty` whose bits are in the pool, at `index`.
    pub(crate) fn pooled_constant(index: usize, ty: Ty) -> Self {
        let place = if ty == Ty::F64 { CONSTANT } else { LARGE };
        Self::new(ty, place | Operand::POOLED | index as u64)
    }

    /// A value of type `ty` in its canonical slot.
    #[inline]
    pub(crate) const fn temporary(slot: Slot, ty: Ty) -> Self {
        Self::new(ty, TEMPORARY | slot.0 as u64)
    }

    /// The same value, in its canonical slot.
    #[inline]
    pub(crate) const fn in_temporary(self, slot: Slot) -> Self {
        self.with_bits(TEMPORARY | slot.0 as u64)
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

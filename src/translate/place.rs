//! Places: where the value of a stack entry is. The translator keeps them in the lower bits of an [`Entry`], which have
//! no meaning for validation.
//!
//! ```text
//!  63   41 40   36 35        0
//!  │ type │ place │ operand  │
//! ```
//!
//! The operand is the one that an op has if it takes the value from there.

use core::fmt;

use crate::{
    ir::{encode::Operand, opcode::Kind, operand::Slot},
    types::repr::Ty,
    validate::{Entry, MANY},
};

/// Where the value of a stack entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the slot of a local, which was not written since.
    Local(u16),
    /// In the code: a constant.
    Constant,
    /// In the canonical slot of its stack position.
    Temporary(Slot),
    /// Not computed yet: the result of the staged op.
    Pending,
}

/// The place bits. At most one of the first four is set.
const IS_LOCAL: u64 = 1 << 36;
const IS_TEMPORARY: u64 = 1 << 37;
const IS_CONSTANT: u64 = 1 << 38;
const IS_PENDING: u64 = 1 << 39;
/// Set together with `IS_CONSTANT`, if the constant is too large for an immediate, and with `IS_LOCAL` in both entries of a
/// vector.
const IS_LARGE: u64 = 1 << 40;

/// The lower bits of entries at each place, without the slot or the immediate.
pub(super) const LOCAL: u64 = Operand::of_kind(Kind::Slot).word() | IS_LOCAL;
const TEMPORARY: u64 = Operand::of_kind(Kind::Slot).word() | IS_TEMPORARY;
const CONSTANT: u64 = Operand::of_kind(Kind::Imm).word() | IS_CONSTANT;
const LARGE: u64 = Operand::of_kind(Kind::Slot).word() | IS_CONSTANT | IS_LARGE;
const PENDING: u64 = Operand::of_kind(Kind::Acc).word() | IS_PENDING;

impl Entry {
    /// Returns the pending value, of type `ty`.
    #[inline]
    pub(crate) const fn pending(ty: Ty) -> Self {
        Self::new(ty, PENDING)
    }

    /// Returns a constant of type `i32`.
    #[inline]
    pub(crate) const fn i32(value: u32) -> Self {
        Self::new(Ty::I32, CONSTANT | value as u64)
    }

    /// Returns a constant of type `ty`, if 32 bits and a sign suffice for it.
    #[inline]
    pub(crate) fn constant(bits: u64, ty: Ty) -> Option<Self> {
        /// The upper half of a negative number for which 32 bits suffice.
        const HIGH: u64 = u32::MAX as u64;
        let low = bits & u64::from(u32::MAX);
        match bits >> 32 {
            0 if low >> 31 == 0 || matches!(ty, Ty::I32 | Ty::F32) => Some(Self::new(ty, CONSTANT | low)),
            HIGH if low >> 31 != 0 => Some(Self::new(ty, CONSTANT | Operand::NEGATIVE | low)),
            _ => None,
        }
    }

    /// Returns a constant of type `ty` whose bits are at `index` in the pool.
    pub(crate) fn pooled_constant(index: usize, ty: Ty) -> Self {
        let place = if ty == Ty::F64 { CONSTANT } else { LARGE };
        Self::new(ty, place | Operand::POOLED | index as u64)
    }

    /// Returns a value of type `ty` in its canonical slot.
    #[inline]
    pub(crate) const fn temporary(slot: Slot, ty: Ty) -> Self {
        Self::new(ty, TEMPORARY | slot.0 as u64)
    }

    /// Returns the same value in its canonical slot.
    #[inline]
    pub(crate) const fn in_temporary(self, slot: Slot) -> Self {
        self.with_bits(TEMPORARY | slot.0 as u64)
    }

    /// Returns the slot that the value is in, if it is in one.
    #[inline]
    pub(crate) const fn slot(self) -> Slot {
        Slot(self.bits() as u16)
    }

    /// Returns the same entry with another slot.
    #[inline]
    pub(crate) const fn in_slot(self, slot: u16) -> Self {
        self.with_bits(self.bits() & !(u16::MAX as u64) | slot as u64)
    }

    /// Returns where the value is.
    #[inline]
    pub(crate) fn place(self) -> Place {
        match self.bits() & (IS_LOCAL | IS_TEMPORARY | IS_CONSTANT) {
            IS_LOCAL => Place::Local(self.bits() as u16),
            IS_TEMPORARY => Place::Temporary(Slot(self.bits() as u16)),
            IS_CONSTANT => Place::Constant,
            _ => Place::Pending,
        }
    }

    /// Returns the operand for the value: the accumulator if it is pending, and any slot if it is a constant that is
    /// not an immediate, so that it must be copied to one first.
    #[inline]
    pub(crate) const fn operand(self) -> Operand {
        Operand::new(self.bits())
    }

    /// Returns a constant as an immediate of ops whose immediates have 64 bits.
    pub(crate) fn wide_immediate(self) -> Operand {
        Operand::new(self.bits() & !LARGE | Operand::of_kind(Kind::Imm).word())
    }

    /// Whether one of `entries` is a constant that is not an immediate.
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

    /// Whether all are in their canonical slots.
    // Without branches, so that the compiler makes vector instructions of it.
    pub(crate) fn are_temporary(entries: &[Self; MANY]) -> bool {
        entries.iter().fold(u64::MAX, |all, entry| all & entry.bits()) & IS_TEMPORARY != 0
    }

    /// Whether it is a constant.
    #[inline]
    pub(crate) const fn is_constant(self) -> bool {
        self.bits() & IS_CONSTANT != 0
    }

    /// Whether no move of a cell copies it: a constant of more than 32 bits, or a local that is a vector.
    #[inline]
    pub(crate) const fn is_large(self) -> bool {
        self.bits() & (Operand::POOLED | IS_LARGE) != 0
    }

    /// Returns the two entries of the local whose first slot this entry has, which is a vector.
    #[cfg(feature = "simd")]
    pub(crate) fn vector_local(self) -> [Self; 2] {
        let low = self.with_bits(self.bits() | IS_LARGE);
        [low, low.in_slot(low.slot().0.wrapping_add(1)).with_type(Ty::V128_HIGH)]
    }

    /// Returns the 32-bit immediate that ops extend to the type, if it is such a constant.
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

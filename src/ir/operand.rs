//! Operands as code holds them, and the two encodings of code.

use core::fmt::Debug;

use crate::types::{ValType, repr::Ty};

/// The accumulator as an operand. It takes no units in code.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub(crate) struct Acc;

/// The index of a 64-bit cell in the current frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Slot(pub(crate) u16);

/// A 32-bit immediate in two units, low half first. 64-bit operators sign-extend it.
#[derive(Debug, Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Imm32([u16; 2]);

impl Imm32 {
    /// Returns the bits of this immediate.
    #[inline(always)]
    pub(crate) fn bits(self) -> u32 {
        u32::from(self.0[0]) | u32::from(self.0[1]) << 16
    }
}

/// A 64-bit immediate in four units, low part first.
#[derive(Debug, Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Imm64([u16; 4]);

impl Imm64 {
    /// Returns the bits of this immediate.
    #[inline(always)]
    pub(crate) fn bits(self) -> u64 {
        u64::from(self.0[0]) | u64::from(self.0[1]) << 16 | u64::from(self.0[2]) << 32 | u64::from(self.0[3]) << 48
    }
}

/// An encoding of code. Both encodings have the same fields in the same order; the relocatable ones (head, branch
/// target, callee) differ in width.
pub(crate) trait Encoding: Copy + Debug {
    /// The head of an op: its opcode or the address of its handler.
    type Head: Copy + Debug;
    /// The target of a branch.
    type Target: Copy + Debug;
    /// The function of the module that a direct call enters.
    type Callee: Copy + Debug;

    /// Returns the code address that `target` means in the op at `ip`.
    fn goto(ip: *const u8, target: Self::Target) -> *const u8;
}

/// Position-independent code of 16-bit units: branch targets are distances in units from the
/// start of the op, callees are indices.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Compact;

/// Code with addresses in it: handler, branch targets, callees. Made from compact code.
#[cfg(tail_dispatch)]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Linked;

impl Encoding for Compact {
    type Head = u16;
    type Target = Imm32;
    type Callee = Imm32;

    #[inline(always)]
    fn goto(ip: *const u8, target: Imm32) -> *const u8 {
        ip.wrapping_offset(target.bits().cast_signed() as isize * 2)
    }
}

#[cfg(tail_dispatch)]
impl Encoding for Linked {
    type Head = usize;
    type Target = *const u8;
    type Callee = *const u8;

    #[inline(always)]
    fn goto(_ip: *const u8, target: *const u8) -> *const u8 {
        target
    }
}

/// The class of a value: the accumulator that it uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Integers and references.
    Int,
    /// f32.
    F32,
    /// f64.
    F64,
    /// Vectors.
    V128,
}

impl Class {
    /// Returns the class of values of type `ty`.
    #[inline]
    pub(crate) const fn of(ty: Ty) -> Self {
        match ty {
            Ty::F32 => Self::F32,
            Ty::F64 => Self::F64,
            Ty::V128 => Self::V128,
            _ => Self::Int,
        }
    }

    /// Returns the class of the first of `results`, which a function leaves in the accumulator.
    pub(crate) fn of_results(results: &[ValType]) -> Self {
        results.first().map_or(Self::Int, |ty| Self::of(ty.ty()))
    }
}

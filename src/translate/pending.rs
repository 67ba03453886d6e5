//! The pending value: the result of a value op that is not emitted until it is known where its result is wanted.

use crate::{
    ir::{
        encode::{Fields, Operand, Operands},
        opcode::Row,
        operand::Class,
    },
    types::repr::Ty,
};

/// A value op that is not emitted yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Staged {
    pub(crate) row: Row,
    /// The operands, without the result.
    pub(crate) operands: Operands,
    /// Its other fields.
    pub(crate) fields: Fields,
    /// The 64-bit offset of a `*_any` load; it does not fit in `fields`.
    pub(crate) offset: u64,
    /// The class of the operands.
    pub(crate) input: Class,
    /// The type of the result.
    pub(crate) ty: Ty,
    /// A test for zero that applies to the result.
    pub(crate) negated: Option<Row>,
    /// The position of the result on the operand stack.
    pub(crate) position: usize,
}

impl Staged {
    /// An op that is never emitted.
    const NONE: Self = Self {
        row: Row::copy,
        operands: Operands::new([]),
        fields: Fields::NONE,
        offset: 0,
        input: Class::Int,
        ty: Ty::I32,
        negated: None,
        position: 0,
    };
}

/// The pending value, if there is one. It is the only value on the operand stack that is in no slot.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) exists: bool,
    /// The op that computes the value. It is still read while it is emitted, after `exists` is cleared.
    pub(crate) op: Staged,
}

impl Pending {
    /// No pending value.
    pub(crate) const NONE: Self = Self { exists: false, op: Staged::NONE };

    /// Stages a value op. Its result is at stack position `position`.
    #[inline(always)]
    pub(crate) fn stage<const N: usize>(
        &mut self,
        position: usize,
        row: Row,
        operands: [Operand; N],
        fields: Fields,
        input: Class,
        ty: Ty,
    ) {
        debug_assert!(!self.exists);
        self.exists = true;
        let offset = self.op.offset;
        self.op = Staged { row, operands: Operands::new(operands), fields, offset, input, ty, negated: None, position };
    }
}

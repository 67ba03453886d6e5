//! The pending value: a value op that is not emitted yet, because it is not known where its result is wanted.

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
    /// Operands without the result.
    pub(crate) operands: Operands,
    /// Its other fields.
    pub(crate) fields: Fields,
    /// The offset of a load from any memory, which does not fit in `fields`.
    pub(crate) offset: u64,
    /// Class of the operands.
    pub(crate) input: Class,
    /// Type of the result.
    pub(crate) ty: Ty,
    /// This test for zero applies to the result.
    pub(crate) negated: Option<Row>,
    /// Where it is on the operand stack.
    pub(crate) position: usize,
}

impl Staged {
    /// Nothing.
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

/// The one value on the operand stack that is in no slot, if there is one.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) exists: bool,
    /// The op that computes the value. It stays while it is emitted, when the value is no longer pending.
    pub(crate) op: Staged,
}

impl Pending {
    /// There is none.
    pub(crate) const NONE: Self = Self { exists: false, op: Staged::NONE };

    /// Makes the result of a value op pending, at stack position `position`.
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

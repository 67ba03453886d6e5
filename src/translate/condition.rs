//! Conditions of branches.

use crate::ir::{
    encode::{Operand, Operands, kinds_of},
    opcode::{Kinds, Row},
};

/// What a branch tests: its row and the operands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Condition {
    pub(crate) row: Row,
    /// Filled up with accumulators.
    pub(crate) operands: [Operand; 2],
    len: u8,
}

impl Condition {
    /// Nothing.
    pub(crate) const ALWAYS: Self = Self { row: Row::br, operands: [Operand::ACC; 2], len: 0 };

    /// That of the branch `row` on one operand.
    #[inline]
    pub(crate) fn test(row: Row, operand: Operand) -> Self {
        Self { row, operands: [operand, Operand::ACC], len: 1 }
    }

    /// That of the branch `row` on these operands, one or two.
    #[inline]
    pub(crate) fn new(row: Row, operands: &Operands) -> Self {
        let [first, second, ..] = operands.list();
        Self { row, operands: [first, second], len: operands.len() as u8 }
    }

    /// The kinds of its operands.
    #[inline]
    pub(crate) fn kinds(&self) -> Kinds {
        kinds_of(self.operands)
    }

    /// The operands.
    #[inline]
    pub(crate) fn operands(&self) -> &[Operand] {
        &self.operands[..usize::from(self.len)]
    }

    /// Whether one of the operands is the accumulator.
    pub(crate) fn has_acc(&self) -> bool {
        self.operands().iter().any(|operand| operand.is_acc())
    }

    /// With operand `i` in the accumulator, if the table has that or the same exchanged.
    pub(crate) fn with_acc(mut self, i: usize) -> Option<Self> {
        self.operands[i] = Operand::ACC;
        self.row.takes(self.kinds()).then_some(self)
    }

    /// With its two operands exchanged, if the table has that.
    pub(crate) fn exchanged(&self) -> Option<Self> {
        let row = self.row.relations().swap?;
        let [first, second] = self.operands;
        let exchanged = Self { row, operands: [second, first], len: self.len };
        row.opcode(exchanged.kinds()).map(|_| exchanged)
    }

    /// The one that holds when this one does not, if the table has that.
    pub(crate) fn inverse(&self) -> Option<Self> {
        let inverse = Self { row: self.row.relations().not?, ..*self };
        if inverse.row.opcode(inverse.kinds()).is_some() { Some(inverse) } else { inverse.exchanged() }
    }
}

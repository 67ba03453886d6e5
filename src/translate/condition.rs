//! Conditions: what a branch tests.

use crate::ir::{
    encode::{Operand, Operands, kinds_of},
    opcode::{Kinds, Row},
};

/// A test of a branch: the branch's row and its operands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Condition {
    pub(crate) row: Row,
    /// Missing operands are accumulators.
    pub(crate) operands: [Operand; 2],
    len: u8,
}

impl Condition {
    /// No test: the branch is always taken.
    pub(crate) const ALWAYS: Self = Self { row: Row::br, operands: [Operand::ACC; 2], len: 0 };

    /// Returns the test of the branch `row` on one operand.
    #[inline]
    pub(crate) fn test(row: Row, operand: Operand) -> Self {
        Self { row, operands: [operand, Operand::ACC], len: 1 }
    }

    /// Returns the test of the branch `row` on one or two operands.
    #[inline]
    pub(crate) fn new(row: Row, operands: &Operands) -> Self {
        let [first, second, ..] = operands.list();
        Self { row, operands: [first, second], len: operands.len() as u8 }
    }

    /// Returns the kinds of the operands.
    #[inline]
    pub(crate) fn kinds(&self) -> Kinds {
        kinds_of(self.operands)
    }

    /// Returns the operands.
    #[inline]
    pub(crate) fn operands(&self) -> &[Operand] {
        &self.operands[..usize::from(self.len)]
    }

    /// Whether one of the operands is the accumulator.
    pub(crate) fn has_acc(&self) -> bool {
        self.operands().iter().any(|operand| operand.is_acc())
    }

    /// Returns the same test with operand `i` in the accumulator, if the table has that, exchanged or not.
    pub(crate) fn with_acc(mut self, i: usize) -> Option<Self> {
        self.operands[i] = Operand::ACC;
        self.row.takes(self.kinds()).then_some(self)
    }

    /// Returns the same test with its two operands exchanged, if the table has that.
    pub(crate) fn exchanged(&self) -> Option<Self> {
        let row = self.row.relations().swap?;
        let [first, second] = self.operands;
        let exchanged = Self { row, operands: [second, first], len: self.len };
        row.opcode(exchanged.kinds()).map(|_| exchanged)
    }

    /// Returns the opposite test, if the table has it.
    pub(crate) fn inverse(&self) -> Option<Self> {
        let inverse = Self { row: self.row.relations().not?, ..*self };
        if inverse.row.opcode(inverse.kinds()).is_some() { Some(inverse) } else { inverse.exchanged() }
    }
}

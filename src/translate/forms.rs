//! Which forms rows have for operands.

use crate::ir::{
    encode::{Operand, Operands, kinds_of},
    opcode::{Kinds, OpCode, Row},
    operand::Slot,
};

/// Whether `row` has a form for operands of these kinds, exchanged or not. With `result`, the result is in a slot.
#[inline]
pub(crate) fn fits(row: Row, result: bool, kinds: Kinds) -> bool {
    if result { row.gives(kinds) } else { row.takes(kinds) }
}

/// Replaces immediates by slots from the left, then the accumulator, until the row has such a form.
#[cold]
pub(crate) fn give_up<const N: usize>(row: Row, result: bool, operands: &mut [Operand; N]) {
    for i in (0..N).chain(0..N) {
        let immediates = operands.iter().any(|operand| operand.is_imm());
        if operands[i].is_imm() || operands[i].is_acc() && !immediates {
            operands[i] = Operand::slot(Slot(0));
        }
        if fits(row, result, kinds_of(*operands)) {
            return;
        }
    }
}

/// Replaces operands that are the slot `mirror` by the accumulator, which holds a copy, where the row has such a form.
/// Does not replace the result, which is the first operand.
pub(crate) fn use_mirror_among(row: Row, mirror: Operand, operands: &mut Operands) {
    if operands[1..].iter().any(|operand| operand.is_acc()) {
        return;
    }
    for i in 1..operands.len() {
        if operands[i] == mirror {
            operands.set(i, Operand::ACC);
            if choose(row, operands.kinds()).is_none() {
                operands.set(i, mirror);
            }
        }
    }
}

/// A form that was chosen.
pub(crate) struct Choice {
    pub(crate) row: Row,
    pub(crate) opcode: OpCode,
    /// Whether the two operands must be exchanged.
    pub(crate) exchanged: bool,
}

/// Chooses the row, or the row for exchanged operands, whichever has a form of these kinds. The result is not
/// exchanged.
pub(crate) fn choose(row: Row, kinds: Kinds) -> Option<Choice> {
    if let Some(opcode) = row.opcode(kinds) {
        return Some(Choice { row, opcode, exchanged: false });
    }
    let row = row.relations().swap?;
    row.opcode(kinds.exchanged(1, 2)).map(|opcode| Choice { row, opcode, exchanged: true })
}

//! Compact code out of rows and operands, by shape, never by op.

use alloc::vec::Vec;

use crate::ir::{
    opcode::{FormId, Kind, OpCode, Row},
    operand::Slot,
    shape::Field,
};

/// An operand of an op about to be encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operand {
    /// The accumulator of the operand's class.
    Acc,
    /// A slot of the frame.
    Slot(Slot),
    /// The bits of an immediate.
    Imm(u64),
}

impl Operand {
    /// The form letter of this operand.
    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::Acc => Kind::Acc,
            Self::Slot(_) => Kind::Slot,
            Self::Imm(_) => Kind::Imm,
        }
    }
}

/// The form that `operands` ask for.
pub(crate) fn form_of(operands: &[Operand]) -> FormId {
    let mut kinds = [Kind::Acc; 4];
    for (kind, operand) in kinds.iter_mut().zip(operands) {
        *kind = operand.kind();
    }
    FormId::new(&kinds[..operands.len()])
}

/// Appends `row` with `operands` (result first) and the other fields in `rest` (in order) to
/// `out`; gives the unit index of the op.
///
/// A branch target is always the last field: it stands in the last two units.
///
/// # Panics
///
/// If the table lists no such form, which is a defect of the translator.
pub(crate) fn encode(out: &mut Vec<u16>, row: Row, operands: &[Operand], rest: &[u64]) -> usize {
    let Some(OpCode(opcode)) = row.opcode(form_of(operands)) else {
        panic!("the op table has no form of {} for {operands:?}", row.name())
    };
    let start = out.len();
    out.push(opcode);
    let (mut operands, mut rest) = (operands.iter(), rest.iter());
    for &field in row.shape().fields() {
        let (units, value) = match field {
            Field::Operand | Field::Wide => match operands.next() {
                Some(Operand::Slot(slot)) => (1, u64::from(slot.0)),
                Some(Operand::Imm(value)) if field == Field::Wide => (4, *value),
                Some(Operand::Imm(value)) => (2, *value),
                Some(Operand::Acc) | None => (0, 0),
            },
            _ => {
                let value = *rest.next().unwrap_or(&0);
                match field {
                    Field::Slot | Field::U16 => (1, value),
                    Field::U64 => (4, value),
                    _ => (2, value),
                }
            }
        };
        for unit in 0..units {
            out.push((value >> (16 * unit)) as u16);
        }
    }
    start
}

/// Writes a 32-bit value over the two units at `at`.
pub(crate) fn patch32(code: &mut [u16], at: usize, value: u32) {
    code[at] = value as u16;
    code[at + 1] = (value >> 16) as u16;
}

/// Reads the 32-bit value in the two units at `at`.
pub(crate) fn read32(code: &[u16], at: usize) -> u32 {
    u32::from(code[at]) | u32::from(code[at + 1]) << 16
}

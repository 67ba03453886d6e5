//! Compact code out of rows and operands, by shape, never by op.

use alloc::vec::Vec;

use crate::ir::{
    opcode::{FIRST_FORM, FormId, Kind, OpCode, Row},
    operand::Slot,
    shape::Field,
};

/// An operand of an op about to be encoded.
// Two whole words, which are faster to copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
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
#[inline]
pub(crate) fn form_of(operands: &[Operand]) -> FormId {
    form_of_kinds(operands.iter().map(|operand| operand.kind()))
}

/// The form of operands of these kinds.
#[inline]
pub(crate) fn form_of_kinds(kinds: impl Iterator<Item = Kind>) -> FormId {
    let (mut id, mut len) = (0, 0);
    for kind in kinds {
        id = id * 3 + kind as u8;
        len += 1;
    }
    FormId(FIRST_FORM[len] + id)
}

/// More units than any op has.
const MAX_UNITS: usize = 20;

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
    let mut units = [0; MAX_UNITS];
    units[0] = opcode;
    let mut len = 1;
    let (mut operands, mut rest) = (operands.iter(), rest.iter());
    for &field in row.shape().fields() {
        let (width, value) = match field {
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
        // Four units at once, of which the next field overwrites those that are not this one's.
        for (i, unit) in units[len..len + 4].iter_mut().enumerate() {
            *unit = (value >> (16 * i)) as u16;
        }
        len += width;
    }
    let start = out.len();
    out.reserve(MAX_UNITS);
    // SAFETY: so many units were just reserved; copying them all takes a few instructions, and `len` of
    // them count.
    unsafe {
        out.as_mut_ptr().add(start).cast::<[u16; MAX_UNITS]>().write(units);
        out.set_len(start + len);
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

//! Decodes compact code into ops, for the linker, the verifier, the disassembler and tests.

use arrayvec::ArrayVec;

use crate::ir::{
    encode::read32,
    opcode::{BASES_CONST, FIRST_FORM, FormId, Kind, MASKS_CONST, OpCode, ROWS, Row},
    shape::Field,
};

impl FormId {
    /// Returns the number of operands.
    pub(crate) const fn len(self) -> usize {
        let mut n = 0;
        while n < 4 && self.0 >= FIRST_FORM[n + 1] {
            n += 1;
        }
        n
    }

    /// Returns the kind of operand `i`.
    pub(crate) const fn kind(self, i: usize) -> Kind {
        let n = self.len();
        let mut id = self.0 - FIRST_FORM[n];
        let mut k = n - 1;
        while k > i {
            id /= 3;
            k -= 1;
        }
        match id % 3 {
            0 => Kind::Acc,
            1 => Kind::Slot,
            _ => Kind::Imm,
        }
    }
}

/// The row and the form of every opcode.
static OPCODES: [(u16, u8); OpCode::COUNT] = {
    let mut table = [(0, 0); OpCode::COUNT];
    let mut row = 0;
    while row < ROWS.len() {
        let mut mask = MASKS_CONST[row];
        let mut opcode = BASES_CONST[row] as usize;
        while mask != 0 {
            table[opcode] = (row as u16, mask.trailing_zeros() as u8);
            mask &= mask - 1;
            opcode += 1;
        }
        row += 1;
    }
    table
};

impl OpCode {
    /// Returns the row and the form of this opcode; `None` if the number is not an opcode.
    pub(crate) fn row_and_form(self) -> Option<(Row, FormId)> {
        if usize::from(self.0) >= Self::COUNT {
            return None;
        }
        let (row, form) = OPCODES[usize::from(self.0)];
        Some((ROWS[usize::from(row)], FormId(form)))
    }
}

/// Returns the width in bytes of a field in compact code.
pub(crate) const fn compact_width(field: Field, kind: Kind) -> usize {
    match field {
        Field::Operand | Field::Cast => match kind {
            Kind::Acc => 0,
            Kind::Slot => 2,
            Kind::Imm => 4,
        },
        Field::Wide => match kind {
            Kind::Acc => 0,
            Kind::Slot => 2,
            Kind::Imm => 8,
        },
        _ => 2 * field.units(),
    }
}

/// One field of a decoded op.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Value {
    /// The kind of the field.
    pub(crate) field: Field,
    /// The kind of an operand; `Acc` for other fields.
    pub(crate) kind: Kind,
    /// The value as encoded: zero-extended, branch targets relative.
    pub(crate) bits: u64,
}

/// One op of compact code.
#[derive(Debug, Clone)]
pub(crate) struct Decoded {
    pub(crate) row: Row,
    /// The fields in encoded order.
    pub(crate) values: ArrayVec<Value, 8>,
    /// The length without the targets of a branch table.
    pub(crate) units: usize,
    /// The number of branch targets that follow.
    pub(crate) targets: usize,
}

impl Decoded {
    /// Returns the length with the targets of a branch table.
    pub(crate) fn total_units(&self) -> usize {
        self.units + 2 * self.targets
    }
}

/// Decodes the op at unit `at`; returns `None` if there is no op.
pub(crate) fn decode(code: &[u16], at: usize) -> Option<Decoded> {
    let (row, form) = OpCode(*code.get(at)?).row_and_form()?;
    let mut values = ArrayVec::new();
    let (mut unit, mut operand, mut targets) = (at + 1, 0, 0);
    for &field in row.shape().fields() {
        let kind = match field {
            Field::Operand | Field::Wide | Field::Cast => {
                operand += 1;
                form.kind(operand - 1)
            }
            _ => Kind::Acc,
        };
        let units = compact_width(field, kind) / 2;
        let mut bits = 0;
        for i in 0..units {
            bits |= u64::from(*code.get(unit + i)?) << (16 * i);
        }
        if field == Field::Targets {
            targets = bits as usize;
        }
        values.push(Value { field, kind, bits });
        unit += units;
    }
    (targets <= code.len().saturating_sub(unit) / 2).then_some(Decoded { row, values, units: unit - at, targets })
}

/// Returns the unit that the relative target in the units at `field` of the op at `op` refers to.
pub(crate) fn target(code: &[u16], op: usize, field: usize) -> usize {
    op.wrapping_add_signed(read32(code, field).cast_signed() as isize)
}

//! Ops out of compact code: for the linker, the disassembler and tests.

use arrayvec::ArrayVec;

use crate::ir::{
    encode::read32,
    opcode::{FormId, Kind, OpCode, Row, compact_width},
    shape::Field,
};

/// One field of a decoded op.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Value {
    /// What the field holds.
    pub(crate) field: Field,
    /// How an operand is given; `Acc` for other fields.
    pub(crate) kind: Kind,
    /// The value as encoded: zero-extended, branch targets relative.
    pub(crate) bits: u64,
}

/// One op of compact code.
#[derive(Debug, Clone)]
pub(crate) struct Decoded {
    pub(crate) row: Row,
    pub(crate) form: FormId,
    /// The fields in encoded order.
    pub(crate) values: ArrayVec<Value, 8>,
    /// Length without the targets of a branch table.
    pub(crate) units: usize,
    /// Number of branch targets that follow.
    pub(crate) targets: usize,
}

impl Decoded {
    /// Length with the targets of a branch table.
    pub(crate) fn total_units(&self) -> usize {
        self.units + 2 * self.targets
    }
}

/// Decodes the op at unit `at`; `None` if there is no op.
pub(crate) fn decode(code: &[u16], at: usize) -> Option<Decoded> {
    let (row, form) = OpCode(*code.get(at)?).row_and_form()?;
    let mut values = ArrayVec::new();
    let (mut unit, mut operand, mut targets) = (at + 1, 0, 0);
    for &field in row.shape().fields() {
        let kind = match field {
            Field::Operand | Field::Wide => {
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
    (unit + 2 * targets <= code.len()).then_some(Decoded {
        row,
        form,
        values,
        units: unit - at,
        targets,
    })
}

/// The unit index that the relative target in the units at `field` stands for, in the op at `op`.
pub(crate) fn target(code: &[u16], op: usize, field: usize) -> usize {
    op.wrapping_add_signed(read32(code, field).cast_signed() as isize)
}

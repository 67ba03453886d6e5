//! Compact code out of rows and operands, by shape, never by op.

use alloc::vec::Vec;
use core::ops::{Deref, DerefMut};

use crate::ir::{
    opcode::{Kind, Kinds, MAX_OPERANDS, OpCode, Row},
    operand::Slot,
    shape::{Field, SHAPE_FIELDS},
};

/// An operand of an op about to be encoded: what kind it is of, and the slot or the immediate.
// Two words, which are passed in registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operand {
    kind: Kind,
    bits: u64,
}

impl Operand {
    /// The accumulator of the operand's class.
    pub(crate) const ACC: Self = Self { kind: Kind::Acc, bits: 0 };

    /// A slot of the frame.
    #[inline]
    pub(crate) const fn slot(slot: Slot) -> Self {
        Self { kind: Kind::Slot, bits: slot.0 as u64 }
    }

    /// An immediate with these bits.
    #[inline]
    pub(crate) const fn imm(bits: u64) -> Self {
        Self { kind: Kind::Imm, bits }
    }

    /// Whether this is the accumulator.
    #[inline]
    pub(crate) fn is_acc(self) -> bool {
        self.kind == Kind::Acc
    }

    /// The slot, if this is one.
    #[inline]
    pub(crate) fn as_slot(self) -> Option<Slot> {
        (self.kind == Kind::Slot).then_some(Slot(self.bits as u16))
    }

    /// The bits, if this is an immediate.
    #[inline]
    pub(crate) fn as_imm(self) -> Option<u64> {
        (self.kind == Kind::Imm).then_some(self.bits)
    }
}

/// A few operands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operands {
    /// Filled up with accumulators, which take no room in code.
    list: [Operand; MAX_OPERANDS],
    len: u8,
}

impl Operands {
    /// These operands, at most four.
    #[inline]
    pub(crate) const fn new<const N: usize>(operands: [Operand; N]) -> Self {
        let mut list = [Operand::ACC; MAX_OPERANDS];
        let mut i = 0;
        while i < N {
            list[i] = operands[i];
            i += 1;
        }
        Self { list, len: N as u8 }
    }

    /// These operands behind `first`; they are at most three.
    #[inline]
    pub(crate) fn behind(&self, first: Operand) -> Self {
        let [a, b, c, _] = self.list;
        Self { list: [first, a, b, c], len: self.len + 1 }
    }

    /// These operands, and accumulators.
    #[inline]
    pub(crate) fn list(&self) -> [Operand; MAX_OPERANDS] {
        self.list
    }

    /// Their kinds.
    #[inline]
    pub(crate) fn kinds(&self) -> Kinds {
        kinds_of(self.list)
    }
}

impl Deref for Operands {
    type Target = [Operand];

    #[inline]
    fn deref(&self) -> &[Operand] {
        &self.list[..usize::from(self.len)]
    }
}

impl DerefMut for Operands {
    #[inline]
    fn deref_mut(&mut self) -> &mut [Operand] {
        &mut self.list[..usize::from(self.len)]
    }
}

/// The kinds of at most four operands.
#[inline]
pub(crate) fn kinds_of<const N: usize>(operands: [Operand; N]) -> Kinds {
    let mut kinds = Kinds::NONE;
    for (i, operand) in operands.iter().enumerate() {
        kinds = kinds.with(i, operand.kind);
    }
    kinds
}

/// Room for any op: a head, operands and eight other fields of four units each, and what the encoder
/// writes beyond the last field.
const ROOM: usize = 1 + MAX_OPERANDS * 4 + 8 * 4 + 3;

/// Appends `row` with `operands` (result first) and the other fields in `rest` (in order) to
/// `out`; gives the unit index of the op. Operands beyond those that the row has must be accumulators;
/// other fields beyond those that it has are left out.
///
/// A branch target is always the last field: it stands in the last two units.
///
/// # Panics
///
/// If the table lists no such form, which is a defect of the translator.
#[inline]
pub(crate) fn encode<const N: usize, const R: usize>(
    out: &mut Vec<u16>,
    row: Row,
    operands: [Operand; N],
    rest: [u64; R],
) -> usize {
    match row.opcode(kinds_of(operands)) {
        Some(opcode) => encode_as(out, row, opcode, operands, rest),
        None => no_form(row, &operands),
    }
}

/// As `encode`, with the opcode that the table has.
#[inline]
pub(crate) fn encode_as<const N: usize, const R: usize>(
    out: &mut Vec<u16>,
    row: Row,
    OpCode(opcode): OpCode,
    operands: [Operand; N],
    rest: [u64; R],
) -> usize {
    const { assert!(N <= MAX_OPERANDS && R <= 8) };
    let Layout { wide, mut rest_widths, .. } = LAYOUTS[row.shape() as usize];
    let widths = WIDTHS[usize::from(wide)];
    out.reserve(ROOM);
    let start = out.len();
    let mut len = 1;
    // SAFETY: a width has four bits and is at most four, and fields without a width are written where the
    // one before ends: all this is within `ROOM` units, which are reserved, and the first `len` of them are
    // written.
    unsafe {
        let units = out.as_mut_ptr().add(start);
        units.write(opcode);
        for operand in operands {
            put(units.add(len), operand.bits);
            len += usize::from(widths[operand.kind as usize]);
        }
        for value in rest {
            put(units.add(len), value);
            len += (rest_widths & 15) as usize;
            rest_widths >>= 4;
        }
        out.set_len(start + len);
    }
    start
}

/// Writes four units at `at`; the next field overwrites those that are not this one's.
///
/// # Safety
///
/// They must be in the same allocation.
#[inline(always)]
unsafe fn put(at: *mut u16, value: u64) {
    let units = [value as u16, (value >> 16) as u16, (value >> 32) as u16, (value >> 48) as u16];
    // SAFETY: the caller's promise.
    unsafe { at.cast::<[u16; 4]>().write(units) }
}

/// The table lists no such form, which is a defect of the translator.
#[cold]
pub(crate) fn no_form(row: Row, operands: &[Operand]) -> ! {
    panic!("the op table has no form of {} for {operands:?}", row.name())
}

/// How wide the fields of a shape are: operands first, then the others.
#[derive(Debug, Clone, Copy)]
struct Layout {
    /// Whether immediates have 64 bits
    wide: bool,
    /// Number of fields that are no operands
    num_rest: u8,
    /// Their numbers of units, four bits each, the first one lowest
    rest_widths: u32,
}

/// Units of an operand by kind, without and with wide immediates.
static WIDTHS: [[u8; 3]; 2] = [[0, 1, 2], [0, 1, 4]];

static LAYOUTS: [Layout; SHAPE_FIELDS.len()] = {
    let mut layouts = [Layout { wide: false, num_rest: 0, rest_widths: 0 }; SHAPE_FIELDS.len()];
    let mut shape = 0;
    while shape < SHAPE_FIELDS.len() {
        let fields = SHAPE_FIELDS[shape];
        let layout = &mut layouts[shape];
        let mut i = 0;
        while i < fields.len() {
            let width = match fields[i] {
                Field::Operand | Field::Wide => {
                    assert!(layout.num_rest == 0, "operands stand before other fields");
                    layout.wide |= matches!(fields[i], Field::Wide);
                    0
                }
                Field::Slot | Field::U16 => 1,
                Field::U32 | Field::Target | Field::Callee | Field::Targets => 2,
                Field::U64 => 4,
            };
            if width > 0 {
                layout.rest_widths |= width << (4 * layout.num_rest);
                layout.num_rest += 1;
            }
            i += 1;
        }
        shape += 1;
    }
    layouts
};

/// Writes a 32-bit value over the two units at `at`.
pub(crate) fn patch32(code: &mut [u16], at: usize, value: u32) {
    code[at] = value as u16;
    code[at + 1] = (value >> 16) as u16;
}

/// Reads the 32-bit value in the two units at `at`.
pub(crate) fn read32(code: &[u16], at: usize) -> u32 {
    u32::from(code[at]) | u32::from(code[at + 1]) << 16
}

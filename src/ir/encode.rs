//! Compact code out of rows and operands, by shape, never by op.

use alloc::vec::Vec;
use core::ops::Deref;

use crate::ir::{
    opcode::{Kind, Kinds, MAX_OPERANDS, OpCode, Row},
    operand::Slot,
    shape::{Field, SHAPE_FIELDS},
};

/// An operand of an op about to be encoded: what kind it is of, and the slot or the immediate.
// Two words, which are passed in registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operand {
    /// A `Kind`
    kind: u64,
    bits: u64,
}

impl Operand {
    /// The accumulator of the operand's class.
    pub(crate) const ACC: Self = Self::new(Kind::Acc as u64, 0);

    /// An operand of the kind that the two lowest bits of `tag` tell, with these bits.
    #[inline]
    pub(crate) const fn new(tag: u64, bits: u64) -> Self {
        Self { kind: tag & 3, bits }
    }

    /// A slot of the frame.
    #[inline]
    pub(crate) const fn slot(slot: Slot) -> Self {
        Self::new(Kind::Slot as u64, slot.0 as u64)
    }

    /// An immediate with these bits.
    #[inline]
    pub(crate) const fn imm(bits: u64) -> Self {
        Self::new(Kind::Imm as u64, bits)
    }

    /// Whether this is the accumulator.
    #[inline]
    pub(crate) fn is_acc(self) -> bool {
        self.kind == Kind::Acc as u64
    }

    /// The slot, if this is one.
    #[inline]
    pub(crate) fn as_slot(self) -> Option<Slot> {
        (self.kind == Kind::Slot as u64).then_some(Slot(self.bits as u16))
    }

    /// The bits, if this is an immediate.
    #[inline]
    pub(crate) fn as_imm(self) -> Option<u64> {
        (self.kind == Kind::Imm as u64).then_some(self.bits)
    }
}

/// A few operands, and their kinds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operands {
    /// Filled up with accumulators, which take no room in code.
    list: [Operand; MAX_OPERANDS],
    kinds: Kinds,
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
        Self { list, kinds: kinds_of(operands), len: N as u8 }
    }

    /// These operands behind `first`; they are at most three.
    #[inline]
    pub(crate) fn behind(&self, first: Operand) -> Self {
        let [a, b, c, _] = self.list;
        Self { list: [first, a, b, c], kinds: self.kinds.behind(first.kind as u8), len: self.len + 1 }
    }

    /// Replaces operand `i`.
    #[inline]
    pub(crate) fn set(&mut self, i: usize, operand: Operand) {
        self.kinds = self.kinds.changed(i, self.list[i].kind as u8, operand.kind as u8);
        self.list[i] = operand;
    }

    /// These operands with `i` and `j` exchanged.
    #[inline]
    pub(crate) fn exchanged(&self, i: usize, j: usize) -> Self {
        let mut list = self.list;
        list.swap(i, j);
        Self { list, kinds: self.kinds.exchanged(i, j), len: self.len }
    }

    /// These operands, and accumulators.
    #[inline]
    pub(crate) fn list(&self) -> [Operand; MAX_OPERANDS] {
        self.list
    }

    /// Their kinds.
    #[inline]
    pub(crate) fn kinds(&self) -> Kinds {
        self.kinds
    }

    /// Whether one of them is `operand`, which is not the accumulator.
    #[inline]
    pub(crate) fn contain(&self, operand: Operand) -> bool {
        self.list.contains(&operand)
    }

    /// Whether one of them is the accumulator.
    #[inline]
    pub(crate) fn have_acc(&self) -> bool {
        self.iter().any(|operand| operand.is_acc())
    }
}

impl Deref for Operands {
    type Target = [Operand];

    #[inline]
    fn deref(&self) -> &[Operand] {
        &self.list[..usize::from(self.len)]
    }
}

/// The kinds of at most four operands.
#[inline]
pub(crate) const fn kinds_of<const N: usize>(operands: [Operand; N]) -> Kinds {
    let mut kinds = Kinds::NONE;
    let mut i = 0;
    while i < N {
        kinds = kinds.with(i, operands[i].kind as u8);
        i += 1;
    }
    kinds
}

/// Room for any op: a head, operands and eight other fields of four units each, and what the encoder
/// writes beyond the last field.
const ROOM: usize = 1 + MAX_OPERANDS * 4 + MAX_REST * 4 + 3;

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
    let kinds = kinds_of(operands);
    match row.opcode(kinds) {
        Some(opcode) => encode_as(out, row, opcode, kinds, operands, rest),
        None => no_form(row, &operands),
    }
}

/// As `encode`, with the opcode that the table has for operands of these kinds.
#[inline]
pub(crate) fn encode_as<const N: usize, const R: usize>(
    out: &mut Vec<u16>,
    row: Row,
    OpCode(opcode): OpCode,
    kinds: Kinds,
    operands: [Operand; N],
    rest: [u64; R],
) -> usize {
    const { assert!(N <= MAX_OPERANDS && R <= MAX_REST) };
    let layout = LAYOUTS[row.shape() as usize];
    let ends = ENDS[usize::from(layout.wide)][kinds.index()];
    out.reserve(ROOM);
    let start = out.len();
    // SAFETY: four operands of at most four units each and eight other fields of at most four units each end
    // within `ROOM` units, which are reserved; fields without a width are written where the one before ends.
    // The units up to the last field's end are written.
    unsafe {
        let units = out.as_mut_ptr().add(start);
        units.write(opcode);
        let mut end = 1;
        for (i, operand) in operands.iter().enumerate() {
            put(units.add(end), operand.bits);
            end = usize::from(ends[i]);
        }
        let operands_end = end;
        for (i, &value) in rest.iter().enumerate() {
            put(units.add(end), value);
            end = operands_end + usize::from(layout.rest_ends[i]);
        }
        out.set_len(start + end);
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

/// The most fields of an op besides operands.
const MAX_REST: usize = 8;

/// Where the operands end, in units from the op's beginning, by their kinds; without and with wide immediates.
static ENDS: [[[u8; MAX_OPERANDS]; Kinds::COUNT]; 2] = {
    let mut ends = [[[0; MAX_OPERANDS]; Kinds::COUNT]; 2];
    let widths = [[0, 1, 2], [0, 1, 4]];
    let mut kinds = 0;
    while kinds < Kinds::COUNT {
        let mut wide = 0;
        while wide < 2 {
            let (mut i, mut end) = (0, 1);
            while i < MAX_OPERANDS {
                end += widths[wide][Kinds::at(kinds).kind(i) as usize];
                ends[wide][kinds][i] = end;
                i += 1;
            }
            wide += 1;
        }
        kinds += 1;
    }
    ends
};

/// How wide the fields of a shape are: operands first, then the others.
#[derive(Debug, Clone, Copy)]
struct Layout {
    /// Whether immediates have 64 bits
    wide: bool,
    /// Where the fields that are no operands end, in units from where they begin; the last end repeated
    rest_ends: [u8; MAX_REST],
}

static LAYOUTS: [Layout; SHAPE_FIELDS.len()] = {
    let mut layouts = [Layout { wide: false, rest_ends: [0; MAX_REST] }; SHAPE_FIELDS.len()];
    let mut shape = 0;
    while shape < SHAPE_FIELDS.len() {
        let fields = SHAPE_FIELDS[shape];
        let layout = &mut layouts[shape];
        let (mut i, mut num_rest, mut end) = (0, 0, 0);
        while i < fields.len() {
            if let Field::Operand | Field::Wide = fields[i] {
                assert!(num_rest == 0, "operands stand before other fields");
                layout.wide |= matches!(fields[i], Field::Wide);
            }
            let width = fields[i].units() as u8;
            if width > 0 {
                end += width;
                layout.rest_ends[num_rest] = end;
                num_rest += 1;
            }
            i += 1;
        }
        while num_rest < MAX_REST {
            layout.rest_ends[num_rest] = end;
            num_rest += 1;
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

//! Encodes rows and operands as compact code, by shape, never by op.

use alloc::vec::Vec;
use core::ops::Deref;

use crate::ir::{
    opcode::{Kind, Kinds, MAX_OPERANDS, OpCode, ROWS, Row},
    operand::Slot,
    shape::{Field, SHAPE_FIELDS},
};

/// An operand of an op about to be encoded: its kind, and the slot or the immediate.
// One word, whose lower half is encoded as it is, except for wide immediates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operand(u64);

/// The bits of an operand. The bits above may have another meaning.
const OPERAND: u64 = (1 << 36) - 1;
/// The position of the kind of an operand.
const KIND: u32 = 32;

impl Operand {
    /// The accumulator of the operand's class.
    pub(crate) const ACC: Self = Self::of_kind(Kind::Acc);
    /// Marks a 64-bit immediate whose upper half is all ones.
    pub(crate) const NEGATIVE: u64 = 1 << 34;
    /// Marks a 64-bit immediate in the pool, whose index is the lower half.
    pub(crate) const POOLED: u64 = 1 << 35;

    /// Returns the operand in the lower bits of `word`.
    #[inline]
    pub(crate) const fn new(word: u64) -> Self {
        Self(word & OPERAND)
    }

    /// Returns the operand of this kind whose other bits are zero.
    pub(crate) const fn of_kind(kind: Kind) -> Self {
        Self((kind as u64) << KIND)
    }

    /// Returns the accumulator if `taken`, and this operand otherwise.
    #[inline(always)]
    pub(crate) fn or_acc(self, taken: bool) -> Self {
        const { assert!(Self::ACC.0 == 0) };
        Self(self.0 & u64::from(taken).wrapping_sub(1))
    }

    /// Returns the operand as a word.
    #[inline]
    pub(crate) const fn word(self) -> u64 {
        self.0
    }

    /// Returns a slot of the frame as an operand.
    #[inline]
    pub(crate) const fn slot(slot: Slot) -> Self {
        Self(Self::of_kind(Kind::Slot).0 | slot.0 as u64)
    }

    /// Returns an immediate with these 32 bits.
    #[inline]
    pub(crate) const fn imm(bits: u32) -> Self {
        Self(Self::of_kind(Kind::Imm).0 | bits as u64)
    }

    /// Returns the kind as a number.
    #[inline]
    const fn kind(self) -> u8 {
        (self.0 >> KIND & 3) as u8
    }

    /// Returns whether this is the accumulator.
    #[inline]
    pub(crate) fn is_acc(self) -> bool {
        self.kind() == Kind::Acc as u8
    }

    /// Returns whether this is an immediate.
    #[inline]
    pub(crate) fn is_imm(self) -> bool {
        self.kind() == Kind::Imm as u8
    }

    /// Returns the slot, if this is one.
    #[inline]
    pub(crate) fn as_slot(self) -> Option<Slot> {
        (self.kind() == Kind::Slot as u8).then_some(Slot(self.0 as u16))
    }

    /// Returns the slot of a result, or a number that no slot has if it is the accumulator.
    // Without a branch, which would be unpredictable.
    #[inline(always)]
    pub(crate) fn result_slot(self) -> u16 {
        const { assert!(Self::ACC.0 == 0 && Kind::Slot as u8 == 1) };
        self.0 as u16 | ((self.0 >> KIND) as u16).wrapping_sub(1)
    }

    /// Returns whether this is a slot and `other` holds.
    // Tests one bit instead of two branches.
    #[inline(always)]
    pub(crate) fn is_slot_if(self, other: bool) -> bool {
        self.0 & u64::from(other) << KIND != 0
    }

    /// Returns the 32 bits, if this is an immediate outside the pool.
    #[inline]
    pub(crate) fn as_imm(self) -> Option<u32> {
        (self.is_imm() && self.0 & Self::POOLED == 0).then_some(self.0 as u32)
    }

    /// Returns the encoded value for a field whose immediates have 64 bits.
    pub(crate) fn wide(self, pool: &[u64]) -> u64 {
        let low = self.0 & u64::from(u32::MAX);
        match self.0 & (Self::POOLED | Self::NEGATIVE) {
            0 => low,
            Self::NEGATIVE => low | u64::from(u32::MAX) << 32,
            _ => pool[low as usize],
        }
    }
}

/// Up to four operands and their kinds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operands {
    /// Filled up with accumulators, which take no units in code.
    list: [Operand; MAX_OPERANDS],
    kinds: Kinds,
    len: u8,
}

impl Operands {
    /// Collects at most four operands.
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

    /// Returns `first` followed by these operands, which must be at most three.
    #[inline]
    pub(crate) fn behind(&self, first: Operand) -> Self {
        let [a, b, c, _] = self.list;
        Self { list: [first, a, b, c], kinds: self.kinds.behind(first.kind()), len: self.len + 1 }
    }

    /// Returns whether one of the operands is the accumulator.
    #[inline]
    pub(crate) fn have_acc(&self) -> bool {
        self.kinds.have_acc(self.len)
    }

    /// Returns the kinds of `first` and these operands.
    #[inline]
    pub(crate) fn kinds_behind(&self, first: Operand) -> Kinds {
        self.kinds.behind(first.kind())
    }

    /// Replaces operand `i`.
    #[inline]
    pub(crate) fn set(&mut self, i: usize, operand: Operand) {
        self.kinds = self.kinds.with(i, operand.kind());
        self.list[i] = operand;
    }

    /// Returns the operands with `i` and `j` exchanged.
    #[inline]
    pub(crate) fn exchanged(&self, i: usize, j: usize) -> Self {
        let mut list = self.list;
        list.swap(i, j);
        Self { list, kinds: self.kinds.exchanged(i, j), len: self.len }
    }

    /// Returns the operands, filled up with accumulators.
    #[inline]
    pub(crate) fn list(&self) -> [Operand; MAX_OPERANDS] {
        self.list
    }

    /// Returns the kinds of the operands.
    #[inline]
    pub(crate) fn kinds(&self) -> Kinds {
        self.kinds
    }
}

impl Deref for Operands {
    type Target = [Operand];

    #[inline]
    fn deref(&self) -> &[Operand] {
        &self.list[..usize::from(self.len)]
    }
}

/// Returns the kinds of at most four operands.
#[inline]
pub(crate) const fn kinds_of<const N: usize>(operands: [Operand; N]) -> Kinds {
    let mut kinds = Kinds::NONE;
    let mut i = 0;
    while i < N {
        kinds = kinds.with(i, operands[i].kind());
        i += 1;
    }
    kinds
}

/// The encoded fields of an op other than its operands, at most four units.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields(u64);

impl Fields {
    /// No fields, or a branch target that is written later.
    pub(crate) const NONE: Self = Self(0);

    /// Returns one field of one or two units.
    #[inline]
    pub(crate) const fn one(field: u32) -> Self {
        Self(field as u64)
    }

    /// Returns two fields of two units each.
    #[inline]
    pub(crate) const fn two(first: u32, second: u32) -> Self {
        Self(first as u64 | (second as u64) << 32)
    }

    /// Returns two fields of one unit each and one of two units.
    #[inline]
    pub(crate) const fn slots(first: Slot, second: Slot, third: u32) -> Self {
        Self(first.0 as u64 | (second.0 as u64) << 16 | (third as u64) << 32)
    }

    /// Returns a memory and whether its addresses have 64 bits. An offset of four units must follow.
    #[inline]
    pub(crate) const fn access(memory: u16, wide: bool) -> Self {
        Self(memory as u64 | (wide as u64) << 16)
    }

    /// Returns the first two units.
    #[inline]
    pub(crate) const fn first(self) -> u32 {
        self.0 as u32
    }
}

/// The number of units to reserve for any op: a head, operands and eight other fields of four units each, and the
/// units that the encoder writes beyond the last field.
const ROOM: usize = 1 + MAX_OPERANDS * 4 + MAX_REST * 4 + 3;

/// Appends `row` with `operands` (result first) and the other fields in `rest` (in order) to `out`; returns the unit
/// at which the op begins. Surplus operands must be accumulators; surplus fields are left out. `pool` holds
/// immediates that do not fit an operand.
///
/// A branch target is always the last field: it is in the last two units.
///
/// # Panics
///
/// If the table lists no such form, which is a defect of the translator.
#[inline]
pub(crate) fn encode<const N: usize, const R: usize>(
    out: &mut Vec<u16>,
    pool: &[u64],
    row: Row,
    operands: [Operand; N],
    rest: [u64; R],
) -> usize {
    const { assert!(R <= MAX_REST) };
    let kinds = kinds_of(operands);
    let Some(opcode) = row.opcode(kinds) else { no_form(row, &operands) };
    let layout = layout_of(row);
    let start = out.len();
    // SAFETY: establishes I1. `put_operands` has reserved `ROOM` units, in which the operands and eight fields of at
    // most four units each end; a field without a width is written at the end of the previous one. All units up to
    // the end of the last field are written.
    unsafe {
        let (units, operands_end) = put_operands(out, pool, layout, opcode, kinds, operands);
        let mut end = operands_end;
        for (i, &value) in rest.iter().enumerate() {
            put(units.add(end), value);
            end = operands_end + usize::from(layout.ends[i]);
        }
        out.set_len(start + end);
    }
    start
}

/// Encodes an op as `encode` does, given its opcode for operands of these kinds. If there are more than four units of
/// other fields, `more` is the last field, which has four units.
#[inline]
#[expect(clippy::too_many_arguments, reason = "all are parts of the op")]
pub(crate) fn encode_as<const N: usize>(
    out: &mut Vec<u16>,
    pool: &[u64],
    row: Row,
    opcode: OpCode,
    kinds: Kinds,
    operands: [Operand; N],
    Fields(fields): Fields,
    more: u64,
) -> usize {
    let layout = layout_of(row);
    let rest = usize::from(layout.end);
    debug_assert!(rest <= 8, "fields are at most eight units");
    let start = out.len();
    // SAFETY: establishes I1. `put_operands` has reserved `ROOM` units, in which the operands and eight more units
    // end. All units of the op are written.
    unsafe {
        let (units, end) = put_operands(out, pool, layout, opcode, kinds, operands);
        put(units.add(end), fields);
        if rest > 4 {
            put(units.add(end + rest - 4), more);
        }
        out.set_len(start + end + rest);
    }
    start
}

/// Encodes an op as `encode_as` does, if its immediates have at most 32 bits, its other fields have at most four
/// units, and `out` has room.
#[inline(always)]
pub(crate) fn encode_at_once<const N: usize>(
    out: &mut Vec<u16>,
    row: Row,
    OpCode(opcode): OpCode,
    kinds: Kinds,
    operands: [Operand; N],
    Fields(fields): Fields,
) -> Option<usize> {
    const { assert!(N <= MAX_OPERANDS) };
    let &Layout { wide, end: rest, .. } = layout_of(row);
    let start = out.len();
    if wide && kinds.have_imm() || rest > 4 || out.capacity() - start < ROOM {
        return None;
    }
    let ends = ends(kinds, false);
    // SAFETY: establishes I1. `out` has room for `ROOM` units, in which four operands of at most two units each and
    // four other units end. All units of the op are written.
    unsafe {
        let units = out.as_mut_ptr().add(start);
        units.write(opcode);
        let mut end = 1;
        for (i, operand) in operands.iter().enumerate() {
            put(units.add(end), operand.word());
            end = usize::from(ends[i]);
        }
        put(units.add(end), fields);
        out.set_len(start + end + usize::from(rest));
    }
    Some(start)
}

/// Writes the head and the operands of an op at the end of `out`, and reserves room for its other fields. Returns the
/// address of the op and the unit at which its operands end.
///
/// # Safety
///
/// `kinds` must be the kinds of the operands.
#[inline(always)]
unsafe fn put_operands<const N: usize>(
    out: &mut Vec<u16>,
    pool: &[u64],
    layout: &Layout,
    OpCode(opcode): OpCode,
    kinds: Kinds,
    operands: [Operand; N],
) -> (*mut u16, usize) {
    const { assert!(N <= MAX_OPERANDS) };
    let ends = ends(kinds, layout.wide);
    out.reserve(ROOM);
    let start = out.len();
    // SAFETY: establishes I1. Four operands of at most four units each end within `ROOM` units, which are reserved.
    unsafe {
        let units = out.as_mut_ptr().add(start);
        units.write(opcode);
        let mut end = 1;
        for (i, operand) in operands.iter().enumerate() {
            // The next field overwrites the units of the word that do not belong to the operand.
            put(units.add(end), if layout.wide { operand.wide(pool) } else { operand.word() });
            end = usize::from(ends[i]);
        }
        (units, end)
    }
}

/// Writes four units at `at`. The next field overwrites the units that do not belong to this one.
///
/// # Safety
///
/// The four units must lie in the allocation of `at`.
#[inline(always)]
unsafe fn put(at: *mut u16, value: u64) {
    let units = [value as u16, (value >> 16) as u16, (value >> 32) as u16, (value >> 48) as u16];
    // SAFETY: the caller promises room for the units, as I1 requires.
    unsafe { at.cast::<[u16; 4]>().write(units) }
}

/// Panics: the table lists no such form, which is a defect of the translator.
#[cold]
pub(crate) fn no_form(row: Row, operands: &[Operand]) -> ! {
    #[cfg(not(terse))]
    panic!("the op table has no form of {} for {operands:?}", row.name());
    // All names, which nothing else needs, take kilobytes.
    #[cfg(terse)]
    panic!("the op table has no form of row {} for {operands:?}", row as u16);
}

/// The maximum number of fields of an op other than its operands.
const MAX_REST: usize = 8;

/// Returns the unit of the op at which each operand ends, by the kinds of the operands.
const fn ends_of(kinds: Kinds, wide: bool) -> [u8; MAX_OPERANDS] {
    let widths = if wide { [0, 1, 4, 0] } else { [0, 1, 2, 0] };
    let mut ends = [0; MAX_OPERANDS];
    let (mut i, mut end) = (0, 1);
    while i < MAX_OPERANDS {
        end += widths[kinds.kind(i) as usize];
        ends[i] = end;
        i += 1;
    }
    ends
}

#[cfg(test)]
#[test]
fn ends_are_computed_as_they_are_listed() {
    // Run with `small_loop`, this compares the two.
    for kinds in (0..Kinds::COUNT).filter(|kinds| kinds & kinds >> 1 & 0x55 == 0).map(Kinds::at) {
        assert_eq!(ends(kinds, false), ends_of(kinds, false));
        assert_eq!(ends(kinds, true), ends_of(kinds, true));
    }
}

/// What `ends_of` returns, without and with wide immediates.
static ENDS: [[[u8; MAX_OPERANDS]; Kinds::COUNT]; 2] = {
    let mut ends = [[[0; MAX_OPERANDS]; Kinds::COUNT]; 2];
    let mut kinds = 0;
    while kinds < Kinds::COUNT {
        ends[0][kinds] = ends_of(Kinds::at(kinds), false);
        ends[1][kinds] = ends_of(Kinds::at(kinds), true);
        kinds += 1;
    }
    ends
};

/// Looks up or computes what `ends_of` returns.
#[cfg_attr(not(small_loop), inline(always))]
#[cfg_attr(small_loop, inline(never))]
fn ends(kinds: Kinds, wide: bool) -> [u8; MAX_OPERANDS] {
    if !cfg!(small_loop) {
        return ENDS[usize::from(wide)][kinds.index()];
    }
    let [a, b, c, d] = [0, 1, 2, 3].map(|i| u32::from(kinds.kind(i)));
    // The number of a kind is its width in units, except for wide immediates.
    let kinds = a | b << 8 | c << 16 | d << 24;
    let widths = if wide { kinds + (kinds & 0x0202_0202) } else { kinds };
    // Adds each width to all bytes from its own on.
    (widths.wrapping_mul(0x0101_0101) + 0x0101_0101).to_le_bytes()
}

/// The widths of the fields of an op.
#[derive(Debug, Clone, Copy)]
struct Layout {
    /// Whether immediates have 64 bits.
    wide: bool,
    /// The length of the fields other than operands, in units.
    end: u8,
    /// The end of each of these fields, in units; the last end is repeated.
    ends: [u8; MAX_REST],
}

impl Layout {
    const fn of(fields: &[Field]) -> Self {
        let mut layout = Self { wide: false, end: 0, ends: [0; MAX_REST] };
        let (mut i, mut num_rest) = (0, 0);
        while i < fields.len() {
            if let Field::Operand | Field::Wide | Field::Cast = fields[i] {
                assert!(num_rest == 0, "operands precede other fields");
                layout.wide |= matches!(fields[i], Field::Wide);
            }
            let width = fields[i].units() as u8;
            if width > 0 {
                layout.end += width;
                layout.ends[num_rest] = layout.end;
                num_rest += 1;
            }
            i += 1;
        }
        while num_rest < MAX_REST {
            layout.ends[num_rest] = layout.end;
            num_rest += 1;
        }
        layout
    }
}

/// The layouts of all shapes.
static SHAPE_LAYOUTS: [Layout; SHAPE_FIELDS.len()] = SHAPE_LAYOUTS_CONST;
const SHAPE_LAYOUTS_CONST: [Layout; SHAPE_FIELDS.len()] = {
    let mut layouts = [Layout::of(&[]); SHAPE_FIELDS.len()];
    let mut shape = 0;
    while shape < SHAPE_FIELDS.len() {
        layouts[shape] = Layout::of(SHAPE_FIELDS[shape]);
        shape += 1;
    }
    layouts
};

/// The layouts of all rows.
static LAYOUTS: [Layout; ROWS.len()] = {
    let mut layouts = [Layout::of(&[]); ROWS.len()];
    let mut row = 0;
    while row < ROWS.len() {
        layouts[row] = SHAPE_LAYOUTS_CONST[ROWS[row].shape() as usize];
        row += 1;
    }
    layouts
};

/// Returns the layout of a row.
#[inline(always)]
fn layout_of(row: Row) -> &'static Layout {
    // Fewer bytes, or one lookup less.
    if cfg!(small_loop) { &SHAPE_LAYOUTS[row.shape() as usize] } else { &LAYOUTS[row as usize] }
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

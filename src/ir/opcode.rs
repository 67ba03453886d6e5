//! Rows, forms and opcodes, computed from the op table.
//!
//! A *row* is an op of the table. A *form* has a letter per operand, result first: `r` for the accumulator, `s` for a
//! slot, `i` for an immediate. An *opcode* is a row in one form:
//! `OpCode = BASE[row] + position of the form among the forms of the row`.

use crate::ir::shape::Shape;

/// The kind of an operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// `r`: the accumulator of its class
    Acc = 0,
    /// `s`: a slot
    Slot = 1,
    /// `i`: an immediate
    Imm = 2,
}

/// A form as a number below 121: forms with fewer operands first, then in the order `r`, `s`, `i`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FormId(pub(crate) u8);

/// The maximum number of operands of an op, including the result.
pub(crate) const MAX_OPERANDS: usize = 4;

/// The kinds of the operands of an op, result first: two bits per operand, the first operand in the highest bits.
/// Missing operands count as accumulators, so only ops with the same number of operands can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kinds(u8);

impl Kinds {
    pub(crate) const COUNT: usize = 256;

    /// No operands.
    pub(crate) const NONE: Self = Self(0);

    /// Returns the position of the lowest bit of operand `i`.
    const fn shift(i: usize) -> usize {
        2 * (MAX_OPERANDS - 1 - i)
    }

    /// Returns these kinds with operand `i` of kind `kind` (a `Kind`).
    #[inline]
    pub(crate) const fn with(self, i: usize, kind: u8) -> Self {
        Self(self.0 & !(3 << Self::shift(i)) | kind << Self::shift(i))
    }

    /// Returns `kind` (a `Kind`) followed by these kinds, which must be at most three.
    #[inline]
    pub(crate) const fn behind(self, kind: u8) -> Self {
        Self(self.of_three() | kind << Self::shift(0))
    }

    /// Returns these kinds without that of the first operand.
    pub(super) const fn without_first(self) -> Self {
        Self(self.0 << 2)
    }

    /// Returns these kinds with operands `i` and `j` exchanged.
    #[inline]
    pub(crate) const fn exchanged(self, i: usize, j: usize) -> Self {
        self.with(i, self.kind(j)).with(j, self.kind(i))
    }

    /// Returns whether one of the first `len` operands is the accumulator.
    #[inline]
    pub(crate) const fn have_acc(self, len: u8) -> bool {
        const THERE: [u8; MAX_OPERANDS + 1] = [0, 0b0100_0000, 0b0101_0000, 0b0101_0100, 0b0101_0101];
        !(self.0 | self.0 >> 1) & THERE[len as usize] != 0
    }

    /// Returns whether an operand is an immediate.
    #[inline]
    pub(crate) const fn have_imm(self) -> bool {
        self.0 & 0b1010_1010 != 0
    }

    /// Returns these kinds as a number below `COUNT`.
    #[inline]
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }

    /// Returns the kinds whose number is `index`.
    pub(crate) const fn at(index: usize) -> Self {
        Self(index as u8)
    }

    /// Returns the kind of operand `i` (a `Kind`).
    #[inline]
    pub(crate) const fn kind(self, i: usize) -> u8 {
        self.0 >> Self::shift(i) & 3
    }

    /// Returns the kinds of the first three operands as a number below 64.
    #[inline]
    pub(super) const fn of_three(self) -> u8 {
        self.0 >> 2
    }
}

/// The number of forms with fewer than `n` operands, by `n`.
pub(crate) const FIRST_FORM: [u8; 6] = [0, 1, 4, 13, 40, 121];

impl FormId {
    /// Whether an operand is an accumulator.
    pub(super) const fn has_acc(self) -> bool {
        let mut n = MAX_OPERANDS;
        while self.0 < FIRST_FORM[n] {
            n -= 1;
        }
        self.kinds().have_acc(n as u8)
    }

    /// Returns the kinds of the operands of this form.
    pub(crate) const fn kinds(self) -> Kinds {
        let mut n = MAX_OPERANDS;
        while self.0 < FIRST_FORM[n] {
            n -= 1;
        }
        let (mut digits, mut kinds) = (self.0 - FIRST_FORM[n], Kinds::NONE);
        while n > 0 {
            n -= 1;
            kinds = kinds.with(n, digits % 3);
            digits /= 3;
        }
        kinds
    }

    /// Returns the form with these operand kinds.
    #[cfg(test)]
    pub(crate) const fn new(kinds: &[Kind]) -> Self {
        let mut id = 0;
        let mut i = 0;
        while i < kinds.len() {
            id = id * 3 + kinds[i] as u8;
            i += 1;
        }
        Self(FIRST_FORM[kinds.len()] + id)
    }

    /// Parses a form as the table writes it; `x` is the form without operands.
    pub(crate) const fn parse(name: &str) -> Self {
        let bytes = name.as_bytes();
        if bytes.len() == 1 && bytes[0] == b'x' {
            return Self(0);
        }
        let mut id = 0;
        let mut i = 0;
        while i < bytes.len() {
            id = id * 3
                + match bytes[i] {
                    b'r' => 0,
                    b's' => 1,
                    b'i' => 2,
                    _ => panic!("a form is written with r, s, i"),
                };
            i += 1;
        }
        Self(FIRST_FORM[bytes.len()] + id)
    }
}

/// A row in one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct OpCode(pub(crate) u16);

/// All rows related to a row. Most of them are needed at run time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Related {
    pub(crate) relations: Relations,
    /// Of a fused op, the first of the two ops that it combines.
    pub(crate) first: Option<Row>,
    /// Of a fused op, the second one, if its left operand is the result of the first.
    pub(crate) second: Option<Row>,
    /// Of a fused op, the second one, if its right operand is the result of the first.
    pub(crate) second_right: Option<Row>,
    /// Of an op on shared memories, the op that does the same with other memories.
    #[cfg_attr(not(any(feature = "threads", test)), allow(dead_code, reason = "there are no such ops"))]
    pub(crate) plain: Option<Row>,
}

impl Related {
    const NONE: Self = Self { relations: Relations::NONE, first: None, second: None, second_right: None, plain: None };
}

/// Rows related to a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Relations {
    /// The same operation with its two operands exchanged.
    pub(crate) swap: Option<Row>,
    /// The comparison that holds exactly when this one does not.
    pub(crate) not: Option<Row>,
    /// The branch taken when this comparison holds.
    pub(crate) branch: Option<Row>,
    /// The branch that adds a constant to its operand before it compares.
    pub(crate) step: Option<Row>,
    /// The same branch to a `consume_fuel`, which it executes as well.
    pub(crate) charged: Option<Row>,
}

impl Relations {
    const NONE: Self = Self { swap: None, not: None, branch: None, step: None, charged: None };
}

const fn mask(names: &[&str]) -> u128 {
    let mut mask = 0u128;
    let mut i = 0;
    while i < names.len() {
        let bit = 1u128 << FormId::parse(names[i]).0;
        assert!(mask < bit, "a row lists its forms in ascending order: r before s before i");
        mask |= bit;
        i += 1;
    }
    mask
}

/// Records a relation of a row. `facts.rs` records the facts.
#[cfg_attr(
    not(all(feature = "simd", feature = "threads")),
    allow(unused_macro_rules, reason = "no op has vectors, or is shared")
)]
macro_rules! relate {
    ($relations:ident of $space:ident) => {};
    ($relations:ident cells $count:literal) => {};
    ($relations:ident link $slot:literal) => {};
    ($relations:ident vectors $operands:literal) => {};
    ($relations:ident level $level:ident) => {};
    ($relations:ident sequence $place:ident) => {};
    ($related:ident first $to:ident) => {
        $related.first = Some(Row::$to);
    };
    ($related:ident second $to:ident) => {
        $related.second = Some(Row::$to);
    };
    ($related:ident second_right $to:ident) => {
        $related.second_right = Some(Row::$to);
    };
    ($related:ident plain $to:ident) => {
        $related.plain = Some(Row::$to);
    };
    ($related:ident $relation:ident $to:ident) => {
        $related.relations.$relation = Some(Row::$to);
    };
}

macro_rules! define_rows {
    ($( $(#[doc = $doc:literal])* $name:ident : $shape:ident [ $($form:ident)* ] = $sem:expr $(, $relation:ident $to:tt)* ; )*) => {
        /// An op of the table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u16)]
        #[expect(non_camel_case_types, reason = "ops have the names of their Wasm operators")]
        pub(crate) enum Row { $( $(#[doc = $doc])* $name, )* }

        /// All rows in order.
        pub(crate) const ROWS: &[Row] = &[ $( Row::$name ),* ];
        /// The description of each row.
        #[cfg(test)]
        pub(crate) const DOCS: &[&str] = &[ $( concat!($($doc),*) ),* ];
        pub(super) const NAMES: &[&str] = &[ $( stringify!($name) ),* ];
        pub(super) const SHAPES: &[Shape] = &[ $( Shape::$shape ),* ];
        pub(crate) const MASKS_CONST: [u128; ROWS.len()] = [ $( mask(&[ $( stringify!($form) ),* ]) ),* ];
        pub(crate) const RELATED: [Related; ROWS.len()] = [ $( {
            #[allow(unused_mut, reason = "most rows have no relations")]
            let mut relations = Related::NONE;
            $( relate!(relations $relation $to); )*
            relations
        } ),* ];

        /// Opcodes by name: `code::i32_add::rss`.
        #[allow(non_upper_case_globals, dead_code, reason = "named as in the table; the dispatchers use them all")]
        pub(crate) mod code {
            $( pub(crate) mod $name {
                use crate::ir::opcode::{Row, base};
                #[expect(non_camel_case_types, reason = "positions of forms, named as in the table")]
                enum Position { $( $form ),* }
                const BASE: u16 = base(Row::$name);
                $( pub(crate) const $form: u16 = BASE + Position::$form as u16; )*
            } )*
        }
    };
}
for_each_op!(define_rows);

static RELATIONS: [Relations; ROWS.len()] = {
    let mut relations = [Relations::NONE; ROWS.len()];
    let mut row = 0;
    while row < ROWS.len() {
        relations[row] = RELATED[row].relations;
        row += 1;
    }
    relations
};

/// Whether the branch of each row executes the `consume_fuel` at its target as well.
#[cfg(any(tail_dispatch, debug_assertions, feature = "inspect", feature = "serialize", feature = "verify", test))]
static CHARGES: [bool; ROWS.len()] = {
    let mut charges = [false; ROWS.len()];
    let mut row = 0;
    while row < ROWS.len() {
        if let Some(charged) = RELATED[row].relations.charged {
            charges[charged as usize] = true;
        }
        row += 1;
    }
    charges
};

/// For each row, the one that does the same with shared memories, or the row itself.
#[cfg(feature = "threads")]
static SHARED: [Row; ROWS.len()] = {
    let mut shared = *ROWS.first_chunk().unwrap();
    let mut row = 0;
    while row < ROWS.len() {
        if let Some(plain) = RELATED[row].plain {
            shared[plain as usize] = ROWS[row];
        }
        row += 1;
    }
    shared
};

/// Returns the first opcode of a row.
const fn base(row: Row) -> u16 {
    BASES_CONST[row as usize]
}

pub(crate) const BASES_CONST: [u16; ROWS.len() + 1] = {
    let mut bases = [0; ROWS.len() + 1];
    let mut i = 0;
    while i < ROWS.len() {
        bases[i + 1] = bases[i] + MASKS_CONST[i].count_ones() as u16;
        i += 1;
    }
    bases
};

/// The two ops that a fused op combines. The result of the first is the left operand of the second, or the right one.
struct Fusion {
    first: Row,
    second: Row,
    right: bool,
}

/// Returns the two ops that `row` combines, if it is fused.
const fn fusion_of(row: usize) -> Option<Fusion> {
    let Related { first, second, second_right, .. } = RELATED[row];
    match (first, second, second_right) {
        (None, ..) => None,
        (Some(first), Some(second), None) => Some(Fusion { first, second, right: false }),
        (Some(first), None, Some(second)) => Some(Fusion { first, second, right: true }),
        _ => panic!("a fused op names the second op once"),
    }
}

/// Numbers the rows that are first, or second, in fusions from 1 on; all others get 0. Returns the numbers and their
/// count.
const fn numbers_in_fusions(first: bool) -> ([u8; ROWS.len()], usize) {
    let mut numbers = [0; ROWS.len()];
    let (mut row, mut count) = (0, 1);
    while row < ROWS.len() {
        if let Some(fusion) = fusion_of(row) {
            let part = if first { fusion.first } else { fusion.second };
            // The row with exchanged operands may take the place of a second one.
            let mut parts = [Some(part), if first { None } else { RELATED[part as usize].relations.swap }];
            while let [Some(part), next] = parts {
                if numbers[part as usize] == 0 {
                    numbers[part as usize] = count as u8;
                    count += 1;
                }
                parts = [next, None];
            }
        }
        row += 1;
    }
    assert!(count <= 256, "numbers have eight bits");
    (numbers, count)
}

static FIRSTS: [u8; ROWS.len()] = numbers_in_fusions(true).0;
static SECONDS: [u8; ROWS.len()] = numbers_in_fusions(false).0;

/// The fused rows, by the number of the first and of the second row, and by whether the first is the right operand.
static FUSED: [[[Option<Row>; 2]; numbers_in_fusions(false).1]; numbers_in_fusions(true).1] = {
    let (firsts, seconds) = (numbers_in_fusions(true), numbers_in_fusions(false));
    let mut table = [[[None; 2]; numbers_in_fusions(false).1]; numbers_in_fusions(true).1];
    let mut row = 0;
    while row < ROWS.len() {
        if let Some(Fusion { first, second, right }) = fusion_of(row) {
            let entry =
                &mut table[firsts.0[first as usize] as usize][seconds.0[second as usize] as usize][right as usize];
            assert!(entry.is_none(), "two rows combine the same ops");
            *entry = Some(ROWS[row]);
        }
        row += 1;
    }
    // The right operand of a row is the left one of the row with exchanged operands, which may have no fusion itself.
    let mut row = 0;
    while row < ROWS.len() {
        if let Some(swap) = RELATED[row].relations.swap {
            let (second, swap) = (seconds.0[row] as usize, seconds.0[swap as usize] as usize);
            let mut first = 0;
            while first < firsts.1 {
                if table[first][second][1].is_none() && second != 0 {
                    table[first][second][1] = table[first][swap][0];
                }
                first += 1;
            }
        }
        row += 1;
    }
    table
};

impl Row {
    /// Returns the op that combines `self` and `second`, if the table has one. `right` means that the result of
    /// `self` is the right operand of `second`.
    #[inline]
    pub(crate) fn fused_with(self, second: Row, right: bool) -> Option<Row> {
        if cfg!(feature = "small") {
            return None;
        }
        let (first, second) = (FIRSTS[self as usize], SECONDS[second as usize]);
        FUSED[usize::from(first)][usize::from(second)][usize::from(right)]
    }

    /// Returns the name in the table.
    #[cfg_attr(terse, allow(dead_code, reason = "builds for size name ops for tools and tests only"))]
    pub(crate) fn name(self) -> &'static str {
        NAMES[self as usize]
    }

    /// Returns the shape in the table.
    pub(crate) const fn shape(self) -> Shape {
        SHAPES[self as usize]
    }

    /// Returns the row that does the same with shared memories, if there is one, or else this row.
    #[cfg(feature = "threads")]
    pub(crate) fn shared(self) -> Self {
        SHARED[self as usize]
    }

    /// Returns the related rows.
    pub(crate) fn relations(self) -> &'static Relations {
        &RELATIONS[self as usize]
    }

    /// Returns whether the branch of this row executes the `consume_fuel` at its target as well.
    #[cfg(any(tail_dispatch, debug_assertions, feature = "inspect", feature = "serialize", feature = "verify", test))]
    pub(crate) fn charges(self) -> bool {
        CHARGES[self as usize]
    }
}

impl OpCode {
    /// The number of opcodes.
    pub(crate) const COUNT: usize = BASES_CONST[ROWS.len()] as usize;
}

#[cfg(test)]
mod tests {
    use super::{FormId, Kind, MASKS_CONST, OpCode, ROWS, Row, code};
    use crate::ir::forms::is_used;

    #[test]
    fn forms_are_numbered_by_length_then_letters() {
        assert_eq!(FormId::parse("x"), FormId::new(&[]));
        assert_eq!(FormId::parse("rsi"), FormId::new(&[Kind::Acc, Kind::Slot, Kind::Imm]));
        assert_eq!(FormId::parse("rsi").len(), 3);
        assert_eq!(FormId::parse("rsi").kind(2), Kind::Imm);
        assert_eq!(FormId::parse("si").kind(0), Kind::Slot);
    }

    #[test]
    fn every_opcode_goes_back_to_its_row() {
        let mut count = 0;
        for &row in ROWS {
            for form in (0..121).filter(|form| MASKS_CONST[row as usize] >> form & 1 != 0).map(FormId) {
                let opcode = row.opcode(form.kinds());
                assert_eq!(opcode.is_some(), is_used(row, form));
                if let Some(opcode) = opcode {
                    assert_eq!(opcode.row_and_form(), Some((row, form)));
                }
                count += 1;
            }
        }
        assert_eq!(count, OpCode::COUNT);
        assert_eq!(OpCode(OpCode::COUNT as u16).row_and_form(), None);
        let rss = FormId::new(&[Kind::Acc, Kind::Slot, Kind::Slot]);
        assert_eq!(Row::i32_add.opcode(rss.kinds()), Some(OpCode(code::i32_add::rss)));
    }

    #[test]
    fn relations_are_symmetric() {
        for &row in ROWS {
            let relations = row.relations();
            if let Some(swap) = relations.swap {
                assert_eq!(swap.relations().swap, Some(row), "{}", row.name());
            }
            if let Some(not) = relations.not {
                assert_eq!(not.relations().not, Some(row), "{}", row.name());
                assert_eq!(not.shape(), row.shape(), "{}", row.name());
            }
        }
    }
}

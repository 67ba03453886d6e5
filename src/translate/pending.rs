//! The pending value: an op that is not emitted yet, because it is not known where its result is wanted.
//! And the operands of ops, in forms that the table has.

use crate::{
    ir::{
        encode::{Operand, Operands, kinds_of, no_form},
        opcode::{OpCode, Row},
        operand::{Class, Slot},
    },
    translate::{
        builder::Builder,
        stack::{Entry, Place},
    },
    types::ValType,
};

/// A value op that is not emitted yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Staged {
    pub(crate) row: Row,
    /// Operands without the result.
    pub(crate) operands: Operands,
    /// The fields that are no operands; more than there are do not matter.
    pub(crate) rest: [u64; MAX_REST],
    /// Class of the operands.
    pub(crate) input: Class,
    /// Type of the result.
    pub(crate) ty: ValType,
    /// This test for zero applies to the result.
    pub(crate) negated: Option<Row>,
    /// Where it is on the operand stack.
    pub(crate) position: usize,
}

/// No value op has more fields that are no operands.
const MAX_REST: usize = 3;

impl Staged {
    /// Nothing.
    pub(crate) const NONE: Self = Self {
        row: Row::copy,
        operands: Operands::new([]),
        rest: [0; MAX_REST],
        input: Class::Int,
        ty: ValType::I32,
        negated: None,
        position: 0,
    };
}

impl Builder<'_> {
    /// Pushes the result of a value op, to be emitted later.
    #[inline]
    pub(crate) fn stage<const N: usize, const R: usize>(
        &mut self,
        row: Row,
        operands: [Operand; N],
        rest: [u64; R],
        input: Class,
        ty: ValType,
    ) {
        debug_assert!(!self.has_pending);
        let staged = &mut self.staged;
        staged.row = row;
        staged.operands = Operands::new(operands);
        staged.rest[..R].copy_from_slice(&rest);
        staged.input = input;
        staged.ty = ty;
        staged.negated = None;
        staged.position = self.scratch.stack.height();
        self.has_pending = true;
        self.scratch.stack.push(Place::Pending, ty);
    }

    /// The pending value, if there is one.
    #[inline]
    pub(crate) fn pending(&self) -> Option<&Staged> {
        self.has_pending.then_some(&self.staged)
    }

    /// Emits the pending value into its canonical slot, if there is one on the stack.
    #[inline]
    pub(crate) fn flush(&mut self) {
        if self.has_pending {
            self.flush_pending();
        }
    }

    fn flush_pending(&mut self) {
        let position = self.staged.position;
        let slot = self.temporary(position);
        self.scratch.stack.set_temporary(position);
        self.emit_pending(Operand::slot(slot), position);
    }

    /// Emits the pending value, if there is one, to `dst`; `position` is its stack position.
    pub(crate) fn emit_pending(&mut self, dst: Operand, position: usize) {
        if !self.has_pending {
            return;
        }
        self.has_pending = false;
        if let Some(test) = self.staged.negated.take() {
            self.emit_value(Operand::ACC, position);
            let staged = &mut self.staged;
            staged.row = test;
            staged.operands = Operands::new([Operand::ACC]);
            staged.rest = [0; MAX_REST];
            staged.input = Class::Int;
            staged.ty = ValType::I32;
        }
        self.emit_value(dst, position);
    }

    /// Emits the value op that is staged to `dst`, or to the canonical slot of `position` if the row cannot
    /// leave its result in the accumulator alone.
    #[inline]
    fn emit_value(&mut self, dst: Operand, position: usize) {
        let staged = &self.staged;
        let row = staged.row;
        let mut operands = staged.operands.behind(dst);
        let mirror = self.mirrors.get(staged.input);
        if mirror.is_none_or(|mirror| !operands[1..].contains(&Operand::slot(Slot(mirror))))
            && let Some(opcode) = row.opcode(operands.kinds())
        {
            return self.emit_chosen(row, opcode, &operands);
        }
        if row == Row::copy && dst.is_acc() && operands[1].is_acc() {
            // It is there already.
            return;
        }
        if let Some(mirror) = mirror {
            use_mirror_among(row, Slot(mirror), &mut operands);
        }
        let mut choice = choose(row, operands);
        if choice.is_none() {
            operands[0] = Operand::slot(self.temporary(position));
            choice = choose(row, operands);
        }
        match choice {
            Some((row, opcode, operands)) => self.emit_chosen(row, opcode, &operands),
            None => no_form(row, &operands),
        }
    }

    /// As `use_mirror_among` for operand `i` of an op without a result.
    pub(crate) fn use_mirror<const N: usize>(&self, row: Row, input: Class, operands: &mut [Operand; N], i: usize) {
        let before = operands[i];
        if self.mirrors.holds(input, before) {
            operands[i] = Operand::ACC;
            if row.opcode(kinds_of(*operands)).is_none() {
                operands[i] = before;
            }
        }
    }

    // ---- operands

    /// What `entry` would be as an operand, without emitting anything.
    #[inline]
    pub(crate) fn preview(entry: Entry) -> Operand {
        match entry.place() {
            Place::Local(slot) => Operand::slot(Slot(slot)),
            Place::Constant(bits) if fits_imm32(bits, entry.ty()) || entry.ty() == ValType::F64 => Operand::imm(bits),
            Place::Pending => Operand::ACC,
            Place::Constant(_) | Place::Temporary => Operand::slot(Slot(0)),
        }
    }

    /// Turns `entry`, popped from `position`, into a slot operand.
    pub(crate) fn slot_of(&mut self, entry: Entry, position: usize) -> Slot {
        match entry.place() {
            Place::Local(slot) => Slot(slot),
            Place::Temporary => self.temporary(position),
            Place::Constant(bits) => {
                let slot = self.temporary(position);
                self.copy_constant(slot, bits, entry.ty());
                slot
            }
            Place::Pending => {
                let slot = self.temporary(position);
                self.emit_pending(Operand::slot(slot), position);
                slot
            }
        }
    }

    /// Turns entries popped from consecutive positions from `position` on into operands of `row`,
    /// all of them together in a form that the row has (with its result in a slot, if `result`).
    ///
    /// Emits the pending value: into the accumulator if it is one of the entries and the row
    /// can take it there, into its slot otherwise.
    #[inline(always)]
    pub(crate) fn operands<const N: usize>(
        &mut self,
        row: Row,
        result: bool,
        entries: [(Entry, usize); N],
    ) -> [Operand; N] {
        let pending = entries.iter().position(|(entry, _)| entry.is_pending());
        let mut operands = entries.map(|(entry, _)| Self::preview(entry));
        if !fits(row, result, operands) {
            give_up(row, result, &mut operands);
        }
        // The pending value first: its op may read the accumulator.
        match pending {
            None => self.flush(),
            Some(i) => {
                let (entry, position) = entries[i];
                if operands[i].is_acc() {
                    self.emit_pending(Operand::ACC, position);
                } else {
                    operands[i] = Operand::slot(self.slot_of(entry, position));
                }
            }
        }
        for i in 0..N {
            let (entry, position) = entries[i];
            if matches!(entry.place(), Place::Temporary | Place::Constant(_)) && operands[i].as_slot().is_some() {
                operands[i] = Operand::slot(self.slot_of(entry, position));
            }
        }
        operands
    }
}

/// Whether `row` has a form for these operands (with its result in a slot, if `result`), exchanged or not.
#[inline]
pub(crate) fn fits<const N: usize>(row: Row, result: bool, operands: [Operand; N]) -> bool {
    let kinds = kinds_of(operands);
    if result { row.gives(kinds) } else { row.takes(kinds) }
}

/// Gives up immediates from the left, then the accumulator, until the row has such a form.
#[cold]
fn give_up<const N: usize>(row: Row, result: bool, operands: &mut [Operand; N]) {
    for i in (0..N).chain(0..N) {
        let immediates = operands.iter().any(|operand| operand.as_imm().is_some());
        if operands[i].as_imm().is_some() || operands[i].is_acc() && !immediates {
            operands[i] = Operand::slot(Slot(0));
        }
        if fits(row, result, *operands) {
            return;
        }
    }
}

/// Replaces one operand (the result apart) that is the slot `mirror` by the accumulator that holds a copy of
/// it, if the row has such a form.
fn use_mirror_among(row: Row, mirror: Slot, operands: &mut Operands) {
    let slot = Operand::slot(mirror);
    if operands[1..].iter().any(|operand| operand.is_acc()) {
        return;
    }
    for i in 1..operands.len() {
        if operands[i] == slot {
            operands[i] = Operand::ACC;
            if choose(row, *operands).is_some() {
                return;
            }
            operands[i] = slot;
        }
    }
}

/// The row or that with exchanged operands (the result stays first), whichever has such a form.
fn choose(row: Row, mut operands: Operands) -> Option<(Row, OpCode, Operands)> {
    if let Some(opcode) = row.opcode(operands.kinds()) {
        return Some((row, opcode, operands));
    }
    let other = row.relations().swap?;
    operands.swap(1, 2);
    other.opcode(operands.kinds()).map(|opcode| (other, opcode, operands))
}

/// Whether `bits` can be an immediate of 32 bits that operators of type `ty` sign-extend.
#[inline]
pub(crate) fn fits_imm32(bits: u64, ty: ValType) -> bool {
    match ty {
        ValType::I32 | ValType::F32 => true,
        _ => i64::from(bits as i32) == bits.cast_signed(),
    }
}

/// The op without a result with its two operands exchanged, if the table has it.
pub(crate) fn exchanged(row: Row, mut operands: Operands) -> Option<(Row, Operands)> {
    let other = row.relations().swap?;
    operands.swap(0, 1);
    other.opcode(operands.kinds()).is_some().then_some((other, operands))
}

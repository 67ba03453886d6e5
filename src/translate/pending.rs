//! The pending value: an op that is not emitted yet, because it is not known where its result is wanted.
//! And the operands of ops, in forms that the table has.

use crate::{
    ir::{
        encode::{Operand, Operands, form_of},
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
    /// The fields that are no operands, and how many there are.
    pub(crate) rest: [u64; MAX_REST],
    pub(crate) num_rest: u8,
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

impl Builder<'_> {
    /// Pushes the result of a value op, to be emitted later.
    #[inline]
    pub(crate) fn stage(&mut self, row: Row, operands: &[Operand], rest: &[u64], input: Class, ty: ValType) {
        debug_assert!(self.pending.is_none());
        let mut fields = [0; MAX_REST];
        fields[..rest.len()].copy_from_slice(rest);
        self.pending = Some(Staged {
            row,
            operands: Operands::new(operands),
            rest: fields,
            num_rest: rest.len() as u8,
            input,
            ty,
            negated: None,
            position: self.scratch.stack.height(),
        });
        self.scratch.stack.push(Place::Pending, ty);
    }

    /// Emits the pending value into its canonical slot, if there is one on the stack.
    #[inline]
    pub(crate) fn flush(&mut self) {
        if let Some(staged) = &self.pending {
            let position = staged.position;
            self.flush_at(position);
        }
    }

    fn flush_at(&mut self, position: usize) {
        let slot = self.temporary(position);
        self.scratch.stack.set_temporary(position);
        self.emit_pending(Operand::slot(slot), position);
    }

    /// Emits the pending value to `dst`; `position` is its stack position.
    pub(crate) fn emit_pending(&mut self, dst: Operand, position: usize) {
        let Some(staged) = self.pending.take() else { return };
        let temporary = self.temporary(position);
        match staged.negated {
            None => self.emit_value(&staged, dst, temporary),
            Some(test) => self.emit_negated(staged, test, dst, temporary),
        }
    }

    fn emit_negated(&mut self, staged: Staged, test: Row, dst: Operand, temporary: Slot) {
        self.emit_value(&staged, Operand::ACC, temporary);
        let test = Staged {
            row: test,
            operands: Operands::new(&[Operand::ACC]),
            num_rest: 0,
            input: Class::Int,
            ty: ValType::I32,
            negated: None,
            ..staged
        };
        self.emit_value(&test, dst, temporary);
    }

    /// Emits a value op to `dst`; `temporary` is the canonical slot of its result, used if the
    /// row cannot leave its result in the accumulator alone.
    fn emit_value(&mut self, staged: &Staged, dst: Operand, temporary: Slot) {
        let class = Class::of(staged.ty);
        if staged.row == Row::copy && dst.is_acc() && staged.operands[0].is_acc() {
            // It is there already.
            return;
        }
        let mut dst = dst;
        let mut row = staged.row;
        let mut operands = staged.operands.behind(dst);
        if let Some(mirror) = self.mirrors.get(staged.input) {
            use_mirror_among(row, Slot(mirror), &mut operands);
        }
        let mut opcode = row.opcode(form_of(&operands));
        if opcode.is_none() {
            (row, opcode, operands) = exchange(row, operands);
            if opcode.is_none() {
                row = staged.row;
                if row.relations().swap.is_some() {
                    operands.swap(1, 2);
                }
                dst = Operand::slot(temporary);
                operands[0] = dst;
                opcode = row.opcode(form_of(&operands));
                if opcode.is_none() {
                    (row, opcode, operands) = exchange(row, operands);
                }
            }
        }
        let rest = &staged.rest[..usize::from(staged.num_rest)];
        self.emit_step(row, opcode, &operands, rest, dst, staged);
        match dst.as_slot() {
            Some(slot) => {
                self.mirrors.overwrite(slot.0);
                self.mirrors.set(class, Some(slot.0));
            }
            None => self.mirrors.set(class, None),
        }
    }

    /// As `use_mirror_among` for operand `i` of an op without a result.
    pub(crate) fn use_mirror(&self, row: Row, input: Class, operands: &mut [Operand], i: usize) {
        let before = operands[i];
        if self.mirrors.holds(input, before) {
            operands[i] = Operand::ACC;
            if row.opcode(form_of(operands)).is_none() {
                operands[i] = before;
            }
        }
    }

    // ---- operands

    /// What `entry` would be as an operand, without emitting anything.
    #[inline]
    pub(crate) fn preview(entry: Entry) -> Operand {
        match entry.place {
            Place::Local(slot) => Operand::slot(Slot(slot)),
            Place::Constant(bits) if fits_imm32(bits, entry.ty) || entry.ty == ValType::F64 => Operand::imm(bits),
            Place::Pending => Operand::ACC,
            Place::Constant(_) | Place::Temporary => Operand::slot(Slot(0)),
        }
    }

    /// Turns `entry`, popped from `position`, into a slot operand.
    pub(crate) fn slot_of(&mut self, entry: Entry, position: usize) -> Slot {
        match entry.place {
            Place::Local(slot) => Slot(slot),
            Place::Temporary => self.temporary(position),
            Place::Constant(bits) => {
                let slot = self.temporary(position);
                self.copy_constant(slot, bits, entry.ty);
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
    #[inline]
    pub(crate) fn operands<const N: usize>(
        &mut self,
        row: Row,
        result: bool,
        entries: [(Entry, usize); N],
    ) -> [Operand; N] {
        let pending = entries.iter().position(|(entry, _)| entry.place == Place::Pending);
        let mut operands = entries.map(|(entry, _)| Self::preview(entry));
        if !fits(row, result, &operands) {
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
            if matches!(entry.place, Place::Temporary | Place::Constant(_)) && operands[i].as_slot().is_some() {
                operands[i] = Operand::slot(self.slot_of(entry, position));
            }
        }
        operands
    }
}

/// Whether `row` has a form for these operands (with its result in a slot, if `result`), exchanged or not.
#[inline]
pub(crate) fn fits(row: Row, result: bool, operands: &[Operand]) -> bool {
    let form = form_of(operands);
    if result { row.gives(form) } else { row.takes(form) }
}

/// Gives up immediates from the left, then the accumulator, until the row has such a form.
#[cold]
fn give_up(row: Row, result: bool, operands: &mut [Operand]) {
    let count = operands.len();
    for i in (0..count).chain(0..count) {
        let immediates = operands.iter().any(|operand| operand.as_imm().is_some());
        if operands[i].as_imm().is_some() || operands[i].is_acc() && !immediates {
            operands[i] = Operand::slot(Slot(0));
        }
        if fits(row, result, operands) {
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
            if row.opcode(form_of(operands)).is_some() || exchange(row, *operands).1.is_some() {
                return;
            }
            operands[i] = slot;
        }
    }
}

/// The op with its two operands exchanged (the result stays first), its opcode if the table has one.
fn exchange(row: Row, mut operands: Operands) -> (Row, Option<OpCode>, Operands) {
    let Some(other) = row.relations().swap else { return (row, None, operands) };
    operands.swap(1, 2);
    (other, other.opcode(form_of(&operands)), operands)
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
    other.opcode(form_of(&operands)).is_some().then_some((other, operands))
}

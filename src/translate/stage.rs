//! Staging: value ops wait until it is known where their results are wanted, then are emitted in a form that the table
//! has.

use crate::{
    ir::{
        encode::{Fields, Operand, Operands, kinds_of, no_form},
        opcode::{Kind, Kinds, MAX_OPERANDS, OpCode, Row},
        operand::{Class, Slot},
    },
    translate::{
        builder::Builder,
        forms::{Choice, choose, fits, give_up, use_mirror_among},
        place::Place,
    },
    types::repr::Ty,
    validate::Entry,
};

impl Builder<'_> {
    /// Stages a value op and pushes its result.
    #[inline]
    pub(crate) fn stage<const N: usize>(
        &mut self,
        row: Row,
        operands: [Operand; N],
        fields: Fields,
        input: Class,
        ty: Ty,
    ) {
        let position = self.stack.height();
        self.stack.push(Entry::pending(ty));
        self.stage_at(position, row, operands, fields, input, ty);
    }

    /// Stages a value op and replaces the entry at `position` by its result.
    #[inline(always)]
    pub(crate) fn stage_at<const N: usize>(
        &mut self,
        position: usize,
        row: Row,
        operands: [Operand; N],
        fields: Fields,
        input: Class,
        ty: Ty,
    ) {
        self.pending.stage(position, row, operands, fields, input, ty);
        self.stack.validation.entries[position] = Entry::pending(ty);
    }

    /// Emits the pending value into its canonical slot, if there is one on the stack.
    #[inline]
    pub(crate) fn flush(&mut self) {
        if self.pending.exists {
            self.flush_pending();
        }
    }

    fn flush_pending(&mut self) {
        let position = self.pending.op.position;
        let slot = self.stack.slots.temporary(position);
        self.stack.set_temporary(position);
        self.emit_pending(Operand::slot(slot));
    }

    /// Emits the pending value, if there is one, to `dst`.
    pub(crate) fn emit_pending(&mut self, dst: Operand) {
        if !self.pending.exists {
            return;
        }
        self.pending.exists = false;
        if self.pending.op.negated.is_some() {
            self.emit_negated();
        }
        self.emit_value(dst);
    }

    /// Emits the staged op without the test for zero that applies to its result, then makes that test the staged op.
    fn emit_negated(&mut self) {
        let Some(test) = self.pending.op.negated.take() else { return };
        self.emit_value(Operand::ACC);
        let staged = &mut self.pending.op;
        staged.row = test;
        staged.operands = Operands::new([Operand::ACC]);
        staged.fields = Fields::NONE;
        staged.input = Class::Int;
        staged.ty = Ty::I32;
    }

    /// Emits the staged op with its result in `dst`, or in its canonical slot if the row cannot leave it in the
    /// accumulator only.
    fn emit_value(&mut self, dst: Operand) {
        let staged = &self.pending.op;
        let row = staged.row;
        let [mut a, mut b, mut c, _] = staged.operands.list();
        let mut kinds = staged.operands.kinds_behind(dst);
        // Take one operand from the accumulator, if that holds a copy, and no other operand is there.
        let mirror = self.emitter.mirrors.operand(staged.input);
        let acc = Kind::Acc as u8;
        // One combined test: which operand matches is unpredictable, and usually none does.
        if (a == mirror) | (b == mirror) | (c == mirror) && !staged.operands.have_acc() {
            if a == mirror {
                (a, kinds) = (Operand::ACC, kinds.with(1, acc));
                // If another operand is the same value, read both from the accumulator when such a form exists.
                if b == mirror && row.opcode(kinds.with(2, acc)).is_some() {
                    (b, kinds) = (Operand::ACC, kinds.with(2, acc));
                } else if c == mirror && row.opcode(kinds.with(3, acc)).is_some() {
                    (c, kinds) = (Operand::ACC, kinds.with(3, acc));
                }
            } else if b == mirror {
                (b, kinds) = (Operand::ACC, kinds.with(2, acc));
            } else {
                (c, kinds) = (Operand::ACC, kinds.with(3, acc));
            }
        }
        match row.opcode(kinds) {
            Some(opcode) => self.emit_chosen(row, opcode, kinds, [dst, a, b, c]),
            None => self.emit_other_form(dst, mirror),
        }
    }

    /// Like `emit_value`, if the row does not have the form that it chose. The accumulator holds a copy of `mirror`.
    #[inline(never)]
    fn emit_other_form(&mut self, dst: Operand, mirror: Operand) {
        let row = self.pending.op.row;
        let mut operands = self.pending.op.operands.behind(dst);
        if row == Row::copy && operands[0].is_acc() && operands[1].is_acc() {
            // The value is in place already.
            return;
        }
        use_mirror_among(row, mirror, &mut operands);
        let mut choice = choose(row, operands.kinds());
        if choice.is_none() {
            let slot = self.stack.slots.temporary(self.pending.op.position);
            operands.set(0, Operand::slot(slot));
            choice = choose(row, operands.kinds());
        }
        match choice {
            Some(Choice { row, opcode, exchanged }) => {
                if exchanged {
                    operands = operands.exchanged(1, 2);
                }
                self.emit_chosen(row, opcode, operands.kinds(), operands.list());
            }
            None => no_form(row, &operands),
        }
    }

    /// Emits the staged op in the form that was chosen for it.
    #[inline(always)]
    fn emit_chosen(&mut self, row: Row, opcode: OpCode, kinds: Kinds, operands: [Operand; MAX_OPERANDS]) {
        let staged = &self.pending.op;
        let [dst, lhs, rhs, third] = operands;
        // The accumulator keeps its value, which is often another global.
        let keeps_accumulator = row == Row::global_get && !dst.is_acc();
        self.emitter.begin_value(Class::of(staged.ty), dst, keeps_accumulator);
        // One condition instead of four.
        let adds = (staged.row == Row::i32_add) | (staged.row == Row::i64_add);
        if dst.is_slot_if(adds) {
            return self.emit_addition(opcode, kinds, Slot(dst.result_slot()), lhs, rhs);
        }
        if !self.emitter.value_at_once(row, opcode, kinds, operands, staged.fields) {
            self.emit_chosen_slowly(row, opcode, kinds, dst, lhs, rhs, third);
        }
    }

    /// Like `emit_chosen`, if there is no room for the op, or its fields are more or wider than those of most ops.
    #[cold]
    #[inline(never)]
    #[expect(clippy::too_many_arguments, reason = "without an array, they stay in registers where this is not called")]
    fn emit_chosen_slowly(
        &mut self,
        row: Row,
        opcode: OpCode,
        kinds: Kinds,
        dst: Operand,
        first: Operand,
        second: Operand,
        third: Operand,
    ) {
        self.emitter.any_value(row, opcode, kinds, [dst, first, second, third], &self.pending.op);
    }

    /// Emits the staged addition with its result in `dst`, and joins it with the addition before.
    #[inline(never)]
    fn emit_addition(&mut self, opcode: OpCode, kinds: Kinds, dst: Slot, lhs: Operand, rhs: Operand) {
        let row = self.pending.op.row;
        if !self.emitter.addition_at_once(row, opcode, kinds, [Operand::slot(dst), lhs, rhs]) {
            self.emit_chosen_slowly(row, opcode, kinds, Operand::slot(dst), lhs, rhs, Operand::ACC);
        }
        let plain = !lhs.is_acc() && !rhs.is_acc();
        self.emitter.join_additions(&self.pending.op, dst, plain);
    }

    // ---- operands

    /// Returns a slot that has the value of `entry`, which was popped from `position`.
    pub(crate) fn slot_of(&mut self, entry: Entry, position: usize) -> Slot {
        match entry.place() {
            Place::Local(slot) => Slot(slot),
            Place::Temporary(slot) => slot,
            Place::Constant => {
                let slot = self.stack.slots.temporary(position);
                self.emitter.copy_constant(slot, entry);
                slot
            }
            Place::Pending => {
                let slot = self.stack.slots.temporary(position);
                self.emit_pending(Operand::slot(slot));
                slot
            }
        }
    }

    /// Turns the entries that were popped last into operands of `row`, which has a form for them. With `result`, the
    /// form has its result in a slot.
    ///
    /// Emits the pending value: to the accumulator if it is one of the entries and the row can take it from there, or
    /// else to its slot.
    #[inline(always)]
    pub(crate) fn operands<const N: usize>(&mut self, row: Row, result: bool, entries: [Entry; N]) -> [Operand; N] {
        if let Some(operands) = as_they_are(row, result, entries) {
            if !self.pending.exists {
                return operands;
            }
            if Entry::is_one_pending(entries) {
                self.emit_pending(Operand::ACC);
                return operands;
            }
        }
        self.prepared_operands(row, result, entries)
    }

    /// Like `operands`, if nothing has to be emitted first.
    #[inline(always)]
    pub(crate) fn ready_operands<const N: usize>(
        &self,
        row: Row,
        result: bool,
        entries: [Entry; N],
    ) -> Option<[Operand; N]> {
        if self.pending.exists { None } else { as_they_are(row, result, entries) }
    }

    /// Like `operands`, if more than the pending value has to be emitted first.
    fn prepared_operands<const N: usize>(&mut self, row: Row, result: bool, entries: [Entry; N]) -> [Operand; N] {
        let first = self.stack.height();
        let mut operands = entries.map(Entry::operand);
        if !fits(row, result, kinds_of(operands)) {
            give_up(row, result, &mut operands);
        }
        // Emit the pending value first: its op may read the accumulator.
        match entries.iter().position(|entry| entry.is_pending()) {
            None => self.flush(),
            Some(i) if operands[i].is_acc() => self.emit_pending(Operand::ACC),
            Some(i) => operands[i] = Operand::slot(self.slot_of(entries[i], first + i)),
        }
        for (i, &entry) in entries.iter().enumerate() {
            if entry.is_constant() && operands[i].as_slot().is_some() {
                operands[i] = Operand::slot(self.slot_of(entry, first + i));
            }
        }
        operands
    }
}

/// Returns `entries` as operands, if each can be one as it is, and `row` has such a form.
#[inline(always)]
fn as_they_are<const N: usize>(row: Row, result: bool, entries: [Entry; N]) -> Option<[Operand; N]> {
    let operands = entries.map(Entry::operand);
    (!Entry::some_are_large(entries) && fits(row, result, kinds_of(operands))).then_some(operands)
}

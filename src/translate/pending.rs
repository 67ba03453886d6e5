//! The pending value: an op that is not emitted yet, because it is not known where its result is wanted.
//! And the operands of ops, in forms that the table has.

use crate::{
    ir::{
        encode::{Fields, Operand, Operands, kinds_of, no_form},
        opcode::{Kind, Kinds, OpCode, Row},
        operand::{Class, Slot},
    },
    translate::{builder::Builder, place::Place},
    types::ValType,
    validate::Entry,
};

/// A value op that is not emitted yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Staged {
    pub(crate) row: Row,
    /// Operands without the result.
    pub(crate) operands: Operands,
    /// The fields that are no operands.
    pub(crate) rest: Fields,
    /// Those of the ops for all memories that are too many for `rest`.
    pub(crate) more: u64,
    /// Class of the operands.
    pub(crate) input: Class,
    /// Type of the result.
    pub(crate) ty: ValType,
    /// This test for zero applies to the result.
    pub(crate) negated: Option<Row>,
    /// Where it is on the operand stack.
    pub(crate) position: usize,
}

impl Staged {
    /// Nothing.
    pub(crate) const NONE: Self = Self {
        row: Row::copy,
        operands: Operands::new([]),
        rest: Fields::NONE,
        more: 0,
        input: Class::Int,
        ty: ValType::I32,
        negated: None,
        position: 0,
    };
}

impl Builder<'_> {
    /// Pushes the result of a value op, to be emitted later.
    #[inline]
    pub(crate) fn stage<const N: usize>(
        &mut self,
        row: Row,
        operands: [Operand; N],
        rest: Fields,
        input: Class,
        ty: ValType,
    ) {
        let position = self.height();
        self.push(Entry::pending(ty));
        self.stage_at(position, row, operands, rest, input, ty);
    }

    /// Makes the entry at `position` the result of a value op, to be emitted later.
    #[inline(always)]
    pub(crate) fn stage_at<const N: usize>(
        &mut self,
        position: usize,
        row: Row,
        operands: [Operand; N],
        rest: Fields,
        input: Class,
        ty: ValType,
    ) {
        debug_assert!(!self.has_pending);
        self.has_pending = true;
        let more = self.staged.more;
        self.staged = Staged { row, operands: Operands::new(operands), rest, more, input, ty, negated: None, position };
        self.validation.entries[position] = Entry::pending(ty);
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
        self.set_temporary(position);
        self.emit_pending(Operand::slot(slot));
    }

    /// Emits the pending value, if there is one, to `dst`.
    pub(crate) fn emit_pending(&mut self, dst: Operand) {
        if !self.has_pending {
            return;
        }
        self.has_pending = false;
        if self.staged.negated.is_some() {
            self.emit_negated();
        }
        self.emit_value(dst);
    }

    /// Emits the value op that is staged without the test for zero that applies to it, and stages that.
    fn emit_negated(&mut self) {
        let Some(test) = self.staged.negated.take() else { return };
        self.emit_value(Operand::ACC);
        let staged = &mut self.staged;
        staged.row = test;
        staged.operands = Operands::new([Operand::ACC]);
        staged.rest = Fields::NONE;
        staged.input = Class::Int;
        staged.ty = ValType::I32;
    }

    /// Emits the value op that is staged to `dst`, or to its canonical slot if the row cannot leave its result in
    /// the accumulator alone.
    fn emit_value(&mut self, dst: Operand) {
        let staged = &self.staged;
        let row = staged.row;
        let [mut a, mut b, mut c, _] = staged.operands.list();
        let mut kinds = staged.operands.kinds_behind(dst);
        // One operand is taken from the accumulator, if that holds a copy, and no other one is there.
        let mirror = self.mirrors.operand(staged.input);
        let acc = Kind::Acc as u8;
        // All at once: whether it is this one or that follows no pattern, and most are none.
        if (a == mirror) | (b == mirror) | (c == mirror) && !staged.operands.have_acc() {
            if a == mirror {
                (a, kinds) = (Operand::ACC, kinds.with(1, acc));
                // What is taken twice: neither is waited for, if the row has that.
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

    /// As `emit_value`, where an operand may be in the accumulator too (as `mirror`), or the row has no such form.
    #[inline(never)]
    fn emit_other_form(&mut self, dst: Operand, mirror: Operand) {
        let row = self.staged.row;
        let mut operands = self.staged.operands.behind(dst);
        if row == Row::copy && operands[0].is_acc() && operands[1].is_acc() {
            // It is there already.
            return;
        }
        use_mirror_among(row, mirror, &mut operands);
        let mut choice = choose(row, operands.kinds());
        if choice.is_none() {
            let slot = self.temporary(self.staged.position);
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

    /// Turns `entry`, popped from `position`, into a slot operand.
    pub(crate) fn slot_of(&mut self, entry: Entry, position: usize) -> Slot {
        match entry.place() {
            Place::Local(slot) => Slot(slot),
            Place::Temporary(slot) => slot,
            Place::Constant => {
                let slot = self.temporary(position);
                self.copy_constant(slot, entry);
                slot
            }
            Place::Pending => {
                let slot = self.temporary(position);
                self.emit_pending(Operand::slot(slot));
                slot
            }
        }
    }

    /// Turns the entries that were popped last into operands of `row`, all of them together in a form that the
    /// row has (with its result in a slot, if `result`).
    ///
    /// Emits the pending value: into the accumulator if it is one of the entries and the row
    /// can take it there, into its slot otherwise.
    #[inline(always)]
    pub(crate) fn operands<const N: usize>(&mut self, row: Row, result: bool, entries: [Entry; N]) -> [Operand; N] {
        if !Entry::some_are_large(entries) && fits(row, result, kinds_of(entries.map(Entry::operand))) {
            if !self.has_pending {
                return entries.map(Entry::operand);
            }
            if Entry::is_one_pending(entries) {
                self.emit_pending(Operand::ACC);
                return entries.map(Entry::operand);
            }
        }
        self.prepared_operands(row, result, entries)
    }

    /// Whether entries can be operands of `row` as they are.
    #[inline(always)]
    pub(crate) fn are_ready<const N: usize>(&self, row: Row, result: bool, entries: [Entry; N]) -> bool {
        !self.has_pending && !Entry::some_need_code(entries) && fits(row, result, kinds_of(entries.map(Entry::operand)))
    }

    /// As `operands`, where more has to be emitted before.
    fn prepared_operands<const N: usize>(&mut self, row: Row, result: bool, entries: [Entry; N]) -> [Operand; N] {
        let first = self.height();
        let mut operands = entries.map(Entry::operand);
        if !fits(row, result, kinds_of(operands)) {
            give_up(row, result, &mut operands);
        }
        // The pending value first: its op may read the accumulator.
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

/// Whether `row` has a form for operands of these kinds (with its result in a slot, if `result`), exchanged or not.
#[inline]
pub(crate) fn fits(row: Row, result: bool, kinds: Kinds) -> bool {
    if result { row.gives(kinds) } else { row.takes(kinds) }
}

/// Gives up immediates from the left, then the accumulator, until the row has such a form.
#[cold]
fn give_up<const N: usize>(row: Row, result: bool, operands: &mut [Operand; N]) {
    for i in (0..N).chain(0..N) {
        let immediates = operands.iter().any(|operand| operand.is_imm());
        if operands[i].is_imm() || operands[i].is_acc() && !immediates {
            operands[i] = Operand::slot(Slot(0));
        }
        if fits(row, result, kinds_of(*operands)) {
            return;
        }
    }
}

/// Replaces operands (the result apart) that are the slot `mirror` by the accumulator that holds a copy of it, as far
/// as the row has such a form.
fn use_mirror_among(row: Row, mirror: Operand, operands: &mut Operands) {
    if operands[1..].iter().any(|operand| operand.is_acc()) {
        return;
    }
    for i in 1..operands.len() {
        if operands[i] == mirror {
            operands.set(i, Operand::ACC);
            if choose(row, operands.kinds()).is_none() {
                operands.set(i, mirror);
            }
        }
    }
}

/// A form that was chosen.
struct Choice {
    row: Row,
    opcode: OpCode,
    /// Whether it has the two operands exchanged
    exchanged: bool,
}

/// The row or that with exchanged operands (the result stays first), whichever has a form of these kinds.
fn choose(row: Row, kinds: Kinds) -> Option<Choice> {
    if let Some(opcode) = row.opcode(kinds) {
        return Some(Choice { row, opcode, exchanged: false });
    }
    let row = row.relations().swap?;
    row.opcode(kinds.exchanged(1, 2)).map(|opcode| Choice { row, opcode, exchanged: true })
}

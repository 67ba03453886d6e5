//! Branches, their conditions, and returns.

use core::hint::select_unpredictable;

use arrayvec::ArrayVec;

use crate::{
    config::costs::OperatorCost,
    ir::{
        encode::{Fields, Operand},
        opcode::Row,
        operand::{Class, Slot},
    },
    translate::{
        builder::Builder,
        condition::Condition,
        control::{Frame, Label, Targets, set_target},
        place::Place,
    },
    validate::{Entry, FrameKind},
};

/// The most values that are moved one by one. One op moves more.
pub(super) const MAX_SINGLE_MOVES: usize = 4;

impl Builder<'_> {
    /// Moves the topmost `count` values to the canonical slots from `height` on. Does not note it on the stack, which
    /// is unchanged where the branch is not taken.
    pub(super) fn move_values(&mut self, count: usize, height: usize) {
        let from = self.stack.height() - count;
        if count > MAX_SINGLE_MOVES {
            // The caller has put the values into their own canonical slots.
            if from != height {
                let (dst, src) = (self.stack.slots.temporary(height), self.stack.slots.temporary(from));
                let fields = [u64::from(dst.0), u64::from(src.0), count as u64];
                self.emitter.emit(Row::copy_span, [], fields);
            }
            return;
        }
        for i in 0..count {
            let entry = self.stack.entry_at(from + i);
            let dst = self.stack.slots.temporary(height + i);
            self.emitter.copy_entry(dst, entry);
        }
    }

    /// Emits a branch op to the frame at `index`.
    fn branch_to(&mut self, index: usize, condition: Condition) {
        let &Frame { kind, code: Targets { head, mut end, .. }, .. } = &self.stack.validation.frames[index];
        if kind != FrameKind::Loop {
            self.labels.branch(&mut self.emitter, condition, &mut end);
            self.stack.validation.frames[index].code.end = end;
        } else if condition.row == Row::br {
            if let Some(at) = self.labels.jump_back(&mut self.emitter, head as usize) {
                #[cfg(heap)]
                {
                    let frame = self.stack.validation.frames[index];
                    let params = self.stack.validation.params(frame.ty);
                    self.safepoint_at(at, frame.height(), params);
                }
                self.labels.patches.add(&mut self.stack.validation.frames[index].code.copies, at, at + 1);
            }
        } else {
            self.labels.branch_back(&mut self.emitter, condition, head as usize, false);
        }
    }

    /// Whether a branch to `frame` that takes the `values` values below stack position `top` along drops others.
    fn drops(&self, frame: &Frame, top: usize, values: usize) -> bool {
        let locals = if frame.kind == FrameKind::Func { self.stack.validation.locals.len() } else { 0 };
        top + locals as usize > frame.label_height() + values
    }

    /// Charges a branch to `frame` that takes the `values` values below stack position `top` along.
    #[inline]
    fn charge_branch(&mut self, frame: &Frame, top: usize, values: usize) {
        if values > 0 && self.fuel.is_metered() {
            self.fuel.charge_branch(values, self.drops(frame, top, values));
        }
    }

    /// Charges leaving the function with the topmost `values` values.
    #[inline]
    pub(crate) fn charge_return(&mut self, values: usize) {
        if values > 0 && self.fuel.is_metered() {
            let frame = self.stack.validation.frames[0];
            self.charge_branch(&frame, self.stack.height(), values);
        }
    }

    /// Takes back the charge of a `br_if` out of the function, if the schedule has it for free.
    #[inline]
    fn charge_conditional_return(&mut self, index: usize) {
        if index == 0 && self.fuel.are_conditional_returns_free() {
            self.fuel.refund(OperatorCost::visit_br_if);
        }
    }

    /// `br` to a label without values
    #[inline(always)]
    pub(crate) fn br_without_values(&mut self, depth: u32) {
        self.flush();
        let index = self.stack.validation.frames.len() - 1 - depth as usize;
        if self.stack.validation.frames[index].kind == FrameKind::Func {
            self.return_();
        } else {
            self.branch_to(index, Condition::ALWAYS);
        }
        self.set_unreachable();
    }

    /// `br`
    pub(crate) fn br(&mut self, depth: u32) {
        let (index, frame, values) = self.stack.branch_target(depth);
        if values == 0 {
            return self.br_without_values(depth);
        }
        if frame.kind == FrameKind::Func {
            return self.return_and_stop();
        }
        self.charge_branch(&frame, self.stack.height(), values);
        if self.stack.top().is_some_and(Entry::is_pending) {
            // The topmost value is emitted directly into the slot where the target expects it.
            let dst = self.stack.slots.temporary(frame.label_height() + values - 1);
            if values == 1 {
                self.emit_pending(Operand::slot(dst));
                self.branch_to(index, Condition::ALWAYS);
                return self.set_unreachable();
            }
        }
        self.flush();
        if values > MAX_SINGLE_MOVES {
            self.settle_values(values);
        }
        self.move_values(values, frame.label_height());
        self.branch_to(index, Condition::ALWAYS);
        self.set_unreachable();
    }

    /// `br_if` to a label without values
    #[inline(always)]
    pub(crate) fn br_if_without_values(&mut self, depth: u32) {
        self.entry.close(&self.stack.validation.locals);
        if !self.stack.top().is_some_and(Entry::is_pending) {
            self.flush();
        }
        let condition = self.condition(false);
        let index = self.stack.validation.frames.len() - 1 - depth as usize;
        self.charge_conditional_return(index);
        self.branch_to(index, condition);
    }

    /// `br_if`
    pub(crate) fn br_if(&mut self, depth: u32) {
        let (index, frame, values) = self.stack.branch_target(depth);
        if values == 0 {
            return self.br_if_without_values(depth);
        }
        self.entry.close(&self.stack.validation.locals);
        // The values are below the condition.
        let top = self.stack.height() - 1;
        if !self.stack.entry_at(top).is_pending() {
            self.flush();
        }
        if index == 0 && self.fuel.are_conditional_returns_free() {
            self.charge_conditional_return(index);
        } else {
            self.charge_branch(&frame, top, values);
        }
        let returns = frame.kind == FrameKind::Func;
        if frame.kind == FrameKind::Loop && top - values == frame.label_height() {
            // Both paths have the values at the same positions, and the branch back is taken more often.
            self.settle_range(top - values..top);
        }
        let direct = !returns && {
            top - values == frame.label_height()
                && (frame.label_height()..top).all(|position| self.stack.entry_at(position).is_temporary())
        };
        if direct {
            let condition = self.condition(false);
            return self.branch_to(index, condition);
        }
        if values > MAX_SINGLE_MOVES {
            self.settle_range(top - values..top);
        }
        let condition = self.condition(true);
        let mut skip = Label::default();
        self.labels.branch(&mut self.emitter, condition, &mut skip);
        let mirrors = self.emitter.mirrors;
        if returns {
            self.return_();
        } else {
            self.move_values(values, frame.label_height());
            self.branch_to(index, Condition::ALWAYS);
        }
        self.labels.bind(&mut self.emitter, skip, Label::default());
        self.emitter.mirrors = mirrors;
    }

    /// `br_table` with `count` targets and the default.
    pub(crate) fn br_table(&mut self, targets: impl Iterator<Item = u32>, count: usize, default: u32) {
        self.entry.close(&self.stack.validation.locals);
        let index = self.stack.pop();
        let count = count + 1;
        let (_, _, values) = self.stack.branch_target(default);
        let mut by = None;
        if index.is_pending() && values == 0 {
            by = self.take_addition();
        }
        let operand = if by.is_some() {
            self.pending.op.operands[0]
        } else if index.is_pending() && values == 0 {
            self.emit_pending(Operand::ACC);
            Operand::ACC
        } else {
            if !index.is_pending() {
                self.flush();
            }
            Operand::slot(self.slot_of(index, self.stack.height()))
        };
        if values > 0 {
            self.settle_values(values);
        }
        let (top, mut drops) = (self.stack.height(), false);
        let mut operands = [operand];
        self.emitter.use_mirror(Row::br_table, Class::Int, &mut operands, 0);
        let op = match by {
            Some(by) => self.emitter.emit(Row::br_table_sum, operands, [by, count as u64]),
            None => self.emitter.emit(Row::br_table, operands, [count as u64]),
        };
        let first = self.emitter.code.len();
        self.emitter.code.resize(first + 2 * count, 0);
        // A target that expects the values elsewhere is reached by way of code that moves them.
        let mut indirect = ArrayVec::<(usize, usize), 1>::new();
        for (i, depth) in targets.chain([default]).enumerate() {
            let field = first + 2 * i;
            let (index, frame, values) = self.stack.branch_target(depth);
            let returns = frame.kind == FrameKind::Func && values > 0;
            drops |= values > 0 && self.drops(&frame, top, values);
            // The values are in their canonical slots: those that the target expects, if it has the same height.
            if !returns && (values == 0 || top - values == frame.label_height()) {
                if frame.kind == FrameKind::Loop {
                    set_target(&mut self.emitter.code, op, field, frame.code.head as usize);
                } else {
                    self.labels.patches.add(&mut self.stack.validation.frames[index].code.end, op, field);
                }
                continue;
            }
            let here = self.emitter.code.len();
            if let Some(&(known, at)) = indirect.first()
                && known == index
            {
                set_target(&mut self.emitter.code, op, field, at);
                continue;
            }
            set_target(&mut self.emitter.code, op, field, here);
            indirect.clear();
            indirect.push((index, here));
            if returns {
                self.return_temporaries();
            } else {
                let from = self.stack.height() - values;
                let (dst, src) = (self.stack.slots.temporary(frame.label_height()), self.stack.slots.temporary(from));
                let fields = [dst.0, src.0, values as u16].map(u64::from);
                self.emitter.emit(Row::copy_span, [], fields);
                self.branch_to(index, Condition::ALWAYS);
            }
        }
        if values > 0 {
            self.fuel.charge_branch(values, drops);
        }
        self.set_unreachable();
    }

    /// Takes the pending value if it is the sum of its first operand and a constant. Returns the constant.
    fn take_addition(&mut self) -> Option<u64> {
        if !self.emitter.fused || self.pending.op.row != Row::i32_add || self.pending.op.operands[0].is_imm() {
            return None;
        }
        let by = self.pending.op.operands[1].as_imm()?;
        self.pending.exists = false;
        Some(u64::from(by))
    }

    /// `return`
    pub(crate) fn return_and_stop(&mut self) {
        self.charge_return(self.stack.validation.results.len());
        self.return_();
        self.set_unreachable();
    }

    /// Emits a return of the topmost values. Does not change the stack.
    pub(crate) fn return_(&mut self) {
        let count = self.stack.validation.results.len();
        let top = self.stack.height();
        match count {
            0 => {
                self.flush();
                self.emit_ret();
            }
            1 => {
                let entry = self.stack.entry_at(top - 1);
                let class = Class::of(entry.ty());
                if entry.is_pending() {
                    if self.pending.op.row == Row::global_get {
                        // Written to a slot, it would not be in the accumulator, where the caller looks for the result.
                        self.emit_pending(Operand::ACC);
                        return self.emit_ret_value(class, Operand::ACC);
                    }
                    self.emit_pending(Operand::slot(Slot(0)));
                    self.emit_ret();
                    return;
                }
                self.flush();
                let operand = match entry.place() {
                    Place::Constant => entry.wide_immediate(),
                    Place::Local(slot) => Operand::slot(Slot(slot)),
                    _ => Operand::slot(self.stack.slots.temporary(top - 1)),
                };
                if !self.emitter.mirrors.holds(class, operand) {
                    self.emit_ret_value(class, operand);
                } else if operand == Operand::slot(Slot(0)) {
                    self.emit_ret();
                } else {
                    self.emit_ret_value(class, Operand::ACC);
                }
            }
            _ => {
                // Results go where parameters are, so locals among them are moved away first.
                self.flush();
                let moved = count > MAX_SINGLE_MOVES
                    || (top - count..top).any(|position| {
                        matches!(self.stack.entry_at(position).place(), Place::Local(slot) if usize::from(slot) < count)
                    });
                if moved {
                    // After a conditional return the stack is as before, so the moves are not noted there.
                    for position in top - count..top {
                        let entry = self.stack.entry_at(position);
                        if !entry.is_temporary() {
                            let dst = self.stack.slots.temporary(position);
                            self.emitter.copy_entry(dst, entry);
                        }
                    }
                    return self.return_temporaries();
                }
                for i in 1..count {
                    let position = top - count + i;
                    let entry = self.stack.entry_at(position);
                    self.emitter.copy_entry(Slot(i as u16), entry);
                }
                let position = top - count;
                let entry = self.stack.entry_at(position);
                let operand = match entry.place() {
                    Place::Constant => entry.wide_immediate(),
                    Place::Local(slot) => Operand::slot(Slot(slot)),
                    _ => Operand::slot(self.stack.slots.temporary(position)),
                };
                self.emit_ret_value(Class::of(entry.ty()), operand);
            }
        }
    }

    /// Pops a condition. Returns the test for a branch that is taken if it is not zero or, with `unless`, if it is
    /// zero. The pending op becomes part of the test if the table has such a branch; otherwise it is emitted.
    ///
    /// The caller emits the branch.
    pub(crate) fn condition(&mut self, unless: bool) -> Condition {
        let entry = self.stack.pop();
        if self.emitter.fused
            && entry.is_pending()
            && let Some(branch) = self.pending.op.row.relations().branch
        {
            let reverse = unless != self.pending.op.negated.is_some();
            if let Some(row) = select_unpredictable(reverse, branch.relations().not, Some(branch))
                && row.takes(self.pending.op.operands.kinds())
            {
                self.pending.exists = false;
                return self.staged_condition(row);
            }
        }
        let row = if unless { Row::br_i32_eqz } else { Row::br_i32_nez };
        let mut operands = self.operands(row, false, [entry]);
        self.emitter.use_mirror(row, Class::Int, &mut operands, 0);
        Condition::test(row, operands[0])
    }

    /// Returns the test of the branch `row` on the operands of the staged op.
    #[inline]
    fn staged_condition(&mut self, row: Row) -> Condition {
        let input = self.pending.op.input;
        let mut condition = Condition::new(row, &self.pending.op.operands);
        let mirror = self.emitter.mirrors.operand(input);
        let [first, second, ..] = self.pending.op.operands.list();
        if (first == mirror) | (second == mirror) && !condition.has_acc() {
            let operands = condition.operands();
            let found = (0..operands.len()).filter(|&i| self.emitter.mirrors.holds(input, operands[i]));
            if let Some(with_acc) = found.filter_map(|i| condition.with_acc(i)).next() {
                condition = with_acc;
            }
        }
        if row.opcode(condition.kinds()).is_none()
            && let Some(exchanged) = condition.exchanged()
        {
            return exchanged;
        }
        condition
    }

    /// Emits a return of the topmost values, which are in their canonical slots.
    pub(super) fn return_temporaries(&mut self) {
        let count = self.stack.validation.results.len();
        let from = self.stack.height() - count;
        let class = self.stack.validation.results.first().map_or(Class::Int, |&ty| Class::of(ty));
        if count > 1 {
            let src = self.stack.slots.temporary(from + 1);
            let fields = [1, u64::from(src.0), count as u64 - 1];
            self.emitter.emit(Row::copy_span, [], fields);
        }
        let first = self.stack.slots.temporary(from);
        self.emit_ret_value(class, Operand::slot(first));
    }

    /// Emits a return whose results are in place.
    pub(crate) fn emit_ret(&mut self) {
        match row_at(&RET_AT, self.stack.slots.link()) {
            Some(row) => self.emitter.emit_op(row, Operand::ACC, Operand::ACC, Fields::NONE),
            None => self.emitter.emit(Row::ret, [], [u64::from(self.stack.slots.link())]),
        };
    }

    /// Emits a return whose first result, of `class`, is `operand`. The others are in place.
    fn emit_ret_value(&mut self, class: Class, operand: Operand) {
        let row = if class == Class::Int { row_at(&RET_VALUE_AT, self.stack.slots.link()) } else { None };
        match row {
            Some(row) => self.emitter.emit_op(row, operand, Operand::ACC, Fields::NONE),
            None => self.emitter.emit(RET_VALUE[class as usize], [operand], [u64::from(self.stack.slots.link())]),
        };
    }
}

/// The rows that return one value of each class.
#[cfg(feature = "simd")]
const RET_VALUE: [Row; 4] = [Row::ret_value, Row::ret_value_f32, Row::ret_value_f64, Row::ret_value_v128];
#[cfg(not(feature = "simd"))]
const RET_VALUE: [Row; 3] = [Row::ret_value, Row::ret_value_f32, Row::ret_value_f64];
/// The rows for a linkage at slot 1, 2, and so on, with no value to move.
const RET_AT: [Row; 4] = [Row::ret_1, Row::ret_2, Row::ret_3, Row::ret_4];
/// Like `RET_AT`, with one integer or reference to return.
const RET_VALUE_AT: [Row; 4] = [Row::ret_value_1, Row::ret_value_2, Row::ret_value_3, Row::ret_value_4];

/// Returns the row of `rows` for a linkage at slot `link`, if there is one.
fn row_at(rows: &[Row], link: u16) -> Option<Row> {
    usize::from(link).checked_sub(1).and_then(|i| rows.get(i)).copied()
}

//! Blocks, branches, returns.

use core::num::NonZeroU32;

use arrayvec::ArrayVec;

use crate::{
    config::costs::OperatorCost,
    ir::{
        encode::{Fields, Operand, encode, read32},
        opcode::Row,
        operand::{Class, Slot},
    },
    translate::{
        builder::Builder,
        control::{Frame, Label, Targets, set_target},
        emit::Condition,
        place::Place,
    },
    validate::{BlockType, Entry, FrameKind},
};

/// More values than this are moved by one op.
const MAX_SINGLE_MOVES: usize = 4;

impl Builder<'_> {
    /// Opens a frame whose parameters are on top of the stack.
    #[inline(always)]
    pub(crate) fn push_frame(&mut self, kind: FrameKind, ty: BlockType, fuel: Option<NonZeroU32>) {
        self.validation.push_frame(kind, ty, Targets { fuel, ..Targets::default() });
    }

    /// The innermost open frame; there is one until the function ends.
    fn frame(&mut self) -> &mut Frame {
        let last = self.validation.frames.len() - 1;
        &mut self.validation.frames[last]
    }

    /// Whether a branch back to the innermost frame wants a value at `position`, if that is a loop.
    pub(crate) fn is_loop_parameter(&self, position: usize) -> bool {
        self.header.fused
            && self.validation.frames.last().is_some_and(|frame| {
                frame.params() > 0
                    && frame.kind == FrameKind::Loop
                    && (frame.height()..frame.height() + frame.params()).contains(&position)
            })
    }

    /// The fuel op of the innermost frame.
    fn current_fuel(&self) -> Option<NonZeroU32> {
        self.validation.frames.last().and_then(|frame| frame.code.fuel)
    }

    /// Writes what was charged so far, before another stretch of code begins.
    #[inline]
    fn leave_stretch(&mut self) {
        if let Some(at) = self.current_fuel() {
            self.settle_fuel(at);
        }
    }

    /// Begins a stretch of code that is charged on its own, if fuel is metered.
    fn enter_stretch(&mut self) -> Option<NonZeroU32> {
        self.header.fuel_metered().then(|| self.begin_fuel())
    }

    /// `block`
    pub(crate) fn block(&mut self, ty: BlockType) {
        if self.validation.is_reachable() {
            self.settle();
        }
        let fuel = self.current_fuel();
        self.push_frame(FrameKind::Block, ty, fuel);
    }

    /// `loop`
    pub(crate) fn loop_(&mut self, ty: BlockType) {
        if !self.validation.is_reachable() {
            return self.push_frame(FrameKind::Loop, ty, None);
        }
        self.settle();
        let (params, _) = self.validation.arity(ty);
        self.settle_values(params);
        self.end_entry();
        self.leave_stretch();
        let head = self.begin_loop();
        let fuel = self.enter_stretch();
        self.last_head = self.code.len();
        let targets = Targets { head: head as u32, fuel, ..Targets::default() };
        self.validation.push_frame(FrameKind::Loop, ty, targets);
    }

    /// `if`
    pub(crate) fn if_(&mut self, ty: BlockType) {
        if !self.validation.is_reachable() {
            return self.push_frame(FrameKind::If, ty, None);
        }
        let (params, _) = self.validation.arity(ty);
        // The condition is on top of the parameters: settle what is below it without losing a
        // comparison that can become part of the branch.
        self.settle_below_condition(params);
        let condition = self.condition(true);
        self.end_entry();
        self.leave_stretch();
        let mut otherwise = Label::default();
        self.emit_branch(condition, &mut otherwise);
        let fuel = self.enter_stretch();
        self.validation.push_frame(FrameKind::If, ty, Targets { otherwise, fuel, ..Targets::default() });
    }

    /// Moves everything below the topmost entry (a condition) to canonical slots where the arms
    /// could change or need it: locals, and the `params` entries that both arms start with.
    fn settle_below_condition(&mut self, params: usize) {
        let top = self.height() - 1;
        let condition = self.entry_at(top);
        if !condition.is_pending() {
            self.flush();
        }
        // Moves between slots leave accumulators and a staged comparison alone, except that its
        // operands must not be overwritten: canonical slots below it are never its operands.
        if params > 0 {
            self.settle_range(top - params..top);
        }
        if self.has_locals() {
            self.pop();
            self.settle_locals();
            if condition.is_local() {
                self.push_local(condition);
            } else {
                self.push(condition);
            }
        }
    }

    /// `else`
    pub(crate) fn else_(&mut self) {
        let frame = *self.frame();
        if frame.reachable {
            let mut end = frame.code.end;
            if self.validation.is_reachable() {
                self.settle_values(frame.results());
                self.leave_stretch();
                self.emit_branch(Condition::ALWAYS, &mut end);
            } else {
                self.leave_stretch();
            }
            self.has_pending = false;
            self.bind(frame.code.otherwise, Label::default());
            self.validation.set_reachable(true);
            let fuel = self.enter_stretch();
            self.frame().code = Targets { end, fuel, ..Targets::default() };
        }
        self.validation.begin_else();
        self.reset_to(&frame, true);
    }

    /// Leaves the operands of `frame`, and its parameters or results in canonical slots.
    fn reset_to(&mut self, frame: &Frame, params: bool) {
        self.truncate(frame.height());
        let count = if params { frame.params() } else { frame.results() };
        if count > 0 {
            let types = if params { self.validation.params(frame.ty) } else { self.validation.block_results(frame.ty) };
            types.iter().for_each(|&ty| self.push_temporary(ty));
        }
        if self.validation.is_reachable() {
            // Their slots count for the frame even if nothing was moved there.
            self.reserve(self.first_temporary + frame.height() + count);
        }
    }

    /// `end` of a reachable block or `if` without parameters and results; false if it is another one, or has left values.
    #[inline(always)]
    pub(crate) fn end_empty(&mut self) -> bool {
        let Some(frame) = self.validation.empty_frame() else { return false };
        if !frame.reachable || matches!(frame.kind, FrameKind::Func | FrameKind::Loop) {
            return false;
        }
        let Targets { end, otherwise, fuel, .. } = frame.code;
        let block = frame.kind == FrameKind::Block;
        if let Some(at) = fuel {
            self.charge_reachable(OperatorCost::visit_end);
            if !block {
                self.settle_fuel(at);
            }
        }
        // What follows can be reached by a branch to here, or as what comes before.
        let merges = Label::is_one_used(end, otherwise);
        if merges {
            debug_assert!(!self.has_pending, "nothing is on the stack above what the block began with");
            self.bind(otherwise, end);
        }
        self.validation.pop_frame(merges);
        true
    }

    /// `end`
    pub(crate) fn end(&mut self) {
        let frame = *self.frame();
        if frame.reachable {
            if frame.kind == FrameKind::Func {
                return self.end_func(frame);
            }
            let merges = frame.code.end.is_used() || frame.code.otherwise.is_used();
            if self.validation.is_reachable() && merges {
                if frame.results() > 0 {
                    self.settle_values(frame.results());
                } else {
                    self.flush();
                }
            }
            if frame.kind != FrameKind::Block {
                self.leave_stretch();
            }
            if let (true, Some(at)) = (frame.code.copies.is_used(), frame.code.fuel) {
                let amount = read32(&self.code, at.get() as usize);
                self.patches.fill(frame.code.copies, amount, &mut self.code);
            }
            if merges {
                self.has_pending = false;
                // An `if` without `else` has the same parameters and results, in the same slots.
                self.bind(frame.code.otherwise, frame.code.end);
                self.validation.set_reachable(true);
            } else if self.validation.is_reachable() {
                // The results stay where they are.
                return self.validation.pop_frame(false);
            }
        }
        self.reset_to(&frame, false);
        self.validation.pop_frame(false);
    }

    /// The end of the function body.
    fn end_func(&mut self, frame: Frame) {
        if self.validation.is_reachable() {
            self.return_();
        }
        self.leave_stretch();
        if frame.code.end.is_used() {
            // Only branches without values come here.
            self.bind(Label::default(), frame.code.end);
            self.emit_ret();
        }
        self.validation.pop_frame(false);
    }

    /// What follows cannot be reached.
    pub(crate) fn set_unreachable(&mut self) {
        self.has_pending = false;
        self.validation.set_unreachable();
    }

    /// `unreachable`
    pub(crate) fn unreachable(&mut self) {
        self.flush();
        let code = crate::trap::TrapCode::UnreachableCodeReached as u64;
        self.emit(Row::unreachable, [], [code]);
        self.set_unreachable();
    }

    /// The frame that a branch of this depth leaves, and how many values it takes along.
    fn branch_target(&self, depth: u32) -> (usize, Frame, usize) {
        let index = self.validation.frames.len() - 1 - depth as usize;
        let frame = self.validation.frames[index];
        let values = match frame.kind {
            FrameKind::Loop => frame.params(),
            _ => frame.results(),
        };
        (index, frame, values)
    }

    /// Whether the topmost `count` entries stand in the canonical slots from `height` on.
    fn in_place(&self, count: usize, height: usize) -> bool {
        let top = self.height();
        count == 0 || top - count == height && (height..top).all(|position| self.entry_at(position).is_temporary())
    }

    /// Moves the topmost `count` values to the canonical slots from `height` on, without noting
    /// it: the stack is as before for the path on which the branch is not taken.
    fn move_values(&mut self, count: usize, height: usize) {
        let from = self.height() - count;
        if count > MAX_SINGLE_MOVES {
            // The caller has put the values into their own canonical slots.
            if from != height {
                let (dst, src) = (self.temporary(height), self.temporary(from));
                let fields = [u64::from(dst.0), u64::from(src.0), count as u64];
                self.emit(Row::copy_span, [], fields);
            }
            return;
        }
        for i in 0..count {
            let entry = self.entry_at(from + i);
            let dst = self.temporary(height + i);
            self.copy_entry(dst, entry);
        }
    }

    /// Emits a branch op to the frame at `index`.
    fn branch_to(&mut self, index: usize, condition: Condition) {
        let &Frame { kind, code: Targets { head, mut end, .. }, .. } = &self.validation.frames[index];
        if kind != FrameKind::Loop {
            self.emit_branch(condition, &mut end);
            self.validation.frames[index].code.end = end;
        } else if condition.row == Row::br {
            if let Some(at) = self.emit_jump_back(head as usize) {
                self.patches.add(&mut self.validation.frames[index].code.copies, at, at + 1);
            }
        } else {
            self.emit_branch_back(condition, head as usize, false);
        }
    }

    /// `br` to a frame without parameters and results
    pub(crate) fn br_without_values(&mut self, depth: u32) {
        self.flush();
        let index = self.validation.frames.len() - 1 - depth as usize;
        if self.validation.frames[index].kind == FrameKind::Func {
            self.return_();
        } else {
            self.branch_to(index, Condition::ALWAYS);
        }
        self.set_unreachable();
    }

    /// `br`
    pub(crate) fn br(&mut self, depth: u32) {
        let (index, frame, values) = self.branch_target(depth);
        if frame.kind == FrameKind::Func {
            return self.return_and_stop();
        }
        if values > 0 && self.top().is_some_and(Entry::is_pending) {
            // The topmost value goes straight to where the target wants it, after the others.
            let dst = self.temporary(frame.height() + values - 1);
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
        self.move_values(values, frame.height());
        self.branch_to(index, Condition::ALWAYS);
        self.set_unreachable();
    }

    /// `br_if` to a frame without parameters and results
    pub(crate) fn br_if_without_values(&mut self, depth: u32) {
        self.end_entry();
        if !self.top().is_some_and(Entry::is_pending) {
            self.flush();
        }
        let condition = self.condition(false);
        let index = self.validation.frames.len() - 1 - depth as usize;
        self.branch_to(index, condition);
    }

    /// `br_if`
    pub(crate) fn br_if(&mut self, depth: u32) {
        self.end_entry();
        let (index, frame, values) = self.branch_target(depth);
        // The values are below the condition.
        let top = self.height() - 1;
        if !self.entry_at(top).is_pending() {
            self.flush();
        }
        let returns = frame.kind == FrameKind::Func && values > 0;
        if frame.kind == FrameKind::Loop && top - values == frame.height() {
            // Both paths have the values at the same positions, and the way back is the frequent one.
            self.settle_range(top - values..top);
        }
        let direct = !returns && {
            top - values == frame.height()
                && (frame.height()..top).all(|position| self.entry_at(position).is_temporary())
                || values == 0
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
        self.emit_branch(condition, &mut skip);
        let mirrors = self.mirrors;
        if returns {
            self.return_();
        } else {
            self.move_values(values, frame.height());
            self.branch_to(index, Condition::ALWAYS);
        }
        self.bind(skip, Label::default());
        self.mirrors = mirrors;
    }

    /// `br_table`; `count` targets and the default.
    pub(crate) fn br_table(&mut self, targets: impl Iterator<Item = u32>, count: usize, default: u32) {
        self.end_entry();
        let index = self.pop();
        let count = count + 1;
        let (_, _, values) = self.branch_target(default);
        let mut by = None;
        if index.is_pending() && values == 0 {
            by = self.take_addition();
        }
        let operand = if by.is_some() {
            self.staged.operands[0]
        } else if index.is_pending() && values == 0 {
            self.emit_pending(Operand::ACC);
            Operand::ACC
        } else {
            if !index.is_pending() {
                self.flush();
            }
            Operand::slot(self.slot_of(index, self.height()))
        };
        if values > 0 {
            self.settle_values(values);
        }
        let mut operands = [operand];
        self.use_mirror(Row::br_table, Class::Int, &mut operands, 0);
        let op = match by {
            Some(by) => self.emit(Row::br_table_sum, operands, [by, count as u64]),
            None => self.emit(Row::br_table, operands, [count as u64]),
        };
        let first = self.code.len();
        self.code.resize(first + 2 * count, 0);
        // Targets that want the values elsewhere get a stretch of code that moves them.
        let mut indirect = ArrayVec::<(usize, usize), 1>::new();
        for (i, depth) in targets.chain([default]).enumerate() {
            let field = first + 2 * i;
            let (index, frame, values) = self.branch_target(depth);
            let returns = frame.kind == FrameKind::Func && values > 0;
            if !returns && self.in_place(values, frame.height()) {
                if frame.kind == FrameKind::Loop {
                    set_target(&mut self.code, op, field, frame.code.head as usize);
                } else {
                    self.patches.add(&mut self.validation.frames[index].code.end, op, field);
                }
                continue;
            }
            let here = self.code.len();
            if let Some(&(known, at)) = indirect.first()
                && known == index
            {
                set_target(&mut self.code, op, field, at);
                continue;
            }
            set_target(&mut self.code, op, field, here);
            indirect.clear();
            indirect.push((index, here));
            if returns {
                self.return_temporaries();
            } else {
                let from = self.height() - values;
                let (dst, src) = (self.temporary(frame.height()), self.temporary(from));
                let fields = [dst.0, src.0, values as u16].map(u64::from);
                self.emit(Row::copy_span, [], fields);
                self.branch_to(index, Condition::ALWAYS);
            }
        }
        self.set_unreachable();
    }

    /// Takes the pending value, if that is the sum of its first operand and a constant, which this gives.
    fn take_addition(&mut self) -> Option<u64> {
        if !self.header.fused || self.staged.row != Row::i32_add || self.staged.operands[0].is_imm() {
            return None;
        }
        let by = self.staged.operands[1].as_imm()?;
        self.has_pending = false;
        Some(u64::from(by))
    }

    /// `return`
    pub(crate) fn return_and_stop(&mut self) {
        self.return_();
        self.set_unreachable();
    }

    /// Returns the topmost values; the stack stays as it is.
    pub(crate) fn return_(&mut self) {
        let count = self.validation.results.len();
        let top = self.height();
        match count {
            0 => {
                self.flush();
                self.emit_ret();
            }
            1 => {
                let entry = self.entry_at(top - 1);
                let class = Class::of(entry.ty());
                if entry.is_pending() {
                    if self.staged.row == Row::global_get {
                        // To a slot it leaves the accumulator alone, where the caller looks for the result.
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
                    _ => Operand::slot(self.temporary(top - 1)),
                };
                if !self.mirrors.holds(class, operand) {
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
                        matches!(self.entry_at(position).place(), Place::Local(slot) if usize::from(slot) < count)
                    });
                if moved {
                    // For a conditional return this path's moves must not be noted.
                    for position in top - count..top {
                        let entry = self.entry_at(position);
                        if !entry.is_temporary() {
                            let dst = self.temporary(position);
                            self.copy_entry(dst, entry);
                        }
                    }
                    return self.return_temporaries();
                }
                for i in 1..count {
                    let position = top - count + i;
                    let entry = self.entry_at(position);
                    self.copy_entry(Slot(i as u16), entry);
                }
                let position = top - count;
                let entry = self.entry_at(position);
                let operand = match entry.place() {
                    Place::Constant => entry.wide_immediate(),
                    Place::Local(slot) => Operand::slot(Slot(slot)),
                    _ => Operand::slot(self.temporary(position)),
                };
                self.emit_ret_value(Class::of(entry.ty()), operand);
            }
        }
    }

    /// Returns the topmost values, which stand in their canonical slots.
    fn return_temporaries(&mut self) {
        let count = self.validation.results.len();
        let from = self.height() - count;
        let class = Class::of_results(self.validation.results);
        if count > 1 {
            let src = self.temporary(from + 1);
            let fields = [1, u64::from(src.0), count as u64 - 1];
            self.emit(Row::copy_span, [], fields);
        }
        let first = self.temporary(from);
        self.emit_ret_value(class, Operand::slot(first));
    }

    /// Emits a return whose results are in place.
    fn emit_ret(&mut self) {
        match row_at(&RET_AT, self.link) {
            Some(row) => self.emit_op(row, Operand::ACC, Operand::ACC, Fields::NONE),
            None => self.emit(Row::ret, [], [u64::from(self.link)]),
        };
    }

    /// Emits a return of one value of `class`; further ones are in place.
    fn emit_ret_value(&mut self, class: Class, operand: Operand) {
        let row = if class == Class::Int { row_at(&RET_VALUE_AT, self.link) } else { None };
        match row {
            Some(row) => self.emit_op(row, operand, Operand::ACC, Fields::NONE),
            None => self.emit(RET_VALUE[class as usize], [operand], [u64::from(self.link)]),
        };
    }

    /// Reserves the op that zeroes locals, at the start of the function.
    pub(crate) fn reserve_enter(&mut self) {
        encode(&mut self.code, &[], Row::enter, [], [0, 1]);
    }
}

/// The rows that return one value of each class.
const RET_VALUE: [Row; 3] = [Row::ret_value, Row::ret_value_f32, Row::ret_value_f64];
/// The rows that know where the linkage is, from slot 1 on.
const RET_AT: [Row; 4] = [Row::ret_1, Row::ret_2, Row::ret_3, Row::ret_4];
/// Those that return one integer or reference.
const RET_VALUE_AT: [Row; 4] = [Row::ret_value_1, Row::ret_value_2, Row::ret_value_3, Row::ret_value_4];

/// The row of `rows` for a linkage at slot `link`, if there is one.
fn row_at(rows: &[Row], link: u16) -> Option<Row> {
    usize::from(link).checked_sub(1).and_then(|i| rows.get(i)).copied()
}

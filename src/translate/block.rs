//! Structured operators: `block`, `loop`, `if`, `else`, `end`; and `unreachable`.

use core::num::NonZeroU32;

use crate::{
    config::costs::OperatorCost,
    ir::{encode::read32, opcode::Row},
    translate::{
        builder::Builder,
        condition::Condition,
        control::{Frame, Label, Targets},
    },
    trap::TrapCode,
    validate::{BlockType, FrameKind},
};

impl Builder<'_> {
    /// Opens a frame whose parameters are on top of the stack.
    #[inline(always)]
    pub(crate) fn push_frame(&mut self, kind: FrameKind, ty: BlockType, fuel: Option<NonZeroU32>) {
        self.stack.validation.push_frame(kind, ty, Targets { fuel, ..Targets::default() });
    }

    /// Writes the fuel charged so far to its fuel op, before another stretch of code begins.
    #[inline]
    pub(super) fn leave_stretch(&mut self) {
        if let Some(at) = self.stack.current_fuel() {
            self.fuel.settle(at, &mut self.emitter.code);
        }
    }

    /// Begins a stretch of code with a fuel op of its own, if fuel is metered.
    pub(crate) fn enter_stretch(&mut self) -> Option<NonZeroU32> {
        self.fuel.begin_stretch();
        #[cfg(heap)]
        if self.fuel.is_metered() {
            self.safepoint();
        }
        self.fuel.is_metered().then(|| self.emitter.begin_fuel())
    }

    /// `block`
    pub(crate) fn block(&mut self, ty: BlockType) {
        if self.stack.validation.is_reachable() {
            self.settle();
        }
        let fuel = self.stack.current_fuel();
        self.push_frame(FrameKind::Block, ty, fuel);
    }

    /// `loop`
    pub(crate) fn loop_(&mut self, ty: BlockType) {
        if !self.stack.validation.is_reachable() {
            return self.push_frame(FrameKind::Loop, ty, None);
        }
        self.settle();
        let (params, _) = self.stack.validation.arity(ty);
        self.settle_values(params);
        self.entry.close(&self.stack.validation.locals);
        self.leave_stretch();
        self.emitter.forget_accumulators();
        let head = self.emitter.here();
        let fuel = self.enter_stretch();
        self.labels.begin_loop(self.emitter.here());
        let targets = Targets { head: head as u32, fuel, ..Targets::default() };
        self.stack.validation.push_frame(FrameKind::Loop, ty, targets);
    }

    /// `if`
    pub(crate) fn if_(&mut self, ty: BlockType) {
        if !self.stack.validation.is_reachable() {
            return self.push_frame(FrameKind::If, ty, None);
        }
        let (params, _) = self.stack.validation.arity(ty);
        // The condition is on top of the parameters: settle the entries below it without losing a
        // comparison that can become part of the branch.
        self.settle_below_condition(params);
        let condition = self.condition(true);
        self.entry.close(&self.stack.validation.locals);
        self.leave_stretch();
        let mut otherwise = Label::default();
        self.labels.branch(&mut self.emitter, condition, &mut otherwise);
        let fuel = self.enter_stretch();
        self.stack.validation.push_frame(FrameKind::If, ty, Targets { otherwise, fuel, ..Targets::default() });
    }

    /// Moves entries below the topmost one (a condition) to their canonical slots, if the arms could change or need
    /// them: locals, and the `params` entries that both arms begin with.
    fn settle_below_condition(&mut self, params: usize) {
        let top = self.stack.height() - 1;
        let condition = self.stack.entry_at(top);
        if !condition.is_pending() {
            self.flush();
        }
        // Moves between slots change neither the accumulators nor a staged comparison. They do not overwrite its
        // operands either: those are never in canonical slots below it.
        if params > 0 {
            self.settle_range(top - params..top);
        }
        if self.stack.has_locals() {
            self.stack.pop();
            self.settle_locals();
            if condition.is_local() {
                self.stack.push_local(condition);
            } else {
                self.stack.push(condition);
            }
        }
    }

    /// `else`
    pub(crate) fn else_(&mut self) {
        let frame = *self.stack.frame();
        if frame.reachable {
            let mut end = frame.code.end;
            if self.stack.validation.is_reachable() {
                self.settle_values(frame.results());
                self.leave_stretch();
                self.labels.branch(&mut self.emitter, Condition::ALWAYS, &mut end);
            } else {
                self.leave_stretch();
            }
            self.pending.exists = false;
            self.labels.bind(&mut self.emitter, frame.code.otherwise, Label::default());
            self.stack.validation.set_reachable(true);
            self.stack.validation.begin_else();
            self.stack.reset_to(&frame, true);
            let fuel = self.enter_stretch();
            self.stack.frame().code = Targets { end, fuel, ..Targets::default() };
            return;
        }
        self.stack.validation.begin_else();
        self.stack.reset_to(&frame, true);
    }

    /// Handles `end` if it closes a reachable block or `if` that has neither parameters nor results and left no values.
    /// Otherwise does nothing and returns false.
    // Most frames are like this. `end` would do the same after it has checked and moved results, which is slower.
    #[inline(always)]
    pub(crate) fn end_empty(&mut self) -> bool {
        let Some(frame) = self.stack.validation.empty_frame() else { return false };
        if !frame.reachable || !matches!(frame.kind, FrameKind::Block | FrameKind::If | FrameKind::Else) {
            return false;
        }
        let Targets { end, otherwise, fuel, .. } = frame.code;
        let block = frame.kind == FrameKind::Block;
        if let Some(at) = fuel {
            self.charge_any(OperatorCost::visit_end);
            if !block {
                self.fuel.settle(at, &mut self.emitter.code);
            }
        }
        // The next operator can be reached by a branch to here, or if this one can be.
        let merges = Label::is_one_used(end, otherwise);
        if merges {
            debug_assert!(!self.pending.exists, "nothing is on the stack above what the block began with");
            self.labels.bind(&mut self.emitter, otherwise, end);
        }
        self.stack.validation.pop_frame(merges);
        true
    }

    /// `end`
    pub(crate) fn end(&mut self) {
        let frame = *self.stack.frame();
        if frame.reachable {
            if frame.kind == FrameKind::Func {
                return self.end_func(frame);
            }
            let merges = frame.code.end.is_used() || frame.code.otherwise.is_used();
            #[cfg(feature = "exceptions")]
            let merges = self.end_handled(&frame) || merges;
            if self.stack.validation.is_reachable() && merges && !frame.kind.is_clause() {
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
                let amount = read32(&self.emitter.code, at.get() as usize);
                self.labels.patches.fill(frame.code.copies, amount, &mut self.emitter.code);
            }
            if merges {
                self.pending.exists = false;
                // An `if` without `else` has the same parameters and results, in the same slots.
                self.labels.bind(&mut self.emitter, frame.code.otherwise, frame.code.end);
                self.stack.validation.set_reachable(true);
            } else if self.stack.validation.is_reachable() {
                // The results stay where they are.
                return self.stack.validation.pop_frame(false);
            }
        }
        self.stack.reset_to(&frame, false);
        self.stack.validation.pop_frame(false);
    }

    /// Handles the `end` of the function body.
    fn end_func(&mut self, frame: Frame) {
        if self.stack.validation.is_reachable() {
            self.charge_return(self.stack.validation.results.len());
            self.fuel.charge_func_end();
            self.return_();
        }
        self.leave_stretch();
        if frame.code.end.is_used() {
            // Only branches without values lead here; others return by themselves.
            self.labels.bind(&mut self.emitter, Label::default(), frame.code.end);
            self.emit_ret();
        }
        #[cfg(feature = "exceptions")]
        self.return_caught();
        self.stack.validation.pop_frame(false);
    }

    /// Notes that the following operators cannot be reached.
    pub(crate) fn set_unreachable(&mut self) {
        self.pending.exists = false;
        self.stack.validation.set_unreachable();
    }

    /// `unreachable`
    pub(crate) fn unreachable(&mut self) {
        self.flush();
        let code = TrapCode::UnreachableCodeReached as u64;
        self.emitter.emit(Row::unreachable, [], [code]);
        self.set_unreachable();
    }
}

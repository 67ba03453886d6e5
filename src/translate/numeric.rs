//! Operators on numbers.

use crate::{
    ir::{
        encode::{Fields, Operand, kinds_of},
        opcode::Row,
        operand::Class,
        shape::Shape,
    },
    translate::{builder::Builder, forms::fits},
    types::repr::Ty,
    validate::Entry,
};

impl Builder<'_> {
    /// Does what `binary` does, if the two topmost `entries` can be operands as they are. Otherwise returns false.
    #[inline(always)]
    pub(crate) fn binary_at_once(&mut self, row: Row, entries: [Entry; 2], input: Ty, output: Ty) -> bool {
        let Some(operands) = self.ready_operands(row, true, entries) else { return false };
        let position = self.stack.height() - 2;
        self.stack.truncate(position + 1);
        self.stage_at(position, row, operands, Fields::NONE, Class::of(input), output);
        true
    }

    /// An operator on two operands of type `input`.
    #[inline]
    pub(crate) fn binary(&mut self, row: Row, input: Ty, output: Ty) {
        if let Row::i32_sub | Row::i64_sub = row {
            self.subtract(row, input);
        } else {
            let entries = self.stack.pop_two();
            self.binary_of(row, entries, input, output);
        }
    }

    /// A subtraction.
    pub(crate) fn subtract(&mut self, row: Row, ty: Ty) {
        let [lhs, rhs] = self.stack.pop_two();
        let (row, rhs) = self.as_addition(row, rhs);
        self.binary_of(row, [lhs, rhs], ty, ty);
    }

    /// An operator on two operands that were popped.
    #[inline(never)]
    pub(crate) fn binary_of(&mut self, row: Row, [lhs, rhs]: [Entry; 2], input: Ty, output: Ty) {
        if self.pending.exists
            && Entry::is_one_pending([lhs, rhs])
            && self.emitter.fused
            && self.fuse(row, lhs, rhs, output)
        {
            return;
        }
        let operands = self.operands(row, true, [lhs, rhs]);
        self.stage(row, operands, Fields::NONE, Class::of(input), output);
    }

    /// Replaces the pending op by one op that also does `row` with its result. Returns false if the table has none.
    fn fuse(&mut self, row: Row, lhs: Entry, rhs: Entry, output: Ty) -> bool {
        let staged = &self.pending.op;
        if staged.row == Row::global_get
            && row == Row::i32_add
            && let Some(by) = rhs.as_imm32().filter(|_| lhs.is_pending())
        {
            let index = staged.fields.first();
            self.pending.exists = false;
            self.stage(Row::i32_add_global, [], Fields::two(by, index), Class::Int, output);
            return true;
        }
        let right = rhs.is_pending();
        let Some(fused) = staged.row.fused_with(row, right) else { return false };
        if staged.operands.len() != 2 || staged.negated.is_some() {
            return false;
        }
        let other = if right { lhs } else { rhs };
        let [a, b] = [staged.operands[0], staged.operands[1]];
        let exchangeable = staged.row.relations().swap == Some(staged.row);
        let fitting = [a, b, other.operand()];
        let exchanged = [b, a, other.operand()];
        let fits = |operands| fits(fused, true, kinds_of(operands));
        let [a, b, mut c] = match (fits(fitting), exchangeable && fits(exchanged)) {
            (true, _) => fitting,
            (false, true) => exchanged,
            (false, false) => return false,
        };
        let input = staged.input;
        if c.as_slot().is_some() {
            // This emits at most a copy of a constant, which does not change the accumulators.
            let position = self.stack.height() + usize::from(!right);
            if other.is_constant() {
                // The second operand of the pending op was at this position, and may still be in its slot.
                let slot = Operand::slot(self.stack.slots.temporary(position));
                if a == slot || b == slot {
                    return false;
                }
            }
            c = Operand::slot(self.slot_of(other, position));
        }
        self.pending.exists = false;
        self.stage(fused, [a, b, c], Fields::NONE, input, output);
        true
    }

    /// An operator on one operand.
    pub(crate) fn unary(&mut self, row: Row, input: Ty, output: Ty) {
        if self.pending.exists && self.emitter.fused && self.apply(row) {
            return;
        }
        let operand = self.stack.pop();
        let operands = self.operands(row, true, [operand]);
        self.stage(row, operands, Fields::NONE, Class::of(input), output);
    }

    /// Applies `row` to the pending value on top of the stack, if that needs no further op. Otherwise returns false.
    fn apply(&mut self, row: Row) -> bool {
        match row {
            Row::i32_eqz | Row::i64_eqz => self.negate(row),
            Row::i64_extend_i32_u => self.extend(),
            Row::i32_wrap_i64 => self.wrap(),
            _ => false,
        }
    }

    /// Extends the pending value, if its op zero-extends its result. (A move of a constant does not.)
    fn extend(&mut self) -> bool {
        if !self.stack.top().is_some_and(Entry::is_pending)
            || !matches!(
                self.pending.op.row.shape(),
                Shape::unary
                    | Shape::binary
                    | Shape::binary_wide
                    | Shape::ternary
                    | Shape::load
                    | Shape::load_sum
                    | Shape::load_load
                    | Shape::load_shared
            )
        {
            return false;
        }
        self.pending.op.ty = Ty::I64;
        self.stack.pop();
        self.stack.push(Entry::pending(Ty::I64));
        true
    }

    /// Wraps the pending value, if its lower half depends on the lower halves of the operands only.
    fn wrap(&mut self) -> bool {
        if !self.stack.top().is_some_and(Entry::is_pending) || self.pending.op.negated.is_some() {
            return false;
        }
        let staged = &mut self.pending.op;
        staged.row = match staged.row {
            Row::i64_add => Row::i32_add,
            Row::i64_sub => Row::i32_sub,
            Row::i64_mul => Row::i32_mul,
            Row::i64_and => Row::i32_and,
            Row::i64_or => Row::i32_or,
            Row::i64_xor => Row::i32_xor,
            _ => return false,
        };
        staged.ty = Ty::I32;
        self.stack.pop();
        self.stack.push(Entry::pending(Ty::I32));
        true
    }

    /// Applies a test for zero to the pending value on top of the stack, if it is a condition that can be reversed.
    fn negate(&mut self, test: Row) -> bool {
        if !self.stack.top().is_some_and(Entry::is_pending) {
            return false;
        }
        let staged = &mut self.pending.op;
        let relations = staged.row.relations();
        if relations.branch.is_none_or(|branch| branch.relations().not.is_none()) {
            return false;
        }
        match (staged.negated, relations.not) {
            // A second test undoes the first one only if the value is 0 or 1.
            (Some(_), _) => return false,
            (None, Some(not)) => staged.row = not,
            (None, None) => staged.negated = Some(test),
        }
        staged.ty = Ty::I32;
        self.stack.pop();
        self.stack.push(Entry::pending(Ty::I32));
        true
    }

    /// Turns the subtraction of a constant into the addition of its negation, where that fits, so that one set of forms
    /// serves both.
    fn as_addition(&mut self, row: Row, rhs: Entry) -> (Row, Entry) {
        if !rhs.is_constant() {
            return (row, rhs);
        }
        let negated = self.emitter.bits_of(rhs).wrapping_neg();
        if row == Row::i32_sub {
            return (Row::i32_add, Entry::i32(negated as u32));
        }
        let fits = i64::from(negated as i32) == negated.cast_signed();
        if fits { (Row::i64_add, self.emitter.constant(negated, Ty::I64)) } else { (row, rhs) }
    }
}

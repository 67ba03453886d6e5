//! Labels: branches to them, and the conditions that loops begin with.

use alloc::vec::Vec;

use crate::{
    ir::{
        opcode::{Kinds, Row, code},
        shape::FUEL_UNITS,
    },
    translate::{
        condition::Condition,
        control::{Label, Patches, set_target},
        emitter::Emitter,
    },
};

/// A conditional branch that is the first op of a loop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeadCondition {
    /// Where the loop and the op begin
    head: usize,
    /// Where the next op begins
    end: usize,
    condition: Condition,
}

/// Branches of a function that wait for their targets, and what its loops begin with.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    pub(crate) patches: Patches,
    heads: Vec<HeadCondition>,
    /// Where the last loop begins, after its fuel op.
    last_head: usize,
    /// Whether fuel is metered.
    metered: bool,
}

impl Labels {
    /// Returns labels of functions whose fuel is `metered` or not, in the memory of others.
    pub(crate) fn new(metered: bool, memory: Self) -> Self {
        Self { metered, ..memory }
    }

    /// Begins with a function.
    pub(crate) fn begin_func(&mut self) {
        self.patches.clear();
        self.heads.clear();
        self.last_head = usize::MAX;
    }

    /// Notes that the body of a loop begins at unit `at`, after its fuel op.
    pub(crate) fn begin_loop(&mut self, at: usize) {
        self.last_head = at;
    }

    /// Emits a branch to a label that is not bound yet.
    pub(crate) fn branch(&mut self, emitter: &mut Emitter, condition: Condition, label: &mut Label) {
        let here = emitter.code.len();
        let op = emitter.emit_condition(condition, |row, _| row);
        let end = emitter.code.len();
        self.patches.add(label, op, end - 2);
        // Joined with an op before, it does more than test.
        if (op == here) & (op == self.last_head) {
            self.heads.push(HeadCondition { head: op, end, condition });
        }
    }

    /// Emits a jump back to the loop at `target`. If that begins with a condition, the jump tests it by itself, which
    /// saves the one at the beginning. Where fuel is metered, it then charges the loop's by itself too: this gives the
    /// op that does.
    pub(crate) fn jump_back(&mut self, emitter: &mut Emitter, target: usize) -> Option<usize> {
        let is_metered = self.metered;
        let test = if is_metered { target + FUEL_UNITS } else { target };
        if emitter.is_copy_first()
            && let Ok(i) = self.heads.binary_search_by_key(&test, |head| head.head)
        {
            let HeadCondition { end, condition, .. } = self.heads[i];
            if !condition.has_acc()
                && let Some(inverse) = condition.inverse()
            {
                let op = self.branch_back(emitter, inverse, end, is_metered);
                self.branch_back(emitter, Condition::ALWAYS, test, false);
                return is_metered.then_some(op);
            }
        }
        self.branch_back(emitter, Condition::ALWAYS, target, false);
        None
    }

    /// Emits a branch back to `target`, behind a `consume_fuel` if `charges`; gives the first op.
    pub(crate) fn branch_back(
        &self,
        emitter: &mut Emitter,
        condition: Condition,
        target: usize,
        charges: bool,
    ) -> usize {
        let to_fuel = self.metered && emitter.code.get(target) == Some(&code::consume_fuel::x);
        let op = emitter.emit_condition(condition, if to_fuel { charged } else { |row, _| row });
        let mut branch = op;
        if charges {
            // Only now, as the branch may have been joined with the op before.
            emitter.code.splice(op..op, [code::consume_fuel::x, 0, 0]);
            branch += FUEL_UNITS;
        }
        let field = emitter.code.len() - 2;
        set_target(&mut emitter.code, branch, field, target);
        op
    }

    /// Binds labels here: control can come from elsewhere. At most one branch goes to the first one.
    pub(crate) fn bind(&self, emitter: &mut Emitter, first: Label, second: Label) {
        emitter.forget_accumulators();
        let here = emitter.code.len();
        self.patches.bind(first, second, here, &mut emitter.code);
    }
}

/// The branch `row` to a `consume_fuel`, done on the way if the table has such an op.
fn charged(row: Row, kinds: Kinds) -> Row {
    row.relations().charged.filter(|charged| charged.opcode(kinds).is_some()).unwrap_or(row)
}

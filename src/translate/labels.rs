//! Labels: emits branches, and joins a branch back to a loop with the condition that the loop begins with.

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
struct HeadCondition {
    /// The unit where the loop and the op begin.
    head: usize,
    /// The unit where the next op begins.
    end: usize,
    condition: Condition,
}

/// The branches of a function that wait for their targets, and the conditions that its loops begin with.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    pub(crate) patches: Patches,
    heads: Vec<HeadCondition>,
    /// The unit where the last loop begins, after its fuel op.
    last_head: usize,
    /// Whether fuel is metered.
    metered: bool,
}

impl Labels {
    /// Returns the labels of a function, in the memory of other labels. Its fuel is `metered` or not.
    pub(crate) fn new(metered: bool, memory: Self) -> Self {
        Self { metered, ..memory }
    }

    /// Begins a function.
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
        // A branch that was joined with the op before does more than test.
        if (op == here) & (op == self.last_head) {
            self.heads.push(HeadCondition { head: op, end, condition });
        }
    }

    /// Emits a jump back to the loop at `target`. If the loop begins with a condition, the jump tests it itself, which
    /// saves the test at the beginning. If fuel is metered, it then also needs a fuel op of its own: returns its unit.
    pub(crate) fn jump_back(&mut self, emitter: &mut Emitter, target: usize) -> Option<usize> {
        let is_metered = self.metered;
        let test = if is_metered { target + FUEL_UNITS } else { target };
        if emitter.has_no_copy_to_join()
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

    /// Emits a branch back to `target`, after a `consume_fuel` if it `charges`. Returns the unit of the first op.
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
            // Inserted only now, because the branch may have been joined with the op before.
            emitter.code.splice(op..op, [code::consume_fuel::x, 0, 0]);
            branch += FUEL_UNITS;
        }
        let field = emitter.code.len() - 2;
        set_target(&mut emitter.code, branch, field, target);
        op
    }

    /// Binds two labels to the end of the code. At most one branch goes to the first label.
    // Not inlined, so that callers need not save registers for it.
    #[inline(never)]
    pub(crate) fn bind(&mut self, emitter: &mut Emitter, first: Label, second: Label) {
        emitter.forget_accumulators();
        let here = emitter.code.len();
        self.patches.bind(first, second, here, &mut emitter.code);
    }
}

/// Returns the row of a branch that also does the `consume_fuel` at its target, or `row` if the table has none.
fn charged(row: Row, kinds: Kinds) -> Row {
    row.relations().charged.filter(|charged| charged.opcode(kinds).is_some()).unwrap_or(row)
}

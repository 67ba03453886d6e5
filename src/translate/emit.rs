//! Emission: ops into code, joined with the op before where the table has one for both.

use crate::{
    ir::{
        encode::{Operand, Operands, encode, encode_as, kinds_of, read32},
        opcode::{Kinds, OpCode, Row, code},
        operand::{Class, Slot},
    },
    translate::{
        builder::Builder,
        control::{Label, set_target},
        pending::{Staged, exchanged},
        stack::{Entry, Place, fits_imm32},
    },
    types::ValType,
};

/// A conditional branch that is the first op of a loop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeadCondition {
    /// Where the loop and the op begin
    head: usize,
    /// Where the next op begins
    end: usize,
    row: Row,
    operands: Operands,
}

/// A move of a cell to a slot: where it is in code, to where, from where.
pub(crate) type LastCopy = (usize, Slot, Operand);

/// An op that adds a constant to a slot: the counting of a loop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    at: usize,
    dst: Slot,
    /// What is added: to the same slot, or a constant to `src`.
    src: Slot,
    by: Operand,
    ty: ValType,
    /// Whether it reads slots and constants only.
    plain: bool,
    /// The addition before, if the op does both.
    before: Option<(Slot, Slot, Operand)>,
}

impl Step {
    /// What `staged`, emitted at `at` to `dst`, is, if it is such an op.
    fn of(at: usize, dst: Slot, staged: &Staged) -> Option<Self> {
        let ty = match staged.row {
            Row::i32_add => ValType::I32,
            Row::i64_add => ValType::I64,
            _ => return None,
        };
        let (lhs, rhs) = (staged.operands[0], staged.operands[1]);
        let (src, by) = match (lhs.as_slot(), rhs.as_slot()) {
            (Some(src), None) if !rhs.is_acc() => (src, rhs),
            (Some(src), Some(_)) if dst == src => (src, rhs),
            (Some(_), Some(src)) if dst == src => (src, lhs),
            _ => return None,
        };
        Some(Self { at, dst, src, by, ty, plain: false, before: None })
    }

    /// Whether the branch `row` is on values of the type that was added.
    fn tested_by(self, row: Row) -> bool {
        let wide = row.relations().step.is_some_and(|step| (step as u16) >= Row::br_i64_step_eq as u16);
        wide == (self.ty == ValType::I64)
    }
}

impl Builder<'_> {
    /// Copies `entry` to `dst`; it must not be pending.
    pub(crate) fn copy_entry(&mut self, dst: Slot, entry: Entry) {
        match entry.place() {
            Place::Local(slot) => self.copy_slot(dst, Slot(slot)),
            Place::Temporary(slot) => self.copy_slot(dst, slot),
            Place::Constant(bits) => self.copy_constant(dst, bits, entry.ty()),
            Place::Pending => {}
        }
    }

    /// Emits `dst = src`, joined with a move just before.
    pub(crate) fn copy_slot(&mut self, dst: Slot, src: Slot) {
        if dst == src {
            return;
        }
        self.mirrors.overwrite(dst.0);
        let mirrored = self.mirrors.get(Class::Int) == Some(src.0);
        self.copy_operand(dst, if mirrored { Operand::ACC } else { Operand::slot(src) });
    }

    /// Emits `dst = src`, joined with a move just before.
    fn copy_operand(&mut self, dst: Slot, src: Operand) {
        if let (true, Some((at, dst0, src0))) = (self.header.fused, self.last_copy.take()) {
            let operands = [Operand::slot(dst0), src0, Operand::slot(dst), src];
            if Row::copy_pair.opcode(kinds_of(operands)).is_some() {
                self.take_back(at);
                self.emit(Row::copy_pair, operands, []);
                return;
            }
        }
        let at = self.emit(Row::copy, [Operand::slot(dst), src], []);
        self.last_copy = Some((at, dst, src));
    }

    /// Emits `dst = bits`.
    pub(crate) fn copy_constant(&mut self, dst: Slot, bits: u64, ty: ValType) {
        self.mirrors.overwrite(dst.0);
        if fits_imm32(bits, ty) {
            self.copy_operand(dst, Operand::imm(bits));
        } else {
            self.emit(Row::constant, [Operand::slot(dst)], [bits]);
        }
    }

    /// Emits an op as it is; gives its unit.
    #[inline]
    pub(crate) fn emit<const N: usize, const R: usize>(
        &mut self,
        row: Row,
        operands: [Operand; N],
        rest: [u64; R],
    ) -> usize {
        self.last_copy = None;
        self.last_step = None;
        encode(self.code, row, operands, rest)
    }

    /// Emits the value op that is staged, in the form that was chosen for it.
    pub(crate) fn emit_chosen(&mut self, row: Row, opcode: OpCode, operands: &Operands) {
        let at = encode_as(self.code, row, opcode, operands.kinds(), operands.list(), self.staged.rest);
        self.last_copy = None;
        self.last_value = at;
        let dst = operands[0].as_slot();
        if let (Some(dst), Row::i32_add | Row::i64_add) = (dst, self.staged.row) {
            self.emitted_addition(at, dst, operands);
        } else {
            self.last_step = None;
        }
        match dst {
            // The accumulator still has what it had: another global, often.
            Some(dst) if row == Row::global_get => self.mirrors.overwrite(dst.0),
            _ => self.mirrors.write(Class::of(self.staged.ty), dst),
        }
    }

    /// Notes that the op at `at` is an addition to `dst`, and joins it with the one before.
    #[inline(never)]
    fn emitted_addition(&mut self, at: usize, dst: Slot, operands: &Operands) {
        let plain = !operands[1..].iter().any(|operand| operand.is_acc());
        let before = self.last_step.take();
        self.last_step = Step::of(at, dst, &self.staged).map(|step| self.pair(before, Step { plain, ..step }));
    }

    /// Takes back the code from unit `at` on, where an op begins: others are emitted in its place.
    fn take_back(&mut self, at: usize) {
        self.code.truncate(at);
        // It may have been part of that, and what comes there now need not be an op's beginning.
        self.last_value = usize::MAX;
    }

    /// The opcode of the op that was emitted last, if that is a value op of `units` units that no jump goes behind.
    fn last_value(&self, units: usize) -> Option<u16> {
        (self.last_value.checked_add(units) == Some(self.code.len())).then(|| self.code[self.last_value])
    }

    /// Makes the addition just before and the `global.set` of its sum one op, if there is such an addition.
    pub(crate) fn set_global_sum(&mut self, global: u64) -> bool {
        let at = self.last_value;
        let by = |code: &[u16], field: usize| u64::from(read32(code, at + field));
        let (row, operand, by) = if let Some(code::i32_add::rsi) = self.last_value(4) {
            (Row::i32_set_global_sum, Operand::slot(Slot(self.code[at + 1])), by(self.code, 2))
        } else if let Some(code::i32_add::rri) = self.last_value(3) {
            (Row::i32_set_global_sum, Operand::ACC, by(self.code, 1))
        } else if let Some(code::i32_add_global::s) = self.last_value(6)
            && by(self.code, 4) == global
        {
            (Row::i32_step_global, Operand::slot(Slot(self.code[at + 1])), by(self.code, 2))
        } else if let Some(code::i32_add_global::r) = self.last_value(5)
            && by(self.code, 3) == global
        {
            (Row::i32_step_global, Operand::ACC, by(self.code, 1))
        } else {
            return false;
        };
        self.take_back(at);
        self.emit(row, [operand], [by, global]);
        true
    }

    /// Makes two additions, just emitted, one op.
    fn pair(&mut self, before: Option<Step>, step: Step) -> Step {
        let Some(before) = before.filter(|_| self.header.fused) else { return step };
        if before.before.is_some() || before.ty != ValType::I32 || step.ty != ValType::I32 {
            return step;
        }
        // A sum that goes on in the accumulator is there sooner than one in a slot.
        let constants = before.by.as_imm().is_some() && step.by.as_imm().is_some();
        let plain = before.plain && step.plain;
        if !(constants || plain) {
            return step;
        }
        self.take_back(before.at);
        let slots = [before.dst, before.src, step.dst, step.src].map(|slot| u64::from(slot.0));
        let at = self.emit(Row::i32_add_pair, [before.by, step.by], slots);
        Step { at, before: Some((before.dst, before.src, before.by)), ..step }
    }

    /// Emits a branch without its target; joined with the addition before, if it tests the sum, or with
    /// the move before, if it tests nothing.
    ///
    /// `pick` gives the row to emit for the row that it has become.
    fn emit_condition(&mut self, row: Row, operands: Operands, pick: fn(Row, Kinds) -> Row) -> usize {
        if !self.header.fused {
            return self.emit(row, operands.list(), [0]);
        }
        if let Row::br_i32_eqz | Row::br_i32_nez = row
            && operands[0].is_acc()
            && let Some(op) = self.emit_tested_load(row)
        {
            return op;
        }
        let last_copy = self.last_copy.take();
        if let (Row::br, Some((at, dst, src))) = (row, last_copy) {
            self.take_back(at);
            return self.emit(Row::br_copy, [src], [u64::from(dst.0), 0]);
        }
        if let Some(step) = self.last_step.take()
            && let (true, Some(fused)) = (step.tested_by(row), row.relations().step)
            && let Some(&first) = operands.first()
            && (first.is_acc() || first == Operand::slot(step.dst))
            && step.src == step.dst
        {
            let tested = [step.by, operands.get(1).copied().unwrap_or(Operand::imm(0))];
            if fused.opcode(kinds_of(tested)).is_some() {
                self.take_back(step.at);
                if let Some((dst, src, by)) = step.before {
                    self.emit(Row::i32_add, [Operand::slot(dst), Operand::slot(src), by], []);
                }
                return self.emit(pick(fused, kinds_of(tested)), tested, [u64::from(step.dst.0), 0]);
            }
        }
        self.emit(pick(row, operands.kinds()), operands.list(), [0])
    }

    /// Emits the load just before and the branch on its value as one op without its target, if there is such a load.
    fn emit_tested_load(&mut self, test: Row) -> Option<usize> {
        let at = self.last_value;
        let op = self.code.get(at..)?;
        let (byte, dst, fields) = match *op.first()? {
            code::i32_load::rr => (false, None, 0),
            code::i32_load::rs => (false, None, 1),
            code::i32_load::sr => (false, Some(op[1]), 1),
            code::i32_load::ss => (false, Some(op[1]), 2),
            code::i32_load8_u::rr => (true, None, 0),
            code::i32_load8_u::rs => (true, None, 1),
            code::i32_load8_u::sr => (true, Some(op[1]), 1),
            code::i32_load8_u::ss => (true, Some(op[1]), 2),
            _ => return None,
        };
        if op.len() != 3 + fields {
            return None;
        }
        let row = match (byte, test) {
            (false, Row::br_i32_eqz) => Row::br_i32_load_eqz,
            (false, _) => Row::br_i32_load_nez,
            (true, Row::br_i32_eqz) => Row::br_i32_load8_u_eqz,
            (true, _) => Row::br_i32_load8_u_nez,
        };
        let slot = |slot: Option<u16>| slot.map_or(Operand::ACC, |slot| Operand::slot(Slot(slot)));
        let num_dst = usize::from(dst.is_some());
        let operands = [slot(dst), slot((fields > num_dst).then(|| op[fields]))];
        let offset = u64::from(read32(op, 1 + fields));
        self.take_back(at);
        Some(self.emit(row, operands, [offset, 0]))
    }

    /// Emits a branch to a label that is not bound yet.
    pub(crate) fn emit_branch(&mut self, row: Row, operands: Operands, label: &mut Label) {
        let here = self.code.len();
        let op = self.emit_condition(row, operands, |row, _| row);
        let end = self.code.len();
        self.scratch.patches.add(label, op, end - 2);
        // Joined with an op before, it does more than test.
        if op == here && self.last_head == Some(op) {
            self.scratch.heads.push(HeadCondition { head: op, end, row, operands });
        }
    }

    /// A loop begins here.
    pub(crate) fn begin_loop(&mut self) -> usize {
        self.forget_accumulators();
        let head = self.code.len();
        self.last_head = Some(head);
        head
    }

    /// Emits a jump back to `target`. If a loop begins there with a condition, the jump tests it by itself,
    /// which saves the one at the beginning.
    pub(crate) fn emit_jump_back(&mut self, target: usize) {
        if self.header.fused
            && self.last_copy.is_none()
            && let Ok(i) = self.scratch.heads.binary_search_by_key(&target, |head| head.head)
        {
            let HeadCondition { end, row, operands, .. } = self.scratch.heads[i];
            if let Some(inverse) = row.relations().not
                && !operands.have_acc()
            {
                if inverse.opcode(operands.kinds()).is_some() {
                    self.emit_branch_back(inverse, operands, end);
                } else if let Some((inverse, operands)) = exchanged(inverse, &operands) {
                    self.emit_branch_back(inverse, operands, end);
                }
            }
        }
        self.emit_branch_back(Row::br, Operands::new([]), target);
    }

    /// Emits a branch back to `target`.
    pub(crate) fn emit_branch_back(&mut self, row: Row, operands: Operands, target: usize) {
        let charges = self.header.fuel_metered() && self.code.get(target) == Some(&code::consume_fuel::x);
        let pick = if charges { charged } else { |row, _| row };
        let op = self.emit_condition(row, operands, pick);
        let field = self.code.len() - 2;
        set_target(self.code, op, field, target);
    }

    /// Binds labels here: control can come from elsewhere.
    pub(crate) fn bind<const N: usize>(&mut self, labels: [Label; N]) {
        self.forget_accumulators();
        let here = self.code.len();
        for label in labels {
            self.scratch.patches.bind(label, here, self.code);
        }
    }
}

/// The branch `row` to a `consume_fuel`, done on the way if the table has such an op.
fn charged(row: Row, kinds: Kinds) -> Row {
    row.relations().charged.filter(|charged| charged.opcode(kinds).is_some()).unwrap_or(row)
}

//! Emission: ops into code, joined with the op before where the table has one for both.

use core::ops::Range;

use crate::{
    ir::{
        encode::{Fields, Operand, Operands, encode, encode_as, encode_at_once, kinds_of, no_form, read32},
        opcode::{Kinds, MAX_OPERANDS, OpCode, Row, code},
        operand::{Class, Slot},
        shape::FUEL_UNITS,
    },
    translate::{
        builder::Builder,
        control::{Label, set_target},
        pending::Staged,
    },
    types::ValType,
    validate::Entry,
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

/// What a branch tests: its row and the operands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Condition {
    pub(crate) row: Row,
    /// Filled up with accumulators.
    operands: [Operand; 2],
    len: u8,
}

impl Condition {
    /// Nothing.
    pub(crate) const ALWAYS: Self = Self { row: Row::br, operands: [Operand::ACC; 2], len: 0 };

    /// That of the branch `row` on one operand.
    #[inline]
    pub(crate) fn test(row: Row, operand: Operand) -> Self {
        Self { row, operands: [operand, Operand::ACC], len: 1 }
    }

    /// That of the branch `row` on these operands, one or two.
    #[inline]
    pub(crate) fn new(row: Row, operands: &Operands) -> Self {
        let [first, second, ..] = operands.list();
        Self { row, operands: [first, second], len: operands.len() as u8 }
    }

    /// The kinds of its operands.
    #[inline]
    pub(crate) fn kinds(&self) -> Kinds {
        kinds_of(self.operands)
    }

    /// The operands.
    #[inline]
    pub(crate) fn operands(&self) -> &[Operand] {
        &self.operands[..usize::from(self.len)]
    }

    /// Whether one of the operands is the accumulator.
    pub(crate) fn has_acc(&self) -> bool {
        self.operands().iter().any(|operand| operand.is_acc())
    }

    /// With operand `i` in the accumulator, if the table has that or the same exchanged.
    pub(crate) fn with_acc(mut self, i: usize) -> Option<Self> {
        self.operands[i] = Operand::ACC;
        self.row.takes(self.kinds()).then_some(self)
    }

    /// With its two operands exchanged, if the table has that.
    pub(crate) fn exchanged(&self) -> Option<Self> {
        let row = self.row.relations().swap?;
        let [first, second] = self.operands;
        let exchanged = Self { row, operands: [second, first], len: self.len };
        row.opcode(exchanged.kinds()).map(|_| exchanged)
    }

    /// The one that holds when this one does not, if the table has that.
    pub(crate) fn inverse(&self) -> Option<Self> {
        let inverse = Self { row: self.row.relations().not?, ..*self };
        if inverse.row.opcode(inverse.kinds()).is_some() { Some(inverse) } else { inverse.exchanged() }
    }
}

/// A move of a cell to a slot: where it is in code, to where, from where.
pub(crate) type LastCopy = (usize, Slot, Operand);

/// Two moves as one op.
struct CopyPair {
    opcode: OpCode,
    kinds: Kinds,
    operands: [Operand; 4],
}

impl CopyPair {
    /// These moves, if the table has an op for both.
    #[inline(always)]
    fn of((dst0, src0): (Slot, Operand), (dst1, src1): (Slot, Operand)) -> Option<Self> {
        let operands = [Operand::slot(dst0), src0, Operand::slot(dst1), src1];
        let kinds = kinds_of(operands);
        Some(Self { opcode: Row::copy_pair.opcode(kinds)?, kinds, operands })
    }
}

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
    #[inline]
    pub(crate) fn copy_entry(&mut self, dst: Slot, entry: Entry) {
        if entry.is_constant() {
            self.copy_constant(dst, entry);
        } else if let Some(src) = entry.operand().as_slot() {
            self.copy_slot(dst, src);
        }
    }

    /// Copies the entries at these positions, none of which is pending, to their canonical slots.
    #[inline]
    pub(crate) fn settle_range(&mut self, positions: Range<usize>) {
        self.settle_typed(positions, &[]);
    }

    /// As `settle_range`. False if the entries are not of these `types`, as far as there are types; then it was in
    /// vain.
    // Types are looked at while entries are moved, which has one end to predict, not two.
    #[inline(never)]
    pub(crate) fn settle_typed(&mut self, positions: Range<usize>, types: &[ValType]) -> bool {
        if positions.is_empty() {
            return true;
        }
        let mut valid = true;
        let mut types = types.iter();
        self.reserve(self.first_temporary + positions.end);
        let mut joins = self.header.fused && self.last_copy.is_none();
        // A move that is not emitted yet: the next one may join it.
        let mut held: Option<(Slot, Operand)> = None;
        for position in positions {
            let entry = self.entry_at(position);
            valid &= types.next().is_none_or(|&ty| entry.is_of(ty));
            if entry.is_temporary() {
                continue;
            }
            let dst = self.set_temporary(position);
            if !joins || entry.is_pooled() {
                if let Some((dst, src)) = held.take() {
                    self.emit_copy(dst, src);
                }
                self.copy_entry(dst, entry);
                joins = self.header.fused && self.last_copy.is_none();
                continue;
            }
            // A local or a constant: which it is follows no pattern.
            let src = self.source(entry.operand());
            self.mirrors.overwrite_temporary(dst.0);
            let Some(before) = held.replace((dst, src)) else { continue };
            if let Some(pair) = CopyPair::of(before, (dst, src)) {
                self.emit_pair(pair);
                held = None;
            } else {
                self.emit_copy(before.0, before.1);
                joins = false;
            }
        }
        if let Some((dst, src)) = held {
            self.emit_copy(dst, src);
        }
        valid
    }

    /// Where a move finds the value that `src` is: in the accumulator, if that holds a copy.
    #[inline]
    fn source(&self, src: Operand) -> Operand {
        src.or_acc(self.mirrors.holds(Class::Int, src))
    }

    /// Emits `dst = src`, joined with a move just before.
    #[inline(never)]
    pub(crate) fn copy_slot(&mut self, dst: Slot, src: Slot) {
        if dst == src {
            return;
        }
        self.mirrors.overwrite(dst.0);
        self.copy_operand(dst, self.source(Operand::slot(src)));
        if self.header.fused && usize::from(dst.0.max(src.0)) < self.first_temporary {
            self.mirrors.set_moved(dst.0, src.0);
        }
    }

    /// Emits `dst = constant`.
    #[inline(never)]
    pub(crate) fn copy_constant(&mut self, dst: Slot, constant: Entry) {
        self.mirrors.overwrite(dst.0);
        if let Some(bits) = constant.as_imm32() {
            self.copy_operand(dst, Operand::imm(bits));
        } else {
            self.copy_wide(dst, constant);
        }
    }

    /// Emits `dst = constant`, which has more than 32 bits.
    #[cold]
    fn copy_wide(&mut self, dst: Slot, constant: Entry) {
        let bits = self.bits_of(constant);
        self.emit(Row::constant, [Operand::slot(dst)], [bits]);
    }

    /// Emits `dst = src`, joined with a move just before.
    #[inline(always)]
    fn copy_operand(&mut self, dst: Slot, src: Operand) {
        if self.last_copy.is_some() && self.header.fused && self.join_copies(dst, src) {
            return;
        }
        self.emit_copy(dst, src);
    }

    /// Emits `dst = src` alone.
    #[inline(always)]
    fn emit_copy(&mut self, dst: Slot, src: Operand) {
        let at = self.emit_here(Row::copy, Operand::slot(dst), src, Fields::NONE);
        self.last_copy = Some((at, dst, src));
    }

    /// Emits `dst = src` and the move just before as one op, if the table has it.
    #[inline(never)]
    fn join_copies(&mut self, dst: Slot, src: Operand) -> bool {
        let Some((at, dst0, src0)) = self.last_copy.take() else { return false };
        let Some(pair) = CopyPair::of((dst0, src0), (dst, src)) else { return false };
        self.take_back(at);
        self.emit_pair(pair);
        true
    }

    /// Emits two moves as one op.
    #[inline(always)]
    fn emit_pair(&mut self, CopyPair { opcode, kinds, operands }: CopyPair) {
        self.last_copy = None;
        self.last_step = None;
        if encode_at_once(&mut self.code, Row::copy_pair, opcode, kinds, operands, Fields::NONE).is_none() {
            encode_as(&mut self.code, &[], Row::copy_pair, opcode, kinds, operands, Fields::NONE, 0);
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
        encode(&mut self.code, &self.pool, row, operands, rest)
    }

    /// Emits an op with at most two operands and one word of other fields; gives its unit.
    // Arguments in registers, and no call but at the end: that needs no stack frame.
    #[inline(never)]
    pub(crate) fn emit_op(&mut self, row: Row, first: Operand, second: Operand, fields: Fields) -> usize {
        self.emit_here(row, first, second, fields)
    }

    /// As `emit_op`, where the row is known.
    #[inline(always)]
    fn emit_here(&mut self, row: Row, first: Operand, second: Operand, fields: Fields) -> usize {
        self.last_copy = None;
        self.last_step = None;
        let operands = [first, second];
        let kinds = kinds_of(operands);
        if let Some(opcode) = row.opcode(kinds)
            && let Some(at) = encode_at_once(&mut self.code, row, opcode, kinds, operands, fields)
        {
            return at;
        }
        self.emit_slowly(row, first, second, fields)
    }

    /// As `emit_op`, where there is no room for the op, or not in the usual form.
    #[cold]
    #[inline(never)]
    fn emit_slowly(&mut self, row: Row, first: Operand, second: Operand, fields: Fields) -> usize {
        let operands = [first, second];
        let kinds = kinds_of(operands);
        let Some(opcode) = row.opcode(kinds) else { no_form(row, &operands) };
        encode_as(&mut self.code, &self.pool, row, opcode, kinds, operands, fields, 0)
    }

    /// Emits the value op that is staged, in the form that was chosen for it.
    #[inline(always)]
    pub(crate) fn emit_chosen(&mut self, row: Row, opcode: OpCode, kinds: Kinds, operands: [Operand; MAX_OPERANDS]) {
        let at = self.code.len();
        self.last_copy = None;
        self.last_value = at;
        let [dst, lhs, rhs, third] = operands;
        if row == Row::global_get && !dst.is_acc() {
            // The accumulator still has what it had: another global, often.
            self.mirrors.overwrite(dst.result_slot());
        } else {
            self.mirrors.write(Class::of(self.staged.ty), dst.result_slot());
        }
        // One condition, not four.
        let adds = (self.staged.row == Row::i32_add) | (self.staged.row == Row::i64_add);
        if dst.is_slot_if(adds) {
            return self.emit_addition(opcode, kinds, Slot(dst.result_slot()), lhs, rhs);
        }
        self.last_step = None;
        if encode_at_once(&mut self.code, row, opcode, kinds, operands, self.staged.rest).is_none() {
            self.emit_chosen_slowly(row, opcode, kinds, dst, lhs, rhs, third);
        }
    }

    /// As `emit_chosen`, where there is no room for the op, or it has more fields or wider ones than most.
    #[cold]
    #[inline(never)]
    #[expect(clippy::too_many_arguments, reason = "no array, so that they stay in registers where this is not called")]
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
        let Staged { rest, more, .. } = self.staged;
        encode_as(&mut self.code, &self.pool, row, opcode, kinds, [dst, first, second, third], rest, more);
    }

    /// Emits the addition that is staged, to the slot `dst`, and joins it with the one before.
    #[inline(never)]
    fn emit_addition(&mut self, opcode: OpCode, kinds: Kinds, dst: Slot, lhs: Operand, rhs: Operand) {
        let at = self.code.len();
        let row = self.staged.row;
        let operands = [Operand::slot(dst), lhs, rhs];
        if encode_at_once(&mut self.code, row, opcode, kinds, operands, Fields::NONE).is_none() {
            self.emit_chosen_slowly(row, opcode, kinds, operands[0], lhs, rhs, Operand::ACC);
        }
        let plain = !lhs.is_acc() && !rhs.is_acc();
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
            (Row::i32_set_global_sum, Operand::slot(Slot(self.code[at + 1])), by(&self.code, 2))
        } else if let Some(code::i32_add::rri) = self.last_value(3) {
            (Row::i32_set_global_sum, Operand::ACC, by(&self.code, 1))
        } else if let Some(code::i32_add_global::s) = self.last_value(6)
            && by(&self.code, 4) == global
        {
            (Row::i32_step_global, Operand::slot(Slot(self.code[at + 1])), by(&self.code, 2))
        } else if let Some(code::i32_add_global::r) = self.last_value(5)
            && by(&self.code, 3) == global
        {
            (Row::i32_step_global, Operand::ACC, by(&self.code, 1))
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
        let constants = before.by.is_imm() && step.by.is_imm();
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
    #[inline]
    fn emit_condition(&mut self, condition: Condition, pick: fn(Row, Kinds) -> Row) -> usize {
        let Condition { row, operands: [first, second], .. } = condition;
        let mut row_then = row;
        if self.header.fused {
            row_then = pick(row, condition.kinds());
            // One condition: which of them it is follows no pattern.
            let tests = ((row == Row::br_i32_eqz) | (row == Row::br_i32_nez)) & first.is_acc();
            let copies = (row == Row::br) & self.last_copy.is_some();
            if tests | copies | self.last_step.is_some()
                && let Some(op) = self.emit_joined(&condition, pick)
            {
                return op;
            }
        }
        self.emit_op(row_then, first, second, Fields::NONE)
    }

    /// As `emit_condition`, if the branch can be joined with the op before.
    #[inline(never)]
    fn emit_joined(&mut self, condition: &Condition, pick: fn(Row, Kinds) -> Row) -> Option<usize> {
        let Condition { row, operands: [first, second], len } = *condition;
        if let Row::br_i32_eqz | Row::br_i32_nez = row
            && first.is_acc()
            && let Some(op) = self.emit_tested_load(row)
        {
            return Some(op);
        }
        let last_copy = self.last_copy.take();
        if let (Row::br, Some((at, dst, src))) = (row, last_copy) {
            self.take_back(at);
            return Some(self.emit(Row::br_copy, [src], [u64::from(dst.0), 0]));
        }
        let step = self.last_step.take()?;
        if step.tested_by(row)
            && let Some(fused) = row.relations().step
            && len > 0
            && (first.is_acc() || first == Operand::slot(step.dst))
            && step.src == step.dst
        {
            let tested = [step.by, if len > 1 { second } else { Operand::imm(0) }];
            if fused.opcode(kinds_of(tested)).is_some() {
                self.take_back(step.at);
                if let Some((dst, src, by)) = step.before {
                    self.emit(Row::i32_add, [Operand::slot(dst), Operand::slot(src), by], []);
                }
                return Some(self.emit(pick(fused, kinds_of(tested)), tested, [u64::from(step.dst.0), 0]));
            }
        }
        None
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
    pub(crate) fn emit_branch(&mut self, condition: Condition, label: &mut Label) {
        let here = self.code.len();
        let op = self.emit_condition(condition, |row, _| row);
        let end = self.code.len();
        self.patches.add(label, op, end - 2);
        // Joined with an op before, it does more than test.
        if (op == here) & (op == self.last_head) {
            self.heads.push(HeadCondition { head: op, end, condition });
        }
    }

    /// A loop begins here.
    pub(crate) fn begin_loop(&mut self) -> usize {
        self.forget_accumulators();
        let head = self.code.len();
        self.last_head = head;
        head
    }

    /// Emits a jump back to the loop at `target`. If that begins with a condition, the jump tests it by itself, which
    /// saves the one at the beginning. Where fuel is metered, it then charges the loop's by itself too: this gives the
    /// op that does.
    pub(crate) fn emit_jump_back(&mut self, target: usize) -> Option<usize> {
        let is_metered = self.header.fuel_metered();
        let test = if is_metered { target + FUEL_UNITS } else { target };
        if self.header.fused
            && self.last_copy.is_none()
            && let Ok(i) = self.heads.binary_search_by_key(&test, |head| head.head)
        {
            let HeadCondition { end, condition, .. } = self.heads[i];
            if !condition.has_acc()
                && let Some(inverse) = condition.inverse()
            {
                let op = self.emit_branch_back(inverse, end, is_metered);
                self.emit_branch_back(Condition::ALWAYS, test, false);
                return is_metered.then_some(op);
            }
        }
        self.emit_branch_back(Condition::ALWAYS, target, false);
        None
    }

    /// Emits a branch back to `target`, behind a `consume_fuel` if `charges`; gives the first op.
    pub(crate) fn emit_branch_back(&mut self, condition: Condition, target: usize, charges: bool) -> usize {
        let to_fuel = self.header.fuel_metered() && self.code.get(target) == Some(&code::consume_fuel::x);
        let op = self.emit_condition(condition, if to_fuel { charged } else { |row, _| row });
        let mut branch = op;
        if charges {
            // Only now, as the branch may have been joined with the op before.
            self.code.splice(op..op, [code::consume_fuel::x, 0, 0]);
            branch += FUEL_UNITS;
        }
        let field = self.code.len() - 2;
        set_target(&mut self.code, branch, field, target);
        op
    }

    /// Binds labels here: control can come from elsewhere. At most one branch goes to the first one.
    pub(crate) fn bind(&mut self, first: Label, second: Label) {
        self.forget_accumulators();
        let here = self.code.len();
        self.patches.bind(first, second, here, &mut self.code);
    }
}

/// The branch `row` to a `consume_fuel`, done on the way if the table has such an op.
fn charged(row: Row, kinds: Kinds) -> Row {
    row.relations().charged.filter(|charged| charged.opcode(kinds).is_some()).unwrap_or(row)
}

//! The emitter: ops into code, joined with the op before where the table has one op for both.

use alloc::vec::Vec;
use core::num::NonZeroU32;

use crate::{
    ir::{
        encode::{Fields, Operand, encode, encode_as, encode_at_once, kinds_of, no_form, read32},
        opcode::{Kinds, MAX_OPERANDS, OpCode, Row, code},
        operand::{Class, Slot},
    },
    translate::{condition::Condition, mirrors::Mirrors, pending::Staged},
    types::repr::Ty,
    validate::Entry,
};

/// A move of a cell to a slot: where it is in code, to where, from where.
type LastCopy = (usize, Slot, Operand);

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
struct Step {
    at: usize,
    dst: Slot,
    /// What is added: to the same slot, or a constant to `src`.
    src: Slot,
    by: Operand,
    ty: Ty,
    /// Whether it reads slots and constants only.
    plain: bool,
    /// The addition before, if the op does both.
    before: Option<(Slot, Slot, Operand)>,
}

impl Step {
    /// What `staged`, emitted at `at` to `dst`, is, if it is such an op.
    fn of(at: usize, dst: Slot, staged: &Staged) -> Option<Self> {
        let ty = match staged.row {
            Row::i32_add => Ty::I32,
            Row::i64_add => Ty::I64,
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
        wide == (self.ty == Ty::I64)
    }
}

/// The code of a function, with what is known of its last ops.
#[derive(Debug)]
// In this order: what most operators touch stands together, near the beginning.
#[repr(C)]
pub(crate) struct Emitter {
    pub(crate) mirrors: Mirrors,
    /// Whether ops are joined.
    pub(crate) fused: bool,
    /// The code of this function, after that of others.
    pub(crate) code: Vec<u16>,
    /// Where the last value op begins, unless something branches behind it; other ops may follow.
    last_value: usize,
    /// The last op if it moves a cell to a slot, and nothing branches behind it.
    last_copy: Option<LastCopy>,
    /// The last op if it adds to a slot, and nothing branches behind it.
    last_step: Option<Step>,
    /// Immediates of more than 32 bits.
    pool: Vec<u64>,
}

impl Emitter {
    /// Returns an emitter that appends to `code`, and joins ops if `fused`.
    pub(crate) fn new(fused: bool, code: Vec<u16>, pool: Vec<u64>) -> Self {
        Self {
            mirrors: Mirrors::default(),
            fused,
            code,
            last_value: usize::MAX,
            last_copy: None,
            last_step: None,
            pool,
        }
    }

    /// Begins with a function.
    pub(crate) fn begin_func(&mut self) {
        self.pool.clear();
        self.forget_accumulators();
    }

    /// Returns the code, and the memory of the pool.
    pub(crate) fn into_memory(self) -> (Vec<u16>, Vec<u64>) {
        (self.code, self.pool)
    }

    /// The unit where the next op begins.
    #[inline]
    pub(crate) fn here(&self) -> usize {
        self.code.len()
    }

    /// Whether the next move of a cell cannot be joined with the op before, but the one after it with the two.
    #[inline]
    pub(crate) fn is_copy_first(&self) -> bool {
        self.fused && self.last_copy.is_none()
    }

    /// Reserves the op that zeroes locals, at the start of the function. Returns how many units it has.
    pub(crate) fn reserve_enter(&mut self) -> usize {
        let at = encode(&mut self.code, &[], Row::enter, [], [0, 1]);
        self.code.len() - at
    }

    /// Emits the op that charges fuel for a stretch of code. Returns the unit where the charge is.
    pub(crate) fn begin_fuel(&mut self) -> NonZeroU32 {
        let head = self.emit(Row::consume_fuel, [], [0]) as u32;
        NonZeroU32::MIN.saturating_add(head)
    }

    /// Copies `entry` to `dst`; it must not be pending.
    #[inline]
    pub(crate) fn copy_entry(&mut self, dst: Slot, entry: Entry) {
        if entry.is_constant() {
            self.copy_constant(dst, entry);
        } else if let Some(src) = entry.operand().as_slot() {
            self.copy_slot(dst, src);
        }
    }

    /// Where a move finds the value that `src` is: in the accumulator, if that holds a copy.
    #[inline]
    pub(crate) fn source(&self, src: Operand) -> Operand {
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
        if self.last_copy.is_some() && self.fused && self.join_copies(dst, src) {
            return;
        }
        self.emit_copy(dst, src);
    }

    /// Emits `dst = src` alone.
    #[inline(always)]
    pub(crate) fn emit_copy(&mut self, dst: Slot, src: Operand) {
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

    /// Emits two moves as one op, if the table has it.
    #[inline(always)]
    pub(crate) fn copy_both(&mut self, first: (Slot, Operand), second: (Slot, Operand)) -> bool {
        let Some(pair) = CopyPair::of(first, second) else { return false };
        self.emit_pair(pair);
        true
    }

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

    /// Begins a value op with a result of `class` in `dst`. If it `keeps_accumulator`, nothing else is written.
    #[inline(always)]
    pub(crate) fn begin_value(&mut self, class: Class, dst: Operand, keeps_accumulator: bool) {
        self.last_copy = None;
        self.last_value = self.code.len();
        if keeps_accumulator {
            self.mirrors.overwrite(dst.result_slot());
        } else {
            self.mirrors.write(class, dst.result_slot());
        }
    }

    /// Emits the value op that was begun, if it is not one that the next op may be joined with. False if there is no
    /// room for it, or it has more fields or wider ones than most.
    #[inline(always)]
    pub(crate) fn value_at_once(
        &mut self,
        row: Row,
        opcode: OpCode,
        kinds: Kinds,
        operands: [Operand; MAX_OPERANDS],
        fields: Fields,
    ) -> bool {
        self.last_step = None;
        encode_at_once(&mut self.code, row, opcode, kinds, operands, fields).is_some()
    }

    /// Emits the value op that was begun, whatever fields it has.
    #[inline]
    pub(crate) fn any_value(
        &mut self,
        row: Row,
        opcode: OpCode,
        kinds: Kinds,
        operands: [Operand; MAX_OPERANDS],
        staged: &Staged,
    ) {
        encode_as(&mut self.code, &self.pool, row, opcode, kinds, operands, staged.fields, staged.offset);
    }

    /// As `value_at_once`, for an addition.
    #[inline(always)]
    pub(crate) fn addition_at_once(&mut self, row: Row, opcode: OpCode, kinds: Kinds, operands: [Operand; 3]) -> bool {
        encode_at_once(&mut self.code, row, opcode, kinds, operands, Fields::NONE).is_some()
    }

    /// Joins the addition `staged`, just emitted to `dst`, with the one before. If it is `plain`, it reads slots and
    /// constants only.
    #[inline(always)]
    pub(crate) fn join_additions(&mut self, staged: &Staged, dst: Slot, plain: bool) {
        let at = self.last_value;
        let before = self.last_step.take();
        self.last_step = Step::of(at, dst, staged).map(|step| self.pair(before, Step { plain, ..step }));
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
        let Some(before) = before.filter(|_| self.fused) else { return step };
        if before.before.is_some() || before.ty != Ty::I32 || step.ty != Ty::I32 {
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
    pub(crate) fn emit_condition(&mut self, condition: Condition, pick: fn(Row, Kinds) -> Row) -> usize {
        let Condition { row, operands: [first, second], .. } = condition;
        let mut row_then = row;
        if self.fused {
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
        let Condition { row, operands: [first, second], .. } = *condition;
        let len = condition.operands().len();
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

    /// Forgets what the accumulators hold: control can come from elsewhere.
    pub(crate) fn forget_accumulators(&mut self) {
        self.mirrors = Mirrors::default();
        self.last_copy = None;
        self.last_step = None;
        self.last_value = usize::MAX;
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

    /// A constant of type `ty`.
    #[inline]
    pub(crate) fn constant(&mut self, bits: u64, ty: Ty) -> Entry {
        match Entry::constant(bits, ty) {
            Some(entry) => entry,
            None => self.pooled(bits, ty),
        }
    }

    /// A constant whose bits go to the pool.
    #[cold]
    fn pooled(&mut self, bits: u64, ty: Ty) -> Entry {
        self.pool.push(bits);
        Entry::pooled_constant(self.pool.len() - 1, ty)
    }

    /// The bits of a constant.
    #[inline]
    pub(crate) fn bits_of(&self, entry: Entry) -> u64 {
        entry.wide_immediate().wide(&self.pool)
    }
}

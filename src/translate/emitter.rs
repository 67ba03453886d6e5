//! The emitter: appends ops to the code, and joins each with the op before where the table has one op for both.

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

/// An op that moves a cell to a slot: its unit, the slot, and the source.
type LastCopy = (usize, Slot, Operand);

/// An op that moves two cells.
struct CopyPair {
    opcode: OpCode,
    kinds: Kinds,
    operands: [Operand; 4],
}

impl CopyPair {
    /// Returns the op for these two moves, if the table has one.
    #[inline(always)]
    fn of((dst0, src0): (Slot, Operand), (dst1, src1): (Slot, Operand)) -> Option<Self> {
        let operands = [Operand::slot(dst0), src0, Operand::slot(dst1), src1];
        let kinds = kinds_of(operands);
        Some(Self { opcode: Row::copy_pair.opcode(kinds)?, kinds, operands })
    }
}

/// An addition to a slot, such as the step of a loop counter.
#[derive(Debug, Clone, Copy)]
struct Step {
    at: usize,
    dst: Slot,
    /// The slot to whose value `by` is added. It is `dst`, unless `by` is a constant.
    src: Slot,
    by: Operand,
    ty: Ty,
    /// Whether the op reads slots and constants only.
    plain: bool,
    /// The destination, source and addend of a first addition that the op does too.
    before: Option<(Slot, Slot, Operand)>,
}

impl Step {
    /// Returns `staged`, emitted at unit `at` to `dst`, as a step, if it is one.
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

    /// Whether the branch `row` tests values of the type that was added.
    fn tested_by(self, row: Row) -> bool {
        let wide = row.relations().step.is_some_and(|step| (step as u16) >= Row::br_i64_step_eq as u16);
        wide == (self.ty == Ty::I64)
    }
}

/// The code of the function under translation, and what is known about its last ops and the accumulators.
#[derive(Debug)]
// In this order: the fields that most operators touch are together, near the beginning.
#[repr(C)]
pub(crate) struct Emitter {
    pub(crate) mirrors: Mirrors,
    /// Whether ops are fused and joined.
    pub(crate) fused: bool,
    /// The code of this function, after the code of others.
    pub(crate) code: Vec<u16>,
    /// The unit of the last value op, unless a branch may land after it. Other ops may follow it.
    last_value: usize,
    /// The last op, if it moves a cell to a slot, and no branch lands after it.
    last_copy: Option<LastCopy>,
    /// The last op, if it adds to a slot, and no branch lands after it.
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

    /// Begins a function.
    pub(crate) fn begin_func(&mut self) {
        self.pool.clear();
        self.forget_accumulators();
    }

    /// Returns the code, and the memory of the pool.
    pub(crate) fn into_memory(self) -> (Vec<u16>, Vec<u64>) {
        (self.code, self.pool)
    }

    /// Returns the unit where the next op begins.
    #[inline]
    pub(crate) fn here(&self) -> usize {
        self.code.len()
    }

    /// Whether ops are joined, and the last op is not a move that the next op could be joined with.
    #[inline]
    pub(crate) fn has_no_copy_to_join(&self) -> bool {
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

    /// Emits a copy of `entry`, which must not be pending, to `dst`. The first entry of a vector is the whole vector, and
    /// nothing is emitted for the second one.
    #[inline]
    pub(crate) fn copy_entry(&mut self, dst: Slot, entry: Entry) {
        if entry.is_constant() {
            self.copy_constant(dst, entry);
        } else if entry.is_in_vector() {
            #[cfg(feature = "simd")]
            self.copy_vector(dst, entry);
        } else if let Some(src) = entry.operand().as_slot() {
            self.copy_slot(dst, src);
        }
    }

    /// Emits a copy of a vector, given its first entry, to `dst`.
    // Not two copies of cells: an op that loads 16 bytes would wait for two stores of 8 bytes.
    #[cfg(feature = "simd")]
    #[cold]
    fn copy_vector(&mut self, dst: Slot, entry: Entry) {
        let src = entry.slot();
        if entry.is_of(Ty::V128) && src != dst {
            let src = Operand::slot(src);
            let src = src.or_acc(self.mirrors.holds(Class::V128, src));
            self.mirrors.overwrite_vector(dst.0);
            self.emit(Row::copy_v128, [Operand::slot(dst), src], []);
        }
    }

    /// Returns the operand from which a move takes `src`: the accumulator, if it holds a copy.
    #[inline]
    pub(crate) fn source(&self, src: Operand) -> Operand {
        src.or_acc(self.mirrors.holds(Class::Int, src))
    }

    /// Emits `dst = src`, joined with the move before.
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

    /// Emits `dst = constant` for a constant of more than 32 bits.
    #[cold]
    fn copy_wide(&mut self, dst: Slot, constant: Entry) {
        let bits = self.bits_of(constant);
        self.emit(Row::constant, [Operand::slot(dst)], [bits]);
    }

    /// Emits `dst = src`, joined with the move before.
    #[inline(always)]
    fn copy_operand(&mut self, dst: Slot, src: Operand) {
        if self.last_copy.is_some() && self.fused && self.join_copies(dst, src) {
            return;
        }
        self.emit_copy(dst, src);
    }

    /// Emits `dst = src`, not joined.
    #[inline(always)]
    pub(crate) fn emit_copy(&mut self, dst: Slot, src: Operand) {
        let at = self.emit_here(Row::copy, Operand::slot(dst), src, Fields::NONE);
        self.last_copy = Some((at, dst, src));
    }

    /// Replaces the move before by one op that also does `dst = src`. Returns false if the table has none.
    #[inline(never)]
    fn join_copies(&mut self, dst: Slot, src: Operand) -> bool {
        let Some((at, dst0, src0)) = self.last_copy.take() else { return false };
        let Some(pair) = CopyPair::of((dst0, src0), (dst, src)) else { return false };
        self.take_back(at);
        self.emit_pair(pair);
        true
    }

    /// Emits two moves as one op. Returns false if the table has none.
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

    /// Emits an op. Returns its unit.
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

    /// Emits an op with at most two operands and one word of other fields. Returns its unit.
    // Its arguments fit in registers, and its only call is a tail call, so it needs no stack frame.
    #[inline(never)]
    pub(crate) fn emit_op(&mut self, row: Row, first: Operand, second: Operand, fields: Fields) -> usize {
        self.emit_here(row, first, second, fields)
    }

    /// Like `emit_op`, inlined for callers that know the row.
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

    /// Like `emit_op`, for an op that finds no room or has wide immediates.
    #[cold]
    #[inline(never)]
    fn emit_slowly(&mut self, row: Row, first: Operand, second: Operand, fields: Fields) -> usize {
        let operands = [first, second];
        let kinds = kinds_of(operands);
        let Some(opcode) = row.opcode(kinds) else { no_form(row, &operands) };
        encode_as(&mut self.code, &self.pool, row, opcode, kinds, operands, fields, 0)
    }

    /// Begins a value op with a result of `class`. It writes `dst` and, unless it `keeps_accumulator`, the accumulator.
    #[inline(always)]
    pub(crate) fn begin_value(&mut self, class: Class, dst: Operand, keeps_accumulator: bool) {
        self.last_copy = None;
        self.last_value = self.code.len();
        // The second slot of a vector needs no note: a number is written to it before it is read as one.
        if keeps_accumulator {
            self.mirrors.overwrite(dst.result_slot());
        } else {
            self.mirrors.write(class, dst.result_slot());
        }
    }

    /// Emits the value op that was begun. Returns false if there is no room for it, or its fields are more or wider
    /// than those of most ops.
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

    /// Emits the value op that was begun, whatever its fields are.
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

    /// Like `value_at_once`, for an addition, which may be joined.
    #[inline(always)]
    pub(crate) fn addition_at_once(&mut self, row: Row, opcode: OpCode, kinds: Kinds, operands: [Operand; 3]) -> bool {
        encode_at_once(&mut self.code, row, opcode, kinds, operands, Fields::NONE).is_some()
    }

    /// Joins the addition `staged`, which was just emitted to `dst`, with the addition before. A `plain` addition reads
    /// slots and constants only.
    #[inline(always)]
    pub(crate) fn join_additions(&mut self, staged: &Staged, dst: Slot, plain: bool) {
        let at = self.last_value;
        let before = self.last_step.take();
        self.last_step = Step::of(at, dst, staged).map(|step| self.pair(before, Step { plain, ..step }));
    }

    /// Removes the op at unit `at` and the code after it, to emit other ops in its place.
    fn take_back(&mut self, at: usize) {
        self.code.truncate(at);
        // The last value op may be among the removed ones, and its unit may soon be in the middle of another op.
        self.last_value = usize::MAX;
    }

    /// Returns the opcode of the last op, if it is a value op of `units` units, and no branch lands after it.
    fn last_value(&self, units: usize) -> Option<u16> {
        (self.last_value.checked_add(units) == Some(self.code.len())).then(|| self.code[self.last_value])
    }

    /// Replaces the addition before by one op that also sets `global` to the sum. Returns false if there is none.
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

    /// Joins two additions that were just emitted. Returns the last step.
    fn pair(&mut self, before: Option<Step>, step: Step) -> Step {
        let Some(before) = before.filter(|_| self.fused) else { return step };
        if before.before.is_some() || before.ty != Ty::I32 || step.ty != Ty::I32 {
            return step;
        }
        // An op that takes the sum from the accumulator would be slower if it took it from a slot.
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

    /// Emits a branch without its target. Joins it with the addition or the load before if it tests the result, or with
    /// the move before if it tests nothing.
    ///
    /// `pick` maps the row of the branch, joined or not, to the row to emit.
    #[inline]
    pub(crate) fn emit_condition(&mut self, condition: Condition, pick: fn(Row, Kinds) -> Row) -> usize {
        let Condition { row, operands: [first, second], .. } = condition;
        let mut row_then = row;
        if self.fused {
            row_then = pick(row, condition.kinds());
            // One combined test: which of the three holds follows no pattern.
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

    /// Like `emit_condition`, if the branch can be joined with the op before.
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

    /// Replaces the load before by one op that also branches on its value, without its target. Does nothing if there is
    /// no such load.
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

    /// Forgets what is known about the accumulators and the last ops, because a branch may land here.
    pub(crate) fn forget_accumulators(&mut self) {
        self.mirrors = Mirrors::default();
        self.last_copy = None;
        self.last_step = None;
        self.last_value = usize::MAX;
    }

    /// Keeps the next op apart from the last ones, because a range of code begins or ends here. What is known about the
    /// accumulators stays known.
    #[cfg(feature = "exceptions")]
    pub(crate) fn part(&mut self) {
        self.last_copy = None;
        self.last_step = None;
        self.last_value = usize::MAX;
    }

    /// Takes operand `i` of an op without a result from the accumulator, if that holds a copy and `row` has such a
    /// form.
    pub(crate) fn use_mirror<const N: usize>(&self, row: Row, input: Class, operands: &mut [Operand; N], i: usize) {
        let before = operands[i];
        if self.mirrors.holds(input, before) {
            operands[i] = Operand::ACC;
            if row.opcode(kinds_of(*operands)).is_none() {
                operands[i] = before;
            }
        }
    }

    /// Returns a constant of type `ty`.
    #[inline]
    pub(crate) fn constant(&mut self, bits: u64, ty: Ty) -> Entry {
        match Entry::constant(bits, ty) {
            Some(entry) => entry,
            None => self.pooled(bits, ty),
        }
    }

    /// Returns a constant whose bits are added to the pool.
    #[cold]
    fn pooled(&mut self, bits: u64, ty: Ty) -> Entry {
        self.pool.push(bits);
        Entry::pooled_constant(self.pool.len() - 1, ty)
    }

    /// Returns the bits of a constant.
    #[inline]
    pub(crate) fn bits_of(&self, entry: Entry) -> u64 {
        entry.wide_immediate().wide(&self.pool)
    }
}

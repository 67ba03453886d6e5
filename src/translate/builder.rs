//! The function under translation: the pending value, what the accumulators hold, emission.

use alloc::vec::Vec;
use core::iter;

use arrayvec::ArrayVec;

use crate::{
    error::Error,
    ir::{
        encode::{Operand, encode, form_of, form_of_kinds, patch32},
        opcode::{Kind, Row},
        operand::{Class, Slot},
    },
    module::env::ModuleHeader,
    translate::{
        control::{Frame, Label, Patches, set_target},
        stack::{Entry, OperandStack, Place},
    },
    types::{FuncType, ValType},
    validate::LocalTypes,
};

/// A value op that is not emitted yet, because it is not known where its result is wanted.
#[derive(Debug, Clone)]
pub(crate) struct Staged {
    pub(crate) row: Row,
    /// Operands without the result.
    pub(crate) operands: ArrayVec<Operand, 3>,
    /// The fields that are no operands.
    pub(crate) rest: ArrayVec<u64, 3>,
    /// Class of the operands.
    pub(crate) input: Class,
    /// Type of the result.
    pub(crate) ty: ValType,
    /// This test for zero applies to the result.
    pub(crate) negated: Option<Row>,
}

/// Which slot an accumulator holds a copy of.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Mirrors {
    slots: [Option<u16>; 3],
    /// The global that the integer accumulator holds the value of.
    global: Option<u32>,
}

impl Mirrors {
    fn get(self, class: Class) -> Option<u16> {
        self.slots[class as usize]
    }

    fn set(&mut self, class: Class, slot: Option<u16>) {
        self.slots[class as usize] = slot;
        if class == Class::Int {
            self.global = None;
        }
    }

    /// The accumulator gets a value that no slot has.
    pub(crate) fn forget(&mut self, class: Class) {
        self.set(class, None);
    }

    /// The integer accumulator was written to this global, or another one was written.
    pub(crate) fn set_global(&mut self, global: Option<u32>) {
        self.global = global;
    }

    /// Whether the integer accumulator holds the value of this global.
    pub(crate) fn holds_global(self, global: u32) -> bool {
        self.global == Some(global)
    }

    /// Whether `operand` is a slot that the accumulator of `class` holds a copy of.
    pub(crate) fn holds(self, class: Class, operand: Operand) -> bool {
        matches!((operand, self.get(class)), (Operand::Slot(slot), Some(mirror)) if slot.0 == mirror)
    }

    /// The slot gets another value.
    fn overwrite(&mut self, slot: u16) {
        for mirror in &mut self.slots {
            if *mirror == Some(slot) {
                *mirror = None;
            }
        }
    }
}

/// Memory that is kept between functions.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub(crate) stack: OperandStack,
    pub(crate) frames: Vec<Frame>,
    pub(crate) patches: Patches,
    heads: Vec<HeadCondition>,
    moved: Vec<(u32, u16)>,
}

impl Scratch {
    /// Forgets everything, keeps the memory.
    fn clear(&mut self) {
        self.stack.clear();
        self.frames.clear();
        self.patches.clear();
        self.heads.clear();
    }
}

/// A conditional branch that is the first op of a loop.
#[derive(Debug, Clone)]
struct HeadCondition {
    /// Where the loop and the op begin
    head: usize,
    /// Where the next op begins
    end: usize,
    row: Row,
    operands: ArrayVec<Operand, 2>,
}

/// A function under translation.
#[derive(Debug)]
pub(crate) struct Builder<'a> {
    pub(crate) header: &'a ModuleHeader,
    /// The code of this function, from unit 0 on.
    pub(crate) code: &'a mut Vec<u16>,
    pub(crate) scratch: &'a mut Scratch,
    pub(crate) locals: &'a LocalTypes,
    /// The one value on the operand stack that is in no slot.
    pub(crate) pending: Option<Staged>,
    pub(crate) mirrors: Mirrors,
    /// Whether the current operator can be reached.
    pub(crate) reachable: bool,
    /// First cell of the linkage.
    pub(crate) link: u16,
    pub(crate) num_params: u32,
    /// The slot of stack position 0.
    pub(crate) first_temporary: usize,
    /// One past the greatest slot in use.
    pub(crate) frame_end: usize,
    /// The last op if it moves a cell to a slot, and nothing branches behind it.
    last_copy: Option<(usize, Slot, Operand)>,
    /// The last op if it adds a constant to a slot, and nothing branches behind it.
    last_step: Option<Step>,
    /// Where the last loop begins.
    last_head: Option<usize>,
    /// Fuel not yet written to the current fuel op.
    pub(crate) charged: u64,
    pub(crate) func_type: &'a FuncType,
    entry: EntryRegion,
}

/// An op that adds a constant to a slot: the counting of a loop.
#[derive(Debug, Clone, Copy)]
struct Step {
    at: usize,
    dst: Slot,
    /// What is added: to the same slot, or a constant to `src`.
    src: Slot,
    by: Operand,
    ty: ValType,
    /// The addition before, if the op does both.
    before: Option<(Slot, Slot, u64)>,
}

impl Step {
    /// What `staged`, emitted at `at` to `dst`, is, if it is such an op.
    fn of(at: usize, dst: Operand, staged: &Staged) -> Option<Self> {
        let ty = match staged.row {
            Row::i32_add => ValType::I32,
            Row::i64_add => ValType::I64,
            _ => return None,
        };
        let Operand::Slot(dst) = dst else { return None };
        let (src, by) = match *staged.operands.as_slice() {
            [Operand::Slot(src), by @ Operand::Imm(_)] => (src, by),
            [Operand::Slot(src), by @ Operand::Slot(_)] if dst == src => (src, by),
            [by @ Operand::Slot(_), Operand::Slot(src)] if dst == src => (src, by),
            _ => return None,
        };
        Some(Self { at, dst, src, by, ty, before: None })
    }

    /// Whether the branch `row` is on values of the type that was added.
    fn tested_by(self, row: Row) -> bool {
        let wide = row.relations().step.is_some_and(|step| (step as u16) >= Row::br_i64_step_eq as u16);
        wide == (self.ty == ValType::I64)
    }
}

/// The straight stretch of code from the entry of a function to its first branch or loop, where
/// locals that are written first need not be zeroed.
#[derive(Debug)]
struct EntryRegion {
    open: bool,
    /// Which of the first 64 locals (without parameters) were written.
    written: u64,
    /// The range of locals that must be zero.
    first: u32,
    end: u32,
}

impl EntryRegion {
    fn need(&mut self, first: u32, end: u32) {
        if first < end {
            self.first = self.first.min(first);
            self.end = self.end.max(end);
        }
    }
}

impl<'a> Builder<'a> {
    /// A function of type `func_type` with these locals.
    pub(crate) fn new(
        header: &'a ModuleHeader,
        code: &'a mut Vec<u16>,
        scratch: &'a mut Scratch,
        func_type: &'a FuncType,
        locals: &'a LocalTypes,
    ) -> Self {
        let num_params = func_type.params().len() as u32;
        let link = func_type.results().len().max(num_params as usize);
        scratch.clear();
        let first_temporary = link + 2 + (locals.len() - num_params) as usize;
        Self {
            header,
            code,
            scratch,
            locals,
            pending: None,
            mirrors: Mirrors::default(),
            reachable: true,
            link: link as u16,
            num_params,
            first_temporary,
            frame_end: first_temporary,
            last_copy: None,
            last_step: None,
            last_head: None,
            charged: 0,
            func_type,
            entry: EntryRegion { open: true, written: 0, first: u32::MAX, end: 0 },
        }
    }

    // ---- locals that must be zero at the start

    /// Notes that `local` is read.
    pub(crate) fn local_read(&mut self, local: u32) {
        if let (true, Some(index)) = (self.entry.open, local.checked_sub(self.num_params))
            && (index >= 64 || self.entry.written >> index & 1 == 0)
        {
            self.entry.need(index, index + 1);
        }
    }

    /// Notes that `local` is written.
    pub(crate) fn local_written(&mut self, local: u32) {
        if let (true, Some(index @ 0..64)) = (self.entry.open, local.checked_sub(self.num_params)) {
            self.entry.written |= 1 << index;
        }
    }

    /// From here on the order of reads and writes is not known.
    pub(crate) fn end_entry(&mut self) {
        if !self.entry.open {
            return;
        }
        self.entry.open = false;
        let count = self.locals.len() - self.num_params;
        let first = self.entry.written.trailing_ones();
        let end = match count {
            65.. => count,
            _ => {
                let unwritten = !self.entry.written & (u64::MAX >> (64 - count.max(1)));
                64 - unwritten.leading_zeros()
            }
        };
        self.entry.need(first, end.min(count));
    }

    /// Completes the op that zeroes locals, which stands at unit 0; gives the unit where the
    /// function is entered, behind the op if it is not needed.
    pub(crate) fn finish_enter(&mut self, units: usize) -> usize {
        let EntryRegion { first, end, .. } = self.entry;
        if first >= end {
            return units;
        }
        let slot = self.local_slot(self.num_params + first);
        // Where the code of this function starts, `enter` has its two fields in units 1 and 2.
        self.code[1] = slot;
        self.code[2] = (end - first) as u16;
        0
    }

    // ---- slots

    /// The slot of a local.
    pub(crate) fn local_slot(&self, local: u32) -> u16 {
        if local < self.num_params { local as u16 } else { (local - self.num_params + u32::from(self.link) + 2) as u16 }
    }

    /// The canonical slot of stack position `position`.
    ///
    /// Truncates when the function needs more slots than there are, which `finish` reports.
    pub(crate) fn temporary(&mut self, position: usize) -> Slot {
        let slot = self.first_temporary + position;
        self.reserve(slot + 1);
        Slot(slot as u16)
    }

    /// Makes the frame reach to `end`.
    pub(crate) fn reserve(&mut self, end: usize) {
        self.frame_end = self.frame_end.max(end);
    }

    // ---- the operand stack

    /// Pushes a value that is in a local or known.
    pub(crate) fn push(&mut self, place: Place, ty: ValType) {
        self.scratch.stack.push(place, ty);
    }

    /// Pushes the result of a value op, to be emitted later.
    pub(crate) fn stage(&mut self, row: Row, operands: &[Operand], rest: &[u64], input: Class, ty: ValType) {
        debug_assert!(self.pending.is_none());
        self.pending = Some(Staged {
            row,
            operands: operands.iter().copied().collect(),
            rest: rest.iter().copied().collect(),
            input,
            ty,
            negated: None,
        });
        self.scratch.stack.push(Place::Pending, ty);
    }

    /// Pops an entry together with its position.
    pub(crate) fn pop(&mut self) -> (Entry, usize) {
        let entry = self.scratch.stack.pop();
        (entry, self.scratch.stack.height())
    }

    // ---- the pending value

    /// Emits the pending value into its canonical slot, if there is one on the stack.
    pub(crate) fn flush(&mut self) {
        if self.pending.is_none() {
            return;
        }
        // It is near the top: everything above it is a local or a constant.
        let mut position = self.scratch.stack.height();
        while position > 0 {
            position -= 1;
            if self.scratch.stack.get(position).place == Place::Pending {
                break;
            }
        }
        let slot = self.temporary(position);
        self.scratch.stack.set_temporary(position);
        self.emit_pending(Operand::Slot(slot), position);
    }

    /// Emits the pending value to `dst`; `position` is its stack position.
    pub(crate) fn emit_pending(&mut self, dst: Operand, position: usize) {
        match self.pending.take() {
            None => {}
            Some(mut staged) => {
                if let Some(test) = staged.negated.take() {
                    let temporary = self.temporary(position);
                    self.emit_value(&staged, Operand::Acc, temporary);
                    staged = Staged {
                        row: test,
                        operands: [Operand::Acc].into_iter().collect(),
                        rest: ArrayVec::new(),
                        input: Class::Int,
                        ty: ValType::I32,
                        negated: None,
                    };
                }
                let temporary = self.temporary(position);
                self.emit_value(&staged, dst, temporary);
            }
        }
    }

    /// Emits a value op to `dst`; `temporary` is the canonical slot of its result, used if the
    /// row cannot leave its result in the accumulator alone.
    fn emit_value(&mut self, staged: &Staged, dst: Operand, temporary: Slot) {
        let class = Class::of(staged.ty);
        if staged.row == Row::copy && dst == Operand::Acc && staged.operands[..] == [Operand::Acc] {
            // It is there already.
            return;
        }
        let mut dst = dst;
        let mut operands: ArrayVec<Operand, 4> = ArrayVec::new();
        operands.push(dst);
        operands.extend(staged.operands.iter().copied());
        self.use_mirrors(staged.row, staged.input, &mut operands);
        let mut row = staged.row;
        if row.opcode(form_of(&operands)).is_none() {
            let swapped = swapped(row, &operands);
            if let Some((other, exchanged)) = swapped {
                row = other;
                operands = exchanged;
            } else {
                dst = Operand::Slot(temporary);
                operands[0] = dst;
                if let (None, Some((other, exchanged))) = (row.opcode(form_of(&operands)), swapped_any(row, &operands))
                {
                    row = other;
                    operands = exchanged;
                }
            }
        }
        let before = self.last_step.take();
        let at = self.emit(row, &operands, &staged.rest);
        self.last_step = Step::of(at, dst, staged).map(|step| self.pair(before, step));
        match dst {
            Operand::Slot(slot) => {
                self.mirrors.overwrite(slot.0);
                self.mirrors.set(class, Some(slot.0));
            }
            _ => self.mirrors.set(class, None),
        }
    }

    /// Replaces one slot operand by the accumulator that holds a copy of it, if the row has such
    /// a form.
    fn use_mirrors(&self, row: Row, input: Class, operands: &mut ArrayVec<Operand, 4>) {
        let Some(mirror) = self.mirrors.get(input) else { return };
        if operands[1..].contains(&Operand::Acc) {
            return;
        }
        for i in 1..operands.len() {
            if operands[i] == Operand::Slot(Slot(mirror)) {
                operands[i] = Operand::Acc;
                if row.opcode(form_of(operands)).is_some() || swapped(row, operands).is_some() {
                    return;
                }
                operands[i] = Operand::Slot(Slot(mirror));
            }
        }
    }

    /// As `use_mirrors` for operand `i` of an op without a result.
    pub(crate) fn use_mirror(&self, row: Row, input: Class, operands: &mut [Operand], i: usize) {
        let before = operands[i];
        if let Operand::Slot(slot) = before
            && self.mirrors.get(input) == Some(slot.0)
        {
            operands[i] = Operand::Acc;
            if row.opcode(form_of(operands)).is_none() {
                operands[i] = before;
            }
        }
    }

    // ---- operands for ops

    /// Whether `row` has a form with these operand kinds and a result in a slot.
    pub(crate) fn has_form(row: Row, operands: &[Operand]) -> bool {
        let kinds = operands.iter().map(|operand| operand.kind());
        let form = form_of_kinds(iter::once(Kind::Slot).chain(kinds));
        row.opcode(form).is_some() || Self::has_exchanged_form(row, &[Kind::Slot], operands)
    }

    /// Whether the row with exchanged operands has a form for these, `before` which others stand.
    fn has_exchanged_form(row: Row, before: &[Kind], operands: &[Operand]) -> bool {
        let ([a, b], Some(other)) = (operands, row.relations().swap) else {
            return false;
        };
        let kinds = before.iter().copied().chain([b.kind(), a.kind()]);
        other.opcode(form_of_kinds(kinds)).is_some()
    }

    /// What `entry` would be as an operand, without emitting anything.
    pub(crate) fn preview(entry: Entry) -> Operand {
        match entry.place {
            Place::Local(slot) => Operand::Slot(Slot(slot)),
            Place::Constant(bits) if fits_imm32(bits, entry.ty) || entry.ty == ValType::F64 => Operand::Imm(bits),
            Place::Pending => Operand::Acc,
            Place::Constant(_) | Place::Temporary => Operand::Slot(Slot(0)),
        }
    }

    /// Turns `entry`, popped from `position`, into a slot operand.
    pub(crate) fn slot_of(&mut self, entry: Entry, position: usize) -> Slot {
        match entry.place {
            Place::Local(slot) => Slot(slot),
            Place::Temporary => self.temporary(position),
            Place::Constant(bits) => {
                let slot = self.temporary(position);
                self.copy_constant(slot, bits, entry.ty);
                slot
            }
            Place::Pending => {
                let slot = self.temporary(position);
                self.emit_pending(Operand::Slot(slot), position);
                slot
            }
        }
    }

    /// Turns entries popped from consecutive positions from `position` on into operands of `row`,
    /// all of them together in a form that the row has (with its result in a slot, if `result`).
    ///
    /// Emits the pending value: into the accumulator if it is one of the entries and the row
    /// can take it there, into its slot otherwise.
    pub(crate) fn operands<const N: usize>(
        &mut self,
        row: Row,
        result: bool,
        entries: [(Entry, usize); N],
    ) -> [Operand; N] {
        let fits = |operands: &[Operand; N]| {
            if result {
                Self::has_form(row, operands)
            } else {
                row.opcode(form_of(operands)).is_some() || Self::has_exchanged_form(row, &[], operands)
            }
        };
        let has_pending = entries.iter().any(|(entry, _)| entry.place == Place::Pending);
        if !has_pending {
            self.flush();
        }
        let mut operands = entries.map(|(entry, _)| Self::preview(entry));
        // Give up immediates from the left, then the accumulator, until the row has such a form.
        for i in 0..2 * N {
            if fits(&operands) {
                break;
            }
            let i = if i < N { i } else { i - N };
            match operands[i] {
                Operand::Imm(_) => operands[i] = Operand::Slot(Slot(0)),
                Operand::Acc if operands.iter().all(|operand| !matches!(operand, Operand::Imm(_))) => {
                    operands[i] = Operand::Slot(Slot(0));
                }
                _ => {}
            }
        }
        // The pending value first: its op may read the accumulator.
        for i in 0..N {
            let (entry, position) = entries[i];
            if entry.place == Place::Pending {
                if operands[i] == Operand::Acc {
                    self.emit_pending(Operand::Acc, position);
                } else {
                    operands[i] = Operand::Slot(self.slot_of(entry, position));
                }
            }
        }
        for i in 0..N {
            let (entry, position) = entries[i];
            if entry.place != Place::Pending && matches!(operands[i], Operand::Slot(_)) {
                operands[i] = Operand::Slot(self.slot_of(entry, position));
            }
        }
        operands
    }

    /// Moves the topmost `count` entries to their canonical slots.
    pub(crate) fn settle_values(&mut self, count: usize) {
        self.flush();
        let height = self.scratch.stack.height();
        for position in height - count..height {
            let entry = self.scratch.stack.get(position);
            if entry.place != Place::Temporary {
                self.slot_or_copy(entry, position);
                self.scratch.stack.set_temporary(position);
            }
        }
    }

    /// Puts a local or a constant into the canonical slot of `position`.
    fn slot_or_copy(&mut self, entry: Entry, position: usize) {
        let dst = self.temporary(position);
        self.copy_entry(dst, entry, position);
    }

    /// Copies `entry`, which is at `position`, to `dst`; it must not be pending.
    pub(crate) fn copy_entry(&mut self, dst: Slot, entry: Entry, position: usize) {
        match entry.place {
            Place::Local(slot) => self.copy_slot(dst, Slot(slot)),
            Place::Temporary => {
                let src = self.temporary(position);
                self.copy_slot(dst, src);
            }
            Place::Constant(bits) => self.copy_constant(dst, bits, entry.ty),
            Place::Pending => {}
        }
    }

    /// Emits `dst = src`, joined with a move just before.
    pub(crate) fn copy_slot(&mut self, dst: Slot, src: Slot) {
        if dst == src {
            return;
        }
        self.mirrors.overwrite(dst.0);
        if self.mirrors.get(Class::Int) == Some(src.0) {
            return self.copy_operand(dst, Operand::Acc);
        }
        if let (true, Some((at, dst0, Operand::Slot(src0)))) = (self.header.fused, self.last_copy.take()) {
            self.code.truncate(at);
            let fields = [dst0.0, src0.0, dst.0, src.0].map(u64::from);
            self.emit(Row::copy_pair, &[], &fields);
            return;
        }
        self.copy_operand(dst, Operand::Slot(src));
    }

    fn copy_operand(&mut self, dst: Slot, src: Operand) {
        let at = self.emit(Row::copy, &[Operand::Slot(dst), src], &[]);
        self.last_copy = Some((at, dst, src));
    }

    /// Emits `dst = bits`.
    pub(crate) fn copy_constant(&mut self, dst: Slot, bits: u64, ty: ValType) {
        self.mirrors.overwrite(dst.0);
        if fits_imm32(bits, ty) {
            self.copy_operand(dst, Operand::Imm(bits));
        } else {
            self.emit(Row::constant, &[Operand::Slot(dst)], &[bits]);
        }
    }

    /// Moves stack entries that are this local out of its way, before it is written.
    pub(crate) fn preserve_local(&mut self, local: u16) {
        let mut moved = core::mem::take(&mut self.scratch.moved);
        self.scratch.stack.take_locals(local, &mut moved);
        self.move_locals(moved);
    }

    /// Moves all stack entries that are locals to their canonical slots, and the pending value.
    pub(crate) fn settle(&mut self) {
        self.flush();
        self.settle_locals();
    }

    /// As `settle`, leaving alone a pending value that the caller has popped.
    pub(crate) fn settle_locals(&mut self) {
        let mut moved = core::mem::take(&mut self.scratch.moved);
        self.scratch.stack.take_all_locals(&mut moved);
        self.move_locals(moved);
    }

    fn move_locals(&mut self, mut moved: Vec<(u32, u16)>) {
        for (position, slot) in moved.drain(..) {
            let dst = self.temporary(position as usize);
            self.copy_slot(dst, Slot(slot));
        }
        self.scratch.moved = moved;
    }

    // ---- emission

    /// Emits an op as it is; gives its unit.
    pub(crate) fn emit(&mut self, row: Row, operands: &[Operand], rest: &[u64]) -> usize {
        self.last_copy = None;
        self.last_step = None;
        encode(self.code, row, operands, rest)
    }

    /// Makes two additions of constants, just emitted, one op.
    fn pair(&mut self, before: Option<Step>, step: Step) -> Step {
        let Some(before) = before.filter(|_| self.header.fused) else { return step };
        let (Operand::Imm(by0), Operand::Imm(by1)) = (before.by, step.by) else { return step };
        if before.before.is_some() || before.ty != ValType::I32 || step.ty != ValType::I32 {
            return step;
        }
        self.code.truncate(before.at);
        let [dst0, src0, dst1, src1] = [before.dst, before.src, step.dst, step.src].map(|slot| u64::from(slot.0));
        let at = self.emit(Row::i32_add_pair, &[], &[dst0, src0, by0, dst1, src1, by1]);
        Step { at, before: Some((before.dst, before.src, by0)), ..step }
    }

    /// Emits a branch without its target; joined with the addition before, if it tests the sum, or with
    /// the move before, if it tests nothing.
    fn emit_condition(&mut self, row: Row, operands: &[Operand]) -> usize {
        if !self.header.fused {
            return self.emit(row, operands, &[0]);
        }
        let last_copy = self.last_copy.take();
        if let (Row::br, Some((at, dst, src))) = (row, last_copy) {
            self.code.truncate(at);
            return self.emit(Row::br_copy, &[src], &[u64::from(dst.0), 0]);
        }
        if let Some(step) = self.last_step.take()
            && let (true, Some(fused)) = (step.tested_by(row), row.relations().step)
            && let Some(&first) = operands.first()
            && (first == Operand::Acc || first == Operand::Slot(step.dst))
            && step.src == step.dst
        {
            let tested = [step.by, operands.get(1).copied().unwrap_or(Operand::Imm(0))];
            if fused.opcode(form_of(&tested)).is_some() {
                self.code.truncate(step.at);
                if let Some((dst, src, by)) = step.before {
                    self.emit(Row::i32_add, &[Operand::Slot(dst), Operand::Slot(src), Operand::Imm(by)], &[]);
                }
                return self.emit(fused, &tested, &[u64::from(step.dst.0), 0]);
            }
        }
        self.emit(row, operands, &[0])
    }

    /// Emits a branch to a label that is not bound yet.
    pub(crate) fn emit_branch(&mut self, row: Row, operands: &[Operand], label: &mut Label) {
        let here = self.code.len();
        let op = self.emit_condition(row, operands);
        let end = self.code.len();
        self.scratch.patches.add(label, op, end - 2);
        // Joined with an op before, it does more than test.
        if op == here
            && self.last_head == Some(op)
            && let Ok(operands) = ArrayVec::try_from(operands)
        {
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
            let HeadCondition { end, row, ref operands, .. } = self.scratch.heads[i];
            if let Some(inverse) = row.relations().not
                && !operands.contains(&Operand::Acc)
            {
                let operands = operands.clone();
                if inverse.opcode(form_of(&operands)).is_some() {
                    self.emit_branch_back(inverse, &operands, end);
                } else if let Some((inverse, operands)) = swapped_plain(inverse, &operands) {
                    self.emit_branch_back(inverse, &operands, end);
                }
            }
        }
        self.emit_branch_back(Row::br, &[], target);
    }

    /// Emits a branch back to `target`.
    pub(crate) fn emit_branch_back(&mut self, row: Row, operands: &[Operand], target: usize) {
        let op = self.emit_condition(row, operands);
        let field = self.code.len() - 2;
        set_target(self.code, op, field, target);
    }

    /// Binds a label here.
    pub(crate) fn bind(&mut self, label: Label) {
        let here = self.code.len();
        self.last_copy = None;
        self.last_step = None;
        self.scratch.patches.bind(label, here, self.code);
    }

    /// Forgets what the accumulators hold: control can come from elsewhere.
    pub(crate) fn forget_accumulators(&mut self) {
        self.mirrors = Mirrors::default();
        self.last_copy = None;
        self.last_step = None;
    }

    /// Notes that the accumulator of `class` holds what `slot` holds.
    pub(crate) fn mirror(&mut self, class: Class, slot: Slot) {
        self.mirrors.set(class, Some(slot.0));
    }

    /// Notes that an op has written `slot` behind the builder's back.
    pub(crate) fn overwritten(&mut self, slot: Slot) {
        self.mirrors.overwrite(slot.0);
    }

    /// Begins a stretch of code with a fuel charge of its own; gives the op to charge.
    pub(crate) fn begin_fuel(&mut self) -> usize {
        self.emit(Row::consume_fuel, &[], &[0])
    }

    /// Writes the collected charge to the fuel op at `at`, on top of what it charges already.
    pub(crate) fn settle_fuel(&mut self, at: usize) {
        let before = u64::from(crate::ir::encode::read32(self.code, at + 1));
        let total = before.saturating_add(self.charged).min(u64::from(u32::MAX));
        patch32(self.code, at + 1, total as u32);
        self.charged = 0;
    }

    /// Checks that the frame can be addressed.
    ///
    /// # Errors
    ///
    /// If the function needs more slots than there are.
    pub(crate) fn check_frame(&self) -> Result<(), Error> {
        if self.frame_end > usize::from(u16::MAX) {
            return Err(Error::too_many_slots(self.frame_end));
        }
        Ok(())
    }
}

/// Whether `bits` can be an immediate of 32 bits that operators of type `ty` sign-extend.
pub(crate) fn fits_imm32(bits: u64, ty: ValType) -> bool {
    match ty {
        ValType::I32 | ValType::F32 => true,
        _ => i64::from(bits as i32) == bits.cast_signed(),
    }
}

/// The op with its two operands exchanged (the result stays first), if the table has it.
pub(crate) fn swapped(row: Row, operands: &[Operand]) -> Option<(Row, ArrayVec<Operand, 4>)> {
    swapped_any(row, operands).filter(|(row, operands)| row.opcode(form_of(operands)).is_some())
}

fn swapped_any(row: Row, operands: &[Operand]) -> Option<(Row, ArrayVec<Operand, 4>)> {
    let other = row.relations().swap?;
    let mut exchanged: ArrayVec<Operand, 4> = operands.iter().copied().collect();
    exchanged.swap(1, 2);
    Some((other, exchanged))
}

/// As `swapped` for ops without a result.
pub(crate) fn swapped_plain(row: Row, operands: &[Operand]) -> Option<(Row, ArrayVec<Operand, 3>)> {
    let other = row.relations().swap?;
    let mut exchanged: ArrayVec<Operand, 3> = operands.iter().copied().collect();
    exchanged.swap(0, 1);
    other.opcode(form_of(&exchanged)).is_some().then_some((other, exchanged))
}

//! Vector operators. A vector is two entries of the operand stack, since it is in two slots: the first one says where the
//! vector is, and the second one follows it, or is in its canonical slot while the first one is pending.
//!
//! Vectors have an accumulator of their own. An op with a vector and a number may have both in accumulators, or one.

use crate::{
    ir::{
        encode::{Fields, Operand, kinds_of},
        opcode::Row,
        operand::Class,
    },
    translate::{
        builder::Builder,
        forms::fits,
        memory::{Access, Target},
    },
    types::repr::{I32, Ty},
    validate::Entry,
};

impl Builder<'_> {
    // ---- the operand stack

    /// Pops a vector. Returns its first entry.
    fn pop_vector(&mut self) -> Entry {
        let [low, _] = self.stack.pop_two();
        low
    }

    /// Pushes a local that is a vector.
    fn push_vector_local(&mut self, low: Entry) {
        low.vector_local().into_iter().for_each(|entry| self.stack.push_local(entry));
    }

    /// Stages an op whose result is a vector, and pushes that.
    pub(super) fn stage_vector<const N: usize>(
        &mut self,
        row: Row,
        operands: [Operand; N],
        fields: Fields,
        input: Class,
    ) {
        self.stage(row, operands, fields, input, Ty::V128);
        self.stack.push_temporary(Ty::V128_HIGH);
        self.stack.slots.reserve_operands(self.stack.height());
    }

    /// Pushes a vector that the op being emitted writes to its canonical slots and the accumulator. Returns the first slot.
    fn push_emitted(&mut self) -> Operand {
        let slot = self.stack.slots.temporary(self.stack.height());
        self.emitter.mirrors.overwrite_vector(slot.0);
        self.emitter.mirrors.set(Class::V128, slot.0);
        self.stack.push_temporary(Ty::V128);
        self.stack.push_temporary(Ty::V128_HIGH);
        self.stack.slots.reserve_operands(self.stack.height());
        Operand::slot(slot)
    }

    /// Returns the first slot of a vector, which was popped from `position`. Emits it if it is pending.
    fn vector_slot(&mut self, low: Entry, position: usize) -> Operand {
        if !low.is_pending() {
            return Operand::slot(low.slot());
        }
        let slot = self.stack.slots.temporary(position);
        self.stack.slots.reserve_operands(position + 2);
        self.emit_pending(Operand::slot(slot));
        Operand::slot(slot)
    }

    /// Turns `N` vectors, which were popped last, into operands of `row`. With `result`, the row has a result.
    ///
    /// Emits the pending value: to the accumulator if it is one of the vectors and the row can take it from there, or else to
    /// its slots.
    fn vector_operands<const N: usize>(&mut self, row: Row, result: bool, vectors: [Entry; N]) -> [Operand; N] {
        let Some(pending) = vectors.iter().position(|low| low.is_pending()) else {
            self.flush();
            return vectors.map(|low| Operand::slot(low.slot()));
        };
        let mut operands = vectors.map(|low| if low.is_pending() { Operand::ACC } else { Operand::slot(low.slot()) });
        if fits(row, result, kinds_of(operands)) {
            self.emit_pending(Operand::ACC);
        } else {
            operands[pending] = self.vector_slot(vectors[pending], self.stack.height() + 2 * pending);
        }
        operands
    }

    /// Returns `vector`, or the accumulator if that holds a copy of it.
    fn vector_or_acc(&self, vector: Operand) -> Operand {
        vector.or_acc(self.emitter.mirrors.holds(Class::V128, vector))
    }

    // ---- operators on values

    pub(super) fn unary_v128(&mut self, row: Row) {
        let vector = self.pop_vector();
        let operands = self.vector_operands(row, true, [vector]);
        self.stage_vector(row, operands, Fields::NONE, Class::V128);
    }

    pub(super) fn binary_v128(&mut self, row: Row) {
        let rhs = self.pop_vector();
        let lhs = self.pop_vector();
        if self.pending.exists && self.emitter.fused && self.fuse_vectors(row, lhs, rhs) {
            return;
        }
        let operands = self.vector_operands(row, true, [lhs, rhs]);
        self.stage_vector(row, operands, Fields::NONE, Class::V128);
    }

    /// Replaces the pending op by one op that also does `row` with its result. Returns false if the table has none.
    fn fuse_vectors(&mut self, row: Row, lhs: Entry, rhs: Entry) -> bool {
        let other = match (lhs.is_pending(), rhs.is_pending()) {
            (true, false) => rhs,
            (false, true) => lhs,
            _ => return false,
        };
        let staged = &self.pending.op;
        let Some(fused) = staged.row.fused_with(row, rhs.is_pending()) else { return false };
        let operands = [staged.operands[0], staged.operands[1], Operand::slot(other.slot())];
        if !fits(fused, true, kinds_of(operands)) {
            return false;
        }
        self.pending.exists = false;
        self.stage_vector(fused, operands, Fields::NONE, Class::V128);
        true
    }

    pub(super) fn ternary_v128(&mut self, row: Row) {
        let c = self.pop_vector();
        let b = self.pop_vector();
        let a = self.pop_vector();
        let operands = self.vector_operands(row, true, [a, b, c]);
        self.stage_vector(row, operands, Fields::NONE, Class::V128);
    }

    pub(super) fn shift_v128(&mut self, row: Row) {
        let (vector, count) = self.vector_and_number();
        let count = match count.as_imm32() {
            Some(count) => Operand::imm(count),
            None => Operand::slot(self.slot_of(count, self.stack.height() + 2)),
        };
        self.stage_vector(row, [vector, count], Fields::NONE, Class::V128);
    }

    pub(super) fn test_v128(&mut self, row: Row) {
        let vector = self.pop_vector();
        let operands = self.vector_operands(row, true, [vector]);
        self.stage(row, operands, Fields::NONE, Class::V128, I32);
    }

    pub(super) fn splat_v128(&mut self, row: Row, ty: Ty) {
        let number = self.stack.pop();
        let operands = self.operands(row, true, [number]);
        self.stage_vector(row, operands, Fields::NONE, Class::of(ty));
    }

    pub(super) fn extract_v128(&mut self, row: Row, lane: u8, ty: Ty) {
        let vector = self.pop_vector();
        let operands = self.vector_operands(row, true, [vector]);
        self.stage(row, operands, Fields::one(lane.into()), Class::V128, ty);
    }

    pub(super) fn replace_v128(&mut self, row: Row, lane: u8, ty: Ty) {
        let (vector, number) = self.vector_and_number();
        let number = if number.is_pending() {
            self.emit_pending(Operand::ACC);
            Operand::ACC
        } else {
            Operand::slot(self.slot_of(number, self.stack.height() + 2))
        };
        // Only one of the operands is taken from an accumulator that holds a copy of it.
        let class = if self.vector_or_acc(vector).is_acc() { Class::V128 } else { Class::of(ty) };
        self.stage_vector(row, [vector, number], Fields::one(lane.into()), class);
    }

    /// Pops a vector and a number above it. Returns the vector, which is in the accumulator if it was pending, and the
    /// number, which alone may be pending.
    fn vector_and_number(&mut self) -> (Operand, Entry) {
        let number = self.stack.pop();
        let vector = self.pop_vector();
        if vector.is_pending() {
            self.emit_pending(Operand::ACC);
            return (Operand::ACC, number);
        }
        if !number.is_pending() {
            self.flush();
        }
        (Operand::slot(vector.slot()), number)
    }

    pub(super) fn constant_v128(&mut self, bytes: [u8; 16]) {
        self.flush();
        let dst = self.push_emitted();
        self.emitter.emit(Row::v128_const, [dst], halves(bytes));
    }

    pub(super) fn shuffle_v128(&mut self, lanes: [u8; 16]) {
        let rhs = self.pop_vector();
        let lhs = self.pop_vector();
        let mut operands = self.vector_operands(Row::i8x16_shuffle, true, [lhs, rhs]);
        if !operands.contains(&Operand::ACC) {
            operands[0] = self.vector_or_acc(operands[0]);
        }
        if !operands.contains(&Operand::ACC) {
            operands[1] = self.vector_or_acc(operands[1]);
        }
        let [lhs, rhs] = operands;
        let dst = self.push_emitted();
        self.emitter.emit(Row::i8x16_shuffle, [dst, lhs, rhs], halves(lanes));
    }

    // ---- memories

    pub(super) fn load_v128(&mut self, row: Row, general: Row, target: Target) {
        let addr = self.stack.pop();
        let (addr, access) = self.access(addr, target);
        let (row, general, access) = self.access_for(row, general, access, target.memory);
        match access {
            Access::Near(offset) => {
                let operands = self.operands(row, true, [addr]);
                self.stage_vector(row, operands, Fields::one(offset), Class::Int);
            }
            Access::General(rest, offset) => {
                let operands = self.operands(general, true, [addr]);
                self.stage_vector(general, operands, rest, Class::Int);
                self.pending.op.offset = offset;
            }
        }
    }

    pub(super) fn store_v128(&mut self, row: Row, general: Row, target: Target) {
        let value = self.pop_vector();
        let addr = self.stack.pop();
        let position = self.stack.height();
        let (addr, access) = self.access(addr, target);
        let (row, general, access) = self.access_for(row, general, access, target.memory);
        let pending = addr.is_pending();
        if !pending && !value.is_pending() {
            self.flush();
        }
        let near = matches!(access, Access::Near(_));
        // The value is in slots already if the address is pending.
        let mut addr_operand = if pending && near {
            self.emit_pending(Operand::ACC);
            Operand::ACC
        } else if near && addr.as_imm32().is_some() {
            addr.operand()
        } else {
            Operand::slot(self.slot_of(addr, position))
        };
        match access {
            Access::Near(offset) => {
                let value = if value.is_pending() {
                    self.emit_pending(Operand::ACC);
                    Operand::ACC
                } else {
                    self.vector_or_acc(Operand::slot(value.slot()))
                };
                if !pending && self.emitter.mirrors.holds(Class::Int, addr_operand) {
                    addr_operand = Operand::ACC;
                }
                self.emitter.emit(row, [addr_operand, value], [offset.into()]);
            }
            Access::General(_, offset) => {
                let value = self.vector_slot(value, position + 1);
                let wide = self.is_wide(target.memory);
                self.emitter.emit(general, [addr_operand, value], [target.memory.into(), wide.into(), offset]);
            }
        }
    }

    pub(super) fn load_lane(&mut self, row: Row, target: Target, lane: u8) {
        let (addr, value, rest) = self.lane_access(target, lane);
        let dst = self.push_emitted();
        self.emitter.emit(self.row_for(row, target.memory), [dst, addr, value], rest);
    }

    pub(super) fn store_lane(&mut self, row: Row, target: Target, lane: u8) {
        let (addr, value, rest) = self.lane_access(target, lane);
        self.emitter.emit(self.row_for(row, target.memory), [addr, value], rest);
    }

    /// Pops an address and a vector. Returns their slots and the other fields of the op.
    fn lane_access(&mut self, target: Target, lane: u8) -> (Operand, Operand, [u64; 4]) {
        let value = self.pop_vector();
        let addr = self.stack.pop();
        let position = self.stack.height();
        if !addr.is_pending() && !value.is_pending() {
            self.flush();
        }
        let addr = Operand::slot(self.slot_of(addr, position));
        let value = self.vector_slot(value, position + 1);
        let wide = self.is_wide(target.memory);
        (addr, value, [lane.into(), target.memory.into(), wide.into(), target.offset])
    }

    /// Pops a vector and what is below it, so that there are `N` operands. Returns the slots that have them.
    #[cfg(feature = "gc")]
    pub(super) fn places_and_vector<const N: usize>(&mut self) -> [Operand; N] {
        let vector = self.pop_vector();
        let first = self.stack.height() - (N - 1);
        let mut operands = [Operand::ACC; N];
        if let Some(position) = (first..first + N - 1).find(|&i| self.stack.entry_at(i).is_pending()) {
            // First, as its op may read the accumulator.
            operands[position - first] = Operand::slot(self.slot_of(self.stack.entry_at(position), position));
        } else if !vector.is_pending() {
            self.flush();
        }
        operands[N - 1] = self.vector_slot(vector, first + N - 1);
        for (position, operand) in (first..).zip(&mut operands[..N - 1]) {
            let entry = self.stack.entry_at(position);
            if !entry.is_pending() {
                *operand = Operand::slot(self.slot_of(entry, position));
            }
        }
        self.stack.truncate(first);
        operands
    }

    // ---- variables

    /// `local.get` of a local that is a vector, which is `low`.
    pub(super) fn vector_get(&mut self, local: u32, low: Entry) {
        if self.entry.is_open() {
            self.entry.read(local);
        }
        self.push_vector_local(low);
    }

    /// `local.set`, or `local.tee` if `tee`, of a local that is a vector, which is `place`.
    pub(super) fn vector_set(&mut self, local: u32, place: Entry, tee: bool) {
        self.entry.write(local);
        let low = self.pop_vector();
        if !low.is_pending() {
            self.flush();
        }
        self.preserve_local(place.slot().0);
        if low.is_pending() {
            self.emit_pending(Operand::slot(place.slot()));
        } else {
            self.emitter.copy_entry(place.slot(), low);
        }
        if tee {
            self.push_vector_local(place);
        }
    }

    /// `global.get` of a vector.
    pub(super) fn vector_global_get(&mut self, global: u32) {
        self.flush();
        let (row, index) = self.global_row(global, Row::global_get_v128, Row::global_get_imported_v128);
        let dst = self.push_emitted();
        self.emitter.emit(row, [dst], [index.into()]);
        // The op for globals of this module writes to the slots alone.
        self.emitter.mirrors.forget(Class::V128);
    }

    /// `global.set` of a vector, whose second entry was popped.
    pub(super) fn vector_global_set(&mut self, global: u32) {
        let vector = self.stack.pop();
        let (row, index) = self.global_row(global, Row::global_set_v128, Row::global_set_imported_v128);
        let [operand] = self.vector_operands(row, false, [vector]);
        self.emitter.emit(row, [self.vector_or_acc(operand)], [index.into()]);
    }

    /// `select` of vectors; `cond` and `rhs` were popped.
    pub(super) fn vector_select(&mut self, cond: Entry, rhs: Entry) {
        let lhs = self.pop_vector();
        let position = self.stack.height();
        let operand = self.pending_condition(cond, lhs, rhs);
        let lhs = self.vector_slot(lhs, position);
        let rhs = self.vector_slot(rhs, position + 2);
        let cond = match operand {
            Some(operand) => operand,
            None => Operand::slot(self.slot_of(cond, position + 4)),
        };
        self.stage_vector(Row::select_v128, [cond, lhs, rhs], Fields::NONE, Class::Int);
    }
}

/// Returns 16 bytes as two little-endian numbers.
fn halves(bytes: [u8; 16]) -> [u64; 2] {
    let bits = u128::from_le_bytes(bytes);
    [bits as u64, (bits >> 64) as u64]
}

//! Operators on variables and tables, and the rest.

use crate::{
    ir::{
        encode::{Fields, Operand},
        opcode::Row,
        operand::Class,
    },
    translate::{builder::Builder, place::Place},
    types::repr::Ty,
    validate::Entry,
};

impl Builder<'_> {
    /// `local.get` of `local`, which is `entry`.
    #[inline(always)]
    pub(crate) fn local_get(&mut self, local: u32, entry: Entry) {
        if self.entry.is_open() {
            self.entry.read(local);
        }
        // The slot that had the value first was written earlier, so reading it waits less.
        self.stack.push_local(entry.in_slot(self.emitter.mirrors.origin(entry.slot().0)));
    }

    /// `local.set`, or `local.tee` if `tee`, of `local`, which is `place`. `entry` is on top of the stack.
    #[inline(never)]
    pub(crate) fn local_set(&mut self, local: u32, place: Entry, entry: Entry, tee: bool) {
        self.entry.write(local);
        let position = self.stack.height() - 1;
        self.stack.truncate(position);
        let slot = place.slot();
        if entry.is_pending() {
            self.preserve_local(slot.0);
            if tee
                && self.emitter.fused
                && self.stack.is_loop_parameter(position)
                && Class::of(entry.ty()) == Class::Int
            {
                // The next iteration expects the value in this slot. Copying it from the accumulator is faster than
                // from the local.
                let canonical = self.stack.slots.temporary(position);
                self.emit_pending(Operand::slot(canonical));
                self.emitter.copy_slot(slot, canonical);
                return self.stack.push_temporary(entry.ty());
            }
            if tee {
                self.stack.push_local(place);
            }
            return self.emit_pending(Operand::slot(slot));
        }
        self.flush();
        self.preserve_local(slot.0);
        self.emitter.copy_entry(slot, entry);
        if self.emitter.fused && entry.is_local() && entry.slot() != slot {
            self.emitter.mirrors.set_moved(slot.0, entry.slot().0);
        }
        if tee {
            // A constant can become an immediate, which is better than a local.
            if entry.is_constant() {
                self.stack.push(entry);
            } else {
                self.stack.push_local(place.in_slot(self.emitter.mirrors.origin(slot.0)));
            }
        }
    }

    /// `global.get`
    pub(crate) fn global_get(&mut self, global: u32) {
        let ty = self.header.global(global).content;
        #[cfg(feature = "simd")]
        if ty == Ty::V128 {
            return self.vector_global_get(global);
        }
        self.flush();
        let (row, index) = self.global_row(global, Row::global_get, Row::global_get_imported);
        if Class::of(ty) == Class::Int && self.emitter.fused && self.emitter.mirrors.holds_global(global) {
            self.stage(Row::copy, [Operand::ACC], Fields::NONE, Class::Int, ty);
        } else if Class::of(ty) == Class::Int {
            self.stage(row, [], Fields::one(index), Class::Int, ty);
        } else {
            // The op moves the cell through the integer accumulator. A float is then read from the slot.
            let position = self.stack.height();
            let slot = self.stack.slots.temporary(position);
            self.emitter.emit_op(row, Operand::slot(slot), Operand::ACC, Fields::one(index));
            self.emitter.mirrors.overwrite(slot.0);
            if row == Row::global_get_imported {
                self.emitter.mirrors.forget(Class::Int);
            }
            self.stack.push_temporary(ty);
        }
    }

    /// `global.set`
    pub(crate) fn global_set(&mut self, global: u32) {
        let entry = self.stack.pop();
        #[cfg(feature = "simd")]
        if entry.is_in_vector() {
            return self.vector_global_set(global);
        }
        let position = self.stack.height();
        let (row, index) = self.global_row(global, Row::global_set, Row::global_set_imported);
        let operand = match entry.place() {
            Place::Constant if entry.as_imm32().is_some() => {
                self.flush();
                entry.operand()
            }
            Place::Pending if Class::of(entry.ty()) == Class::Int => {
                self.emit_pending(Operand::ACC);
                Operand::ACC
            }
            Place::Pending => Operand::slot(self.slot_of(entry, position)),
            _ => {
                self.flush();
                Operand::slot(self.slot_of(entry, position))
            }
        };
        let mut operands = [operand];
        self.emitter.use_mirror(row, Class::Int, &mut operands, 0);
        if !(self.emitter.fused
            && row == Row::global_set
            && operands[0].is_acc()
            && self.emitter.set_global_sum(u64::from(index)))
        {
            self.emitter.emit_op(row, operands[0], Operand::ACC, Fields::one(index));
        }
        // A global may be imported under several indices, so the value of no other one is known any more.
        self.emitter.mirrors.set_global((operands[0] == Operand::ACC).then_some(global));
    }

    pub(super) fn global_row(&self, global: u32, own: Row, imported: Row) -> (Row, u32) {
        match global.checked_sub(self.header.num_imported_globals()) {
            Some(_) => (own, self.header.global(global).cell),
            None => (imported, global),
        }
    }

    /// `select`
    pub(crate) fn select(&mut self) {
        let cond = self.stack.pop();
        let [lhs, rhs] = self.stack.pop_two();
        #[cfg(feature = "simd")]
        if rhs.is_in_vector() {
            return self.vector_select(cond, lhs);
        }
        let position = self.stack.height();
        let ty = lhs.ty();
        let row = match Class::of(ty) {
            Class::Int => Row::select,
            Class::F32 => Row::select_f32,
            Class::F64 => Row::select_f64,
            Class::V128 => unreachable!("vectors have another op"),
        };
        let operand = self.pending_condition(cond, lhs, rhs);
        let lhs = self.alternative(lhs, position);
        let rhs = self.alternative(rhs, position + 1);
        let cond = match operand {
            Some(operand) => operand,
            None => Operand::slot(self.slot_of(cond, position + 2)),
        };
        self.stage(row, [cond, lhs, rhs], Fields::NONE, Class::Int, ty);
    }

    /// Emits the pending value before a `select` of these entries. Returns the condition if it was the pending one: at most
    /// one of the three is, and copies of the others do not change the accumulator.
    #[inline]
    pub(super) fn pending_condition(&mut self, cond: Entry, lhs: Entry, rhs: Entry) -> Option<Operand> {
        if cond.is_pending() {
            self.emit_pending(Operand::ACC);
            return Some(Operand::ACC);
        }
        if !lhs.is_pending() && !rhs.is_pending() {
            self.flush();
        }
        None
    }

    /// One of the two values of `select`.
    fn alternative(&mut self, entry: Entry, position: usize) -> Operand {
        if Class::of(entry.ty()) == Class::Int && entry.as_imm32().is_some() {
            return entry.operand();
        }
        Operand::slot(self.slot_of(entry, position))
    }

    /// `drop`
    pub(crate) fn drop_value(&mut self) {
        let mut entry = self.stack.pop();
        if entry.is_in_vector() {
            entry = self.stack.pop();
        }
        if entry.is_pending() {
            // Its op may trap, so it must be emitted.
            self.emit_pending(Operand::ACC);
        }
    }

    /// An operator with an index, a result and no operands: `memory.size`, `table.size`, `ref.func`.
    pub(crate) fn indexed_value(&mut self, row: Row, index: u32, ty: Ty) {
        self.flush();
        self.stage(row, [], Fields::one(index), Class::Int, ty);
    }

    /// `table.get`
    pub(crate) fn table_get(&mut self, table: u32, ty: Ty) {
        let index = self.stack.pop();
        if !index.is_pending() {
            self.flush();
        }
        let index = Operand::slot(self.slot_of(index, self.stack.height()));
        self.stage(Row::table_get, [index], Fields::one(table), Class::Int, ty);
    }

    /// `table.set`
    pub(crate) fn table_set(&mut self, table: u32) {
        let entries = self.stack.pop_two();
        let operands = self.operands(Row::table_set, false, entries);
        self.emitter.emit(Row::table_set, operands, [u64::from(table)]);
    }

    /// An operator whose op takes `inputs` operands from consecutive slots and leaves `outputs` there. `rest` are its
    /// other fields.
    pub(crate) fn bulk(&mut self, row: Row, inputs: usize, rest: &[u64], outputs: &[Ty]) {
        self.settle_values(inputs);
        // It may be suspended for lack of fuel.
        #[cfg(heap)]
        self.safepoint();
        let position = self.stack.height() - inputs;
        self.stack.truncate(position);
        let base = self.stack.slots.temporary(position);
        let mut fields = [u64::from(base.0), 0, 0, 0];
        fields[1..=rest.len()].copy_from_slice(rest);
        self.emitter.emit(row, [], fields);
        for (i, &ty) in outputs.iter().enumerate() {
            let slot = self.stack.slots.temporary(position + i);
            self.emitter.mirrors.overwrite(slot.0);
            self.stack.push_temporary(ty);
        }
    }

    /// An operator with only an index: `data.drop`, `elem.drop`.
    pub(crate) fn index_only(&mut self, row: Row, index: u32) {
        self.flush();
        self.emitter.emit(row, [], [u64::from(index)]);
    }
}

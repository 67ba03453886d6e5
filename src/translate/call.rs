//! Calls: arguments go to the canonical slots where the callee's frame begins.

use crate::{
    ir::{
        encode::{Fields, Operand},
        opcode::Row,
        operand::{Class, Slot},
    },
    module::types::FuncTy,
    translate::builder::Builder,
    types::{
        layout::{LINKAGE_CELLS, Signature},
        repr::Ty,
    },
    validate::Entry,
};

impl Builder<'_> {
    /// Moves the arguments of a call to their canonical slots. Returns false if they do not have these types.
    #[inline]
    pub(crate) fn settle_arguments(&mut self, params: &[Ty]) -> bool {
        self.flush();
        let height = self.stack.height();
        self.settle_typed(height - params.len()..height, params)
    }

    /// Pops the `params` arguments of a call, which are in place. Returns the first slot of the callee's frame and the
    /// slot of its linkage.
    #[inline]
    fn arguments(&mut self, params: usize, signature: Signature) -> (Slot, Slot) {
        let position = self.stack.height() - params;
        self.stack.truncate(position);
        #[cfg(heap)]
        self.safepoint();
        let base = self.stack.slots.temporary(position);
        let link = self.stack.slots.index(position) + signature.link();
        self.stack.slots.reserve(link + LINKAGE_CELLS);
        (base, Slot(link as u16))
    }

    /// Pushes the results of a call. They are in their canonical slots, and the first one is in the accumulator too.
    fn call_results(&mut self, results: &[Ty]) {
        self.emitter.forget_accumulators();
        let position = self.stack.height();
        let slot = self.stack.slots.at(position);
        match *results {
            [] => {}
            [ty] => {
                self.emitter.mirrors.set(Class::of(ty), slot.0);
                self.stack.push(Entry::temporary(slot, ty));
                self.stack.slots.reserve_operands(position + 1);
            }
            [first, ..] => {
                if first != Ty::V128 {
                    self.emitter.mirrors.set(Class::of(first), slot.0);
                }
                self.stack.push_temporaries(results);
                self.stack.slots.reserve_operands(position + results.len());
            }
        }
    }

    /// `call` of function `func`, which has these results. Its `params` arguments are in place.
    #[inline]
    pub(crate) fn call(&mut self, func: u32, params: usize, results: &[Ty], signature: Signature) {
        let (base, link) = self.arguments(params, signature);
        let (row, index) = match func.checked_sub(self.header.num_imported_funcs()) {
            Some(local) => (Row::call, local),
            None => (Row::call_import, func),
        };
        self.emitter.emit_op(row, Operand::ACC, Operand::ACC, Fields::slots(base, link, index));
        self.call_results(results);
    }

    /// `return_call`
    pub(crate) fn return_call(&mut self, func: u32) {
        let ty = self.header.func_type(func);
        let (row, index) = match func.checked_sub(self.header.num_imported_funcs()) {
            Some(local) => (Row::return_call, local),
            None => (Row::return_call_import, func),
        };
        let [args, count, link, new_link] = self.tail_arguments(ty);
        self.emitter.emit(row, [], [args, count, link, new_link, u64::from(index)]);
        self.set_unreachable();
    }

    /// Moves the arguments of a tail call to their canonical slots. Returns the fields that all tail calls have.
    fn tail_arguments(&mut self, ty: FuncTy<'_>) -> [u64; 4] {
        let params = ty.params().len();
        self.fuel.charge_call(params + ty.results().len());
        self.charge_return(params);
        self.settle_values(params);
        let args = self.stack.slots.temporary(self.stack.height() - params);
        let signature = ty.signature();
        self.stack.slots.reserve(signature.end());
        [u64::from(args.0), signature.param_cells() as u64, u64::from(self.stack.slots.link()), signature.link() as u64]
    }

    /// Pops the operand of an indirect call, an index or a reference: a slot or the accumulator, which moves of arguments do not
    /// overwrite.
    fn callee_index(&mut self) -> Operand {
        let entry = self.stack.pop();
        if entry.is_pending() {
            // Arguments are moved by copies, which do not change the accumulator.
            let callee = if cfg!(feature = "small") {
                Operand::slot(self.stack.slots.temporary(self.stack.height()))
            } else {
                Operand::ACC
            };
            self.emit_pending(callee);
            return callee;
        }
        self.flush();
        Operand::slot(self.slot_of(entry, self.stack.height()))
    }

    /// `call_indirect`
    pub(crate) fn call_indirect(&mut self, type_index: u32, table: u32) {
        let ty = self.header.type_at(type_index);
        self.fuel.charge_call(ty.params().len() + ty.results().len());
        let mut index = [self.callee_index()];
        self.emitter.use_mirror(Row::call_indirect, Class::Int, &mut index, 0);
        self.settle_values(ty.params().len());
        let (base, link) = self.arguments(ty.params().len(), ty.signature());
        let rest = [u64::from(base.0), u64::from(link.0), u64::from(table), u64::from(type_index)];
        self.emitter.emit(Row::call_indirect, index, rest);
        self.call_results(ty.results());
    }

    /// `return_call_indirect`
    pub(crate) fn return_call_indirect(&mut self, type_index: u32, table: u32) {
        let ty = self.header.type_at(type_index);
        let mut index = [self.callee_index()];
        self.emitter.use_mirror(Row::return_call_indirect, Class::Int, &mut index, 0);
        let [args, count, link, new_link] = self.tail_arguments(ty);
        let rest = [args, count, link, new_link, u64::from(table), u64::from(type_index)];
        self.emitter.emit(Row::return_call_indirect, index, rest);
        self.set_unreachable();
    }

    /// `call_ref`
    pub(crate) fn call_ref(&mut self, type_index: u32) {
        let ty = self.header.type_at(type_index);
        self.fuel.charge_call(ty.params().len() + ty.results().len());
        let mut func = [self.callee_index()];
        self.emitter.use_mirror(Row::call_ref, Class::Int, &mut func, 0);
        self.settle_values(ty.params().len());
        let (base, link) = self.arguments(ty.params().len(), ty.signature());
        self.emitter.emit(Row::call_ref, func, [u64::from(base.0), u64::from(link.0), u64::from(type_index)]);
        self.call_results(ty.results());
    }

    /// `return_call_ref`
    pub(crate) fn return_call_ref(&mut self, type_index: u32) {
        let ty = self.header.type_at(type_index);
        let mut func = [self.callee_index()];
        self.emitter.use_mirror(Row::return_call_ref, Class::Int, &mut func, 0);
        let [args, count, link, new_link] = self.tail_arguments(ty);
        self.emitter.emit(Row::return_call_ref, func, [args, count, link, new_link, u64::from(type_index)]);
        self.set_unreachable();
    }
}

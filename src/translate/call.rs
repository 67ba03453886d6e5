//! Calls: arguments go to the canonical slots where the callee's frame begins.

use crate::{
    ir::{
        encode::{Fields, Operand},
        opcode::Row,
        operand::{Class, Slot},
    },
    translate::builder::Builder,
    types::{
        FuncType, ValType,
        layout::{LINKAGE_CELLS, Signature},
    },
    validate::Entry,
};

impl Builder<'_> {
    /// Puts the arguments of a call in place; false if they are not of these types.
    #[inline]
    pub(crate) fn settle_arguments(&mut self, params: &[ValType]) -> bool {
        self.flush();
        let height = self.height();
        self.settle_typed(height - params.len()..height, params)
    }

    /// Pops the `params` arguments of a call, which are in place; returns the first slot of the callee's frame and the
    /// slot of its linkage.
    #[inline]
    fn arguments(&mut self, params: usize, signature: Signature) -> (Slot, Slot) {
        let position = self.height() - params;
        self.truncate(position);
        let base = self.temporary(position);
        let link = self.first_temporary + position + signature.link();
        self.reserve(link + LINKAGE_CELLS);
        (base, Slot(link as u16))
    }

    /// Pushes the results of a call: they are in place, the first one is in the accumulator as well.
    fn call_results(&mut self, results: &[ValType]) {
        self.forget_accumulators();
        let position = self.height();
        let slot = self.slot_at(position);
        match *results {
            [] => {}
            [ty] => {
                self.mirror(Class::of(ty), slot);
                self.push(Entry::temporary(slot, ty));
                self.reserve(self.first_temporary + position + 1);
            }
            [first, ..] => {
                self.mirror(Class::of(first), slot);
                results.iter().for_each(|&ty| self.push_temporary(ty));
                self.reserve(self.first_temporary + position + results.len());
            }
        }
    }

    /// `call` of function `func`, whose `params` arguments are in place, and which has these results
    #[inline]
    pub(crate) fn call(&mut self, func: u32, params: usize, results: &[ValType], signature: Signature) {
        let (base, link) = self.arguments(params, signature);
        let (row, index) = match func.checked_sub(self.header.num_imported_funcs()) {
            Some(local) => (Row::call, local),
            None => (Row::call_import, func),
        };
        self.emit_op(row, Operand::ACC, Operand::ACC, Fields::slots(base, link, index));
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
        self.emit(row, [], [args, count, link, new_link, u64::from(index)]);
        self.set_unreachable();
    }

    /// Puts the arguments of a tail call in place; gives the fields that all tail calls have.
    fn tail_arguments(&mut self, ty: &FuncType) -> [u64; 4] {
        let params = ty.params().len();
        self.settle_values(params);
        let args = self.temporary(self.height() - params);
        let signature = ty.signature();
        self.reserve(signature.end());
        [u64::from(args.0), signature.param_cells() as u64, u64::from(self.link), signature.link() as u64]
    }

    /// The index operand of an indirect call: a slot that the arguments do not overwrite, or the
    /// accumulator if they leave it alone.
    fn callee_index(&mut self) -> Operand {
        let entry = self.pop();
        if entry.is_pending() {
            // Moves of arguments are copies, which keep the accumulator.
            self.emit_pending(Operand::ACC);
            return Operand::ACC;
        }
        self.flush();
        Operand::slot(self.slot_of(entry, self.height()))
    }

    /// `call_indirect`
    pub(crate) fn call_indirect(&mut self, type_index: u32, table: u32) {
        let ty = self.header.type_at(type_index);
        let mut index = [self.callee_index()];
        self.use_mirror(Row::call_indirect, Class::Int, &mut index, 0);
        self.settle_values(ty.params().len());
        let (base, link) = self.arguments(ty.params().len(), ty.signature());
        let rest = [u64::from(base.0), u64::from(link.0), u64::from(table), u64::from(type_index)];
        self.emit(Row::call_indirect, index, rest);
        self.call_results(ty.results());
    }

    /// `return_call_indirect`
    pub(crate) fn return_call_indirect(&mut self, type_index: u32, table: u32) {
        let ty = self.header.type_at(type_index);
        let mut index = [self.callee_index()];
        self.use_mirror(Row::return_call_indirect, Class::Int, &mut index, 0);
        let [args, count, link, new_link] = self.tail_arguments(ty);
        let rest = [args, count, link, new_link, u64::from(table), u64::from(type_index)];
        self.emit(Row::return_call_indirect, index, rest);
        self.set_unreachable();
    }
}

//! Operators on references that may be null.

use crate::{
    ir::{
        encode::{Fields, Operand},
        opcode::Row,
        operand::Class,
    },
    translate::builder::Builder,
    types::repr::Ty,
    validate::Entry,
};

impl Builder<'_> {
    /// Puts the reference on top of the stack into a slot; pops it and returns it as it is there.
    pub(super) fn reference(&mut self) -> Entry {
        let entry = self.stack.pop();
        if !entry.is_pending() {
            self.flush();
        }
        let slot = self.slot_of(entry, self.stack.height());
        if entry.is_local() { entry } else { Entry::temporary(slot, entry.ty()) }
    }

    /// Pushes a reference that is in a slot.
    pub(super) fn push_reference(&mut self, entry: Entry) {
        if entry.is_local() {
            self.stack.push_local(entry);
        } else {
            self.stack.push(entry);
        }
    }

    /// Stages a comparison of a reference with null.
    fn compare_with_null(&mut self, row: Row, entry: Entry) {
        self.stage(row, [Operand::slot(entry.slot()), Operand::imm(0)], Fields::NONE, Class::Int, Ty::I32);
    }

    /// `ref.as_non_null`
    pub(crate) fn ref_as_non_null(&mut self) {
        let entry = self.reference();
        let mut operands = [Operand::slot(entry.slot())];
        self.emitter.use_mirror(Row::ref_as_non_null, Class::Int, &mut operands, 0);
        self.emitter.emit(Row::ref_as_non_null, operands, []);
        self.push_reference(entry.with_type(entry.ty().with_nullable(false)));
    }

    /// `br_on_null`
    pub(crate) fn br_on_null(&mut self, depth: u32) {
        // The comparison has the place of the reference on the stack, and is part of the branch or in the accumulator,
        // so that it leaves the slot alone.
        let entry = self.reference();
        self.compare_with_null(Row::i64_eq, entry);
        self.br_if(depth);
        self.push_reference(entry.with_type(entry.ty().with_nullable(false)));
    }

    /// `br_on_non_null`
    pub(crate) fn br_on_non_null(&mut self, depth: u32) {
        let entry = self.reference();
        self.push_reference(entry);
        self.compare_with_null(Row::i64_ne, entry);
        self.br_if(depth);
        self.stack.pop();
    }
}

//! Atomic operators, and the ops for shared memories.

use crate::{
    ir::{
        encode::{Fields, Operand},
        opcode::Row,
        operand::Class,
    },
    translate::{builder::Builder, memory::Target},
    types::repr::Ty,
};

impl Builder<'_> {
    /// Pops `N` operands. Returns the slots that have them.
    fn slots_of<const N: usize>(&mut self) -> [Operand; N] {
        let first = self.stack.height() - N;
        let entries = core::array::from_fn::<_, N, _>(|i| self.stack.entry_at(first + i));
        self.stack.truncate(first);
        if !entries.iter().any(|entry| entry.is_pending()) {
            self.flush();
        }
        let mut operands = [Operand::ACC; N];
        // The pending value first: its op may read the accumulator, and slots that constants are written to.
        for pending in [true, false] {
            for (i, &entry) in entries.iter().enumerate().filter(|(_, entry)| entry.is_pending() == pending) {
                operands[i] = Operand::slot(self.slot_of(entry, first + i));
            }
        }
        operands
    }

    /// An operator on `N` operands that computes a value of type `ty`: a load, a read-modify-write, a compare-and-exchange.
    pub(super) fn atomic<const N: usize>(&mut self, row: Row, ty: Ty, target: Target) {
        let operands = self.slots_of::<N>();
        let fields = Fields::access(target.memory as u16, self.is_wide(target.memory));
        self.stage(row, operands, fields, Class::Int, ty);
        self.pending.op.offset = target.offset;
    }

    /// A store.
    pub(super) fn atomic_store(&mut self, row: Row, target: Target) {
        let operands = self.slots_of::<2>();
        let wide = self.is_wide(target.memory);
        self.emitter.emit(row, operands, [target.memory.into(), wide.into(), target.offset]);
    }

    /// An operator on threads that wait, with so many operands.
    pub(super) fn wait(&mut self, row: Row, inputs: usize, target: Target) {
        let wide = self.is_wide(target.memory);
        self.bulk(row, inputs, &[target.memory.into(), wide.into(), target.offset], &[Ty::I32]);
    }

    /// `atomic.fence`
    pub(super) fn fence(&mut self) {
        self.flush();
        self.emitter.emit(Row::atomic_fence, [], []);
    }
}

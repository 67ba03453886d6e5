//! Loads and stores.

use crate::{
    ir::{
        encode::{Fields, Operand, kinds_of},
        opcode::Row,
        operand::Class,
        shape::Shape,
    },
    translate::{builder::Builder, forms::fits},
    types::repr::Ty,
    validate::Entry,
};

/// How a load or a store is encoded.
pub(super) enum Access {
    /// By the op for memory 0 and this offset.
    Near(u32),
    /// By the op for any memory and any offset, with these fields and this offset.
    General(Fields, u64),
}

/// The immediates of a load or a store: memory and offset.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    pub(crate) memory: u32,
    pub(crate) offset: u64,
}

impl Builder<'_> {
    /// Does what `load` does, if the topmost entry `addr` can be the operand as it is. Otherwise returns false.
    #[inline(always)]
    pub(crate) fn load_at_once(&mut self, row: Row, addr: Entry, ty: Ty, target: Target) -> bool {
        let Some(offset) = self.near(target) else { return false };
        if addr.is_constant() {
            return false;
        }
        let Some(operands) = self.ready_operands(row, true, [addr]) else { return false };
        self.stage_at(self.stack.height() - 1, row, operands, Fields::one(offset), Class::Int, ty);
        true
    }

    /// A load of type `ty`. `general` is the row for any memory and any offset.
    #[inline(never)]
    pub(crate) fn load(&mut self, row: Row, general: Row, ty: Ty, target: Target) {
        let (row, general) = (self.row_for(row, target.memory), self.row_for(general, target.memory));
        let addr = self.stack.pop();
        let (addr, access) = self.access(addr, target);
        if let Access::Near(offset) = access {
            if addr.is_pending() && self.emitter.fused && self.fuse_address(row, offset, ty) {
                return;
            }
            let operands = self.operands(row, true, [addr]);
            self.stage(row, operands, Fields::one(offset), Class::Int, ty);
        } else if let Access::General(rest, offset) = access {
            let operands = self.operands(general, true, [addr]);
            self.stage(general, operands, rest, Class::Int, ty);
            self.pending.op.offset = offset;
        }
    }

    /// Returns the offset if `row`s for memory 0 can encode it: addresses and offset have 32 bits.
    #[inline(always)]
    fn near(&self, Target { memory, offset }: Target) -> Option<u32> {
        let near = u32::try_from(offset).ok()?;
        (memory == 0 && self.is_plain()).then_some(near)
    }

    /// Chooses the encoding of a load or a store at `addr`. Returns it with the address, to which the offset is added
    /// if both are constants.
    #[inline]
    pub(super) fn access(&self, addr: Entry, target: Target) -> (Entry, Access) {
        let Target { memory, offset } = target;
        let wide = self.is_wide(memory);
        let near = u32::try_from(offset).ok();
        let sum = near.zip(addr.as_imm32()).filter(|_| !wide).and_then(|(offset, bits)| bits.checked_add(offset));
        let (addr, offset, near) = match sum {
            Some(sum) => (Entry::i32(sum), 0, Some(0)),
            None => (addr, offset, near),
        };
        match near {
            Some(offset) if memory == 0 && !wide => (addr, Access::Near(offset)),
            _ => (addr, Access::General(Fields::access(memory as u16, wide), offset)),
        }
    }

    /// Returns the rows and the access for `memory`, given those for memories that are not shared. In shared memories, some
    /// operators on vectors have only the op for any memory.
    #[cfg(feature = "simd")]
    pub(super) fn access_for(&self, row: Row, general: Row, access: Access, memory: u32) -> (Row, Row, Access) {
        let found = self.row_for(row, memory);
        let access = match access {
            Access::Near(offset) if found == row && self.is_shared(memory) => {
                Access::General(Fields::access(memory as u16, false), offset.into())
            }
            access => access,
        };
        (found, self.row_for(general, memory), access)
    }

    /// Replaces the pending addition or load by one op that also does the load `row` from its result. Returns false if
    /// the table has none.
    fn fuse_address(&mut self, row: Row, offset: u32, ty: Ty) -> bool {
        let staged = &self.pending.op;
        let Some(fused) = staged.row.fused_with(row, false) else {
            return false;
        };
        if staged.negated.is_some() {
            return false;
        }
        if fused.shape() == Shape::load_load {
            let (addr, first) = (staged.operands[0], staged.fields.first());
            if !fits(fused, true, kinds_of([addr])) {
                return false;
            }
            self.pending.exists = false;
            self.stage(fused, [addr], Fields::two(first, offset), Class::Int, ty);
            return true;
        }
        let [a, b] = [staged.operands[0], staged.operands[1]];
        let Some(operands) = [[a, b], [b, a]].into_iter().find(|&operands| fits(fused, true, kinds_of(operands)))
        else {
            return false;
        };
        self.pending.exists = false;
        self.stage(fused, operands, Fields::one(offset), Class::Int, ty);
        true
    }

    /// A store of type `ty`. `general` is the row for any memory and any offset.
    pub(crate) fn store(&mut self, row: Row, general: Row, ty: Ty, target: Target) {
        let (row, general) = (self.row_for(row, target.memory), self.row_for(general, target.memory));
        let [addr, value] = self.stack.pop_two();
        let (addr, access) = self.access(addr, target);
        if let Access::Near(offset) = access {
            if value.is_pending() && self.emitter.fused && self.fuse_store(row, addr, offset) {
                return;
            }
            let mut operands = self.operands(row, false, [addr, value]);
            let class = Class::of(ty);
            // Tested first because it is rare and predictable, unlike the kinds of the operands.
            if self.emitter.mirrors.holds(Class::Int, operands[0]) || self.emitter.mirrors.holds(class, operands[1]) {
                self.use_mirrors(row, class, &mut operands);
            }
            self.emitter.emit_op(row, operands[0], operands[1], Fields::one(offset));
        } else if let Access::General(_, offset) = access {
            let operands = self.operands(general, false, [addr, value]);
            let wide = self.is_wide(target.memory);
            self.emitter.emit(general, operands, [u64::from(target.memory), u64::from(wide), offset]);
        }
    }

    /// Takes operands of a store of `class` from accumulators that hold copies of them.
    pub(super) fn use_mirrors(&mut self, row: Row, class: Class, operands: &mut [Operand; 2]) {
        // No op takes both operands from the same accumulator.
        if class != Class::Int || !operands[1].is_acc() {
            self.emitter.use_mirror(row, Class::Int, operands, 0);
        }
        if class != Class::Int || !operands[0].is_acc() {
            self.emitter.use_mirror(row, class, operands, 1);
        }
    }

    /// Emits the pending value and its store `row` as one op. Returns false if the table has none.
    fn fuse_store(&mut self, row: Row, addr: Entry, offset: u32) -> bool {
        if !addr.is_local() && !addr.is_temporary() {
            return false;
        }
        let Some(fused) = self.pending.op.row.fused_with(row, true) else {
            return false;
        };
        let (a, b) = (self.pending.op.operands[0], self.pending.op.operands.get(1).copied());
        let addr = addr.operand();
        let Some(b) = b else {
            let mut operands = [a, addr];
            if !fits(fused, false, kinds_of(operands)) {
                return false;
            }
            self.pending.exists = false;
            self.emitter.use_mirror(fused, Class::Int, &mut operands, 0);
            self.emitter.emit_op(fused, operands[0], operands[1], Fields::two(self.pending.op.fields.first(), offset));
            self.emitter.mirrors.forget(Class::Int);
            return true;
        };
        let Some(mut operands) =
            [[addr, a, b], [addr, b, a]].into_iter().find(|&operands| fits(fused, false, kinds_of(operands)))
        else {
            return false;
        };
        self.pending.exists = false;
        self.emitter.use_mirror(fused, Class::Int, &mut operands, 1);
        self.emitter.emit(fused, operands, [u64::from(offset)]);
        self.emitter.mirrors.forget(Class::Int);
        true
    }
}

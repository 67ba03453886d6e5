//! What single operators do to the function under translation, control aside.

use core::hint::select_unpredictable;

use crate::{
    ir::{
        encode::{Fields, Operand, kinds_of},
        opcode::Row,
        operand::Class,
        shape::Shape,
    },
    translate::{builder::Builder, emit::Condition, pending::fits, place::Place},
    types::ValType,
    validate::Entry,
};

/// How a load or a store is done.
enum Access {
    /// In memory 0, with an offset of 32 bits.
    Near(u32),
    /// By the op for all memories and offsets, which has these fields.
    Any(Fields, u64),
}

/// Where a load or a store goes: memory and constant offset.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    pub(crate) memory: u32,
    pub(crate) offset: u64,
}

impl Builder<'_> {
    /// As `binary`, if the two topmost `entries` can be operands as they are.
    #[inline(always)]
    pub(crate) fn binary_at_once(&mut self, row: Row, entries: [Entry; 2], input: ValType, output: ValType) -> bool {
        let operands = entries.map(Entry::operand);
        let done = self.are_ready(row, true, entries);
        if done {
            let position = self.height() - 2;
            self.truncate(position + 1);
            self.stage_at(position, row, operands, Fields::NONE, Class::of(input), output);
        }
        done
    }

    /// A value op on two operands of type `input`.
    #[inline]
    pub(crate) fn binary(&mut self, row: Row, input: ValType, output: ValType) {
        if let Row::i32_sub | Row::i64_sub = row {
            self.subtract(row, input);
        } else {
            let entries = self.pop_two();
            self.binary_of(row, entries, input, output);
        }
    }

    /// A subtraction.
    pub(crate) fn subtract(&mut self, row: Row, ty: ValType) {
        let [lhs, rhs] = self.pop_two();
        let (row, rhs) = self.as_addition(row, rhs);
        self.binary_of(row, [lhs, rhs], ty, ty);
    }

    /// A value op on two values that were popped.
    #[inline(never)]
    pub(crate) fn binary_of(&mut self, row: Row, [lhs, rhs]: [Entry; 2], input: ValType, output: ValType) {
        if self.has_pending
            && Entry::is_one_pending([lhs, rhs])
            && self.header.fused
            && self.fuse(row, lhs, rhs, output)
        {
            return;
        }
        let operands = self.operands(row, true, [lhs, rhs]);
        self.stage(row, operands, Fields::NONE, Class::of(input), output);
    }

    /// Makes the pending op and `row`, which takes its result, one op, if the table has it.
    fn fuse(&mut self, row: Row, lhs: Entry, rhs: Entry, output: ValType) -> bool {
        let staged = &self.staged;
        if staged.row == Row::global_get
            && row == Row::i32_add
            && let Some(by) = rhs.as_imm32().filter(|_| lhs.is_pending())
        {
            let index = staged.rest.first();
            self.has_pending = false;
            self.stage(Row::i32_add_global, [], Fields::two(by, index), Class::Int, output);
            return true;
        }
        let right = rhs.is_pending();
        let Some(fused) = staged.row.fused_with(row, right) else { return false };
        if staged.operands.len() != 2 || staged.negated.is_some() {
            return false;
        }
        let other = if right { lhs } else { rhs };
        let [a, b] = [staged.operands[0], staged.operands[1]];
        let exchangeable = staged.row.relations().swap == Some(staged.row);
        let fitting = [a, b, other.operand()];
        let exchanged = [b, a, other.operand()];
        let fits = |operands| fits(fused, true, kinds_of(operands));
        let [a, b, mut c] = match (fits(fitting), exchangeable && fits(exchanged)) {
            (true, _) => fitting,
            (false, true) => exchanged,
            (false, false) => return false,
        };
        let input = staged.input;
        if c.as_slot().is_some() {
            // At most a constant is written to a slot here, which leaves the accumulators alone.
            let position = self.height() + usize::from(!right);
            if other.is_constant() {
                // Where the second operand of the pending op was, which may be there still.
                let slot = Operand::slot(self.temporary(position));
                if a == slot || b == slot {
                    return false;
                }
            }
            c = Operand::slot(self.slot_of(other, position));
        }
        self.has_pending = false;
        self.stage(fused, [a, b, c], Fields::NONE, input, output);
        true
    }

    /// A value op on one operand.
    pub(crate) fn unary(&mut self, row: Row, input: ValType, output: ValType) {
        if self.has_pending && self.header.fused && self.apply(row) {
            return;
        }
        let operand = self.pop();
        let operands = self.operands(row, true, [operand]);
        self.stage(row, operands, Fields::NONE, Class::of(input), output);
    }

    /// Makes the pending value, if that is on top of the stack, what `row` gives of it, where that needs no op.
    fn apply(&mut self, row: Row) -> bool {
        match row {
            Row::i32_eqz | Row::i64_eqz => self.negate(row),
            Row::i64_extend_i32_u => self.extend(),
            Row::i32_wrap_i64 => self.wrap(),
            _ => false,
        }
    }

    /// Extends the pending value: what ops compute is zero-extended. (Constants that are moved are not.)
    fn extend(&mut self) -> bool {
        if !self.top().is_some_and(Entry::is_pending)
            || !matches!(
                self.staged.row.shape(),
                Shape::unary
                    | Shape::binary
                    | Shape::binary_wide
                    | Shape::ternary
                    | Shape::load
                    | Shape::load_sum
                    | Shape::load_load
            )
        {
            return false;
        }
        self.staged.ty = ValType::I64;
        self.pop();
        self.push(Entry::pending(ValType::I64));
        true
    }

    /// Wraps the pending value, if its lower half depends on those of the operands alone: not that of a test for zero.
    fn wrap(&mut self) -> bool {
        if !self.top().is_some_and(Entry::is_pending) || self.staged.negated.is_some() {
            return false;
        }
        let staged = &mut self.staged;
        staged.row = match staged.row {
            Row::i64_add => Row::i32_add,
            Row::i64_sub => Row::i32_sub,
            Row::i64_mul => Row::i32_mul,
            Row::i64_and => Row::i32_and,
            Row::i64_or => Row::i32_or,
            Row::i64_xor => Row::i32_xor,
            _ => return false,
        };
        staged.ty = ValType::I32;
        self.pop();
        self.push(Entry::pending(ValType::I32));
        true
    }

    /// Applies a test for zero to the value on top of the stack, if that is a pending condition that can be reversed.
    fn negate(&mut self, test: Row) -> bool {
        if !self.top().is_some_and(Entry::is_pending) {
            return false;
        }
        let staged = &mut self.staged;
        let relations = staged.row.relations();
        if relations.branch.is_none_or(|branch| branch.relations().not.is_none()) {
            return false;
        }
        match (staged.negated, relations.not) {
            // A second test undoes the first one only for what is 0 or 1.
            (Some(_), _) => return false,
            (None, Some(not)) => staged.row = not,
            (None, None) => staged.negated = Some(test),
        }
        staged.ty = ValType::I32;
        self.pop();
        self.push(Entry::pending(ValType::I32));
        true
    }

    /// As `load`, if the topmost entry `addr` can be the operand as it is.
    #[inline(always)]
    pub(crate) fn load_at_once(&mut self, row: Row, addr: Entry, ty: ValType, target: Target) -> bool {
        let operands = [addr.operand()];
        let Some(offset) = self.near(target) else { return false };
        let done = !addr.is_constant() && self.are_ready(row, true, [addr]);
        if done {
            self.stage_at(self.height() - 1, row, operands, Fields::one(offset), Class::Int, ty);
        }
        done
    }

    /// A load of type `ty`; `any` is the row for other memories and large offsets.
    #[inline(never)]
    pub(crate) fn load(&mut self, row: Row, any: Row, ty: ValType, target: Target) {
        let addr = self.pop();
        let (addr, access) = self.access(addr, target);
        if let Access::Near(offset) = access {
            if addr.is_pending() && self.header.fused && self.fuse_address(row, offset, ty) {
                return;
            }
            let operands = self.operands(row, true, [addr]);
            self.stage(row, operands, Fields::one(offset), Class::Int, ty);
        } else if let Access::Any(rest, offset) = access {
            let operands = self.operands(any, true, [addr]);
            self.stage(any, operands, rest, Class::Int, ty);
            self.staged.more = offset;
        }
    }

    /// The offset, if it is in memory 0, and has 32 bits as its addresses.
    #[inline(always)]
    fn near(&self, Target { memory, offset }: Target) -> Option<u32> {
        let near = u32::try_from(offset).ok()?;
        (memory == 0 && !self.is_wide(0)).then_some(near)
    }

    /// How a load or a store at `addr` reaches `target`, and from which address: constants are added up.
    #[inline]
    fn access(&self, addr: Entry, target: Target) -> (Entry, Access) {
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
            _ => (addr, Access::Any(Fields::access(memory as u16, wide), offset)),
        }
    }

    /// Makes the pending addition or load and the load `row` from its result one op, if the table has it.
    fn fuse_address(&mut self, row: Row, offset: u32, ty: ValType) -> bool {
        let staged = &self.staged;
        let Some(fused) = staged.row.fused_with(row, false) else {
            return false;
        };
        if staged.negated.is_some() {
            return false;
        }
        if fused.shape() == Shape::load_load {
            let (addr, first) = (staged.operands[0], staged.rest.first());
            if !fits(fused, true, kinds_of([addr])) {
                return false;
            }
            self.has_pending = false;
            self.stage(fused, [addr], Fields::two(first, offset), Class::Int, ty);
            return true;
        }
        let [a, b] = [staged.operands[0], staged.operands[1]];
        let Some(operands) = [[a, b], [b, a]].into_iter().find(|&operands| fits(fused, true, kinds_of(operands)))
        else {
            return false;
        };
        self.has_pending = false;
        self.stage(fused, operands, Fields::one(offset), Class::Int, ty);
        true
    }

    /// A store of type `ty`; `any` is the row for other memories and large offsets.
    pub(crate) fn store(&mut self, row: Row, any: Row, ty: ValType, target: Target) {
        let [addr, value] = self.pop_two();
        let (addr, access) = self.access(addr, target);
        if let Access::Near(offset) = access {
            if value.is_pending() && self.header.fused && self.fuse_store(row, addr, offset) {
                return;
            }
            let mut operands = self.operands(row, false, [addr, value]);
            let class = Class::of(ty);
            // Seldom, while it follows no pattern of what kinds they are.
            if self.mirrors.holds(Class::Int, operands[0]) || self.mirrors.holds(class, operands[1]) {
                self.use_mirrors(row, class, &mut operands);
            }
            self.emit_op(row, operands[0], operands[1], Fields::one(offset));
        } else if let Access::Any(_, offset) = access {
            let operands = self.operands(any, false, [addr, value]);
            let wide = self.is_wide(target.memory);
            self.emit(any, operands, [u64::from(target.memory), u64::from(wide), offset]);
        }
    }

    /// Takes the operands of a store of `class` from accumulators, as far as those hold copies of them.
    fn use_mirrors(&mut self, row: Row, class: Class, operands: &mut [Operand; 2]) {
        // An op takes one operand from an accumulator, or one from each of two.
        if class != Class::Int || !operands[1].is_acc() {
            self.use_mirror(row, Class::Int, operands, 0);
        }
        if class != Class::Int || !operands[0].is_acc() {
            self.use_mirror(row, class, operands, 1);
        }
    }

    /// Emits the pending value and its store `row` as one op, if the table has it.
    fn fuse_store(&mut self, row: Row, addr: Entry, offset: u32) -> bool {
        if !addr.is_local() && !addr.is_temporary() {
            return false;
        }
        let Some(fused) = self.staged.row.fused_with(row, true) else {
            return false;
        };
        let (a, b) = (self.staged.operands[0], self.staged.operands.get(1).copied());
        let addr = addr.operand();
        let Some(b) = b else {
            let mut operands = [a, addr];
            if !fits(fused, false, kinds_of(operands)) {
                return false;
            }
            self.has_pending = false;
            self.use_mirror(fused, Class::Int, &mut operands, 0);
            self.emit_op(fused, operands[0], operands[1], Fields::two(self.staged.rest.first(), offset));
            self.forget_integer();
            return true;
        };
        let Some(mut operands) =
            [[addr, a, b], [addr, b, a]].into_iter().find(|&operands| fits(fused, false, kinds_of(operands)))
        else {
            return false;
        };
        self.has_pending = false;
        self.use_mirror(fused, Class::Int, &mut operands, 1);
        self.emit(fused, operands, [u64::from(offset)]);
        self.forget_integer();
        true
    }

    /// `local.get` of the local that is `entry`.
    #[inline(always)]
    pub(crate) fn local_get(&mut self, local: u32, entry: Entry) {
        if self.entry.open {
            self.local_read(local);
        }
        // Where the value was first it can be read sooner than where it was moved to.
        self.push_local(entry.in_slot(self.mirrors.origin(entry.slot().0)));
    }

    /// `local.set`, and `local.tee` if `tee`, of the local that is `place`; `entry` is on top of the stack.
    #[inline(never)]
    pub(crate) fn local_set(&mut self, local: u32, place: Entry, entry: Entry, tee: bool) {
        self.local_written(local);
        let position = self.height() - 1;
        self.truncate(position);
        let slot = place.slot();
        if entry.is_pending() {
            self.preserve_local(slot.0);
            if tee && self.is_loop_parameter(position) && Class::of(entry.ty()) == Class::Int {
                // It is wanted there when the loop goes on: sooner by way of the accumulator than of the local.
                let canonical = self.temporary(position);
                self.emit_pending(Operand::slot(canonical));
                self.copy_slot(slot, canonical);
                return self.push_temporary(entry.ty());
            }
            if tee {
                self.push_local(place);
            }
            return self.emit_pending(Operand::slot(slot));
        }
        self.flush();
        self.preserve_local(slot.0);
        self.copy_entry(slot, entry);
        if tee {
            // A constant stays one: that is worth more than the local.
            if entry.is_constant() {
                self.push(entry);
            } else {
                self.push_local(place.in_slot(self.mirrors.origin(slot.0)));
            }
        }
    }

    /// `global.get`
    pub(crate) fn global_get(&mut self, global: u32) {
        self.flush();
        let ty = self.header.global(global).content();
        let (row, index) = self.global_row(global, Row::global_get, Row::global_get_imported);
        if Class::of(ty) == Class::Int && self.header.fused && self.mirrors.holds_global(global) {
            self.stage(Row::copy, [Operand::ACC], Fields::NONE, Class::Int, ty);
        } else if Class::of(ty) == Class::Int {
            self.stage(row, [], Fields::one(index), Class::Int, ty);
        } else {
            // The op moves cells as integers; floats are taken from the slot.
            let position = self.height();
            let slot = self.temporary(position);
            self.emit_op(row, Operand::slot(slot), Operand::ACC, Fields::one(index));
            self.overwritten(slot);
            if row == Row::global_get_imported {
                self.forget_integer();
            }
            self.push_temporary(ty);
        }
    }

    /// The integer accumulator was written.
    pub(crate) fn forget_integer(&mut self) {
        self.mirrors.forget(Class::Int);
    }

    /// `global.set`
    pub(crate) fn global_set(&mut self, global: u32) {
        let entry = self.pop();
        let position = self.height();
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
        self.use_mirror(row, Class::Int, &mut operands, 0);
        if !(self.header.fused
            && row == Row::global_set
            && operands[0].is_acc()
            && self.set_global_sum(u64::from(index)))
        {
            self.emit_op(row, operands[0], Operand::ACC, Fields::one(index));
        }
        // Globals may be imported under several indices, so that no other one is known from before.
        self.mirrors.set_global((operands[0] == Operand::ACC).then_some(global));
    }

    fn global_row(&self, global: u32, own: Row, imported: Row) -> (Row, u32) {
        match global.checked_sub(self.header.num_imported_globals()) {
            Some(index) => (own, index),
            None => (imported, global),
        }
    }

    /// `select`
    pub(crate) fn select(&mut self) {
        let cond = self.pop();
        let [lhs, rhs] = self.pop_two();
        let position = self.height();
        let ty = lhs.ty();
        let row = match Class::of(ty) {
            Class::Int => Row::select,
            Class::F32 => Row::select_f32,
            Class::F64 => Row::select_f64,
        };
        // At most one of the three is pending; copies of the others leave the accumulator alone.
        let mut operand = None;
        if cond.is_pending() {
            self.emit_pending(Operand::ACC);
            operand = Some(Operand::ACC);
        } else if !lhs.is_pending() && !rhs.is_pending() {
            self.flush();
        }
        let lhs = self.alternative(lhs, position);
        let rhs = self.alternative(rhs, position + 1);
        let cond = match operand {
            Some(operand) => operand,
            None => Operand::slot(self.slot_of(cond, position + 2)),
        };
        self.stage(row, [cond, lhs, rhs], Fields::NONE, Class::Int, ty);
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
        if self.pop().is_pending() {
            // It may trap, so it has to be computed.
            self.emit_pending(Operand::ACC);
        }
    }

    /// An op without operands that gives a value: `memory.size`, `table.size`, `ref.func`.
    pub(crate) fn indexed_value(&mut self, row: Row, index: u32, ty: ValType) {
        self.flush();
        self.stage(row, [], Fields::one(index), Class::Int, ty);
    }

    /// `table.get`
    pub(crate) fn table_get(&mut self, table: u32, ty: ValType) {
        let index = self.pop();
        if !index.is_pending() {
            self.flush();
        }
        let index = Operand::slot(self.slot_of(index, self.height()));
        self.stage(Row::table_get, [index], Fields::one(table), Class::Int, ty);
    }

    /// `table.set`
    pub(crate) fn table_set(&mut self, table: u32) {
        let entries = self.pop_two();
        let operands = self.operands(Row::table_set, false, entries);
        self.emit(Row::table_set, operands, [u64::from(table)]);
    }

    /// An op that finds `inputs` operands in consecutive slots and leaves `outputs` there.
    pub(crate) fn bulk(&mut self, row: Row, inputs: usize, rest: &[u64], outputs: &[ValType]) {
        self.settle_values(inputs);
        let position = self.height() - inputs;
        self.truncate(position);
        let base = self.temporary(position);
        let mut fields = [u64::from(base.0), 0, 0];
        fields[1..=rest.len()].copy_from_slice(rest);
        self.emit(row, [], fields);
        for (i, &ty) in outputs.iter().enumerate() {
            let slot = self.temporary(position + i);
            self.overwritten(slot);
            self.push_temporary(ty);
        }
    }

    /// An op with an index alone: `data.drop`, `elem.drop`.
    pub(crate) fn index_only(&mut self, row: Row, index: u32) {
        self.flush();
        self.emit(row, [], [u64::from(index)]);
    }

    /// Emits a branch on the condition on top of the stack, taken if it is not zero, or if it is
    /// zero for `unless`. The condition's op becomes part of the branch where the table has one.
    ///
    /// The caller supplies the target.
    pub(crate) fn condition(&mut self, unless: bool) -> Condition {
        let entry = self.pop();
        if self.header.fused
            && entry.is_pending()
            && let Some(branch) = self.staged.row.relations().branch
        {
            let reverse = unless != self.staged.negated.is_some();
            if let Some(row) = select_unpredictable(reverse, branch.relations().not, Some(branch))
                && row.takes(self.staged.operands.kinds())
            {
                self.has_pending = false;
                return self.staged_condition(row);
            }
        }
        let row = if unless { Row::br_i32_eqz } else { Row::br_i32_nez };
        let mut operands = self.operands(row, false, [entry]);
        self.use_mirror(row, Class::Int, &mut operands, 0);
        Condition::test(row, operands[0])
    }

    /// The branch `row` on the operands of the op that is staged.
    #[inline]
    fn staged_condition(&mut self, row: Row) -> Condition {
        let input = self.staged.input;
        let mut condition = Condition::new(row, &self.staged.operands);
        let mirror = self.mirrors.operand(input);
        let [first, second, ..] = self.staged.operands.list();
        if (first == mirror) | (second == mirror) && !condition.has_acc() {
            let operands = condition.operands();
            let found = (0..operands.len()).filter(|&i| self.mirrors.holds(input, operands[i]));
            if let Some(with_acc) = found.filter_map(|i| condition.with_acc(i)).next() {
                condition = with_acc;
            }
        }
        if row.opcode(condition.kinds()).is_none()
            && let Some(exchanged) = condition.exchanged()
        {
            return exchanged;
        }
        condition
    }

    /// Subtracting a constant as adding its negation, where that fits: one set of forms serves both.
    fn as_addition(&mut self, row: Row, rhs: Entry) -> (Row, Entry) {
        if !rhs.is_constant() {
            return (row, rhs);
        }
        let negated = self.bits_of(rhs).wrapping_neg();
        if row == Row::i32_sub {
            return (Row::i32_add, Entry::i32(negated as u32));
        }
        let fits = i64::from(negated as i32) == negated.cast_signed();
        if fits { (Row::i64_add, self.constant(negated, ValType::I64)) } else { (row, rhs) }
    }
}

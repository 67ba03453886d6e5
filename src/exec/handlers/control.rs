//! Bodies of control ops that stay in their frame: traps, fuel, branches without a condition.

#![allow(clippy::missing_safety_doc, reason = "handler bodies share one contract: I1 to I8 hold for the op at `vm.ip`")]

use crate::{
    exec::machine::{Cold, Dest, Exit, Machine, Source, Vm},
    ir::{
        operand::Encoding,
        shape::{Branch, BranchCopy, BranchTable, BranchTableSum, Check, Enter, Fuel, Nullary, Op, Trap},
    },
    trap::TrapCode,
};

#[inline(always)]
pub(crate) unsafe fn trap<M: Machine>(_: M, vm: Vm, op: Trap) -> M::Out {
    let code = TrapCode::try_from(op.code as u8).unwrap_or(TrapCode::UnreachableCodeReached);
    // SAFETY: I8: `vm.ctx` is the context of this machine.
    unsafe { M::trap(vm, code) }
}

#[inline(always)]
pub(crate) unsafe fn ref_as_non_null<M: Machine, S: Source>(_: M, vm: Vm, op: Check<S>) -> M::Out {
    // SAFETY: I3: the slot lies in the frame; I5: the operand is a reference; I1: another op follows this one.
    unsafe {
        let reference: u64 = op.src.get(&vm);
        if reference == 0 {
            return M::trap(vm, TrapCode::NullReference);
        }
        vm.advance::<M, Check<S>>()
    }
}

#[inline(always)]
pub(crate) unsafe fn halt<M: Machine>(_: M, vm: Vm, _op: Nullary) -> M::Out {
    // SAFETY: I8: `vm.ctx` is the context of this machine.
    unsafe { M::exit::<{ Exit::Halt as u64 }>(vm) }
}

#[inline(always)]
pub(crate) unsafe fn consume_fuel<M: Machine>(_: M, vm: Vm, op: Fuel) -> M::Out {
    // SAFETY: I8 for the fuel in the context; I1: another op follows this one.
    unsafe {
        if !charge(&vm, op) {
            return M::cold::<OutOfFuel>(vm);
        }
        vm.advance::<M, Fuel>()
    }
}

/// Subtracts the amount of `op` from the fuel, by one instruction on memory; returns whether the fuel sufficed. If
/// not, `OutOfFuel` must follow.
#[inline(always)]
unsafe fn charge(vm: &Vm, op: Fuel) -> bool {
    // SAFETY: I8: nobody else uses the context.
    unsafe {
        let fuel = &raw mut (*vm.ctx).fuel;
        let (left, lacks) = (*fuel).overflowing_sub(u64::from(op.amount.bits()));
        *fuel = left;
        !lacks
    }
}

/// Slow path of the `consume_fuel` at `ip`: restores the fuel that it subtracted, and leaves.
struct OutOfFuel;

impl Cold for OutOfFuel {
    #[inline(always)]
    unsafe fn run<M: Machine>(vm: Vm) -> M::Out {
        // SAFETY: I1: the op at `ip` is a `consume_fuel`; I8: nobody else uses the context.
        unsafe {
            let amount = u64::from(vm.fields::<M, Fuel>().amount.bits());
            (*vm.ctx).fuel = (*vm.ctx).fuel.wrapping_add(amount);
            (*vm.ctx).required = amount;
            M::exit::<{ Exit::OutOfFuel as u64 }>(vm)
        }
    }
}

/// The verdict of a condition, and how its branch lands.
pub(crate) trait Verdict {
    /// Whether the branch is taken.
    fn holds(self) -> bool;

    /// Continues at the target, which is `vm.ip`.
    ///
    /// # Safety
    ///
    /// I2: `vm.ip` is the target of a branch of the row.
    unsafe fn land<M: Machine>(vm: Vm) -> M::Out;
}

impl Verdict for bool {
    #[inline(always)]
    fn holds(self) -> bool {
        self
    }
    #[inline(always)]
    unsafe fn land<M: Machine>(vm: Vm) -> M::Out {
        // SAFETY: I2: the caller promises that an op begins at `vm.ip`.
        unsafe { M::jump(vm) }
    }
}

/// The verdict of a branch to a `consume_fuel` that the branch executes as well.
pub(crate) struct Charged(pub(crate) bool);

impl Verdict for Charged {
    #[inline(always)]
    fn holds(self) -> bool {
        self.0
    }
    #[inline(always)]
    unsafe fn land<M: Machine>(mut vm: Vm) -> M::Out {
        // SAFETY: I2: the caller promises a target, where the translator has placed a `consume_fuel`. The linker
        // makes the end of that op the target if the machine charges.
        unsafe {
            if M::CHARGES {
                let op = vm.ip.cast::<Op<M::Encoding, Fuel>>().sub(1);
                if !charge(&vm, (*op).body) {
                    vm.ip = op.cast();
                    return M::cold::<OutOfFuel>(vm);
                }
            }
            M::jump(vm)
        }
    }
}

#[inline(always)]
pub(crate) unsafe fn enter<M: Machine>(_: M, vm: Vm, op: Enter) -> M::Out {
    // SAFETY: I3: the range, which is not empty, lies in the frame.
    unsafe {
        let first = vm.fp.add(usize::from(op.first.0));
        let mut end = first.add(usize::from(op.count));
        // Zeroes two cells at a time from the end on. The first cell remains, or is zeroed twice.
        *first = 0;
        while end.offset_from(first) >= 2 {
            end = end.sub(2);
            end.cast::<[u64; 2]>().write([0; 2]);
            // Keeps the loop: a call of memset would cost more for a few cells.
            core::hint::black_box(());
        }
        vm.advance::<M, Enter>()
    }
}

#[inline(always)]
pub(crate) unsafe fn branch<M: Machine>(_: M, mut vm: Vm, op: Branch<M::Encoding>) -> M::Out {
    vm.ip = M::Encoding::goto(vm.ip, op.target);
    // SAFETY: I2: an op begins at the target.
    unsafe { M::next(vm) }
}

#[inline(always)]
pub(crate) unsafe fn branch_charged<M: Machine>(_: M, mut vm: Vm, op: Branch<M::Encoding>) -> M::Out {
    vm.ip = M::Encoding::goto(vm.ip, op.target);
    // SAFETY: I2: the target is that of this branch.
    unsafe { Charged::land::<M>(vm) }
}

#[inline(always)]
pub(crate) unsafe fn branch_table<M: Machine, I: Source>(_: M, mut vm: Vm, _: BranchTable<I>) -> M::Out {
    // SAFETY: I1: `count` targets, at least the default, follow the op; I2: an op begins at each; I3 for the index.
    unsafe {
        let op: BranchTable<I> = vm.fields::<M, _>();
        let index: u32 = op.index.get(&vm);
        let index = index.min(op.count.bits() - 1) as usize;
        let targets = vm.after::<M, BranchTable<I>>().cast::<<M::Encoding as Encoding>::Target>();
        vm.ip = M::Encoding::goto(vm.ip, *targets.add(index));
        M::next(vm)
    }
}

#[inline(always)]
pub(crate) unsafe fn branch_table_sum<M: Machine, I: Source>(_: M, mut vm: Vm, _: BranchTableSum<I>) -> M::Out {
    // SAFETY: I1: `count` targets, at least the default, follow the op; I2: an op begins at each; I3 for the index.
    unsafe {
        let op: BranchTableSum<I> = vm.fields::<M, _>();
        let index = op.index.get::<u32>(&vm).wrapping_add(op.by.bits());
        let index = index.min(op.count.bits() - 1) as usize;
        let targets = vm.after::<M, BranchTableSum<I>>().cast::<<M::Encoding as Encoding>::Target>();
        vm.ip = M::Encoding::goto(vm.ip, *targets.add(index));
        M::next(vm)
    }
}

#[inline(always)]
pub(crate) unsafe fn branch_copy<M: Machine, S: Source>(_: M, mut vm: Vm, op: BranchCopy<M::Encoding, S>) -> M::Out {
    // SAFETY: I3: both slots lie in the frame; I2: an op begins at the target.
    unsafe {
        let value: u64 = op.src.get(&vm);
        op.dst.put_only(&mut vm, value);
        vm.ip = M::Encoding::goto(vm.ip, op.target);
        M::next(vm)
    }
}

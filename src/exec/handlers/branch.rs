//! Shapes of conditional branches.
//!
//! Each function evaluates the condition of the row and branches to the target of the op, or continues after it.

#![allow(clippy::missing_safety_doc, reason = "handler bodies share one contract: I1 to I8 hold for the op at `vm.ip`")]

use crate::{
    exec::{
        handlers::control::Verdict,
        machine::{Cell, Count, Dest, Machine, Source, Vm},
    },
    ir::{
        form::{Form1, Form2},
        operand::{Encoding, Imm32, Imm64},
        shape::{BranchCompare, BranchCompareWide, BranchIf, BranchStep},
    },
};

/// Branches to `target` if `verdict` holds, and otherwise continues after the op at `vm.ip`, whose fields are a `B`.
#[inline(always)]
pub(crate) unsafe fn decide<M: Machine, B, V: Verdict>(
    mut vm: Vm,
    verdict: V,
    target: impl FnOnce(&Vm) -> <M::Encoding as Encoding>::Target,
) -> M::Out {
    // SAFETY: I1 and I2: the caller passes the fields and the target of the op at `vm.ip`.
    unsafe {
        if verdict.holds() {
            vm.ip = M::Encoding::goto(vm.ip, target(&vm));
            V::land::<M>(vm)
        } else {
            vm.advance::<M, B>()
        }
    }
}

#[inline(always)]
pub(crate) unsafe fn branch_if<M: Machine, F: Form1<Imm32, A: Source>, A: Cell, V: Verdict>(
    _: F,
    _: M,
    vm: Vm,
    eval: impl Fn(A) -> V,
) -> M::Out {
    // SAFETY: I1 and I2 for the fields; I3 and I5 for the operand, which is a cell of the frame of the row's type.
    unsafe {
        let op: BranchIf<M::Encoding, F::A> = vm.fields::<M, _>();
        decide::<M, BranchIf<M::Encoding, F::A>, _>(vm, eval(op.cond.get(&vm)), move |_| op.target)
    }
}

#[inline(always)]
pub(crate) unsafe fn branch_compare<M: Machine, F: Form2<Imm32, A: Source, B: Source>, A: Cell, B: Cell, V: Verdict>(
    _: F,
    _: M,
    vm: Vm,
    eval: impl Fn(A, B) -> V,
) -> M::Out {
    // SAFETY: I1, I2, I3 and I5 as for `branch_if`.
    unsafe {
        let op: BranchCompare<M::Encoding, F::A, F::B> = vm.fields::<M, _>();
        let verdict = eval(op.lhs.get(&vm), op.rhs.get(&vm));
        decide::<M, BranchCompare<M::Encoding, F::A, F::B>, _>(vm, verdict, move |_| op.target)
    }
}

#[inline(always)]
pub(crate) unsafe fn branch_compare_wide<
    M: Machine,
    F: Form2<Imm64, A: Source, B: Source>,
    A: Cell,
    B: Cell,
    V: Verdict,
>(
    _: F,
    _: M,
    vm: Vm,
    eval: impl Fn(A, B) -> V,
) -> M::Out {
    // SAFETY: I1, I2, I3 and I5 as for `branch_if`.
    unsafe {
        let op: BranchCompareWide<M::Encoding, F::A, F::B> = vm.fields::<M, _>();
        let verdict = eval(op.lhs.get(&vm), op.rhs.get(&vm));
        decide::<M, BranchCompareWide<M::Encoding, F::A, F::B>, _>(vm, verdict, move |_| op.target)
    }
}

#[inline(always)]
pub(crate) unsafe fn branch_step<M: Machine, F: Form2<Imm32, A: Source, B: Source>, A: Count, V: Verdict>(
    _: F,
    _: M,
    mut vm: Vm,
    eval: impl Fn(A, A) -> V,
) -> M::Out {
    // SAFETY: I1, I2, I3 and I5 as for `branch_if`.
    unsafe {
        let op: BranchStep<M::Encoding, F::A, F::B> = vm.fields::<M, _>();
        let sum = op.slot.get::<A>(&vm).plus(op.step.get(&vm));
        op.slot.put(&mut vm, sum);
        // The target is read after the condition, so that there is a branch to predict.
        decide::<M, BranchStep<M::Encoding, F::A, F::B>, _>(vm, eval(sum, op.rhs.get(&vm)), |vm| {
            vm.fields::<M, BranchStep<M::Encoding, F::A, F::B>>().target
        })
    }
}

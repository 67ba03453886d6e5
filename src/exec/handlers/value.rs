//! Shapes of ops that compute a value from one to three operands.
//!
//! Each function reads the operands that the form gives, applies the semantics of the row and writes the result.

#![allow(clippy::missing_safety_doc, reason = "handler bodies share one contract: I1 to I8 hold for the op at `vm.ip`")]

use crate::{
    exec::machine::{Cell, Dest, Machine, Outcome, Source, Vm},
    ir::{
        form::{Form2, Form3, Form4},
        operand::{Imm32, Imm64},
        shape::{Binary, BinaryWide, Ternary, Unary},
    },
};

/// Writes the value of `outcome` to `dst` and continues after the op at `vm.ip`, whose fields are a `B`, or traps.
#[inline(always)]
pub(crate) unsafe fn finish<M: Machine, B>(mut vm: Vm, dst: impl Dest, outcome: impl Outcome) -> M::Out {
    // SAFETY: I3 for `dst`, I1 for the op, both promised by the caller.
    unsafe {
        match outcome.outcome() {
            Ok(value) => dst.put(&mut vm, value),
            Err(code) => return M::trap(vm, code),
        }
        vm.advance::<M, B>()
    }
}

#[inline(always)]
pub(crate) unsafe fn unary<M: Machine, F: Form2<Imm32, A: Dest, B: Source>, A: Cell, O: Outcome>(
    _: F,
    _: M,
    vm: Vm,
    eval: impl Fn(A) -> O,
) -> M::Out {
    // SAFETY: I1 for the fields; I3 and I5 for the operands, which are cells of the frame of the row's types.
    unsafe {
        let vm = vm.just_written();
        let op: Unary<F::A, F::B> = vm.fields::<M, _>();
        finish::<M, Unary<F::A, F::B>>(vm, op.dst, eval(op.src.get(&vm)))
    }
}

#[inline(always)]
pub(crate) unsafe fn binary<
    M: Machine,
    F: Form3<Imm32, A: Dest, B: Source, C: Source>,
    A: Cell,
    B: Cell,
    O: Outcome,
>(
    _: F,
    _: M,
    vm: Vm,
    eval: impl Fn(A, B) -> O,
) -> M::Out {
    // SAFETY: I1, I3 and I5 as for `unary`.
    unsafe {
        let op: Binary<F::A, F::B, F::C> = vm.fields::<M, _>();
        finish::<M, Binary<F::A, F::B, F::C>>(vm, op.dst, eval(op.lhs.get(&vm), op.rhs.get(&vm)))
    }
}

#[inline(always)]
pub(crate) unsafe fn binary_wide<
    M: Machine,
    F: Form3<Imm64, A: Dest, B: Source, C: Source>,
    A: Cell,
    B: Cell,
    O: Outcome,
>(
    _: F,
    _: M,
    vm: Vm,
    eval: impl Fn(A, B) -> O,
) -> M::Out {
    // SAFETY: I1, I3 and I5 as for `unary`.
    unsafe {
        let op: BinaryWide<F::A, F::B, F::C> = vm.fields::<M, _>();
        finish::<M, BinaryWide<F::A, F::B, F::C>>(vm, op.dst, eval(op.lhs.get(&vm), op.rhs.get(&vm)))
    }
}

#[inline(always)]
pub(crate) unsafe fn ternary<
    M: Machine,
    F: Form4<Imm32, A: Dest, B: Source, C: Source, D: Source>,
    A: Cell,
    B: Cell,
    C: Cell,
    O: Outcome,
>(
    _: F,
    _: M,
    vm: Vm,
    eval: impl Fn(A, B, C) -> O,
) -> M::Out {
    // SAFETY: I1, I3 and I5 as for `unary`.
    unsafe {
        let op: Ternary<F::A, F::B, F::C, F::D> = vm.fields::<M, _>();
        finish::<M, Ternary<F::A, F::B, F::C, F::D>>(vm, op.dst, eval(op.a.get(&vm), op.b.get(&vm), op.c.get(&vm)))
    }
}

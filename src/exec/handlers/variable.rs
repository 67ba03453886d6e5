//! Bodies of ops that move values (copies, select, globals) or compute in slots (pairs of additions, wide
//! arithmetic).

#![allow(clippy::missing_safety_doc, reason = "handler bodies share one contract: I1 to I8 hold for the op at `vm.ip`")]

// Fields that fit two registers are passed as two numbers, which a body would have to take apart again. Bodies that
// run often therefore ignore the fields that they are passed, and read them from the op.

use crate::{
    exec::{
        barrier,
        machine::{Cell, Dest, Machine, OneCell, Source, Vm},
    },
    ir::shape::{AddPair, Constant, Copy2, CopyPair, CopySpan, Indexed, IndexedSum, Select, SetGlobalSum, Span},
    numerics::int,
};
#[cfg(feature = "simd")]
use crate::{ir::shape::ConstantV128, numerics::vector::Vector};

#[inline(always)]
pub(crate) unsafe fn copy<M: Machine, T: Cell, D: Dest, S: Source>(_: M, mut vm: Vm, _: Copy2<D, S>) -> M::Out {
    // SAFETY: I1 for the fields and the op that follows; I3: the slots lie in the frame; I5: the source is a `T`.
    unsafe {
        let op: Copy2<D, S> = vm.fields::<M, _>();
        let value: T = op.src.get(&vm);
        op.dst.put_only(&mut vm, value);
        vm.advance::<M, Copy2<D, S>>()
    }
}

#[inline(always)]
pub(crate) unsafe fn constant<M: Machine, D: Dest>(_: M, mut vm: Vm, op: Constant<D>) -> M::Out {
    // SAFETY: I3: the slot lies in the frame; I1: another op follows.
    unsafe {
        op.dst.put_only(&mut vm, op.value.bits());
        vm.advance::<M, Constant<D>>()
    }
}

#[inline(always)]
pub(crate) unsafe fn copy_pair<M: Machine, D: Dest, S: Source, E: Dest, T: Source>(
    _: M,
    mut vm: Vm,
    _: CopyPair<D, S, E, T>,
) -> M::Out {
    // SAFETY: I1 for the fields and the op that follows; I3: the slots lie in the frame.
    unsafe {
        let op: CopyPair<D, S, E, T> = vm.fields::<M, _>();
        let first: u64 = op.src0.get(&vm);
        op.dst0.put_only(&mut vm, first);
        // Read again, so that three registers suffice for the fields of each half.
        let op: CopyPair<D, S, E, T> = vm.fields::<M, _>();
        let second: u64 = op.src1.get(&vm);
        op.dst1.put_only(&mut vm, second);
        vm.advance::<M, CopyPair<D, S, E, T>>()
    }
}

#[inline(always)]
pub(crate) unsafe fn i32_add_pair<M: Machine, A: Source, B: Source>(_: M, mut vm: Vm, op: AddPair<A, B>) -> M::Out {
    // SAFETY: I1 for the fields and the op that follows; I3: the slots lie in the frame; I5: they hold integers.
    unsafe {
        let first = op.src0.get::<u32>(&vm).wrapping_add(op.by0.get(&vm));
        op.dst0.put_only(&mut vm, first);
        // Read again, so that three registers suffice for the fields of each half.
        let op: AddPair<A, B> = vm.fields::<M, _>();
        let second = op.src1.get::<u32>(&vm).wrapping_add(op.by1.get(&vm));
        op.dst1.put(&mut vm, second);
        vm.advance::<M, AddPair<A, B>>()
    }
}

#[inline(always)]
pub(crate) unsafe fn copy_span<M: Machine>(_: M, vm: Vm, op: CopySpan) -> M::Out {
    // SAFETY: I3: both ranges lie in the frame; I1: another op follows.
    unsafe {
        let (dst, src) = (vm.fp.add(op.dst.0.into()), vm.fp.add(op.src.0.into()));
        core::ptr::copy(src, dst, op.count.into());
        vm.advance::<M, CopySpan>()
    }
}

#[inline(always)]
pub(crate) unsafe fn select<M: Machine, T: OneCell, D: Dest, C: Source, L: Source, R: Source>(
    _: M,
    mut vm: Vm,
    _: Select<D, C, L, R>,
) -> M::Out {
    // SAFETY: I1 for the fields and the op that follows; I3: the slots lie in the frame; I5: the values are `T`.
    unsafe {
        let op: Select<D, C, L, R> = vm.fields::<M, _>();
        // Both values are read, so that neither load waits for the condition.
        let (lhs, rhs): (u64, u64) = (barrier::choice(op.lhs.get(&vm)), op.rhs.get(&vm));
        let cond: u32 = op.cond.get(&vm);
        op.dst.put(&mut vm, T::from_cell(core::hint::select_unpredictable(cond != 0, lhs, rhs)));
        vm.advance::<M, Select<D, C, L, R>>()
    }
}

#[cfg(feature = "simd")]
#[inline(always)]
pub(crate) unsafe fn constant_v128<M: Machine, D: Dest>(_: M, mut vm: Vm, op: ConstantV128<D>) -> M::Out {
    // SAFETY: I3: the slots lie in the frame; I1: another op follows.
    unsafe {
        op.dst.put(&mut vm, Vector::from_lanes([op.low.bits(), op.high.bits()]));
        vm.advance::<M, ConstantV128<D>>()
    }
}

#[cfg(feature = "simd")]
#[inline(always)]
pub(crate) unsafe fn select_v128<M: Machine, D: Dest, C: Source, L: Source, R: Source>(
    _: M,
    mut vm: Vm,
    op: Select<D, C, L, R>,
) -> M::Out {
    // SAFETY: I3: the slots lie in the frame; I5: the values are vectors; I1: another op follows.
    unsafe {
        let (lhs, rhs): (Vector, Vector) = (op.lhs.get(&vm), op.rhs.get(&vm));
        let cond: u32 = op.cond.get(&vm);
        op.dst.put(&mut vm, if cond != 0 { lhs } else { rhs });
        vm.advance::<M, Select<D, C, L, R>>()
    }
}

#[inline(always)]
pub(crate) unsafe fn global_get<M: Machine, T: Cell, D: Dest>(_: M, mut vm: Vm, _: Indexed<D>) -> M::Out {
    // SAFETY: I1 for the fields and the op that follows; I3 for the operand; I4: the instance defines that global.
    unsafe {
        let op: Indexed<D> = vm.fields::<M, _>();
        let value = T::read((*vm.ctx).globals.add(op.index.bits() as usize));
        op.value.put_only(&mut vm, value);
        vm.advance::<M, Indexed<D>>()
    }
}

#[inline(always)]
pub(crate) unsafe fn i32_add_global<M: Machine, D: Dest>(_: M, mut vm: Vm, _: IndexedSum<D>) -> M::Out {
    // SAFETY: I1 for the fields and the op that follows; I3 for the operand; I4: the instance defines that global;
    // I5: it is an i32.
    unsafe {
        let op: IndexedSum<D> = vm.fields::<M, _>();
        let value = *(*vm.ctx).globals.add(op.index.bits() as usize) as u32;
        op.dst.put(&mut vm, value.wrapping_add(op.by.bits()));
        vm.advance::<M, IndexedSum<D>>()
    }
}

#[inline(always)]
pub(crate) unsafe fn i32_step_global<M: Machine, D: Dest>(_: M, mut vm: Vm, _: IndexedSum<D>) -> M::Out {
    // SAFETY: I1 for the fields and the op that follows; I3 for the operand; I4: the instance defines that global;
    // I5: it is an i32.
    unsafe {
        let op: IndexedSum<D> = vm.fields::<M, _>();
        let cell = (*vm.ctx).globals.add(op.index.bits() as usize);
        let sum = (*cell as u32).wrapping_add(op.by.bits());
        *cell = u64::from(sum);
        op.dst.put(&mut vm, sum);
        vm.advance::<M, IndexedSum<D>>()
    }
}

#[inline(always)]
pub(crate) unsafe fn i32_set_global_sum<M: Machine, S: Source>(_: M, mut vm: Vm, _: SetGlobalSum<S>) -> M::Out {
    // SAFETY: I1 for the fields and the op that follows; I3 for the operand; I4: the instance defines that global;
    // I5: it is an i32.
    unsafe {
        let op: SetGlobalSum<S> = vm.fields::<M, _>();
        let sum = op.src.get::<u32>(&vm).wrapping_add(op.by.bits());
        sum.to_acc(&mut vm);
        *(*vm.ctx).globals.add(op.index.bits() as usize) = u64::from(sum);
        vm.advance::<M, SetGlobalSum<S>>()
    }
}

#[inline(always)]
pub(crate) unsafe fn global_set<M: Machine, T: Cell, S: Source>(_: M, vm: Vm, _: Indexed<S>) -> M::Out {
    // SAFETY: I1 for the fields and the op that follows; I3 for the operand; I4: the instance defines that global.
    unsafe {
        let op: Indexed<S> = vm.fields::<M, _>();
        let value: T = op.value.get(&vm);
        value.write((*vm.ctx).globals.add(op.index.bits() as usize));
        vm.advance::<M, Indexed<S>>()
    }
}

#[inline(always)]
pub(crate) unsafe fn global_get_imported<M: Machine, T: Cell, D: Dest>(_: M, mut vm: Vm, op: Indexed<D>) -> M::Out {
    // SAFETY: I4: the global exists; I6: it and the instance keep their addresses; I3 for the operand; I1: another op
    // follows.
    unsafe {
        let value = T::read(*(*(*vm.ctx).instance).imported_globals.add(op.index.bits() as usize));
        op.value.put(&mut vm, value);
        vm.advance::<M, Indexed<D>>()
    }
}

#[inline(always)]
pub(crate) unsafe fn global_set_imported<M: Machine, T: Cell, S: Source>(_: M, vm: Vm, op: Indexed<S>) -> M::Out {
    // SAFETY: I4: the global exists; I6: it and the instance keep their addresses; I3 for the operand; I1: another op
    // follows.
    unsafe {
        let value: T = op.value.get(&vm);
        value.write(*(*(*vm.ctx).instance).imported_globals.add(op.index.bits() as usize));
        vm.advance::<M, Indexed<S>>()
    }
}

#[inline(always)]
pub(crate) unsafe fn ref_func<M: Machine, D: Dest>(_: M, mut vm: Vm, op: Indexed<D>) -> M::Out {
    // SAFETY: I4: the function exists; I6: the instance keeps its address; I3 for the destination; I1: another op
    // follows.
    unsafe {
        let func = *(*(*vm.ctx).instance).funcs.add(op.index.bits() as usize);
        op.value.put(&mut vm, func as u64);
        vm.advance::<M, Indexed<D>>()
    }
}

macro_rules! wide_ops {
    ($($name:ident($($arg:literal),*);)*) => { $(
        #[inline(always)]
        pub(crate) unsafe fn $name<M: Machine>(_: M, vm: Vm, op: Span) -> M::Out {
            // SAFETY: I3: operands and results are consecutive slots of the frame; I1: another op follows.
            unsafe {
                let cells = vm.fp.add(op.base.0.into());
                let (low, high) = int::$name($((*cells.add($arg)).cast_signed()),*);
                *cells = low.cast_unsigned();
                *cells.add(1) = high.cast_unsigned();
                vm.advance::<M, Span>()
            }
        } )*
    };
}

wide_ops! {
    i64_add128(0, 1, 2, 3);
    i64_sub128(0, 1, 2, 3);
    i64_mul_wide_s(0, 1);
    i64_mul_wide_u(0, 1);
}

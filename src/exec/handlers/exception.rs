//! Bodies of the ops that throw. They leave the machine, and `exec/unwind.rs` finds who catches.

#![allow(clippy::missing_safety_doc, reason = "handler bodies share one contract: I1 to I8 hold for the op at `vm.ip`")]

use crate::{
    exec::machine::{Exit, Machine, Source, Vm},
    ir::shape::{Region, Regions, Throw, ThrowRef},
    trap::TrapCode,
};

#[inline(always)]
pub(crate) unsafe fn throw<M: Machine>(_: M, vm: Vm, _op: Throw) -> M::Out {
    // SAFETY: I8: `vm.ctx` is the context of this machine.
    unsafe { M::exit::<{ Exit::Throw as u64 }>(vm) }
}

#[inline(always)]
pub(crate) unsafe fn throw_ref<M: Machine, S: Source>(_: M, mut vm: Vm, op: ThrowRef<S>) -> M::Out {
    // SAFETY: I3: the slot lies in the frame; I5: the operand is a reference; I8: `vm.ctx` is the context of this machine.
    unsafe {
        let exception: u64 = op.src.get(&vm);
        if exception == 0 {
            return M::trap(vm, TrapCode::NullReference);
        }
        vm.acc = exception;
        M::exit::<{ Exit::ThrowRef as u64 }>(vm)
    }
}

/// Is not executed.
#[inline(always)]
pub(crate) unsafe fn region<M: Machine>(_: M, vm: Vm, _op: Region) -> M::Out {
    // SAFETY: I8: `vm.ctx` is the context of this machine.
    unsafe { M::trap(vm, TrapCode::UnreachableCodeReached) }
}

/// Is not executed.
#[inline(always)]
pub(crate) unsafe fn regions<M: Machine>(_: M, vm: Vm, _op: Regions) -> M::Out {
    // SAFETY: I8: `vm.ctx` is the context of this machine.
    unsafe { M::trap(vm, TrapCode::UnreachableCodeReached) }
}

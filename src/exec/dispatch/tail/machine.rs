//! Threaded dispatch as a machine, and the handlers that leave it or run cold bodies.

use core::sync::atomic::{AtomicPtr, Ordering};

#[cfg(vector_register)]
use crate::exec::simd;
use crate::{
    exec::{
        barrier,
        dispatch::tail::convention::Handler,
        machine::{Cold, Exit, Machine, Vm},
    },
    ir::operand::{Encoding, Linked},
    runtime::code::FuncEntry,
    trap::TrapCode,
};

/// Threaded dispatch as a machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tail;

handlers! {
    /// Leaves with the trap whose number is in the accumulator.
    #[cold]
    #[inline(never)]
    fn trap[](vm) {
        // SAFETY: I8: `ctx` is the context of this machine, and nobody else uses it.
        let context = unsafe { &mut *vm.ctx };
        context.ip = vm.ip;
        context.fp = vm.fp;
        context.trap = TrapCode::try_from(vm.acc as u8).unwrap_or(TrapCode::UnreachableCodeReached);
        barrier::opaque(Exit::Trap as u64)
    }

    /// Leaves with the [`Exit`] whose number is `EXIT`.
    #[cold]
    #[inline(never)]
    fn leave[const EXIT: u64](vm) {
        // SAFETY: I8: `ctx` is the context of this machine, and nobody else uses it.
        let context = unsafe { &mut *vm.ctx };
        context.ip = vm.ip;
        context.fp = vm.fp;
        context.acc = vm.acc;
        context.f64 = vm.f64;
        context.f32 = vm.f32;
        #[cfg(vector_register)]
        {
            context.vector = simd::vector(vm.vector);
        }
        barrier::opaque(EXIT)
    }

    /// Runs a body that is kept out of its handler.
    #[cold]
    #[inline(never)]
    fn cold[C: Cold](vm) {
        // SAFETY: I1 to I8, the contract of handler bodies, hold for the op at `vm.ip`.
        unsafe { C::run::<Tail>(vm) }
    }
}

impl Machine for Tail {
    type Encoding = Linked;
    type Out = u64;

    const CHARGES: bool = true;

    #[inline(always)]
    unsafe fn next(vm: Vm) -> u64 {
        // SAFETY: I1: the head of an op in linked code is its handler.
        unsafe {
            let handler = *vm.ip.cast::<Handler>();
            enter!(handler, vm)
        }
    }

    #[inline(always)]
    unsafe fn jump(mut vm: Vm) -> u64 {
        vm.ip = barrier::apart(vm.ip);
        // SAFETY: I1: the caller promises that an op begins at `vm.ip`.
        unsafe { Self::next(vm) }
    }

    #[inline(always)]
    unsafe fn trap(mut vm: Vm, code: TrapCode) -> u64 {
        vm.acc = code as u64;
        // SAFETY: I8: the caller promises the context of this machine.
        unsafe { enter!(trap, vm) }
    }

    #[inline(always)]
    unsafe fn exit<const EXIT: u64>(vm: Vm) -> u64 {
        // SAFETY: I8: the caller promises the context of this machine.
        unsafe { enter!(leave::<EXIT>, vm) }
    }

    #[inline(always)]
    unsafe fn cold<C: Cold>(vm: Vm) -> u64 {
        // SAFETY: I1 to I8 hold for the op at `vm.ip`, as the caller promises.
        unsafe { enter!(cold::<C>, vm) }
    }

    #[inline(always)]
    unsafe fn callee(_vm: &Vm, callee: <Linked as Encoding>::Callee) -> *const FuncEntry {
        // A `return_call` keeps the address that the linker writes for every callee: its stub.
        FuncEntry::of_stub(callee)
    }

    #[inline(always)]
    unsafe fn direct(vm: &mut Vm, callee: *const <Linked as Encoding>::Callee) -> (*const u8, usize) {
        // SAFETY: I1 and I4: the caller promises the field of a `call` of the current instance. The length of the
        // frame precedes the code of a function.
        unsafe {
            let code = AtomicPtr::<u8>::from_ptr(callee.cast_mut().cast()).load(Ordering::Acquire);
            // The accumulator is free here, which saves a register.
            vm.acc = *code.cast::<u64>().sub(1);
            (code, vm.acc as usize)
        }
    }
}

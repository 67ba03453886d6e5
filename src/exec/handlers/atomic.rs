//! Shapes and bodies of atomic ops, on shared memories and others.
//!
//! First the address is checked to be a multiple of the width, then the bounds.

#![allow(clippy::missing_safety_doc, reason = "handler bodies share one contract: I1 to I8 hold for the op at `vm.ip`")]

use core::sync::atomic::Ordering;

pub(crate) use crate::runtime::atomic::{add, and, or, sub, xchg, xor};
use crate::{
    exec::{
        handlers::{
            memory::{Done, memory},
            shared::{Accesses, out_of_bounds},
        },
        machine::{Context, Dest, Machine, Source, Vm},
    },
    ir::{
        form::{Form2, Form3, Form4},
        operand::{Imm32, Imm64},
        shape::{AtomicCmpxchg, AtomicLoad, AtomicRmw, AtomicStore, Fence, Wait},
    },
    runtime::{atomic::Atomic, memory::MemoryInst},
    trap::TrapCode,
};

/// Why there is no place for an atomic access.
enum Fault {
    Misaligned,
    OutOfBounds,
}

/// The place at `addr + offset` of a memory, whose addresses have 64 bits if `wide` is not 0.
#[inline(always)]
unsafe fn place_in<T: Atomic>(memory: *const MemoryInst, wide: u16, addr: u64, offset: u64) -> Result<*mut T, Fault> {
    let addr = if wide == 0 { u64::from(addr as u32) } else { addr };
    let Some(start) = addr.checked_add(offset) else { return Err(Fault::OutOfBounds) };
    if start % size_of::<T>() as u64 != 0 {
        return Err(Fault::Misaligned);
    }
    // SAFETY: I6: the memory keeps its address.
    let (base, len) = unsafe { ((*memory).base, (*memory).len as u64) };
    // A multiple of the width below the greatest one does not overflow.
    if start + (size_of::<T>() as u64 - 1) < len {
        Ok(base.wrapping_add(start as usize).cast())
    } else {
        Err(Fault::OutOfBounds)
    }
}

/// Runs `access` at the place of an op with fields `B`.
#[inline(always)]
unsafe fn at<M: Machine, B: Accesses, T: Atomic>(
    mut vm: Vm,
    memory: u16,
    wide: u16,
    addr: u64,
    offset: Imm64,
    access: impl FnOnce(&mut Vm, *mut T),
) -> M::Out {
    // SAFETY: I1 for the op; I4 and I6 for the memory; I13: the place lies there.
    unsafe {
        let memory = *(*(*vm.ctx).instance).memories.add(usize::from(memory));
        match place_in::<T>(memory, wide, addr, offset.bits()) {
            Ok(place) => access(&mut vm, place),
            Err(Fault::Misaligned) => return M::trap(vm, TrapCode::HeapMisaligned),
            Err(Fault::OutOfBounds) => return out_of_bounds::<M, B>(vm),
        }
        vm.advance::<M, B>()
    }
}

/// The semantics of loads, for the op table: only its type counts.
pub(crate) fn load<T: Atomic>(value: T) -> T {
    value
}

/// The semantics of stores, for the op table: only its type counts.
pub(crate) fn store<T: Atomic>(value: T) -> T {
    value
}

/// The semantics of compare-and-exchange, for the op table: only its type counts.
pub(crate) fn cmpxchg<T: Atomic>(value: T) -> T {
    value
}

#[inline(always)]
pub(crate) unsafe fn atomic_load<M: Machine, F: Form2<Imm32, A: Dest, B: Source>, T: Atomic>(
    _: F,
    _: M,
    vm: Vm,
    _: fn(T) -> T,
) -> M::Out {
    // SAFETY: I1 for the fields; I3 and I5 for the operands; I13: `at` passes a place in the memory.
    unsafe {
        let op: AtomicLoad<F::A, F::B> = vm.fields::<M, _>();
        at::<M, AtomicLoad<F::A, F::B>, T>(vm, op.memory, op.wide, op.addr.get(&vm), op.offset, |vm, place| {
            op.dst.put(vm, T::load(place).extend());
        })
    }
}

#[inline(always)]
pub(crate) unsafe fn atomic_store<M: Machine, F: Form2<Imm32, A: Source, B: Source>, T: Atomic>(
    _: F,
    _: M,
    vm: Vm,
    _: fn(T) -> T,
) -> M::Out {
    // SAFETY: I1, I3, I5 and I13 as for `atomic_load`.
    unsafe {
        let op: AtomicStore<F::A, F::B> = vm.fields::<M, _>();
        at::<M, AtomicStore<F::A, F::B>, T>(vm, op.memory, op.wide, op.addr.get(&vm), op.offset, |vm, place| {
            T::store(place, T::wrap(op.value.get(vm)));
        })
    }
}

#[inline(always)]
pub(crate) unsafe fn atomic_rmw<M: Machine, F: Form3<Imm32, A: Dest, B: Source, C: Source>, T: Atomic>(
    _: F,
    _: M,
    vm: Vm,
    modify: unsafe fn(*mut T, T) -> T,
) -> M::Out {
    // SAFETY: I1, I3, I5 and I13 as for `atomic_load`.
    unsafe {
        let op: AtomicRmw<F::A, F::B, F::C> = vm.fields::<M, _>();
        at::<M, AtomicRmw<F::A, F::B, F::C>, T>(vm, op.memory, op.wide, op.addr.get(&vm), op.offset, |vm, place| {
            let old = modify(place, T::wrap(op.value.get(vm)));
            op.dst.put(vm, old.extend());
        })
    }
}

#[inline(always)]
pub(crate) unsafe fn atomic_cmpxchg<
    M: Machine,
    F: Form4<Imm32, A: Dest, B: Source, C: Source, D: Source>,
    T: Atomic,
>(
    _: F,
    _: M,
    vm: Vm,
    _: fn(T) -> T,
) -> M::Out {
    // SAFETY: I1, I3, I5 and I13 as for `atomic_load`.
    unsafe {
        let op: AtomicCmpxchg<F::A, F::B, F::C, F::D> = vm.fields::<M, _>();
        let addr = op.addr.get(&vm);
        at::<M, AtomicCmpxchg<F::A, F::B, F::C, F::D>, T>(vm, op.memory, op.wide, addr, op.offset, |vm, place| {
            let old = T::cmpxchg(place, T::wrap(op.expected.get(vm)), T::wrap(op.value.get(vm)));
            op.dst.put(vm, old.extend());
        })
    }
}

#[inline(always)]
pub(crate) unsafe fn fence<M: Machine>(_: M, vm: Vm, _: Fence) -> M::Out {
    core::sync::atomic::fence(Ordering::SeqCst);
    // SAFETY: I1: another op follows.
    unsafe { vm.advance::<M, Fence>() }
}

#[inline(always)]
pub(crate) unsafe fn notify<M: Machine>(_: M, vm: Vm, op: Wait) -> M::Out {
    // SAFETY: I1 to I8 hold for the op, as the caller promises.
    unsafe {
        let done = notify_at(vm.ctx, vm.fp.add(op.base.0.into()), op.memory, op.wide, op.offset.bits());
        finish_wait::<M>(vm, done)
    }
}

#[inline(always)]
pub(crate) unsafe fn wait<M: Machine, T: Atomic>(_: M, vm: Vm, op: Wait) -> M::Out {
    // SAFETY: I1 to I8 hold for the op, as the caller promises.
    unsafe {
        let done = wait_at::<T>(vm.ctx, vm.fp.add(op.base.0.into()), op.memory, op.wide, op.offset.bits());
        finish_wait::<M>(vm, done)
    }
}

/// Continues after an op on waiting threads.
#[inline(always)]
unsafe fn finish_wait<M: Machine>(vm: Vm, done: Done) -> M::Out {
    // SAFETY: I1: another op follows.
    unsafe {
        match done {
            Ok(()) => vm.advance::<M, Wait>(),
            Err(code) => M::trap(vm, code),
        }
    }
}

/// The place of an op in a memory as it is now. Its address is in the first of `cells`.
unsafe fn place_of<T: Atomic>(
    memory: *mut MemoryInst,
    cells: *const u64,
    wide: u16,
    offset: u64,
) -> Result<*mut T, TrapCode> {
    // SAFETY: I3 for the cells; I6: the memory keeps its address; I8: only this machine changes it.
    unsafe {
        (&mut *memory).renew();
        place_in::<T>(memory, wide, *cells, offset).map_err(|fault| match fault {
            Fault::Misaligned => TrapCode::HeapMisaligned,
            Fault::OutOfBounds => TrapCode::MemoryOutOfBounds,
        })
    }
}

// The fields one by one: if the handler passed them as a whole, by address, its last call would not become a jump.
#[inline(never)]
unsafe fn notify_at(ctx: *mut Context, cells: *mut u64, index: u16, wide: u16, offset: u64) -> Done {
    // SAFETY: I3 for the cells; I4 and I6 for the memory.
    unsafe {
        let memory = memory(ctx, index.into());
        let place = place_of::<u32>(memory, cells, wide, offset)?;
        *cells = match (&*memory).as_shared() {
            Some(_) => u64::from(notify_threads(place as usize, *cells.add(1) as u32)),
            None => 0,
        };
        Ok(())
    }
}

#[inline(never)]
unsafe fn wait_at<T: Atomic>(ctx: *mut Context, cells: *mut u64, index: u16, wide: u16, offset: u64) -> Done {
    // SAFETY: I3 for the cells; I4 and I6 for the memory; I13: the place lies there; I8: nobody else uses the store.
    unsafe {
        let memory = memory(ctx, index.into());
        let place = place_of::<T>(memory, cells, wide, offset)?;
        if (&*memory).as_shared().is_none() {
            return Err(TrapCode::AtomicWaitNonSharedMemory);
        }
        let (expected, timeout) = (T::wrap(*cells.add(1)), (*cells.add(2)).cast_signed());
        *cells = sleep(ctx, place as usize, timeout, || T::load(place) == expected)?;
        Ok(())
    }
}

#[cfg(feature = "std")]
fn notify_threads(address: usize, count: u32) -> u32 {
    crate::runtime::parking::notify(address, count)
}

/// Without the standard library no thread waits.
#[cfg(not(feature = "std"))]
fn notify_threads(_address: usize, _count: u32) -> u32 {
    0
}

/// Waits at an address for so many nanoseconds, or forever if `timeout` is negative. Returns the result of the operator.
#[cfg(feature = "std")]
unsafe fn sleep(
    ctx: *mut Context,
    address: usize,
    timeout: i64,
    is_expected: impl FnOnce() -> bool,
) -> Result<u64, TrapCode> {
    use crate::runtime::{interruption::Woken, parking};
    // SAFETY: I8: the store is running code, which this is.
    let instances = unsafe { &*(*ctx).host.instances };
    let timeout = u64::try_from(timeout).ok().map(core::time::Duration::from_nanos);
    match parking::wait(instances.interruption.signal(), address, timeout, instances.wait_deadline, is_expected) {
        Woken::Notified => Ok(0),
        Woken::Mismatch => Ok(1),
        Woken::TimedOut => Ok(2),
        Woken::Interrupted => Err(TrapCode::Interrupt),
    }
}

/// Nothing can wake a thread without the standard library.
#[cfg(not(feature = "std"))]
unsafe fn sleep(
    _ctx: *mut Context,
    _address: usize,
    _timeout: i64,
    is_expected: impl FnOnce() -> bool,
) -> Result<u64, TrapCode> {
    if is_expected() { Err(TrapCode::Interrupt) } else { Ok(1) }
}

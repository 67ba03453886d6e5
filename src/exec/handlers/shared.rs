//! Ops on shared memories: shapes and bodies of loads, stores and bulk ops.
//!
//! They do what those for other memories do, but for two things. Other threads may access the bytes at the same time, so
//! they are accessed as `runtime/racy.rs` says. And other threads may grow the memory: an op that finds its address out of
//! bounds loads the length again, and begins anew if it grew. Nothing has happened by then, since ops check before they
//! write.

#![allow(clippy::missing_safety_doc, reason = "handler bodies share one contract: I1 to I8 hold for the op at `vm.ip`")]

use core::marker::PhantomData;

#[cfg(feature = "simd")]
use crate::{
    exec::handlers::vector::lane_bytes,
    ir::{
        form::Form3,
        operand::Slot,
        shape::{LoadLaneShared, StoreLaneShared},
    },
    numerics::vector::Vector,
};
use crate::{
    exec::{
        handlers::{
            access::{bytes, bytes_of},
            memory::{BulkOp, Done, Grow, bulk, charge_bytes, leave_with, memory, operand, range},
            parts::in_parts,
        },
        machine::{Cell, Cold, Context, Dest, Machine, Source, Vm},
    },
    ir::{
        form::Form2,
        operand::Imm32,
        shape::{
            AtomicCmpxchg, AtomicLoad, AtomicRmw, AtomicStore, Bulk, Indexed, LoadAnyShared, LoadShared,
            StoreAnyShared, StoreShared,
        },
    },
    runtime::{memory::MemoryInst, racy},
    trap::TrapCode,
};

/// The fields of an op that accesses a memory.
pub(super) trait Accesses: Copy {
    /// The index of the memory.
    fn memory(self) -> u16;
}

macro_rules! accesses {
    ($($body:ident<$($param:ident),*>;)*) => { $(
        impl<$($param: Copy),*> Accesses for $body<$($param),*> {
            #[inline(always)]
            fn memory(self) -> u16 { self.memory }
        } )*
    };
}

accesses! {
    LoadAnyShared<D, A>;
    StoreAnyShared<A, V>;
    AtomicLoad<D, A>;
    AtomicStore<A, V>;
    AtomicRmw<D, A, V>;
    AtomicCmpxchg<D, A, E, V>;
}

#[cfg(feature = "simd")]
accesses! {
    LoadLaneShared<D, A, V>;
    StoreLaneShared<A, V>;
}

impl<D: Copy, A: Copy> Accesses for LoadShared<D, A> {
    #[inline(always)]
    fn memory(self) -> u16 {
        0
    }
}

impl<A: Copy, V: Copy> Accesses for StoreShared<A, V> {
    #[inline(always)]
    fn memory(self) -> u16 {
        0
    }
}

/// The rest of an op, with fields `B`, whose address is out of the bounds that the store knows.
struct OutOfBounds<B>(PhantomData<B>);

impl<B: Accesses> Cold for OutOfBounds<B> {
    #[inline(always)]
    unsafe fn run<M: Machine>(mut vm: Vm) -> M::Out {
        // SAFETY: I1 for the fields; I4 and I6 for the memory, which only this machine changes (I8); I7: its length is loaded
        // again.
        unsafe {
            let op: B = vm.fields::<M, B>();
            let grew = (&mut *memory(vm.ctx, op.memory().into())).renew();
            // The store may know of the growth already, by another op, while the register does not.
            let known = vm.mem_len;
            vm.reload_memory();
            if grew || vm.mem_len > known { M::next(vm) } else { M::trap(vm, TrapCode::MemoryOutOfBounds) }
        }
    }
}

/// Continues with an op, with fields `B`, whose address is out of the bounds that the store knows.
#[inline(always)]
pub(super) unsafe fn out_of_bounds<M: Machine, B: Accesses>(vm: Vm) -> M::Out {
    // SAFETY: I1 to I8 hold for the op, as the caller promises. In the loop-switch that is one function, one more arm that
    // calls a cold function would cost all others their own dispatch.
    unsafe {
        if M::CHARGES || !cfg!(one_loop) { M::cold::<OutOfBounds<B>>(vm) } else { OutOfBounds::<B>::run::<M>(vm) }
    }
}

#[inline(always)]
pub(crate) unsafe fn load_shared<M: Machine, F: Form2<Imm32, A: Dest, B: Source>, T: Cell, const N: usize>(
    _: F,
    _: M,
    mut vm: Vm,
    eval: impl Fn([u8; N]) -> T,
) -> M::Out {
    // SAFETY: I1 for the fields; I3 and I5 for the operands; I7 and I13: the bytes lie in memory 0.
    unsafe {
        let op: LoadShared<F::A, F::B> = vm.fields::<M, _>();
        match bytes::<N>(&vm, op.addr.get(&vm), op.offset) {
            Ok(bytes) => op.dst.put_loaded(&mut vm, eval(racy::read(bytes.cast()))),
            Err(_) => return out_of_bounds::<M, LoadShared<F::A, F::B>>(vm),
        }
        vm.advance::<M, LoadShared<F::A, F::B>>()
    }
}

#[inline(always)]
pub(crate) unsafe fn load_any_shared<M: Machine, F: Form2<Imm32, A: Dest, B: Source>, T: Cell, const N: usize>(
    _: F,
    _: M,
    mut vm: Vm,
    eval: impl Fn([u8; N]) -> T,
) -> M::Out {
    // SAFETY: I1, I3 and I5 as for `load_shared`; I4 for the memory; I13: the bytes lie there.
    unsafe {
        let op: LoadAnyShared<F::A, F::B> = vm.fields::<M, _>();
        match bytes_of::<N>(&vm, op.memory, op.wide, op.addr.get(&vm), op.offset.bits()) {
            Some(bytes) => op.dst.put_loaded(&mut vm, eval(racy::read(bytes.cast()))),
            None => return out_of_bounds::<M, LoadAnyShared<F::A, F::B>>(vm),
        }
        vm.advance::<M, LoadAnyShared<F::A, F::B>>()
    }
}

#[inline(always)]
pub(crate) unsafe fn store_shared<M: Machine, F: Form2<Imm32, A: Source, B: Source>, T: Cell, const N: usize>(
    _: F,
    _: M,
    vm: Vm,
    eval: impl Fn(T) -> [u8; N],
) -> M::Out {
    // SAFETY: I1, I3, I5, I7 and I13 as for `load_shared`.
    unsafe {
        let op: StoreShared<F::A, F::B> = vm.fields::<M, _>();
        match bytes::<N>(&vm, op.addr.get(&vm), op.offset) {
            Ok(bytes) => racy::write(bytes.cast(), eval(op.value.get(&vm))),
            Err(_) => return out_of_bounds::<M, StoreShared<F::A, F::B>>(vm),
        }
        vm.advance::<M, StoreShared<F::A, F::B>>()
    }
}

#[inline(always)]
pub(crate) unsafe fn store_any_shared<M: Machine, F: Form2<Imm32, A: Source, B: Source>, T: Cell, const N: usize>(
    _: F,
    _: M,
    vm: Vm,
    eval: impl Fn(T) -> [u8; N],
) -> M::Out {
    // SAFETY: I1, I3, I4, I5 and I13 as for `load_any_shared`.
    unsafe {
        let op: StoreAnyShared<F::A, F::B> = vm.fields::<M, _>();
        match bytes_of::<N>(&vm, op.memory, op.wide, op.addr.get(&vm), op.offset.bits()) {
            Some(bytes) => racy::write(bytes.cast(), eval(op.value.get(&vm))),
            None => return out_of_bounds::<M, StoreAnyShared<F::A, F::B>>(vm),
        }
        vm.advance::<M, StoreAnyShared<F::A, F::B>>()
    }
}

#[cfg(feature = "simd")]
#[inline(always)]
pub(crate) unsafe fn load_lane_shared<M: Machine, F: Form3<Imm32, A: Dest, B: Source, C: Source>, const N: usize>(
    _: F,
    _: M,
    mut vm: Vm,
    eval: impl Fn(Vector, u8, [u8; N]) -> Vector,
) -> M::Out {
    // SAFETY: I1, I3, I4, I5 and I13 as for `load_any_shared`.
    unsafe {
        let op: LoadLaneShared<F::A, F::B, F::C> = vm.fields::<M, _>();
        match bytes_of::<N>(&vm, op.memory, op.wide, op.addr.get(&vm), op.offset.bits()) {
            Some(bytes) => {
                let value = eval(op.value.get(&vm), op.lane as u8, racy::read(bytes.cast()));
                op.dst.put(&mut vm, value);
            }
            None => return out_of_bounds::<M, LoadLaneShared<F::A, F::B, F::C>>(vm),
        }
        vm.advance::<M, LoadLaneShared<F::A, F::B, F::C>>()
    }
}

#[cfg(feature = "simd")]
#[inline(always)]
pub(crate) unsafe fn store_lane_shared<M: Machine, F: Form2<Imm32, A: Source, B = Slot>, const N: usize>(
    _: F,
    _: M,
    vm: Vm,
    eval: impl Fn([u8; N]) -> [u8; N],
) -> M::Out {
    // SAFETY: I1, I3, I4 and I13 as for `load_any_shared`; the validator has checked the lane.
    unsafe {
        let op: StoreLaneShared<F::A, Slot> = vm.fields::<M, _>();
        match bytes_of::<N>(&vm, op.memory, op.wide, op.addr.get(&vm), op.offset.bits()) {
            Some(bytes) => racy::write(bytes.cast(), eval(lane_bytes(&vm, op.value, op.lane))),
            None => return out_of_bounds::<M, StoreLaneShared<F::A, Slot>>(vm),
        }
        vm.advance::<M, StoreLaneShared<F::A, Slot>>()
    }
}

#[inline(always)]
pub(crate) unsafe fn memory_size<M: Machine, D: Dest>(_: M, mut vm: Vm, op: Indexed<D>) -> M::Out {
    // SAFETY: I4 and I6 for the memory, which only this machine changes (I8); I3 for the destination; I1: another op follows.
    unsafe {
        let pages = size(vm.ctx, op.index.bits());
        op.value.put(&mut vm, pages);
        vm.advance::<M, Indexed<D>>()
    }
}

/// The number of pages that memory `index` has now.
unsafe fn size(ctx: *mut Context, index: u32) -> u64 {
    // SAFETY: I4 and I6 for the memory, which only this machine changes (I8).
    unsafe {
        let memory = &mut *memory(ctx, index);
        memory.renew();
        memory.pages()
    }
}

#[inline(always)]
pub(crate) unsafe fn memory_grow<M: Machine>(_: M, vm: Vm, _: Bulk) -> M::Out {
    // SAFETY: I1 to I8 hold for the op, as the caller promises.
    unsafe { if M::CHARGES { M::cold::<Grow>(vm) } else { Grow::run::<M>(vm) } }
}

#[inline(always)]
pub(crate) unsafe fn memory_fill<M: Machine>(_: M, vm: Vm, op: Bulk) -> M::Out {
    // SAFETY: I1 to I8, the contract of handler bodies, for `bulk` as for this body.
    unsafe { bulk::<M>(vm, op, const { fill as BulkOp }) }
}

#[inline(always)]
pub(crate) unsafe fn memory_copy<M: Machine>(_: M, vm: Vm, op: Bulk) -> M::Out {
    // SAFETY: I1 to I8, the contract of handler bodies, for `bulk` as for this body.
    unsafe { bulk::<M>(vm, op, const { copy as BulkOp }) }
}

#[inline(always)]
pub(crate) unsafe fn memory_init<M: Machine>(_: M, vm: Vm, op: Bulk) -> M::Out {
    // SAFETY: I1 to I8, the contract of handler bodies, for `bulk` as for this body.
    unsafe { bulk::<M>(vm, op, const { init as BulkOp }) }
}

/// Checks that `len` bytes from the address in `cell` on lie in a memory as it is now.
unsafe fn range_of(memory: *mut MemoryInst, cell: u64, len: u64) -> Result<(usize, usize), TrapCode> {
    // SAFETY: I6: the memory keeps its address; I8: only this machine changes it.
    unsafe {
        let memory = &mut *memory;
        memory.renew();
        range(operand(memory, cell), len, memory.len)
    }
}

#[inline(never)]
unsafe fn fill(ctx: *mut Context, cells: *mut u64, index: u32, _: u32) -> Done {
    // SAFETY: I3: `cells` are the operands; I4 and I6 for the memory; I13: the range is checked before it is written.
    unsafe {
        let memory = memory(ctx, index);
        let len = operand(memory, *cells.add(2));
        let (start, count) = range_of(memory, *cells, len)?;
        charge_bytes(ctx, len)?;
        let (to, value) = ((*memory).base.add(start), *cells.add(1) as u8);
        let done = in_parts(ctx, count, 1, true, |at, len| racy::fill(to.add(at), value, len));
        if done < count {
            *cells += done as u64;
            return leave_with(ctx, cells.add(2), count - done);
        }
        Ok(())
    }
}

#[inline(never)]
unsafe fn copy(ctx: *mut Context, cells: *mut u64, dst: u32, src: u32) -> Done {
    // SAFETY: I3: `cells` are the operands; I4 and I6 for the memories; I13: both ranges are checked first.
    unsafe {
        let (dst, src) = (memory(ctx, dst), memory(ctx, src));
        // The length has the smaller of the two address types.
        let len = *cells.add(2);
        let len = if (*dst).is_64 && (*src).is_64 { len } else { u64::from(len as u32) };
        let (from, count) = range_of(src, *cells.add(1), len)?;
        let (to, _) = range_of(dst, *cells, len)?;
        charge_bytes(ctx, len)?;
        let (from, to) = ((*src).base.add(from), (*dst).base.add(to));
        // What is written must not have to be read afterwards.
        let forward = to.addr() <= from.addr();
        let done = in_parts(ctx, count, 1, forward, |at, len| racy::copy(from.add(at), to.add(at), len));
        if done < count {
            if forward {
                *cells += done as u64;
                *cells.add(1) += done as u64;
            }
            return leave_with(ctx, cells.add(2), count - done);
        }
        Ok(())
    }
}

#[inline(never)]
unsafe fn init(ctx: *mut Context, cells: *mut u64, index: u32, segment: u32) -> Done {
    // SAFETY: I3: `cells` are the operands; I4 and I6 for what the indices refer to; I13: both ranges are checked first.
    unsafe {
        let memory = memory(ctx, index);
        let bytes = (*(*ctx).instance).data_segment(segment);
        let len = u64::from(*cells.add(2) as u32);
        let (from, count) = range(u64::from(*cells.add(1) as u32), len, bytes.len())?;
        let (to, _) = range_of(memory, *cells, len)?;
        charge_bytes(ctx, len)?;
        let (from, to) = (bytes.as_ptr().add(from), (*memory).base.add(to));
        let done = in_parts(ctx, count, 1, true, |at, len| racy::write_from(to.add(at), from.add(at), len));
        if done < count {
            *cells += done as u64;
            *cells.add(1) += done as u64;
            return leave_with(ctx, cells.add(2), count - done);
        }
        Ok(())
    }
}

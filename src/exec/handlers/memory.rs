//! Bodies of memory ops other than loads and stores.

#![allow(clippy::missing_safety_doc, reason = "handler bodies share one contract: I1 to I8 hold for the op at `vm.ip`")]

use crate::{
    error::kinds::MemoryError,
    exec::{
        handlers::parts::{in_parts, leave},
        machine::{Cold, Context, Dest, Exit, Machine, Vm},
    },
    ir::shape::{Bulk, Index, Indexed},
    runtime::{instance::InstanceInst, memory::MemoryInst, meter::Meter},
    trap::TrapCode,
};

/// The outcome of an op that runs outside the handlers.
pub(crate) type Done = Result<(), TrapCode>;

/// An op that takes its operands from cells and two indices; kept out of the handlers.
pub(crate) type BulkOp = unsafe fn(ctx: *mut Context, cells: *mut u64, first: u32, second: u32) -> Done;

/// Runs `run` on the operands of the op at `vm.ip`.
#[inline(always)]
pub(crate) unsafe fn bulk<M: Machine>(vm: Vm, op: Bulk, run: BulkOp) -> M::Out {
    // SAFETY: I3: the cells lie in the frame; I4 for the indices; I8 for the context; I1: another op follows.
    unsafe {
        let cells = vm.fp.add(op.base.0.into());
        match run(vm.ctx, cells, op.first.bits(), op.second.bits()) {
            Ok(()) => vm.advance::<M, Bulk>(),
            Err(TrapCode::OutOfFuel) => M::exit::<{ Exit::OutOfFuel as u64 }>(vm),
            Err(code) => M::trap(vm, code),
        }
    }
}

/// Ends an op whose payment lacked fuel.
///
/// # Errors
///
/// If `paid` is an error; it is the fuel that is required.
pub(crate) unsafe fn settle(ctx: *mut Context, paid: Result<(), u64>) -> Done {
    paid.map_err(|required| {
        // SAFETY: I8: nobody else uses the context.
        unsafe { (*ctx).required = required };
        TrapCode::OutOfFuel
    })
}

/// Charges the fuel that moving `bytes` bytes costs, before anything is moved.
///
/// # Errors
///
/// If the fuel does not suffice; nothing is charged then.
pub(super) unsafe fn charge_bytes(ctx: *mut Context, bytes: u64) -> Done {
    // SAFETY: I8: nobody else uses the context.
    unsafe { settle(ctx, meter(ctx).pay(bytes)) }
}

/// Returns the meter of running code.
pub(crate) unsafe fn meter<'a>(ctx: *mut Context) -> Meter<'a> {
    // SAFETY: I8: nobody else uses the context.
    unsafe { Meter::new(&mut (*ctx).fuel, (*ctx).price) }
}

/// Returns memory `index` of the current instance.
pub(super) unsafe fn memory(ctx: *mut Context, index: u32) -> *mut MemoryInst {
    // SAFETY: I4: the index is below the number of memories; I6: the instance keeps its address.
    unsafe { *(*(*ctx).instance).memories.add(index as usize) }
}

/// Reads an address or a length from a cell: 64 or 32 bits, by the address type of `memory`.
pub(super) unsafe fn operand(memory: *const MemoryInst, cell: u64) -> u64 {
    // SAFETY: I6: the memory keeps its address.
    if unsafe { (*memory).is_64 } { cell } else { u64::from(cell as u32) }
}

/// Checks that `len` bytes from `start` on lie within `size` bytes; returns both as `usize`.
pub(crate) fn range(start: u64, len: u64, size: usize) -> Result<(usize, usize), TrapCode> {
    let end = start.checked_add(len).ok_or(TrapCode::MemoryOutOfBounds)?;
    if end > size as u64 {
        return Err(TrapCode::MemoryOutOfBounds);
    }
    // Both fit because `size` does.
    Ok((start as usize, len as usize))
}

/// Ends an op that is interrupted with `rest` bytes left, which its operand in the cell at `len` will say.
///
/// # Errors
///
/// Always.
pub(super) unsafe fn leave_with(ctx: *mut Context, len: *mut u64, rest: usize) -> Done {
    // SAFETY: I3: the cell is an operand; I8 for the context.
    unsafe {
        *len = rest as u64;
        leave(ctx, rest as u64)
    }
}

#[inline(never)]
unsafe fn fill(ctx: *mut Context, cells: *mut u64, index: u32, _: u32) -> Done {
    // SAFETY: I3: `cells` are the operands; I4 and I6 for the memory; the range is checked before it is written.
    unsafe {
        let memory = memory(ctx, index);
        let len = operand(memory, *cells.add(2));
        let (start, count) = range(operand(memory, *cells), len, (*memory).len)?;
        charge_bytes(ctx, len)?;
        let (to, value) = ((*memory).base.add(start), *cells.add(1) as u8);
        let done = in_parts(ctx, count, 1, true, |at, len| core::ptr::write_bytes(to.add(at), value, len));
        if done < count {
            *cells += done as u64;
            return leave_with(ctx, cells.add(2), count - done);
        }
        Ok(())
    }
}

#[inline(never)]
unsafe fn copy(ctx: *mut Context, cells: *mut u64, dst: u32, src: u32) -> Done {
    // SAFETY: I3: `cells` are the operands; I4 and I6 for what the indices refer to; both ranges are checked first.
    unsafe {
        let (dst, src) = (memory(ctx, dst), memory(ctx, src));
        // The length has the smaller of the two address types.
        let len = *cells.add(2);
        let len = if (*dst).is_64 && (*src).is_64 { len } else { u64::from(len as u32) };
        let (from, count) = range(operand(src, *cells.add(1)), len, (*src).len)?;
        let (to, _) = range(operand(dst, *cells), len, (*dst).len)?;
        charge_bytes(ctx, len)?;
        let (from, to) = ((*src).base.add(from), (*dst).base.add(to));
        // What is written must not have to be read afterwards.
        let forward = to.addr() <= from.addr();
        let done = in_parts(ctx, count, 1, forward, |at, len| core::ptr::copy(from.add(at), to.add(at), len));
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
    // SAFETY: I3: `cells` are the operands; I4 and I6 for what the indices refer to; both ranges are checked first.
    unsafe {
        let memory = memory(ctx, index);
        let bytes = (*(*ctx).instance).data_segment(segment);
        let len = u64::from(*cells.add(2) as u32);
        let (from, count) = range(u64::from(*cells.add(1) as u32), len, bytes.len())?;
        let (to, _) = range(operand(memory, *cells), len, (*memory).len)?;
        charge_bytes(ctx, len)?;
        let (from, to) = (bytes.as_ptr().add(from), (*memory).base.add(to));
        let done = in_parts(ctx, count, 1, true, |at, len| {
            core::ptr::copy_nonoverlapping(from.add(at), to.add(at), len);
        });
        if done < count {
            *cells += done as u64;
            *cells.add(1) += done as u64;
            return leave_with(ctx, cells.add(2), count - done);
        }
        Ok(())
    }
}

#[inline(never)]
unsafe fn grow(ctx: *mut Context, cells: *mut u64, index: u32, _: u32) -> Done {
    // SAFETY: I3: `cells` are the operands; I4 and I6 for the memory; I8: the host gets the store while nobody uses
    // it.
    unsafe {
        let memory = memory(ctx, index);
        let delta = operand(memory, *cells);
        let host = (*ctx).host;
        *cells = match (host.vtable.grow_memory)(host.store, memory, delta, meter(ctx)) {
            Ok(pages) => pages,
            Err(MemoryError::OutOfFuel { required_fuel }) => return settle(ctx, Err(required_fuel)),
            Err(MemoryError::ResourceLimiterDeniedAllocation) => {
                return Err(TrapCode::GrowthOperationLimited);
            }
            Err(_) => operand(memory, u64::MAX),
        };
        Ok(())
    }
}

#[inline(always)]
pub(crate) unsafe fn memory_fill<M: Machine>(_: M, vm: Vm, op: Bulk) -> M::Out {
    // SAFETY: I1 to I8, the contract of handler bodies, for `bulk` as for this body.
    unsafe { bulk::<M>(vm, op, fill) }
}

#[inline(always)]
pub(crate) unsafe fn memory_copy<M: Machine>(_: M, vm: Vm, op: Bulk) -> M::Out {
    // SAFETY: I1 to I8, the contract of handler bodies, for `bulk` as for this body.
    unsafe { bulk::<M>(vm, op, copy) }
}

#[inline(always)]
pub(crate) unsafe fn memory_init<M: Machine>(_: M, vm: Vm, op: Bulk) -> M::Out {
    // SAFETY: I1 to I8, the contract of handler bodies, for `bulk` as for this body.
    unsafe { bulk::<M>(vm, op, init) }
}

#[inline(always)]
pub(crate) unsafe fn memory_grow<M: Machine>(_: M, vm: Vm, op: Bulk) -> M::Out {
    // SAFETY: I3: the cell lies in the frame; I4 and I6 for the memory; I1: another op follows.
    unsafe {
        let memory = memory(vm.ctx, op.first.bits());
        let cell = vm.fp.add(op.base.0.into());
        if operand(memory, *cell) != 0 {
            // In the loop-switch, one more arm that calls a cold function would cost all others their own dispatch.
            return if M::CHARGES { M::cold::<Grow>(vm) } else { Grow::run::<M>(vm) };
        }
        // A delta of 0 asks for the size.
        *cell = (*memory).pages();
        vm.advance::<M, Bulk>()
    }
}

/// `memory.grow` by a delta other than 0.
pub(super) struct Grow;

impl Cold for Grow {
    #[inline(always)]
    unsafe fn run<M: Machine>(mut vm: Vm) -> M::Out {
        // SAFETY: I1 for the fields; I3: the cell lies in the frame; I7: memory 0 may have moved and is loaded again.
        unsafe {
            let op: Bulk = vm.fields::<M, _>();
            match grow(vm.ctx, vm.fp.add(op.base.0.into()), op.first.bits(), 0) {
                Ok(()) => {
                    vm.reload_memory();
                    vm.advance::<M, Bulk>()
                }
                Err(TrapCode::OutOfFuel) => M::exit::<{ Exit::OutOfFuel as u64 }>(vm),
                Err(code) => M::trap(vm, code),
            }
        }
    }
}

#[inline(always)]
pub(crate) unsafe fn memory_size<M: Machine, D: Dest>(_: M, mut vm: Vm, op: Indexed<D>) -> M::Out {
    // SAFETY: I4 and I6 for the memory; I3 for the destination; I1: another op follows.
    unsafe {
        let pages = (*memory(vm.ctx, op.index.bits())).pages();
        op.value.put(&mut vm, pages);
        vm.advance::<M, Indexed<D>>()
    }
}

#[inline(always)]
pub(crate) unsafe fn data_drop<M: Machine>(_: M, vm: Vm, op: Index) -> M::Out {
    // SAFETY: I4: the segment exists; I6, I8: the instance keeps its address, and only this machine uses it.
    unsafe {
        InstanceInst::drop_data((*vm.ctx).instance, op.index.bits());
        vm.advance::<M, Index>()
    }
}

//! Bodies of table ops.

#![allow(clippy::missing_safety_doc, reason = "handler bodies share one contract: I1 to I8 hold for the op at `vm.ip`")]

use crate::{
    error::kinds::TableError,
    exec::{
        handlers::{
            memory::{Done, bulk, meter, range, settle},
            parts::{in_parts, leave},
        },
        machine::{Context, Dest, Machine, Source, Vm},
    },
    ir::shape::{Bulk, Index, Indexed, IndexedPair},
    runtime::{instance::InstanceInst, table::TableInst},
    trap::TrapCode,
};

/// Charges the fuel that moving `count` elements costs, before anything is moved.
///
/// # Errors
///
/// If the fuel does not suffice; nothing is charged then.
unsafe fn charge_elements(ctx: *mut Context, count: u64) -> Done {
    // SAFETY: I8: nobody else uses the context.
    unsafe { settle(ctx, meter(ctx).pay_elements(count)) }
}

/// Ends an op that is interrupted with `rest` elements left, which its operand in the cell at `len` will say.
///
/// # Errors
///
/// Always.
unsafe fn leave_with(ctx: *mut Context, len: *mut u64, rest: usize) -> Done {
    // SAFETY: I3: the cell is an operand; I8 for the context.
    unsafe {
        *len = rest as u64;
        leave(ctx, meter(ctx).element_bytes(rest as u64))
    }
}

/// Returns table `index` of the current instance.
unsafe fn table(ctx: *mut Context, index: u32) -> *mut TableInst {
    // SAFETY: I4: the index is below the number of tables; I6: the instance keeps its address.
    unsafe { *(*(*ctx).instance).tables.add(index as usize) }
}

/// Reads an index or a length from a cell: 64 or 32 bits, by the address type of `table`.
unsafe fn operand(table: *const TableInst, cell: u64) -> u64 {
    // SAFETY: I6: the table keeps its address.
    if unsafe { (*table).is_64 } { cell } else { u64::from(cell as u32) }
}

/// Checks that `len` elements from `start` on lie within `size` elements; returns both as `usize`.
fn elements(start: u64, len: u64, size: usize) -> Result<(usize, usize), TrapCode> {
    range(start, len, size).map_err(|_| TrapCode::TableOutOfBounds)
}

#[inline(never)]
unsafe fn fill(ctx: *mut Context, cells: *mut u64, index: u32, _: u32) -> Done {
    // SAFETY: I3: `cells` are the operands; I4 and I6 for the table; the range is checked before it is written.
    unsafe {
        let table = table(ctx, index);
        let len = operand(table, *cells.add(2));
        let (start, count) = elements(operand(table, *cells), len, (*table).len)?;
        charge_elements(ctx, len)?;
        let (to, value) = ((*table).elems.add(start), *cells.add(1));
        let done = in_parts(ctx, count, size_of::<u64>(), true, |at, len| {
            for i in at..at + len {
                *to.add(i) = value;
            }
        });
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
        let (dst, src) = (table(ctx, dst), table(ctx, src));
        let len = *cells.add(2);
        let len = if (*dst).is_64 && (*src).is_64 { len } else { u64::from(len as u32) };
        let (from, count) = elements(operand(src, *cells.add(1)), len, (*src).len)?;
        let (to, _) = elements(operand(dst, *cells), len, (*dst).len)?;
        charge_elements(ctx, len)?;
        let (from, to) = ((*src).elems.add(from), (*dst).elems.add(to));
        // What is written must not have to be read afterwards.
        let forward = to.addr() <= from.addr();
        let done =
            in_parts(ctx, count, size_of::<u64>(), forward, |at, len| core::ptr::copy(from.add(at), to.add(at), len));
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
        let table = table(ctx, index);
        let elems = (*(*ctx).instance).elem_segment(segment);
        let len = u64::from(*cells.add(2) as u32);
        let (from, count) = elements(u64::from(*cells.add(1) as u32), len, elems.len())?;
        let (to, _) = elements(operand(table, *cells), len, (*table).len)?;
        charge_elements(ctx, len)?;
        let (from, to) = (elems.as_ptr().add(from), (*table).elems.add(to));
        let done = in_parts(ctx, count, size_of::<u64>(), true, |at, len| {
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
    // SAFETY: I3: `cells` are the operands; I4 and I6 for the table; I8: the host gets the store while nobody uses
    // it.
    unsafe {
        let table = table(ctx, index);
        let (value, delta) = (*cells, operand(table, *cells.add(1)));
        let host = (*ctx).host;
        *cells = match (host.vtable.grow_table)(host.store, table, delta, value, meter(ctx)) {
            Ok(size) => size,
            Err(TableError::OutOfFuel { required_fuel }) => return settle(ctx, Err(required_fuel)),
            Err(TableError::ResourceLimiterDeniedAllocation) => {
                return Err(TrapCode::GrowthOperationLimited);
            }
            Err(_) => operand(table, u64::MAX),
        };
        Ok(())
    }
}

#[inline(always)]
pub(crate) unsafe fn table_fill<M: Machine>(_: M, vm: Vm, op: Bulk) -> M::Out {
    // SAFETY: I1 to I8, the contract of handler bodies, for `bulk` as for this body.
    unsafe { bulk::<M>(vm, op, fill) }
}

#[inline(always)]
pub(crate) unsafe fn table_copy<M: Machine>(_: M, vm: Vm, op: Bulk) -> M::Out {
    // SAFETY: I1 to I8, the contract of handler bodies, for `bulk` as for this body.
    unsafe { bulk::<M>(vm, op, copy) }
}

#[inline(always)]
pub(crate) unsafe fn table_init<M: Machine>(_: M, vm: Vm, op: Bulk) -> M::Out {
    // SAFETY: I1 to I8, the contract of handler bodies, for `bulk` as for this body.
    unsafe { bulk::<M>(vm, op, init) }
}

#[inline(always)]
pub(crate) unsafe fn table_grow<M: Machine>(_: M, vm: Vm, op: Bulk) -> M::Out {
    // SAFETY: I1 to I8, the contract of handler bodies, for `bulk` as for this body.
    unsafe { bulk::<M>(vm, op, grow) }
}

#[inline(always)]
pub(crate) unsafe fn table_size<M: Machine, D: Dest>(_: M, mut vm: Vm, op: Indexed<D>) -> M::Out {
    // SAFETY: I4 and I6 for the table; I3 for the destination; I1: another op follows.
    unsafe {
        let size = (*table(vm.ctx, op.index.bits())).len as u64;
        op.value.put(&mut vm, size);
        vm.advance::<M, Indexed<D>>()
    }
}

#[inline(always)]
pub(crate) unsafe fn table_get<M: Machine, D: Dest, I: Source>(_: M, mut vm: Vm, op: IndexedPair<D, I>) -> M::Out {
    // SAFETY: I4 and I6 for the table, whose element is checked to exist; I3 for the operands; I1: another op
    // follows.
    unsafe {
        let table = table(vm.ctx, op.index.bits());
        let index = operand(table, op.second.get(&vm));
        if index >= (*table).len as u64 {
            return M::trap(vm, TrapCode::TableOutOfBounds);
        }
        let value = *(*table).elems.add(index as usize);
        op.first.put(&mut vm, value);
        vm.advance::<M, IndexedPair<D, I>>()
    }
}

#[inline(always)]
pub(crate) unsafe fn table_set<M: Machine, I: Source, V: Source>(_: M, vm: Vm, op: IndexedPair<I, V>) -> M::Out {
    // SAFETY: I4 and I6 for the table, whose element is checked to exist; I3 for the operands; I1: another op
    // follows.
    unsafe {
        let table = table(vm.ctx, op.index.bits());
        let index = operand(table, op.first.get(&vm));
        if index >= (*table).len as u64 {
            return M::trap(vm, TrapCode::TableOutOfBounds);
        }
        *(*table).elems.add(index as usize) = op.second.get(&vm);
        vm.advance::<M, IndexedPair<I, V>>()
    }
}

#[inline(always)]
pub(crate) unsafe fn elem_drop<M: Machine>(_: M, vm: Vm, op: Index) -> M::Out {
    // SAFETY: I4: the segment exists; I6, I8: the instance keeps its address, and only this machine uses it.
    unsafe {
        InstanceInst::drop_elem((*vm.ctx).instance, op.index.bits());
        vm.advance::<M, Index>()
    }
}

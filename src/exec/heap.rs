//! Allocates objects for running code. All ops that make objects do it here.

#![cfg_attr(not(feature = "gc"), allow(dead_code, reason = "exceptions do not need all of it"))]

use core::ptr::NonNull;

use crate::{
    exec::{
        handlers::memory::{meter, settle},
        machine::{Context, Vm},
    },
    module::rtt::{ObjectKind, Rtt},
    runtime::{heap::object::Object, meter::Price},
    trap::TrapCode,
};

/// Notes in the context where the op at `vm.ip` is, for [`allocate`].
///
/// # Safety
///
/// I8: `vm.ctx` is the context of the running machine.
#[inline(always)]
pub(crate) unsafe fn note_place(vm: &Vm) {
    // SAFETY: I8, promised by the caller.
    unsafe {
        (*vm.ctx).ip = vm.ip;
        (*vm.ctx).fp = vm.fp;
    }
}

/// The runtime type at a type index of the current instance.
///
/// # Safety
///
/// I4: it is the index of a struct or array type. I8: `ctx` is the context of the running machine.
#[inline(always)]
pub(crate) unsafe fn rtt(ctx: *const Context, index: u32) -> NonNull<Rtt> {
    // SAFETY: I4, I8, promised by the caller. I14: the module has the runtime types of all its structs and arrays.
    unsafe { NonNull::new_unchecked((*(*(*ctx).instance).rtts.add(index as usize)).cast_mut()) }
}

/// Allocates an object with this runtime type, and `len` elements if it is an array. Its fields or elements are zero. Charges the
/// fuel that it costs.
///
/// May collect: whatever the op still needs must be in slots that count as roots at the op, and other references to objects
/// must not be kept across the call. The op is the one at the place that [`note_place`] noted.
///
/// # Errors
///
/// `OutOfFuel` if the fuel does not suffice (`Context::required` is what is needed), and traps if there is no room. Nothing has
/// changed then.
///
/// # Safety
///
/// I8: `ctx` is the context of the running machine, in which the place of the op is noted. I14: `rtt` is a runtime type that
/// the store holds. I15: the op is a safepoint.
#[inline(always)]
pub(crate) unsafe fn allocate(ctx: *mut Context, rtt: NonNull<Rtt>, len: u32) -> Result<NonNull<Object>, TrapCode> {
    // SAFETY: I8, I14, I15, promised by the caller.
    unsafe {
        // What an exception costs is part of the operator that throws it.
        if (*ctx).price != Price::FREE && rtt.as_ref().kind != ObjectKind::Exception {
            let size = rtt.as_ref().object_size(len).ok_or(TrapCode::AllocationTooLarge)?;
            settle(ctx, meter(ctx).pay(size.into()))?;
        }
        match (*(*ctx).host.instances).heap.allocate_at_once(rtt, len) {
            Some(object) => Ok(object),
            None => allocate_slowly(ctx, rtt, len),
        }
    }
}

/// Allocates an object for which there is no room at first.
#[cold]
#[inline(never)]
unsafe fn allocate_slowly(ctx: *mut Context, rtt: NonNull<Rtt>, len: u32) -> Result<NonNull<Object>, TrapCode> {
    // SAFETY: I8, I14, I15, promised by the caller of `allocate`; nothing of the store is borrowed while the host has it.
    unsafe {
        let size = rtt.as_ref().object_size(len).ok_or(TrapCode::AllocationTooLarge)?;
        let host = (*ctx).host;
        let heap = &raw mut (*host.instances).heap;
        if !(*heap).has_room(size) {
            (host.vtable.make_room)(host.store, size)?;
        }
        if let Some(object) = (*heap).allocate(rtt, len) {
            return Ok(object);
        }
        // There is no memory: some may be free after a collection.
        (host.vtable.collect)(host.store);
        (host.vtable.make_room)(host.store, size)?;
        (*heap).allocate(rtt, len).ok_or(TrapCode::OutOfSystemMemory)
    }
}

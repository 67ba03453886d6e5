//! Bodies of calls and returns.
//!
//! A call writes two linkage cells, checks the stack limit once and jumps. It leaves the `FuncEntry` of the callee in
//! the integer accumulator, where `translate` finds it.

#![allow(clippy::missing_safety_doc, reason = "handler bodies share one contract: I1 to I8 hold for the op at `vm.ip`")]

#[cfg(tail_dispatch)]
use core::sync::atomic::AtomicPtr;
use core::sync::atomic::Ordering;

#[cfg(vector_register)]
use crate::exec::simd;
#[cfg(tail_dispatch)]
use crate::ir::operand::Linked;
use crate::{
    error::Error,
    exec::{
        barrier,
        machine::{Cell, Cold, Context, Dest, Exit, Machine, OneCell, Source, Vm},
        prepare,
        stack::Switch,
    },
    ir::{
        operand::Slot,
        shape::{
            Call, CallImport, CallIndirect, CallRef, Nullary, Ret, RetValue, RetValueAt, ReturnCall, ReturnCallImport,
            ReturnCallIndirect, ReturnCallRef,
        },
    },
    runtime::{
        code::FuncEntry,
        instance::{FuncInst, InstanceInst},
    },
    trap::TrapCode,
    types::kinds::PLAIN_TYPES,
};

/// Returns the code of `entry` and the length of its frame; puts the entry into the accumulator.
#[inline(always)]
pub(crate) unsafe fn code_of(vm: &mut Vm, entry: *const FuncEntry) -> (*const u8, usize) {
    // SAFETY: I4: the entry exists; it lives as long as its module, which the instance keeps.
    unsafe {
        vm.acc = entry as u64;
        let code = (*entry).code.load(Ordering::Acquire);
        (code, (*entry).frame_cells.load(Ordering::Relaxed) as usize)
    }
}

/// Jumps to `code` with a frame of `frame` cells at `fp`. The linkage is already in place.
#[inline(always)]
unsafe fn jump<M: Machine>(mut vm: Vm, (code, frame): (*const u8, usize), fp: *mut u64) -> M::Out {
    // SAFETY: I2: an op begins at `code`; I8: nobody else uses the context.
    unsafe {
        let end = fp.wrapping_add(frame);
        // If the frame does not fit, the trap arises in the new frame, whose linkage is complete: the linkage of the
        // caller may be overwritten already, and its instance switched.
        vm.fp = fp;
        vm.ip = code;
        if end > (*vm.ctx).limit {
            return M::trap(vm, TrapCode::StackOverflow);
        }
        M::next(vm)
    }
}

/// Enters `entry` with its frame at `base`. It returns to `ret`.
#[inline(always)]
unsafe fn enter<M: Machine>(mut vm: Vm, entry: *const FuncEntry, base: Slot, link: Slot, ret: *const u8) -> M::Out {
    // SAFETY: I3: the frame of the caller includes the linkage of its callees.
    unsafe {
        put_linkage(&vm, link, ret);
        let code = code_of(&mut vm, entry);
        jump::<M>(vm, code, vm.fp.add(base.0.into()))
    }
}

/// Writes the linkage of a callee that returns to `ret` and the current frame.
#[inline(always)]
unsafe fn put_linkage(vm: &Vm, link: Slot, ret: *const u8) {
    // SAFETY: I3: the frame of the caller includes the linkage of its callees.
    unsafe {
        let linkage = vm.fp.add(link.0.into());
        *linkage = ret as u64;
        *linkage.add(1) = vm.fp as u64;
    }
}

/// Returns the linkage of the current frame: return address and frame of the caller.
#[inline(always)]
unsafe fn linkage(vm: &Vm, link: Slot) -> (*const u8, *mut u64) {
    // SAFETY: I3: the linkage lies in the frame; the call wrote it before it entered the function.
    unsafe {
        let linkage = vm.fp.add(link.0.into());
        (*linkage as *const u8, *linkage.add(1) as *mut u64)
    }
}

/// Loads the accumulators of all classes with a result in a cell.
#[inline(always)]
pub(crate) unsafe fn load_result(vm: &mut Vm, cells: *const u64) {
    // SAFETY: I3: `cells` are the results of a call, in the frame.
    let cell = unsafe { *cells };
    vm.acc = cell;
    vm.f64 = f64::from_cell(cell);
    vm.f32 = f32::from_cell(cell);
}

/// Calls a host function that returns to `ip` and `fp`; returns whether it succeeded. `top` is the first cell that it
/// may use.
#[inline(never)]
unsafe fn call_host(
    ctx: *mut Context,
    func: *const FuncInst,
    cells: *mut u64,
    top: *mut u64,
    ip: *const u8,
    fp: *mut u64,
) -> bool {
    // SAFETY: I8: the machine lends the store to the host function and uses none of it until that returns; I3: `top`
    // lies in the stack.
    unsafe {
        let context = &mut *ctx;
        // I9: what walks the frames begins here if the host function enters the store again.
        context.ip = ip;
        context.fp = fp;
        *context.top = top.offset_from(context.stack_base).cast_unsigned();
        (*context.host.instances).fuel.slice = context.fuel;
        let (host, instance) = (context.host, context.instance);
        let result = (host.vtable.call)(host.store, (*func).host, instance, cells);
        let context = &mut *ctx;
        context.fuel = (*context.host.instances).fuel.slice;
        match result {
            Ok(()) => true,
            Err(error) => host_failed(context, error, (*func).index, cells),
        }
    }
}

/// Notes that host function `func` failed, whose results belong to `cells`; returns false.
#[cold]
#[inline(never)]
fn host_failed(context: &mut Context, error: Error, func: u32, cells: *mut u64) -> bool {
    context.error = Some(error);
    context.results = cells;
    context.host_func = Some(func);
    false
}

/// Records that a return to `ip` switches back to the current instance; returns false if memory runs out.
#[inline(never)]
unsafe fn push_switch(ctx: *mut Context, ip: *const u8) -> bool {
    // SAFETY: I8: nobody else uses the context and the switches.
    unsafe {
        let switches = &mut *(*ctx).switches;
        if switches.try_reserve(1).is_err() {
            return false;
        }
        let instance = (*ctx).instance;
        switches.push(Switch { ip, instance });
        true
    }
}

/// Makes `instance` the current one.
#[inline(always)]
unsafe fn set_instance(vm: &mut Vm, instance: *const InstanceInst) {
    // SAFETY: I6: the instance keeps its address; I8: nobody else uses the context; I7: memory 0 is loaded again.
    unsafe {
        (*vm.ctx).instance = instance;
        (*vm.ctx).globals = (*instance).globals;
        vm.reload_memory();
    }
}

/// Calls `func`, which may belong to the host or to another instance.
#[inline(always)]
unsafe fn call_foreign<M: Machine>(
    mut vm: Vm,
    func: *const FuncInst,
    base: Slot,
    link: Slot,
    ret: *const u8,
) -> M::Out {
    // SAFETY: I3: both slots lie in the frame; I6: `func` and its instance keep their addresses; I8 for the context;
    // I7: memory 0 is loaded again after a call of the host.
    unsafe {
        let entry = (*func).entry;
        if entry.is_null() {
            let cells = vm.fp.add(base.0.into());
            let succeeded = call_host(vm.ctx, func, cells, vm.fp.add(link.0.into()), ret, vm.fp);
            vm.ip = ret;
            // None of them outlives the call; what is not used after it need not be saved before it.
            vm.mem = core::ptr::null_mut();
            vm.mem_len = 0;
            vm.acc = 0;
            vm.f64 = 0.0;
            vm.f32 = 0.0;
            #[cfg(vector_register)]
            {
                vm.vector = simd::zero();
            }
            if !succeeded {
                return M::exit::<{ Exit::Error as u64 }>(vm);
            }
            vm.reload_memory();
            load_result(&mut vm, cells);
            return M::next(vm);
        }
        call_wasm::<M>(vm, func, base, link, ret)
    }
}

/// Calls `func`, a Wasm function that may belong to another instance.
// Apart where nothing is optimized: there the handlers that call the host would take a fifth more native stack.
#[cfg_attr(not(debug_assertions), inline(always))]
#[cfg_attr(debug_assertions, inline(never))]
unsafe fn call_wasm<M: Machine>(
    mut vm: Vm,
    func: *const FuncInst,
    base: Slot,
    link: Slot,
    mut ret: *const u8,
) -> M::Out {
    // SAFETY: I3: both slots lie in the frame; I6: `func` and its instance keep their addresses; I8 for the context.
    unsafe {
        let instance = (*func).instance;
        if instance != (*vm.ctx).instance {
            if !push_switch(vm.ctx, ret) {
                return M::trap(vm, TrapCode::StackOverflow);
            }
            set_instance(&mut vm, instance);
            ret = (*vm.ctx).restore;
        }
        enter::<M>(vm, (*func).entry, base, link, ret)
    }
}

/// Replaces the current frame by a frame of `entry`, whose `count` arguments are in the slots from `args` on.
#[inline(always)]
unsafe fn replace<M: Machine>(
    mut vm: Vm,
    entry: *const FuncEntry,
    args: Slot,
    count: u16,
    new_link: Slot,
    linkage: (*const u8, *mut u64),
) -> M::Out {
    // SAFETY: I3: the arguments and both linkages lie in the frame.
    unsafe {
        // In a register: a call writes the two cells one after the other, so one load of both would have to wait.
        let ret = barrier::held(linkage.0 as u64);
        // A loop: the arguments are few, and a call would have to save registers. They move down, so none is
        // overwritten before it is moved.
        let from = vm.fp.add(args.0.into());
        for i in 0..usize::from(count) {
            *vm.fp.add(i) = barrier::held(*from.add(i));
        }
        let cells = vm.fp.add(new_link.0.into());
        *cells = ret;
        *cells.add(1) = linkage.1 as u64;
        let code = code_of(&mut vm, entry);
        jump::<M>(vm, code, vm.fp)
    }
}

/// Replaces the current frame as `replace` does, by one of a function that may belong to the host or to another
/// instance.
#[inline(always)]
unsafe fn replace_foreign<M: Machine>(
    mut vm: Vm,
    func: *const FuncInst,
    args: Slot,
    count: u16,
    link: Slot,
    new_link: Slot,
) -> M::Out {
    // SAFETY: I3: both slots lie in the frame; I6: `func` and its instance keep their addresses; I8 for the context;
    // I7: memory 0 is loaded again after a call of the host.
    unsafe {
        let (mut ret, caller) = linkage(&vm, link);
        let entry = (*func).entry;
        if entry.is_null() {
            core::ptr::copy(vm.fp.add(args.0.into()), vm.fp, count.into());
            let cells = vm.fp;
            let succeeded = call_host(vm.ctx, func, cells, cells.add(new_link.0.into()), ret, caller);
            vm.ip = ret;
            vm.fp = caller;
            if !succeeded {
                return M::exit::<{ Exit::Error as u64 }>(vm);
            }
            vm.reload_memory();
            load_result(&mut vm, cells);
            return M::next(vm);
        }
        let instance = (*func).instance;
        if instance != (*vm.ctx).instance {
            // If a switch is pending, it already leads back to the caller of this chain of tail calls.
            if ret != (*vm.ctx).restore {
                if !push_switch(vm.ctx, ret) {
                    return M::trap(vm, TrapCode::StackOverflow);
                }
                ret = (*vm.ctx).restore;
            }
            set_instance(&mut vm, instance);
        }
        replace::<M>(vm, entry, args, count, new_link, (ret, caller))
    }
}

/// Returns the function at `index` of `table`, whatever its type.
#[inline(always)]
unsafe fn table_func(vm: &Vm, index: u64, table: u32) -> Result<*const FuncInst, TrapCode> {
    // SAFETY: I4: the table exists; I6: instance and table keep their addresses; I5: the element is a function. Its
    // index is checked.
    unsafe {
        let instance = (*vm.ctx).instance;
        let table = *(*instance).tables.add(table as usize);
        if index >= (*table).len as u64 {
            return Err(TrapCode::TableOutOfBounds);
        }
        let func = *(*table).elems.add(index as usize) as *const FuncInst;
        if func.is_null() {
            return Err(TrapCode::IndirectCallToNull);
        }
        Ok(func)
    }
}

/// Returns whether the type of `func` is `ty` itself, as it nearly always is.
#[inline(always)]
unsafe fn has_type(vm: &Vm, func: *const FuncInst, ty: u32) -> bool {
    // SAFETY: I4: the type exists; I6: function and instance keep their addresses.
    unsafe { (*func).type_id == *(*(*vm.ctx).instance).type_ids.add(ty as usize) }
}

#[inline(always)]
pub(crate) unsafe fn call<M: Machine>(_: M, mut vm: Vm, op: *const Call<M::Encoding>) -> M::Out {
    // SAFETY: I1 for the fields, which are not read as a whole since another thread may be writing the callee; I3:
    // the slots lie in the frame; I4: the callee exists.
    unsafe {
        put_linkage(&vm, (*op).link, vm.after::<M, Call<M::Encoding>>());
        let fp = vm.fp.add((*op).base.0.into());
        let code = M::direct(&mut vm, &raw const (*op).callee);
        jump::<M>(vm, code, fp)
    }
}

#[inline(always)]
pub(crate) unsafe fn call_import<M: Machine>(_: M, vm: Vm, op: CallImport) -> M::Out {
    // SAFETY: I4: the import exists; I3: the slots lie in the frame; I1 for the op that follows.
    unsafe {
        let func = *(*(*vm.ctx).instance).funcs.add(op.func.bits() as usize);
        call_foreign::<M>(vm, func, op.base, op.link, vm.after::<M, CallImport>())
    }
}

#[inline(always)]
pub(crate) unsafe fn call_indirect<M: Machine, I: Source>(_: M, mut vm: Vm, op: CallIndirect<I>) -> M::Out {
    // SAFETY: I1 for the op that follows; I3: the slots lie in the frame; I4: table and type exist.
    unsafe {
        match table_func(&vm, op.index.get(&vm), op.table.bits()) {
            Err(code) => M::trap(vm, code),
            Ok(func) => {
                // The accumulator is free here, which saves a register.
                vm.acc = func as u64;
                if !has_type(&vm, func, op.ty.bits()) {
                    if PLAIN_TYPES {
                        return M::trap(vm, TrapCode::BadSignature);
                    }
                    M::cold::<SubtypeIndirect<I>>(vm)
                } else if (*func).instance == (*vm.ctx).instance {
                    enter::<M>(vm, (*func).entry, op.base, op.link, vm.after::<M, CallIndirect<I>>())
                } else {
                    M::cold::<ForeignIndirect<I>>(vm)
                }
            }
        }
    }
}

/// Returns whether the type of `func` is a subtype of `ty`.
#[inline(never)]
pub(super) unsafe fn has_subtype(ctx: *mut Context, func: *const FuncInst, ty: u32) -> bool {
    // SAFETY: I4: the type exists; I6: function and instance keep their addresses; I8: nobody changes the types.
    unsafe {
        let types = &(*(*ctx).host.instances).types;
        types.is_subtype((*func).type_id, *(*(*ctx).instance).type_ids.add(ty as usize))
    }
}

/// Slow path of `call_indirect`: a function of another type than the one that the op names, in the accumulator.
struct SubtypeIndirect<I>(I);

impl<I: Source> Cold for SubtypeIndirect<I> {
    #[inline(always)]
    unsafe fn run<M: Machine>(vm: Vm) -> M::Out {
        // SAFETY: I1, I3, I4, I6, as for `call_indirect`, whose op this is and which has found the function.
        unsafe {
            let op: CallIndirect<I> = vm.fields::<M, _>();
            let func = vm.acc as *const FuncInst;
            if has_subtype(vm.ctx, func, op.ty.bits()) {
                call_foreign::<M>(vm, func, op.base, op.link, vm.after::<M, CallIndirect<I>>())
            } else {
                M::trap(vm, TrapCode::BadSignature)
            }
        }
    }
}

/// Slow path of `return_call_indirect`, like `SubtypeIndirect`.
struct ReturnSubtypeIndirect<I>(I);

impl<I: Source> Cold for ReturnSubtypeIndirect<I> {
    #[inline(always)]
    unsafe fn run<M: Machine>(vm: Vm) -> M::Out {
        // SAFETY: I1, I3, I4, I6, as for `return_call_indirect`, whose op this is and which has found the function.
        unsafe {
            let op: ReturnCallIndirect<I> = vm.fields::<M, _>();
            let func = vm.acc as *const FuncInst;
            if has_subtype(vm.ctx, func, op.ty.bits()) {
                replace_foreign::<M>(vm, func, op.args, op.count, op.link, op.new_link)
            } else {
                M::trap(vm, TrapCode::BadSignature)
            }
        }
    }
}

/// Slow path of `call_indirect`: a function of the host or of another instance, which is in the accumulator.
struct ForeignIndirect<I>(I);

impl<I: Source> Cold for ForeignIndirect<I> {
    #[inline(always)]
    unsafe fn run<M: Machine>(vm: Vm) -> M::Out {
        // SAFETY: I1, I3 and I4 as for `call_indirect`, which has put the function into the accumulator.
        unsafe {
            let op: CallIndirect<I> = vm.fields::<M, _>();
            let func = vm.acc as *const FuncInst;
            call_foreign::<M>(vm, func, op.base, op.link, vm.after::<M, CallIndirect<I>>())
        }
    }
}

#[inline(always)]
pub(crate) unsafe fn return_call<M: Machine>(_: M, vm: Vm, op: ReturnCall<M::Encoding>) -> M::Out {
    // SAFETY: I4: the callee exists; I3: the slots lie in the frame.
    unsafe {
        let entry = M::callee(&vm, op.callee);
        let linkage = linkage(&vm, op.link);
        replace::<M>(vm, entry, op.args, op.count, op.new_link, linkage)
    }
}

#[inline(always)]
pub(crate) unsafe fn return_call_import<M: Machine>(_: M, vm: Vm, op: ReturnCallImport) -> M::Out {
    // SAFETY: I4: the import exists; I3: the slots lie in the frame.
    unsafe {
        let func = *(*(*vm.ctx).instance).funcs.add(op.func.bits() as usize);
        replace_foreign::<M>(vm, func, op.args, op.count, op.link, op.new_link)
    }
}

#[inline(always)]
pub(crate) unsafe fn return_call_indirect<M: Machine, I: Source>(
    _: M,
    mut vm: Vm,
    op: ReturnCallIndirect<I>,
) -> M::Out {
    // SAFETY: I4: table and type exist; I3: the slots lie in the frame.
    unsafe {
        match table_func(&vm, op.index.get(&vm), op.table.bits()) {
            Err(code) => M::trap(vm, code),
            Ok(func) => {
                if !has_type(&vm, func, op.ty.bits()) {
                    vm.acc = func as u64;
                    return M::cold::<ReturnSubtypeIndirect<I>>(vm);
                }
                replace_foreign::<M>(vm, func, op.args, op.count, op.link, op.new_link)
            }
        }
    }
}

#[inline(always)]
pub(crate) unsafe fn call_ref<M: Machine, R: Source>(_: M, mut vm: Vm, op: CallRef<R>) -> M::Out {
    // SAFETY: I1 for the op that follows; I3: the slots lie in the frame; I5: the operand is a reference to a
    // function.
    unsafe {
        let func: u64 = op.func.get(&vm);
        if func == 0 {
            return M::trap(vm, TrapCode::NullReference);
        }
        // As in `call_indirect`.
        vm.acc = func;
        let func = func as *const FuncInst;
        if (*func).instance == (*vm.ctx).instance {
            enter::<M>(vm, (*func).entry, op.base, op.link, vm.after::<M, CallRef<R>>())
        } else {
            M::cold::<ForeignRef<R>>(vm)
        }
    }
}

/// Slow path of `call_ref`: a function of the host or of another instance, which is in the accumulator.
struct ForeignRef<R>(R);

impl<R: Source> Cold for ForeignRef<R> {
    #[inline(always)]
    unsafe fn run<M: Machine>(vm: Vm) -> M::Out {
        // SAFETY: I1: the op at `ip` is a `call_ref`; the rest as for that.
        unsafe {
            let op: CallRef<R> = vm.fields::<M, _>();
            let func = vm.acc as *const FuncInst;
            call_foreign::<M>(vm, func, op.base, op.link, vm.after::<M, CallRef<R>>())
        }
    }
}

#[inline(always)]
pub(crate) unsafe fn return_call_ref<M: Machine, R: Source>(_: M, vm: Vm, op: ReturnCallRef<R>) -> M::Out {
    // SAFETY: I3: the slots lie in the frame; I5: the operand is a reference to a function.
    unsafe {
        let func: u64 = op.func.get(&vm);
        if func == 0 {
            return M::trap(vm, TrapCode::NullReference);
        }
        replace_foreign::<M>(vm, func as *const FuncInst, op.args, op.count, op.link, op.new_link)
    }
}

#[inline(always)]
pub(crate) unsafe fn ret<M: Machine>(_: M, mut vm: Vm, op: Ret) -> M::Out {
    // SAFETY: I3: the linkage lies in the frame; I1, I2: it leads to an op.
    unsafe {
        (vm.ip, vm.fp) = linkage(&vm, op.link);
        M::next(vm)
    }
}

#[inline(always)]
pub(crate) unsafe fn ret_value<M: Machine, T: Cell, S: Source>(_: M, mut vm: Vm, op: RetValue<S>) -> M::Out {
    // SAFETY: I3: slot 0, the operand and the linkage lie in the frame; I5: the operand is a `T`; I1, I2: the linkage
    // leads to an op.
    unsafe {
        let value: T = op.src.get(&vm);
        Slot(0).put(&mut vm, value);
        (vm.ip, vm.fp) = linkage(&vm, op.link);
        M::next(vm)
    }
}

/// `ret` with the linkage at slot `LINK`. It is found without reading the op, which shortens the chain of loads from
/// one instruction pointer to the next.
#[inline(always)]
pub(crate) unsafe fn ret_at<M: Machine, const LINK: u16>(_: M, mut vm: Vm, _op: Nullary) -> M::Out {
    // SAFETY: I3: the linkage lies in the frame; I1, I2: it leads to an op.
    unsafe {
        (vm.ip, vm.fp) = linkage(&vm, Slot(LINK));
        M::next(vm)
    }
}

/// `ret_value` with the linkage at slot `LINK`.
#[inline(always)]
pub(crate) unsafe fn ret_value_at<M: Machine, S: Source, const LINK: u16>(
    _: M,
    mut vm: Vm,
    op: RetValueAt<S>,
) -> M::Out {
    // SAFETY: I3: slot 0, the operand and the linkage lie in the frame; I1, I2: the linkage leads to an op.
    unsafe {
        let value: u64 = op.src.get(&vm);
        Slot(0).put(&mut vm, value);
        (vm.ip, vm.fp) = linkage(&vm, Slot(LINK));
        M::next(vm)
    }
}

#[inline(always)]
pub(crate) unsafe fn restore_instance<M: Machine>(_: M, mut vm: Vm, _op: Nullary) -> M::Out {
    // SAFETY: I8: nobody else uses the switches, and this op is only returned to through a linkage for which a switch
    // was pushed; I6: the instance keeps its address.
    unsafe {
        let switch = (*(*vm.ctx).switches).pop().unwrap_unchecked();
        set_instance(&mut vm, switch.instance);
        vm.ip = switch.ip;
        M::next(vm)
    }
}

/// Translates and links the function of `entry` as needed; returns whether that succeeded. If the body is invalid, the
/// error is in `Context::error`.
#[inline(never)]
unsafe fn prepare_entry(ctx: *mut Context, entry: *const FuncEntry) -> bool {
    // SAFETY: I4: the entry exists; I6: the instance, which keeps its module, keeps its address; I8 for the context.
    unsafe {
        match prepare::prepare(&(*(*ctx).instance).code, (*entry).index) {
            Ok(()) => true,
            Err(error) => {
                (*ctx).error = Some(error);
                (*ctx).host_func = None;
                false
            }
        }
    }
}

#[inline(always)]
pub(crate) unsafe fn translate<M: Machine>(_: M, mut vm: Vm, _op: Nullary) -> M::Out {
    // SAFETY: I4: `code_of` has put the entry into the accumulator, and the call has made its frame current; I8 for
    // the context.
    unsafe {
        let entry = vm.acc as *const FuncEntry;
        if !prepare_entry(vm.ctx, entry) {
            return M::exit::<{ Exit::Error as u64 }>(vm);
        }
        let code = code_of(&mut vm, entry);
        jump::<M>(vm, code, vm.fp)
    }
}

/// Enters the function whose entry is in the accumulator for a direct call in linked code, and makes that call enter
/// the code of the function by itself from then on. `vm.ip` is a `translate` op, which runs if the function has no
/// code yet.
#[cfg(tail_dispatch)]
// As a function of its own it would take the registers by address, and its final call would not become a jump.
#[inline(always)]
pub(crate) unsafe fn first_call<M: Machine<Encoding = Linked>>(mut vm: Vm) -> M::Out {
    // SAFETY: I4: the entry exists; I3: a call has written the linkage, so the op before the return address is that
    // call (I1), whose last field is the callee; I8 for the context.
    unsafe {
        let entry = vm.acc as *const FuncEntry;
        let code = (*entry).code.load(Ordering::Acquire);
        if code.cast_const() == vm.ip {
            // The call learns the code when it is executed again.
            return M::next(vm);
        }
        let instance: &InstanceInst = &*(*vm.ctx).instance;
        let header = &instance.code.data.header;
        let signature = header.func_type(header.imported_funcs + (*entry).index).signature();
        let (ret, _) = linkage(&vm, Slot(signature.link() as u16));
        // The callee is the last field of the op.
        let callee = ret.cast_mut().cast::<*mut u8>().sub(1);
        AtomicPtr::from_ptr(callee).store(code, Ordering::Release);
        let code = code_of(&mut vm, entry);
        jump::<M>(vm, code, vm.fp)
    }
}

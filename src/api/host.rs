//! The border between running code and the embedder's store: the only place of this room where the data type of
//! the store is erased and restored.

#![allow(unsafe_code, reason = "running code sees the store as an erased pointer")]

use alloc::sync::Arc;
use core::marker::PhantomData;

use crate::{
    api::store::{CallHook, HostFunc, Store},
    error::Error,
    error::{
        backtrace::WasmBacktrace,
        kinds::{MemoryError, TableError},
    },
    exec::{
        backtrace,
        host::{HostRef, HostVTable, Verdict},
        invocations::{Mode, Reason, Suspended, Suspension},
        invoke::{self, Ground, Outcome},
        packed,
        stack::Stack,
    },
    ir::operand::Class,
    limits::StoreLimiter,
    runtime::{
        instance::{FuncInst, InstanceInst},
        instances::Handle,
        memory::MemoryInst,
        meter::Meter,
        table::TableInst,
    },
};
#[cfg(heap)]
use crate::{
    exec::{frames::Stop, roots},
    runtime::heap::Room,
    trap::TrapCode,
};

/// The callbacks for stores with data of type `T`.
struct VTable<T>(PhantomData<T>);

impl<T> VTable<T> {
    const TABLE: &'static HostVTable = &HostVTable {
        call: call::<T>,
        grow_memory: grow_memory::<T>,
        grow_table: grow_table::<T>,
        interrupt: interrupt::<T>,
        #[cfg(heap)]
        make_room: make_room_for_code::<T>,
        #[cfg(heap)]
        collect: collect_for_code::<T>,
    };
}

/// Calls a host function.
///
/// # Safety
///
/// I8: `store` is the running store, of data type `T`; I3, I5: the cells are the function's.
unsafe fn call<T>(store: *mut (), func: u32, caller: *const InstanceInst, cells: *mut u64) -> Result<(), Error> {
    // SAFETY: I8: the caller passes the running store, of this type. `func` is from one of its functions, so it is in
    // bounds. Only `reset` removes host functions, which needs the store; so `func` lives on even if it adds others.
    let (store, func) = unsafe {
        let store = &mut *store.cast::<Store<T>>();
        let func: *const HostFunc<T> = &raw const **store.hosts.funcs().get_unchecked(func as usize);
        (store, &*func)
    };
    let instance = store.instances.instance_of(caller);
    // SAFETY: I3: the frame of the caller has `func.cells` cells here, the length of the signature.
    let cells = unsafe { core::slice::from_raw_parts_mut(cells, func.cells) };
    // If the host calls the function, control does not pass between host and Wasm.
    let hooked = store.is_attentive() && !caller.is_null();
    if hooked {
        store.hook(CallHook::CallingHost)?;
    }
    #[cfg(host_refs)]
    let scope = store.instances.begin_scope();
    let result = (func.call)(store, instance, cells);
    // The references that the function had.
    #[cfg(host_refs)]
    store.instances.end_scope(scope);
    result?;
    if hooked {
        if store.instances.interruption.is_due() {
            // Host functions may take longer than the code between them.
            store.instances.fuel.end_slice();
        }
        store.hook(CallHook::ReturningFromHost)?;
    }
    Ok(())
}

/// Asks the embedder whether the code continues after the deadline of the store.
///
/// # Safety
///
/// I8: `store` is the running store, of data type `T`. I9: its innermost machine is in a call of the host, or looks like it.
unsafe fn interrupt<T>(store: *mut ()) -> Result<Verdict, Error> {
    // SAFETY: I8: the caller passes the running store, of this type.
    unsafe { &mut *store.cast::<Store<T>>() }.reach_deadline()
}

/// Grows a memory of the store.
///
/// # Safety
///
/// I8: `store` is the running store, of data type `T`, and owns the memory.
unsafe fn grow_memory<T>(
    store: *mut (),
    memory: *mut MemoryInst,
    delta: u64,
    meter: Meter<'_>,
) -> Result<u64, MemoryError> {
    // SAFETY: I8: the caller passes the running store, of this type.
    let store = unsafe { &mut *store.cast::<Store<T>>() };
    let mut limiter = store.instances_and_limiter().1;
    let limiter = limiter.as_mut().map(StoreLimiter::as_dyn);
    // SAFETY: I8: the caller passes a memory of the store, which I6 keeps in place.
    unsafe { (*memory).grow(delta, limiter, Some(meter)) }
}

/// Grows a table of the store.
///
/// # Safety
///
/// I8: `store` is the running store, of data type `T`, and owns the table.
unsafe fn grow_table<T>(
    store: *mut (),
    table: *mut TableInst,
    delta: u64,
    init: u64,
    meter: Meter<'_>,
) -> Result<u64, TableError> {
    // SAFETY: I8: the caller passes the running store, of this type.
    let store = unsafe { &mut *store.cast::<Store<T>>() };
    let mut limiter = store.instances_and_limiter().1;
    let limiter = limiter.as_mut().map(StoreLimiter::as_dyn);
    // SAFETY: I8: the caller passes a table of the store, which I6 keeps in place.
    unsafe { (*table).grow(delta, init, limiter, Some(meter)) }
}

/// Collects the parts of a store that its calls need, with the stack that they use.
fn ground<T>(store: *mut Store<T>, stack: *mut Stack) -> Ground {
    // SAFETY: I8: `store` is a store, and only the addresses of its fields are taken.
    let (instances, invocations) = unsafe { (&raw mut (*store).instances, &raw mut (*store).invocations) };
    Ground { host: HostRef { store: store.cast(), vtable: VTable::<T>::TABLE, instances }, invocations, stack }
}

/// Makes room for an object that running code allocates.
///
/// # Safety
///
/// I8: `store` is the running store, of data type `T`. I15: its innermost machine is at an op that allocates.
#[cfg(heap)]
unsafe fn make_room_for_code<T>(store: *mut (), size: u32) -> Result<(), TrapCode> {
    // SAFETY: I8: the caller passes the running store, of this type.
    make_room_at(unsafe { &mut *store.cast::<Store<T>>() }, size, Stop::Op)
}

/// Frees objects for running code.
///
/// # Safety
///
/// As for `make_room_for_code`.
#[cfg(heap)]
unsafe fn collect_for_code<T>(store: *mut ()) {
    // SAFETY: I8: the caller passes the running store, of this type.
    collect_at(unsafe { &mut *store.cast::<Store<T>>() }, Stop::Op);
}

/// Makes room on the heap for an object of `size` bytes. `stop` is what the innermost machine was doing.
#[cfg(heap)]
fn make_room_at<T>(store: &mut Store<T>, size: u32, stop: Stop) -> Result<(), TrapCode> {
    let mut collected = false;
    loop {
        let (instances, mut limiter) = store.instances_and_limiter();
        match instances.heap.make_room(size, limiter.as_mut(), collected)? {
            Room::Made => return Ok(()),
            Room::Collect => collect_at(store, stop),
        }
        collected = true;
    }
}

/// Frees objects that can no longer be reached. `stop` is what the innermost machine was doing.
#[cfg(heap)]
fn collect_at<T>(store: &mut Store<T>, stop: Stop) {
    // SAFETY: I6, I8, I9: the store is borrowed mutably, so its machines are in host calls, or at an op that allocates.
    unsafe { roots::collect(&mut store.instances, &store.invocations, stop) }
}

/// Makes room on the heap for an object of `size` bytes that the host allocates.
///
/// # Errors
///
/// If the limiter does not allow it.
#[cfg(heap)]
#[cfg_attr(not(any(feature = "exceptions", host_refs)), allow(dead_code, reason = "the host throws exceptions"))]
pub(crate) fn make_room<T>(store: &mut Store<T>, size: u32) -> Result<(), TrapCode> {
    make_room_at(store, size, Stop::Call)
}

/// Frees objects that can no longer be reached.
#[cfg(heap)]
pub(crate) fn collect<T>(store: &mut Store<T>) {
    collect_at(store, Stop::Call);
}

/// Whether `func` is a host function.
fn is_host(func: *const FuncInst) -> bool {
    // SAFETY: I6: functions live as long as their store, which the caller borrows.
    unsafe { (*func).entry.is_null() }
}

/// Calls `func` with the parameters in `cells`, where its results replace them.
///
/// # Errors
///
/// Traps, and errors that host functions return.
#[inline]
pub(crate) fn execute<T>(store: &mut Store<T>, func: Handle, cells: &mut [u64], class: Class) -> Result<(), Error> {
    let func = store.instances.func_ptr(func);
    if store.stack.is_none() {
        *store.stack = Some(store.take_stack()?);
    }
    let hooked = store.is_attentive() && !is_host(func);
    if hooked {
        store.hook(CallHook::CallingWasm)?;
    }
    let store_ptr: *mut Store<T> = store;
    // SAFETY: I8: the store is borrowed mutably until the call returns; code reaches it through `store_ptr` only. The
    // stack was put there above, and is never taken out while calls are in progress.
    let result = unsafe {
        let stack: *const Stack = (*store_ptr).stack.as_ref().unwrap_unchecked();
        // The same address, but derived from `store_ptr`: a host function borrows the whole store, which invalidates
        // other references into it.
        let stack = store_ptr.wrapping_byte_add(stack as usize - store_ptr as usize).cast::<Stack>();
        invoke::invoke(ground(store_ptr, stack), func, cells, class, Mode::Plain)
    };
    if hooked {
        store.hook(CallHook::ReturningFromWasm)?;
    }
    match result {
        Ok(_) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Calls `func` like `execute`, but the call can be interrupted and resumed later; it has a stack of its own.
///
/// # Errors
///
/// Traps, and errors of a host function that is called directly.
pub(crate) fn execute_resumable<T>(
    store: &mut Store<T>,
    func: Handle,
    cells: &mut [u64],
    class: Class,
) -> Result<Option<Suspension>, Error> {
    let func = store.instances.func_ptr(func);
    let hooked = store.is_attentive() && !is_host(func);
    if hooked {
        store.hook(CallHook::CallingWasm)?;
    }
    let mut stack = store.take_stack()?;
    let store_ptr: *mut Store<T> = store;
    // SAFETY: I8: the store is borrowed mutably until the call returns; code reaches it through `store_ptr` only. The
    // stack is this call's own.
    let result = unsafe { invoke::invoke(ground(store_ptr, &raw mut stack), func, cells, class, Mode::Resumable) };
    if hooked {
        store.hook(CallHook::ReturningFromWasm)?;
    }
    finish(store, stack, result)
}

/// Resumes a call; `inputs` are the results of the host function that failed.
///
/// # Errors
///
/// Those of `execute_resumable`.
pub(crate) fn resume<T>(
    store: &mut Store<T>,
    suspension: Suspension,
    inputs: &[u64],
    cells: &mut [u64],
) -> Result<Option<Suspension>, Error> {
    if store.is_attentive() {
        store.hook(CallHook::CallingWasm)?;
    }
    let Suspended { mut interrupted, mut stack } = store.invocations.wake(suspension);
    if stack.is_packed() {
        let whole = store.take_stack()?;
        // SAFETY: I6, I8: the store is borrowed mutably, and the call was interrupted in it. The stack is that of the call.
        unsafe { packed::unpack(&mut interrupted, &mut stack, whole)? };
    }
    let store_ptr: *mut Store<T> = store;
    // SAFETY: I8: the store is borrowed mutably until the call returns; code reaches it through `store_ptr` only. The
    // stack is the one of the interrupted call.
    let result =
        unsafe { invoke::resume(ground(store_ptr, &raw mut stack), &interrupted, inputs, cells, Mode::Resumable) };
    if store.is_attentive() {
        store.hook(CallHook::ReturningFromWasm)?;
    }
    finish(store, stack, result)
}

/// How an asynchronous call was suspended; `None` if it has returned.
pub(crate) type Pause = Option<(Suspended, Reason)>;

/// Begins an asynchronous call of `func`, which is no host function. It has a stack of its own.
///
/// # Errors
///
/// Traps, and errors that host functions return.
pub(crate) fn execute_async<T>(
    store: &mut Store<T>,
    func: Handle,
    cells: &mut [u64],
    class: Class,
) -> Result<Pause, Error> {
    let func = store.instances.func_ptr(func);
    if store.is_attentive() {
        store.hook(CallHook::CallingWasm)?;
    }
    let mut stack = store.take_stack()?;
    let store_ptr: *mut Store<T> = store;
    // SAFETY: I8: the store is borrowed mutably until the call returns; code reaches it through `store_ptr` only. The
    // stack is this call's own.
    let result = unsafe { invoke::invoke(ground(store_ptr, &raw mut stack), func, cells, class, Mode::Async) };
    pause(store, stack, result)
}

/// Resumes an asynchronous call. `answer` holds the results of the host function that suspended the call, or its error and the
/// number of the function. If no host function suspended the call, `answer` has no cells.
///
/// # Errors
///
/// Those of `execute_async`.
pub(crate) fn resume_async<T>(
    store: &mut Store<T>,
    suspended: Suspended,
    answer: Result<&[u64], (u32, Error)>,
    cells: &mut [u64],
) -> Result<Pause, Error> {
    let Suspended { interrupted, mut stack } = suspended;
    let store_ptr: *mut Store<T> = store;
    // SAFETY: I8: the store is borrowed mutably until the call returns; code reaches it through `store_ptr` only. The
    // stack is the one of the call.
    let result = unsafe {
        let ground = ground(store_ptr, &raw mut stack);
        match answer {
            Ok(inputs) => invoke::resume(ground, &interrupted, inputs, cells, Mode::Async),
            Err(failure) => invoke::fail(ground, &interrupted, failure, cells, Mode::Async),
        }
    };
    pause(store, stack, result)
}

/// Keeps the stack of an asynchronous call with the call, or for the next one if that has ended.
fn pause<T>(store: &mut Store<T>, stack: Stack, result: Result<Outcome, Error>) -> Result<Pause, Error> {
    if let Ok(Outcome::Interrupted(interrupted, reason)) = result {
        return Ok(Some((Suspended { interrupted, stack }, reason)));
    }
    store.put_stack(stack);
    if store.is_attentive() {
        store.hook(CallHook::ReturningFromWasm)?;
    }
    result.map(|_| None)
}

/// Returns host function `func`, by its number among the functions of the store, if it is asynchronous.
pub(crate) fn async_host<T>(store: &Store<T>, func: u32) -> Option<Arc<HostFunc<T>>> {
    let host = store.instances.host_func(func)?;
    let func = &store.hosts.funcs()[host as usize];
    func.waits.is_some().then(|| func.clone())
}

/// Returns the parameters of the host function that suspended a call, with room for its results, and the instance that called it.
pub(crate) fn waiting<'a, T>(
    store: &Store<T>,
    suspended: &'a Suspended,
    func: &HostFunc<T>,
) -> (&'a [u64], Option<Handle>) {
    // SAFETY: I3: this function has suspended the call.
    let cells = unsafe { suspended.host_cells(func.cells) };
    (cells, store.instances.instance_of(suspended.instance()))
}

/// Adds the calls that are under way in a store to a backtrace.
pub(crate) fn trace<T>(store: &Store<T>, backtrace: &mut WasmBacktrace) {
    // SAFETY: I6, I8, I9: the store is borrowed, so its machines are in host calls.
    unsafe { backtrace::collect_running(backtrace, &store.invocations) }
}

/// Gives up a call that was interrupted because fuel ran out. Returns the trap, with the calls that were under way.
pub(crate) fn give_up<T>(store: &mut Store<T>, suspension: Suspension) -> Error {
    let Suspended { interrupted, mut stack } = store.invocations.wake(suspension);
    let (id, innermost) = (store.instances.id(), store.invocations.innermost);
    // SAFETY: I6, I8, I9: the store is borrowed mutably, and the call was interrupted in it. The stack is that of the call.
    let error = unsafe { invoke::give_up(&interrupted, id, &mut stack, innermost) };
    store.put_stack(stack);
    error
}

/// Keeps the stack of a call for the next one, or with the call if that was interrupted.
fn finish<T>(
    store: &mut Store<T>,
    mut stack: Stack,
    result: Result<Outcome, Error>,
) -> Result<Option<Suspension>, Error> {
    match result {
        Ok(Outcome::Interrupted(mut interrupted, reason)) => {
            if store.invocations.are_several_suspended() {
                // SAFETY: I6, I8: the store is borrowed mutably, and the call was just interrupted in it. The stack is that of the
                // call, which is alone on it.
                if let Some(whole) = unsafe { packed::pack(&mut interrupted, &mut stack) } {
                    store.put_stack(whole);
                }
            }
            Ok(Some(store.invocations.suspend(interrupted, reason, stack)))
        }
        Ok(Outcome::Done) => {
            store.put_stack(stack);
            Ok(None)
        }
        Err(error) => {
            store.put_stack(stack);
            Err(error)
        }
    }
}

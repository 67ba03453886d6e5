//! What `wasmote.h` adds to stores, modules, instances, memories, functions and traps.

use std::{
    ffi::{CStr, c_char},
    ptr,
    rc::Rc,
    slice,
};

use wasmote::{Engine, Error, Memory, Module, StoreLimits, StoreLimitsBuilder};

use crate::{
    failure::{Trap, error_kind},
    guarded,
    instance::instance,
    items::memory,
    module::{self, compile, load},
    object::{Counted, Item, Object},
    store::{CStore, Shared},
    trap,
    types::CExternType,
    vec::{CVec, into_raw, into_raw_option},
};

/// The text of a string of C; empty for null, and with replacements for what is not UTF-8.
///
/// # Safety
///
/// C1: it ends with a zero.
pub(crate) unsafe fn text(string: *const c_char) -> String {
    // SAFETY: C1.
    if string.is_null() { String::new() } else { unsafe { CStr::from_ptr(string) }.to_string_lossy().into_owned() }
}

/// The bytes that C gives.
///
/// # Safety
///
/// C1.
pub(crate) unsafe fn bytes<'a>(data: *const u8, size: usize) -> &'a [u8] {
    // SAFETY: C1.
    if data.is_null() { &[] } else { unsafe { slice::from_raw_parts(data, size) } }
}

/// Returns the trap that C gets for what belongs to no store.
pub(crate) fn to_trap(trap: impl Into<Trap>) -> *mut Object {
    into_raw(Object::new(None, Item::Trap(Counted::new(trap.into()))))
}

/// Runs `body`. Returns null, or the trap for its error or its panic.
pub(crate) fn attempt(body: impl FnOnce() -> Result<(), Error>) -> *mut Object {
    let run = || body().map_or_else(|error| to_trap(&error), |()| ptr::null_mut());
    guarded(run, || to_trap(Trap::new("the library panicked", error_kind::PANIC)))
}

#[unsafe(no_mangle)]
extern "C" fn wasmote_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

// Modules.

/// Makes a module of bytes, which C gets in `out`.
///
/// # Safety
///
/// C1.
unsafe fn module_of(
    engine: *const Engine,
    data: *const u8,
    size: usize,
    out: *mut *mut Object,
    make: impl FnOnce(&Engine, &[u8]) -> Result<Module, Error>,
) -> *mut Object {
    // SAFETY: C1.
    let (engine, bytes) = unsafe {
        out.write(ptr::null_mut());
        (&*engine, bytes(data, size))
    };
    attempt(|| {
        let module = make(engine, bytes)?;
        // SAFETY: C1.
        unsafe { out.write(module::to_c(module)) };
        Ok(())
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_module_new(
    engine: *const Engine,
    data: *const u8,
    size: usize,
    out: *mut *mut Object,
) -> *mut Object {
    // SAFETY: C1.
    unsafe { module_of(engine, data, size, out, compile) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_module_validate(engine: *const Engine, data: *const u8, size: usize) -> *mut Object {
    // SAFETY: C1.
    let (engine, bytes) = unsafe { (&*engine, bytes(data, size)) };
    attempt(|| Module::validate(engine, bytes))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_module_deserialize(
    engine: *const Engine,
    data: *const u8,
    size: usize,
    out: *mut *mut Object,
) -> *mut Object {
    // SAFETY: C1.
    unsafe { module_of(engine, data, size, out, load) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_module_deserialize_trusted(
    engine: *const Engine,
    data: *const u8,
    size: usize,
    out: *mut *mut Object,
) -> *mut Object {
    // SAFETY: C1; the caller vouches for the bytes, as the header says.
    unsafe { module_of(engine, data, size, out, |engine, bytes| Module::deserialize(engine, bytes.to_vec())) }
}

#[cfg(feature = "wat")]
#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_wat2wasm(text: *const u8, size: usize, out: *mut CVec<u8>) -> *mut Object {
    // SAFETY: C1.
    let text = unsafe {
        out.write(CVec::EMPTY);
        bytes(text, size)
    };
    attempt(|| {
        let text = std::str::from_utf8(text).map_err(|_| Error::new("the text is not UTF-8"))?;
        let wasm = wat::parse_str(text).map_err(|error| Error::new(error.to_string()))?;
        // SAFETY: C1.
        unsafe { out.write(CVec::new(wasm)) };
        Ok(())
    })
}

// Stores.

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_store_set_fuel(store: *const CStore, fuel: u64) -> bool {
    // SAFETY: C1, C3, C4: nothing else uses the context meanwhile.
    unsafe { (&*store).0.context() }.set_fuel(fuel).is_ok()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_store_get_fuel(store: *const CStore, out: *mut u64) -> bool {
    // SAFETY: C1, C3, C4: nothing else uses the context meanwhile.
    let fuel = unsafe { (&*store).0.context() }.get_fuel();
    // SAFETY: C1.
    unsafe { out.write(fuel.as_ref().map_or(0, |&fuel| fuel)) };
    fuel.is_ok()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_store_consume_fuel(store: *const CStore, fuel: u64) -> bool {
    // SAFETY: C1, C3, C4: nothing else uses the context meanwhile.
    unsafe { (&*store).0.context() }.consume_fuel(fuel).is_ok()
}

/// `wasmote_limits_t`
#[repr(C)]
#[derive(Clone, Copy)]
struct CLimits {
    memory_size: usize,
    total_memory_size: usize,
    table_elements: usize,
    total_table_elements: usize,
    gc_heap_size: usize,
    instances: usize,
    tables: usize,
    memories: usize,
    trap_on_grow_failure: bool,
}

impl CLimits {
    /// What C writes for no limit
    const NONE: usize = usize::MAX;

    fn build(self) -> StoreLimits {
        type Setter = fn(StoreLimitsBuilder, usize) -> StoreLimitsBuilder;
        let setters: [(usize, Setter); 8] = [
            (self.memory_size, StoreLimitsBuilder::memory_size),
            (self.total_memory_size, StoreLimitsBuilder::total_memory_size),
            (self.table_elements, StoreLimitsBuilder::table_elements),
            (self.total_table_elements, StoreLimitsBuilder::total_table_elements),
            (self.gc_heap_size, StoreLimitsBuilder::gc_heap_size),
            (self.instances, StoreLimitsBuilder::instances),
            (self.tables, StoreLimitsBuilder::tables),
            (self.memories, StoreLimitsBuilder::memories),
        ];
        let builder = StoreLimitsBuilder::new().trap_on_grow_failure(self.trap_on_grow_failure);
        let given = setters.into_iter().filter(|&(limit, _)| limit != Self::NONE);
        given.fold(builder, |builder, (limit, set)| set(builder, limit)).build()
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_store_limit(store: *const CStore, limits: *const CLimits) -> bool {
    // SAFETY: C1.
    let (store, limits) = unsafe { (&(&*store).0, (*limits).build()) };
    // SAFETY: C3, C4: nothing else uses the store meanwhile.
    let set = unsafe {
        store.with_store(|store| {
            store.data_mut().0.limits = limits;
            store.limiter(|data| &mut data.0.limits);
        })
    };
    set.is_some()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_caller_export(store: *const CStore, name: *const c_char) -> *mut Object {
    // SAFETY: C1.
    let (store, name) = unsafe { (&(&*store).0, text(name)) };
    // SAFETY: C3, C4: nothing else uses the context meanwhile.
    into_raw_option(unsafe { store.caller_export(&name) }.map(|item| Object::in_store(store, item)))
}

// Instances and memories.

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_instance_export(reference: *const Object, name: *const c_char) -> *mut Object {
    // SAFETY: C1.
    let ((store, instance), name) = unsafe { (instance(reference), text(name)) };
    // SAFETY: C3, C4: nothing else uses the context meanwhile.
    let export = instance.get_export(unsafe { store.context() }, &name);
    into_raw_option(export.map(|item| Object::in_store(store, item)))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_memory_read(reference: *const Object, offset: u64, to: *mut u8, size: usize) -> bool {
    // SAFETY: C1.
    let (store, memory) = unsafe { memory(reference) };
    let Ok(offset) = usize::try_from(offset) else { return false };
    if size == 0 {
        // SAFETY: C3, C4: nothing else uses the context meanwhile.
        return memory.read(unsafe { store.context() }, offset, &mut []).is_ok();
    }
    // SAFETY: C1, C3, C4: nothing else uses the context meanwhile.
    unsafe {
        to.write_bytes(0, size);
        memory.read(store.context(), offset, slice::from_raw_parts_mut(to, size)).is_ok()
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_memory_write(reference: *const Object, offset: u64, from: *const u8, size: usize) -> bool {
    // SAFETY: C1.
    let (store, memory) = unsafe { memory(reference) };
    let Ok(offset) = usize::try_from(offset) else { return false };
    // SAFETY: C1, C3, C4: nothing else uses the context meanwhile.
    unsafe { memory.write(store.context(), offset, bytes(from, size)).is_ok() }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_memory_new_in(
    store: *const CStore,
    ty: *const CExternType,
    buffer: *mut u8,
    size: usize,
    out: *mut *mut Object,
) -> *mut Object {
    // SAFETY: C1.
    let (store, ty) = unsafe {
        out.write(ptr::null_mut());
        (&(&*store).0, &*ty)
    };
    attempt(|| {
        let CExternType::Memory { ty, .. } = ty else { return Err(Error::new("not the type of a memory")) };
        // SAFETY: C1: the buffer outlives the store and everything that belongs to it, as the header says.
        let buffer: &'static mut [u8] = unsafe { slice::from_raw_parts_mut(buffer, size) };
        // SAFETY: C3, C4: nothing else uses the context meanwhile.
        let memory = Memory::new_static(unsafe { store.context() }, *ty, buffer)?;
        // SAFETY: C1.
        unsafe { out.write(into_raw(Object::in_store(store, memory))) };
        Ok(())
    })
}

// Traps.

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_trap_kind(reference: *const Object) -> u8 {
    // SAFETY: C1.
    unsafe { trap::trap(reference) }.map_or(error_kind::OTHER, |trap| trap.kind)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_trap_code(reference: *const Object) -> u8 {
    // SAFETY: C1.
    unsafe { trap::trap(reference) }.and_then(|trap| trap.code).map_or(0, u8::from)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_trap_exit_status(reference: *const Object, out: *mut i32) -> bool {
    // SAFETY: C1.
    let status = unsafe { trap::trap(reference) }.and_then(|trap| trap.exit_status);
    if let Some(status) = status {
        // SAFETY: C1.
        unsafe { out.write(status) };
    }
    status.is_some()
}

/// Lends a store to a function of C.
pub(crate) fn lend<R>(store: &Rc<Shared>, body: impl FnOnce(*const CStore) -> R) -> R {
    let lent = CStore(store.clone());
    body(&raw const lent)
}

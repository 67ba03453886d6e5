//! Modules: `wasm_module_t`, `wasm_shared_module_t`.

use std::{ptr, rc::Rc};

use wasmote::{Engine, Error, Module};

use crate::{
    guarded,
    object::{Counted, Item, Object, object},
    store::CStore,
    types::{CExportType, CImportType, exports, imports},
    vec::{CVec, delete, into_raw},
};

/// Makes a module of binary Wasm.
pub(crate) fn compile(engine: &Engine, wasm: &[u8]) -> Result<Module, Error> {
    // Also if the library is built to accept the text format: by the standard, text is no module.
    Module::from_bytes(engine, wasm.to_vec())
}

/// Makes a module of an artefact.
pub(crate) fn load(engine: &Engine, artefact: &[u8]) -> Result<Module, Error> {
    // Checked: the standard does not ask the caller to vouch for the bytes.
    Module::deserialize_checked(engine, artefact.to_vec())
}

/// Returns the reference to a module that C gets.
pub(crate) fn to_c(module: Module) -> *mut Object {
    into_raw(Object::new(None, Item::Module(Counted::new(module))))
}

/// The module that a pointer of C points to.
///
/// # Safety
///
/// C1.
pub(crate) unsafe fn module<'a>(reference: *const Object) -> &'a Module {
    // SAFETY: C1.
    match &unsafe { object(reference) }.item {
        Item::Module(module) => &module.value,
        _ => unreachable!("the pointer is to a module"),
    }
}

/// Makes something of the bytes of a vector, or null if that fails.
///
/// # Safety
///
/// C1.
unsafe fn of_bytes(
    store: *const CStore,
    bytes: *const CVec<u8>,
    make: impl FnOnce(&Engine, &[u8]) -> Result<Module, Error>,
) -> *mut Object {
    // SAFETY: C1.
    let (engine, bytes) = unsafe { (&(&*store).0.engine, (*bytes).as_slice()) };
    guarded(|| make(engine, bytes).map_or(ptr::null_mut(), to_c), ptr::null_mut)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_module_new(store: *const CStore, binary: *const CVec<u8>) -> *mut Object {
    // SAFETY: C1.
    unsafe { of_bytes(store, binary, compile) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_module_validate(store: *const CStore, binary: *const CVec<u8>) -> bool {
    // SAFETY: C1.
    let (engine, binary) = unsafe { (&(&*store).0.engine, (*binary).as_slice()) };
    guarded(|| Module::validate(engine, binary).is_ok(), || false)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_module_imports(reference: *const Object, out: *mut CVec<*mut CImportType>) {
    // SAFETY: C1.
    unsafe { out.write(CVec::new(imports(module(reference)))) };
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_module_exports(reference: *const Object, out: *mut CVec<*mut CExportType>) {
    // SAFETY: C1.
    unsafe { out.write(CVec::new(exports(module(reference)))) };
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_module_serialize(reference: *const Object, out: *mut CVec<u8>) {
    // SAFETY: C1.
    let module = unsafe { module(reference) };
    let bytes = guarded(|| module.serialize().unwrap_or_default(), Vec::new);
    // SAFETY: C1.
    unsafe { out.write(CVec::new(bytes)) };
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_module_deserialize(store: *const CStore, artefact: *const CVec<u8>) -> *mut Object {
    // SAFETY: C1.
    unsafe { of_bytes(store, artefact, load) }
}

/// `wasm_shared_module_t`: a module for any thread
pub(crate) struct SharedModule(Module);

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_shared_module_delete(shared: *mut SharedModule) {
    // SAFETY: C2.
    unsafe { delete(shared) };
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_module_share(reference: *const Object) -> *mut SharedModule {
    // SAFETY: C1.
    into_raw(SharedModule(unsafe { module(reference) }.clone()))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_module_obtain(store: *const CStore, shared: *const SharedModule) -> *mut Object {
    // SAFETY: C1.
    let (store, SharedModule(module)) = unsafe { (&(&*store).0, &*shared) };
    if !Engine::same(module.engine(), &store.engine) {
        return ptr::null_mut();
    }
    to_c(module.clone())
}

/// Whether a module can be instantiated in a store.
pub(crate) fn fits(module: &Module, store: &Rc<crate::store::Shared>) -> bool {
    Engine::same(module.engine(), &store.engine)
}

//! Linkers: `wasmote_linker_t`.

use std::ffi::{c_char, c_void};

use wasmote::{Engine, Error, Linker};

use crate::{
    confined::{Confined, Finalizer, HostData},
    extend::{attempt, lend, text},
    failure::error_kind,
    func::{func_type, host_func},
    guarded,
    instance::{answer, instance},
    module::{fits, module},
    object::{Object, object},
    store::{CStore, Data},
    trap::{self, complain},
    types::CExternType,
    value::CVal,
    vec::{CVec, delete, into_raw},
};

/// `wasmote_linker_t`
pub(crate) struct CLinker(pub(crate) Linker<Confined<Data>>);

/// `wasmote_callback_t`
type Callback = unsafe extern "C" fn(*mut c_void, *const CStore, *const CVec<CVal>, *mut CVec<CVal>) -> *mut Object;

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_linker_new(engine: *const Engine) -> *mut CLinker {
    // SAFETY: C1.
    into_raw(CLinker(Linker::new(unsafe { &*engine })))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_linker_delete(linker: *mut CLinker) {
    // SAFETY: C2.
    unsafe { delete(linker) };
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_linker_allow_shadowing(linker: *mut CLinker, allow: bool) {
    // SAFETY: C1.
    unsafe { &mut *linker }.0.allow_shadowing(allow);
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_linker_define(
    linker: *mut CLinker,
    module: *const c_char,
    name: *const c_char,
    item: *const Object,
) -> *mut Object {
    // SAFETY: C1.
    let (linker, module, name, item) = unsafe { (&mut *linker, text(module), text(name), object(item)) };
    attempt(|| {
        let item = item.item.to_extern().ok_or_else(|| Error::new("this is nothing that can be imported"))?;
        linker.0.define(&module, &name, item)?;
        Ok(())
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_linker_define_func(
    linker: *mut CLinker,
    module: *const c_char,
    name: *const c_char,
    ty: *const CExternType,
    callback: Callback,
    env: *mut c_void,
    finalizer: Finalizer,
) -> *mut Object {
    let env = HostData::new(env, finalizer);
    // SAFETY: C1.
    let (linker, module, name, ty) = unsafe { (&mut *linker, text(module), text(name), func_type(ty).clone()) };
    let func = host_func(ty.clone(), move |store, arguments, results| {
        // SAFETY: C1: the function of C takes these.
        lend(store, |store| unsafe { callback(env.get(), store, arguments, results) })
    });
    attempt(|| {
        linker.0.func_new(&module, &name, ty, func)?;
        Ok(())
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_linker_define_instance(
    linker: *mut CLinker,
    module: *const c_char,
    reference: *const Object,
) -> *mut Object {
    // SAFETY: C1.
    let (linker, module, (store, instance)) = unsafe { (&mut *linker, text(module), instance(reference)) };
    attempt(|| {
        // SAFETY: C3, C4: nothing else uses the context meanwhile.
        linker.0.instance(unsafe { store.context() }, &module, instance)?;
        Ok(())
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_linker_instantiate(
    linker: *const CLinker,
    store: *const CStore,
    reference: *const Object,
    trap: *mut *mut Object,
) -> *mut Object {
    // SAFETY: C1.
    let (linker, store, module) = unsafe { (&*linker, &(&*store).0, module(reference)) };
    let make = || {
        if !fits(module, store) || !fits_linker(linker, &store.engine) {
            let message = "linker, module and store must be made with the same engine";
            return Err(complain(message, error_kind::LINK, store));
        }
        // SAFETY: C3, C4: nothing else uses the context but host functions.
        let context = unsafe { store.context() };
        linker.0.instantiate_and_start(context, module).map_err(|error| trap::to_c(&error, store))
    };
    let made = guarded(make, || Err(trap::panicked(store)));
    // SAFETY: C1.
    unsafe { answer(made.map(|instance| Object::in_store(store, instance)), trap) }
}

fn fits_linker(linker: &CLinker, engine: &Engine) -> bool {
    Engine::same(linker.0.engine(), engine)
}

#[cfg(feature = "wasi")]
#[unsafe(no_mangle)]
unsafe extern "C" fn wasmote_linker_define_wasi(linker: *mut CLinker) -> *mut Object {
    use wasmote_wasi::{WasiVersion, add_to_linker};

    // SAFETY: C1.
    let linker = unsafe { &mut *linker };
    attempt(|| {
        for version in [WasiVersion::Snapshot0, WasiVersion::Snapshot1] {
            add_to_linker(&mut linker.0, version, |data: &mut Confined<Data>| data.0.wasi_or_default())?;
        }
        Ok(())
    })
}

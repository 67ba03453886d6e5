//! Instances: `wasm_instance_t`.

use std::{ptr, rc::Rc};

use wasmote::{Extern, Instance, Module};

use crate::{
    failure::error_kind,
    guarded,
    module::{fits, module},
    object::{Item, Object, object},
    store::{CStore, Shared},
    trap::{self, complain},
    vec::{CVec, into_raw},
};

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_instance_new(
    store: *const CStore,
    reference: *const Object,
    imports: *const CVec<*mut Object>,
    trap: *mut *mut Object,
) -> *mut Object {
    // SAFETY: C1. A vector without address is an empty one.
    let (store, module, imports) =
        unsafe { (&(&*store).0, module(reference), imports.as_ref().map_or(&[][..], |imports| imports.as_slice())) };
    // SAFETY: C1: the imports are references to items.
    let made = guarded(|| unsafe { instantiate(store, module, imports) }, || Err(trap::panicked(store)));
    // SAFETY: C1.
    unsafe { answer(made.map(|instance| Object::in_store(store, instance)), trap) }
}

/// Returns the instance to C, or null, with the trap where C wants to have it.
///
/// # Safety
///
/// C1.
pub(crate) unsafe fn answer(made: Result<Object, *mut Object>, trap: *mut *mut Object) -> *mut Object {
    let (instance, failure) = match made {
        Ok(instance) => (into_raw(instance), ptr::null_mut()),
        Err(trap) => (ptr::null_mut(), trap),
    };
    if trap.is_null() {
        // SAFETY: C2: nobody else has the trap.
        unsafe { crate::vec::delete(failure) };
    } else {
        // SAFETY: C1.
        unsafe { trap.write(failure) };
    }
    instance
}

/// Makes an instance, or a trap that says why not.
///
/// # Safety
///
/// C1.
unsafe fn instantiate(store: &Rc<Shared>, module: &Module, imports: &[*mut Object]) -> Result<Instance, *mut Object> {
    let complain = |message: String| Err(complain(message, error_kind::LINK, store));
    if !fits(module, store) {
        return complain("the module was made with another engine than the store".to_owned());
    }
    if imports.len() < module.imports().len() {
        return complain(format!("the module has {} imports, not {}", module.imports().len(), imports.len()));
    }
    let mut items: Vec<Extern> = Vec::with_capacity(imports.len());
    for (i, &import) in imports.iter().take(module.imports().len()).enumerate() {
        // SAFETY: C1.
        let item = (!import.is_null()).then(|| unsafe { object(import) });
        match item.map(|item| (item.fits(store), item.item.to_extern())) {
            Some((true, Some(item))) => items.push(item),
            Some((false, _)) => return complain(format!("import {i} belongs to another store")),
            Some((_, None)) | None => return complain(format!("import {i} is nothing that can be imported")),
        }
    }
    // SAFETY: C3, C4: nothing else uses the context but host functions.
    let context = unsafe { store.context() };
    Instance::new(context, module, &items).map_err(|error| trap::to_c(&error, store))
}

/// The instance that a pointer of C points to.
///
/// # Safety
///
/// C1.
pub(crate) unsafe fn instance<'a>(reference: *const Object) -> (&'a Rc<Shared>, Instance) {
    // SAFETY: C1.
    let object = unsafe { object(reference) };
    match object.item {
        Item::Instance(instance) => (object.store(), instance),
        _ => unreachable!("the pointer is to an instance"),
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_instance_exports(reference: *const Object, out: *mut CVec<*mut Object>) {
    // SAFETY: C1.
    let (store, instance) = unsafe { instance(reference) };
    // SAFETY: C3, C4: nothing else uses the context meanwhile.
    let context = unsafe { store.context() };
    let exports = instance.exports(&context).map(|export| into_raw(Object::in_store(store, export.into_extern())));
    // SAFETY: C1.
    unsafe { out.write(CVec::new(exports.collect())) };
}

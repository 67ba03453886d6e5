//! The functions that references of every kind have.

use std::{ffi::c_void, ptr};

use crate::{
    confined::Finalizer,
    object::{Counted, Foreign, Item, Object, object},
    store::CStore,
    vec::{delete, into_raw},
};

/// Defines `delete`, `copy`, `same` and those of host information.
macro_rules! base_functions {
    ($name:ident) => {
        pastey::paste! {
            #[unsafe(no_mangle)]
            unsafe extern "C" fn [<wasm_ $name _delete>](object: *mut Object) {
                // SAFETY: C2.
                unsafe { delete(object) };
            }

            #[unsafe(no_mangle)]
            unsafe extern "C" fn [<wasm_ $name _copy>](reference: *const Object) -> *mut Object {
                // SAFETY: C1.
                into_raw(unsafe { object(reference) }.clone())
            }

            #[unsafe(no_mangle)]
            unsafe extern "C" fn [<wasm_ $name _same>](a: *const Object, b: *const Object) -> bool {
                // SAFETY: C1.
                unsafe { object(a).is_same(object(b)) }
            }

            #[unsafe(no_mangle)]
            unsafe extern "C" fn [<wasm_ $name _get_host_info>](reference: *const Object) -> *mut c_void {
                // SAFETY: C1.
                unsafe { object(reference) }.host_info()
            }

            #[unsafe(no_mangle)]
            unsafe extern "C" fn [<wasm_ $name _set_host_info>](reference: *const Object, info: *mut c_void) {
                // SAFETY: C1.
                unsafe { object(reference) }.set_host_info(info, None);
            }

            #[unsafe(no_mangle)]
            unsafe extern "C" fn [<wasm_ $name _set_host_info_with_finalizer>](
                reference: *const Object,
                info: *mut c_void,
                finalizer: Finalizer,
            ) {
                // SAFETY: C1.
                unsafe { object(reference) }.set_host_info(info, finalizer);
            }
        }
    };
}

/// Defines these functions, and the conversions from and to `wasm_ref_t`.
macro_rules! ref_functions {
    ($name:ident, $pattern:pat) => {
        base_functions! { $name }
        pastey::paste! {
            #[unsafe(no_mangle)]
            extern "C" fn [<wasm_ $name _as_ref>](object: *mut Object) -> *mut Object {
                object
            }

            #[unsafe(no_mangle)]
            extern "C" fn [<wasm_ $name _as_ref_const>](object: *const Object) -> *const Object {
                object
            }

            #[unsafe(no_mangle)]
            unsafe extern "C" fn [<wasm_ref_as_ $name>](object: *mut Object) -> *mut Object {
                // SAFETY: C1.
                unsafe { [<wasm_ref_as_ $name _const>](object) }.cast_mut()
            }

            #[unsafe(no_mangle)]
            unsafe extern "C" fn [<wasm_ref_as_ $name _const>](reference: *const Object) -> *const Object {
                // SAFETY: C1.
                if matches!(unsafe { object(reference) }.item, $pattern) { reference } else { ptr::null() }
            }
        }
    };
}

base_functions! { ref }
ref_functions! { trap, Item::Trap(_) }
ref_functions! { foreign, Item::Foreign(_) }
ref_functions! { module, Item::Module(_) }
ref_functions! { instance, Item::Instance(_) }
ref_functions! { func, Item::Func(_) }
ref_functions! { global, Item::Global(_) }
ref_functions! { table, Item::Table(_) }
ref_functions! { memory, Item::Memory(_) }
ref_functions! { extern, Item::Func(_) | Item::Global(_) | Item::Table(_) | Item::Memory(_) | Item::Tag(_) }
vec_functions! { extern, *mut Object }

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_foreign_new(store: *const CStore) -> *mut Object {
    let foreign = Item::Foreign(Counted::new(Foreign::default()));
    // SAFETY: C1.
    into_raw(Object::in_store(unsafe { &(&*store).0 }, foreign))
}

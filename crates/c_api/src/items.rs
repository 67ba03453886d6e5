//! Globals, tables and memories, and what they have in common: `wasm_global_t`, `wasm_table_t`, `wasm_memory_t`,
//! `wasm_extern_t`.

use std::{ptr, rc::Rc};

use wasmote::{Global, Memory, Table};

use crate::{
    guarded,
    object::{Item, Object, object},
    store::{CStore, Shared},
    types::{CExternType, externkind},
    value::{CVal, from_c, ref_from_c, ref_to_c, to_c},
    vec::into_raw,
};

/// Defines a function that returns the item of a kind that a pointer of C points to.
macro_rules! item {
    ($name:ident, $variant:ident, $ty:ty) => {
        /// The item that a pointer of C points to, and its store.
        ///
        /// # Safety
        ///
        /// C1.
        pub(crate) unsafe fn $name<'a>(reference: *const Object) -> (&'a Rc<Shared>, $ty) {
            // SAFETY: C1.
            let object = unsafe { object(reference) };
            match object.item {
                Item::$variant(item) => (object.store(), item),
                _ => unreachable!(concat!("the pointer is to a ", stringify!($name))),
            }
        }
    };
}

item! { global, Global, Global }
item! { table, Table, Table }
item! { memory, Memory, Memory }

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_global_new(store: *const CStore, ty: *const CExternType, value: *const CVal) -> *mut Object {
    // SAFETY: C1.
    let (store, ty, value) = unsafe { (&(&*store).0, &*ty, &*value) };
    let CExternType::Global { ty, .. } = ty else { return ptr::null_mut() };
    // SAFETY: C1.
    let Ok(value) = (unsafe { from_c(value, ty.content(), store) }) else { return ptr::null_mut() };
    // SAFETY: C3, C4: nothing else uses the context meanwhile.
    let context = unsafe { store.context() };
    let make = || into_raw(Object::in_store(store, Global::new(context, value, ty.mutability())));
    guarded(make, ptr::null_mut)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_global_type(reference: *const Object) -> *mut CExternType {
    // SAFETY: C1, C3, C4: nothing else uses the context meanwhile.
    unsafe {
        let (store, global) = global(reference);
        into_raw(CExternType::global(global.ty(store.context())))
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_global_get(reference: *const Object, out: *mut CVal) {
    // SAFETY: C1, C3, C4: nothing else uses the context meanwhile.
    unsafe {
        let (store, global) = global(reference);
        let value = global.get(store.context());
        out.write(to_c(&value, store).unwrap_or(CVal::default_of(crate::types::kind::V128)));
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_global_set(reference: *const Object, value: *const CVal) {
    // SAFETY: C1, C3, C4: nothing else uses the context meanwhile.
    unsafe {
        let (store, global) = global(reference);
        let ty = global.ty(store.context()).content();
        // The standard has no way to report that the global is constant, or the value of another type.
        if let Ok(value) = from_c(&*value, ty, store) {
            let _ = global.set(store.context(), value);
        }
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_table_new(store: *const CStore, ty: *const CExternType, init: *const Object) -> *mut Object {
    // SAFETY: C1.
    let (store, ty) = unsafe { (&(&*store).0, &*ty) };
    let CExternType::Table { ty, .. } = ty else { return ptr::null_mut() };
    // SAFETY: C1.
    let Ok(init) = (unsafe { ref_from_c(init, ty.element().into(), store) }) else { return ptr::null_mut() };
    // SAFETY: C3, C4: nothing else uses the context meanwhile.
    let context = unsafe { store.context() };
    let make =
        || Table::new(context, *ty, init).map_or(ptr::null_mut(), |table| into_raw(Object::in_store(store, table)));
    guarded(make, ptr::null_mut)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_table_type(reference: *const Object) -> *mut CExternType {
    // SAFETY: C1, C3, C4: nothing else uses the context meanwhile.
    unsafe {
        let (store, table) = table(reference);
        into_raw(CExternType::table(table.ty(store.context())))
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_table_get(reference: *const Object, index: u32) -> *mut Object {
    // SAFETY: C1, C3, C4: nothing else uses the context meanwhile.
    unsafe {
        let (store, table) = table(reference);
        let element = table.get(store.context(), index.into());
        element.map_or(ptr::null_mut(), |element| ref_to_c(&element, store))
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_table_set(reference: *const Object, index: u32, value: *const Object) -> bool {
    // SAFETY: C1, C3, C4: nothing else uses the context meanwhile.
    unsafe {
        let (store, table) = table(reference);
        let ty = table.ty(store.context()).element();
        match ref_from_c(value, ty.into(), store) {
            Ok(value) => table.set(store.context(), index.into(), value).is_ok(),
            Err(_) => false,
        }
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_table_size(reference: *const Object) -> u32 {
    // SAFETY: C1, C3, C4: nothing else uses the context meanwhile.
    unsafe {
        let (store, table) = table(reference);
        u32::try_from(table.size(store.context())).unwrap_or(u32::MAX)
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_table_grow(reference: *const Object, delta: u32, init: *const Object) -> bool {
    // SAFETY: C1, C3, C4: nothing else uses the context meanwhile.
    unsafe {
        let (store, table) = table(reference);
        let ty = table.ty(store.context()).element();
        match ref_from_c(init, ty.into(), store) {
            Ok(init) => table.grow(store.context(), delta.into(), init).is_ok(),
            Err(_) => false,
        }
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_memory_new(store: *const CStore, ty: *const CExternType) -> *mut Object {
    // SAFETY: C1.
    let (store, ty) = unsafe { (&(&*store).0, &*ty) };
    let CExternType::Memory { ty, .. } = ty else { return ptr::null_mut() };
    // SAFETY: C3, C4: nothing else uses the context meanwhile.
    let context = unsafe { store.context() };
    let make = || Memory::new(context, *ty).map_or(ptr::null_mut(), |memory| into_raw(Object::in_store(store, memory)));
    guarded(make, ptr::null_mut)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_memory_type(reference: *const Object) -> *mut CExternType {
    // SAFETY: C1, C3, C4: nothing else uses the context meanwhile.
    unsafe {
        let (store, memory) = memory(reference);
        into_raw(CExternType::memory(memory.ty(store.context())))
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_memory_data(reference: *const Object) -> *mut u8 {
    // SAFETY: C1, C3, C4: nothing else uses the context meanwhile.
    unsafe {
        let (store, memory) = memory(reference);
        memory.data_ptr(store.context())
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_memory_data_size(reference: *const Object) -> usize {
    // SAFETY: C1, C3, C4: nothing else uses the context meanwhile.
    unsafe {
        let (store, memory) = memory(reference);
        memory.data_size(store.context())
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_memory_size(reference: *const Object) -> u32 {
    // SAFETY: C1, C3, C4: nothing else uses the context meanwhile.
    unsafe {
        let (store, memory) = memory(reference);
        u32::try_from(memory.size(store.context())).unwrap_or(u32::MAX)
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_memory_grow(reference: *const Object, delta: u32) -> bool {
    // SAFETY: C1, C3, C4: nothing else uses the context meanwhile.
    unsafe {
        let (store, memory) = memory(reference);
        memory.grow(store.context(), delta.into()).is_ok()
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_extern_kind(reference: *const Object) -> u8 {
    // SAFETY: C1.
    match unsafe { object(reference) }.item {
        Item::Func(_) => externkind::FUNC,
        Item::Global(_) => externkind::GLOBAL,
        Item::Table(_) => externkind::TABLE,
        Item::Memory(_) => externkind::MEMORY,
        _ => externkind::TAG,
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_extern_type(reference: *const Object) -> *mut CExternType {
    // SAFETY: C1.
    let object = unsafe { object(reference) };
    let Some(item) = object.item.to_extern() else { return ptr::null_mut() };
    // SAFETY: C3, C4: nothing else uses the context meanwhile.
    into_raw(item.ty(unsafe { object.store().context() }).into())
}

/// Defines the conversions from and to `wasm_extern_t`.
macro_rules! extern_functions {
    ($name:ident, $variant:ident) => {
        pastey::paste! {
            #[unsafe(no_mangle)]
            extern "C" fn [<wasm_ $name _as_extern>](object: *mut Object) -> *mut Object {
                object
            }

            #[unsafe(no_mangle)]
            extern "C" fn [<wasm_ $name _as_extern_const>](object: *const Object) -> *const Object {
                object
            }

            #[unsafe(no_mangle)]
            unsafe extern "C" fn [<wasm_extern_as_ $name>](object: *mut Object) -> *mut Object {
                // SAFETY: C1.
                unsafe { [<wasm_extern_as_ $name _const>](object) }.cast_mut()
            }

            #[unsafe(no_mangle)]
            unsafe extern "C" fn [<wasm_extern_as_ $name _const>](reference: *const Object) -> *const Object {
                // SAFETY: C1.
                if matches!(unsafe { object(reference) }.item, Item::$variant(_)) { reference } else { ptr::null() }
            }
        }
    };
}

extern_functions! { func, Func }
extern_functions! { global, Global }
extern_functions! { table, Table }
extern_functions! { memory, Memory }

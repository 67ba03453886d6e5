//! Values as C sees them, and their ways in and out.

use std::{fmt, ptr, rc::Rc};

use smallvec::SmallVec;
use wasmote::{ExternRef, F32, F64, Nullable, Ref, Val, ValType};

use crate::{
    confined::Confined,
    object::{Item, Object, object},
    store::Shared,
    types::{is_extern, is_func, kind},
    vec::{Element, delete, into_raw},
};

/// The value itself; which field counts is said beside it.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) union Payload {
    pub(crate) i32: i32,
    pub(crate) i64: i64,
    pub(crate) f32: u32,
    pub(crate) f64: u64,
    pub(crate) reference: *mut Object,
}

/// `wasm_val_t`
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct CVal {
    pub(crate) kind: u8,
    pub(crate) of: Payload,
}

/// Whether values of a kind are references.
fn is_reference(kind: u8) -> bool {
    kind >= kind::EXTERNREF
}

impl CVal {
    /// Returns zero or null of a kind.
    pub(crate) fn default_of(kind: u8) -> Self {
        let of = if is_reference(kind) { Payload { reference: ptr::null_mut() } } else { Payload { i64: 0 } };
        Self { kind, of }
    }
}

impl Element for CVal {
    unsafe fn copy(&self) -> Self {
        if !is_reference(self.kind) {
            return *self;
        }
        // SAFETY: C1: a value of this kind is a reference or null.
        Self { kind: self.kind, of: Payload { reference: unsafe { self.of.reference.copy() } } }
    }

    unsafe fn free(&mut self) {
        if is_reference(self.kind) {
            // SAFETY: C1, C2: a value of this kind is a reference or null.
            unsafe { delete(self.of.reference) };
            self.of.reference = ptr::null_mut();
        }
    }
}

vec_functions! { val, CVal }

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_val_copy(out: *mut CVal, value: *const CVal) {
    // SAFETY: C1.
    unsafe { out.write((*value).copy()) };
}

#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_val_delete(value: *mut CVal) {
    // SAFETY: C1, C2.
    if let Some(value) = unsafe { value.as_mut() } {
        // SAFETY: C1, C2.
        unsafe { value.free() };
    }
}

/// Values of a call: few are on the native stack.
pub(crate) type Values<T> = SmallVec<[T; 6]>;

/// Why a value of C is not one of the type that is asked for.
#[derive(Debug)]
pub(crate) enum Mismatch {
    /// It is of another type.
    Type { expected: ValType, kind: u8 },
    /// There are more or fewer than parameters.
    Count { expected: usize, given: usize },
    /// The item that it refers to belongs to another store.
    Store,
    /// `wasm_val_t` has no room for it.
    TooWide,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type { expected, kind } => {
                write!(f, "a value of type {expected} was expected, not one of kind {kind}")
            }
            Self::Count { expected, given } => write!(f, "the function has {expected} parameters, not {given}"),
            Self::Store => f.write_str("a reference to an item of another store"),
            Self::TooWide => f.write_str("values of type v128 do not fit in a `wasm_val_t`"),
        }
    }
}

/// Returns the value of type `ty` that C gives.
///
/// # Safety
///
/// C1.
#[inline]
pub(crate) unsafe fn from_c(value: &CVal, ty: ValType, store: &Rc<Shared>) -> Result<Val, Mismatch> {
    // SAFETY: C1: the kind says which field counts.
    unsafe {
        Ok(match (value.kind, ty) {
            (kind::I32, ValType::I32) => Val::I32(value.of.i32),
            (kind::I64, ValType::I64) => Val::I64(value.of.i64),
            (kind::F32, ValType::F32) => Val::F32(F32::from_bits(value.of.f32)),
            (kind::F64, ValType::F64) => Val::F64(F64::from_bits(value.of.f64)),
            (kind, ty) if is_reference(kind) && ty.is_ref() => ref_from_c(value.of.reference, ty, store)?.into(),
            (_, ValType::V128) => return Err(Mismatch::TooWide),
            (kind, expected) => return Err(Mismatch::Type { expected, kind }),
        })
    }
}

/// Returns the reference of type `ty` that C gives.
///
/// # Safety
///
/// C1.
pub(crate) unsafe fn ref_from_c(reference: *const Object, ty: ValType, store: &Rc<Shared>) -> Result<Ref, Mismatch> {
    let mismatch = Mismatch::Type { expected: ty, kind: kind::EXTERNREF };
    let Some(ty) = ty.as_ref() else { return Err(mismatch) };
    if reference.is_null() {
        return if is_func(ty) || is_extern(ty) { Ok(Ref::null(ty)) } else { Err(mismatch) };
    }
    // SAFETY: C1.
    let object = unsafe { object(reference) };
    if !object.fits(store) {
        return Err(Mismatch::Store);
    }
    match object.item {
        Item::Func(func) if is_func(ty) => Ok(func.into()),
        _ if is_extern(ty) => Ok(extern_ref(&object.item, store).into()),
        _ => Err(mismatch),
    }
}

/// Returns the reference of Wasm code to something of C: the same one as before, if there was one.
fn extern_ref(item: &Item, store: &Rc<Shared>) -> ExternRef {
    // SAFETY: C3, C4: nothing else uses the context meanwhile.
    let make = || ExternRef::new(unsafe { store.context() }, Confined(item.clone()));
    match item {
        Item::Converted(reference) => *reference,
        Item::Foreign(foreign) => *foreign.value.reference.borrow_mut().get_or_insert_with(make),
        _ => {
            let Some(key) = item.key() else { return make() };
            // SAFETY: C3, C4: nothing else uses the data meanwhile.
            if let Some(&known) = unsafe { store.data() }.externs.get(&key) {
                return known;
            }
            let new = make();
            // SAFETY: C3, C4: nothing else uses the data meanwhile.
            unsafe { store.data() }.externs.insert(key, new);
            new
        }
    }
}

/// Returns the value that C gets, which owns its reference.
#[inline]
pub(crate) fn to_c(value: &Val, store: &Rc<Shared>) -> Result<CVal, Mismatch> {
    Ok(match value {
        Val::I32(value) => CVal { kind: kind::I32, of: Payload { i32: *value } },
        Val::I64(value) => CVal { kind: kind::I64, of: Payload { i64: *value } },
        Val::F32(value) => CVal { kind: kind::F32, of: Payload { f32: value.to_bits() } },
        Val::F64(value) => CVal { kind: kind::F64, of: Payload { f64: value.to_bits() } },
        Val::FuncRef(func) => {
            CVal { kind: kind::FUNCREF, of: Payload { reference: ref_to_c(&Ref::Func(*func), store) } }
        }
        Val::ExternRef(object) => {
            CVal { kind: kind::EXTERNREF, of: Payload { reference: ref_to_c(&Ref::Extern(*object), store) } }
        }
        _ => return Err(Mismatch::TooWide),
    })
}

/// Returns the reference that C gets and owns, or null.
pub(crate) fn ref_to_c(reference: &Ref, store: &Rc<Shared>) -> *mut Object {
    let item = match reference {
        Ref::Func(Nullable::Val(func)) => Item::Func(*func),
        Ref::Extern(Nullable::Val(reference)) => {
            // SAFETY: C3, C4: nothing else uses the context meanwhile.
            let context = unsafe { store.context() };
            match reference.data(&context).downcast_ref::<Confined<Item>>() {
                Some(Confined(item)) => item.clone(),
                None => Item::Converted(*reference),
            }
        }
        _ => return ptr::null_mut(),
    };
    into_raw(Object::in_store(store, item))
}

/// Frees values that C owned.
///
/// # Safety
///
/// C1, C2.
#[inline]
pub(crate) unsafe fn free_all(values: &mut [CVal]) {
    for value in values {
        // SAFETY: C1, C2.
        unsafe { value.free() };
    }
}

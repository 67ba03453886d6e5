//! Objects: a header, then fields or elements.

#![allow(dead_code, reason = "the operators that make objects come next")]

use core::ptr::NonNull;

#[cfg(any(feature = "gc", host_refs))]
use crate::{module::rtt::Field, types::object::bytes_log2};
use crate::{
    module::rtt::{ObjectKind, Rtt},
    types::object::ARRAY_LEN,
};

/// An object of a store's heap, known by its address. `types/object.rs` says how objects are laid out.
#[derive(Debug)]
#[repr(C, align(8))]
pub(crate) struct Object {
    rtt: NonNull<Rtt>,
}

impl Object {
    /// Writes the header of a new object; `len` is the length of an array.
    ///
    /// # Safety
    ///
    /// I14: `this` has the size of such an object.
    #[inline(always)]
    pub(crate) unsafe fn write_header(this: NonNull<Self>, rtt: NonNull<Rtt>, len: u32) {
        // SAFETY: I14, promised by the caller.
        unsafe {
            this.write(Self { rtt });
            if rtt.as_ref().kind == ObjectKind::Array {
                Self::field::<u32>(this, ARRAY_LEN).write(len);
            }
        }
    }

    /// The runtime type.
    ///
    /// # Safety
    ///
    /// I14: `this` is an object.
    #[inline(always)]
    pub(crate) unsafe fn rtt<'a>(this: NonNull<Self>) -> &'a Rtt {
        // SAFETY: I14, promised by the caller.
        unsafe { this.as_ref().rtt.as_ref() }
    }

    /// The number of elements.
    ///
    /// # Safety
    ///
    /// I14: `this` is an array.
    #[inline(always)]
    pub(crate) unsafe fn len(this: NonNull<Self>) -> u32 {
        // SAFETY: I14, promised by the caller.
        unsafe { Self::field::<u32>(this, ARRAY_LEN).read() }
    }

    /// The address of what is `offset` bytes from the start of the object.
    #[inline(always)]
    pub(crate) fn field<T>(this: NonNull<Self>, offset: u32) -> *mut T {
        this.as_ptr().cast::<u8>().wrapping_add(offset as usize).cast()
    }

    /// The cell of a reference to the object.
    #[inline(always)]
    pub(crate) fn cell(this: NonNull<Self>) -> u64 {
        this.as_ptr() as usize as u64
    }

    /// The object that a cell refers to; nothing if it is null, an i31, or a value of the host.
    #[inline(always)]
    pub(crate) fn of_cell(cell: u64) -> Option<NonNull<Self>> {
        if cell & 3 != 0 {
            return None;
        }
        NonNull::new(cell as usize as *mut Self)
    }
}

/// Writes a field of an object, whose value begins at the cell `value`. Returns the cell after the value.
///
/// # Safety
///
/// I14: the object has the field. I5: the cells are such a value.
#[cfg(any(feature = "gc", host_refs))]
#[inline]
pub(crate) unsafe fn put_field(object: NonNull<Object>, field: &Field, value: *const u64) -> *const u64 {
    // SAFETY: I5, I14, promised by the caller.
    unsafe {
        match bytes_log2(field.ty) {
            0 => Object::field::<u8>(object, field.offset).write(*value as u8),
            1 => Object::field::<u16>(object, field.offset).write(*value as u16),
            2 => Object::field::<u32>(object, field.offset).write(*value as u32),
            3 => Object::field::<u64>(object, field.offset).write(*value),
            _ => {
                Object::field::<[u64; 2]>(object, field.offset).write(value.cast::<[u64; 2]>().read());
                return value.add(2);
            }
        }
        value.add(1)
    }
}

/// Writes `len` elements from `at` on: the value that begins at the cell `values` to all, or, if `each`, the values from there
/// on.
///
/// # Safety
///
/// I14: the array, which has this runtime type, has these elements. I5: the cells are such values.
#[cfg(any(feature = "gc", host_refs))]
pub(crate) unsafe fn put_elements(at: *mut u8, rtt: &Rtt, len: u32, values: *const u64, each: bool) {
    // SAFETY: I5, I14, promised by the caller.
    unsafe {
        match rtt.element_log2 {
            0 => put_each(at, len, values, each, |cell| cell as u8),
            1 => put_each(at.cast(), len, values, each, |cell| cell as u16),
            2 => put_each(at.cast(), len, values, each, |cell| cell as u32),
            3 => put_each(at.cast(), len, values, each, |cell: u64| cell),
            _ => put_each(at.cast(), len, values.cast::<[u64; 2]>(), each, |cells| cells),
        }
    }
}

/// Does what `put_elements` does, for elements and values of one type.
#[cfg(any(feature = "gc", host_refs))]
#[inline(always)]
unsafe fn put_each<E, V: Copy>(at: *mut E, len: u32, values: *const V, each: bool, of: impl Fn(V) -> E) {
    for i in 0..len as usize {
        // SAFETY: I5, I14, promised by the caller.
        unsafe { at.add(i).write(of(*values.add(if each { i } else { 0 }))) };
    }
}

//! Vectors as C sees them: a length and an address. Whoever owns one owns its elements.

use std::{
    alloc::{Layout, alloc_zeroed, handle_alloc_error},
    ptr, slice,
};

/// A vector of the interface: the C type `wasm_…_vec_t`.
///
/// The address comes from the global allocator, with the layout of an array of `size` elements. It is null if there are
/// none.
#[repr(C)]
pub(crate) struct CVec<T> {
    pub(crate) size: usize,
    pub(crate) data: *mut T,
}

/// Elements of vectors.
pub(crate) trait Element: Sized {
    /// Copies an element that the vector owns.
    ///
    /// # Safety
    ///
    /// C1.
    unsafe fn copy(&self) -> Self;

    /// Frees what the element owns.
    ///
    /// # Safety
    ///
    /// C1; nobody uses the element afterwards.
    unsafe fn free(&mut self);
}

impl Element for u8 {
    unsafe fn copy(&self) -> Self {
        *self
    }

    unsafe fn free(&mut self) {}
}

impl<T: Clone> Element for *mut T {
    unsafe fn copy(&self) -> Self {
        // SAFETY: C1: elements are null or own a value.
        unsafe { self.as_ref() }.map_or(ptr::null_mut(), |value| into_raw(value.clone()))
    }

    unsafe fn free(&mut self) {
        // SAFETY: C1, C2: elements are null or own a value.
        unsafe { delete(*self) };
    }
}

/// Gives a value to C.
pub(crate) fn into_raw<T>(value: T) -> *mut T {
    Box::into_raw(Box::new(value))
}

/// Gives a value to C, or null.
pub(crate) fn into_raw_option<T>(value: Option<T>) -> *mut T {
    value.map_or(ptr::null_mut(), into_raw)
}

/// Takes a value back that C owns. `None` for null.
///
/// # Safety
///
/// C2.
pub(crate) unsafe fn take<T>(value: *mut T) -> Option<Box<T>> {
    // SAFETY: C2: what C owns was made by `into_raw`.
    (!value.is_null()).then(|| unsafe { Box::from_raw(value) })
}

/// Drops a value that C owns. Null is nothing.
///
/// # Safety
///
/// C2.
pub(crate) unsafe fn delete<T>(value: *mut T) {
    // SAFETY: C2.
    drop(unsafe { take(value) });
}

impl<T> CVec<T> {
    /// The vector without elements.
    pub(crate) const EMPTY: Self = Self { size: 0, data: ptr::null_mut() };

    /// Makes a vector whose bytes are all zero: pointers are null, and values the integer 0.
    pub(crate) fn zeroed(size: usize) -> Self {
        let layout = Layout::array::<T>(size).expect("fewer bytes than there are addresses");
        if layout.size() == 0 {
            return Self::EMPTY;
        }
        // SAFETY: C2: the layout has bytes, and whoever frees them uses the same one.
        let data = unsafe { alloc_zeroed(layout) };
        if data.is_null() {
            handle_alloc_error(layout);
        }
        Self { size, data: data.cast() }
    }

    /// Makes a vector of these elements.
    pub(crate) fn new(elements: Vec<T>) -> Self {
        if elements.is_empty() {
            return Self::EMPTY;
        }
        let elements = elements.into_boxed_slice();
        let size = elements.len();
        Self { size, data: Box::into_raw(elements).cast() }
    }

    /// Returns the elements.
    ///
    /// # Safety
    ///
    /// C1.
    pub(crate) unsafe fn as_slice<'a>(&self) -> &'a [T] {
        if self.data.is_null() {
            return &[];
        }
        // SAFETY: C1: the vector has as many elements as it says.
        unsafe { slice::from_raw_parts(self.data, self.size) }
    }

    /// Takes the elements out. The vector is empty afterwards.
    ///
    /// # Safety
    ///
    /// C1, C2.
    pub(crate) unsafe fn take(&mut self) -> Box<[T]> {
        let Self { size, data } = std::mem::replace(self, Self::EMPTY);
        if data.is_null() {
            return Box::default();
        }
        // SAFETY: C2: the elements are owned, and allocated as a boxed slice would be.
        unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(data, size)) }
    }
}

impl<T: Element> CVec<T> {
    /// Copies the vector with its elements.
    ///
    /// # Safety
    ///
    /// C1.
    pub(crate) unsafe fn copy(&self) -> Self {
        // SAFETY: C1.
        Self::new(unsafe { self.as_slice() }.iter().map(|element| unsafe { element.copy() }).collect())
    }

    /// Frees the vector with its elements.
    ///
    /// # Safety
    ///
    /// C1, C2.
    pub(crate) unsafe fn delete(&mut self) {
        // SAFETY: C1, C2.
        unsafe { self.take() }.iter_mut().for_each(|element| unsafe { element.free() });
    }
}

/// Defines the functions of a kind of vectors.
macro_rules! vec_functions {
    ($name:ident, $element:ty) => {
        pastey::paste! {
            #[unsafe(no_mangle)]
            unsafe extern "C" fn [<wasm_ $name _vec_new_empty>](out: *mut $crate::vec::CVec<$element>) {
                // SAFETY: C1.
                unsafe { out.write($crate::vec::CVec::EMPTY) };
            }

            #[unsafe(no_mangle)]
            unsafe extern "C" fn [<wasm_ $name _vec_new_uninitialized>](
                out: *mut $crate::vec::CVec<$element>,
                size: usize,
            ) {
                // SAFETY: C1.
                unsafe { out.write($crate::vec::CVec::zeroed(size)) };
            }

            #[unsafe(no_mangle)]
            unsafe extern "C" fn [<wasm_ $name _vec_new>](
                out: *mut $crate::vec::CVec<$element>,
                size: usize,
                data: *const $element,
            ) {
                let new = $crate::vec::CVec::<$element>::zeroed(size);
                if new.size > 0 {
                    // SAFETY: C1: `data` has `size` elements, which become those of the vector.
                    unsafe { std::ptr::copy_nonoverlapping(data, new.data, size) };
                }
                // SAFETY: C1.
                unsafe { out.write(new) };
            }

            #[unsafe(no_mangle)]
            unsafe extern "C" fn [<wasm_ $name _vec_copy>](
                out: *mut $crate::vec::CVec<$element>,
                from: *const $crate::vec::CVec<$element>,
            ) {
                // SAFETY: C1.
                unsafe { out.write((*from).copy()) };
            }

            #[unsafe(no_mangle)]
            unsafe extern "C" fn [<wasm_ $name _vec_delete>](vec: *mut $crate::vec::CVec<$element>) {
                // SAFETY: C1, C2.
                if let Some(vec) = unsafe { vec.as_mut() } {
                    // SAFETY: C1, C2.
                    unsafe { vec.delete() };
                }
            }
        }
    };
}

vec_functions! { byte, u8 }

//! Objects: a header, then fields or elements.

use core::ptr::NonNull;

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

//! The heap of a store: structs, arrays and exceptions.
//!
//! ```text
//!   mod.rs      Heap: allocates objects
//!   object.rs   Object: the header of an object, its fields and elements
//!   rtts.rs     the runtime types of a module, by type index
//! ```

#![allow(dead_code, reason = "the operators that make objects come next")]

pub(crate) mod object;
pub(crate) mod rtts;

use alloc::{alloc::alloc_zeroed, vec::Vec};
use core::{alloc::Layout, ptr::NonNull};

use crate::{module::rtt::Rtt, runtime::heap::object::Object, types::object::OBJECT_ALIGN};

/// The objects of a store.
#[derive(Debug)]
pub(crate) struct Heap {
    objects: Vec<(NonNull<Object>, Layout)>,
}

impl Heap {
    /// A heap without objects. Allocates nothing.
    pub(crate) const fn new() -> Self {
        Self { objects: Vec::new() }
    }

    /// Allocates an object with this runtime type, and `len` elements if it is an array. Its fields or elements are
    /// zero. Returns nothing if there is no room.
    ///
    /// # Safety
    ///
    /// I14: `rtt` is the runtime type of a type that something holds as long as the store lives.
    pub(crate) unsafe fn allocate(&mut self, rtt: NonNull<Rtt>, len: u32) -> Option<NonNull<Object>> {
        // SAFETY: I14, promised by the caller.
        let size = unsafe { rtt.as_ref() }.object_size(len)?;
        let layout = Layout::from_size_align(size as usize, OBJECT_ALIGN as usize).ok()?;
        self.objects.try_reserve(1).ok()?;
        // SAFETY: I10: the size is not 0, since each object has a header; the address is freed by `clear`.
        let object = NonNull::new(unsafe { alloc_zeroed(layout) })?.cast::<Object>();
        // SAFETY: I14: the object was just allocated, with room for its header and its elements.
        unsafe { Object::write_header(object, rtt, len) };
        self.objects.push((object, layout));
        Some(object)
    }

    /// Frees all objects.
    pub(crate) fn clear(&mut self) {
        for (object, layout) in self.objects.drain(..) {
            // SAFETY: I10: `allocate` got the address from the allocator, with this layout.
            unsafe { alloc::alloc::dealloc(object.as_ptr().cast(), layout) };
        }
    }
}

impl Drop for Heap {
    fn drop(&mut self) {
        self.clear();
    }
}

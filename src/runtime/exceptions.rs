//! Exceptions of the host: made and taken by the embedder.

use alloc::vec::Vec;
use core::ptr::NonNull;

use crate::{
    error::exception::ThrownException,
    runtime::{
        heap::object::Object,
        instances::{Handle, Instances},
        tag::TagInst,
    },
    trap::TrapCode,
};

impl Instances {
    /// The number of bytes of an exception with a tag.
    ///
    /// # Panics
    ///
    /// If the tag belongs to another store.
    pub(crate) fn exception_size(&self, tag: Handle) -> u32 {
        // SAFETY: I14: the tag keeps the runtime type.
        unsafe { self.tag(tag).rtt().as_ref() }.size
    }

    /// Makes an exception with a tag, for which there is room, and whose values have these cells. Keeps it as the pending one.
    ///
    /// # Errors
    ///
    /// If there is no room for it.
    ///
    /// # Panics
    ///
    /// If the tag belongs to another store, or there are not as many cells as its values have.
    pub(crate) fn throw(&mut self, tag: Handle, values: &[u64]) -> Result<ThrownException, TrapCode> {
        let tag = NonNull::from(self.tag(tag));
        // SAFETY: I6: tags live as long as the store.
        let tag = unsafe { tag.as_ref() };
        assert_eq!(values.len(), tag.ty.signature().param_cells());
        // SAFETY: I14: the tag keeps the runtime type. I5: the caller has checked the types of the values.
        unsafe {
            let exception = self.heap.allocate(tag.rtt(), 0).ok_or(TrapCode::OutOfSystemMemory)?;
            tag.fill(exception, values.as_ptr());
            self.pending_exception = Object::cell(exception);
            Ok(TagInst::describe(exception))
        }
    }

    /// Takes the pending exception, if there is one: its tag, and the cells of its values.
    pub(crate) fn take_exception(&mut self) -> Option<(Handle, Vec<u64>)> {
        let exception = Object::of_cell(core::mem::take(&mut self.pending_exception))?;
        // SAFETY: I14: what is pending is an exception.
        unsafe { Some((self.tag_handle(TagInst::of(exception)), TagInst::values(exception))) }
    }
}

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
#[cfg(host_refs)]
use crate::{
    error::{Error, kinds::RefError},
    module::rtt::ObjectKind,
    runtime::heap::roots::Root,
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

#[cfg(host_refs)]
impl Instances {
    /// The exception that a handle refers to.
    fn exception(&self, root: Root) -> Result<NonNull<Object>, RefError> {
        let exception = self.object(root)?.filter(|object| object.kind() == ObjectKind::Exception);
        Ok(exception.expect("a reference to an exception").object)
    }

    /// The tag of the exception that a handle refers to.
    ///
    /// # Errors
    ///
    /// Those of `root_cell`.
    ///
    /// # Panics
    ///
    /// If the handle refers to something else.
    pub(crate) fn tag_of(&self, root: Root) -> Result<Handle, RefError> {
        let exception = self.exception(root)?;
        // SAFETY: I14: it is an exception.
        Ok(self.tag_handle(unsafe { TagInst::of(exception) }))
    }

    /// Keeps the exception that a handle refers to as the pending one. Returns its error.
    ///
    /// # Errors
    ///
    /// Those of `root_cell`.
    ///
    /// # Panics
    ///
    /// If the handle refers to something else.
    pub(crate) fn throw_again(&mut self, root: Root) -> Result<Error, RefError> {
        let exception = self.exception(root)?;
        self.pending_exception = Object::cell(exception);
        // SAFETY: I14: it is an exception.
        Ok(unsafe { TagInst::describe(exception) }.into())
    }

    /// Takes the pending exception, if there is one. Returns its handle.
    pub(crate) fn take_exception_root(&mut self) -> Option<Root> {
        let exception = core::mem::take(&mut self.pending_exception);
        (exception != 0).then(|| self.root(exception))
    }

    /// Makes an exception as `throw` does, but a handle of it.
    ///
    /// # Errors
    ///
    /// If there is no room for it.
    ///
    /// # Panics
    ///
    /// If the tag belongs to another store, or there are not as many cells as its values have.
    pub(crate) fn make_exception(&mut self, tag: Handle, values: &[u64]) -> Result<Root, TrapCode> {
        let pending = self.pending_exception;
        self.throw(tag, values)?;
        let made = core::mem::replace(&mut self.pending_exception, pending);
        Ok(self.root(made))
    }
}

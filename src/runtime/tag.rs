//! Tag instances.

use alloc::{boxed::Box, sync::Arc, vec::Vec};
use core::ptr::NonNull;

use crate::{
    error::exception::ThrownException,
    module::rtt::{Field, Rtt},
    runtime::heap::object::Object,
    types::{FuncType, TagType, object::EXCEPTION_TAG, repr::Ty},
};

/// A tag in a store, which is known by its address.
#[derive(Debug)]
pub(crate) struct TagInst {
    /// Number of its type in the engine.
    pub(crate) type_id: u32,
    /// Its own number in the store.
    pub(crate) index: u32,
    /// Its type.
    pub(crate) ty: FuncType,
    /// The runtime type of exceptions with this tag.
    pub(crate) rtt: Arc<Rtt>,
}

impl TagInst {
    /// The type, for embedders.
    pub(crate) fn ty(&self) -> TagType {
        TagType::new(self.ty.clone())
    }

    /// The address of the runtime type.
    pub(crate) fn rtt(&self) -> NonNull<Rtt> {
        NonNull::from(&*self.rtt)
    }

    /// The address of the tag of an exception.
    ///
    /// # Safety
    ///
    /// I14: `exception` is one.
    pub(crate) unsafe fn of(exception: NonNull<Object>) -> *const Self {
        // SAFETY: I14, promised by the caller: the field holds the address of the tag.
        unsafe { Object::field::<u64>(exception, EXCEPTION_TAG).read() as usize as *const Self }
    }

    /// Fills in a new exception with this tag. Its values are in the cells from `values` on.
    ///
    /// # Safety
    ///
    /// I14: `exception` has the runtime type of exceptions with this tag. I3, I5: the cells hold such values.
    pub(crate) unsafe fn fill(&self, exception: NonNull<Object>, mut values: *const u64) {
        // SAFETY: I14, I3, I5, promised by the caller: each field has room for its value.
        unsafe {
            Object::field::<u64>(exception, EXCEPTION_TAG).write(&raw const *self as usize as u64);
            for &Field { offset, ty, .. } in &self.rtt.fields {
                let low = values.read();
                match ty {
                    Ty::I32 | Ty::F32 => Object::field::<u32>(exception, offset).write(low as u32),
                    Ty::V128 => {
                        values = values.add(1);
                        Object::field::<[u64; 2]>(exception, offset).write([low, values.read()]);
                    }
                    _ => Object::field::<u64>(exception, offset).write(low),
                }
                values = values.add(1);
            }
        }
    }

    /// The cells of the values of an exception.
    ///
    /// # Safety
    ///
    /// I14: `exception` is one.
    pub(crate) unsafe fn values(exception: NonNull<Object>) -> Vec<u64> {
        // SAFETY: I14, promised by the caller; I6: its tag lives as long as the store. I3: there is room for all cells.
        unsafe {
            let mut values = alloc::vec![0; (*Self::of(exception)).ty.signature().param_cells()];
            Self::unpack(exception, values.as_mut_ptr());
            values
        }
    }

    /// The error of an exception that nobody has caught.
    ///
    /// # Safety
    ///
    /// I14: `exception` is one.
    pub(crate) unsafe fn describe(exception: NonNull<Object>) -> ThrownException {
        // SAFETY: I14, promised by the caller; I6: its tag lives as long as the store.
        unsafe { ThrownException::new((*Self::of(exception)).ty(), Box::from(Self::values(exception))) }
    }

    /// Writes the values of an exception to the cells from `values` on.
    ///
    /// # Safety
    ///
    /// I14: `exception` is one. I3: there is room for its values.
    pub(crate) unsafe fn unpack(exception: NonNull<Object>, mut values: *mut u64) {
        // SAFETY: I14, I3, promised by the caller.
        unsafe {
            for &Field { offset, ty, .. } in &Object::rtt(exception).fields {
                match ty {
                    Ty::I32 | Ty::F32 => values.write(Object::field::<u32>(exception, offset).read().into()),
                    Ty::V128 => {
                        let [low, high] = Object::field::<[u64; 2]>(exception, offset).read();
                        values.write(low);
                        values = values.add(1);
                        values.write(high);
                    }
                    _ => values.write(Object::field::<u64>(exception, offset).read()),
                }
                values = values.add(1);
            }
        }
    }
}

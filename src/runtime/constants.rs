//! Evaluates constant expressions for an instance.

#[cfg(feature = "gc")]
use core::ptr::NonNull;

use crate::{
    limits::StoreLimiter,
    module::{const_expr::ConstContext, segment::Elements},
    runtime::instance::InstanceInst,
    trap::TrapCode,
};
#[cfg(feature = "gc")]
use crate::{
    module::{const_expr::NewObject, rtt::Rtt},
    runtime::heap::object::{Object, put_elements, put_field},
    runtime::instances::Instances,
    types::object::ARRAY_HEADER,
};

/// The instance that constant expressions refer to.
pub(super) struct Constants<'a, 'l> {
    pub(super) instance: &'a InstanceInst,
    /// The store, in which they make objects.
    #[cfg(feature = "gc")]
    pub(super) instances: &'a mut Instances,
    /// The limiter of the store, if it has one.
    #[cfg(feature = "gc")]
    pub(super) limiter: Option<&'a mut StoreLimiter<'l>>,
    #[cfg(not(feature = "gc"))]
    pub(super) limiter: core::marker::PhantomData<StoreLimiter<'l>>,
}

impl ConstContext for Constants<'_, '_> {
    fn global(&self, index: u32) -> u64 {
        // SAFETY: I4: `global_cell` checks the index. I6: the cell has a stable address.
        unsafe { *self.instance.global_cell(index) }
    }

    fn vector(&self, index: u32) -> [u64; 2] {
        // SAFETY: I4: `global_cell` checks the index. I5: the global holds a vector. I6: the cells have a stable address.
        unsafe { *self.instance.global_cell(index).cast() }
    }

    fn func_ref(&self, index: u32) -> u64 {
        self.instance.func_cell(index)
    }

    #[cfg(feature = "gc")]
    fn make(&mut self, what: NewObject, ty: u32, cells: &[u64]) -> Result<u64, TrapCode> {
        // SAFETY: I4: validation checks the type index. I14: the module has the runtime types of all its structs and arrays.
        let rtt = unsafe { NonNull::new_unchecked((*self.instance.rtts.add(ty as usize)).cast_mut()) };
        // SAFETY: I14: the engine keeps it for the module.
        let of = unsafe { rtt.as_ref() };
        let is_struct = of.kind == crate::module::rtt::ObjectKind::Struct;
        let len = match what {
            _ if is_struct => 0,
            NewObject::Parts => cells.len() >> u8::from(of.element_log2 == 4),
            _ => cells.last().map_or(0, |&len| len as u32 as usize),
        };
        let object = self.allocate(rtt, len as u32)?;
        let elements = Object::field::<u8>(object, ARRAY_HEADER);
        // SAFETY: I5: validation checks the types of the operands. I14: the object has these fields or elements.
        unsafe {
            match what {
                NewObject::Parts if is_struct => {
                    let mut value = cells.as_ptr();
                    for field in &of.fields {
                        value = put_field(object, field, value);
                    }
                }
                NewObject::Parts => put_elements(elements, of, len as u32, cells.as_ptr(), true),
                NewObject::Array => put_elements(elements, of, len as u32, cells.as_ptr(), false),
                NewObject::Default | NewObject::DefaultArray => {}
            }
        }
        Ok(Object::cell(object))
    }
}

impl Constants<'_, '_> {
    /// Writes `elements` to `cells`. Both have the same length.
    ///
    /// # Errors
    ///
    /// If there is no room for an object.
    pub(super) fn write_elements(&mut self, cells: &mut [u64], elements: &Elements) -> Result<(), TrapCode> {
        match elements {
            Elements::Funcs(funcs) => {
                for (cell, &func) in cells.iter_mut().zip(&**funcs) {
                    *cell = self.func_ref(func);
                }
            }
            Elements::Exprs(exprs) => {
                for (cell, expr) in cells.iter_mut().zip(&**exprs) {
                    *cell = expr.eval(self)?;
                }
            }
        }
        Ok(())
    }

    /// Allocates an object. Nothing is collected, so that the values of other expressions need not be found.
    #[cfg(feature = "gc")]
    fn allocate(&mut self, rtt: NonNull<Rtt>, len: u32) -> Result<NonNull<Object>, TrapCode> {
        // SAFETY: I14: the engine keeps the type for the module, and the store keeps the module.
        unsafe {
            let size = rtt.as_ref().object_size(len).ok_or(TrapCode::AllocationTooLarge)?;
            if let Some(metering) = &self.instance.code.data.header.fuel
                && metering.rules.instantiation
                && self.instances.fuel.given
            {
                self.instances.fuel.consume(metering.bytes(size.into())).map_err(|_| TrapCode::OutOfFuel)?;
            }
            let heap = &mut self.instances.heap;
            heap.reserve(size, self.limiter.as_deref_mut())?;
            heap.allocate(rtt, len).ok_or(TrapCode::OutOfSystemMemory)
        }
    }
}

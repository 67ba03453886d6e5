//! References to objects of the host that are collected.

use alloc::boxed::Box;
use core::any::Any;

use crate::{
    api::{
        context::{AsContextMut, StoreContext, StoreContextMut},
        gc::reference::{
            GcRef, Rooted,
            private::{Handle, Sealed},
        },
        host,
        value::ExternRef,
    },
    error::Error,
    runtime::heap::externs::EXTERN_SIZE,
    types::{HeapType, layout::extern_of_cell},
};

impl ExternRef {
    /// Puts `object` into the store, where it is freed when it can no longer be reached.
    ///
    /// # Errors
    ///
    /// If there is no room for it.
    pub fn new_rooted<T>(mut ctx: impl AsContextMut, object: T) -> Result<Rooted<Self>, Error>
    where
        T: 'static + Any + Send + Sync,
    {
        let ctx = ctx.as_context_mut();
        host::make_room(ctx.store, EXTERN_SIZE)?;
        Ok(Rooted::of_root(ctx.store.instances.push_collected(Box::new(object))?))
    }

    /// Returns the object; `None` if the reference is to a value of Wasm code that `extern.convert_any` converted.
    ///
    /// # Errors
    ///
    /// [`RefError`](crate::errors::RefError) if the reference belongs to another store, or its scope has ended.
    pub fn try_data<'a, T: 'a>(&self, ctx: impl Into<StoreContext<'a, T>>) -> Result<Option<&'a dyn Any>, Error> {
        let instances = ctx.into().into_instances();
        let number = extern_of_cell(instances.root_cell(self.root)?);
        Ok(number.and_then(|number| instances.extern_at(number)).map(|object| object as &dyn Any))
    }

    /// Returns the object, mutably; `None` if the reference is to a value of Wasm code that `extern.convert_any` converted.
    ///
    /// # Errors
    ///
    /// [`RefError`](crate::errors::RefError) if the reference belongs to another store, or its scope has ended.
    pub fn try_data_mut<'a, T: 'a>(
        &self,
        ctx: impl Into<StoreContextMut<'a, T>>,
    ) -> Result<Option<&'a mut dyn Any>, Error> {
        let instances = ctx.into().into_parts().0;
        let number = extern_of_cell(instances.root_cell(self.root)?);
        let object = number.and_then(|number| instances.heap.externs.get_mut(number));
        Ok(object.map(|object| object as &mut dyn Any))
    }
}

impl Sealed for ExternRef {
    const HEAP: HeapType = HeapType::Extern;

    fn of_handle(handle: Handle) -> Self {
        Self { root: handle.0 }
    }

    fn handle(&self) -> Handle {
        Handle(self.root)
    }
}

impl GcRef for ExternRef {}

impl From<Rooted<ExternRef>> for ExternRef {
    fn from(reference: Rooted<ExternRef>) -> Self {
        *reference
    }
}

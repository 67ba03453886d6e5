//! References to exceptions.

use alloc::vec;

use crate::{
    api::{
        context::{AsContext, AsContextMut, StoreContext},
        gc::{
            reference::{ExnRef, Rooted},
            structs::{part_at, parts},
        },
        host,
        tag::Tag,
        value::{Val, write_values},
    },
    error::{
        Error,
        kinds::{FuncError, RefError},
    },
};

impl ExnRef {
    /// Makes an exception with a tag and values. It is not thrown.
    ///
    /// # Errors
    ///
    /// If the values do not match the type of the tag, one of them belongs to another store, or there is no room.
    ///
    /// # Panics
    ///
    /// If the tag belongs to another store.
    pub fn new(mut ctx: impl AsContextMut, tag: &Tag, values: &[Val]) -> Result<Rooted<Self>, Error> {
        let mut ctx = ctx.as_context_mut();
        let size = ctx.instances().exception_size(tag.handle());
        let ty = tag.ty(&ctx);
        if values.len() != ty.ty().params().len() {
            return Err(FuncError::MismatchingParameterLen.into());
        }
        // A collection keeps the values, which have handles.
        host::make_room(ctx.store, size)?;
        let instances = ctx.instances_mut();
        let mut cells = vec![0; ty.ty().signature().param_cells()];
        let types = ty.ty().params().iter().copied();
        write_values(values, types, &mut cells, instances, FuncError::MismatchingParameterType)?;
        Ok(Rooted::of_root(instances.make_exception(tag.handle(), &cells)?))
    }

    /// Returns the tag.
    ///
    /// # Errors
    ///
    /// [`RefError`](crate::errors::RefError) if this belongs to another store, or its scope has ended.
    pub fn tag(&self, ctx: impl AsContext) -> Result<Tag, Error> {
        Ok(Tag::from_handle(ctx.as_context().instances().tag_of(self.root)?))
    }

    /// Iterates over the values.
    ///
    /// # Errors
    ///
    /// [`RefError`](crate::errors::RefError) if this belongs to another store, or its scope has ended.
    pub fn fields<'a, T: 'a>(
        &self,
        ctx: impl Into<StoreContext<'a, T>>,
    ) -> Result<impl ExactSizeIterator<Item = Val> + 'a, Error> {
        parts(ctx.into().into_instances(), self.root)
    }

    /// Returns one of the values.
    ///
    /// # Errors
    ///
    /// [`RefError`](crate::errors::RefError) if there is no such value, this belongs to another store, or its scope has ended.
    pub fn field(&self, ctx: impl AsContext, index: usize) -> Result<Val, Error> {
        part_at(ctx.as_context().instances(), self.root, index, RefError::FieldOutOfBounds)
    }

    /// Throws the exception again, as it is: keeps it as the pending one of the store, and returns the error with which a host
    /// function throws it in the Wasm code that has called it (`throw_ref`).
    ///
    /// # Errors
    ///
    /// Always: [`ThrownException`](crate::ThrownException), or [`RefError`](crate::errors::RefError) if this belongs to another store, or
    /// its scope has ended.
    pub fn throw<R>(&self, mut ctx: impl AsContextMut) -> Result<R, Error> {
        let mut ctx = ctx.as_context_mut();
        Err(ctx.instances_mut().throw_again(self.root)?)
    }

    /// Takes the exception that no Wasm code has caught, or that was thrown last, if there is one.
    pub fn take_pending(mut ctx: impl AsContextMut) -> Option<Rooted<Self>> {
        let mut ctx = ctx.as_context_mut();
        Some(Rooted::of_root(ctx.instances_mut().take_exception_root()?))
    }
}

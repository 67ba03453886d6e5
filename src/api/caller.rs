//! What a host function sees of its caller.

use crate::{
    api::{
        context::{AsContext, AsContextMut, StoreContext, StoreContextMut},
        engine::Engine,
        external::Extern,
        instance::Instance,
    },
    error::Error,
};

/// What a host function sees of its caller: the store, and the calling instance's exports.
#[derive(Debug)]
pub struct Caller<'a, T> {
    ctx: StoreContextMut<'a, T>,
    instance: Option<Instance>,
}

impl<'a, T> Caller<'a, T> {
    #[inline]
    pub(crate) fn new(ctx: StoreContextMut<'a, T>, instance: Option<Instance>) -> Self {
        Self { ctx, instance }
    }

    /// The same for a shorter time.
    #[inline]
    pub(crate) fn reborrow(&mut self) -> Caller<'_, T> {
        Caller { ctx: StoreContextMut { store: &mut *self.ctx.store }, instance: self.instance }
    }

    /// An export of the calling instance.
    pub fn get_export(&self, name: &str) -> Option<Extern> {
        self.instance?.get_export(self, name)
    }

    /// The embedder's data.
    pub fn data(&self) -> &T {
        self.ctx.data()
    }

    /// The embedder's data.
    pub fn data_mut(&mut self) -> &mut T {
        self.ctx.data_mut()
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        self.ctx.engine()
    }

    /// The fuel left.
    ///
    /// # Errors
    ///
    /// If the engine does not meter fuel.
    pub fn get_fuel(&self) -> Result<u64, Error> {
        self.ctx.get_fuel()
    }

    /// Sets the fuel left.
    ///
    /// # Errors
    ///
    /// If the engine does not meter fuel.
    pub fn set_fuel(&mut self, fuel: u64) -> Result<(), Error> {
        self.ctx.set_fuel(fuel)
    }
}

impl<T> AsContext for Caller<'_, T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        self.ctx.as_context()
    }
}

impl<T> AsContextMut for Caller<'_, T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        self.ctx.as_context_mut()
    }
}

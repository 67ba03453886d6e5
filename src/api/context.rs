//! Contexts: shared and exclusive access to a store.

use crate::{
    api::{engine::Engine, store::Store},
    error::Error,
    runtime::instances::Instances,
};

/// Shared access to a store.
#[derive(Debug)]
#[repr(transparent)]
pub struct StoreContext<'a, T> {
    store: &'a Store<T>,
}

impl<T> Clone for StoreContext<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for StoreContext<'_, T> {}

/// Exclusive access to a store.
#[derive(Debug)]
#[repr(transparent)]
pub struct StoreContextMut<'a, T> {
    pub(crate) store: &'a mut Store<T>,
}

impl<'a, T> StoreContext<'a, T> {
    /// Returns the engine.
    pub fn engine(&self) -> &Engine {
        self.store.engine()
    }

    /// Returns the embedder's data.
    pub fn data(&self) -> &T {
        self.store.data()
    }

    /// Returns the remaining fuel.
    ///
    /// # Errors
    ///
    /// If the engine does not meter fuel.
    pub fn get_fuel(&self) -> Result<u64, Error> {
        self.store.get_fuel()
    }

    pub(crate) fn instances(&self) -> &Instances {
        &self.store.instances
    }

    pub(crate) fn into_instances(self) -> &'a Instances {
        &self.store.instances
    }

    pub(crate) fn store(&self) -> &'a Store<T> {
        self.store
    }
}

impl<'a, T> StoreContextMut<'a, T> {
    /// Returns the engine.
    pub fn engine(&self) -> &Engine {
        self.store.engine()
    }

    /// Returns the embedder's data.
    pub fn data(&self) -> &T {
        self.store.data()
    }

    /// Returns the embedder's data, mutably.
    pub fn data_mut(&mut self) -> &mut T {
        self.store.data_mut()
    }

    /// Returns the remaining fuel.
    ///
    /// # Errors
    ///
    /// If the engine does not meter fuel.
    pub fn get_fuel(&self) -> Result<u64, Error> {
        self.store.get_fuel()
    }

    /// Sets the remaining fuel.
    ///
    /// # Errors
    ///
    /// If the engine does not meter fuel.
    pub fn set_fuel(&mut self, fuel: u64) -> Result<(), Error> {
        self.store.set_fuel(fuel)
    }

    /// Takes `delta` from the remaining fuel, and returns the rest. So the embedder charges work of its own.
    ///
    /// # Errors
    ///
    /// If the engine does not meter fuel, or less is left; nothing is taken then.
    pub fn consume_fuel(&mut self, delta: u64) -> Result<u64, Error> {
        self.store.consume_fuel(delta)
    }

    pub(crate) fn instances(&self) -> &Instances {
        &self.store.instances
    }

    pub(crate) fn instances_mut(&mut self) -> &mut Instances {
        &mut self.store.instances
    }

    pub(crate) fn into_parts(self) -> (&'a mut Instances, &'a mut T) {
        self.store.instances_and_data()
    }
}

/// Types that provide shared access to a store.
pub trait AsContext {
    /// The type of the embedder's data in the store.
    type Data;

    /// Returns shared access to the store.
    fn as_context(&self) -> StoreContext<'_, Self::Data>;
}

/// Types that provide exclusive access to a store.
pub trait AsContextMut: AsContext {
    /// Returns exclusive access to the store.
    fn as_context_mut(&mut self) -> StoreContextMut<'_, Self::Data>;
}

impl<T> AsContext for StoreContext<'_, T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext { store: self.store }
    }
}

impl<T> AsContext for StoreContextMut<'_, T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext { store: self.store }
    }
}

impl<T> AsContextMut for StoreContextMut<'_, T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut { store: self.store }
    }
}

impl<T> AsContext for Store<T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext { store: self }
    }
}

impl<T> AsContextMut for Store<T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut { store: self }
    }
}

impl<T: AsContext> AsContext for &T {
    type Data = T::Data;

    fn as_context(&self) -> StoreContext<'_, T::Data> {
        T::as_context(self)
    }
}

impl<T: AsContext> AsContext for &mut T {
    type Data = T::Data;

    fn as_context(&self) -> StoreContext<'_, T::Data> {
        T::as_context(self)
    }
}

impl<T: AsContextMut> AsContextMut for &mut T {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T::Data> {
        T::as_context_mut(self)
    }
}

impl<'a, T: AsContext> From<&'a T> for StoreContext<'a, T::Data> {
    fn from(ctx: &'a T) -> Self {
        ctx.as_context()
    }
}

impl<'a, T: AsContext> From<&'a mut T> for StoreContext<'a, T::Data> {
    fn from(ctx: &'a mut T) -> Self {
        T::as_context(ctx)
    }
}

impl<'a, T: AsContextMut> From<&'a mut T> for StoreContextMut<'a, T::Data> {
    fn from(ctx: &'a mut T) -> Self {
        ctx.as_context_mut()
    }
}

//! Stores and the contexts that give access to them.

use alloc::{boxed::Box, sync::Arc, vec::Vec};
use core::fmt;

use crate::{
    api::{engine::Engine, host_func::HostFunc},
    error::Error,
    errors::FuelError,
    exec::stack::Stack,
    limits::ResourceLimiter,
    runtime::store::Instances,
    trap::TrapCode,
};

/// When a call hook is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallHook {
    /// The host is about to call Wasm.
    CallingWasm,
    /// Wasm has returned to the host.
    ReturningFromWasm,
    /// Wasm is about to call the host.
    CallingHost,
    /// The host has returned to Wasm.
    ReturningFromHost,
}

type LimiterFn<T> = Box<dyn (FnMut(&mut T) -> &mut dyn ResourceLimiter) + Send + Sync>;
type HookFn<T> = Box<dyn FnMut(&mut T, CallHook) -> Result<(), Error> + Send + Sync>;

/// Owns instances, functions, memories, tables, globals, and the embedder's data.
pub struct Store<T> {
    pub(crate) instances: Instances,
    pub(crate) stack: Option<Stack>,
    /// Stacks that resumable calls have left.
    pub(crate) spare_stacks: Vec<Stack>,
    pub(crate) host_funcs: Vec<Arc<HostFunc<T>>>,
    limiter: Option<LimiterFn<T>>,
    hook: Option<HookFn<T>>,
    engine: Engine,
    data: T,
}

impl<T: fmt::Debug> fmt::Debug for Store<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("data", &self.data).finish_non_exhaustive()
    }
}

impl<T: Default> Default for Store<T> {
    fn default() -> Self {
        Self::new(&Engine::default(), T::default())
    }
}

impl<T> Store<T> {
    /// An empty store with the embedder's data.
    pub fn new(engine: &Engine, data: T) -> Self {
        Self {
            instances: Instances::new(engine.types().clone(), engine.config().consume_fuel),
            stack: None,
            spare_stacks: Vec::new(),
            host_funcs: Vec::new(),
            limiter: None,
            hook: None,
            engine: engine.clone(),
            data,
        }
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The embedder's data.
    pub fn data(&self) -> &T {
        &self.data
    }

    /// The embedder's data.
    pub fn data_mut(&mut self) -> &mut T {
        &mut self.data
    }

    /// The embedder's data; the store is gone.
    pub fn into_data(self) -> T {
        self.data
    }

    /// Lets a limiter decide about growth; `limiter` finds it in the embedder's data.
    pub fn limiter(&mut self, limiter: impl (FnMut(&mut T) -> &mut dyn ResourceLimiter) + Send + Sync + 'static) {
        self.limiter = Some(Box::new(limiter));
    }

    /// Calls `hook` whenever control passes between host and Wasm.
    pub fn call_hook(&mut self, hook: impl FnMut(&mut T, CallHook) -> Result<(), Error> + Send + Sync + 'static) {
        self.hook = Some(Box::new(hook));
    }

    /// The fuel left.
    ///
    /// # Errors
    ///
    /// If the engine does not meter fuel.
    pub fn get_fuel(&self) -> Result<u64, Error> {
        if !self.instances.fuel_metered {
            return Err(FuelError::FuelMeteringDisabled.into());
        }
        Ok(self.instances.fuel)
    }

    /// Sets the fuel left.
    ///
    /// # Errors
    ///
    /// If the engine does not meter fuel.
    pub fn set_fuel(&mut self, fuel: u64) -> Result<(), Error> {
        if !self.instances.fuel_metered {
            return Err(FuelError::FuelMeteringDisabled.into());
        }
        self.instances.fuel = fuel;
        Ok(())
    }

    /// The instances together with the limiter.
    pub(crate) fn instances_and_limiter(&mut self) -> (&mut Instances, Option<&mut dyn ResourceLimiter>) {
        let limiter = match &mut self.limiter {
            Some(limiter) => Some(limiter(&mut self.data)),
            None => None,
        };
        (&mut self.instances, limiter)
    }

    /// Whether there is a call hook.
    #[inline]
    pub(crate) fn has_hook(&self) -> bool {
        self.hook.is_some()
    }

    /// Calls the hook, if there is one.
    pub(crate) fn hook(&mut self, event: CallHook) -> Result<(), Error> {
        match &mut self.hook {
            Some(hook) => hook(&mut self.data, event),
            None => Ok(()),
        }
    }

    /// A stack that nobody uses.
    pub(crate) fn take_stack(&mut self) -> Result<Stack, TrapCode> {
        match self.spare_stacks.pop() {
            Some(stack) => Ok(stack),
            None => Stack::new(self.engine.config().stack_bytes()),
        }
    }

    /// Keeps a stack for later.
    pub(crate) fn put_stack(&mut self, mut stack: Stack) {
        if self.spare_stacks.len() < self.engine.config().max_cached_stacks {
            stack.top = 0;
            stack.depth = 0;
            stack.switches.clear();
            self.spare_stacks.push(stack);
        }
    }
}

/// Access to a store.
#[derive(Debug, Clone, Copy)]
#[repr(transparent)]
pub struct StoreContext<'a, T> {
    store: &'a Store<T>,
}

/// Access to a store that may change it.
#[derive(Debug)]
#[repr(transparent)]
pub struct StoreContextMut<'a, T> {
    pub(crate) store: &'a mut Store<T>,
}

impl<'a, T> StoreContext<'a, T> {
    /// The engine.
    pub fn engine(&self) -> &Engine {
        self.store.engine()
    }

    /// The embedder's data.
    pub fn data(&self) -> &T {
        self.store.data()
    }

    /// The fuel left.
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
}

impl<'a, T> StoreContextMut<'a, T> {
    /// The engine.
    pub fn engine(&self) -> &Engine {
        self.store.engine()
    }

    /// The embedder's data.
    pub fn data(&self) -> &T {
        self.store.data()
    }

    /// The embedder's data.
    pub fn data_mut(&mut self) -> &mut T {
        self.store.data_mut()
    }

    /// The fuel left.
    ///
    /// # Errors
    ///
    /// If the engine does not meter fuel.
    pub fn get_fuel(&self) -> Result<u64, Error> {
        self.store.get_fuel()
    }

    /// Sets the fuel left.
    ///
    /// # Errors
    ///
    /// If the engine does not meter fuel.
    pub fn set_fuel(&mut self, fuel: u64) -> Result<(), Error> {
        self.store.set_fuel(fuel)
    }

    pub(crate) fn instances(&self) -> &Instances {
        &self.store.instances
    }

    pub(crate) fn instances_mut(&mut self) -> &mut Instances {
        &mut self.store.instances
    }

    pub(crate) fn into_parts(self) -> (&'a mut Instances, &'a mut T) {
        (&mut self.store.instances, &mut self.store.data)
    }
}

/// Something that gives access to a store.
pub trait AsContext {
    /// The embedder's data in the store.
    type Data;

    /// The store.
    fn as_context(&self) -> StoreContext<'_, Self::Data>;
}

/// Something that gives access to a store and may change it.
pub trait AsContextMut: AsContext {
    /// The store.
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

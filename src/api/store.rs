//! Stores and the contexts that give access to them.

use alloc::{boxed::Box, sync::Arc, vec::Vec};
use core::{
    fmt,
    ops::{Deref, DerefMut},
};

use hashbrown::HashMap;

use crate::{
    api::{
        engine::Engine,
        func::Func,
        host_func::HostFunc,
        instance_pre::{HostImport, HostNumbers},
    },
    error::Error,
    error::kinds::{FuelError, LimitsError},
    exec::stack::Stack,
    limits::ResourceLimiter,
    runtime::{instance::FuncInst, instances::Instances},
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
    pub(crate) stack: OwnStack,
    pub(crate) host_funcs: Vec<Arc<HostFunc<T>>>,
    /// Host functions that were put into the store together.
    host_sets: Vec<HostSet<T>>,
    /// Numbers of functions by the addresses of their host functions.
    host_numbers: HashMap<usize, u32>,
    /// Functions up to this number are in `host_numbers`, if they are host functions.
    host_numbered: u32,
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
            stack: OwnStack { stack: None, engine: engine.clone() },
            host_funcs: Vec::new(),
            host_sets: Vec::new(),
            host_numbers: HashMap::new(),
            host_numbered: 0,
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

    /// Empties the store: all instances, functions, memories, tables, globals and references to
    /// things of the host are gone, and no fuel is left. The embedder's data, the limiter and the
    /// call hook stay.
    ///
    /// Cheaper than a new store for hosts that make many short-lived instances of one module:
    /// large memories are cleared by the system instead of being given back to it, and host
    /// functions need not be put into the store again by the same [`InstancePre`].
    ///
    /// Handles of before (also [`TypedFunc`], and calls that could have been resumed) behave as
    /// those of another store: using them panics.
    ///
    /// ```
    /// use wasmote::{Engine, Error, Linker, Module, Store};
    /// # fn main() -> Result<(), Error> {
    /// # let wasm = b"\0asm\x01\0\0\0";
    /// let engine = Engine::default();
    /// let module = Module::new(&engine, wasm)?;
    /// let pre = Linker::new(&engine).instantiate_pre(&module)?;
    /// let mut store = Store::new(&engine, ());
    /// for _ in 0..1000 {
    ///     let instance = pre.instantiate(&mut store)?;
    ///     // ... call its exports ...
    ///     store.reset();
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// [`InstancePre`]: crate::InstancePre
    /// [`TypedFunc`]: crate::TypedFunc
    pub fn reset(&mut self) {
        let lasting = self.instances.reset();
        self.host_funcs.truncate(lasting);
        self.host_sets.retain(|set| set.lasting);
        self.host_numbers.clear();
        self.host_numbered = 0;
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
        self.engine.take_stack()
    }

    /// Keeps a stack for later.
    pub(crate) fn put_stack(&mut self, stack: Stack) {
        self.engine.put_stack(stack);
    }

    /// Numbers of host functions in this store; those that are new are put into it. Whether they
    /// outlive `reset` as well.
    pub(crate) fn host_numbers(&mut self, hosts: &[HostImport<T>]) -> Result<(HostNumbers, bool), LimitsError> {
        if hosts.is_empty() {
            return Ok((HostNumbers::From(0), true));
        }
        if self.host_funcs.is_empty() {
            let funcs = hosts.iter().enumerate().map(|(i, host)| FuncInst::host(host.type_id, i as u32)).collect();
            let (first, lasting) = self.instances.push_lasting_funcs(funcs)?;
            self.host_funcs.extend(hosts.iter().map(|host| host.func.clone()));
            return Ok((HostNumbers::From(first), lasting));
        }
        self.number_host_funcs();
        let numbers: Result<_, _> = hosts.iter().map(|host| self.host_number(&host.func, host.type_id)).collect();
        Ok((HostNumbers::Each(numbers?), false))
    }

    /// As `host_numbers`; found again without looking at each function.
    pub(crate) fn host_set(&mut self, hosts: &Arc<[HostImport<T>]>) -> Result<HostNumbers, LimitsError> {
        if let Some(set) = self.host_sets.iter().find(|set| Arc::ptr_eq(&set.hosts, hosts)) {
            return Ok(set.numbers.clone());
        }
        let (numbers, lasting) = self.host_numbers(hosts)?;
        if self.host_sets.len() == MAX_HOST_SETS {
            self.host_sets.swap_remove(MAX_HOST_SETS - 1);
        }
        self.host_sets.push(HostSet { hosts: hosts.clone(), numbers: numbers.clone(), lasting });
        Ok(numbers)
    }

    /// A host function in this store; it is put into it if it is new.
    ///
    /// # Panics
    ///
    /// If the store has no more room for handles.
    pub(crate) fn host_func(&mut self, func: &Arc<HostFunc<T>>) -> Func {
        self.number_host_funcs();
        let type_id = self.instances.types.id(&func.ty);
        let number = self.host_number(func, type_id).expect("fewer than 2^32 functions");
        Func::from_handle(self.instances.handle(number))
    }

    /// Enters host functions that are new into `host_numbers`.
    fn number_host_funcs(&mut self) {
        for number in self.host_numbered..self.instances.num_funcs() {
            if let Some(host) = self.instances.host_func(number) {
                let address = Arc::as_ptr(&self.host_funcs[host as usize]).addr();
                self.host_numbers.entry(address).or_insert(number);
            }
        }
        self.host_numbered = self.instances.num_funcs();
    }

    /// The number of a host function; all others are in `host_numbers`.
    fn host_number(&mut self, func: &Arc<HostFunc<T>>, type_id: u32) -> Result<u32, LimitsError> {
        let address = Arc::as_ptr(func).addr();
        if let Some(&number) = self.host_numbers.get(&address) {
            return Ok(number);
        }
        let host = u32::try_from(self.host_funcs.len()).map_err(|_| LimitsError::TooManyInstanceHandles)?;
        let number = self.instances.push_funcs(Box::new([FuncInst::host(type_id, host)]))?;
        self.host_funcs.push(func.clone());
        self.host_numbers.insert(address, number);
        self.host_numbered = self.instances.num_funcs();
        Ok(number)
    }
}

/// The most sets of host functions that a store remembers.
const MAX_HOST_SETS: usize = 8;

/// Host functions that were put into a store together.
struct HostSet<T> {
    hosts: Arc<[HostImport<T>]>,
    numbers: HostNumbers,
    /// They outlive `reset`.
    lasting: bool,
}

/// The stack that calls into a store use; goes to the engine afterwards.
#[derive(Debug)]
pub(crate) struct OwnStack {
    stack: Option<Stack>,
    engine: Engine,
}

impl Deref for OwnStack {
    type Target = Option<Stack>;

    fn deref(&self) -> &Option<Stack> {
        &self.stack
    }
}

impl DerefMut for OwnStack {
    fn deref_mut(&mut self) -> &mut Option<Stack> {
        &mut self.stack
    }
}

impl Drop for OwnStack {
    fn drop(&mut self) {
        if let Some(stack) = self.stack.take() {
            self.engine.put_stack(stack);
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

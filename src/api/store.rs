//! Stores, and the host functions that they own.

use alloc::{boxed::Box, sync::Arc};
use core::{fmt, pin::Pin};

use crate::{
    api::{engine::Engine, host_funcs::HostFuncs, own_stack::OwnStack},
    error::Error,
    error::kinds::FuelError,
    exec::{invocations::Invocations, stack::Stack},
    limits::{ResourceLimiter, StoreLimiter},
    runtime::instances::{Handle, Instances},
    trap::TrapCode,
    types::FuncType,
};

/// The events that a call hook is called for.
///
/// ```
/// use wasmote::{CallHook, Engine, Linker, Module, Store};
///
/// # fn main() -> Result<(), wasmote::Error> {
/// let engine = Engine::default();
/// let mut store = Store::new(&engine, 0);
/// store.call_hook(|calls, event| {
///     if event == CallHook::CallingWasm {
///         *calls += 1;
///     }
///     Ok(())
/// });
/// let module = Module::new(&engine, r#"(module (func (export "run")))"#)?;
/// let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
/// let run = instance.get_typed_func::<(), ()>(&store, "run")?;
/// run.call(&mut store, ())?;
/// run.call(&mut store, ())?;
/// assert_eq!(*store.data(), 2);
/// # Ok(())
/// # }
/// ```
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

/// What happens to code that has reached the deadline of its store ([`Store::epoch_deadline_callback`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UpdateDeadline {
    /// The call ends with [`TrapCode::Interrupt`].
    Interrupt,
    /// The code continues. The next deadline is this number of ticks after the current epoch.
    Continue(u64),
    /// The asynchronous call yields to other tasks, and then continues. The next deadline is this number of ticks after the
    /// current epoch.
    Yield(u64),
}

/// The embedder's decision about code that has reached the deadline of its store.
type DeadlineFn<T> = Box<dyn FnMut(&mut Store<T>) -> Result<UpdateDeadline, Error> + Send + Sync>;

/// What a store does when its deadline is reached.
pub(crate) enum OnDeadline<T> {
    /// The call traps.
    Trap,
    /// The call yields, and the next deadline is this number of ticks later.
    Yield(u64),
    /// The embedder decides.
    Ask(DeadlineFn<T>),
}

/// The closure of a host function: called with the store, the calling instance, and the cells of the call. Parameters
/// are in the first cells; results replace them.
pub(crate) type HostCall<T> = Box<dyn Fn(&mut Store<T>, Option<Handle>, &mut [u64]) -> Result<(), Error> + Send + Sync>;

/// What an asynchronous host function does until it returns.
pub(crate) type HostFuture<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>>;

/// An asynchronous host function for stores with data of type `T`.
pub(crate) trait AsyncHost<T>: Send + Sync {
    /// Begins a call, like a [`HostCall`].
    fn begin<'a>(&'a self, store: &'a mut Store<T>, instance: Option<Handle>, cells: &'a mut [u64]) -> HostFuture<'a>;
}

/// A host function for stores with data of type `T`.
#[doc(hidden)]
pub struct HostFunc<T> {
    pub(crate) ty: FuncType,
    /// Number of cells that a call has.
    pub(crate) cells: usize,
    /// What runs when code calls it. If the function is asynchronous, this asks the call that led here to wait.
    pub(crate) call: HostCall<T>,
    /// What an asynchronous call waits for, if the function is asynchronous.
    pub(crate) waits: Option<Box<dyn AsyncHost<T>>>,
}

impl<T> fmt::Debug for HostFunc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostFunc").field("ty", &self.ty).finish_non_exhaustive()
    }
}

/// Owns instances, functions, memories, tables, globals, and the embedder's data of type `T`.
///
/// ```
/// use wasmote::{Engine, Func, Store};
///
/// # fn main() -> Result<(), wasmote::Error> {
/// let mut store = Store::new(&Engine::default(), 40);
/// let add = Func::wrap(&mut store, |mut caller: wasmote::Caller<'_, i32>, value: i32| *caller.data_mut() += value);
/// add.call(&mut store, &[2.into()], &mut [])?;
/// assert_eq!(*store.data(), 42);
/// # Ok(())
/// # }
/// ```
pub struct Store<T> {
    pub(crate) instances: Instances,
    pub(crate) stack: OwnStack,
    pub(crate) invocations: Invocations,
    pub(crate) hosts: HostFuncs<HostFunc<T>>,
    limiter: Option<LimiterFn<T>>,
    hook: Option<HookFn<T>>,
    /// Whether anything happens when control passes between host and Wasm.
    attentive: bool,
    pub(crate) deadline: OnDeadline<T>,
    engine: Engine,
    data: T,
}

/// Nothing in a store is pinned by pinning the store, so it may move whatever the embedder's data is.
impl<T> Unpin for Store<T> {}

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
    /// Makes an empty store that owns `data`.
    pub fn new(engine: &Engine, data: T) -> Self {
        Self {
            instances: Instances::new(engine.types().clone(), engine.config(), engine.epoch()),
            stack: OwnStack::new(engine),
            invocations: Invocations::new(engine.config().max_recursion_depth),
            hosts: HostFuncs::default(),
            limiter: None,
            hook: None,
            attentive: engine.config().epoch_interruption,
            deadline: OnDeadline::Trap,
            engine: engine.clone(),
            data,
        }
    }

    /// Returns the engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Returns the embedder's data.
    pub fn data(&self) -> &T {
        &self.data
    }

    /// Returns the embedder's data, mutably.
    pub fn data_mut(&mut self) -> &mut T {
        &mut self.data
    }

    /// Empties the store: drops all instances, functions, memories, tables, globals and objects of the host, and sets
    /// the remaining fuel to zero. Keeps the embedder's data, the limiter, the call hook and the deadline.
    ///
    /// This is cheaper than a new store for hosts that make many short-lived instances of one module. Large memories
    /// are cleared by the system instead of being freed, and an [`InstancePre`] finds its host functions in the
    /// store again.
    ///
    /// Using a handle from before the reset panics, as with a handle of another store. This includes [`TypedFunc`]s
    /// and interrupted calls.
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
        self.invocations.forget_suspended();
        self.hosts.reset(lasting);
    }

    /// Drops the store and returns the embedder's data.
    pub fn into_data(self) -> T {
        self.data
    }

    /// Sets the limiter, which decides whether memories and tables may grow. `limiter` selects it from the embedder's
    /// data.
    pub fn limiter(&mut self, limiter: impl (FnMut(&mut T) -> &mut dyn ResourceLimiter) + Send + Sync + 'static) {
        self.limiter = Some(Box::new(limiter));
    }

    /// Sets the hook that is called whenever control passes between host and Wasm.
    pub fn call_hook(&mut self, hook: impl FnMut(&mut T, CallHook) -> Result<(), Error> + Send + Sync + 'static) {
        self.hook = Some(Box::new(hook));
        self.attentive = true;
    }

    /// Returns the remaining fuel.
    ///
    /// # Errors
    ///
    /// If the engine does not meter fuel.
    pub fn get_fuel(&self) -> Result<u64, Error> {
        Ok(self.instances.fuel.left().ok_or(FuelError::FuelMeteringDisabled)?)
    }

    /// Sets the remaining fuel.
    ///
    /// # Errors
    ///
    /// If the engine does not meter fuel.
    pub fn set_fuel(&mut self, fuel: u64) -> Result<(), Error> {
        self.get_fuel()?;
        self.instances.fuel.set(fuel);
        Ok(())
    }

    /// Takes `delta` from the remaining fuel, and returns the rest. So the embedder charges work of its own, or the
    /// [translation](crate::Module::translation_fuel) of a module.
    ///
    /// # Errors
    ///
    /// If the engine does not meter fuel, or less is left; nothing is taken then.
    pub fn consume_fuel(&mut self, delta: u64) -> Result<u64, Error> {
        self.get_fuel()?;
        Ok(self.instances.fuel.consume(delta)?)
    }

    /// Returns the instances together with the embedder's data.
    pub(crate) fn instances_and_data(&mut self) -> (&mut Instances, &mut T) {
        (&mut self.instances, &mut self.data)
    }

    /// Returns the instances together with the limiter, which knows what all memories and tables have together now.
    pub(crate) fn instances_and_limiter(&mut self) -> (&mut Instances, Option<StoreLimiter<'_>>) {
        let limiter = match &mut self.limiter {
            Some(limiter) => Some(StoreLimiter::new(limiter(&mut self.data), || self.instances.totals())),
            None => None,
        };
        (&mut self.instances, limiter)
    }

    /// Whether anything happens when control passes between host and Wasm: there is a call hook, or code may be interrupted.
    #[inline]
    pub(crate) fn is_attentive(&self) -> bool {
        self.attentive
    }

    /// Calls the hook, if there is one.
    pub(crate) fn hook(&mut self, event: CallHook) -> Result<(), Error> {
        match &mut self.hook {
            Some(hook) => hook(&mut self.data, event),
            None => Ok(()),
        }
    }

    /// Takes a stack that nobody uses.
    pub(crate) fn take_stack(&mut self) -> Result<Stack, TrapCode> {
        self.engine.take_stack()
    }

    /// Keeps a stack for later use.
    pub(crate) fn put_stack(&mut self, stack: Stack) {
        self.engine.put_stack(stack);
    }

    /// Puts a host function into the store and returns its handle. The same function may be there already.
    ///
    /// # Panics
    ///
    /// If the store has no more room for handles.
    pub(crate) fn push_host_func(&mut self, func: Arc<HostFunc<T>>) -> Handle {
        let type_id = self.instances.types.id(&func.ty).expect("fewer than 2^20 types");
        let number = self.hosts.push(&mut self.instances, func, type_id).expect("fewer than 2^32 functions");
        self.instances.handle(number)
    }

    /// Returns the handle of a host function. Puts it into the store if it is new.
    ///
    /// # Panics
    ///
    /// If the store has no more room for handles.
    pub(crate) fn host_func(&mut self, func: &Arc<HostFunc<T>>) -> Handle {
        let type_id = self.instances.types.id(&func.ty).expect("fewer than 2^20 types");
        let number = self.hosts.number(&mut self.instances, func, type_id).expect("fewer than 2^32 functions");
        self.instances.types.release([type_id]);
        self.instances.handle(number)
    }
}

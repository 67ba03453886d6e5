//! Asynchronous calls: they wait for host functions, and yield, without blocking the thread.
//!
//! A call that has to wait is suspended: it leaves the machine and the native stack, and its frames stay on a value stack of its
//! own. So an asynchronous call needs nothing of the executor that polls it, and no other thread.

use core::{
    pin::Pin,
    task::{Context, Poll},
};

use crate::{
    api::{
        call::{CallCells, write_inputs, write_outputs},
        context::{AsContextMut, StoreContextMut},
        func::Func,
        host,
        instance::Instance,
        instance_pre::{InstancePre, Resolved},
        linker::Linker,
        module::Module,
        store::{CallHook, Store},
        typed::{MAX_CELLS, TypedFunc},
        value::Val,
        wasm_ty::{WasmParams, WasmResults, private::Cells},
    },
    error::Error,
    exec::invocations::{Reason, Suspended},
    ir::operand::Class,
    runtime::instances::Handle,
};

/// An asynchronous call that has begun. Dropping it while it is suspended frees its frames.
struct AsyncCall<'a, T> {
    store: &'a mut Store<T>,
    /// The number of its suspended invocation.
    parked: Option<usize>,
}

impl<'a, T> AsyncCall<'a, T> {
    /// Begins a call.
    ///
    /// # Errors
    ///
    /// If too many calls are under way, one inside the other.
    fn new(store: &'a mut Store<T>) -> Result<Self, Error> {
        store.invocations.begin_async()?;
        Ok(Self { store, parked: None })
    }

    /// Calls `func` with the parameters in `cells`, where its results replace them.
    async fn run(mut self, func: Handle, cells: &mut [u64], class: Class) -> Result<(), Error>
    where
        T: Send,
    {
        if let Some(func) = host::async_host(self.store, func.index)
            && let Some(waits) = &func.waits
        {
            return waits.begin(self.store, None, cells).await;
        }
        let mut pause = host::execute_async(self.store, func, cells, class)?;
        while let Some((suspended, reason)) = pause {
            pause = match reason {
                Reason::Host { func, error } => self.wait(suspended, func, error, cells).await?,
                Reason::Yield | Reason::OutOfFuel { .. } => {
                    self.park(suspended);
                    Yield { done: false }.await;
                    match self.unpark() {
                        Some(suspended) => host::resume_async(self.store, suspended, Ok(&[]), cells)?,
                        None => None,
                    }
                }
            };
        }
        Ok(())
    }

    /// Waits for host function `func`, then resumes the call.
    async fn wait(
        &mut self,
        suspended: Suspended,
        func: u32,
        suspension: Error,
        cells: &mut [u64],
    ) -> Result<host::Pause, Error>
    where
        T: Send,
    {
        self.store.invocations.keep_suspension(suspension);
        let Some(host) = host::async_host(self.store, func) else { return Ok(None) };
        let (given, instance) = host::waiting(self.store, &suspended, &host);
        let mut answer = CallCells::new();
        answer.fill(host.cells).copy_from_slice(given);
        self.park(suspended);
        let result = match &host.waits {
            Some(waits) => waits.begin(self.store, instance, answer.as_mut()).await,
            None => Ok(()),
        };
        let Some(suspended) = self.unpark() else { return Ok(None) };
        if result.is_ok() {
            self.store.hook(CallHook::ReturningFromHost)?;
        }
        let results = host.ty.signature().result_cells();
        let answer = match result {
            Ok(()) => Ok(&answer.as_mut()[..results]),
            Err(error) => Err((func, error)),
        };
        host::resume_async(self.store, suspended, answer, cells)
    }

    fn park(&mut self, suspended: Suspended) {
        self.parked = Some(self.store.invocations.park(suspended));
    }

    fn unpark(&mut self) -> Option<Suspended> {
        self.store.invocations.unpark(self.parked.take()?)
    }
}

impl<T> Drop for AsyncCall<'_, T> {
    fn drop(&mut self) {
        self.store.invocations.end_async();
        if let Some(suspended) = self.unpark() {
            self.store.put_stack(suspended.stack);
        }
    }
}

/// Lets other tasks have their turn.
struct Yield {
    done: bool,
}

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.done {
            return Poll::Ready(());
        }
        self.done = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Func {
    /// Calls the function asynchronously: the future is pending while the call waits for an asynchronous host function
    /// ([`Linker::func_wrap_async`]), and when it yields ([`Store::fuel_async_yield_interval`],
    /// [`Store::epoch_deadline_async_yield_and_update`]). Any executor can poll it.
    ///
    /// Dropping the future cancels the call. Its effects so far remain, and the store can be used for other calls.
    ///
    /// A host function that is not asynchronous cannot be suspended. If it calls code that calls an asynchronous one, that call
    /// fails with [`AsyncError::HostFrame`](crate::errors::AsyncError::HostFrame).
    ///
    /// # Errors
    ///
    /// Those of [`Func::call`].
    ///
    /// # Panics
    ///
    /// If the function belongs to another store.
    pub async fn call_async<T: Send>(
        &self,
        mut ctx: impl AsContextMut<Data = T>,
        inputs: &[Val],
        outputs: &mut [Val],
    ) -> Result<(), Error> {
        let store = ctx.as_context_mut().store;
        let mut cells = CallCells::new();
        let class = write_inputs(self.type_in(store), &store.instances, inputs, outputs, &mut cells)?;
        AsyncCall::new(store)?.run(self.handle(), cells.as_mut(), class).await?;
        write_outputs(self.type_in(store), &store.instances, cells.as_mut(), outputs);
        Ok(())
    }
}

impl<Params, Results> TypedFunc<Params, Results>
where
    Params: WasmParams,
    Results: WasmResults,
{
    /// Calls the function asynchronously; see [`Func::call_async`].
    ///
    /// # Errors
    ///
    /// Those of [`TypedFunc::call`].
    ///
    /// # Panics
    ///
    /// If the function belongs to another store.
    pub async fn call_async<T: Send>(
        &self,
        mut ctx: impl AsContextMut<Data = T>,
        params: Params,
    ) -> Result<Results, Error> {
        let ctx = ctx.as_context_mut();
        let mut cells = [0; MAX_CELLS];
        Self::store(&ctx, params, &mut cells)?;
        let store = ctx.store;
        AsyncCall::new(store)?.run(self.func().handle(), &mut cells[..Self::CELLS], Self::class()).await?;
        Ok(Results::load(&cells, Cells(&store.instances)))
    }
}

/// Makes an instance, and runs its start function asynchronously.
async fn instantiate<T: Send>(
    resolved: &Resolved<T>,
    ctx: StoreContextMut<'_, T>,
    module: &Module,
    again: bool,
) -> Result<Instance, Error> {
    let store = ctx.store;
    let (instance, start) = resolved.prepare(store, module, again)?;
    if let Some(start) = start {
        AsyncCall::new(store)?.run(start, &mut [], Class::Int).await?;
    }
    Ok(instance)
}

impl<T: Send> Linker<T> {
    /// Makes an instance of a module with the definitions of its imports, and runs its start function asynchronously; see
    /// [`Linker::instantiate_and_start`] and [`Func::call_async`].
    ///
    /// # Errors
    ///
    /// Those of [`Linker::instantiate_and_start`].
    ///
    /// # Panics
    ///
    /// If a definition belongs to another store, or module and store to different engines.
    pub async fn instantiate_async(
        &self,
        mut ctx: impl AsContextMut<Data = T>,
        module: &Module,
    ) -> Result<Instance, Error> {
        let resolved = self.resolved(module)?;
        instantiate(&resolved, ctx.as_context_mut(), module, false).await
    }
}

impl<T: Send> InstancePre<T> {
    /// Makes an instance, and runs its start function asynchronously; see [`InstancePre::instantiate`] and [`Func::call_async`].
    ///
    /// # Errors
    ///
    /// Those of [`InstancePre::instantiate`].
    ///
    /// # Panics
    ///
    /// If a definition belongs to another store, or module and store to different engines.
    pub async fn instantiate_async(&self, mut ctx: impl AsContextMut<Data = T>) -> Result<Instance, Error> {
        instantiate(self.resolved(), ctx.as_context_mut(), self.module(), true).await
    }
}

impl<T> Store<T> {
    /// Makes asynchronous calls yield to other tasks whenever they have used up about this much fuel. Default: they do not. Other
    /// calls do not yield.
    ///
    /// Builds with the crate feature `small` have it only with the feature `interruption`.
    ///
    /// # Errors
    ///
    /// If the engine does not meter fuel, or the interval is 0.
    #[cfg(any(not(feature = "small"), feature = "interruption"))]
    pub fn fuel_async_yield_interval(&mut self, interval: Option<u64>) -> Result<(), Error> {
        self.get_fuel()?;
        let interval = match interval {
            None => None,
            Some(interval) => {
                let interval = core::num::NonZeroU64::new(interval);
                Some(interval.ok_or_else(|| Error::new("the interval at which calls yield must not be 0"))?)
            }
        };
        self.instances.fuel.yield_after(interval);
        Ok(())
    }
}

impl<T> StoreContextMut<'_, T> {
    /// Makes asynchronous calls yield at intervals; see [`Store::fuel_async_yield_interval`].
    ///
    /// # Errors
    ///
    /// If the engine does not meter fuel, or the interval is 0.
    #[cfg(any(not(feature = "small"), feature = "interruption"))]
    pub fn fuel_async_yield_interval(&mut self, interval: Option<u64>) -> Result<(), Error> {
        self.store.fuel_async_yield_interval(interval)
    }
}

//! Asynchronous host functions: closures of the embedder that return futures.

use alloc::{boxed::Box, sync::Arc, vec::Vec};
use core::marker::PhantomData;

use crate::{
    api::{
        caller::Caller,
        context::{AsContextMut, StoreContextMut},
        func::Func,
        host_func::{WasmRet, write_results},
        instance::Instance,
        store::{AsyncHost, HostFunc, HostFuture, Store},
        value::{Val, read_values},
        wasm_ty::{WasmTyList, private::Cells},
    },
    error::Error,
    runtime::instances::Handle,
    types::FuncType,
};

/// The scope of the references that an asynchronous function has: until its future ends or is dropped.
struct Scope<'a, T> {
    store: &'a mut Store<T>,
    #[cfg(host_refs)]
    scope: usize,
}

impl<'a, T> Scope<'a, T> {
    fn new(store: &'a mut Store<T>) -> Self {
        Self {
            #[cfg(host_refs)]
            scope: store.instances.begin_scope(),
            store,
        }
    }
}

#[cfg(host_refs)]
impl<T> Drop for Scope<'_, T> {
    fn drop(&mut self) {
        self.store.instances.end_scope(self.scope);
    }
}

/// A closure with Rust values.
struct Wrapped<F, P, R> {
    func: F,
    values: PhantomData<fn(P) -> R>,
}

impl<T, F, P, R> AsyncHost<T> for Wrapped<F, P, R>
where
    T: Send,
    F: for<'a> Fn(Caller<'a, T>, P) -> Box<dyn Future<Output = R> + Send + 'a> + Send + Sync,
    P: WasmTyList,
    R: WasmRet,
{
    fn begin<'a>(&'a self, store: &'a mut Store<T>, instance: Option<Handle>, cells: &'a mut [u64]) -> HostFuture<'a> {
        Box::pin(async move {
            let scope = Scope::new(store);
            let params = P::load(cells, Cells(&scope.store.instances));
            let caller = Caller::new(StoreContextMut { store: &mut *scope.store }, instance.map(Instance::from_handle));
            let results = Box::into_pin((self.func)(caller, params)).await;
            Ok(results.into_result()?.store(cells, Cells(&scope.store.instances))?)
        })
    }
}

/// A closure with values as slices.
struct Untyped<F> {
    ty: FuncType,
    func: F,
}

impl<T, F> AsyncHost<T> for Untyped<F>
where
    T: Send,
    F: for<'a> Fn(Caller<'a, T>, &'a [Val], &'a mut [Val]) -> Box<dyn Future<Output = Result<(), Error>> + Send + 'a>
        + Send
        + Sync,
{
    fn begin<'a>(&'a self, store: &'a mut Store<T>, instance: Option<Handle>, cells: &'a mut [u64]) -> HostFuture<'a> {
        Box::pin(async move {
            let scope = Scope::new(store);
            let (params, results) = self.ty.params_and_results();
            let values = read_values(cells, params.iter().copied(), &scope.store.instances);
            let mut values: Vec<Val> = values.chain(results.iter().map(|&ty| Val::default(ty))).collect();
            let (inputs, outputs) = values.split_at_mut(params.len());
            let caller = Caller::new(StoreContextMut { store: &mut *scope.store }, instance.map(Instance::from_handle));
            Box::into_pin((self.func)(caller, inputs, outputs)).await?;
            write_results(&self.ty, &values[params.len()..], &scope.store.instances, cells)
        })
    }
}

impl<T> HostFunc<T> {
    /// Makes an asynchronous function.
    fn with_waits(ty: FuncType, waits: impl AsyncHost<T> + 'static) -> Arc<Self> {
        let call = |store: &mut Store<T>, _: Option<Handle>, _: &mut [u64]| Err(store.invocations.suspension());
        Arc::new(Self { cells: ty.signature().cells(), ty, call: Box::new(call), waits: Some(Box::new(waits)) })
    }

    /// Makes an asynchronous function of any type, which receives its values as slices.
    pub(crate) fn new_async<F>(ty: FuncType, func: F) -> Arc<Self>
    where
        T: Send,
        F: for<'a> Fn(
                Caller<'a, T>,
                &'a [Val],
                &'a mut [Val],
            ) -> Box<dyn Future<Output = Result<(), Error>> + Send + 'a>
            + Send
            + Sync
            + 'static,
    {
        Self::with_waits(ty.clone(), Untyped { ty, func })
    }

    /// Makes an asynchronous function whose type that of the closure determines.
    pub(crate) fn wrap_async<F, Params, Results>(func: F) -> Arc<Self>
    where
        T: Send,
        F: for<'a> Fn(Caller<'a, T>, Params) -> Box<dyn Future<Output = Results> + Send + 'a> + Send + Sync + 'static,
        Params: WasmTyList + 'static,
        Results: WasmRet + 'static,
    {
        let ty = FuncType::new(Params::types(), <Results::Values as WasmTyList>::types());
        Self::with_waits(ty, Wrapped { func, values: PhantomData })
    }
}

impl Func {
    /// Makes an asynchronous host function of any type, which receives its parameters and writes its results as slices. See
    /// [`Linker::func_new_async`](crate::Linker::func_new_async).
    ///
    /// # Panics
    ///
    /// If the store has no more room for handles.
    pub fn new_async<T, F>(mut ctx: impl AsContextMut<Data = T>, ty: FuncType, func: F) -> Self
    where
        T: Send,
        F: for<'a> Fn(
                Caller<'a, T>,
                &'a [Val],
                &'a mut [Val],
            ) -> Box<dyn Future<Output = Result<(), Error>> + Send + 'a>
            + Send
            + Sync
            + 'static,
    {
        Self::from_host(&mut ctx.as_context_mut(), HostFunc::new_async(ty, func))
    }

    /// Makes an asynchronous host function of a closure. See [`Linker::func_wrap_async`](crate::Linker::func_wrap_async).
    ///
    /// # Panics
    ///
    /// If the store has no more room for handles.
    pub fn wrap_async<T, F, Params, Results>(mut ctx: impl AsContextMut<Data = T>, func: F) -> Self
    where
        T: Send,
        F: for<'a> Fn(Caller<'a, T>, Params) -> Box<dyn Future<Output = Results> + Send + 'a> + Send + Sync + 'static,
        Params: WasmTyList + 'static,
        Results: WasmRet + 'static,
    {
        Self::from_host(&mut ctx.as_context_mut(), HostFunc::wrap_async(func))
    }
}

//! Host functions: closures of the embedder.

use alloc::{boxed::Box, sync::Arc, vec::Vec};

use crate::{
    api::{
        caller::Caller,
        context::{AsContext, AsContextMut, StoreContextMut},
        func::Func,
        instance::Instance,
        store::{HostCall, HostFunc, Store},
        value::Val,
        wasm_ty::{WasmTy, WasmTyList, for_tuples, has_vectors, private::Cells},
    },
    error::Error,
    error::kinds::{FuncError, LimitsError},
    runtime::instances::Handle,
    types::FuncType,
};

impl<T> HostFunc<T> {
    /// Makes a function of type `ty` that runs `call`. If the type has vectors, which no cell can hold, calls of the
    /// function fail.
    fn with_call(
        ty: FuncType,
        call: impl Fn(&mut Store<T>, Option<Handle>, &mut [u64]) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Arc<Self> {
        let call: HostCall<T> = if has_vectors(&ty) {
            Box::new(|_, _, _| Err(LimitsError::UnsupportedV128.into()))
        } else {
            Box::new(call)
        };
        Arc::new(Self { cells: ty.signature().cells(), ty, call })
    }

    /// Makes a function of any type, which receives its values as slices.
    pub(crate) fn new(
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Arc<Self> {
        let signature = ty.clone();
        let call = move |store: &mut Store<T>, instance: Option<Handle>, cells: &mut [u64]| {
            let mut caller = Caller::new(StoreContextMut { store }, instance.map(Instance::from_handle));
            let (params, results) = (signature.params(), signature.results());
            let instances = caller.as_context().into_instances();
            let mut values: Vec<Val> = Vec::with_capacity(params.len() + results.len());
            for (&ty, &cell) in params.iter().zip(&*cells) {
                values.push(Val::from_cell(cell, ty, instances));
            }
            values.extend(results.iter().map(|&ty| Val::default(ty)));
            let (inputs, outputs) = values.split_at_mut(params.len());
            func(caller.reborrow(), inputs, outputs)?;
            for ((&ty, output), cell) in results.iter().zip(&*outputs).zip(cells) {
                *cell = output.checked_cell(ty, &caller, FuncError::MismatchingResultType)?;
            }
            Ok(())
        };
        Self::with_call(ty, call)
    }
}

impl Func {
    /// Makes a host function of any type, which receives its parameters and writes its results as slices.
    ///
    /// # Panics
    ///
    /// If the store has no more room for handles.
    pub fn new<T>(
        mut ctx: impl AsContextMut<Data = T>,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Self {
        Self::from_host(&mut ctx.as_context_mut(), HostFunc::new(ty, func))
    }

    /// Makes a host function of a closure. The types of the closure determine the type of the function.
    ///
    /// # Panics
    ///
    /// If the store has no more room for handles.
    pub fn wrap<T, Params, Results>(
        mut ctx: impl AsContextMut<Data = T>,
        func: impl IntoFunc<T, Params, Results>,
    ) -> Self {
        Self::from_host(&mut ctx.as_context_mut(), func.into_host_func())
    }

    /// Puts a host function into a store.
    pub(crate) fn from_host<T>(ctx: &mut StoreContextMut<'_, T>, func: Arc<HostFunc<T>>) -> Self {
        Self::from_handle(ctx.store.push_host_func(func))
    }
}

/// Makes a host function of a closure that takes its parameters as a tuple.
fn typed<T, P, R>(func: impl Fn(Caller<'_, T>, P) -> R + Send + Sync + 'static) -> Arc<HostFunc<T>>
where
    P: WasmTyList,
    R: WasmRet,
{
    let ty = FuncType::new(P::types(), R::Values::types());
    let call = move |store: &mut Store<T>, instance: Option<Handle>, cells: &mut [u64]| {
        let mut caller = Caller::new(StoreContextMut { store }, instance.map(Instance::from_handle));
        let params = P::load(cells, Cells(caller.as_context().into_instances()));
        let results = func(caller.reborrow(), params).into_result()?;
        results.store(cells, Cells(caller.as_context().into_instances()));
        Ok(())
    };
    HostFunc::with_call(ty, call)
}

/// Types that a host function may return: values, or a `Result` with values.
pub trait WasmRet {
    /// The values.
    #[doc(hidden)]
    type Values: WasmTyList;
    /// Returns the values or the error.
    #[doc(hidden)]
    fn into_result(self) -> Result<Self::Values, Error>;
}

impl<R: WasmTyList> WasmRet for R {
    type Values = R;

    #[inline]
    fn into_result(self) -> Result<R, Error> {
        Ok(self)
    }
}

impl<R: WasmTyList> WasmRet for Result<R, Error> {
    type Values = R;

    #[inline]
    fn into_result(self) -> Self {
        self
    }
}

/// Closures that can be host functions.
///
/// They take up to 16 parameters that implement [`WasmTy`], optionally after a [`Caller`], and return a [`WasmRet`].
pub trait IntoFunc<T, Params, Results>: Send + Sync + 'static {
    /// Makes the host function.
    #[doc(hidden)]
    fn into_host_func(self) -> Arc<HostFunc<T>>;
}

macro_rules! closures {
    ($(($($name:ident $index:tt),*))*) => { $(
        impl<T, F, $($name: WasmTy,)* R> IntoFunc<T, ($($name,)*), R> for F
        where
            F: Fn($($name),*) -> R + Send + Sync + 'static,
            R: WasmRet,
        {
            #[allow(non_snake_case, reason = "parameters are named as their types")]
            fn into_host_func(self) -> Arc<HostFunc<T>> {
                typed::<T, ($($name,)*), R>(move |_, ($($name,)*)| self($($name),*))
            }
        }

        impl<T, F, $($name: WasmTy,)* R> IntoFunc<T, (Caller<'_, T>, $($name,)*), R> for F
        where
            F: Fn(Caller<'_, T>, $($name),*) -> R + Send + Sync + 'static,
            R: WasmRet,
        {
            #[allow(non_snake_case, reason = "parameters are named as their types")]
            fn into_host_func(self) -> Arc<HostFunc<T>> {
                typed::<T, ($($name,)*), R>(move |caller, ($($name,)*)| self(caller, $($name),*))
            }
        } )*
    };
}

for_tuples! { closures }

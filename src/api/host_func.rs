//! Host functions: closures of the embedder.

use alloc::{boxed::Box, sync::Arc, vec::Vec};

use arrayvec::ArrayVec;

use crate::{
    api::{
        caller::Caller,
        context::{AsContext, AsContextMut, StoreContextMut},
        func::Func,
        instance::Instance,
        store::{HostCall, HostFunc, Store},
        value::{Val, read_values, write_values},
        wasm_ty::{WasmTy, WasmTyList, for_tuples, private::Cells},
    },
    error::Error,
    error::kinds::FuncError,
    runtime::instances::{Handle, Instances},
    types::FuncType,
};

impl<T> HostFunc<T> {
    /// Makes a function of type `ty` that runs `call`.
    fn with_call(
        ty: FuncType,
        call: impl Fn(&mut Store<T>, Option<Handle>, &mut [u64]) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Arc<Self> {
        let call: HostCall<T> = Box::new(call);
        Arc::new(Self { cells: ty.signature().cells(), ty, call, waits: None })
    }

    /// Makes a function of any type, which receives its values as slices.
    pub(crate) fn new(
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Arc<Self> {
        let signature = ty.clone();
        let call = move |store: &mut Store<T>, instance: Option<Handle>, cells: &mut [u64]| {
            let mut caller = Caller::new(StoreContextMut { store }, instance.map(Instance::from_handle));
            let (mut inline, mut boxed) = (ArrayVec::new(), Vec::new());
            let instances = caller.as_context().into_instances();
            let values = read_params(&signature, cells, instances, &mut inline, &mut boxed);
            let (inputs, outputs) = values.split_at_mut(signature.params().len());
            func(caller.reborrow(), inputs, outputs)?;
            write_results(&signature, outputs, caller.as_context().into_instances(), cells)
        };
        Self::with_call(ty, call)
    }
}

/// Calls of host functions with up to this many parameters and results together keep the values on the native stack.
const INLINE_VALUES: usize = 6;

/// Returns the parameters in `cells` and a default value for each result, in one of the lists, which are empty.
fn read_params<'a>(
    ty: &FuncType,
    cells: &[u64],
    instances: &Instances,
    inline: &'a mut ArrayVec<Val, INLINE_VALUES>,
    boxed: &'a mut Vec<Val>,
) -> &'a mut [Val] {
    let (params, results) = ty.params_and_results();
    let params = read_values(cells, params.iter().copied(), instances);
    let values = params.chain(results.iter().map(|&ty| Val::default(ty)));
    if ty.params().len() + results.len() <= INLINE_VALUES {
        inline.extend(values);
        inline
    } else {
        boxed.extend(values);
        boxed
    }
}

/// Checks the results of a host function and writes them to `cells`.
pub(super) fn write_results(
    ty: &FuncType,
    results: &[Val],
    instances: &Instances,
    cells: &mut [u64],
) -> Result<(), Error> {
    write_values(results, ty.results().iter().copied(), cells, instances, FuncError::MismatchingResultType)
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
        Ok(results.store(cells, Cells(caller.as_context().into_instances()))?)
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

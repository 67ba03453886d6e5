//! Functions, and what host functions see of their caller.

use alloc::{boxed::Box, sync::Arc};

use arrayvec::ArrayVec;

use crate::{
    api::{
        engine::Engine,
        host,
        host_func::{HostFunc, IntoFunc, WasmParams, WasmResults},
        instance::{Extern, Instance},
        resume::ResumableCall,
        store::{AsContext, AsContextMut, StoreContext, StoreContextMut},
        typed::TypedFunc,
        value::Val,
    },
    error::Error,
    error::kinds::FuncError,
    ir::operand::Class,
    runtime::{instance::FuncInst, instances::Handle},
    types::FuncType,
};

/// A function: of Wasm or of the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Func {
    handle: Handle,
}

/// So many cells of a call stand on the native stack; more are allocated.
const INLINE_CELLS: usize = 16;

/// Cells of a call.
pub(crate) enum CallCells {
    Inline(ArrayVec<u64, INLINE_CELLS>),
    Boxed(Box<[u64]>),
}

impl CallCells {
    /// So many cells, all zero.
    pub(crate) fn new(len: usize) -> Self {
        if len <= INLINE_CELLS {
            Self::Inline(core::iter::repeat_n(0, len).collect())
        } else {
            Self::Boxed(alloc::vec![0; len].into_boxed_slice())
        }
    }

    /// The cells.
    pub(crate) fn as_mut(&mut self) -> &mut [u64] {
        match self {
            Self::Inline(cells) => cells,
            Self::Boxed(cells) => cells,
        }
    }
}

impl Func {
    pub(crate) fn from_handle(handle: Handle) -> Self {
        Self { handle }
    }

    #[inline]
    pub(crate) fn handle(self) -> Handle {
        self.handle
    }

    /// A host function of any type, which gets its values as slices.
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

    /// A host function made of a closure; its type follows from the closure's.
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
        let store = &mut *ctx.store;
        let host = u32::try_from(store.host_funcs.len()).expect("fewer than 2^32 host functions");
        let inst = FuncInst {
            entry: core::ptr::null(),
            instance: core::ptr::null(),
            type_id: store.instances.types.id(&func.ty),
            host,
            index: 0,
        };
        store.host_funcs.push(func);
        let index = store.instances.push_funcs(Box::new([inst])).expect("fewer than 2^32 functions");
        Self { handle: store.instances.handle(index) }
    }

    /// Its type.
    ///
    /// # Panics
    ///
    /// If it belongs to another store.
    pub fn ty(&self, ctx: impl AsContext) -> FuncType {
        ctx.as_context().instances().func_type(self.handle)
    }

    /// Checks the values of a call and puts the inputs into cells.
    pub(crate) fn input_cells<T>(
        self,
        ctx: &StoreContextMut<'_, T>,
        inputs: &[Val],
        outputs: &[Val],
    ) -> Result<(FuncType, CallCells), Error> {
        let ty = ctx.instances().func_type(self.handle);
        if ty.params().len() != inputs.len() {
            return Err(FuncError::MismatchingParameterLen.into());
        }
        if ty.results().len() != outputs.len() {
            return Err(FuncError::MismatchingResultLen.into());
        }
        let mut cells = CallCells::new(ty.signature().cells());
        for ((cell, input), &ty) in cells.as_mut().iter_mut().zip(inputs).zip(ty.params()) {
            *cell = input.checked_cell(ty, ctx).ok_or(FuncError::MismatchingParameterType)?;
        }
        Ok((ty, cells))
    }

    /// Calls the function. The results replace what is in `outputs`.
    ///
    /// # Errors
    ///
    /// If the values do not match the function's type, for traps, and for errors of host functions.
    ///
    /// # Panics
    ///
    /// If it belongs to another store.
    pub fn call<T>(
        &self,
        mut ctx: impl AsContextMut<Data = T>,
        inputs: &[Val],
        outputs: &mut [Val],
    ) -> Result<(), Error> {
        let ctx = ctx.as_context_mut();
        let (ty, mut cells) = self.input_cells(&ctx, inputs, outputs)?;
        let cells = cells.as_mut();
        host::execute(ctx.store, self.handle, cells, Class::of_results(ty.results()))?;
        write_outputs(&ctx, &ty, cells, outputs);
        Ok(())
    }

    /// Calls the function so that the call can go on after an error of a host function, or when
    /// fuel has run out.
    ///
    /// # Errors
    ///
    /// As [`Func::call`], except for what the call can be resumed after.
    ///
    /// # Panics
    ///
    /// If it belongs to another store.
    pub fn call_resumable<T>(
        &self,
        mut ctx: impl AsContextMut<Data = T>,
        inputs: &[Val],
        outputs: &mut [Val],
    ) -> Result<ResumableCall, Error> {
        let ctx = ctx.as_context_mut();
        let (ty, mut cells) = self.input_cells(&ctx, inputs, outputs)?;
        let cells = cells.as_mut();
        let suspended = host::execute_resumable(ctx.store, self.handle, cells, Class::of_results(ty.results()))?;
        if suspended.is_none() {
            write_outputs(&ctx, &ty, cells, outputs);
        }
        Ok(ResumableCall::new(&ctx, *self, suspended))
    }

    /// The function with its types known to the compiler.
    ///
    /// # Errors
    ///
    /// If the function has another type.
    ///
    /// # Panics
    ///
    /// If it belongs to another store.
    pub fn typed<Params, Results>(&self, ctx: impl AsContext) -> Result<TypedFunc<Params, Results>, Error>
    where
        Params: WasmParams,
        Results: WasmResults,
    {
        let ty = self.ty(ctx);
        if !Params::matches(ty.params()) {
            return Err(FuncError::MismatchingParameterType.into());
        }
        if !Results::matches(ty.results()) {
            return Err(FuncError::MismatchingResultType.into());
        }
        Ok(TypedFunc::new(*self))
    }
}

/// Writes the results of a call.
pub(crate) fn write_outputs<T>(ctx: &StoreContextMut<'_, T>, ty: &FuncType, cells: &[u64], outputs: &mut [Val]) {
    for ((output, &cell), &ty) in outputs.iter_mut().zip(cells).zip(ty.results()) {
        *output = Val::from_cell(cell, ty, ctx.instances());
    }
}

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

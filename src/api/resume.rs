//! Calls that can be resumed after they were interrupted.

use core::{fmt, marker::PhantomData, ops::Deref};

use crate::{
    api::{
        call::{CallCells, write_inputs, write_outputs},
        context::{AsContextMut, StoreContextMut},
        func::Func,
        host,
        typed::{MAX_CELLS, TypedFunc},
        value::{Val, write_values},
        wasm_ty::{WasmParams, WasmResults, private::Cells},
    },
    error::Error,
    error::kinds::FuncError,
    exec::invocations::{Reason, Suspension},
};

/// How a resumable call ended.
///
/// ```
/// use wasmote::{Config, Engine, Linker, Module, ResumableCall, Store, Val};
///
/// # fn main() -> Result<(), wasmote::Error> {
/// let mut config = Config::default();
/// config.consume_fuel(true);
/// let engine = Engine::new(&config);
/// let module = Module::new(
///     &engine,
///     r#"(module (func (export "count") (param i32) (result i32) (local i32)
///         (loop
///             (local.set 1 (i32.add (local.get 1) (i32.const 1)))
///             (br_if 0 (i32.lt_u (local.get 1) (local.get 0))))
///         (local.get 1)))"#,
/// )?;
/// let mut store = Store::new(&engine, ());
/// store.set_fuel(100)?;
/// let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
/// let count = instance.get_func(&store, "count").expect("an exported function");
/// let mut results = [Val::I32(0)];
/// let mut call = count.call_resumable(&mut store, &[Val::I32(1000)], &mut results)?;
/// while let ResumableCall::OutOfFuel(interrupted) = call {
///     store.set_fuel(interrupted.required_fuel() + 1000)?;
///     call = interrupted.resume(&mut store, &mut results)?;
/// }
/// assert!(matches!(call, ResumableCall::Finished));
/// assert_eq!(results[0].i32(), Some(1000));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub enum ResumableCall {
    /// It returned.
    Finished,
    /// A host function failed. The call can be resumed with values for the results of that function.
    HostTrap(ResumableCallHostTrap),
    /// Fuel ran out. The call can be resumed when there is more.
    OutOfFuel(ResumableCallOutOfFuel),
}

/// An interrupted call.
#[derive(Debug)]
struct Interrupted {
    func: Func,
    suspension: Suspension,
}

impl ResumableCall {
    pub(crate) fn new<T>(ctx: &StoreContextMut<'_, T>, func: Func, suspension: Option<Suspension>) -> Self {
        let Some(suspension) = suspension else {
            return Self::Finished;
        };
        match &suspension.reason {
            Reason::Host { func: host_func, .. } => {
                let host_func = Func::from_handle(ctx.instances().handle(*host_func));
                Self::HostTrap(ResumableCallHostTrap { call: Interrupted { func, suspension }, host_func })
            }
            &Reason::OutOfFuel { required } => {
                Self::OutOfFuel(ResumableCallOutOfFuel { call: Interrupted { func, suspension }, required })
            }
            Reason::Yield => unreachable!("only asynchronous calls yield"),
        }
    }
}

impl Interrupted {
    fn resume<T>(
        self,
        ctx: &mut StoreContextMut<'_, T>,
        inputs: &[u64],
        cells: &mut [u64],
    ) -> Result<Option<Suspension>, Error> {
        host::resume(ctx.store, self.suspension, inputs, cells)
    }

    fn resume_untyped<T>(
        self,
        mut ctx: StoreContextMut<'_, T>,
        inputs: &[u64],
        outputs: &mut [Val],
    ) -> Result<ResumableCall, Error> {
        let func = self.func;
        let ty = func.type_in(ctx.store);
        if ty.results.len() != outputs.len() {
            return Err(FuncError::MismatchingResultLen.into());
        }
        let mut cells = CallCells::new();
        cells.fill(ty.signature.cells());
        let suspension = self.resume(&mut ctx, inputs, cells.as_mut())?;
        if suspension.is_none() {
            write_outputs(func.type_in(ctx.store), ctx.instances(), cells.as_mut(), outputs);
        }
        Ok(ResumableCall::new(&ctx, func, suspension))
    }

    fn resume_typed<T, Results: WasmResults>(
        self,
        mut ctx: StoreContextMut<'_, T>,
        inputs: &[u64],
    ) -> Result<TypedResumableCall<Results>, Error> {
        let func = self.func;
        let mut cells = CallCells::new();
        cells.fill(func.type_in(ctx.store).signature.cells());
        let suspension = self.resume(&mut ctx, inputs, cells.as_mut())?;
        Ok(TypedResumableCall::new(&ctx, func, suspension, cells.as_mut()))
    }
}

/// A call that was interrupted because a host function failed.
#[derive(Debug)]
pub struct ResumableCallHostTrap {
    call: Interrupted,
    host_func: Func,
}

impl ResumableCallHostTrap {
    /// Returns the host function that failed.
    #[must_use]
    pub fn host_func(&self) -> Func {
        self.host_func
    }

    /// Returns the error of the host function.
    ///
    /// # Panics
    ///
    /// Never: the call was interrupted by that error.
    #[must_use]
    pub fn host_error(&self) -> &Error {
        match &self.call.suspension.reason {
            Reason::Host { error, .. } => error,
            Reason::OutOfFuel { .. } | Reason::Yield => unreachable!("interrupted by a host function"),
        }
    }

    /// Returns the error of the host function. The call can no longer be resumed.
    ///
    /// # Panics
    ///
    /// Never: the call was interrupted by that error.
    #[must_use]
    pub fn into_host_error(self) -> Error {
        match self.call.suspension.reason {
            Reason::Host { error, .. } => error,
            Reason::OutOfFuel { .. } | Reason::Yield => unreachable!("interrupted by a host function"),
        }
    }

    /// Checks values that replace the results of the host function, and writes them to cells.
    fn inputs<T>(&self, ctx: &StoreContextMut<'_, T>, inputs: &[Val]) -> Result<CallCells, Error> {
        let ty = self.host_func.type_in(ctx.store);
        let results = ty.results;
        if results.len() != inputs.len() {
            return Err(FuncError::MismatchingResultLen.into());
        }
        let mut cells = CallCells::new();
        let to = cells.fill(ty.signature.result_cells());
        write_values(inputs, results.iter(), to, ctx.instances(), FuncError::MismatchingResultType)?;
        Ok(cells)
    }

    /// Resumes the call as if the host function had returned `inputs`.
    ///
    /// # Errors
    ///
    /// Those of [`Func::call_resumable`]; also if the inputs do not match the results of the host function.
    pub fn resume<T>(
        self,
        mut ctx: impl AsContextMut<Data = T>,
        inputs: &[Val],
        outputs: &mut [Val],
    ) -> Result<ResumableCall, Error> {
        let ctx = ctx.as_context_mut();
        let mut inputs = self.inputs(&ctx, inputs)?;
        self.call.resume_untyped(ctx, inputs.as_mut(), outputs)
    }
}

/// A call that was interrupted because fuel ran out.
#[derive(Debug)]
pub struct ResumableCallOutOfFuel {
    call: Interrupted,
    required: u64,
}

impl ResumableCallOutOfFuel {
    /// Returns the least fuel with which the call can be resumed.
    #[must_use]
    pub fn required_fuel(&self) -> u64 {
        self.required
    }

    /// Gives the call up. Returns the trap that it would have ended with if it could not be resumed: that fuel ran out, and
    /// which calls were under way.
    ///
    /// # Panics
    ///
    /// If the call was made in another store.
    pub fn into_trap<T>(self, mut ctx: impl AsContextMut<Data = T>) -> Error {
        let Interrupted { func, suspension } = self.call;
        let store = ctx.as_context_mut().store;
        // Checks that it is the same store.
        func.type_in(store);
        host::give_up(store, suspension)
    }

    /// Resumes the call.
    ///
    /// # Errors
    ///
    /// Those of [`Func::call_resumable`].
    pub fn resume<T>(self, mut ctx: impl AsContextMut<Data = T>, outputs: &mut [Val]) -> Result<ResumableCall, Error> {
        self.call.resume_untyped(ctx.as_context_mut(), &[], outputs)
    }
}

/// How a typed resumable call ended.
#[derive(Debug)]
pub enum TypedResumableCall<Results> {
    /// It returned these results.
    Finished(Results),
    /// A host function failed. The call can be resumed with values for the results of that function.
    HostTrap(TypedResumableCallHostTrap<Results>),
    /// Fuel ran out. The call can be resumed when there is more.
    OutOfFuel(TypedResumableCallOutOfFuel<Results>),
}

impl<Results: WasmResults> TypedResumableCall<Results> {
    pub(crate) fn new<T>(
        ctx: &StoreContextMut<'_, T>,
        func: Func,
        suspension: Option<Suspension>,
        cells: &[u64],
    ) -> Self {
        match ResumableCall::new(ctx, func, suspension) {
            ResumableCall::Finished => Self::Finished(Results::load(cells, Cells(ctx.instances()))),
            ResumableCall::HostTrap(call) => Self::HostTrap(TypedResumableCallHostTrap { call, results: PhantomData }),
            ResumableCall::OutOfFuel(call) => {
                Self::OutOfFuel(TypedResumableCallOutOfFuel { call, results: PhantomData })
            }
        }
    }
}

/// A typed call that was interrupted because a host function failed.
pub struct TypedResumableCallHostTrap<Results> {
    call: ResumableCallHostTrap,
    results: PhantomData<fn() -> Results>,
}

/// A typed call that was interrupted because fuel ran out.
pub struct TypedResumableCallOutOfFuel<Results> {
    call: ResumableCallOutOfFuel,
    results: PhantomData<fn() -> Results>,
}

impl<Results> Deref for TypedResumableCallHostTrap<Results> {
    type Target = ResumableCallHostTrap;

    fn deref(&self) -> &Self::Target {
        &self.call
    }
}

impl<Results> Deref for TypedResumableCallOutOfFuel<Results> {
    type Target = ResumableCallOutOfFuel;

    fn deref(&self) -> &Self::Target {
        &self.call
    }
}

impl<Results> fmt::Debug for TypedResumableCallHostTrap<Results> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt(f)
    }
}

impl<Results> fmt::Debug for TypedResumableCallOutOfFuel<Results> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt(f)
    }
}

impl<Results> TypedResumableCallHostTrap<Results> {
    /// Returns the host function that failed.
    #[must_use]
    pub fn host_func(&self) -> Func {
        self.call.host_func()
    }

    /// Returns the error of the host function.
    #[must_use]
    pub fn host_error(&self) -> &Error {
        self.call.host_error()
    }

    /// Returns the error of the host function. The call can no longer be resumed.
    #[must_use]
    pub fn into_host_error(self) -> Error {
        self.call.into_host_error()
    }

    /// Resumes the call as if the host function had returned `inputs`.
    ///
    /// # Errors
    ///
    /// Those of [`TypedFunc::call_resumable`]; also if the inputs do not match the results of the host function.
    pub fn resume<T>(
        self,
        mut ctx: impl AsContextMut<Data = T>,
        inputs: &[Val],
    ) -> Result<TypedResumableCall<Results>, Error>
    where
        Results: WasmResults,
    {
        let ctx = ctx.as_context_mut();
        let mut inputs = self.call.inputs(&ctx, inputs)?;
        self.call.call.resume_typed(ctx, inputs.as_mut())
    }
}

impl<Results> TypedResumableCallOutOfFuel<Results> {
    /// Returns the least fuel with which the call can be resumed.
    #[must_use]
    pub fn required_fuel(&self) -> u64 {
        self.call.required_fuel()
    }

    /// Resumes the call.
    ///
    /// # Errors
    ///
    /// Those of [`TypedFunc::call_resumable`].
    pub fn resume<T>(self, mut ctx: impl AsContextMut<Data = T>) -> Result<TypedResumableCall<Results>, Error>
    where
        Results: WasmResults,
    {
        self.call.call.resume_typed(ctx.as_context_mut(), &[])
    }
}

impl Func {
    /// Calls the function such that the call can be resumed after an error of a host function, or when fuel has run
    /// out.
    ///
    /// # Errors
    ///
    /// Those of [`Func::call`], except where the call can be resumed.
    ///
    /// # Panics
    ///
    /// If the function belongs to another store.
    pub fn call_resumable<T>(
        &self,
        mut ctx: impl AsContextMut<Data = T>,
        inputs: &[Val],
        outputs: &mut [Val],
    ) -> Result<ResumableCall, Error> {
        let ctx = ctx.as_context_mut();
        let mut cells = CallCells::new();
        let class = write_inputs(self.type_in(ctx.store), ctx.instances(), inputs, outputs, &mut cells)?;
        let cells = cells.as_mut();
        let suspended = host::execute_resumable(ctx.store, self.handle(), cells, class)?;
        if suspended.is_none() {
            write_outputs(self.type_in(ctx.store), ctx.instances(), cells, outputs);
        }
        Ok(ResumableCall::new(&ctx, *self, suspended))
    }
}

impl<Params, Results> TypedFunc<Params, Results>
where
    Params: WasmParams,
    Results: WasmResults,
{
    /// Calls the function such that the call can be resumed after an error of a host function, or when fuel has run
    /// out.
    ///
    /// # Errors
    ///
    /// Those of [`TypedFunc::call`], except where the call can be resumed.
    ///
    /// # Panics
    ///
    /// If the function belongs to another store.
    pub fn call_resumable(
        &self,
        mut ctx: impl AsContextMut,
        params: Params,
    ) -> Result<TypedResumableCall<Results>, Error> {
        let ctx = ctx.as_context_mut();
        let mut cells = [0; MAX_CELLS];
        Self::store(&ctx, params, &mut cells)?;
        let suspended =
            host::execute_resumable(ctx.store, self.func().handle(), &mut cells[..Self::CELLS], Self::class())?;
        Ok(TypedResumableCall::new(&ctx, *self.func(), suspended, &cells))
    }
}

//! Functions whose types the compiler knows.

use core::{fmt, marker::PhantomData};

use crate::{
    api::{
        func::Func,
        host,
        host_func::{WasmParams, WasmResults, private::Cells},
        resume::TypedResumableCall,
        store::{AsContextMut, StoreContextMut},
    },
    error::Error,
    ir::operand::Class,
    types::layout::{MAX_VALUE_CELLS, Signature},
};

/// A function with parameters `Params` and results `Results`.
pub struct TypedFunc<Params, Results> {
    func: Func,
    signature: PhantomData<fn(Params) -> Results>,
}

impl<Params, Results> fmt::Debug for TypedFunc<Params, Results> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TypedFunc").field(&self.func).finish()
    }
}

impl<Params, Results> Clone for TypedFunc<Params, Results> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Params, Results> Copy for TypedFunc<Params, Results> {}

/// The most cells that the parameters or the results of a typed call can take: they are 16 values.
const MAX_CELLS: usize = 16 * MAX_VALUE_CELLS;

impl<Params, Results> TypedFunc<Params, Results> {
    pub(crate) fn new(func: Func) -> Self {
        Self { func, signature: PhantomData }
    }

    /// The function.
    pub fn func(&self) -> &Func {
        &self.func
    }
}

impl<Params, Results> TypedFunc<Params, Results>
where
    Params: WasmParams,
    Results: WasmResults,
{
    const CELLS: usize = Signature::new(Params::CELLS, Results::CELLS).cells();

    /// In which accumulator the first result is left.
    #[inline]
    fn class() -> Class {
        Results::first().map_or(Class::Int, Class::of)
    }

    #[inline]
    fn store<T>(ctx: &StoreContextMut<'_, T>, params: Params) -> [u64; MAX_CELLS] {
        let mut cells = [0; MAX_CELLS];
        params.store(&mut cells, Cells(ctx.instances()));
        cells
    }

    /// Calls the function.
    ///
    /// # Errors
    ///
    /// For traps, and for errors of host functions.
    ///
    /// # Panics
    ///
    /// If it belongs to another store.
    #[inline]
    pub fn call(&self, mut ctx: impl AsContextMut, params: Params) -> Result<Results, Error> {
        let ctx = ctx.as_context_mut();
        let mut cells = Self::store(&ctx, params);
        host::execute(ctx.store, self.func.handle(), &mut cells[..Self::CELLS], Self::class())?;
        Ok(Results::load(&cells, Cells(ctx.instances())))
    }

    /// Calls the function so that the call can go on after an error of a host function, or when
    /// fuel has run out.
    ///
    /// # Errors
    ///
    /// As [`TypedFunc::call`], except for what the call can be resumed after.
    ///
    /// # Panics
    ///
    /// If it belongs to another store.
    pub fn call_resumable(
        &self,
        mut ctx: impl AsContextMut,
        params: Params,
    ) -> Result<TypedResumableCall<Results>, Error> {
        let ctx = ctx.as_context_mut();
        let mut cells = Self::store(&ctx, params);
        let suspended =
            host::execute_resumable(ctx.store, self.func.handle(), &mut cells[..Self::CELLS], Self::class())?;
        Ok(TypedResumableCall::new(&ctx, self.func, suspended, &cells))
    }
}

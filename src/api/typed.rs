//! Functions whose types the compiler knows, and calls of them.

use core::{fmt, marker::PhantomData};

use crate::{
    api::{
        context::{AsContext, AsContextMut, StoreContextMut},
        func::Func,
        host,
        wasm_ty::{WasmParams, WasmResults, has_vectors, private::Cells},
    },
    error::Error,
    error::kinds::{FuncError, LimitsError},
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
    pub(crate) const CELLS: usize = Signature::new(Params::CELLS, Results::CELLS).cells();

    /// In which accumulator the first result is left.
    #[inline]
    pub(crate) fn class() -> Class {
        Results::first().map_or(Class::Int, Class::of)
    }

    /// The cells of a call.
    #[inline]
    pub(crate) fn store<T>(ctx: &StoreContextMut<'_, T>, params: Params) -> [u64; MAX_CELLS] {
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
}

impl Func {
    /// The function with its types known to the compiler.
    ///
    /// # Errors
    ///
    /// If the function has another type, or one with vectors.
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
        let mismatch = if ty.params().len() != Params::LEN {
            FuncError::MismatchingParameterLen
        } else if !Params::matches(ty.params()) {
            FuncError::MismatchingParameterType
        } else if ty.results().len() != Results::LEN {
            FuncError::MismatchingResultLen
        } else if !Results::matches(ty.results()) {
            FuncError::MismatchingResultType
        } else if has_vectors(&ty) {
            return Err(LimitsError::UnsupportedV128.into());
        } else {
            return Ok(TypedFunc::new(*self));
        };
        Err(Error::from(mismatch).about(format_args!("the type of the function is {ty}")))
    }
}

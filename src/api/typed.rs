//! Functions whose types the compiler knows, and calls of them.

use core::{fmt, marker::PhantomData};

use crate::{
    api::{
        context::{AsContext, AsContextMut, StoreContextMut},
        func::{Func, Types},
        host,
        wasm_ty::{WasmParams, WasmResults, WasmTyList, private::Cells},
    },
    error::Error,
    error::kinds::FuncError,
    ir::operand::Class,
    module::registry::TypeRegistry,
    types::{
        FuncType, ValType,
        layout::{MAX_VALUE_CELLS, Signature},
    },
};

/// A function with parameters `Params` and results `Results`.
///
/// ```
/// use wasmote::{Engine, Linker, Module, Store, TypedFunc};
///
/// # fn main() -> Result<(), wasmote::Error> {
/// let engine = Engine::default();
/// let module = Module::new(
///     &engine,
///     r#"(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))"#,
/// )?;
/// let mut store = Store::new(&engine, ());
/// let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
/// let add: TypedFunc<(i32, i32), i32> = instance.get_typed_func(&store, "add")?;
/// assert_eq!(add.call(&mut store, (40, 2))?, 42);
/// # Ok(())
/// # }
/// ```
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

/// The most values that a typed call takes or returns.
const MAX_VALUES: usize = 16;
/// The most cells that they take.
pub(crate) const MAX_CELLS: usize = MAX_VALUES * MAX_VALUE_CELLS;

impl<Params, Results> TypedFunc<Params, Results> {
    pub(crate) fn new(func: Func) -> Self {
        Self { func, signature: PhantomData }
    }

    /// Returns the function.
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

    /// The accumulator in which the first result is left.
    #[inline]
    pub(crate) fn class() -> Class {
        Results::first().map_or(Class::Int, |ty| Class::of(ty.ty()))
    }

    /// Writes the parameters to the cells of a call.
    ///
    /// # Errors
    ///
    /// If one is a reference of another store, or of a scope that has ended.
    #[inline]
    pub(crate) fn store<T>(ctx: &StoreContextMut<'_, T>, params: Params, cells: &mut [u64]) -> Result<(), Error> {
        Ok(params.store(cells, Cells(ctx.instances()))?)
    }

    /// Calls the function.
    ///
    /// # Errors
    ///
    /// If the code traps, and if a host function fails.
    ///
    /// # Panics
    ///
    /// If the function belongs to another store.
    #[inline]
    pub fn call(&self, mut ctx: impl AsContextMut, params: Params) -> Result<Results, Error> {
        // Few calls need all cells, which would take longer to zero.
        if const { Self::CELLS <= MAX_VALUES } {
            self.call_in(&mut ctx.as_context_mut(), params, &mut [0; MAX_VALUES])
        } else {
            self.call_in(&mut ctx.as_context_mut(), params, &mut [0; MAX_CELLS])
        }
    }

    /// Calls the function, with `cells` for parameters and results.
    #[inline(always)]
    fn call_in<T>(
        &self,
        ctx: &mut StoreContextMut<'_, T>,
        params: Params,
        cells: &mut [u64],
    ) -> Result<Results, Error> {
        Self::store(ctx, params, cells)?;
        host::execute(ctx.store, self.func.handle(), &mut cells[..Self::CELLS], Self::class())?;
        Ok(Results::load(cells, Cells(ctx.instances())))
    }
}

impl Func {
    /// Checks the type of the function and makes it a [`TypedFunc`], which is called with Rust values.
    ///
    /// A result of the function may be of a subtype of what is wanted: `(ref $t)` and `(ref null $t)` are a
    /// `Nullable<Func>`, or an `Option<Func>`. A parameter takes every value of the Rust type, or the types do not match:
    /// [`Func::call`] passes references that only some functions can be.
    ///
    /// # Errors
    ///
    /// If the function has another type.
    ///
    /// # Panics
    ///
    /// If the function belongs to another store.
    pub fn typed<Params, Results>(&self, ctx: impl AsContext) -> Result<TypedFunc<Params, Results>, Error>
    where
        Params: WasmParams,
        Results: WasmResults,
    {
        let ctx = ctx.as_context();
        let ty = self.type_in(ctx.store());
        if are::<Params>(ty.params) && are::<Results>(ty.results) {
            return Ok(TypedFunc::new(*self));
        }
        let ty = self.ty(ctx);
        check(&ty, Params::types().as_ref(), Results::types().as_ref(), &ctx.instances().types)?;
        Ok(TypedFunc::new(*self))
    }
}

/// Returns whether `types` are those of `L`, none of which is a concrete one.
#[inline]
fn are<L: WasmTyList>(types: Types<'_>) -> bool {
    let wanted = L::types();
    let wanted = wanted.as_ref();
    match types {
        // Lists with vectors have more words than values. They are compared where types may differ.
        Types::Words(_, words) => {
            words.len() == wanted.len() && words.iter().zip(wanted).all(|(&word, ty)| word == ty.ty())
        }
        Types::Values(types) => types == wanted,
    }
}

/// Checks that a function of type `ty` takes all values of the types `given`, and returns only such of the types `wanted`.
#[cold]
#[inline(never)]
fn check(ty: &FuncType, given: &[ValType], wanted: &[ValType], types: &TypeRegistry) -> Result<(), Error> {
    let matches = |from: &[ValType], to: &[ValType]| from.iter().zip(to).all(|(&from, &to)| types.matches(from, to));
    let mismatch = if ty.params().len() != given.len() {
        FuncError::MismatchingParameterLen
    } else if !matches(given, ty.params()) {
        FuncError::MismatchingParameterType
    } else if ty.results().len() != wanted.len() {
        FuncError::MismatchingResultLen
    } else if !matches(ty.results(), wanted) {
        FuncError::MismatchingResultType
    } else {
        return Ok(());
    };
    Err(Error::from(mismatch).about(format_args!("the type of the function is {ty}")))
}

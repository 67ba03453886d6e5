//! Functions: handles and their types. Calls are in `call`, `typed` and `resume`, host functions in `host_func`.

use crate::{
    api::{context::AsContext, store::Store},
    ir::operand::Class,
    module::types::TypeTable,
    runtime::instances::Handle,
    types::{FuncType, ValType, layout::Signature, repr::Ty},
};

/// A function of Wasm or of the host.
///
/// ```
/// use wasmote::{Engine, Func, Store, Val};
///
/// # fn main() -> Result<(), wasmote::Error> {
/// let mut store = Store::new(&Engine::default(), ());
/// let add = Func::wrap(&mut store, |a: i32, b: i32| a.wrapping_add(b));
/// assert_eq!(add.ty(&store).to_string(), "(i32, i32) -> (i32)");
/// let mut results = [Val::I32(0)];
/// add.call(&mut store, &[Val::I32(40), Val::I32(2)], &mut results)?;
/// assert_eq!(results[0].i32(), Some(42));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Func {
    handle: Handle,
}

impl Func {
    pub(crate) fn from_handle(handle: Handle) -> Self {
        Self { handle }
    }

    #[inline]
    pub(crate) fn handle(self) -> Handle {
        self.handle
    }

    /// Returns the type of the function.
    ///
    /// # Panics
    ///
    /// If the function belongs to another store.
    pub fn ty(&self, ctx: impl AsContext) -> FuncType {
        ctx.as_context().instances().func_type(self.handle)
    }

    /// Returns the type of the function as its store has it. This takes neither a lock nor a copy, as `ty` does.
    ///
    /// # Panics
    ///
    /// If the function belongs to another store.
    pub(crate) fn type_in<T>(self, store: &Store<T>) -> TypeInStore<'_> {
        let instances = &store.instances;
        match instances.module_type(self.handle) {
            Some((types, index)) => {
                let ty = types.func(index);
                let (params, results) = (Types::Words(types, ty.params()), Types::Words(types, ty.results()));
                TypeInStore { params, results, signature: ty.signature() }
            }
            None => {
                let ty = &store.hosts.funcs()[instances.func(self.handle).host as usize].ty;
                let (params, results) = ty.params_and_results();
                let (params, results) = (Types::Values(params), Types::Values(results));
                TypeInStore { params, results, signature: ty.signature() }
            }
        }
    }
}

/// The type of a function of a store.
#[derive(Clone, Copy)]
pub(crate) struct TypeInStore<'a> {
    pub(crate) params: Types<'a>,
    pub(crate) results: Types<'a>,
    pub(crate) signature: Signature,
}

/// The types of parameters or of results.
#[derive(Clone, Copy)]
pub(crate) enum Types<'a> {
    /// Those of a Wasm function, as words of its module, one for each cell
    Words(&'a TypeTable, &'a [Ty]),
    /// Those of a function of the host
    Values(&'a [ValType]),
}

impl<'a> Types<'a> {
    /// Returns the number of types.
    #[inline]
    pub(crate) fn len(self) -> usize {
        match self {
            Self::Words(_, words) => words.iter().filter(|&&ty| ty != Ty::V128_HIGH).count(),
            Self::Values(types) => types.len(),
        }
    }

    /// Iterates over the types.
    #[inline]
    pub(crate) fn iter(self) -> impl Iterator<Item = ValType> + 'a {
        let entries = match self {
            Self::Words(_, words) => words.len(),
            Self::Values(types) => types.len(),
        };
        (0..entries).filter_map(move |i| match self {
            Self::Words(table, words) => (words[i] != Ty::V128_HIGH).then(|| table.val_type(words[i])),
            Self::Values(types) => Some(types[i]),
        })
    }

    /// Returns the class of the first of these results, which a function leaves in the accumulator.
    #[inline]
    pub(crate) fn class(self) -> Class {
        match self {
            Self::Words(_, words) => words.first().map_or(Class::Int, |&ty| Class::of(ty)),
            Self::Values(types) => Class::of_results(types),
        }
    }
}

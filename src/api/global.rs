//! Global variables.

use crate::{
    api::{
        context::{AsContext, AsContextMut},
        value::Val,
    },
    error::{Error, kinds::GlobalError},
    runtime::{
        global::ValueCells,
        instances::{Handle, Instances},
    },
    types::{GlobalType, Mutability, ValType},
};

/// Returns the cells of a value of a type.
fn cells_of_type(value: &Val, ty: ValType, instances: &Instances) -> Result<ValueCells, GlobalError> {
    match value.matches(ty, instances) {
        Ok(true) => Ok(value.to_cells(instances)),
        Ok(false) => Err(GlobalError::TypeMismatch),
        #[cfg(host_refs)]
        Err(error) => Err(GlobalError::InvalidReference { error }),
        #[cfg(not(host_refs))]
        Err(_) => Err(GlobalError::TypeMismatch),
    }
}

/// A global variable.
///
/// ```
/// use wasmote::{Engine, Global, Mutability, Store, Val};
///
/// # fn main() -> Result<(), wasmote::Error> {
/// let mut store = Store::new(&Engine::default(), ());
/// let global = Global::new(&mut store, Val::I32(1), Mutability::Var);
/// global.set(&mut store, Val::I32(2))?;
/// assert_eq!(global.get(&store).i32(), Some(2));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Global {
    handle: Handle,
}

impl Global {
    pub(crate) fn from_handle(handle: Handle) -> Self {
        Self { handle }
    }

    pub(crate) fn handle(self) -> Handle {
        self.handle
    }

    /// Makes a global with an initial value, whose type is the type of the global.
    ///
    /// # Panics
    ///
    /// If `value` belongs to another store or to a scope that has ended, or the store has no more room for handles.
    pub fn new(mut ctx: impl AsContextMut, value: Val, mutability: Mutability) -> Self {
        let mut ctx = ctx.as_context_mut();
        let instances = ctx.instances_mut();
        let ty = GlobalType::new(value.ty(), mutability);
        let index = instances.new_global(ty, value.to_cells(instances)).expect("fewer than 2^32 globals");
        Self { handle: instances.handle(index) }
    }

    /// Makes a global of a type with an initial value, which may be of a subtype: a global of references that may be null, or to
    /// what has a concrete type.
    ///
    /// # Errors
    ///
    /// If the value has another type or cannot be used, the engine does not have the type, or there is no room for the global.
    ///
    /// # Panics
    ///
    /// If a function or an [`ExternRef`](crate::ExternRef) that is the value belongs to another store.
    pub fn with_ty(mut ctx: impl AsContextMut, ty: GlobalType, value: Val) -> Result<Self, Error> {
        let mut ctx = ctx.as_context_mut();
        let instances = ctx.instances_mut();
        let cells = cells_of_type(&value, ty.content(), instances)?;
        if !ty.content().as_ref().is_none_or(|ty| instances.hold_type(ty)) {
            return Err(GlobalError::TypeMismatch.into());
        }
        let index = instances.new_global(ty, cells)?;
        Ok(Self { handle: instances.handle(index) })
    }

    /// Returns the type of the global.
    ///
    /// # Panics
    ///
    /// If the global belongs to another store.
    pub fn ty(&self, ctx: impl AsContext) -> GlobalType {
        ctx.as_context().instances().global(self.handle).ty
    }

    /// Writes the value of the global.
    ///
    /// # Errors
    ///
    /// If the global is immutable, or the value has another type, and if it is a reference of a scope that has ended.
    ///
    /// # Panics
    ///
    /// If the global, or a function or an [`ExternRef`](crate::ExternRef) that is the value, belongs to another store.
    pub fn set(&self, mut ctx: impl AsContextMut, new_value: Val) -> Result<(), GlobalError> {
        let mut ctx = ctx.as_context_mut();
        let instances = ctx.instances_mut();
        let ty = instances.global(self.handle).ty;
        if ty.mutability().is_const() {
            return Err(GlobalError::ImmutableWrite);
        }
        let cells = cells_of_type(&new_value, ty.content(), instances)?;
        instances.global_mut(self.handle).set(cells);
        Ok(())
    }

    /// Returns the value of the global.
    ///
    /// # Panics
    ///
    /// If the global belongs to another store.
    pub fn get(&self, ctx: impl AsContext) -> Val {
        let ctx = ctx.as_context();
        let instances = ctx.instances();
        let global = instances.global(self.handle);
        Val::from_cells(&global.get(), global.ty.content(), instances)
    }
}

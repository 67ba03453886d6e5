//! Scopes of references that the host holds.

use crate::api::context::{AsContext, AsContextMut, StoreContext, StoreContextMut};

/// A scope of references that the host holds: those that are made in it end with it.
///
/// It gives access to the store as a [`Caller`](crate::Caller) does. Scopes end in the opposite order of their beginnings, as each borrows the
/// store.
///
/// ```
/// use wasmote::{Engine, RootScope, Store, StructRef, StructRefPre, StructType};
///
/// # fn main() -> Result<(), wasmote::Error> {
/// let mut store = Store::new(&Engine::default(), ());
/// let pre = StructRefPre::new(&mut store, StructType::new([]));
/// let object = {
///     let mut scope = RootScope::new(&mut store);
///     let object = StructRef::new(&mut scope, &pre, &[])?;
///     assert!(object.fields(&scope)?.next().is_none());
///     object
/// };
/// assert!(object.fields(&store).is_err(), "the scope has ended");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct RootScope<C: AsContextMut> {
    ctx: C,
    scope: usize,
}

impl<C: AsContextMut> RootScope<C> {
    /// Begins a scope.
    pub fn new(mut ctx: C) -> Self {
        let scope = ctx.as_context_mut().instances_mut().begin_scope();
        Self { ctx, scope }
    }
}

impl<C: AsContextMut> Drop for RootScope<C> {
    fn drop(&mut self) {
        self.ctx.as_context_mut().instances_mut().end_scope(self.scope);
    }
}

impl<C: AsContextMut> AsContext for RootScope<C> {
    type Data = C::Data;

    fn as_context(&self) -> StoreContext<'_, C::Data> {
        self.ctx.as_context()
    }
}

impl<C: AsContextMut> AsContextMut for RootScope<C> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, C::Data> {
        self.ctx.as_context_mut()
    }
}

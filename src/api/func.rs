//! Functions: handles and their types. Calls are in `call`, `typed` and `resume`, host functions in `host_func`.

use crate::{api::context::AsContext, runtime::instances::Handle, types::FuncType};

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
}

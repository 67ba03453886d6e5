//! Functions: handles and their types. Calls are in `call`, `typed` and `resume`, host functions in `host_func`.

use crate::{api::context::AsContext, runtime::instances::Handle, types::FuncType};

/// A function: of Wasm or of the host.
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

    /// Its type.
    ///
    /// # Panics
    ///
    /// If it belongs to another store.
    pub fn ty(&self, ctx: impl AsContext) -> FuncType {
        ctx.as_context().instances().func_type(self.handle)
    }
}

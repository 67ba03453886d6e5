//! Objects of the heap, as the host sees them.
//!
//! ```text
//!   mod.rs     collections that the host asks for
//! ```

use crate::api::{
    context::{AsContextMut, StoreContextMut},
    host,
    store::Store,
};

impl<T> Store<T> {
    /// Frees structs, arrays, exceptions and collected values of the host that can no longer be reached. The store does so by itself
    /// when it needs room.
    ///
    /// Needs one of the crate features `gc` and `exceptions`.
    pub fn gc(&mut self) {
        host::collect(self);
    }
}

impl<T> StoreContextMut<'_, T> {
    /// Frees objects that can no longer be reached, as [`Store::gc`] does.
    pub fn gc(&mut self) {
        host::collect(self.as_context_mut().store);
    }
}

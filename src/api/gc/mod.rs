//! Objects of the heap, as the host sees them.
//!
//! ```text
//!   mod.rs        collections that the host asks for
//!   reference.rs  handles                             scope.rs  how long they can be used
//!   any.rs        what they refer to                  typed.rs  handles as parameters and results of typed functions
//!   structs.rs arrays.rs exn.rs externs.rs            structs, arrays, exceptions, objects of the host
//! ```

#[cfg(host_refs)]
pub(crate) mod any;
#[cfg(host_refs)]
pub(crate) mod arrays;
#[cfg(all(feature = "exceptions", host_refs))]
pub(crate) mod exn;
#[cfg(host_refs)]
mod externs;
#[cfg(host_refs)]
pub(crate) mod reference;
#[cfg(host_refs)]
pub(crate) mod scope;
#[cfg(host_refs)]
pub(crate) mod structs;
#[cfg(host_refs)]
mod typed;

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

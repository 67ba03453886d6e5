//! The only way out of the machine: what the embedder's store offers to running code.
//!
//! The executor is compiled once, whatever the embedder's data is: it sees the store as an
//! erased pointer and a table of two functions.

use crate::{
    error::Error,
    limits::ResourceLimiter,
    runtime::{instance::InstanceInst, store::Instances},
};

/// Calls host function `func` for the code of `caller`: parameters stand in the cells, results
/// are written over them.
pub(crate) type CallHost = unsafe fn(
    store: *mut (),
    func: u32,
    caller: *const InstanceInst,
    cells: *mut u64,
) -> Result<(), Error>;

/// The functions of an embedder's store, for one type of data.
#[derive(Debug)]
pub(crate) struct HostVTable {
    /// Calls a host function.
    pub(crate) call: CallHost,
    /// The embedder's limiter, if there is one.
    pub(crate) limiter: for<'a> unsafe fn(store: *mut ()) -> Option<&'a mut dyn ResourceLimiter>,
}

/// An embedder's store as running code sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HostRef {
    /// The store that the functions of the table take.
    pub(crate) store: *mut (),
    /// Its functions.
    pub(crate) vtable: &'static HostVTable,
    /// The instances inside that store.
    pub(crate) instances: *mut Instances,
}

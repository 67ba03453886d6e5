//! The functions of the embedder's store that running code calls. There is no other way out of the machine.
//!
//! The executor is compiled once, whatever the type of the embedder's data. It sees the store as an erased pointer and
//! a table of functions.

#[cfg(heap)]
use crate::trap::TrapCode;
use crate::{
    error::Error,
    error::kinds::{MemoryError, TableError},
    runtime::{instance::InstanceInst, instances::Instances, memory::MemoryInst, meter::Meter, table::TableInst},
};

/// Calls host function `func` for the code of `caller`. The cells hold the parameters, and the results replace them.
pub(crate) type CallHost =
    unsafe fn(store: *mut (), func: u32, caller: *const InstanceInst, cells: *mut u64) -> Result<(), Error>;

/// Grows a memory by a number of pages, if the embedder's limiter allows it and the meter pays.
pub(crate) type GrowMemory =
    unsafe fn(store: *mut (), memory: *mut MemoryInst, delta: u64, meter: Meter<'_>) -> Result<u64, MemoryError>;

/// Grows a table by a number of elements with a value, if the embedder's limiter allows it and the meter pays.
pub(crate) type GrowTable = unsafe fn(
    store: *mut (),
    table: *mut TableInst,
    delta: u64,
    init: u64,
    meter: Meter<'_>,
) -> Result<u64, TableError>;

/// Makes room for an object of this many bytes, for an op that allocates: collects, if it is time, and asks the limiter, if the heap
/// must grow.
#[cfg(heap)]
pub(crate) type MakeRoom = unsafe fn(store: *mut (), size: u32) -> Result<(), TrapCode>;

/// What the embedder says about code that has reached the deadline of its store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The code continues.
    Continue,
    /// The code yields to other tasks, and then continues.
    Yield,
}

/// The functions of an embedder's store, for one type of data.
#[derive(Debug)]
pub(crate) struct HostVTable {
    /// Calls a host function.
    pub(crate) call: CallHost,
    /// Grows a memory.
    pub(crate) grow_memory: GrowMemory,
    /// Grows a table.
    pub(crate) grow_table: GrowTable,
    /// Asks whether the code continues after the deadline of the store.
    pub(crate) interrupt: unsafe fn(store: *mut ()) -> Result<Verdict, Error>,
    /// Makes room on the heap.
    #[cfg(heap)]
    pub(crate) make_room: MakeRoom,
    /// Frees objects that can no longer be reached, for an op that allocates.
    #[cfg(heap)]
    pub(crate) collect: unsafe fn(store: *mut ()),
}

/// An embedder's store as running code sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HostRef {
    /// The store, as the functions of the table take it.
    pub(crate) store: *mut (),
    /// Its functions.
    pub(crate) vtable: &'static HostVTable,
    /// The instances inside that store.
    pub(crate) instances: *mut Instances,
}

//! Function instances.

use crate::runtime::{code::FuncEntry, instance::InstanceInst};

/// A function in a store. A reference to it is its address.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct FuncInst {
    /// Where its code is entered; null for a host function.
    pub(crate) entry: *const FuncEntry,
    /// The instance it belongs to; null for a host function.
    pub(crate) instance: *const InstanceInst,
    /// The number of its type in the engine.
    pub(crate) type_id: u32,
    /// The number of the host function.
    pub(crate) host: u32,
    /// Its own number in the store.
    pub(crate) index: u32,
}

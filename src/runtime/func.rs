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

impl FuncInst {
    /// Host function number `host`, not yet in a store.
    pub(crate) fn host(type_id: u32, host: u32) -> Self {
        Self { entry: core::ptr::null(), instance: core::ptr::null(), type_id, host, index: 0 }
    }
}

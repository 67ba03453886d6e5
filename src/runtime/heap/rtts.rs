//! The runtime types of a module, by type index.

use alloc::{boxed::Box, sync::Arc, vec::Vec};
use core::ptr::null;

use crate::{
    error::{Error, memory::Reserve},
    module::{rtt::Rtt, types::TypeTable},
};

/// Addresses of the runtime types of structs and arrays, by type index; null for function types. Empty if there are no
/// such types.
#[derive(Debug)]
pub(crate) struct Rtts {
    addresses: Box<[*const Rtt]>,
}

// SAFETY: I14: the types are in the registry of the engine, which threads share, as long as the module holds them.
unsafe impl Send for Rtts {}
// SAFETY: I14: as for `Send`.
unsafe impl Sync for Rtts {}

impl Rtts {
    /// The runtime types of `types`, which hold them.
    ///
    /// # Errors
    ///
    /// If there is not enough memory.
    pub(crate) fn new(types: &TypeTable) -> Result<Self, Error> {
        let rtts = types.rtts();
        let mut addresses = Vec::new();
        addresses.reserve_or_fail(rtts.len())?;
        addresses.extend(rtts.map(|rtt| rtt.as_ref().map_or(null(), Arc::as_ptr)));
        Ok(Self { addresses: addresses.into_boxed_slice() })
    }

    /// The address of the first one.
    pub(crate) fn as_ptr(&self) -> *const *const Rtt {
        self.addresses.as_ptr()
    }
}

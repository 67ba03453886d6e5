//! Global instances.

use crate::types::GlobalType;

/// A global variable in a store.
#[derive(Debug)]
pub(crate) struct GlobalInst {
    pub(crate) ty: GlobalType,
    /// The address of its cell: in the instance that defines it, or allocated separately.
    pub(crate) cell: *mut u64,
}

impl GlobalInst {
    /// The value.
    pub(crate) fn get(&self) -> u64 {
        // SAFETY: I6: the cell lives as long as the store.
        unsafe { *self.cell }
    }

    /// Writes the value.
    pub(crate) fn set(&mut self, value: u64) {
        // SAFETY: I6: the cell lives as long as the store. I8: the caller has the store for itself.
        unsafe { *self.cell = value }
    }
}

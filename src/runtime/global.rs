//! Global instances.

use crate::types::{
    GlobalType,
    layout::{MAX_VALUE_CELLS, cells_of},
};

/// A global variable in a store.
#[derive(Debug)]
pub(crate) struct GlobalInst {
    pub(crate) ty: GlobalType,
    /// The address of its first cell: in the instance that defines it, or allocated separately.
    pub(crate) cell: *mut u64,
}

/// The cells of a value. The second one is 0 if the value has one cell.
pub(crate) type ValueCells = [u64; MAX_VALUE_CELLS];

impl GlobalInst {
    /// Returns the cells of the value.
    pub(crate) fn get(&self) -> ValueCells {
        let mut value = ValueCells::default();
        // SAFETY: I6: the cells live as long as the store.
        unsafe { self.cell.copy_to(value.as_mut_ptr(), self.cells()) };
        value
    }

    /// Writes the value that has these cells.
    pub(crate) fn set(&mut self, value: ValueCells) {
        // SAFETY: I6: the cells live as long as the store. I8: the caller has the store for itself.
        unsafe { self.cell.copy_from(value.as_ptr(), self.cells()) }
    }

    /// Returns the number of cells.
    fn cells(&self) -> usize {
        cells_of(self.ty.content().ty())
    }
}

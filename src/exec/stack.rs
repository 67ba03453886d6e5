//! The value stack: one allocation of 64-bit cells that never moves.
//!
//! ```text
//!   frame of a function with n parameters and m results, k = max(n, m):
//!
//!   fp -> [ parameters, later results ][ linkage ][ locals ][ operands ... ]
//!          0                          k    k+1    k+2
//!                                     return address, caller's fp
//! ```
//!
//! A frame begins where the caller put the arguments, so they are not moved; the results come back in the same cells.
//! A frame has k + 2 + locals + the greatest operand height (with the linkage of its callees) cells, on every target.

use alloc::vec::Vec;

use crate::{
    runtime::{instance::InstanceInst, pages::Pages},
    trap::TrapCode,
};

/// Number of bytes of a cell.
const CELL: usize = size_of::<u64>();

/// A switch of the instance that a return will undo.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Switch {
    /// Where the return continues.
    pub(crate) ip: *const u8,
    /// The instance to return to.
    pub(crate) instance: *const InstanceInst,
}

/// A value stack.
#[derive(Debug)]
pub(crate) struct Stack {
    /// The first cell, inside of `bytes`.
    cells: *mut u64,
    /// Number of cells.
    len: usize,
    /// Whether it is no larger than the frames on it, of an invocation that is suspended.
    packed: bool,
    /// The allocation.
    #[expect(dead_code, reason = "frees the cells")]
    bytes: Pages,
    /// The first cell that is not in use.
    pub(crate) top: usize,
    /// Instance switches to undo, innermost last.
    pub(crate) switches: Vec<Switch>,
}

// SAFETY: I10: the stack owns its cells. I8: the addresses in them are those of the store that the stack belongs to,
// and are followed only by who holds that store.
unsafe impl Send for Stack {}
// SAFETY: I10: a shared stack offers no access to its cells.
unsafe impl Sync for Stack {}

impl Stack {
    /// Allocates a stack of `bytes` bytes, all zero.
    ///
    /// # Errors
    ///
    /// If there is not enough memory.
    pub(crate) fn new(bytes: usize) -> Result<Self, TrapCode> {
        Self::with_cells((bytes / CELL).max(16), false)
    }

    /// Allocates a stack of `len` cells for the frames of an invocation that is suspended.
    ///
    /// # Errors
    ///
    /// If there is not enough memory.
    pub(crate) fn packed(len: usize) -> Result<Self, TrapCode> {
        Self::with_cells(len, true)
    }

    fn with_cells(len: usize, packed: bool) -> Result<Self, TrapCode> {
        // The bytes may begin between two cells.
        let size = len.checked_add(1).and_then(|cells| cells.checked_mul(CELL)).ok_or(TrapCode::OutOfSystemMemory)?;
        let mut bytes = Pages::new(size).map_err(|_| TrapCode::OutOfSystemMemory)?;
        let base = bytes.base();
        let cells = base.wrapping_add(base.align_offset(align_of::<u64>())).cast();
        Ok(Self { cells, len, packed, bytes, top: 0, switches: Vec::new() })
    }

    /// The address of cell `index`, or of the end of the stack.
    ///
    /// # Panics
    ///
    /// If `index` is greater than the number of cells.
    pub(crate) fn address(&self, index: usize) -> *mut u64 {
        assert!(index <= self.len, "cell {index} of {}", self.len);
        // SAFETY: I3: the address is inside the allocation or at its end, as was just checked.
        unsafe { self.cells.add(index) }
    }

    /// Whether `packed` made it.
    pub(crate) fn is_packed(&self) -> bool {
        self.packed
    }

    /// Number of cells.
    pub(crate) fn len(&self) -> usize {
        self.len
    }
}

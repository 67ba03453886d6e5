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

use alloc::{
    alloc::{alloc_zeroed, dealloc},
    vec::Vec,
};
use core::{alloc::Layout, ptr::NonNull};

use crate::{runtime::instance::InstanceInst, trap::TrapCode};

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
    cells: NonNull<u64>,
    len: usize,
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
        let len = (bytes / 8).max(16);
        let layout = Layout::array::<u64>(len).map_err(|_| TrapCode::OutOfSystemMemory)?;
        // SAFETY: I10: the stack becomes the owner of the cells. The layout is not empty: it has at least 16 cells.
        let cells = unsafe { alloc_zeroed(layout) };
        let cells = NonNull::new(cells.cast()).ok_or(TrapCode::OutOfSystemMemory)?;
        Ok(Self { cells, len, top: 0, switches: Vec::new() })
    }

    /// The address of cell `index`, or of the end of the stack.
    ///
    /// # Panics
    ///
    /// If `index` is greater than the number of cells.
    pub(crate) fn address(&self, index: usize) -> *mut u64 {
        assert!(index <= self.len, "cell {index} of {}", self.len);
        // SAFETY: I3: the address is inside the allocation or at its end, as was just checked.
        unsafe { self.cells.as_ptr().add(index) }
    }

    /// Number of cells.
    pub(crate) fn len(&self) -> usize {
        self.len
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if let Ok(layout) = Layout::array::<u64>(self.len) {
            // SAFETY: I10: the cells were allocated in `new` with this layout, and are freed only here.
            unsafe { dealloc(self.cells.as_ptr().cast(), layout) }
        }
    }
}

//! The value stack: one contiguous run of 64-bit cells that never moves while code runs.
//!
//! ```text
//!   frame of a function with n parameters and m results, k = max(n, m):
//!
//!   fp -> [ parameters, later results ][ linkage ][ locals ][ operands ... ]
//!          0                          k    k+1    k+2
//!                                     return address, caller's fp
//! ```
//!
//! A call's frame begins where the caller put the arguments, so they are not moved; the results
//! come back in the same cells. A frame's size is k + 2 + locals + the greatest operand height
//! (with the linkage of its callees): the same on every target.

use alloc::{
    alloc::{alloc_zeroed, dealloc},
    vec::Vec,
};
use core::{alloc::Layout, ptr::NonNull};

use crate::{runtime::instance::InstanceInst, trap::TrapCode};

/// An instance switch that a return will undo.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Switch {
    /// Where the return goes on.
    pub(crate) ip: *const u8,
    /// The instance to come back to.
    pub(crate) instance: *const InstanceInst,
}

/// A value stack.
#[derive(Debug)]
pub(crate) struct Stack {
    cells: NonNull<u64>,
    len: usize,
    /// First cell not in use.
    pub(crate) top: usize,
    /// Instance switches to undo, innermost last.
    pub(crate) switches: Vec<Switch>,
}

// SAFETY: the stack owns its cells; the addresses in it are those of instances and code of the
// store that the stack belongs to, and are followed only by a machine that holds that store.
unsafe impl Send for Stack {}
// SAFETY: a shared stack offers no access to its cells.
unsafe impl Sync for Stack {}

impl Stack {
    /// A stack of `bytes` bytes, all zero.
    ///
    /// # Errors
    ///
    /// If the memory cannot be had.
    pub(crate) fn new(bytes: usize) -> Result<Self, TrapCode> {
        let len = (bytes / 8).max(16);
        let layout = Layout::array::<u64>(len).map_err(|_| TrapCode::OutOfSystemMemory)?;
        // SAFETY: the layout has at least 16 cells.
        let cells = unsafe { alloc_zeroed(layout) };
        let cells = NonNull::new(cells.cast()).ok_or(TrapCode::OutOfSystemMemory)?;
        Ok(Self { cells, len, top: 0, switches: Vec::new() })
    }

    /// Address of cell `index`; the address one past the last cell exists too.
    ///
    /// # Panics
    ///
    /// If there is no such cell.
    pub(crate) fn address(&self, index: usize) -> *mut u64 {
        assert!(index <= self.len, "cell {index} of {}", self.len);
        // SAFETY: within the allocation or one past it, as just checked.
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
            // SAFETY: allocated in `new` with this layout.
            unsafe { dealloc(self.cells.as_ptr().cast(), layout) }
        }
    }
}

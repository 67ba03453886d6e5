//! The buffer that functions are translated into when a module is loaded.

use alloc::vec::Vec;

use crate::{
    error::Error,
    runtime::pages::{CAN_MAKE_READY, make_ready, prefer_large},
    trap::TrapCode,
};

/// Number of units of code that are prefaulted at once.
const STRIDE: usize = 1 << 18;

/// Code of functions, in memory that the system provides before it is written.
#[derive(Debug, Default)]
pub(super) struct CodeBuffer {
    /// The code.
    pub(super) units: Vec<u16>,
    /// The progress of prefaulting.
    pub(super) prefault: Prefault,
}

/// Makes room for the code of a body of this many bytes. Few bodies have more code, for which the buffer grows as it is
/// written.
///
/// # Errors
///
/// If there is not enough memory.
pub(super) fn make_room(units: &mut Vec<u16>, bytes: usize) -> Result<(), Error> {
    units.try_reserve(bytes).map_err(|_| TrapCode::OutOfSystemMemory.into())
}

/// How far a code buffer is prefaulted. All positions are numbers of units.
#[derive(Debug, Default)]
pub(super) struct Prefault {
    /// Expected length of the code.
    expected: usize,
    /// Code up to here is prefaulted.
    done: usize,
}

impl Prefault {
    /// Reserves memory for the code of bodies of `size` bytes after the existing code.
    ///
    /// Few modules have more than one unit per byte, or less than three quarters of one. Excess memory is returned
    /// when all functions are translated.
    pub(super) fn expect(&mut self, units: &mut Vec<u16>, size: usize) {
        // If the reservation fails, the code grows as it is written.
        if units.is_empty() && units.try_reserve_exact(size).is_ok() {
            prefer_large(units.spare_capacity_mut());
        }
        if CAN_MAKE_READY {
            self.expected = units.len() + size / 4 * 3;
        }
    }

    /// Prefaults memory for the code that follows, unless some is left.
    #[inline]
    pub(super) fn advance(&mut self, units: &mut Vec<u16>) {
        if units.len() >= self.done && units.len() < self.expected {
            let ahead = STRIDE.min(self.expected - units.len());
            units.reserve(ahead);
            make_ready(&mut units.spare_capacity_mut()[..ahead]);
            self.done = units.len() + ahead;
        }
    }
}

//! Allocations whose size depends on input: there is an error if they fail, rather than an abort.

use alloc::{string::String, vec::Vec};

use crate::{error::Error, trap::TrapCode};

/// Collections that reserve memory, or fail.
pub(crate) trait Reserve {
    /// Reserves memory for exactly `additional` items more.
    ///
    /// # Errors
    ///
    /// If there is not enough memory.
    fn reserve_or_fail(&mut self, additional: usize) -> Result<(), Error>;
}

impl<T> Reserve for Vec<T> {
    fn reserve_or_fail(&mut self, additional: usize) -> Result<(), Error> {
        self.try_reserve_exact(additional).map_err(|_| TrapCode::OutOfSystemMemory.into())
    }
}

impl Reserve for String {
    fn reserve_or_fail(&mut self, additional: usize) -> Result<(), Error> {
        self.try_reserve_exact(additional).map_err(|_| TrapCode::OutOfSystemMemory.into())
    }
}

/// Returns an empty vector with room for `capacity` items.
///
/// # Errors
///
/// If there is not enough memory.
pub(crate) fn vec_or_fail<T>(capacity: usize) -> Result<Vec<T>, Error> {
    let mut items = Vec::new();
    items.reserve_or_fail(capacity)?;
    Ok(items)
}

//! What a program sees of the world.

use std::time::Instant;

use crate::{clocks::Clocks, random::Random, table::Table};

/// What a program sees of the world: arguments, environment, descriptors, clocks, randomness.
///
/// A [`WasiCtxBuilder`](crate::WasiCtxBuilder) makes one. It lives in the data of a store, where the functions of WASI
/// find it.
pub struct WasiCtx {
    pub(crate) args: Strings,
    pub(crate) env: Strings,
    pub(crate) table: Table,
    pub(crate) clocks: Clocks,
    pub(crate) random: Random,
    /// When the program must not wait any longer
    pub(crate) deadline: Option<Instant>,
    /// Whether it would have
    pub(crate) expired: bool,
}

impl WasiCtx {
    /// Lets the program wait until then and no longer: for clocks, descriptors and standard input. A function that
    /// would have to go on waiting stops the program with [`WasiError::Deadline`](crate::WasiError::Deadline). How long
    /// a program computes is bounded by its fuel.
    pub fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.deadline = deadline;
        self.expired = false;
    }
}

impl core::fmt::Debug for WasiCtx {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("WasiCtx").field("clocks", &self.clocks).finish_non_exhaustive()
    }
}

/// Strings as programs get them: one after the other, each with a NUL byte behind it.
#[derive(Debug, Default)]
pub(crate) struct Strings {
    pub(crate) bytes: Vec<u8>,
    /// Where each string begins
    pub(crate) offsets: Vec<u32>,
}

impl Strings {
    /// Adds a string that has no NUL byte; gives whether it fits.
    pub(crate) fn push(&mut self, string: &str) -> bool {
        let fits = self.bytes.len() + string.len() < u32::MAX as usize;
        if let (true, Ok(offset)) = (fits, u32::try_from(self.bytes.len())) {
            self.offsets.push(offset);
            self.bytes.extend_from_slice(string.as_bytes());
            self.bytes.push(0);
        }
        fits
    }
}

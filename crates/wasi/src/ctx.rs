//! The context of a program: everything that it sees of the host.

use std::time::Instant;

use crate::{clocks::Clocks, random::Random, table::Table};

/// The context of a program: arguments, environment, descriptors, clocks and random numbers.
///
/// A [`WasiCtxBuilder`](crate::WasiCtxBuilder) makes one. It is part of the data of a store, where the functions of WASI
/// find it.
pub struct WasiCtx {
    pub(crate) args: Strings,
    pub(crate) env: Strings,
    pub(crate) table: Table,
    pub(crate) clocks: Clocks,
    pub(crate) random: Random,
    /// The time after which the program must not wait
    pub(crate) deadline: Option<Instant>,
    /// Whether a function stopped waiting because of the deadline
    pub(crate) expired: bool,
}

impl WasiCtx {
    /// Sets the time after which the program must not wait for clocks, descriptors or standard input.
    ///
    /// A function that would have to wait longer stops the program with
    /// [`WasiError::Deadline`](crate::WasiError::Deadline). The deadline does not bound computation: fuel does.
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

/// Strings in the form that programs receive: one after the other, each followed by a NUL byte.
#[derive(Debug, Default)]
pub(crate) struct Strings {
    pub(crate) bytes: Vec<u8>,
    /// The offset of each string
    pub(crate) offsets: Vec<u32>,
}

impl Strings {
    /// Adds a string that has no NUL byte. Returns whether it fits.
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

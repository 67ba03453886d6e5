//! The bytes of a module that arrives in parts.

use alloc::vec::Vec;

use crate::{
    binary::Window,
    error::Error,
    error::kinds::{LimitsError, ReadError},
    load::read::Read,
};

/// The fewest bytes that are requested at once.
const CHUNK: usize = if cfg!(feature = "std") { 16 << 10 } else { 1 << 10 };

/// Bytes that have arrived and are not decoded yet.
///
/// The buffer grows with the bytes of the longest section or body that have arrived, to no more than twice their
/// number. The size that a section claims does not matter.
#[derive(Debug, Default)]
pub(super) struct StreamBuffer {
    bytes: Vec<u8>,
    /// Number of bytes at the start of the buffer that are decoded.
    decoded: usize,
    /// Offset in the module at which the buffer starts.
    start: usize,
    /// Whether the source has ended.
    ended: bool,
}

impl StreamBuffer {
    /// The bytes that are not decoded yet.
    pub(super) fn window(&self) -> Window<'_> {
        Window { bytes: &self.bytes[self.decoded..], start: self.start + self.decoded, last: self.ended }
    }

    /// Whether the source has ended.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Offset in the module at which the buffer ends.
    pub(super) fn end(&self) -> usize {
        self.start + self.bytes.len()
    }

    /// Notes that all bytes before `position`, an offset in the module, are decoded.
    pub(super) fn advance_to(&mut self, position: usize) {
        self.decoded = position - self.start;
    }

    /// Removes the decoded bytes and reads more.
    ///
    /// # Errors
    ///
    /// If the source fails, or the module is too long.
    pub(super) fn fill(&mut self, source: &mut dyn Read) -> Result<(), Error> {
        self.bytes.drain(..self.decoded);
        self.start += self.decoded;
        self.decoded = 0;
        let len = self.bytes.len();
        self.bytes.resize(len + len.max(CHUNK), 0);
        let count = source.read(&mut self.bytes[len..])?;
        if count > self.bytes.len() - len {
            return Err(ReadError::UnknownError.into());
        }
        self.bytes.truncate(len + count);
        self.ended = count == 0;
        if u32::try_from(self.end()).is_err() {
            return Err(LimitsError::ModuleTooBig.into());
        }
        Ok(())
    }
}

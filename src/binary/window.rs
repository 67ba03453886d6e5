//! The part of a module that has arrived and is not decoded yet.

use core::ops::Range;

/// Consecutive bytes of a module. Decoding moves the start of the window forward.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window<'w> {
    pub(crate) bytes: &'w [u8],
    /// Offset in the module of the first of these bytes.
    pub(crate) start: usize,
    /// Whether the module ends with the window.
    pub(crate) last: bool,
}

impl<'w> Window<'w> {
    /// Returns the bytes at an offset range of the module, which lies in the window.
    pub(super) fn at(&self, range: Range<u64>) -> &'w [u8] {
        &self.bytes[range.start as usize - self.start..range.end as usize - self.start]
    }

    /// Removes the first `count` bytes, which are decoded.
    pub(super) fn advance(&mut self, count: usize) {
        self.bytes = &self.bytes[count..];
        self.start += count;
    }
}

//! Sources of bytes, with or without the standard library.

use crate::error::kinds::ReadError;

/// A source of bytes.
///
/// With the feature `std`, implemented for every `std::io::Read`; without it, for `&[u8]`.
pub trait Read {
    /// Reads some bytes into `buf` and returns their number; 0 at the end.
    ///
    /// # Errors
    ///
    /// If the source fails.
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, ReadError>;
}

#[cfg(feature = "std")]
impl<T: std::io::Read> Read for T {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, ReadError> {
        <T as std::io::Read>::read(self, buf).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => ReadError::EndOfStream,
            _ => ReadError::UnknownError,
        })
    }
}

#[cfg(not(feature = "std"))]
impl Read for &[u8] {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, ReadError> {
        let count = self.len().min(buf.len());
        let (head, rest) = self.split_at(count);
        buf[..count].copy_from_slice(head);
        *self = rest;
        Ok(count)
    }
}

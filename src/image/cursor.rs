//! Reads numbers and bytes of a section. Numbers are LEB128, as in Wasm.

use core::{ops::Range, str};

use crate::error::{Error, kinds::ArtefactError};

/// Bytes that are malformed. Small, so that results of reading are in registers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Malformed {
    offset: u32,
}

impl Malformed {
    /// Returns the error for malformed bytes at an offset, which artefacts have 32 bits for.
    pub(super) fn at(offset: usize) -> Self {
        Self { offset: offset as u32 }
    }
}

impl From<Malformed> for ArtefactError {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed { offset: malformed.offset as usize }
    }
}

impl From<Malformed> for Error {
    #[cold]
    #[inline(never)]
    fn from(malformed: Malformed) -> Self {
        ArtefactError::from(malformed).into()
    }
}

/// A position in a section.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    end: usize,
}

impl<'a> Cursor<'a> {
    /// Begins to read the section at `range` of `bytes`, which have that range.
    pub(super) fn new(bytes: &'a [u8], range: Range<usize>) -> Self {
        Self { bytes, at: range.start, end: range.end.min(bytes.len()) }
    }

    /// Returns the error that the bytes before the position are malformed.
    pub(super) fn malformed(&self) -> Malformed {
        Malformed::at(self.at)
    }

    /// Returns how many bytes are left.
    pub(super) fn left(&self) -> usize {
        self.end - self.at
    }

    /// Reads a byte.
    pub(super) fn byte(&mut self) -> Result<u8, Malformed> {
        if self.at >= self.end {
            return Err(self.malformed());
        }
        self.at += 1;
        Ok(self.bytes[self.at - 1])
    }

    /// Reads a number of 64 bits.
    pub(super) fn u64(&mut self) -> Result<u64, Malformed> {
        let (mut value, mut shift) = (0_u64, 0);
        loop {
            let byte = self.byte()?;
            let low = u64::from(byte & 0x7f);
            if shift > 63 || shift == 63 && low > 1 {
                return Err(self.malformed());
            }
            value |= low << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
            shift += 7;
        }
    }

    /// Reads a number of 32 bits.
    pub(super) fn u32(&mut self) -> Result<u32, Malformed> {
        let value = self.u64()?;
        u32::try_from(value).map_err(|_| self.malformed())
    }

    /// Reads an index below `count`.
    pub(super) fn index(&mut self, count: usize) -> Result<u32, Malformed> {
        let index = self.u32()?;
        if (index as usize) < count { Ok(index) } else { Err(self.malformed()) }
    }

    /// Reads a flag.
    pub(super) fn flag(&mut self) -> Result<bool, Malformed> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.malformed()),
        }
    }

    /// Reads the number of items that follow. Each item takes at least one byte, and there are at most `most` of them.
    pub(super) fn count(&mut self, most: usize) -> Result<usize, Malformed> {
        let count = self.u32()? as usize;
        if count <= most.min(self.left()) { Ok(count) } else { Err(self.malformed()) }
    }

    /// Reads the number of items of a section, which is 0 if there is no section.
    pub(super) fn items(&mut self, most: usize) -> Result<usize, Malformed> {
        if self.left() == 0 { Ok(0) } else { self.count(most) }
    }

    /// Reads `len` bytes.
    pub(super) fn bytes(&mut self, len: u32) -> Result<&'a [u8], Malformed> {
        if len as usize > self.left() {
            return Err(self.malformed());
        }
        let start = self.at;
        self.at += len as usize;
        Ok(&self.bytes[start..self.at])
    }

    /// Reads a range of `text`.
    pub(super) fn text<'t>(&mut self, text: &'t str) -> Result<&'t str, Malformed> {
        let (start, len) = (self.u32()? as usize, self.u32()? as usize);
        text.get(start..).and_then(|rest| rest.get(..len)).ok_or(self.malformed())
    }

    /// Checks that nothing is left.
    pub(super) fn end(&self) -> Result<(), Malformed> {
        if self.left() == 0 { Ok(()) } else { Err(self.malformed()) }
    }
}

/// Returns the bytes at `range` of an artefact as text.
pub(super) fn text(bytes: &[u8], range: Range<usize>) -> Result<&str, Malformed> {
    let offset = range.start;
    let text = bytes.get(range).unwrap_or_default();
    str::from_utf8(text).map_err(|error| Malformed::at(offset + error.valid_up_to()))
}

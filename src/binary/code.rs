//! The code section: finds function bodies as soon as they are complete.

use core::{mem::MaybeUninit, ops::Range};

use wasmparser::BinaryReader;

use crate::{
    binary::{
        invalid::{invalid, invalid_at},
        window::Window,
    },
    error::Error,
    module::{body::Body, bytes::ModuleBytes, data::ModuleData, env::ModuleHeader},
};

/// How much of the code section has been decoded.
#[derive(Debug)]
pub(super) enum Code {
    /// The code section has not begun.
    Before,
    /// The next bytes are bodies.
    Open(CodeSection),
    /// The code section is complete.
    Complete,
}

/// The rest of the code section.
#[derive(Debug, Default)]
pub(super) struct CodeSection {
    /// The functions whose bodies follow, as indices among all functions.
    funcs: Range<u32>,
    /// Offset range of the whole section in the module.
    range: Range<u64>,
}

impl CodeSection {
    /// Makes the state before the first of `count` bodies. `first` is the index of its function among all functions.
    pub(super) fn new(first: u32, count: u32, range: Range<u64>) -> Self {
        Self { funcs: first..first + count, range }
    }
}

/// The longest body, a limit of the JavaScript interface.
const MAX_BODY: u64 = 7_654_321;

/// Finds the bodies in a window, one after the other.
#[derive(Clone)]
struct BodyReader<'w> {
    reader: BinaryReader<'w>,
    /// The functions whose bodies follow.
    funcs: Range<u32>,
    /// Offset in the module at which the section ends.
    end: u64,
    /// Whether the module ends with the window.
    last: bool,
}

impl<'w> BodyReader<'w> {
    /// Reads the next body. Returns `None` after the last one, or if the next one is not complete yet.
    #[inline]
    fn read(&mut self) -> Result<Option<Body<'w>>, Error> {
        const MAX_LENGTH_OF_SIZE: usize = 5;
        if self.funcs.is_empty() {
            return Ok(None);
        }
        let at = self.reader.original_position();
        let mut ahead = self.reader.clone();
        let size = match ahead.read_var_u32() {
            Ok(size) => size as usize,
            Err(_) if !self.last && self.reader.bytes_remaining() < MAX_LENGTH_OF_SIZE => return Ok(None),
            Err(error) => return Err(invalid(&error)),
        };
        let start = ahead.original_position();
        let is_complete = ahead.bytes_remaining() >= size;
        let bytes =
            if is_complete || self.last { ahead.read_bytes(size).map_err(|error| invalid(&error))? } else { &[] };
        if start + size as u64 > self.end {
            return Err(invalid_at(at, "unexpected end-of-file"));
        }
        if size as u64 > MAX_BODY {
            let message = alloc::format!("function body size count exceeds limit of {MAX_BODY}");
            return Err(invalid_at(start, &message));
        }
        if !is_complete {
            return Ok(None);
        }
        self.reader = ahead;
        let func = self.funcs.start;
        self.funcs.start += 1;
        Ok(Some(Body { func, start: start as usize, bytes }))
    }
}

/// Iterates over the bodies that are complete in a window.
///
/// The iterator must be run to its end or to its first error before `finish`.
pub(crate) struct Bodies<'m, 'w> {
    header: &'m ModuleHeader,
    bodies: BodyReader<'w>,
    /// Offset in the module at which the section begins.
    section_start: u64,
    /// Where the decoder keeps its state.
    code: &'m mut Code,
    window: &'m mut Window<'w>,
    kept: Option<Kept<'m>>,
    /// The number of bytes of all bodies so far.
    body_bytes: &'m mut u64,
}

/// Where bodies are recorded that are needed after loading.
struct Kept<'m> {
    ranges: &'m mut alloc::vec::Vec<Range<u32>>,
    bytes: &'m mut ModuleBytes,
    prefault: fn(&mut [MaybeUninit<u8>]),
}

impl<'m, 'w> Bodies<'m, 'w> {
    /// Makes the iterator over the bodies of `section` in the window. `prefault` is for memory that bodies are copied
    /// to, if they are kept.
    pub(super) fn new(
        section: CodeSection,
        window: &'m mut Window<'w>,
        reader: BinaryReader<'w>,
        data: &'m mut ModuleData,
        code: &'m mut Code,
        keep: Option<fn(&mut [MaybeUninit<u8>])>,
    ) -> Self {
        let CodeSection { funcs, range } = section;
        let ModuleData { header, bodies: ranges, bytes, body_bytes, .. } = data;
        Self {
            header,
            bodies: BodyReader { reader, funcs, end: range.end, last: window.last },
            section_start: range.start,
            code,
            window,
            kept: keep.map(|prefault| Kept { ranges, bytes, prefault }),
            body_bytes,
        }
    }

    /// Whether there is no complete body.
    ///
    /// # Errors
    ///
    /// If the next body is malformed.
    pub(super) fn is_empty(&self) -> Result<bool, Error> {
        Ok(self.bodies.clone().read()?.is_none())
    }

    /// The index spaces that the bodies refer to.
    pub(crate) fn header(&self) -> &'m ModuleHeader {
        self.header
    }

    /// Estimates the bytes of bodies from here to the end of the section. The estimate is at most the number of bytes
    /// that have arrived: the size that a section claims is not trusted.
    pub(crate) fn expected_bytes(&self) -> usize {
        let start = self.window.start as u64;
        let arrived = (start - self.section_start).max(self.window.bytes.len() as u64);
        (self.bodies.end - start).min(arrived) as usize
    }

    /// Moves the window past the bodies that were read, and copies them if they are kept. Returns whether decoding
    /// got any further.
    ///
    /// # Errors
    ///
    /// If bytes follow the last body of the section, or there is not enough memory.
    pub(crate) fn finish(self) -> Result<bool, Error> {
        let Self { bodies: BodyReader { reader, funcs, end, .. }, section_start, code, window, kept, .. } = self;
        let consumed = reader.current_position();
        let ended = funcs.is_empty();
        if ended && reader.original_position() != end {
            return Err(invalid_at(reader.original_position(), "trailing bytes at end of section"));
        }
        if let Some(Kept { bytes, prefault, .. }) = kept {
            if window.start as u64 == section_start && ended {
                prefault(bytes.reserve(window.start, consumed)?);
            }
            // The sizes between the bodies are copied as well, so that all is one piece.
            bytes.keep(window.start, &window.bytes[..consumed])?;
        }
        *code = if ended { Code::Complete } else { Code::Open(CodeSection { funcs, range: section_start..end }) };
        window.advance(consumed);
        Ok(ended || consumed > 0)
    }
}

impl<'w> Iterator for Bodies<'_, 'w> {
    type Item = Result<Body<'w>, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let body = self.bodies.read().transpose()?;
        if let Ok(body) = &body {
            *self.body_bytes += body.bytes.len() as u64;
        }
        if let (Ok(Body { start, bytes, .. }), Some(kept)) = (&body, &mut self.kept) {
            kept.ranges.push(*start as u32..(start + bytes.len()) as u32);
        }
        Some(body)
    }
}

//! The code section: function bodies, handed on as soon as they are there.

use core::ops::Range;

use wasmparser::BinaryReader;

use crate::{
    binary::load::{Loader, Step, Window, invalid, invalid_at},
    error::Error,
    module::{body::Body, env::ModuleHeader},
};

/// What takes function bodies, with the index spaces they refer to and about how many bytes of bodies may be expected
/// from here on: all bodies that are there, until the source is exhausted. It is called once, or more often if the
/// module arrives in parts.
pub(crate) type Sink<'a> = dyn FnMut(&ModuleHeader, usize, &mut Bodies<'_, '_>) -> Result<(), Error> + 'a;

/// Gives function bodies, one after the other.
pub(crate) type Bodies<'a, 'b> = dyn FnMut() -> Result<Option<Body<'b>>, Error> + 'a;

/// How much of the code section was met.
#[derive(Debug)]
pub(super) enum Code {
    /// Nothing
    NotMet,
    /// Its bodies follow.
    Open(CodeSection),
    /// All of it
    Done,
}

/// What is left of the code section.
#[derive(Debug, Default)]
pub(super) struct CodeSection {
    /// The functions whose bodies it has, imported ones counted.
    funcs: Range<u32>,
    /// Where the first body of all began in the module, and where the section ends.
    range: Range<u64>,
}

/// The longest body: what the JavaScript interface asks for.
const MAX_BODY: u64 = 7_654_321;

/// Reads the bodies that are in a window.
struct BodyReader<'a> {
    reader: BinaryReader<'a>,
    /// The functions whose bodies follow.
    funcs: Range<u32>,
    /// Where the section ends.
    end: u64,
    /// Whether no more bytes come after the window.
    last: bool,
}

impl<'a> BodyReader<'a> {
    /// The body that follows; none if it was the last one or is not there yet.
    #[inline]
    fn next(&mut self) -> Result<Option<Body<'a>>, Error> {
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
        let is_there = ahead.bytes_remaining() >= size;
        let bytes = if is_there || self.last { ahead.read_bytes(size).map_err(|error| invalid(&error))? } else { &[] };
        if start + size as u64 > self.end {
            return Err(invalid_at(at, "unexpected end-of-file"));
        }
        if size as u64 > MAX_BODY {
            let message = alloc::format!("function body size count exceeds limit of {MAX_BODY}");
            return Err(invalid_at(start, &message));
        }
        if !is_there {
            return Ok(None);
        }
        self.reader = ahead;
        let func = self.funcs.start;
        self.funcs.start += 1;
        Ok(Some(Body { func, start: start as usize, bytes }))
    }
}

impl Loader<'_> {
    /// Begins with the code section, which has so many bodies in this range.
    pub(super) fn code_section(&mut self, count: u32, range: Range<u64>) {
        let first = self.data.header.imported_funcs;
        self.code = Code::Open(CodeSection { funcs: first..first + count, range });
        // Bodies are read here, many at once.
        self.parser.skip_section();
    }

    /// Hands on all bodies of the code section that are in the window, and moves the window behind them.
    pub(super) fn bodies(
        &mut self,
        window: &mut Window<'_>,
        section: CodeSection,
        last: bool,
        sink: &mut Sink<'_>,
    ) -> Result<Step, Error> {
        let Window { bytes, start } = *window;
        let CodeSection { funcs, range } = section;
        let reader = self.parser.binary_reader(bytes, start as u64);
        let mut coming = BodyReader { reader, funcs, end: range.end, last };
        let mut first = coming.next()?;
        if first.is_some() {
            let here = start as u64;
            // As much again as there was: what a section claims is not there yet.
            let expected = (range.end - here).min((here - range.start).max(bytes.len() as u64));
            let mut bodies = self.keep_bodies.then_some(&mut self.data.bodies);
            sink(&self.data.header, expected as usize, &mut || {
                let body = first.take().map_or_else(|| coming.next(), |first| Ok(Some(first)))?;
                if let (Some(Body { start, bytes, .. }), Some(bodies)) = (body, &mut bodies) {
                    bodies.push(start as u32..(start + bytes.len()) as u32);
                }
                Ok(body)
            })?;
        }
        let BodyReader { reader, funcs, .. } = coming;
        let consumed = reader.current_position();
        let ended = funcs.is_empty();
        if ended && reader.original_position() != range.end {
            return Err(invalid_at(reader.original_position(), "trailing bytes at end of section"));
        }
        if self.keep_bodies {
            let kept = &mut self.data.bytes;
            if start as u64 == range.start && ended {
                (self.make_ready)(kept.reserve(start, consumed));
            }
            // Bodies with their sizes are consecutive, and so end up in one piece.
            kept.keep(start, &bytes[..consumed]);
        }
        self.code = if ended { Code::Done } else { Code::Open(CodeSection { funcs, range }) };
        *window = Window { bytes: &bytes[consumed..], start: start + consumed };
        Ok(if ended || consumed > 0 { Step::Section } else { Step::NeedMore })
    }
}

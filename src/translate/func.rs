//! The entry of the room: takes function bodies, returns compact code.

use alloc::vec::Vec;
use core::mem;

use wasmparser::{BinaryReader, BinaryReaderError};

#[cfg(debug_assertions)]
use crate::ir::verify;
#[cfg(heap)]
use crate::module::safepoints::Safepoints;
use crate::{
    error::Error,
    module::{
        body::{Body, FuncCode},
        env::ModuleHeader,
        positions::Positions,
    },
    translate::{
        builder::{Builder, Scratch},
        cursor::{Cursor, invalid},
        decode::Operators,
        slots::places_of_locals,
        visitor::Visitor,
    },
    validate::{BlockType, FrameKind, LocalTypes, val_type},
};

/// Validates and translates functions of one module after the other. Keeps memory between them.
#[derive(Debug, Default)]
pub(crate) struct Translator {
    scratch: Scratch,
}

/// Validates and translates functions of one module.
pub(crate) struct ModuleTranslator<'a> {
    visitor: Visitor<'a>,
}

/// What is known about a translated function besides its code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Translated {
    /// Unit where the function is entered, counted from the start of its code.
    pub(crate) entry: usize,
    /// Number of cells of its frame.
    pub(crate) frame_cells: u32,
    /// Whether a list of regions is at the end of its code.
    pub(crate) has_regions: bool,
}

impl Translated {
    /// Returns the code of the function, which is at these units.
    pub(crate) fn code(self, start: usize, end: usize) -> FuncCode {
        let Self { entry, frame_cells, has_regions } = self;
        FuncCode { start, end, entry, frame_cells, has_regions }
    }
}

#[cfg(debug_assertions)]
impl Translated {
    /// Asserts that `code` is valid code of this function.
    fn assert_code(self, code: &[u16], header: &ModuleHeader, func: u32) {
        let Self { entry, frame_cells, .. } = self;
        let signature = header.func_type(func).signature();
        verify::assert_code(&verify::Func { code, entry, frame_cells, signature }, header, func);
    }
}

impl Translator {
    /// Calls `work` to validate and translate functions of the module that has this header. Appends their code to
    /// `out`, which is unchanged if there is an error.
    ///
    /// # Errors
    ///
    /// The errors of `work`.
    pub(crate) fn functions<R>(
        &mut self,
        header: &ModuleHeader,
        out: &mut Vec<u16>,
        work: impl FnOnce(&mut ModuleTranslator<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let start = out.len();
        // Ops are written directly to `out`.
        self.scratch.code = mem::take(out);
        let builder = Builder::new(header, mem::take(&mut self.scratch));
        let features = header.features.wasm_features();
        let mut module = ModuleTranslator { visitor: Visitor { builder, features } };
        let result = work(&mut module);
        self.scratch = module.visitor.builder.into_scratch();
        *out = mem::take(&mut self.scratch.code);
        if result.is_err() {
            out.truncate(start);
        }
        result
    }
}

impl ModuleTranslator<'_> {
    /// Returns the code so far.
    pub(crate) fn code(&mut self) -> &mut Vec<u16> {
        &mut self.visitor.builder.emitter.code
    }

    /// Validates and translates a body.
    ///
    /// # Errors
    ///
    /// If the body is malformed or invalid, uses a proposal that is not supported, or needs more
    /// slots than a frame can have.
    pub(crate) fn translate(&mut self, body: Body<'_>) -> Result<Translated, Error> {
        let operators = self.visitor.begin_body(body, true)?;
        #[cfg(heap)]
        if self.visitor.locals().has_references() {
            self.visitor.builder.clear_references();
        }
        self.operators(body, |visitor, _| visitor.operators(operators))
    }

    /// Translates a body that was translated before, and notes which operators its code comes from.
    ///
    /// # Errors
    ///
    /// Those of `translate`; also if there is not enough memory.
    pub(crate) fn positions(&mut self, body: Body<'_>, positions: &mut Positions) -> Result<Translated, Error> {
        let operators = self.visitor.begin_body(body, true)?;
        #[cfg(heap)]
        if self.visitor.locals().has_references() {
            self.visitor.builder.clear_references();
        }
        let translated = self.operators(body, |visitor, begin| visitor.located(operators, begin, positions))?;
        #[cfg(feature = "coredump")]
        if let Some(site) = &mut positions.site {
            self.visitor.builder.complete(site);
        }
        Ok(translated)
    }

    /// Translates a body that was translated before, and notes its safepoints.
    ///
    /// # Errors
    ///
    /// Those of `translate`; also if there is too much to note.
    #[cfg(heap)]
    pub(crate) fn safepoints(&mut self, body: Body<'_>) -> Result<(Translated, Safepoints), Error> {
        let operators = self.visitor.begin_body(body, true)?;
        let builder = &mut self.visitor.builder;
        builder.clear_references();
        builder.record(body.bytes.len());
        let translated = self.operators(body, |visitor, _| visitor.operators(operators));
        let safepoints = self.visitor.builder.recording.finish()?;
        Ok((translated?, safepoints.unwrap_or_default()))
    }

    /// Translates the operators of a body, by `work`, which is told the unit where the code begins.
    fn operators(
        &mut self,
        body: Body<'_>,
        work: impl FnOnce(&mut Visitor<'_>, usize) -> Result<(), Error>,
    ) -> Result<Translated, Error> {
        let builder = &mut self.visitor.builder;
        let start = builder.emitter.code.len();
        let locals = &builder.stack.validation.locals;
        let enter_units = if locals.len() > locals.params() { builder.emitter.reserve_enter() } else { 0 };
        let fuel = builder.enter_stretch();
        builder.charge_frame();
        builder.push_frame(FrameKind::Func, BlockType::Body, fuel);
        work(&mut self.visitor, start)?;
        let builder = &mut self.visitor.builder;
        let frame_cells = builder.stack.slots.frame_cells(body.func)?;
        let entry = if enter_units > 0 {
            builder.entry.finish(&builder.stack.validation.locals, &mut builder.emitter.code[start..], enter_units)
        } else {
            0
        };
        #[cfg(feature = "exceptions")]
        let has_regions = builder.regions.emit(&mut builder.emitter, &builder.labels.patches);
        #[cfg(not(feature = "exceptions"))]
        let has_regions = false;
        let translated = Translated { entry, frame_cells, has_regions };
        #[cfg(debug_assertions)]
        translated.assert_code(&builder.emitter.code[start..], builder.header, body.func);
        Ok(translated)
    }

    /// Validates a body without translating it.
    ///
    /// # Errors
    ///
    /// If the body is malformed or invalid.
    pub(crate) fn validate(&mut self, body: Body<'_>) -> Result<(), Error> {
        // Operators that cannot be reached are not translated.
        let operators = self.visitor.begin_body(body, false)?;
        self.visitor.builder.push_frame(FrameKind::Func, BlockType::Body, None);
        self.visitor.operators(operators)
    }
}

impl Visitor<'_> {
    /// Begins a body and reads its declarations of locals. Returns the operators, which follow. With `reachable`, the
    /// body is translated; otherwise it is only validated.
    #[inline]
    fn begin_body<'a>(&mut self, body: Body<'a>, reachable: bool) -> Result<Operators<'a>, Error> {
        let Body { func, start, bytes } = body;
        let ty = self.builder.header.func_type(func);
        let places = places_of_locals(ty);
        self.locals().begin(ty.params(), places);
        let mut cursor = Cursor::new(bytes);
        if self.frequent_locals(&mut cursor).is_none() {
            self.locals().begin(ty.params(), places);
            cursor = Cursor::new(&bytes[self.any_locals(body)? - start..]);
        }
        self.builder.begin_func(func, ty, reachable);
        Ok(Operators { bytes: cursor.rest(), start: start + bytes.len() - cursor.remaining() })
    }

    fn locals(&mut self) -> &mut LocalTypes {
        &mut self.builder.stack.validation.locals
    }

    /// Reads the declarations of locals, if they are well formed and all locals are numbers.
    fn frequent_locals(&mut self, cursor: &mut Cursor<'_>) -> Option<()> {
        if !self.builder.header.features.floats {
            return None;
        }
        for _ in 0..cursor.unsigned()? {
            let count = cursor.unsigned()?;
            self.locals().push(count, cursor.number_type()?)?;
        }
        Some(())
    }

    /// Reads the declarations of locals with the parser. Returns the offset of the operators in the module.
    #[cold]
    fn any_locals(&mut self, Body { func, start, bytes }: Body<'_>) -> Result<usize, Error> {
        let mut reader = BinaryReader::new_features(bytes, start as u64, self.features);
        let wrap = |error: BinaryReaderError| invalid(&error, func);
        let declarations = reader.read_var_u32().map_err(wrap)?;
        for _ in 0..declarations {
            let offset = reader.original_position() as usize;
            let fail = |message: &str| Error::invalid_wasm(message, offset, Some(func));
            let count = reader.read_var_u32().map_err(wrap)?;
            let ty: wasmparser::ValType = reader.read().map_err(wrap)?;
            let ty = val_type(self.builder.header, ty).map_err(fail)?;
            self.locals().push(count, ty).ok_or_else(|| fail("too many locals: locals exceed maximum"))?;
        }
        Ok(reader.original_position() as usize)
    }
}

//! The entry to translation: one function body in, compact code out.

use alloc::vec::Vec;

use wasmparser::{
    BinaryReader, BinaryReaderError, FuncToValidate, FuncValidator, FuncValidatorAllocations, FunctionBody,
    ValidatorResources,
};

use crate::{
    costs::OperatorCost,
    error::Error,
    module::{
        body::{FuncCode, LazyTranslator},
        data::ModuleData,
        env::ModuleHeader,
    },
    translate::{
        builder::{Builder, Scratch},
        control::{BlockTypeRef, FrameKind},
        visitor::val_type,
    },
};

/// Translates function bodies, one after the other, with memory that is kept between them.
#[derive(Default)]
pub(crate) struct Translator {
    scratch: Scratch,
    code: Vec<u16>,
    allocations: FuncValidatorAllocations,
}

impl core::fmt::Debug for Translator {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Translator").finish_non_exhaustive()
    }
}

/// What translation says about a function besides its code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Translated {
    /// Unit where the function is entered, counted from the start of its code.
    pub(crate) entry: usize,
    /// Number of cells of its frame.
    pub(crate) frame_cells: u32,
}

/// Validates and translates operators as the reader meets them.
pub(crate) struct Visitor<'a, 'b> {
    pub(crate) builder: Builder<'b>,
    pub(crate) validator: Option<&'a mut FuncValidator<ValidatorResources>>,
    /// Where the current operator stands in the module.
    pub(crate) offset: u64,
    pub(crate) func: u32,
}

impl Visitor<'_, '_> {
    /// The error for an operator of a proposal that is not supported.
    pub(crate) fn unsupported(&self, visit: &str) -> Error {
        let operator = visit.strip_prefix("visit_").unwrap_or(visit);
        Error::unsupported_operator(operator, self.offset as usize, self.func)
    }

    /// Charges the fuel of one operator.
    #[inline]
    pub(crate) fn charge(&mut self, cost: fn(&OperatorCost) -> u64) {
        if let Some(costs) = &self.builder.header.fuel {
            self.builder.charged += cost(costs);
        }
    }
}

/// The error for bytes of function `func` that are malformed or do not validate.
pub(crate) fn invalid(error: &BinaryReaderError, func: u32) -> Error {
    Error::invalid_wasm(error.message(), error.offset() as usize, Some(func))
}

impl Translator {
    /// Translates the body of function `func` (its index in the whole index space) and appends
    /// its code to `out`. Validates it on the way if a validator is given.
    ///
    /// # Errors
    ///
    /// If the body is malformed or invalid, uses a proposal that is not supported, or needs more
    /// slots than a frame can have. `out` is then as before.
    pub(crate) fn translate(
        &mut self,
        header: &ModuleHeader,
        func: u32,
        body: &FunctionBody<'_>,
        validator: Option<FuncToValidate<ValidatorResources>>,
        out: &mut Vec<u16>,
    ) -> Result<Translated, Error> {
        let mut validator = validator.map(|validator| validator.into_validator(core::mem::take(&mut self.allocations)));
        self.code.clear();
        let result = self.translate_body(header, func, body, validator.as_mut());
        if let Some(validator) = validator {
            self.allocations = validator.into_allocations();
        }
        let translated = result?;
        out.extend_from_slice(&self.code);
        Ok(translated)
    }

    /// Validates the body of function `func` and translates nothing.
    ///
    /// # Errors
    ///
    /// If the body is malformed or invalid.
    pub(crate) fn validate(
        &mut self,
        func: u32,
        body: &FunctionBody<'_>,
        validator: FuncToValidate<ValidatorResources>,
    ) -> Result<(), Error> {
        let mut validator = validator.into_validator(core::mem::take(&mut self.allocations));
        let result = validator.validate(body);
        self.allocations = validator.into_allocations();
        result.map_err(|error| invalid(&error, func))
    }

    fn translate_body(
        &mut self,
        header: &ModuleHeader,
        func: u32,
        body: &FunctionBody<'_>,
        mut validator: Option<&mut FuncValidator<ValidatorResources>>,
    ) -> Result<Translated, Error> {
        let func_type = header.func_type(func);
        let wrap = |error: BinaryReaderError| invalid(&error, func);
        let scratch = &mut self.scratch;
        scratch.stack.clear();
        scratch.frames.clear();
        scratch.patches.clear();
        scratch.locals.clear();
        for &ty in func_type.params() {
            scratch.locals.push(1, ty);
        }
        let mut reader = body.get_binary_reader();
        let declarations = reader.read_var_u32().map_err(wrap)?;
        for _ in 0..declarations {
            let offset = reader.original_position();
            let count = reader.read_var_u32().map_err(wrap)?;
            let ty: wasmparser::ValType = reader.read().map_err(wrap)?;
            if let Some(validator) = validator.as_mut() {
                validator.define_locals(offset, count, ty).map_err(wrap)?;
            }
            let total = scratch.locals.len().checked_add(count);
            if total.is_none_or(|total| total > MAX_LOCALS) {
                return Err(Error::invalid_wasm("too many locals", offset as usize, Some(func)));
            }
            if count > 0 {
                scratch.locals.push(count, val_type(ty));
            }
        }
        let mut builder = Builder::new(header, &mut self.code, scratch, func_type);
        let has_locals = builder.scratch.locals.len() > builder.num_params;
        if has_locals {
            builder.reserve_enter();
        }
        let enter_units = builder.code.len();
        let fuel = header.fuel_metered().then(|| builder.begin_fuel());
        builder.push_frame(FrameKind::Func, BlockTypeRef::Body, fuel);
        let mut visitor = Visitor { builder, validator, offset: 0, func };
        while !visitor.builder.scratch.frames.is_empty() {
            visitor.offset = reader.original_position();
            reader.visit_operator(&mut visitor).map_err(wrap)??;
            visitor.builder.check_frame()?;
        }
        if let Some(validator) = visitor.validator {
            reader.finish_expression(&validator.visitor(reader.original_position())).map_err(wrap)?;
        } else if !reader.eof() {
            return Err(Error::invalid_wasm(
                "operators after the end of the function",
                reader.original_position() as usize,
                Some(func),
            ));
        }
        let mut builder = visitor.builder;
        let end = builder.first_temporary + builder.scratch.stack.max_height();
        builder.reserve(end);
        builder.check_frame()?;
        let entry = if has_locals { builder.finish_enter(enter_units) } else { 0 };
        Ok(Translated { entry, frame_cells: builder.frame_end as u32 })
    }
}

/// Limit of the number of locals of a function, parameters included, as in other engines.
const MAX_LOCALS: u32 = 51_000;

/// Translates functions at their first call; validates them then, if that was not done before.
pub(crate) struct LazyFuncs {
    /// What validation needs, for any one function, if they are not validated.
    pub(crate) validator: Option<FuncToValidate<ValidatorResources>>,
    /// Fuel for translating and for validating one byte, if fuel is metered.
    pub(crate) fuel_per_byte: u64,
}

impl LazyTranslator for LazyFuncs {
    fn translate(&self, data: &ModuleData, index: u32, out: &mut Vec<u16>) -> Result<FuncCode, Error> {
        let header = &data.header;
        let range = data.bodies[index as usize].clone();
        let reader = BinaryReader::new(&data.bytes[range.clone()], range.start as u64);
        let body = FunctionBody::new(reader);
        let func = header.imported_funcs + index;
        let validator = self.validator.as_ref().map(|any| FuncToValidate {
            resources: any.resources.clone(),
            index: func,
            ty: header.funcs[func as usize],
            features: any.features,
        });
        let start = out.len();
        let translated = Translator::default().translate(header, func, &body, validator, out)?;
        Ok(FuncCode { start, end: out.len(), entry: translated.entry, frame_cells: translated.frame_cells })
    }

    fn fuel(&self, data: &ModuleData, index: u32) -> u64 {
        (data.bodies[index as usize].len() as u64).saturating_mul(self.fuel_per_byte)
    }
}

//! One pass over the sections of a module: parse, validate, hand function bodies on.

use alloc::{sync::Arc, vec::Vec};

use wasmparser::{
    BinaryReaderError, Chunk, Encoding, FuncToValidate, FunctionBody, Parser, Payload, Validator,
    ValidatorResources, WasmFeatures,
};

use crate::{
    config::{Config, EnforcedLimits, Features},
    error::Error,
    errors::{EnforcedLimitsError, LimitsError},
    module::{
        data::ModuleData,
        env::ModuleHeader,
        registry::TypeRegistry,
    },
};

/// A function body as it is met in the code section.
pub(crate) struct Body<'a> {
    /// The function's index among all functions.
    pub(crate) func: u32,
    pub(crate) bytes: FunctionBody<'a>,
    /// What validation of the body needs, unless the module is not validated.
    pub(crate) validator: Option<FuncToValidate<ValidatorResources>>,
}

/// A module that is being loaded.
pub(crate) struct Loader<'a> {
    pub(crate) config: &'a Config,
    pub(crate) types: &'a TypeRegistry,
    pub(crate) data: ModuleData,
    validator: Option<Validator>,
    num_bodies: u32,
}

/// The error for bytes outside of function bodies that are malformed or do not validate.
pub(crate) fn invalid(error: &BinaryReaderError) -> Error {
    Error::invalid_wasm(error.message(), error.offset() as usize, None)
}

/// The proposals as the parser names them.
fn wasm_features(features: &Features) -> WasmFeatures {
    let mut wasm = WasmFeatures::empty();
    wasm.set(WasmFeatures::MUTABLE_GLOBAL, features.mutable_global);
    wasm.set(WasmFeatures::SIGN_EXTENSION, features.sign_extension);
    wasm.set(WasmFeatures::SATURATING_FLOAT_TO_INT, features.saturating_float_to_int);
    wasm.set(WasmFeatures::MULTI_VALUE, features.multi_value);
    wasm.set(WasmFeatures::MULTI_MEMORY, features.multi_memory);
    wasm.set(WasmFeatures::BULK_MEMORY, features.bulk_memory);
    wasm.set(WasmFeatures::BULK_MEMORY_OPT, features.bulk_memory);
    wasm.set(WasmFeatures::REFERENCE_TYPES, features.reference_types);
    wasm.set(WasmFeatures::CALL_INDIRECT_OVERLONG, features.reference_types);
    wasm.set(WasmFeatures::GC_TYPES, true);
    wasm.set(WasmFeatures::TAIL_CALL, features.tail_call);
    wasm.set(WasmFeatures::EXTENDED_CONST, features.extended_const);
    wasm.set(WasmFeatures::CUSTOM_PAGE_SIZES, features.custom_page_sizes);
    wasm.set(WasmFeatures::MEMORY64, features.memory64);
    wasm.set(WasmFeatures::WIDE_ARITHMETIC, features.wide_arithmetic);
    wasm.set(WasmFeatures::FLOATS, features.floats);
    wasm
}

/// Loads a module; each function body goes to `sink` with the index spaces it refers to.
///
/// # Errors
///
/// If the bytes are malformed or invalid, exceed a limit, or if `sink` fails.
pub(crate) fn load(
    bytes: Arc<[u8]>,
    config: &Config,
    types: &TypeRegistry,
    validated: bool,
    sink: &mut dyn FnMut(&ModuleHeader, Body<'_>) -> Result<(), Error>,
) -> Result<ModuleData, Error> {
    if u32::try_from(bytes.len()).is_err() {
        return Err(LimitsError::ModuleTooBig.into());
    }
    let features = wasm_features(&config.features);
    let mut loader = Loader {
        config,
        types,
        data: ModuleData::new(bytes.clone()),
        validator: validated.then(|| Validator::new_with_features(features)),
        num_bodies: 0,
    };
    loader.data.header.fuel = config.consume_fuel.then_some(config.operator_cost);
    let mut parser = Parser::new(0);
    parser.set_features(features);
    let mut rest: &[u8] = &bytes;
    loop {
        let payload = match parser.parse(rest, true).map_err(|error| invalid(&error))? {
            Chunk::Parsed { consumed, payload } => {
                rest = &rest[consumed..];
                payload
            }
            Chunk::NeedMoreData(_) => {
                return Err(Error::invalid_wasm("unexpected end", bytes.len(), None));
            }
        };
        let end = matches!(payload, Payload::End(_));
        loader.payload(payload, sink)?;
        if end {
            return Ok(loader.data);
        }
    }
}

/// Validates a module and forgets it.
///
/// # Errors
///
/// If the bytes are malformed or invalid.
pub(crate) fn validate(bytes: &[u8], config: &Config) -> Result<(), Error> {
    let mut validator = Validator::new_with_features(wasm_features(&config.features));
    // Components are another format.
    if bytes.get(4..8) == Some(&[0x0d, 0, 1, 0]) {
        return Err(Error::invalid_wasm("components are not supported", 4, None));
    }
    validator.validate_all(bytes).map(drop).map_err(|error| invalid(&error))
}

impl Loader<'_> {
    fn payload(
        &mut self,
        payload: Payload<'_>,
        sink: &mut dyn FnMut(&ModuleHeader, Body<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let limits = self.config.enforced_limits;
        if let Payload::CodeSectionEntry(bytes) = payload {
            return self.body(bytes, sink);
        }
        self.check_limits(&payload, &limits)?;
        if let Some(validator) = &mut self.validator {
            validator.payload(&payload).map_err(|error| invalid(&error))?;
        }
        match payload {
            Payload::Version { encoding: Encoding::Component, range, .. } => {
                return Err(Error::invalid_wasm("components are not supported", range.start as usize, None));
            }
            Payload::TypeSection(reader) => self.type_section(reader)?,
            Payload::ImportSection(reader) => self.import_section(reader)?,
            Payload::FunctionSection(reader) => self.function_section(reader)?,
            Payload::TableSection(reader) => self.table_section(reader)?,
            Payload::MemorySection(reader) => self.memory_section(reader)?,
            Payload::GlobalSection(reader) => self.global_section(reader)?,
            Payload::ExportSection(reader) => self.export_section(reader)?,
            Payload::StartSection { func, .. } => self.data.start = Some(func),
            Payload::ElementSection(reader) => self.element_section(reader)?,
            Payload::DataSection(reader) => self.data_section(reader)?,
            Payload::CustomSection(reader) if !self.config.ignore_custom_sections => {
                self.data.customs.push(crate::module::data::Custom {
                    name: reader.name().into(),
                    bytes: reader.data_offset() as usize..reader.range().end as usize,
                });
            }
            _ => {}
        }
        Ok(())
    }

    fn body(
        &mut self,
        bytes: FunctionBody<'_>,
        sink: &mut dyn FnMut(&ModuleHeader, Body<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let validator = match &mut self.validator {
            Some(validator) => Some(validator.code_section_entry(&bytes).map_err(|error| invalid(&error))?),
            None => None,
        };
        let range = bytes.range();
        self.data.bodies.push(range.start as usize..range.end as usize);
        let func = self.data.header.imported_funcs + self.num_bodies;
        self.num_bodies += 1;
        sink(&self.data.header, Body { func, bytes, validator })
    }

    /// Checks the limits of the configuration as soon as a count is known.
    fn check_limits(&self, payload: &Payload<'_>, limits: &EnforcedLimits) -> Result<(), Error> {
        let exceeded = |count: u32, limit: Option<u32>| limit.filter(|&limit| count > limit);
        let error = match payload {
            Payload::FunctionSection(reader) => exceeded(reader.count(), limits.max_functions)
                .map(|limit| EnforcedLimitsError::TooManyFunctions { limit }),
            Payload::TableSection(reader) => exceeded(reader.count(), limits.max_tables)
                .map(|limit| EnforcedLimitsError::TooManyTables { limit }),
            Payload::MemorySection(reader) => exceeded(reader.count(), limits.max_memories)
                .map(|limit| EnforcedLimitsError::TooManyMemories { limit }),
            Payload::GlobalSection(reader) => exceeded(reader.count(), limits.max_globals)
                .map(|limit| EnforcedLimitsError::TooManyGlobals { limit }),
            Payload::ElementSection(reader) => exceeded(reader.count(), limits.max_element_segments)
                .map(|limit| EnforcedLimitsError::TooManyElementSegments { limit }),
            Payload::DataSection(reader) => exceeded(reader.count(), limits.max_data_segments)
                .map(|limit| EnforcedLimitsError::TooManyDataSegments { limit }),
            Payload::CodeSectionStart { count, size, .. } => limits
                .min_avg_bytes_per_function
                .filter(|limit| *size >= limit.req_funcs_bytes && *count > 0)
                .filter(|limit| size / count < limit.min_avg_bytes_per_function)
                .map(|limit| EnforcedLimitsError::MinAvgBytesPerFunction {
                    limit: limit.min_avg_bytes_per_function,
                    avg: size / count,
                }),
            _ => None,
        };
        error.map_or(Ok(()), |error| Err(error.into()))
    }
}

impl ModuleData {
    /// A module of these bytes in which nothing is decoded yet.
    fn new(bytes: Arc<[u8]>) -> Self {
        Self {
            bytes,
            header: ModuleHeader::default(),
            imports: Vec::new(),
            exports: Vec::new(),
            export_names: hashbrown::HashMap::new(),
            start: None,
            global_inits: Vec::new(),
            table_inits: Vec::new(),
            elements: Vec::new(),
            data: Vec::new(),
            bodies: Vec::new(),
            customs: Vec::new(),
        }
    }
}

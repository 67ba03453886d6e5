//! One pass over the sections of a module: parses and validates them, and returns function bodies to its caller.

use alloc::sync::Arc;
use core::{
    mem::{self, MaybeUninit},
    ops::Range,
};

use wasmparser::{Chunk, Encoding, Parser, Payload};

use crate::{
    binary::{
        code::{Bodies, Code, CodeSection},
        invalid::{invalid, invalid_at},
        names::find_func_names,
        sections::Sections,
        window::Window,
    },
    config::{Config, EnforcedLimits},
    error::Error,
    error::kinds::EnforcedLimitsError,
    module::{bytes::ModuleBytes, data::ModuleData, registry::TypeRegistry},
};

/// The options of a decoder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decoding<'a> {
    pub(crate) config: &'a Config,
    pub(crate) types: &'a Arc<TypeRegistry>,
    /// Whether function bodies are needed after loading.
    pub(crate) keep_bodies: bool,
    /// Called with memory that is about to be written.
    pub(crate) prefault: fn(&mut [MaybeUninit<u8>]),
}

/// Decodes and validates a module section by section, except for its function bodies.
pub(crate) struct Decoder<'a> {
    sections: Sections<'a>,
    parser: Parser,
    prefault: fn(&mut [MaybeUninit<u8>]),
    code: Code,
}

/// The result of one step of decoding.
pub(crate) enum Step<'m, 'w> {
    /// A section was decoded.
    Section,
    /// The window begins with at least one complete function body. The caller reads all of them and calls
    /// [`Bodies::finish`].
    Bodies(Bodies<'m, 'w>),
    /// Nothing was decoded: the window needs more bytes.
    NeedMore,
    /// The module is complete.
    End,
}

/// Refuses a section that claims more entries than it has bytes.
///
/// Sections reserve memory for all claimed entries at once. A module of a few bytes must not make them reserve much.
fn check_claim(payload: &Payload<'_>) -> Result<(), Error> {
    let (count, range) = match payload {
        Payload::TypeSection(reader) => (reader.count(), reader.range()),
        Payload::ImportSection(reader) => (reader.count(), reader.range()),
        Payload::FunctionSection(reader) => (reader.count(), reader.range()),
        Payload::TableSection(reader) => (reader.count(), reader.range()),
        Payload::MemorySection(reader) => (reader.count(), reader.range()),
        Payload::TagSection(reader) => (reader.count(), reader.range()),
        Payload::GlobalSection(reader) => (reader.count(), reader.range()),
        Payload::ExportSection(reader) => (reader.count(), reader.range()),
        Payload::ElementSection(reader) => (reader.count(), reader.range()),
        Payload::DataSection(reader) => (reader.count(), reader.range()),
        _ => return Ok(()),
    };
    if u64::from(count) > range.end - range.start {
        return Err(Error::invalid_wasm("unexpected end of section", range.end as usize, None));
    }
    Ok(())
}

impl<'a> Decoder<'a> {
    /// Makes a decoder at the start of a module. `kept` takes the bytes that are needed after loading.
    pub(crate) fn new(decoding: Decoding<'a>, kept: ModuleBytes) -> Self {
        let Decoding { config, types, keep_bodies, prefault } = decoding;
        let mut parser = Parser::new(0);
        parser.set_features(config.features.wasm_features());
        let mut data = ModuleData::default();
        data.bytes = kept;
        data.find_func_names = Some(find_func_names);
        data.header.fuel = config.metering();
        data.header.fused = config.fused_ops;
        data.header.canonical_nans = config.canonical_nans;
        data.header.features = config.features;
        Self {
            sections: Sections { config, types, keep_bodies, data, type_size: 1 },
            parser,
            prefault,
            code: Code::Before,
        }
    }

    /// Decodes the section at the start of the window and moves the window past it, or returns the function bodies
    /// there.
    ///
    /// # Errors
    ///
    /// If the bytes are malformed or invalid, or exceed a limit.
    pub(crate) fn step<'m, 'w>(&'m mut self, window: &'m mut Window<'w>) -> Result<Step<'m, 'w>, Error> {
        if let Code::Open(section) = &mut self.code {
            let section = mem::take(section);
            let bodies = self.bodies(section, window);
            return Ok(if !bodies.is_empty()? {
                Step::Bodies(bodies)
            } else if bodies.finish()? {
                Step::Section
            } else {
                Step::NeedMore
            });
        }
        match self.parser.parse(window.bytes, window.last).map_err(|error| invalid(&error))? {
            Chunk::NeedMoreData(_) => Ok(Step::NeedMore),
            Chunk::Parsed { consumed, payload } => {
                let end = matches!(payload, Payload::End(_));
                self.keep(&payload, window)?;
                self.payload(payload, window)?;
                window.advance(consumed);
                Ok(if end { Step::End } else { Step::Section })
            }
        }
    }

    /// Makes the iterator over the bodies at the start of the window.
    fn bodies<'m, 'w>(&'m mut self, section: CodeSection, window: &'m mut Window<'w>) -> Bodies<'m, 'w> {
        let reader = self.parser.binary_reader(window.bytes, window.start as u64);
        let Sections { data, keep_bodies, .. } = &mut self.sections;
        let keep = keep_bodies.then_some(self.prefault);
        Bodies::new(section, window, reader, data, &mut self.code, keep)
    }

    /// Keeps the bytes of a section that are needed after loading.
    ///
    /// # Errors
    ///
    /// If there is not enough memory.
    fn keep(&mut self, payload: &Payload<'_>, window: &Window<'_>) -> Result<(), Error> {
        let kept = &mut self.sections.data.bytes;
        match payload {
            Payload::DataSection(reader) => {
                let (start, bytes) = (reader.range().start as usize, window.at(reader.range()));
                (self.prefault)(kept.reserve(start, bytes.len())?);
                kept.keep(start, bytes)
            }
            Payload::CustomSection(reader) if !self.sections.config.ignore_custom_sections => {
                kept.keep(reader.data_offset() as usize, reader.data())
            }
            _ => Ok(()),
        }
    }

    /// Returns the module, after [`Step::End`].
    // Completes it where it is: it is too large to be moved more than once.
    //
    /// # Errors
    ///
    /// If there is not enough memory.
    pub(crate) fn finish(mut self) -> Result<ModuleData, Error> {
        let Sections { data, keep_bodies, .. } = &mut self.sections;
        data.bytes.shrink();
        let declared = match self.code {
            Code::Before => data.declared()?,
            _ => mem::take(&mut data.header.declared),
        };
        data.find_referable(&declared)?;
        if *keep_bodies {
            data.header.declared = declared;
        }
        data.shrink();
        Ok(self.sections.data)
    }

    fn payload(&mut self, payload: Payload<'_>, window: &Window<'_>) -> Result<(), Error> {
        let sections = &mut self.sections;
        check_claim(&payload)?;
        check_limits(&payload, &sections.config.enforced_limits)?;
        let parser = &self.parser;
        let bytes = |range: Range<u64>| parser.binary_reader(window.at(range.clone()), range.start);
        match payload {
            Payload::Version { encoding: Encoding::Component, range, .. } => {
                return Err(Error::invalid_wasm("components are not supported", range.start as usize, None));
            }
            Payload::TypeSection(reader) => {
                sections.type_section(bytes(reader.range()))?;
                check_grouped(sections)?;
            }
            Payload::ImportSection(reader) => {
                sections.import_section(reader)?;
                check_grouped(sections)?;
            }
            Payload::FunctionSection(reader) => sections.function_section(reader)?,
            Payload::TableSection(reader) => sections.table_section(bytes(reader.range()))?,
            Payload::MemorySection(reader) => sections.memory_section(reader)?,
            Payload::GlobalSection(reader) => sections.global_section(bytes(reader.range()))?,
            Payload::ExportSection(reader) => sections.export_section(reader)?,
            Payload::StartSection { func, range } => sections.start_section(func, range.start)?,
            Payload::DataCountSection { count, range } => sections.data_count_section(count, range.start)?,
            Payload::CodeSectionStart { count, unchecked_range: range, size } => {
                let data = &mut sections.data;
                data.header.declared = data.declared()?;
                // Collections translate functions again.
                #[cfg(heap)]
                {
                    sections.keep_bodies |= data.header.has_collected();
                }
                // So do backtraces with places.
                sections.keep_bodies |= sections.config.backtrace_details;
                #[cfg(feature = "coredump")]
                {
                    sections.keep_bodies |= sections.config.coredump_on_trap;
                }
                let range = range.end - u64::from(size)..range.end;
                data.code_start = range.start as u32;
                self.code = Code::Open(CodeSection::new(data.header.imported_funcs, count, range));
                // `Bodies` reads the section, many bodies in one step.
                self.parser.skip_section();
            }
            Payload::ElementSection(reader) => sections.element_section(bytes(reader.range()))?,
            Payload::DataSection(reader) => sections.data_section(bytes(reader.range()))?,
            Payload::CustomSection(reader) if !sections.config.ignore_custom_sections => {
                sections.custom_section(&reader);
            }
            Payload::TagSection(reader) => sections.tag_section(reader)?,
            Payload::UnknownSection { id, range, .. } => {
                return Err(invalid_at(range.start, &alloc::format!("malformed section id: {id}")));
            }
            _ => {}
        }
        Ok(())
    }
}

/// Checks the numbers of types and imports against the limits of the configuration. They come in groups, so their sections
/// do not say how many there are.
fn check_grouped(sections: &Sections<'_>) -> Result<(), Error> {
    let limits = &sections.config.enforced_limits;
    let exceeded = |count: usize, limit: Option<u32>| limit.filter(|&limit| count > limit as usize);
    if let Some(limit) = exceeded(sections.data.header.types.len(), limits.max_types) {
        return Err(EnforcedLimitsError::TooManyTypes { limit }.into());
    }
    if let Some(limit) = exceeded(sections.data.imports.len(), limits.max_imports) {
        return Err(EnforcedLimitsError::TooManyImports { limit }.into());
    }
    Ok(())
}

/// Checks a section against the limits of the configuration before its entries are decoded.
fn check_limits(payload: &Payload<'_>, limits: &EnforcedLimits) -> Result<(), Error> {
    let exceeded = |count: u32, limit: Option<u32>| limit.filter(|&limit| count > limit);
    let error =
        match payload {
            Payload::FunctionSection(reader) => exceeded(reader.count(), limits.max_functions)
                .map(|limit| EnforcedLimitsError::TooManyFunctions { limit }),
            Payload::ExportSection(reader) => {
                exceeded(reader.count(), limits.max_exports).map(|limit| EnforcedLimitsError::TooManyExports { limit })
            }
            Payload::TableSection(reader) => {
                exceeded(reader.count(), limits.max_tables).map(|limit| EnforcedLimitsError::TooManyTables { limit })
            }
            Payload::MemorySection(reader) => exceeded(reader.count(), limits.max_memories)
                .map(|limit| EnforcedLimitsError::TooManyMemories { limit }),
            Payload::GlobalSection(reader) => {
                exceeded(reader.count(), limits.max_globals).map(|limit| EnforcedLimitsError::TooManyGlobals { limit })
            }
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

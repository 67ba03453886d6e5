//! One pass over the sections of a module: parse, validate, hand function bodies on.

use core::{
    mem::{self, MaybeUninit},
    ops::Range,
};

use wasmparser::{BinaryReaderError, Chunk, Encoding, Parser, Payload};

use crate::{
    binary::code::{Code, Sink},
    config::{Config, EnforcedLimits},
    error::Error,
    errors::{EnforcedLimitsError, LimitsError},
    module::{
        bytes::{ModuleBytes, WasmBytes},
        data::ModuleData,
        registry::TypeRegistry,
    },
    validate::wasm_features,
};

/// A module that is being loaded.
pub(crate) struct Loader<'a> {
    pub(crate) config: &'a Config,
    pub(crate) types: &'a TypeRegistry,
    pub(crate) data: ModuleData,
    pub(super) parser: Parser,
    pub(super) keep_bodies: bool,
    pub(super) make_ready: fn(&mut [MaybeUninit<u8>]),
    pub(super) code: Code,
}

/// The error for bytes outside of function bodies that are malformed or do not validate.
pub(crate) fn invalid(error: &BinaryReaderError) -> Error {
    Error::invalid_wasm(error.message(), error.offset() as usize, None)
}

/// As `invalid`.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands the error over")]
pub(super) fn wrap(error: BinaryReaderError) -> Error {
    invalid(&error)
}

/// The error for what does not validate outside of function bodies.
pub(super) fn invalid_at(offset: u64, message: &str) -> Error {
    Error::invalid_wasm(message, offset as usize, None)
}

/// Refuses a section that claims more entries than it has bytes.
///
/// Room is made for all claimed entries at once, which a module of a few bytes must not bring about.
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

/// How a module is loaded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Loading<'a> {
    pub(crate) config: &'a Config,
    pub(crate) types: &'a TypeRegistry,
    /// Whether bodies are needed afterwards.
    pub(crate) keep_bodies: bool,
    /// Called with memory that is about to be written.
    pub(crate) make_ready: fn(&mut [MaybeUninit<u8>]),
}

/// Loads a module whose bytes may be kept.
///
/// # Errors
///
/// If the bytes are malformed or invalid, exceed a limit, or if `sink` fails.
pub(crate) fn load_whole(bytes: WasmBytes, loading: Loading<'_>, sink: &mut Sink<'_>) -> Result<ModuleData, Error> {
    let mut data = load_into(ModuleBytes::Whole(WasmBytes::from(&[])), bytes.as_ref(), loading, sink)?;
    data.bytes = ModuleBytes::Whole(bytes);
    Ok(data)
}

/// Loads a module of borrowed bytes; what is needed afterwards is copied.
///
/// # Errors
///
/// As `load_whole`.
pub(crate) fn load(bytes: &[u8], loading: Loading<'_>, sink: &mut Sink<'_>) -> Result<ModuleData, Error> {
    load_into(ModuleBytes::default(), bytes, loading, sink)
}

fn load_into(kept: ModuleBytes, bytes: &[u8], loading: Loading<'_>, sink: &mut Sink<'_>) -> Result<ModuleData, Error> {
    if u32::try_from(bytes.len()).is_err() {
        return Err(LimitsError::ModuleTooBig.into());
    }
    let mut loader = Loader::new(loading, kept);
    let mut window = Window { bytes, start: 0 };
    loop {
        match loader.step(&mut window, true, sink)? {
            Step::Section => {}
            Step::End => return Ok(loader.finish()),
            Step::NeedMore => return Err(Error::invalid_wasm("unexpected end", bytes.len(), None)),
        }
    }
}

/// Consecutive bytes of a module.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window<'a> {
    pub(crate) bytes: &'a [u8],
    /// Where they begin in the module.
    pub(crate) start: usize,
}

impl<'a> Window<'a> {
    /// Bytes by their place in the module, which is in the window.
    fn at(&self, range: Range<u64>) -> &'a [u8] {
        &self.bytes[range.start as usize - self.start..range.end as usize - self.start]
    }
}

/// What a step of loading came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A section, or a part of the code section
    Section,
    /// Nothing: the bytes of the window do not suffice.
    NeedMore,
    /// The end of the module
    End,
}

impl<'a> Loader<'a> {
    pub(crate) fn new(loading: Loading<'a>, kept: ModuleBytes) -> Self {
        let Loading { config, types, keep_bodies, make_ready } = loading;
        let features = wasm_features(&config.features);
        let mut parser = Parser::new(0);
        parser.set_features(features);
        let find_func_names = Some(crate::binary::names::find_func_names as fn(&ModuleData, &mut [_]));
        let mut data = ModuleData::default();
        data.bytes = kept;
        data.find_func_names = find_func_names;
        data.header.fuel = config.consume_fuel.then_some(config.operator_cost);
        data.header.fused = config.fused_ops;
        data.header.features = config.features;
        Self { config, types, data, parser, keep_bodies, make_ready, code: Code::NotMet }
    }

    /// Handles what the window begins with, and moves the window behind it. `last` says that no
    /// more bytes come after the window.
    ///
    /// # Errors
    ///
    /// If the bytes are malformed or invalid, exceed a limit, or if `sink` fails.
    pub(crate) fn step(&mut self, window: &mut Window<'_>, last: bool, sink: &mut Sink<'_>) -> Result<Step, Error> {
        if let Code::Open(section) = &mut self.code {
            let section = mem::take(section);
            return self.bodies(window, section, last, sink);
        }
        let Window { bytes, start } = *window;
        match self.parser.parse(bytes, last).map_err(|error| invalid(&error))? {
            Chunk::NeedMoreData(_) => Ok(Step::NeedMore),
            Chunk::Parsed { consumed, payload } => {
                let end = matches!(payload, Payload::End(_));
                self.keep(&payload, window);
                self.payload(payload, window)?;
                *window = Window { bytes: &bytes[consumed..], start: start + consumed };
                Ok(if end { Step::End } else { Step::Section })
            }
        }
    }

    /// Keeps the bytes that are needed when the module is decoded.
    fn keep(&mut self, payload: &Payload<'_>, window: &Window<'_>) {
        let kept = &mut self.data.bytes;
        match payload {
            Payload::DataSection(reader) => {
                let (start, bytes) = (reader.range().start as usize, window.at(reader.range()));
                (self.make_ready)(kept.reserve(start, bytes.len()));
                kept.keep(start, bytes);
            }
            Payload::CustomSection(reader) if !self.config.ignore_custom_sections => {
                kept.keep(reader.data_offset() as usize, reader.data());
            }
            _ => {}
        }
    }

    /// The module; its end was met.
    pub(crate) fn finish(mut self) -> ModuleData {
        self.data.bytes.shrink();
        let declared = match (self.code, self.keep_bodies) {
            (Code::NotMet, _) => self.data.declared(),
            (_, false) => mem::take(&mut self.data.header.declared),
            (_, true) => self.data.header.declared.clone(),
        };
        self.data.find_referable(declared);
        self.data.shrink();
        self.data
    }
}

impl Loader<'_> {
    fn payload(&mut self, payload: Payload<'_>, window: &Window<'_>) -> Result<(), Error> {
        let limits = self.config.enforced_limits;
        check_claim(&payload)?;
        self.check_limits(&payload, &limits)?;
        match payload {
            Payload::Version { encoding: Encoding::Component, range, .. } => {
                return Err(Error::invalid_wasm("components are not supported", range.start as usize, None));
            }
            Payload::TypeSection(reader) => {
                let range = reader.range();
                self.type_section(self.parser.binary_reader(window.at(range.clone()), range.start))?;
            }
            Payload::ImportSection(reader) => self.import_section(reader)?,
            Payload::FunctionSection(reader) => self.function_section(reader)?,
            Payload::TableSection(reader) => self.table_section(reader)?,
            Payload::MemorySection(reader) => self.memory_section(reader)?,
            Payload::GlobalSection(reader) => self.global_section(reader)?,
            Payload::ExportSection(reader) => self.export_section(reader)?,
            Payload::StartSection { func, range } => self.start_section(func, range.start)?,
            Payload::DataCountSection { count, range } => self.data_count_section(count, range.start)?,
            Payload::CodeSectionStart { count, unchecked_range: range, size } => {
                self.data.header.declared = self.data.declared();
                self.code_section(count, range.end - u64::from(size)..range.end);
            }
            Payload::ElementSection(reader) => self.element_section(reader)?,
            Payload::DataSection(reader) => self.data_section(reader)?,
            Payload::CustomSection(reader) if !self.config.ignore_custom_sections => {
                self.data.customs.push(crate::module::data::Custom {
                    name: reader.name().into(),
                    bytes: reader.data_offset() as usize..reader.range().end as usize,
                });
            }
            Payload::TagSection(reader) => {
                return Err(invalid_at(reader.range().start, "exceptions proposal not enabled"));
            }
            Payload::UnknownSection { id, range, .. } => {
                return Err(invalid_at(range.start, &alloc::format!("malformed section id: {id}")));
            }
            _ => {}
        }
        Ok(())
    }

    /// Checks the limits of the configuration as soon as a count is known.
    fn check_limits(&self, payload: &Payload<'_>, limits: &EnforcedLimits) -> Result<(), Error> {
        let exceeded = |count: u32, limit: Option<u32>| limit.filter(|&limit| count > limit);
        let error =
            match payload {
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

#[cfg(all(test, feature = "wat"))]
mod tests {
    use alloc::{format, string::String, string::ToString, vec::Vec};

    use super::{Loading, load};
    use crate::{
        config::{Config, EnforcedLimits},
        error::{Error, ErrorKind},
        errors::EnforcedLimitsError,
        module::{
            const_expr::{ConstExpr, ConstOp},
            data::{ExternIndex, ModuleData},
            registry::TypeRegistry,
            segment::{DataMode, Elements},
        },
        translate::Translator,
        types::{ExternType, GlobalType, Mutability, ValType},
    };

    /// Loads and validates without translating.
    fn load_bytes(bytes: &[u8], config: &Config) -> Result<ModuleData, Error> {
        let types = TypeRegistry::default();
        let mut translator = Translator::default();
        let loading = Loading { config, types: &types, keep_bodies: false, make_ready: |_| {} };
        load(bytes, loading, &mut |header, _, bodies| {
            translator.functions(header, &mut Vec::new(), |module| module.validate_all(bodies))
        })
    }

    fn load_text(text: &str) -> ModuleData {
        load_bytes(&wat::parse_str(text).unwrap(), &Config::default()).unwrap()
    }

    const EVERYTHING: &str = r#"(module
        (type $t (func (param i32) (result i64)))
        (import "env" "f" (func $f (type $t)))
        (import "env" "g" (global $g i32))
        (table $table 2 8 funcref)
        (memory 1 2)
        (global $h (mut i32) (i32.add (global.get $g) (i32.const 1)))
        (func $local (export "run") (type $t) (i64.const 5))
        (func $start)
        (start $start)
        (elem (table $table) (i32.const 1) func $local)
        (elem funcref (ref.func $f) (ref.null func))
        (data (i32.const 16) "abc")
        (data "passive")
        (@custom "note" "text")
        (export "mem" (memory 0))
        (export "h" (global $h)))"#;

    #[test]
    fn all_sections() {
        let module = load_text(EVERYTHING);
        let header = &module.header;
        assert_eq!((header.funcs.len(), header.imported_funcs), (3, 1));
        assert_eq!((header.globals.len(), header.imported_globals), (2, 1));
        assert_eq!(header.func_type(0), header.func_type(1));
        assert_eq!(header.func_type_id(0), header.func_type_id(1));
        assert_ne!(header.func_type_id(1), header.func_type_id(2));
        assert_eq!((header.table(0).minimum(), header.table(0).maximum()), (2, Some(8)));
        assert_eq!((header.memory(0).minimum(), header.memory(0).maximum()), (1, Some(2)));
        assert_eq!(module.start, Some(2));
        assert_eq!(module.referable, [1, 2]);
        let imports: Vec<_> = module
            .imports
            .iter()
            .map(|import| (module.names.get(import.module), module.names.get(import.name)))
            .collect();
        assert_eq!(imports, [("env", "f"), ("env", "g")]);
        let sum = [ConstOp::GlobalGet(0), ConstOp::Const(1), ConstOp::I32Add];
        assert_eq!(module.global_inits, [ConstExpr::many(sum.into())]);
    }

    #[test]
    fn exports_by_name() {
        let module = load_text(EVERYTHING);
        let names: Vec<_> = module.exports.iter().map(|export| module.names.get(export.name)).collect();
        assert_eq!(names, ["run", "mem", "h"]);
        assert_eq!(module.export("run").unwrap().index, ExternIndex::Func(1));
        assert!(module.export("unknown").is_none());
        let global = GlobalType::new(ValType::I32, Mutability::Var);
        assert_eq!(module.extern_type(module.export("h").unwrap().index), ExternType::Global(global));
    }

    #[test]
    fn segments_and_ranges() {
        let module = load_text(EVERYTHING);
        let data: Vec<_> = module.data.iter().map(|data| &module.bytes[data.bytes()]).collect();
        assert_eq!(data, [&b"abc"[..], b"passive"]);
        assert_eq!(module.data[0].mode, DataMode::At { memory: 0, offset: 16 });
        assert_eq!(module.data[1].mode, DataMode::Passive);
        assert!(matches!(&module.elements[0].elements, Elements::Funcs(funcs) if funcs[..] == [1]));
        let exprs = [ConstExpr::One(ConstOp::RefFunc(0)), ConstExpr::One(ConstOp::Const(0))];
        assert!(matches!(&module.elements[1].elements, Elements::Exprs(found) if found[..] == exprs));
        let custom = &module.customs[0];
        assert_eq!((&*custom.name, &module.bytes[custom.bytes.clone()]), ("note", &b"text"[..]));
        assert!(module.bodies.is_empty(), "they are not kept");
    }

    #[test]
    fn custom_sections_can_be_ignored() {
        let mut config = Config::default();
        config.ignore_custom_sections(true);
        let module = load_bytes(&wat::parse_str(EVERYTHING).unwrap(), &config).unwrap();
        assert!(module.customs.is_empty());
    }

    #[test]
    fn invalid_bodies_name_the_function() {
        let text = r#"(module (import "a" "b" (func)) (func) (func (result i32) (i64.const 0)))"#;
        let bytes = wat::parse_str(text).unwrap();
        let config = Config::default();
        let error = load_bytes(&bytes, &config).unwrap_err();
        let ErrorKind::Wasm(error) = error.kind() else { panic!("{error}") };
        assert_eq!(error.func_index(), Some(2), "{error}");
        assert!((8..bytes.len()).contains(&error.offset()), "{error}");
        assert!(error.message().contains("type mismatch"), "{error}");
    }

    #[test]
    fn every_truncation_is_an_error() {
        let bytes = wat::parse_str(EVERYTHING).unwrap();
        // A module may end after a section if nothing is announced that is missing.
        for len in 0..bytes.len() {
            match load_bytes(&bytes[..len], &Config::default()) {
                Ok(_) => assert!(len >= 8, "{len} bytes are no module"),
                Err(error) => {
                    let ErrorKind::Wasm(error) = error.kind() else { panic!("{error}") };
                    assert!(error.offset() <= len, "{error} in {len} bytes");
                }
            }
        }
    }

    #[test]
    fn sections_with_more_entries_than_bytes_are_refused() {
        // Each section claims a million entries, as many as are allowed, in 3 bytes.
        for section in [1, 2, 3, 4, 5, 6, 7, 9, 11] {
            let bytes = [b"\0asm\x01\0\0\0", &[section, 3, 0xc0, 0x84, 0x3d][..]].concat();
            let config = Config::default();
            let error = load_bytes(&bytes, &config).unwrap_err();
            let ErrorKind::Wasm(error) = error.kind() else { panic!("section {section}: {error}") };
            assert_eq!((error.message(), error.offset()), ("unexpected end of section", bytes.len()));
        }
    }

    #[test]
    fn components_are_refused() {
        let bytes = [0, b'a', b's', b'm', 0x0d, 0, 1, 0];
        assert!(load_bytes(&bytes, &Config::default()).is_err());
    }

    #[test]
    fn limits_of_the_embedder() {
        let mut config = Config::default();
        config.enforced_limits(EnforcedLimits::strict());
        let exceeded = |text: String| {
            let error = load_bytes(&wat::parse_str(text).unwrap(), &config).unwrap_err();
            match error.kind() {
                ErrorKind::UserLimits(error) => *error,
                _ => panic!("{}", error.to_string()),
            }
        };
        let module = |item: &str, count: usize| exceeded(format!("(module {})", item.repeat(count)));
        assert_eq!(module("(func)", 10_001), EnforcedLimitsError::TooManyFunctions { limit: 10_000 });
        assert_eq!(module("(memory 0)", 2), EnforcedLimitsError::TooManyMemories { limit: 1 });
        assert_eq!(module("(table 0 funcref)", 101), EnforcedLimitsError::TooManyTables { limit: 100 });
        assert_eq!(module("(global i32 (i32.const 0))", 1001), EnforcedLimitsError::TooManyGlobals { limit: 1000 });
        assert_eq!(module("(data \"\")", 1001), EnforcedLimitsError::TooManyDataSegments { limit: 1000 });
        assert_eq!(module("(elem func)", 1001), EnforcedLimitsError::TooManyElementSegments { limit: 1000 });
        let params = "(param i32)".repeat(33);
        assert_eq!(
            exceeded(format!("(module (type (func {params})))")),
            EnforcedLimitsError::TooManyParameters { limit: 32 }
        );
        assert_eq!(module("(func)", 900), EnforcedLimitsError::MinAvgBytesPerFunction { limit: 40, avg: 3 });
    }
}

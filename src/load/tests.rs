//! Loads modules from all kinds of sources, and checks their data and the errors.

use alloc::{
    format,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};

use crate::{
    config::{CompilationMode, Config, EnforcedLimits},
    error::kinds::{EnforcedLimitsError, ReadError},
    error::{Error, ErrorKind},
    load::{Loader, Source},
    module::{
        const_expr::{ConstExpr, ConstOp},
        data::{ExternIndex, ModuleData},
        registry::TypeRegistry,
        segment::{DataMode, Elements},
    },
    types::{ExternType, GlobalType, Mutability, ValType},
};

fn load(source: Source<'_>, config: &Config) -> Result<ModuleData, Error> {
    let types = Arc::new(TypeRegistry::default());
    Loader::new(config, &types, true).load(source).map(|(data, _)| data)
}

fn load_bytes(bytes: &[u8], config: &Config) -> Result<ModuleData, Error> {
    load(Source::Borrowed(bytes), config)
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
    assert_eq!((header.table(0).ty.minimum(), header.table(0).ty.maximum()), (2, Some(8)));
    assert_eq!((header.memory(0).minimum(), header.memory(0).maximum()), (1, Some(2)));
    assert_eq!(module.start, Some(2));
    assert_eq!(module.referable, [1, 2]);
    let imports: Vec<_> =
        module.imports.iter().map(|import| (module.names.get(import.module), module.names.get(import.name))).collect();
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
    assert_eq!(module.bodies.len(), 2, "they are translated later");
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
    // A module may end after any section, unless an earlier one announces something that is missing then.
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

const MODULE: &str = r#"(module
    (import "env" "f" (func (param i32)))
    (memory 1) (table 3 funcref)
    (func (export "a") (call 0 (i32.const 1)))
    (func (export "b") (result i32) (local i64) (i32.const 7))
    (elem (i32.const 0) 1 2)
    (data (i32.const 5) "hello") (data "passive")
    (@custom "first" "one") (@custom "last" (after data) "two"))"#;

/// A configuration that keeps bodies, or one that does not.
fn keeping(bodies: bool) -> Config {
    let mut config = Config::default();
    config.compilation_mode(if bodies { CompilationMode::Lazy } else { CompilationMode::Eager });
    config
}

/// A source that returns at most `step` bytes at once.
struct Steps<'a> {
    rest: &'a [u8],
    step: usize,
}

impl std::io::Read for Steps<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.rest.len().min(self.step).min(buffer.len());
        let (head, rest) = self.rest.split_at(count);
        buffer[..count].copy_from_slice(head);
        self.rest = rest;
        Ok(count)
    }
}

fn stream(bytes: &[u8], step: usize, config: &Config) -> Result<ModuleData, Error> {
    load(Source::Stream(&mut Steps { rest: bytes, step }), config)
}

#[test]
fn whatever_the_steps_the_module_is_the_same() {
    let bytes = wat::parse_str(MODULE).unwrap();
    let whole = load_bytes(&bytes, &keeping(true)).unwrap();
    assert_eq!(whole.bodies.len(), 2);
    for step in [1, 2, 3, 7, 64, 10_000] {
        let data = stream(&bytes, step, &keeping(true)).unwrap();
        assert_eq!(data.bodies, whole.bodies);
        for range in &data.bodies {
            let range = range.start as usize..range.end as usize;
            assert_eq!(data.bytes[range.clone()], bytes[range.clone()]);
            assert_eq!(whole.bytes[range.clone()], bytes[range]);
        }
        let segments = |data: &ModuleData| -> Vec<Vec<u8>> {
            data.data.iter().map(|segment| data.bytes[segment.bytes()].to_vec()).collect()
        };
        assert_eq!(segments(&data), [b"hello".to_vec(), b"passive".to_vec()]);
        let customs = |data: &ModuleData| -> Vec<Vec<u8>> {
            data.customs.iter().map(|custom| data.bytes[custom.bytes.clone()].to_vec()).collect()
        };
        assert_eq!(customs(&data), customs(&whole));
        assert!(customs(&data).contains(&b"one".to_vec()) && customs(&data).contains(&b"two".to_vec()));
        let exports = |data: &ModuleData| -> Vec<_> {
            data.exports.iter().map(|export| (data.names.get(export.name).to_string(), export.index)).collect()
        };
        assert_eq!(exports(&data), exports(&whole));
        let data = stream(&bytes, step, &keeping(false)).unwrap();
        assert!(data.bodies.is_empty());
        assert_eq!(segments(&data), segments(&whole));
    }
}

#[test]
fn errors_are_those_of_the_whole() {
    let bytes = wat::parse_str(MODULE).unwrap();
    let configs = [keeping(true), keeping(false)];
    let compare_in = |config: &Config, bytes: &[u8], what: &str| {
        let whole = load_bytes(bytes, config);
        let parts = stream(bytes, 5, config);
        assert_eq!(whole.is_ok(), parts.is_ok(), "{what}");
        if let (Err(whole), Err(parts)) = (whole, parts) {
            let (whole, parts) = (whole.to_string(), parts.to_string());
            assert!(parts.contains("unexpected end") || whole == parts, "{what}: {whole}, {parts}");
        }
    };
    let compare = |bytes: &[u8], what: &str| configs.iter().for_each(|config| compare_in(config, bytes, what));
    for len in 0..bytes.len() {
        compare(&bytes[..len], &format!("{len} bytes"));
    }
    // Sections and bodies that claim more or less than they have.
    for place in 8..bytes.len() {
        for byte in [0, 1, 2, 0x40, 0x7f, 0x80, 0xff] {
            let mut bytes = bytes.clone();
            bytes[place] = byte;
            compare(&bytes, &format!("byte {byte} at {place}"));
        }
    }
}

#[test]
fn sources_can_fail_and_lie() {
    struct Failing;
    impl std::io::Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::UnexpectedEof.into())
        }
    }
    struct Lying;
    impl std::io::Read for Lying {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            Ok(buffer.len() + 1)
        }
    }
    let config = Config::default();
    let error = load(Source::Stream(&mut Failing), &config).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Read(ReadError::EndOfStream)), "{error}");
    let error = load(Source::Stream(&mut Lying), &config).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Read(ReadError::UnknownError)), "{error}");
}

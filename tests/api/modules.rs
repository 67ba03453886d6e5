//! Modules: their description, and the proposals that the configuration allows.

use wasmote::{
    AvgBytesPerFunctionLimit, Config, CustomSection, EnforcedLimits, Engine, Error, ExternType, FuncType, Linker,
    Module, Mutability, Store, ValType,
    errors::{EnforcedLimitsError, ErrorKind},
};

use crate::{MODES, call_i32, engines, engines_with};

#[test]
fn imports_and_exports() {
    let module = Module::new(
        &Engine::default(),
        r#"(module
            (import "a" "f" (func (param i32) (result i64)))
            (import "a" "t" (table 1 2 externref))
            (import "b" "m" (memory 3))
            (import "" "" (global (mut f32)))
            (func (export "own") (param f64))
            (export "f" (func 0)) (export "m" (memory 0)) (export "g" (global 0)) (export "t" (table 0)))"#,
    )
    .unwrap();
    assert_eq!(module.imports().len(), 4);
    let imports: Vec<_> = module.imports().map(|import| (import.module(), import.name())).collect();
    assert_eq!(imports, [("a", "f"), ("a", "t"), ("b", "m"), ("", "")]);
    for import in module.imports() {
        match import.ty() {
            ExternType::Func(ty) => assert_eq!(*ty, FuncType::new([ValType::I32], [ValType::I64])),
            ExternType::Table(ty) => assert_eq!((ty.minimum(), ty.maximum()), (1, Some(2))),
            ExternType::Memory(ty) => assert_eq!((ty.minimum(), ty.maximum(), ty.is_64()), (3, None, false)),
            ExternType::Global(ty) => assert_eq!((ty.content(), ty.mutability()), (ValType::F32, Mutability::Var)),
            ty => panic!("{ty}"),
        }
    }
    let exports: Vec<_> = module.exports().map(|export| export.name()).collect();
    assert_eq!(exports, ["own", "f", "m", "g", "t"]);
    let own = module.exports().next().unwrap();
    assert_eq!(own.func(), Some(&FuncType::new([ValType::F64], [])));
    assert!(matches!(module.get_export("m"), Some(ExternType::Memory(_))));
    assert!(module.get_export("nothing").is_none());
}

#[test]
fn custom_sections() {
    let wat = r#"(module (@custom "first" "one") (func) (@custom "second" "\00\01") (@custom "first" ""))"#;
    let module = Module::new(&Engine::default(), wat).unwrap();
    let mut sections: Vec<_> = module.custom_sections().map(|section| (section.name(), section.data())).collect();
    sections.retain(|(name, _)| *name != "name");
    assert_eq!(sections, [("first", &b"one"[..]), ("second", b"\0\x01"), ("first", b"")]);
    let mut config = Config::default();
    config.ignore_custom_sections(true);
    assert_eq!(Module::new(&Engine::new(&config), wat).unwrap().custom_sections().count(), 0);
}

/// Whatever a custom section contains and wherever it is, the module is valid (spec, Binary Format > Custom Section).
#[test]
fn malformed_custom_sections_are_harmless() {
    const HINTS: &str = "metadata.code.branch_hint";
    // Hints for a function that does not exist, at a place without a branch, of no meaning, too few, none at all.
    let contents =
        [r"\01\09\01\05\01\00", r"\01\00\01\07\01\00", r"\01\00\01\05\01\09", r"\ff\ff\ff\ff\0f", r"\80", ""];
    for engine in engines() {
        for (name, place) in
            [(HINTS, "before code"), (HINTS, "after code"), (HINTS, "before first"), ("name", "after last")]
        {
            for content in contents {
                let custom = format!(r#"(@custom "{name}" ({place}) "{content}")"#);
                let wat = format!(
                    r#"(module {custom} {custom} (func (export "f") (param i32) (result i32)
                        (if (result i32) (local.get 0) (then (i32.const 7)) (else (i32.const 8)))))"#
                );
                let module = Module::new(&engine, &wat).unwrap_or_else(|error| panic!("{wat}: {error}"));
                let same = |section: &CustomSection<'_>| section.name() == name;
                assert!(module.custom_sections().filter(same).count() >= 2);
                let mut store = Store::new(&engine, ());
                let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
                assert_eq!(call_i32(&mut store, instance, "f", &[1]).unwrap(), 7);
            }
        }
    }
}

#[test]
fn bytes_and_text() {
    for engine in engines() {
        let wasm = wat_to_wasm(&engine);
        Module::validate(&engine, &wasm).unwrap();
        let module = Module::new(&engine, &wasm).unwrap();
        // SAFETY: the bytes have just been validated.
        let unchecked = unsafe { Module::new_unchecked(&engine, &wasm) }.unwrap();
        for module in [module, unchecked] {
            let mut store = Store::new(&engine, ());
            let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
            assert_eq!(call_i32(&mut store, instance, "f", &[2]).unwrap(), 4);
        }
        assert!(Module::validate(&engine, b"(module)").is_err(), "validation takes bytes only");
        let empty = Module::new(&engine, b"\0asm\x01\0\0\0").unwrap();
        assert_eq!((empty.imports().len(), empty.exports().len()), (0, 0));
    }
}

/// `(module (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 2))))`
fn wat_to_wasm(_engine: &Engine) -> Vec<u8> {
    b"\0asm\x01\0\0\0\x01\x06\x01\x60\x01\x7f\x01\x7f\x03\x02\x01\x00\x07\x05\x01\x01f\x00\x00\
        \x0a\x09\x01\x07\x00\x20\x00\x41\x02\x6a\x0b"
        .to_vec()
}

#[test]
fn features_can_be_switched_off() {
    type Setter = fn(&mut Config) -> &mut Config;
    let cases: &[(&str, Setter, Setter)] = &[
        (
            r#"(module (global (export "g") (mut i32) (i32.const 0)))"#,
            |config| config.wasm_mutable_global(true),
            |config| config.wasm_mutable_global(false),
        ),
        (
            "(module (func (param i32) (drop (i32.extend8_s (local.get 0)))))",
            |config| config.wasm_sign_extension(true),
            |config| config.wasm_sign_extension(false),
        ),
        (
            "(module (func (param f32) (drop (i32.trunc_sat_f32_s (local.get 0)))))",
            |config| config.wasm_saturating_float_to_int(true),
            |config| config.wasm_saturating_float_to_int(false),
        ),
        (
            "(module (func (result i32 i32) (i32.const 1) (i32.const 2)))",
            |config| config.wasm_multi_value(true),
            |config| config.wasm_multi_value(false),
        ),
        (
            "(module (memory 1) (memory 1))",
            |config| config.wasm_multi_memory(true),
            |config| config.wasm_multi_memory(false),
        ),
        (
            "(module (memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))))",
            |config| config.wasm_bulk_memory(true),
            |config| config.wasm_reference_types(false).wasm_bulk_memory(false),
        ),
        (
            "(module (func (param externref)))",
            |config| config.wasm_reference_types(true),
            |config| config.wasm_reference_types(false),
        ),
        (
            "(module (func $f (return_call $f)))",
            |config| config.wasm_tail_call(true),
            |config| config.wasm_tail_call(false),
        ),
        (
            "(module (global i32 (i32.add (i32.const 1) (i32.const 2))))",
            |config| config.wasm_extended_const(true),
            |config| config.wasm_extended_const(false),
        ),
        (
            "(module (memory 1 (pagesize 1)))",
            |config| config.wasm_custom_page_sizes(true),
            |config| config.wasm_custom_page_sizes(false),
        ),
        ("(module (memory i64 1))", |config| config.wasm_memory64(true), |config| config.wasm_memory64(false)),
        (
            "(module (func (param i64) (result i64 i64) (i64.mul_wide_s (local.get 0) (local.get 0))))",
            |config| config.wasm_wide_arithmetic(true),
            |config| config.wasm_wide_arithmetic(false),
        ),
        (
            r#"(module (import "m" (item "f") (item "g") (func)))"#,
            |config| config.wasm_compact_imports(true),
            |config| config.wasm_compact_imports(false),
        ),
        (
            "(module (func (param f32) (drop (f32.neg (local.get 0)))))",
            |config| config.floats(true),
            |config| config.floats(false),
        ),
    ];
    for (wat, on, off) in cases {
        for mode in [MODES[0], MODES[1]] {
            let engine = |set: &Setter| {
                let mut config = Config::default();
                set(&mut config).compilation_mode(mode);
                Engine::new(&config)
            };
            Module::new(&engine(on), wat).unwrap();
            let error = Module::new(&engine(off), wat).map(drop).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Wasm(_)), "{wat}: {error:?}");
        }
    }
}

#[test]
fn limits_of_the_embedder() {
    let check = |limits: EnforcedLimits, wat: &str| -> Option<EnforcedLimitsError> {
        let mut config = Config::default();
        config.enforced_limits(limits).wasm_function_references(true).wasm_gc(true);
        let error: Option<Error> = Module::new(&Engine::new(&config), wat).err();
        error.map(|error| match error.kind() {
            ErrorKind::UserLimits(error) => *error,
            kind => panic!("{kind:?}"),
        })
    };
    let none = EnforcedLimits::default();
    use EnforcedLimitsError as E;
    let cases: &[(EnforcedLimits, &str, &str, E)] = &[
        (
            EnforcedLimits { max_globals: Some(1), ..none },
            "(module (global i32 (i32.const 0)))",
            "(module (global i32 (i32.const 0)) (global i32 (i32.const 0)))",
            E::TooManyGlobals { limit: 1 },
        ),
        (
            EnforcedLimits { max_functions: Some(2), ..none },
            "(module (func) (func))",
            "(module (func) (func) (func))",
            E::TooManyFunctions { limit: 2 },
        ),
        (
            EnforcedLimits { max_tables: Some(1), ..none },
            "(module (table 1 funcref))",
            "(module (table 1 funcref) (table 1 funcref))",
            E::TooManyTables { limit: 1 },
        ),
        (
            EnforcedLimits { max_memories: Some(1), ..none },
            "(module (memory 1))",
            "(module (memory 1) (memory 1))",
            E::TooManyMemories { limit: 1 },
        ),
        (
            EnforcedLimits { max_element_segments: Some(0), ..none },
            "(module (table 1 funcref))",
            "(module (table 1 funcref) (func) (elem (i32.const 0) 0))",
            E::TooManyElementSegments { limit: 0 },
        ),
        (
            EnforcedLimits { max_data_segments: Some(1), ..none },
            r#"(module (data ""))"#,
            r#"(module (data "") (data ""))"#,
            E::TooManyDataSegments { limit: 1 },
        ),
        (
            EnforcedLimits { max_types: Some(1), ..none },
            "(module (type (func)))",
            "(module (rec (type (func)) (type (func))))",
            E::TooManyTypes { limit: 1 },
        ),
        (
            EnforcedLimits { max_imports: Some(1), ..none },
            r#"(module (import "a" "b" (func)))"#,
            r#"(module (import "a" "b" (func)) (import "a" "c" (func)))"#,
            E::TooManyImports { limit: 1 },
        ),
        (
            EnforcedLimits { max_exports: Some(1), ..none },
            r#"(module (func (export "a")))"#,
            r#"(module (func (export "a") (export "b")))"#,
            E::TooManyExports { limit: 1 },
        ),
        (
            EnforcedLimits { max_module_bytes: Some(8), ..none },
            "(module)",
            "(module (type (func)))",
            E::TooManyBytes { limit: 8 },
        ),
        (
            EnforcedLimits { max_params: Some(2), ..none },
            "(module (func (param i32 i32)))",
            "(module (func (param i32 i32 i32)))",
            E::TooManyParameters { limit: 2 },
        ),
        (
            EnforcedLimits { max_results: Some(1), ..none },
            "(module (func (result i32) (i32.const 0)))",
            "(module (func (result i32 i32) (i32.const 0) (i32.const 0)))",
            E::TooManyResults { limit: 1 },
        ),
    ];
    for (limits, good, bad, error) in cases {
        assert_eq!(check(*limits, good), None, "{good}");
        assert_eq!(check(*limits, bad), Some(*error), "{bad}");
        assert!(error.to_string().contains("limit"));
    }
    let average = Some(AvgBytesPerFunctionLimit { req_funcs_bytes: 100, min_avg_bytes_per_function: 10 });
    let limits = EnforcedLimits { min_avg_bytes_per_function: average, ..none };
    assert_eq!(check(limits, &format!("(module {})", "(func)".repeat(20))), None, "too few bytes for the limit");
    let error = check(limits, &format!("(module {})", "(func)".repeat(200)));
    assert!(matches!(error, Some(E::MinAvgBytesPerFunction { limit: 10, .. })), "{error:?}");
    for limits in [EnforcedLimits::strict(), EnforcedLimits::chain(), EnforcedLimits::firmware()] {
        assert_eq!(check(limits, "(module (memory 1) (func))"), None);
        assert!(check(limits, "(module (memory 1) (memory 1))").is_some());
    }
    // A stream is not read to its end.
    let mut config = Config::default();
    config.enforced_limits(EnforcedLimits::firmware());
    let error = Module::new_streaming(&Engine::new(&config), Endless::default()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::UserLimits(E::TooManyBytes { limit: 65_536 })), "{error}");
}

/// A module of one custom section that does not end.
#[derive(Default)]
struct Endless(usize);

impl std::io::Read for Endless {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        const BEGIN: &[u8] = b"\0asm\x01\0\0\0\0\xff\xff\xff\xff\x0f\x01a";
        for byte in &mut *buf {
            *byte = BEGIN.get(self.0).copied().unwrap_or_default();
            self.0 += 1;
        }
        assert!(self.0 < 1 << 20, "it goes on to read");
        Ok(buf.len())
    }
}

#[test]
fn presets_for_untrusted_code() {
    for config in [Config::chain(), Config::firmware()] {
        let engine = Engine::new(&config);
        assert!(Store::new(&engine, ()).get_fuel().is_ok(), "fuel is metered");
        assert!(Module::new(&engine, "(module (memory 1) (func (export \"f\")))").is_ok());
        let error = Module::new(&engine, "(module (memory 1) (memory 1))").unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::UserLimits(_)), "{error}");
    }
    assert!(Module::new(&Engine::new(&Config::chain()), "(module (func (result f64) (f64.const 0)))").is_err());
}

#[test]
fn debug_output_is_short() {
    let wasm = r#"(module (import "a" "b" (func)) (func (export "c")) (func (export "d")))"#;
    let module = Module::new(&Engine::default(), wasm).unwrap();
    assert_eq!(format!("{module:?}"), "Module { imports: 1, exports: 2, funcs: 3, .. }");
}

#[test]
fn clones_are_the_same_module() {
    for mode in MODES {
        for engine in engines_with(|config| {
            config.compilation_mode(mode);
        }) {
            let module = Module::new(&engine, wat_to_wasm(&engine)).unwrap();
            let clone = module.clone();
            drop(module);
            let mut store = Store::new(&engine, ());
            let instance = Linker::new(&engine).instantiate_and_start(&mut store, &clone).unwrap();
            assert_eq!(call_i32(&mut store, instance, "f", &[5]).unwrap(), 7);
        }
    }
}

#[cfg(not(feature = "simd"))]
#[test]
fn builds_without_vectors_name_the_feature() {
    let mut config = Config::default();
    config.wasm_simd(true);
    let engine = Engine::new(&config);
    for wat in ["(module (func (param v128)))", "(module (func (drop (v128.const i64x2 0 0))))"] {
        let error = Module::new(&engine, wat).expect_err("there are no vectors").to_string();
        assert!(error.contains("crate feature `simd`"), "{error}");
    }
}

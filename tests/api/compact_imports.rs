//! Groups of imports that name their module once (proposal compact import section), written byte by byte.

use wasmote::{
    CompilationMode, Config, Engine, ExternType, FuncType, Global, Linker, Module, Mutability, Store, Val, ValType,
    errors::{ErrorKind, LinkerError, WasmError},
};
use wasmote_bombs::bytes::{leb, module, section};

use crate::{MODES, call_i32, engines_with};

/// The bytes between an empty name and the items of a group in which each item has a type.
const TYPES: u8 = 0x7f;
/// The same for a group whose items have one type, which follows.
const ONE_TYPE: u8 = 0x7e;

/// The type of an import: a function of type 0, a memory of one page, an immutable global of type i32.
const FUNC: &[u8] = &[0, 0];
const MEMORY: &[u8] = &[2, 0, 1];
const GLOBAL: &[u8] = &[3, 0x7f, 0];

fn engine() -> Engine {
    engine_with(|config| config)
}

fn engine_with(configure: fn(&mut Config) -> &mut Config) -> Engine {
    let mut config = Config::default();
    config.wasm_compact_imports(true);
    Engine::new(configure(&mut config))
}

fn name(name: &str) -> Vec<u8> {
    [leb(name.len() as u64), name.as_bytes().to_vec()].concat()
}

fn single(module: &str, item: &str, ty: &[u8]) -> Vec<u8> {
    [&name(module), &name(item), ty].concat()
}

/// A group of imports from `module`, each with a type.
fn group(module: &str, items: &[(&str, &[u8])]) -> Vec<u8> {
    let list = items.iter().flat_map(|(item, ty)| [&name(item)[..], ty].concat());
    [name(module), vec![0, TYPES], leb(items.len() as u64), list.collect()].concat()
}

/// A group of imports from `module` that have the same type.
fn uniform(module: &str, ty: &[u8], items: &[&str]) -> Vec<u8> {
    let list = items.iter().flat_map(|item| name(item));
    [name(module), vec![0, ONE_TYPE], ty.to_vec(), leb(items.len() as u64), list.collect()].concat()
}

/// A module with the type `() -> i32` and these entries in its import section.
fn importing(entries: &[Vec<u8>]) -> Vec<u8> {
    module(&[types(), section(2, &[leb(entries.len() as u64), entries.concat()].concat())])
}

fn types() -> Vec<u8> {
    section(1, &[1, 0x60, 0, 1, 0x7f])
}

/// The offset of the import section's content in a module of `importing`, if its length takes one byte.
fn imports_at() -> usize {
    8 + types().len() + 2
}

#[track_caller]
fn refused(engine: &Engine, wasm: &[u8]) -> WasmError {
    let error = Module::new(engine, wasm).map(drop).unwrap_err();
    let ErrorKind::Wasm(invalid) = error.kind() else { panic!("{error:?}") };
    assert!(invalid.offset() <= wasm.len(), "{invalid}");
    invalid.clone()
}

#[test]
fn groups_are_lists_of_imports() {
    let wasm = importing(&[
        single("a", "", FUNC),
        group("b", &[("f", FUNC), ("m", MEMORY), ("", GLOBAL)]),
        group("nothing", &[]),
        uniform("nothing", GLOBAL, &[]),
        uniform("b", FUNC, &["g", "h"]),
        uniform("", GLOBAL, &["x"]),
        single("", "", FUNC),
    ]);
    let module = Module::new(&engine(), &wasm).unwrap();
    let imports: Vec<_> = module.imports().map(|import| (import.module(), import.name())).collect();
    let expected = [("a", ""), ("b", "f"), ("b", "m"), ("b", ""), ("b", "g"), ("b", "h"), ("", "x"), ("", "")];
    assert_eq!(imports, expected);
    for import in module.imports() {
        match import.ty() {
            ExternType::Func(ty) => assert_eq!(*ty, FuncType::new([], [ValType::I32])),
            ExternType::Memory(ty) => assert_eq!((import.name(), ty.minimum()), ("m", 1)),
            ExternType::Global(ty) => assert_eq!((ty.content(), ty.mutability()), (ValType::I32, Mutability::Const)),
            ty => panic!("{ty}"),
        }
    }
}

#[test]
fn indices_count_the_items_of_groups() {
    let imports = [
        uniform("m", GLOBAL, &["one", "twenty"]),
        group("m", &[("f", FUNC), ("one", GLOBAL), ("g", FUNC)]),
        single("m", "twenty", GLOBAL),
    ];
    // `f` and `g` are functions 0 and 1; the own function adds g, f, and the last global.
    let code = [7_u8, 0, 0x10, 1, 0x10, 0, 0x6b, 0x23, 3, 0x6a, 0x0b];
    let body = [leb(code.len() as u64 - 1), code[1..].to_vec()].concat();
    let wasm = module(&[
        types(),
        section(2, &[leb(3), imports.concat()].concat()),
        section(3, &[1, 0]),
        section(7, &[1, 1, b'h', 0, 2]),
        section(10, &[vec![1], body].concat()),
    ]);
    for mode in MODES {
        for engine in engines_with(|config| {
            config.wasm_compact_imports(true).compilation_mode(mode);
        }) {
            let mut store = Store::new(&engine, ());
            let mut linker = Linker::new(&engine);
            for (name, value) in [("one", 1), ("twenty", 20)] {
                let global = Global::new(&mut store, Val::I32(value), Mutability::Const);
                linker.define("m", name, global).unwrap();
            }
            linker.func_wrap("m", "f", || 100).unwrap();
            let module = Module::new(&engine, &wasm).unwrap();
            let error = linker.instantiate_and_start(&mut store, &module).unwrap_err();
            let ErrorKind::Linker(LinkerError::MissingDefinition { name, .. }) = error.kind() else {
                panic!("{error:?}")
            };
            assert_eq!((name.module(), name.name()), ("m", "g"));
            linker.func_wrap("m", "g", || 4000).unwrap();
            let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
            assert_eq!(call_i32(&mut store, instance, "h", &[]).unwrap(), 4000 - 100 + 20);
        }
    }
}

#[test]
fn text_has_groups_too() {
    let wat =
        r#"(module (import "m" (item "f" (func)) (item "g" (global i32))) (import "n" (item "x") (item "y") (func)))"#;
    let module = Module::new(&engine(), wat).unwrap();
    let imports: Vec<_> = module.imports().map(|import| (import.module(), import.name())).collect();
    assert_eq!(imports, [("m", "f"), ("m", "g"), ("n", "x"), ("n", "y")]);
}

#[test]
fn they_are_a_proposal() {
    for (wasm, byte) in [
        (importing(&[group("m", &[("f", FUNC)])]), "0x7F"),
        (importing(&[uniform("m", FUNC, &["f"])]), "0x7E"),
        (importing(&[group("m", &[])]), "0x7F"),
    ] {
        for engine in [Engine::default(), engine_with(|config| config.wasm_compact_imports(false))] {
            let error = refused(&engine, &wasm);
            // The count, the name of the module and the empty name precede the byte.
            assert_eq!(error.offset(), imports_at() + 4, "{error}");
            assert!(error.message().contains(byte), "{error}");
        }
        Module::new(&engine(), &wasm).unwrap();
    }
    // What this library read before is unchanged.
    Module::new(&Engine::default(), importing(&[single("", "", FUNC), single("m", "", MEMORY)])).unwrap();
}

#[test]
fn limits_count_the_items_of_groups() {
    let two_memories = importing(&[uniform("m", MEMORY, &["a", "b"])]);
    let error = refused(&engine_with(|config| config.wasm_multi_memory(false)), &two_memories);
    assert_eq!(error.message(), "multiple memories");
    Module::new(&engine(), &two_memories).unwrap();
    let memories = |count| importing(&[group("m", &vec![("", MEMORY); count])]);
    Module::new(&engine(), memories(100)).unwrap();
    assert!(refused(&engine(), &memories(101)).message().contains("limit of 100"));
    let globals = |count: usize| {
        importing(&[uniform("m", GLOBAL, &vec![""; count / 2]), uniform("n", GLOBAL, &vec![""; count.div_ceil(2)])])
    };
    Module::new(&engine(), globals(999_998)).unwrap();
    assert!(refused(&engine(), &globals(999_999)).message().contains("effective type size"));
    assert_eq!(refused(&engine(), &globals(1_000_001)).message(), "imports count exceeds limit of 1000000");
    let mutable = importing(&[uniform("m", &[3, 0x7f, 1], &["g"])]);
    Module::new(&engine(), &mutable).unwrap();
    refused(&engine_with(|config| config.wasm_mutable_global(false)), &mutable);
}

#[test]
fn types_are_checked_for_each_item() {
    let unknown = [0, 1];
    let error = refused(&engine(), &importing(&[group("m", &[("f", FUNC), ("g", &unknown)])]));
    assert!(error.message().contains("unknown type 1"), "{error}");
    // The section has its count and then `m`, the empty name, the byte, the count, and `f`.
    assert_eq!(error.offset(), imports_at() + 1 + 2 + 1 + 1 + 1 + 4);
    assert!(refused(&engine(), &importing(&[uniform("m", &unknown, &["f"])])).message().contains("unknown type 1"));
    // No import has that type.
    Module::new(&engine(), importing(&[uniform("m", &unknown, &[])])).unwrap();
}

#[test]
fn malformed_groups_are_refused() {
    let engine = engine();
    let items = |list: &[u8]| importing(&[[name("m"), vec![0], list.to_vec()].concat()]);
    for malformed in [
        // Kinds that do not exist, and the byte as a longer number.
        &[0x7d, 0][..],
        &[0xff, 0x80, 0x80, 0, 1, 1, b'f', 0, 0],
        &[0xfe, 0x80, 0x80, 0, 0, 0, 1, 1, b'f'],
        // A group in a group.
        &[TYPES, 1, 0, TYPES, 1, 1, b'f', 0, 0],
        &[ONE_TYPE, TYPES, 0, 1, 0],
        // Fewer items than there should be, or more.
        &[TYPES, 2, 1, b'f', 0, 0],
        &[TYPES, 0, 1, b'f', 0, 0],
        &[ONE_TYPE, 0, 0, 2, 1, b'f'],
        &[ONE_TYPE, 0, 0, 0, 1, b'f'],
        &[TYPES, 0xff, 0xff, 0xff, 0xff, 0x0f],
        &[ONE_TYPE, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f, 0],
        &[TYPES, 0xff, 0xff, 0xff, 0xff, 0x1f],
        // Names that are not UTF-8, and too long.
        &[TYPES, 1, 1, 0xff, 0, 0],
        &[ONE_TYPE, 0, 0, 1, 1, 0xff],
        &[ONE_TYPE, 0, 0, 1, 9, b'f'],
    ] {
        refused(&engine, &items(malformed));
    }
    // The byte is special only after an empty name, however that is encoded.
    refused(&engine, &importing(&[single("m", "f", &[TYPES, 0])]));
    Module::new(&engine, importing(&[[name("m"), vec![0x80, 0x80, 0, TYPES, 0]].concat()])).unwrap();
}

#[test]
fn modules_cut_anywhere() {
    let engine = engine_with(|config| config.compilation_mode(CompilationMode::Lazy));
    let group = group("module", &[("f", FUNC), ("m", MEMORY), ("g", GLOBAL)]);
    let wasm = importing(&[group, uniform("other", GLOBAL, &["a", "b", "c"]), single("m", "", FUNC)]);
    let whole = |len: usize| [8, 8 + types().len(), wasm.len()].contains(&len);
    for len in 8..=wasm.len() {
        assert_eq!(Module::new(&engine, &wasm[..len]).is_ok(), whole(len), "{len} bytes");
        assert_eq!(Module::new_streaming(&engine, Slowly(&wasm[..len])).is_ok(), whole(len), "{len} bytes, slowly");
    }
}

/// Bytes that arrive three at a time.
struct Slowly<'a>(&'a [u8]);

impl std::io::Read for Slowly<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = buffer.len().min(3);
        self.0.read(&mut buffer[..most])
    }
}

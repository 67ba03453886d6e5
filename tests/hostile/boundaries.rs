//! Sizes, counts and addresses around 2^31, 2^32, 2^48 and 2^64 − 1: memories, tables, segments, locals.

use wasmote::{
    Config, Engine, Error, Linker, Module, Store, StoreLimits, StoreLimitsBuilder, TrapCode, Val, errors::ErrorKind,
};
use wasmote_bombs::bytes::{leb, module, section};

use crate::in_time;

/// The boundaries and their neighbours.
fn numbers() -> Vec<u64> {
    let around = |number: u64| [number.wrapping_sub(1), number, number.wrapping_add(1)];
    let boundaries = [1 << 31, 1 << 32, 1 << 47, 1 << 48, 1 << 63];
    let mut numbers: Vec<u64> = boundaries.into_iter().flat_map(around).collect();
    numbers.extend([u64::MAX - 1, u64::MAX]);
    numbers
}

fn engines() -> [Engine; 2] {
    [false, true].map(|portable| {
        let mut config = Config::default();
        config.wasm_custom_page_sizes(true).portable_dispatch(portable);
        Engine::new(&config)
    })
}

/// Loads and instantiates with little memory allowed, in bounded time.
fn load(engine: &Engine, wasm: impl AsRef<[u8]>) -> Result<(), Error> {
    in_time("a module", || {
        let limits = StoreLimitsBuilder::new().memory_size(1 << 20).table_elements(1 << 16).build();
        let mut store = Store::new(engine, limits);
        store.limiter(|limits: &mut StoreLimits| limits);
        let module = Module::new(engine, wasm)?;
        Linker::new(engine).instantiate_and_start(&mut store, &module).map(drop)
    })
}

/// The definition of a memory or a table, and the greatest limit that its type may have.
const KINDS: [(&str, &str, &str, u64); 6] = [
    ("memory", "", "", 1 << 16),
    ("memory i64", "", "", 1 << 48),
    ("memory", "(pagesize 1)", "", u32::MAX as u64),
    ("memory i64", "(pagesize 1)", "", u64::MAX),
    ("table", "", "funcref", u32::MAX as u64),
    ("table i64", "", "externref", u64::MAX),
];

#[test]
fn limits_of_types() {
    for engine in engines() {
        for (kind, page, elements, greatest) in KINDS {
            for number in numbers() {
                // A maximum costs nothing, so what is valid can be made.
                let maximum = load(&engine, format!("(module ({kind} 0 {number} {page} {elements}))"));
                assert_eq!(maximum.is_ok(), number <= greatest, "{kind} 0 {number}: {maximum:?}");
                // A minimum of that size is not allowed, or is not valid.
                for more in ["", &number.to_string()] {
                    let text = format!("(module ({kind} {number} {more} {page} {elements}))");
                    let error = load(&engine, &text).expect_err(&text);
                    let is_invalid = matches!(error.kind(), ErrorKind::Wasm(_));
                    assert!(!is_invalid || number > greatest || kind.starts_with("table"), "{text}: {error}");
                }
            }
        }
    }
}

#[test]
fn growth_by_every_number() {
    for engine in engines() {
        for (kind, page, elements, _) in KINDS {
            let is_wide = kind.ends_with("i64");
            let (noun, null) = match elements {
                "" => ("memory", String::new()),
                elements => ("table", format!("(ref.null {})", elements.trim_end_matches("ref"))),
            };
            let (delta, widen) =
                if is_wide { ("local.get 0", "") } else { ("i32.wrap_i64 (local.get 0)", "i64.extend_i32_s") };
            let text = format!(
                r#"(module ({kind} 1 {page} {elements})
                (func (export "grow") (param i64) (result i64) ({noun}.grow {null} ({delta})) {widen}))"#
            );
            let module = Module::new(&engine, &text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let limits = StoreLimitsBuilder::new().memory_size(1 << 20).table_elements(1 << 16).build();
            let mut store = Store::new(&engine, limits);
            store.limiter(|limits: &mut StoreLimits| limits);
            let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
            let grow = instance.get_typed_func::<i64, i64>(&store, "grow").unwrap();
            for number in numbers() {
                let number = number.cast_signed();
                let small = !is_wide && (number as u32) < 2;
                let result = grow.call(&mut store, number).unwrap();
                assert!(result == -1 || small, "{text} {number}: {result}");
            }
        }
    }
}

#[test]
fn addresses_at_every_boundary() {
    for engine in engines() {
        let text = r#"(module (memory $m 1) (memory $n i64 1) (table $t 1 funcref) (table $u i64 1 externref)
            (data $d "x") (elem $e func)
            (func (export "load") (param i64) (result i32) (i32.load8_u $m (i32.wrap_i64 (local.get 0))))
            (func (export "load_far") (param i64) (result i32) (i32.load8_u $m offset=0xffffffff (i32.wrap_i64 (local.get 0))))
            (func (export "load64") (param i64) (result i32) (i32.load8_u $n (local.get 0)))
            (func (export "load64_far") (param i64) (result i32)
                (i32.load8_u $n offset=0xffffffffffffffff (local.get 0)))
            (func (export "fill") (param i64) (result i32)
                (memory.fill $m (i32.const 1) (i32.const 0) (i32.wrap_i64 (local.get 0))) (i32.const 0))
            (func (export "fill64") (param i64) (result i32)
                (memory.fill $n (i64.const 1) (i32.const 0) (local.get 0)) (i32.const 0))
            (func (export "copy64") (param i64) (result i32)
                (memory.copy $n $n (local.get 0) (i64.const 1) (i64.const 1)) (i32.const 0))
            (func (export "get64") (param i64) (result i32) (ref.is_null (table.get $u (local.get 0))))
            (func (export "fill_table") (param i64) (result i32)
                (table.fill $u (i64.const 1) (ref.null extern) (local.get 0)) (i32.const 0)))"#;
        let module = Module::new(&engine, text).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
        for name in ["load", "load_far", "load64", "load64_far", "fill", "fill64", "copy64", "get64", "fill_table"] {
            let func = instance.get_func(&store, name).unwrap();
            let narrow = matches!(name, "load" | "load_far" | "fill");
            for number in numbers() {
                // Where the address wraps to a small number, there is something.
                let wraps = narrow && (number as u32) < 0x1_0000 && name != "load_far";
                let mut outputs = [Val::I32(0)];
                let result = func.call(&mut store, &[Val::I64(number.cast_signed())], &mut outputs);
                let code = result.as_ref().err().and_then(Error::as_trap_code);
                assert!(
                    result.is_ok() == wraps
                        && (wraps || matches!(code, Some(TrapCode::MemoryOutOfBounds | TrapCode::TableOutOfBounds))),
                    "{name} {number:#x}: {result:?}"
                );
            }
        }
    }
}

#[test]
fn places_of_segments() {
    for engine in engines() {
        for number in numbers() {
            for text in [
                format!("(module (memory i64 1) (data (i64.const {number}) \"\"))"),
                format!("(module (memory i64 1) (data (i64.const {number}) \"x\"))"),
                format!("(module (table i64 1 funcref) (elem (table 0) (i64.const {number}) func))"),
                format!("(module (table i64 1 funcref) (func $f) (elem (table 0) (i64.const {number}) func $f))"),
            ] {
                let error = load(&engine, &text).expect_err(&text);
                assert!(!matches!(error.kind(), ErrorKind::Wasm(_)), "{text}: {error}");
            }
        }
    }
}

#[test]
fn counts_of_locals_and_items() {
    let func = [section(1, &[1, 0x60, 0, 0]), section(3, &[1, 0])].concat();
    for engine in engines() {
        for number in numbers() {
            // So many locals in one group, in two, and so many groups.
            let one = [&[1][..], &leb(number), &[0x7f, 0x0b]].concat();
            let two = [&[2, 1, 0x7f][..], &leb(number), &[0x7f, 0x0b]].concat();
            let groups = [&leb(number)[..], &[1, 0x7f, 0x0b]].concat();
            for locals in [one, two, groups] {
                let code = [&[1][..], &leb(locals.len() as u64), &locals].concat();
                load(&engine, module(&[func.clone(), section(10, &code)])).unwrap_err();
            }
            // So many items of a section, bytes of a segment, and a place of the type that does not exist.
            for id in 1..=11 {
                load(&engine, module(&[section(id, &leb(number))])).unwrap_err();
            }
            let data = [&[1, 1][..], &leb(number), &[0]].concat();
            load(&engine, module(&[section(5, &[1, 0, 1]), section(11, &data)])).unwrap_err();
            load(&engine, module(&[section(1, &[1, 0x60, 0, 0]), section(3, &[&[1][..], &leb(number)].concat())]))
                .unwrap_err();
        }
    }
}

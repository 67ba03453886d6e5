//! Modules that ask for much: what they can make the host allocate has limits, and errors that say which.

use wasmote::{
    Config, Engine, Linker, Memory, MemoryType, Module, Ref, RefType, Store, StoreLimits, StoreLimitsBuilder, Table,
    TableType, TrapCode,
    errors::{ErrorKind, InstantiationError, TableError},
};
use wasmote_bombs::bytes::{leb, module, section, with_func};

use crate::{MODES, call, call_i32, engines, engines_with, instance, try_linked};

fn limited(engine: &Engine, limits: StoreLimitsBuilder) -> Store<StoreLimits> {
    let mut store = Store::new(engine, limits.build());
    store.limiter(|limits| limits);
    store
}

#[test]
fn a_module_has_at_most_a_hundred_tables() {
    let tables = |count: usize| {
        let tables = [leb(count as u64), [vec![0x70, 0], leb(9_000_000)].concat().repeat(count)].concat();
        module(&[section(4, &tables)])
    };
    let engine = Engine::default();
    assert!(Module::new(&engine, tables(100)).is_ok());
    let error = Module::new(&engine, tables(101)).unwrap_err();
    assert!(error.to_string().contains("tables count exceeds limit of 100"), "{error}");
}

#[test]
fn memories_of_a_store_have_a_limit_together() {
    const PAGE: usize = 65536;
    for engine in engines() {
        let mut store = limited(&engine, StoreLimitsBuilder::new().total_memory_size(5 * PAGE));
        let linker = Linker::new(&engine);
        let growing = r#"(module (memory (export "m") 1) (func (export "grow") (param i32) (result i32)
            (memory.grow (local.get 0))))"#;
        let first = instance(&mut store, growing);
        let second = instance(&mut store, growing);
        assert!(try_linked(&mut store, &linker, "(module (memory 2) (memory 2))").is_err());
        // The first memory of that module is there.
        assert!(Memory::new(&mut store, MemoryType::new(2, None)).is_err());
        assert_eq!(call_i32(&mut store, first, "grow", &[2]).unwrap(), -1);
        assert_eq!(call_i32(&mut store, second, "grow", &[1]).unwrap(), 1);
        assert_eq!(call_i32(&mut store, first, "grow", &[1]).unwrap(), -1);
        assert_eq!(call_i32(&mut store, first, "grow", &[-1]).unwrap(), -1);
        let memory = first.get_memory(&store, "m").unwrap();
        assert!(memory.grow(&mut store, 1).is_err());
        store.reset();
        Memory::new(&mut store, MemoryType::new(5, None)).unwrap();
    }
    // Growth beyond the limit traps if the embedder wants that.
    for engine in engines() {
        let limits = StoreLimitsBuilder::new().total_memory_size(PAGE).trap_on_grow_failure(true);
        let mut store = limited(&engine, limits);
        let instance =
            instance(&mut store, r#"(module (memory 1) (func (export "f") (result i32) (memory.grow (i32.const 1))))"#);
        let error = call_i32(&mut store, instance, "f", &[]).unwrap_err();
        assert_eq!(error.as_trap_code(), Some(TrapCode::GrowthOperationLimited));
    }
}

#[test]
fn tables_of_a_store_have_a_limit_together() {
    for engine in engines() {
        let mut store = limited(&engine, StoreLimitsBuilder::new().total_table_elements(100));
        let linker = Linker::new(&engine);
        let growing = r#"(module (table $t 20 funcref) (elem func $f $f $f $f $f $f $f $f $f $f) (func $f)
            (func (export "grow") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0))))"#;
        let first = instance(&mut store, growing);
        let second = instance(&mut store, growing);
        // Two tables of 20 elements and two segments of 10.
        assert!(try_linked(&mut store, &linker, "(module (table 41 funcref))").is_err());
        assert!(
            try_linked(&mut store, &linker, "(module (table 31 funcref) (elem func 0 0 0 0 0 0 0 0 0 0) (func))")
                .is_err()
        );
        let null = Ref::null(RefType::Func);
        assert!(Table::new(&mut store, TableType::new(RefType::Func, 41, None), null).is_err());
        assert_eq!(call_i32(&mut store, first, "grow", &[41]).unwrap(), -1);
        assert_eq!(call_i32(&mut store, second, "grow", &[40]).unwrap(), 20);
        assert_eq!(call_i32(&mut store, first, "grow", &[1]).unwrap(), -1);
    }
}

#[test]
fn memories_and_tables_of_the_host_count() {
    let engine = Engine::default();
    let mut store = limited(&engine, StoreLimitsBuilder::new().memories(1).tables(1));
    let (memory, null) = (MemoryType::new(1, None), Ref::null(RefType::Func));
    let table = TableType::new(RefType::Func, 1, None);
    Memory::new(&mut store, memory).unwrap();
    let error = Memory::new(&mut store, memory).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Instantiation(InstantiationError::TooManyMemories)), "{error}");
    Table::new(&mut store, table, null).unwrap();
    let error = Table::new(&mut store, table, null).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Instantiation(InstantiationError::TooManyTables)), "{error}");
}

#[test]
fn a_table_says_that_it_has_too_many_elements() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let linker = Linker::new(&engine);
    try_linked(&mut store, &linker, "(module (table 10000000 funcref))").unwrap();
    let error = try_linked(&mut store, &linker, "(module (table 10000001 funcref))").unwrap_err();
    assert!(error.to_string().contains("10,000,000"), "{error}");
    let table = Table::new(&mut store, TableType::new(RefType::Func, 1, None), Ref::null(RefType::Func)).unwrap();
    assert_eq!(table.grow(&mut store, 9_999_999, Ref::null(RefType::Func)), Ok(1));
    assert_eq!(table.grow(&mut store, 1, Ref::null(RefType::Func)), Err(TableError::GrowOutOfBounds));
}

#[test]
fn growth_and_frames_are_paid_by_their_size() {
    let locals = "i64 ".repeat(49_000);
    for engine in engines_with(|config| {
        config.consume_fuel(true);
    }) {
        let mut store = Store::new(&engine, ());
        let instance = instance(
            &mut store,
            &format!(
                r#"(module (table $t 0 funcref) (memory $m 0)
                (func (export "grow_table") (result i32) (table.grow $t (ref.null func) (i32.const 10000000)))
                (func (export "grow_memory") (result i32) (memory.grow (i32.const 60000)))
                (func $large (local {locals}) (local.set 48000 (local.get 1)))
                (func (export "calls") (param i32) (result i32)
                    (loop $again (call $large)
                        (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (i32.const 0)))"#
            ),
        );
        for (name, inputs) in [("grow_table", &[][..]), ("grow_memory", &[]), ("calls", &[100_000])] {
            store.set_fuel(1_000_000).unwrap();
            let error = call_i32(&mut store, instance, name, inputs).unwrap_err();
            assert_eq!(error.as_trap_code(), Some(TrapCode::OutOfFuel), "{name}");
        }
        store.set_fuel(10_000_000).unwrap();
        assert_eq!(call_i32(&mut store, instance, "grow_table", &[]).unwrap(), 0);
        assert_eq!(store.get_fuel().unwrap(), 10_000_000 - 10_000_000 / 8 - 3);
        store.set_fuel(10_000).unwrap();
        assert_eq!(call_i32(&mut store, instance, "calls", &[1]).unwrap(), 0);
        assert_eq!(store.get_fuel().unwrap(), 10_000 - 49_000 / 8 - 9);
    }
}

#[test]
fn a_function_that_needs_too_many_slots_has_a_name() {
    let count = 40_000_u64;
    let get = |local: u64| [vec![0x20], leb(local)].concat();
    let set = |local: u64| [vec![0x41, 1, 0x21], leb(local)].concat();
    let code =
        [(0..count).flat_map(get).collect(), (0..count).flat_map(set).collect(), [0x1a].repeat(40_000), vec![0x0b]];
    let wasm = with_func(&[1, 0x60, 0, 0], &[vec![1], leb(count), vec![0x7f]].concat(), &code.concat());
    for mode in MODES {
        let mut config = Config::default();
        config.compilation_mode(mode);
        let engine = Engine::new(&config);
        let mut store = Store::new(&engine, ());
        let run = || {
            let module = Module::new(&engine, &wasm)?;
            let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
            call(&mut store, instance, "f", &[]).map(drop)
        };
        let error: wasmote::Error = { run }().unwrap_err();
        assert!(error.to_string().contains("function 0 needs"), "{mode:?}: {error}");
    }
}

#[test]
fn the_effective_size_of_types_has_a_limit() {
    let list = [leb(1000), vec![0x7f; 1000]].concat();
    let types = [vec![1, 0x60], list.clone(), list].concat();
    let imports = |count: u64| {
        let imports = (0..count).flat_map(|_| [1, b'm', 1, b'f', 0, 0]).collect::<Vec<u8>>();
        module(&[section(1, &types), section(2, &[leb(count), imports].concat())])
    };
    let engine = Engine::default();
    let verdict = |count| Module::new(&engine, imports(count)).map(drop);
    // Each import counts as 2002, and the module as 1.
    assert!(verdict(499).is_ok());
    let error = verdict(500).unwrap_err();
    assert!(error.to_string().contains("effective type size exceeds the limit of 1000000"), "{error}");
    for count in [499, 500] {
        let theirs = wasmparser::Validator::new().validate_all(&imports(count)).is_ok();
        assert_eq!(verdict(count).is_ok(), theirs, "{count}");
    }
}

#[test]
fn sizes_at_the_edges_of_numbers() {
    let mut config = Config::default();
    config.wasm_memory64(true);
    let engine = Engine::new(&config);
    let linker = Linker::new(&engine);
    let edges = [1_u64 << 31, (1 << 32) - 1, 1 << 32, (1 << 32) + 1, 1 << 48, (1 << 48) + 1, u64::MAX];
    for edge in edges {
        let mut store = Store::new(&engine, ());
        // Sizes that are valid, and that a system may provide as long as nobody touches them.
        for valid in ["(memory i64 2147483648)", "(memory i64 4294967295)", "(memory i64 4294967296)"] {
            drop(try_linked(&mut store, &linker, &format!("(module {valid})")));
        }
        let low = (edge as u32).max(1 << 31).cast_signed();
        for text in [
            format!("(module (memory {edge}))"),
            format!("(module (memory i64 {edge}))"),
            format!("(module (table {edge} funcref))"),
            format!("(module (table i64 {edge} funcref))"),
            format!("(module (memory 1) (data (i32.const {low}) \"ab\"))"),
            format!("(module (memory i64 1) (data (i64.const {}) \"ab\"))", edge as i64),
            format!("(module (table 1 funcref) (elem (i32.const {low}) 0) (func))"),
            format!("(module (table i64 1 funcref) (elem (i64.const {}) 0) (func))", edge as i64),
        ] {
            let is_valid = text.starts_with("(module (memory i64") && !text.contains("data") && edge <= 1 << 32;
            assert!(is_valid || try_linked(&mut store, &linker, &text).is_err(), "{text}");
        }
        // Claims of counts: of tables, memories, globals, exports, segments and locals.
        for id in [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12] {
            assert!(Module::new(&engine, module(&[section(id, &leb(edge))])).is_err(), "section {id}, {edge}");
        }
        let locals = [vec![1], leb(edge), vec![0x7f]].concat();
        assert!(Module::new(&engine, with_func(&[1, 0x60, 0, 0], &locals, &[0x0b])).is_err(), "{edge} locals");
    }
    for portable in [false, true] {
        config.portable_dispatch(portable);
        let engine = Engine::new(&config);
        let mut store = Store::new(&engine, ());
        let instance = instance(
            &mut store,
            r#"(module (memory 1) (memory $m i64 1) (table $t 1 funcref) (table $u i64 1 funcref)
            (func (export "m") (param i64) (result i64) (memory.grow $m (local.get 0)))
            (func (export "t") (param i64) (result i64) (table.grow $u (ref.null func) (local.get 0)))
            (func (export "m32") (param i64) (result i64)
                (i64.extend_i32_s (memory.grow (i32.wrap_i64 (local.get 0)))))
            (func (export "t32") (param i64) (result i64)
                (i64.extend_i32_s (table.grow $t (ref.null func) (i32.wrap_i64 (local.get 0)))))
            (func (export "fill") (param i64) (result i64)
                (memory.fill $m (local.get 0) (i32.const 0) (local.get 0)) (i64.const 0)))"#,
        );
        let mut grow = |name: &str, delta: u64| {
            let func = instance.get_typed_func::<u64, i64>(&store, name).unwrap();
            func.call(&mut store, delta)
        };
        for edge in [1 << 48, (1 << 48) + 1, u64::MAX, u64::MAX - 1] {
            assert_eq!(grow("m", edge).unwrap(), -1, "{edge}");
            assert_eq!(grow("t", edge).unwrap(), -1, "{edge}");
            assert!(grow("fill", edge).is_err());
        }
        for edge in [1 << 31, (1 << 31) - 1, (1 << 32) - 1] {
            assert_eq!(grow("m32", edge).unwrap(), -1, "{edge}");
            assert_eq!(grow("t32", edge).unwrap(), -1, "{edge}");
            assert_eq!(grow("t", edge).unwrap(), -1, "{edge}");
            assert!(grow("fill", edge).is_err());
        }
    }
}

/// A memory of 64 GiB, which most systems have as long as nobody touches it.
#[test]
#[cfg(all(target_os = "linux", target_pointer_width = "64", feature = "std"))]
fn memories_can_be_larger_than_the_system() {
    let mut config = Config::default();
    config.wasm_memory64(true);
    let engine = Engine::new(&config);
    let mut store = Store::new(&engine, ());
    let large = r#"(module (memory i64 1048576) (func (export "f") (result i32)
        (i32.store (i64.const 0xf_ffff_fffc) (i32.const 7)) (i32.load (i64.const 0xf_ffff_fffc))))"#;
    let instance = instance(&mut store, large);
    assert_eq!(call_i32(&mut store, instance, "f", &[]).unwrap(), 7);
}

#[test]
fn types_of_64_bits_say_so_in_errors() {
    let mut config = Config::default();
    config.wasm_memory64(true);
    let engine = Engine::new(&config);
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    let exporting = r#"(module (memory (export "mem") i64 1) (table (export "tab") i64 1 funcref))"#;
    let instance = instance(&mut store, exporting);
    linker.instance(&mut store, "m", instance).unwrap();
    for import in [r#"(import "m" "mem" (memory 1))"#, r#"(import "m" "tab" (table 1 funcref))"#] {
        let error = try_linked(&mut store, &linker, &format!("(module {import})")).unwrap_err();
        assert_eq!(error.to_string().matches("64-bit").count(), 1, "{error}");
    }
}

//! Startup: allocations and touched memory of loading, linking and instantiation; modules that arrive in parts or are
//! lent; stores that are used again.

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Barrier},
    thread,
};

use wasmote::{
    Caller, CompilationMode, Config, Engine, Error, Extern, ExternRef, Func, Instance, InstancePre, Linker, Memory,
    MemoryType, Module, Nullable, Store, StoreLimits, StoreLimitsBuilder, Val, ValType, WasmBytes,
    errors::{ErrorKind, InstantiationError, LinkerError},
};
use wasmote_bombs::heap::{Counting, ThisThread};

#[global_allocator]
static ALLOCATOR: Counting<ThisThread> = Counting::new();

const MODES: [CompilationMode; 3] = [CompilationMode::Eager, CompilationMode::LazyTranslation, CompilationMode::Lazy];

fn engine(mode: CompilationMode) -> Engine {
    let mut config = Config::default();
    config.compilation_mode(mode);
    Engine::new(&config)
}

fn host_linker(engine: &Engine) -> Linker<i32> {
    let mut linker = Linker::new(engine);
    for i in 0..60 {
        let add = |caller: Caller<'_, i32>, a: i32, b: i32| a + b + *caller.data();
        linker.func_wrap("host", &format!("f{i}"), add).unwrap();
    }
    linker
}

/// Imports 20 functions of `host_linker`.
fn importing() -> String {
    let imports = (0..20).map(|i| format!(r#"(import "host" "f{}" (func (param i32 i32) (result i32)))"#, 3 * i));
    format!(
        r#"(module {} (memory 1) (global (mut i32) (i32.const 0)) (table 4 funcref) (elem (i32.const 0) $run)
            (data (i32.const 16) "hello") (export "f" (func 5))
            (func $run (export "run") (param i32) (result i32) (call 3 (local.get 0) (i32.const 7))))"#,
        imports.collect::<String>()
    )
}

fn run(store: &mut Store<i32>, instance: Instance, value: i32) -> i32 {
    instance.get_typed_func::<i32, i32>(&*store, "run").unwrap().call(store, value).unwrap()
}

const fn is_send_and_sync<T: Send + Sync>() {}

const _: () = {
    is_send_and_sync::<InstancePre<Cell<i32>>>();
    is_send_and_sync::<wasmote::LinkerBuilder<wasmote::state::Ready, Cell<i32>>>();
    is_send_and_sync::<WasmBytes>();
};

// ---- linkers

#[test]
fn imports_are_resolved_once() {
    let engine = Engine::default();
    let mut linker = Linker::<i32>::new(&engine);
    let module = Module::new(
        &engine,
        r#"(module (import "host" "f" (func $f (result i32))) (func (export "run") (param i32) (result i32)
            (i32.add (local.get 0) (call $f))))"#,
    )
    .unwrap();
    let error = linker.instantiate_pre(&module).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Linker(LinkerError::MissingDefinition { .. })), "{error:?}");
    linker.func_wrap("host", "f", || 1_i64).unwrap();
    let error = linker.instantiate_pre(&module).unwrap_err();
    let mismatch = |error: &InstantiationError| matches!(error, InstantiationError::FuncTypeMismatch { .. });
    assert!(matches!(error.kind(), ErrorKind::Instantiation(error) if mismatch(error)), "{error:?}");
    linker.allow_shadowing(true).func_wrap("host", "f", || 10_i32).unwrap();
    let pre: InstancePre<i32> = linker.instantiate_pre(&module).unwrap();
    linker.func_wrap("host", "f", || 20_i32).unwrap();
    let mut store = Store::new(&engine, 0);
    let (first, later) = (pre.clone().instantiate(&mut store).unwrap(), linker.instantiate_pre(pre.module()).unwrap());
    let later = later.instantiate(&mut store).unwrap();
    assert_eq!((run(&mut store, first, 1), run(&mut store, later, 1)), (11, 21));
}

#[test]
fn things_of_a_store_are_resolved_too() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, 0);
    let mut linker = Linker::<i32>::new(&engine);
    let memory = Memory::new(&mut store, MemoryType::new(1, None)).unwrap();
    let double = Func::wrap(&mut store, |value: i32| 2 * value);
    linker.define("host", "m", memory).unwrap().define("host", "f", double).unwrap();
    linker.func_wrap("host", "g", |value: i32| value + 1).unwrap();
    let text = |min: u32| {
        format!(
            r#"(module (import "host" "f" (func $f (param i32) (result i32))) (import "host" "m" (memory {min}))
                (import "host" "g" (func $g (param i32) (result i32)))
                (func (export "run") (param i32) (result i32) (i32.store8 (i32.const 3) (local.get 0))
                    (call $f (call $g (local.get 0)))))"#
        )
    };
    let module = Module::new(&engine, text(1)).unwrap();
    let pre = linker.instantiate_pre(&module).unwrap();
    let instance = pre.instantiate(&mut store).unwrap();
    assert_eq!(run(&mut store, instance, 20), 42);
    assert_eq!(memory.data(&store)[3], 20);
    let large = linker.instantiate_pre(&Module::new(&engine, text(2)).unwrap()).unwrap();
    assert!(matches!(large.instantiate(&mut store).unwrap_err().kind(), ErrorKind::Instantiation(_)));
    let mut other = Store::new(&engine, 0);
    let result = catch_unwind(AssertUnwindSafe(|| pre.instantiate(&mut other).map(drop)));
    assert!(result.is_err(), "definitions of another store");
}

#[test]
fn host_functions_are_put_into_a_store_once() {
    let engine = Engine::default();
    let linker = host_linker(&engine);
    let module = Module::new(&engine, importing()).unwrap();
    let other = Module::new(&engine, importing().replace("(memory 1)", "(memory 2)")).unwrap();
    let (pre, other) = (linker.instantiate_pre(&module).unwrap(), linker.instantiate_pre(&other).unwrap());
    for early in [false, true] {
        let mut store = Store::new(&engine, 0);
        let resolve = |store: &mut Store<i32>| linker.resolve(store, "host", "f15").unwrap().into_func().unwrap();
        let found = early.then(|| resolve(&mut store));
        let mut exported = Vec::new();
        for _ in 0..3 {
            let instances = [
                pre.instantiate(&mut store).unwrap(),
                linker.instantiate_and_start(&mut store, &module).unwrap(),
                other.instantiate(&mut store).unwrap(),
            ];
            exported.extend(instances.map(|instance| instance.get_func(&store, "f").unwrap()));
        }
        let found = found.unwrap_or_else(|| resolve(&mut store));
        assert!(exported.iter().all(|func| *func == found), "{exported:?}");
        let instance = pre.instantiate(&mut store).unwrap();
        assert_eq!(run(&mut store, instance, 4), 11);
    }
    let store = Store::new(&engine, 0);
    assert!(linker.get(&store, "host", "f15").is_none(), "it is in no store");
}

#[test]
fn linkers_share_what_a_builder_defines() {
    let mut builder = Linker::<i32>::build();
    builder.func_wrap("host", "f", |caller: Caller<'_, i32>| *caller.data()).unwrap();
    let ty = wasmote::FuncType::new([], [ValType::I32]);
    builder
        .func_new("host", "g", ty, |_, _, results| {
            results[0] = Val::I32(7);
            Ok(())
        })
        .unwrap();
    assert!(builder.func_wrap("host", "f", || 1_i32).is_err());
    let builder = builder.finish();
    let text = r#"(module (import "host" "f" (func $f (result i32))) (import "host" "g" (func $g (result i32)))
        (func (export "run") (param i32) (result i32) (i32.add (call $f) (call $g))))"#;
    for data in 0..3 {
        let engine = Engine::default();
        let mut linker = builder.create(&engine);
        let (_, cost) = ThisThread::measure(|| builder.create(&engine));
        assert_eq!(cost.allocations, 0);
        let module = Module::new(&engine, text).unwrap();
        let mut store = Store::new(&engine, data);
        let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
        assert_eq!(run(&mut store, instance, 0), data + 7);
        // The definitions of one linker are invisible to others.
        linker.func_wrap("own", "f", || ()).unwrap();
        assert!(linker.func_wrap("host", "f", || 1_i32).is_err());
        assert!(linker.resolve(&mut store, "own", "f").is_some());
        assert!(builder.create(&engine).resolve(&mut store, "own", "f").is_none());
    }
}

// ---- allocations

#[test]
fn linking_and_instantiating_allocate_little() {
    let engine = Engine::default();
    let names: Vec<String> = (0..60).map(|i| format!("f{i}")).collect();
    let (linker, cost) = ThisThread::measure(|| {
        let mut linker = Linker::<i32>::new(&engine);
        for name in &names {
            linker.func_wrap("host", name, |a: i32, b: i32| a + b).unwrap();
        }
        linker
    });
    assert!(cost.allocations < 80, "{cost:?} for 60 functions");
    let module = Module::new(&engine, importing()).unwrap();
    let pre = linker.instantiate_pre(&module).unwrap();
    let mut store = Store::new(&engine, 0);
    let (_, cost) = ThisThread::measure(|| pre.instantiate(&mut store).unwrap());
    assert!(cost.allocations <= 16, "{cost:?} in a new store");
    let (_, cost) = ThisThread::measure(|| pre.instantiate(&mut store).unwrap());
    assert!(cost.allocations <= 6, "{cost:?} in the same store");
    store.reset();
    let (instance, cost) = ThisThread::measure(|| pre.instantiate(&mut store).unwrap());
    assert!(cost.allocations <= 6, "{cost:?} in a store that was reset");
    assert_eq!(run(&mut store, instance, 1), 8);
    let before = ThisThread::live();
    for _ in 0..100 {
        store.reset();
        let instance = pre.instantiate(&mut store).unwrap();
        assert_eq!(run(&mut store, instance, 1), 8);
    }
    assert_eq!(ThisThread::live(), before, "what a use leaves behind");
}

#[test]
fn allocations_do_not_depend_on_the_number_of_items() {
    let text = |count: usize| {
        let items = "(func) (global i32 (i32.const 1)) (elem (i32.const 0) 0) (data (i32.const 9) \"a\")".repeat(count);
        format!("(module (memory 1) (table 1 funcref) {items})")
    };
    let engine = Engine::default();
    let counts: Vec<usize> = [10, 2000]
        .iter()
        .map(|&count| {
            let module = Module::new(&engine, text(count)).unwrap();
            let pre = Linker::<i32>::new(&engine).instantiate_pre(&module).unwrap();
            let mut store = Store::new(&engine, 0);
            pre.instantiate(&mut store).unwrap();
            store.reset();
            ThisThread::measure(|| pre.instantiate(&mut store).unwrap()).1.allocations
        })
        .collect();
    assert!(counts[1] <= counts[0] + 2, "{counts:?}");
}

// ---- bytes

/// A module with 256 KiB of data and some code.
fn bulky() -> Vec<u8> {
    let data = "x".repeat(256 << 10);
    let body = "(local.set 0 (i32.add (local.get 0) (i32.const 1)))".repeat(2000);
    wat::parse_str(format!(
        r#"(module (memory 8) (data (i32.const 1000) "{data}") (data "passive")
            (func (export "run") (param i32) (result i32) {body}
                (memory.init 1 (i32.const 0) (i32.const 0) (i32.const 7))
                (i32.add (local.get 0) (i32.add (i32.load8_u (i32.const 6)) (i32.load8_u (i32.const 263143)))))
            (@custom "note" "text"))"#
    ))
    .unwrap()
}

fn assert_bulky(module: &Module) {
    let mut store = Store::new(module.engine(), 0);
    let instance = Instance::new(&mut store, module, &[]).unwrap();
    assert_eq!(run(&mut store, instance, 1), 2001 + i32::from(b'e') + i32::from(b'x'));
    let customs: Vec<_> = module.custom_sections().map(|custom| (custom.name(), custom.data())).collect();
    assert_eq!(customs, [("note", &b"text"[..])]);
}

#[test]
fn lent_bytes_are_not_copied() {
    let bytes = bulky();
    let fixed: &'static [u8] = Vec::leak(bytes.clone());
    let shared: Arc<[u8]> = bytes.clone().into();
    for mode in MODES {
        let engine = engine(mode);
        let limit = 128 << 10;
        let (module, cost) = ThisThread::measure(|| Module::from_static(&engine, fixed).unwrap());
        assert!(cost.peak < limit, "{mode:?}: {cost:?}");
        assert_bulky(&module);
        let (module, cost) = ThisThread::measure(|| Module::from_bytes(&engine, shared.clone()).unwrap());
        assert!(cost.peak < limit, "{mode:?}: {cost:?}");
        assert_bulky(&module);
        let given: WasmBytes = bytes.clone().into();
        let (module, cost) = ThisThread::measure(|| Module::from_bytes(&engine, given).unwrap());
        // Eager translation copies the parts that it needs, and frees the rest.
        let limit = if mode == CompilationMode::Eager { bytes.len() as isize + limit } else { limit };
        assert!(cost.peak < limit && cost.live < 128 << 10, "{mode:?}: {cost:?}");
        assert_bulky(&module);
        let (module, cost) = ThisThread::measure(|| Module::new(&engine, &bytes).unwrap());
        assert!(cost.live < bytes.len() as isize + (96 << 10), "{mode:?}: {cost:?}");
        assert_bulky(&module);
        drop(module);
    }
    let engine = Engine::default();
    assert!(Module::from_static(&engine, b"(module)").is_err(), "only the binary format");
    assert!(Module::from_bytes(&engine, bytes[..bytes.len() - 3].to_vec()).is_err());
}

#[test]
fn modules_arrive_in_parts() {
    struct Slowly<'a>(&'a [u8], usize);

    impl std::io::Read for Slowly<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let count = self.0.len().min(buffer.len()).min(self.1);
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    let bytes = bulky();
    for mode in MODES {
        let engine = engine(mode);
        for step in [1000, 4096, usize::MAX] {
            assert_bulky(&Module::new_streaming(&engine, Slowly(&bytes, step)).unwrap());
        }
        assert!(Module::new_streaming(&engine, &bytes[..bytes.len() - 3]).is_err());
        assert!(Module::new_streaming(&engine, std::io::empty()).is_err());
    }
}

#[test]
fn claims_allocate_nothing() {
    // A section, a function body, a data segment that claim nearly 256 MiB.
    let size = [0xf0, 0xff, 0xff, 0x7f];
    let code = [&[1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10][..], &size, &[1, 0xe0, 0xff, 0xff, 0x7f]].concat();
    for section in [&[&[11][..], &size, &[1, 1]].concat(), &code, &[&[0][..], &size].concat()] {
        let bytes = [b"\0asm\x01\0\0\0", &section[..]].concat();
        for mode in MODES {
            let engine = engine(mode);
            let (result, cost) = ThisThread::measure(|| Module::new_streaming(&engine, &bytes[..]).map(drop));
            assert!(result.is_err());
            assert!(cost.peak < 256 << 10, "{cost:?}");
            let (result, cost) = ThisThread::measure(|| Module::new(&engine, &bytes).map(drop));
            assert!(result.is_err());
            assert!(cost.peak < 256 << 10, "{cost:?}");
        }
    }
}

#[test]
fn validation_can_be_left_to_the_caller() {
    for mode in MODES {
        let engine = engine(mode);
        // SAFETY: the module is valid.
        let module = unsafe { Module::new_unchecked(&engine, &bulky()) };
        assert_bulky(&module.unwrap());
    }
}

// ---- memories

/// Returns the resident bytes of the process.
#[cfg(target_os = "linux")]
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

#[test]
#[cfg(target_os = "linux")]
fn memories_are_not_touched() {
    let engine = Engine::default();
    let text = r#"(module (memory 4096)
        (func (export "run") (param i32) (result i32) (i32.store8 (i32.const 100000) (local.get 0))
            (drop (memory.grow (i32.const 4096)))
            (i32.add (i32.load8_u (i32.const 100000)) (i32.load8_u (i32.const 500000000)))))"#;
    let module = Module::new(&engine, text).unwrap();
    let pre = Linker::new(&engine).instantiate_pre(&module).unwrap();
    let mut store = Store::new(&engine, 0);
    let before = resident();
    for value in 1..20 {
        let instance = pre.instantiate(&mut store).unwrap();
        assert_eq!(run(&mut store, instance, value), value);
        let used = resident().saturating_sub(before);
        assert!(used < 128 << 20, "{used} bytes for a memory of 512 MiB");
        store.reset();
    }
}

// ---- calls that are suspended

#[test]
#[cfg(target_os = "linux")]
fn stacks_of_suspended_calls_are_not_touched() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, 0);
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "fail", || -> Result<(), Error> { Err(Error::new("no")) }).unwrap();
    let text = r#"(module (import "host" "fail" (func $fail)) (func (export "run") (call $fail)))"#;
    let instance = linker.instantiate_and_start(&mut store, &Module::new(&engine, text).unwrap()).unwrap();
    let run = instance.get_func(&store, "run").unwrap();
    // Twice: an allocator clears memory that was in use.
    for _ in 0..2 {
        let before = resident();
        let calls: Vec<_> = (0..1000).map(|_| run.call_resumable(&mut store, &[], &mut []).unwrap()).collect();
        let used = resident().saturating_sub(before);
        assert!(used < 64 << 20, "{used} bytes for {} calls", calls.len());
    }
}

// ---- stores that are used again

/// A module that changes everything that a reset has to restore.
const CHANGING: &str = r#"(module
    (import "host" "keep" (func $keep (param externref)))
    (memory (export "m") 8 64) (table $t (export "t") 4 16 funcref) (table $e (export "e") 2 externref)
    (global $g (export "g") (mut i32) (i32.const 5)) (global $r (mut externref) (ref.null extern))
    (data (i32.const 0) "initial") (data $p "passive") (elem $q funcref (ref.func $f)) (elem (i32.const 1) $f)
    (func $f (result i32) (i32.const 9))
    (func (export "state") (result i32 i32 i32 i32 i32 i32)
        (global.get $g) (memory.size) (table.size $t) (i32.load (i32.const 500000))
        (i32.load (i32.const 0)) (ref.is_null (table.get $t (i32.const 0))))
    (func (export "more") (result i32 i32) (ref.is_null (global.get $r)) (ref.is_null (table.get $e (i32.const 1))))
    (func (export "init")
        (memory.init $p (i32.const 0) (i32.const 0) (i32.const 7))
        (table.init $t $q (i32.const 0) (i32.const 0) (i32.const 1)))
    (func (export "change") (param externref)
        (global.set $g (i32.const 77)) (global.set $r (local.get 0)) (table.set $e (i32.const 1) (local.get 0))
        (memory.fill (i32.const 0) (i32.const 0xab) (i32.const 524288))
        (drop (memory.grow (i32.const 3))) (memory.fill (i32.const 524288) (i32.const 0xcd) (i32.const 196608))
        (table.fill $t (i32.const 0) (ref.func $f) (i32.const 4)) (drop (table.grow $t (ref.func $f) (i32.const 2)))
        (data.drop $p) (elem.drop $q) (call $keep (local.get 0))))"#;

#[test]
fn nothing_is_left_behind() {
    let mut config = Config::default();
    config.consume_fuel(true);
    let engine = Engine::new(&config);
    let mut linker = Linker::<Vec<ExternRef>>::new(&engine);
    linker
        .func_wrap("host", "keep", |mut caller: Caller<'_, Vec<ExternRef>>, value: Nullable<ExternRef>| {
            if let Nullable::Val(value) = value {
                caller.data_mut().push(value);
            }
        })
        .unwrap();
    let module = Module::new(&engine, CHANGING).unwrap();
    let pre = linker.instantiate_pre(&module).unwrap();
    let mut store = Store::new(&engine, Vec::new());
    let secret = Arc::new(());
    for _ in 0..5 {
        assert_eq!(store.get_fuel().unwrap(), 0);
        store.set_fuel(1_000_000).unwrap();
        let instance = pre.instantiate(&mut store).unwrap();
        let state = instance.get_typed_func::<(), (i32, i32, i32, i32, i32, i32)>(&store, "state").unwrap();
        let initial = i32::from_le_bytes(*b"init");
        assert_eq!(state.call(&mut store, ()).unwrap(), (5, 8, 4, 0, initial, 1));
        let more = instance.get_typed_func::<(), (i32, i32)>(&store, "more").unwrap();
        assert_eq!(more.call(&mut store, ()).unwrap(), (1, 1));
        let memory = instance.get_memory(&store, "m").unwrap();
        assert_eq!(&memory.data(&store)[..8], b"initial\0");
        assert!(memory.data(&store)[8..].iter().all(|&byte| byte == 0));
        let init = instance.get_typed_func::<(), ()>(&store, "init").unwrap();
        init.call(&mut store, ()).unwrap();
        let object = ExternRef::new(&mut store, secret.clone());
        let change = instance.get_typed_func::<Nullable<ExternRef>, ()>(&store, "change").unwrap();
        change.call(&mut store, Nullable::Val(object)).unwrap();
        assert!(init.call(&mut store, ()).is_err(), "the segments are dropped");
        assert_ne!(state.call(&mut store, ()).unwrap(), (5, 8, 4, 0, initial, 1));
        assert!(more.call(&mut store, ()).unwrap() == (0, 0) && Arc::strong_count(&secret) == 2);
        let global = instance.get_global(&store, "g").unwrap();
        let table = instance.get_table(&store, "t").unwrap();
        store.reset();
        assert_eq!(Arc::strong_count(&secret), 1, "references to things of the host are gone");
        // Handles from before the reset belong to another store.
        let kept = store.data_mut().pop().unwrap();
        type Use<'a> = Box<dyn FnOnce(&mut Store<Vec<ExternRef>>) + 'a>;
        let uses: [Use<'_>; 7] = [
            Box::new(|store| assert!(instance.get_export(&*store, "m").is_some())),
            Box::new(|store| drop(state.call(store, ()))),
            Box::new(|store| assert!(memory.data(&*store).is_empty())),
            Box::new(|store| assert!(global.get(&*store).i32().is_some())),
            Box::new(|store| assert!(table.get(&*store, 0).is_some())),
            Box::new(|store| assert!(kept.data(&*store).is::<Arc<()>>())),
            Box::new(|store| drop(linker.clone().define("old", "m", memory).unwrap().instance(store, "x", instance))),
        ];
        for (i, use_it) in uses.into_iter().enumerate() {
            assert!(catch_unwind(AssertUnwindSafe(|| use_it(&mut store))).is_err(), "use {i}");
        }
    }
}

#[test]
fn calls_of_before_cannot_be_resumed() {
    let engine = Engine::default();
    let mut linker = Linker::<i32>::new(&engine);
    linker.func_wrap("host", "fail", || -> Result<i32, Error> { Err(Error::i32_exit(1)) }).unwrap();
    let text =
        r#"(module (import "host" "fail" (func $fail (result i32))) (func (export "run") (result i32) (call $fail)))"#;
    let pre = linker.instantiate_pre(&Module::new(&engine, text).unwrap()).unwrap();
    let mut store = Store::new(&engine, 0);
    let instance = pre.instantiate(&mut store).unwrap();
    let run = instance.get_func(&store, "run").unwrap();
    let mut results = [Val::I32(0)];
    let wasmote::ResumableCall::HostTrap(call) = run.call_resumable(&mut store, &[], &mut results).unwrap() else {
        panic!("the host function fails");
    };
    store.reset();
    pre.instantiate(&mut store).unwrap();
    let resume = AssertUnwindSafe(|| call.resume(&mut store, &[Val::I32(1)], &mut results).map(drop));
    assert!(catch_unwind(resume).is_err());
}

#[test]
fn limits_count_from_the_start_again() {
    let engine = Engine::default();
    let module = Module::new(&engine, "(module (memory 5) (table 1 funcref))").unwrap();
    let pre = Linker::<StoreLimits>::new(&engine).instantiate_pre(&module).unwrap();
    let mut store = Store::new(&engine, StoreLimitsBuilder::new().instances(2).memories(2).build());
    store.limiter(|limits| limits);
    for _ in 0..3 {
        assert!(pre.instantiate(&mut store).is_ok() && pre.instantiate(&mut store).is_ok());
        assert!(pre.instantiate(&mut store).is_err());
        store.reset();
    }
}

#[test]
fn a_store_that_was_reset_is_as_a_new_one() {
    let engine = Engine::default();
    let linker = host_linker(&engine);
    let pre = linker.instantiate_pre(&Module::new(&engine, importing()).unwrap()).unwrap();
    for own in [false, true] {
        let mut store = Store::new(&engine, 1);
        for _ in 0..3 {
            // Host functions of the store itself do not outlive it.
            if own {
                let func = Func::wrap(&mut store, |value: i32| value * 10);
                assert_eq!(func.typed::<i32, i32>(&store).unwrap().call(&mut store, 4).unwrap(), 40);
            }
            let instance = pre.instantiate(&mut store).unwrap();
            assert_eq!(run(&mut store, instance, 4), 12);
            let again = linker.instantiate_and_start(&mut store, pre.module()).unwrap();
            assert_eq!(instance.get_func(&store, "f"), again.get_func(&store, "f"));
            let Some(Extern::Func(late)) = linker.resolve(&mut store, "host", "f1") else { panic!("a function") };
            assert_eq!(late.typed::<(i32, i32), i32>(&store).unwrap().call(&mut store, (1, 2)).unwrap(), 4);
            store.reset();
        }
    }
}

// ---- threads

#[test]
fn a_function_is_first_called_by_many_threads() {
    const THREADS: usize = 16;
    let body = "(local.set 0 (i32.add (i32.mul (local.get 0) (i32.const 3)) (i32.const 1)))".repeat(500);
    let text = format!(
        r#"(module (func $f (param i32) (result i32) {body} (local.get 0))
            (func (export "run") (param i32) (result i32) (call $f (local.get 0))))"#
    );
    let mut expected = 7_i32;
    for _ in 0..500 {
        expected = expected.wrapping_mul(3).wrapping_add(1);
    }
    for mode in MODES {
        for portable in [false, true] {
            let mut config = Config::default();
            config.compilation_mode(mode).portable_dispatch(portable);
            let engine = Engine::new(&config);
            for _ in 0..10 {
                let module = Module::new(&engine, &text).unwrap();
                let pre = Linker::<i32>::new(&engine).instantiate_pre(&module).unwrap();
                let barrier = Barrier::new(THREADS);
                thread::scope(|scope| {
                    for _ in 0..THREADS {
                        scope.spawn(|| {
                            let mut store = Store::new(&engine, 0);
                            let instance = pre.instantiate(&mut store).unwrap();
                            barrier.wait();
                            assert_eq!(run(&mut store, instance, 7), expected);
                        });
                    }
                });
            }
        }
    }
}

#[test]
fn an_invalid_function_fails_for_each_thread_and_leaves_stores_usable() {
    let text = r#"(module (func $bad (result i32) (i64.const 1))
        (func (export "run") (param i32) (result i32)
            (if (result i32) (local.get 0) (then (call $bad)) (else (i32.const 3)))))"#;
    let module = Module::new(&engine(CompilationMode::Lazy), text).unwrap();
    let barrier = Barrier::new(8);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut store = Store::new(module.engine(), 0);
                let instance = Instance::new(&mut store, &module, &[]).unwrap();
                let func = instance.get_typed_func::<i32, i32>(&store, "run").unwrap();
                barrier.wait();
                for _ in 0..3 {
                    let error = func.call(&mut store, 1).unwrap_err();
                    assert!(matches!(error.kind(), ErrorKind::Wasm(_)), "{error:?}");
                    assert_eq!(func.call(&mut store, 0).unwrap(), 3);
                }
            });
        }
    });
}

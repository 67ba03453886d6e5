//! Shared memories and waits, in both dispatchers.

use std::{
    thread,
    time::{Duration, Instant},
};

use wasmote::{
    Engine, Error, Extern, ExternType, Instance, Linker, Memory, MemoryType, Module, SharedMemory, Store, StoreLimits,
    StoreLimitsBuilder, TrapCode, Val, WaitResult, errors::MemoryError,
};

use crate::{call, call_i32, engines_with, instance, try_linked};

const fn is_send_and_sync<T: Send + Sync>() {}

const _: () = is_send_and_sync::<SharedMemory>();
const _: () = is_send_and_sync::<wasmote::InterruptHandle>();

fn engines() -> [Engine; 2] {
    engines_with(|config| {
        config.wasm_threads(true);
    })
}

/// A store with a module that has the functions of these tests, and the memory.
fn with_memory(engine: &Engine, memory: &SharedMemory) -> (Store<()>, Instance) {
    let mut store = Store::new(engine, ());
    let mut linker = Linker::new(engine);
    linker.define_shared_memory("", "memory", memory).unwrap();
    let module = r#"(module
        (import "" "memory" (memory $m 1 8 shared))
        (export "memory" (memory $m))
        (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
        (func (export "load8") (param i32) (result i32) (i32.load8_u offset=3 (local.get 0)))
        (func (export "store") (param i32 i32) (result i32) (i32.store (local.get 0) (local.get 1)) (i32.const 0))
        (func (export "far") (param i32) (result i32) (i32.wrap_i64 (i64.load offset=0xfff0 (local.get 0))))
        (func (export "atomic") (param i32) (result i32) (i32.atomic.load (local.get 0)))
        (func (export "rmw") (param i32) (result i32) (i32.atomic.rmw8.add_u (local.get 0) (i32.const 1)))
        (func (export "size") (result i32) (memory.size))
        (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
        (func (export "fill") (param i32 i32) (result i32)
            (memory.fill (local.get 0) (i32.const 7) (local.get 1)) (i32.const 0))
        (func (export "copy") (param i32 i32 i32) (result i32)
            (memory.copy (local.get 0) (local.get 1) (local.get 2)) (i32.const 0))
        (func (export "wait") (param i32 i32 i64) (result i32)
            (memory.atomic.wait32 (local.get 0) (local.get 1) (local.get 2)))
        (func (export "notify") (param i32 i32) (result i32)
            (memory.atomic.notify (local.get 0) (local.get 1))))"#;
    let instance = try_linked(&mut store, &linker, module).unwrap();
    (store, instance)
}

fn wait(store: &mut Store<()>, instance: Instance, timeout: i64) -> Result<i32, Error> {
    call(store, instance, "wait", &[Val::I32(16), Val::I32(0), Val::I64(timeout)])
        .map(|values| values[0].i32().unwrap())
}

#[test]
fn growth_by_one_thread_is_seen_by_all() {
    for engine in engines() {
        let memory = SharedMemory::new(&engine, MemoryType::shared(1, 8)).unwrap();
        // Each of these accesses finds its address out of the bounds that its store knows, and begins anew.
        for (name, inputs) in [
            ("load", &[0x1_0000][..]),
            ("load", &[0xfffd]),
            ("load8", &[0xfffd]),
            ("store", &[0x1_0000, 5]),
            ("far", &[16]),
            ("atomic", &[0x1_0000]),
            ("rmw", &[0x1_0000]),
            ("fill", &[0xffff, 2]),
            ("copy", &[0, 0xffff, 2]),
            ("copy", &[0xffff, 0, 2]),
            ("notify", &[0x1_0000, 1]),
        ] {
            let memory = SharedMemory::new(&engine, MemoryType::shared(1, 8)).unwrap();
            let (mut store, instance) = with_memory(&engine, &memory);
            let error = call_i32(&mut store, instance, name, inputs).unwrap_err();
            assert_eq!(error.as_trap_code(), Some(TrapCode::MemoryOutOfBounds), "{name} {inputs:?}");
            assert_eq!(memory.grow(1).unwrap(), 1);
            assert_eq!(call_i32(&mut store, instance, name, inputs).unwrap(), 0, "{name} {inputs:?}");
        }
        let (mut one, first) = with_memory(&engine, &memory);
        let (mut two, second) = with_memory(&engine, &memory);
        let base = memory.data().as_ptr();
        assert_eq!(call_i32(&mut one, first, "grow", &[2]).unwrap(), 1);
        assert_eq!(call_i32(&mut two, second, "size", &[]).unwrap(), 3);
        assert_eq!(call_i32(&mut two, second, "grow", &[0]).unwrap(), 3);
        assert_eq!(call_i32(&mut two, second, "grow", &[6]).unwrap(), -1, "beyond the maximum");
        assert_eq!(call_i32(&mut two, second, "grow", &[5]).unwrap(), 3);
        assert_eq!((memory.size(), memory.data_size()), (8, 8 << 16));
        assert_eq!(memory.data().as_ptr(), base, "the bytes do not move");
        assert_eq!(call_i32(&mut one, first, "store", &[0x7_fffc, 77]).unwrap(), 0);
        assert_eq!(call_i32(&mut two, second, "load", &[0x7_fffc]).unwrap(), 77);
    }
}

#[test]
fn threads_that_grow_at_once_do_not_lose_pages() {
    for engine in engines() {
        let memory = SharedMemory::new(&engine, MemoryType::shared(1, 8)).unwrap();
        let grown: i32 = thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        let (mut store, instance) = with_memory(&engine, &memory);
                        (0..4).filter(|_| call_i32(&mut store, instance, "grow", &[1]).unwrap() >= 0).count() as i32
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!((grown, memory.size()), (7, 8));
    }
}

#[test]
fn a_wait_ends_by_each_reason() {
    for engine in engines() {
        let memory = SharedMemory::new(&engine, MemoryType::shared(1, 8)).unwrap();
        let (mut store, instance) = with_memory(&engine, &memory);
        assert_eq!(wait(&mut store, instance, 0).unwrap(), 2);
        assert_eq!(wait(&mut store, instance, 1_000_000).unwrap(), 2);
        memory.write(16, &[1]).unwrap();
        assert_eq!(wait(&mut store, instance, -1).unwrap(), 1);
        memory.write(16, &[0]).unwrap();
        // The host notifies, or another thread.
        for by_wasm in [false, true] {
            thread::scope(|scope| {
                let waiting = scope.spawn(|| wait(&mut store, instance, -1).unwrap());
                let (mut other, notifier) = with_memory(&engine, &memory);
                while match by_wasm {
                    false => memory.atomic_notify(16, 1).unwrap() == 0,
                    true => call_i32(&mut other, notifier, "notify", &[16, 1]).unwrap() == 0,
                } {
                    thread::yield_now();
                }
                assert_eq!(waiting.join().unwrap(), 0);
            });
        }
        // The host waits.
        assert_eq!(memory.atomic_wait32(16, 1, None), Ok(WaitResult::Mismatch));
        assert_eq!(memory.atomic_wait64(16, 0, Some(Duration::from_millis(1))), Ok(WaitResult::TimedOut));
        assert_eq!(memory.atomic_wait64(12, 0, None), Err(TrapCode::HeapMisaligned));
        assert_eq!(memory.atomic_wait32(0x1_0000, 0, None), Err(TrapCode::MemoryOutOfBounds));
        assert_eq!(memory.atomic_notify(u64::MAX - 3, 0), Err(TrapCode::MemoryOutOfBounds));
        thread::scope(|scope| {
            let waiting = scope.spawn(|| memory.atomic_wait32(20, 0, None));
            while call_i32(&mut store, instance, "notify", &[20, -1]).unwrap() == 0 {
                thread::yield_now();
            }
            assert_eq!(waiting.join().unwrap(), Ok(WaitResult::Ok));
        });
    }
}

#[test]
fn waits_are_interrupted() {
    for engine in engines() {
        let memory = SharedMemory::new(&engine, MemoryType::shared(1, 8)).unwrap();
        let (mut store, instance) = with_memory(&engine, &memory);
        let handle = store.interrupt_handle();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| wait(&mut store, instance, -1).unwrap_err());
            thread::sleep(Duration::from_millis(10));
            handle.interrupt();
            assert_eq!(waiting.join().unwrap().as_trap_code(), Some(TrapCode::Interrupt));
        });
        // The store can be used again.
        assert_eq!(wait(&mut store, instance, 0).unwrap(), 2);
        handle.interrupt();
        let error = wait(&mut store, instance, -1).unwrap_err();
        assert_eq!(error.as_trap_code(), Some(TrapCode::Interrupt), "interrupted before it began");
        store.set_wait_deadline(Instant::now().checked_add(Duration::from_millis(10)));
        assert_eq!(wait(&mut store, instance, -1).unwrap_err().as_trap_code(), Some(TrapCode::Interrupt));
        assert_eq!(memory.atomic_notify(16, u32::MAX), Ok(0), "nobody waits any more");
        store.set_wait_deadline(None);
        assert_eq!(wait(&mut store, instance, 1).unwrap(), 2);
    }
}

#[test]
fn no_reference_to_the_bytes_is_given_out() {
    let [engine, _] = engines();
    let mut store = Store::new(&engine, ());
    let instance = instance(&mut store, r#"(module (memory (export "m") 1 2 shared) (data (i32.const 4) "abc"))"#);
    let memory = instance.get_memory(&store, "m").unwrap();
    let refused = |access: &mut dyn FnMut()| {
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(access)).unwrap_err().downcast::<&str>().unwrap()
    };
    assert!(refused(&mut || assert!(memory.data(&store).is_empty())).contains("the memory is shared"));
    assert!(refused(&mut || memory.data_mut(&mut store).fill(0)).contains("the memory is shared"));
    assert!(refused(&mut || memory.data_and_store_mut(&mut store).0.fill(0)).contains("the memory is shared"));
    let mut bytes = [0; 5];
    memory.read(&store, 3, &mut bytes).unwrap();
    assert_eq!(&bytes, b"\0abc\0");
    memory.write(&mut store, 5, b"xyz").unwrap();
    let shared = instance.get_shared_memory(&store, "m").unwrap();
    shared.read(3, &mut bytes).unwrap();
    assert_eq!(&bytes, b"\0axyz");
    assert_eq!(shared.read(0x1_0000 - 4, &mut bytes), Err(MemoryError::OutOfBoundsAccess));
    assert_eq!(shared.write(usize::MAX, &bytes), Err(MemoryError::OutOfBoundsAccess));
    assert_eq!(shared.ty(), MemoryType::shared(1, 2));
    drop(store);
    shared.read(3, &mut bytes).unwrap();
    assert_eq!(&bytes, b"\0axyz", "the bytes outlive the store");
}

#[test]
fn types_say_whether_a_memory_is_shared() {
    let [engine, _] = engines();
    let mut store = Store::new(&engine, ());
    let shared = Memory::new(&mut store, MemoryType::shared(1, 2)).unwrap();
    let own = Memory::new(&mut store, MemoryType::new(1, Some(2))).unwrap();
    assert!(shared.shared(&store).is_some() && own.shared(&store).is_none());
    assert_eq!(Extern::from(shared).ty(&store), ExternType::Memory(MemoryType::shared(1, 2)));
    assert_eq!(ExternType::from(MemoryType::shared(1, 2)).to_string(), "shared memory 1..=2");
    assert!(MemoryType::builder().clone().shared(true).clone().build().is_err(), "a shared memory has a maximum");
    assert!(SharedMemory::new(&engine, MemoryType::new(1, Some(2))).is_err());
    let import = |ty: &str| Module::new(&engine, format!(r#"(module (import "" "" (memory {ty})))"#)).unwrap();
    for (ty, memory, matches) in [
        ("1 2 shared", shared, true),
        ("1 3 shared", shared, true),
        ("1 2", shared, false),
        ("1 2", own, true),
        ("1 2 shared", own, false),
        ("2 2 shared", shared, false),
    ] {
        let result = Instance::new(&mut store, &import(ty), &[memory.into()]);
        assert_eq!(result.is_ok(), matches, "{ty}");
    }
}

#[test]
fn a_buffer_of_the_embedder_can_be_shared() {
    let [engine, _] = engines();
    let buffer = Box::leak(vec![3; (2 << 16) + 100].into_boxed_slice());
    let mut store = Store::new(&engine, ());
    // At an odd address.
    let memory = Memory::new_static(&mut store, MemoryType::shared(1, 4), &mut buffer[1..]).unwrap();
    assert!(memory.data_ptr(&store).addr().is_multiple_of(16));
    let shared = memory.shared(&store).unwrap();
    assert_eq!(shared.grow(1), Ok(1));
    assert_eq!(shared.grow(1), Err(MemoryError::OutOfSystemMemory), "the buffer has no more");
    let mut bytes = vec![1; 2 << 16];
    shared.read(0, &mut bytes).unwrap();
    assert!(bytes.iter().all(|&byte| byte == 0));
}

#[test]
fn the_limiter_of_the_store_that_grows_is_asked() {
    for engine in engines() {
        let memory = SharedMemory::new(&engine, MemoryType::shared(1, 8)).unwrap();
        let mut store = Store::new(&engine, StoreLimitsBuilder::new().memory_size(3 << 16).build());
        store.limiter(|limits: &mut StoreLimits| limits);
        let mut linker = Linker::new(&engine);
        linker.define_shared_memory("", "memory", &memory).unwrap();
        let grow = r#"(module (import "" "memory" (memory 1 8 shared))
            (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))"#;
        let instance = try_linked(&mut store, &linker, grow).unwrap();
        assert_eq!(call_i32(&mut store, instance, "grow", &[2]).unwrap(), 1);
        assert_eq!(call_i32(&mut store, instance, "grow", &[1]).unwrap(), -1);
        assert_eq!(memory.grow(1), Ok(3), "the host is not limited");
        let large = r#"(module (memory 4 8 shared))"#;
        assert!(try_linked(&mut store, &linker, large).is_err());
    }
}

#[test]
fn modules_need_the_proposal() {
    let engine = Engine::default();
    for (wat, message) in [
        ("(module (memory 1 1 shared))", "threads must be enabled"),
        ("(module (memory 1) (func (drop (i32.atomic.load (i32.const 0)))))", "threads"),
        ("(module (func (atomic.fence)))", "threads"),
    ] {
        let error = Module::new(&engine, wat).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
}

/// Atomic operators access memories that are not shared as well, also those that begin at an odd address.
#[test]
fn memories_that_are_not_shared_have_atomic_operators() {
    for engine in engines() {
        for odd in [0, 1] {
            let mut store = Store::new(&engine, ());
            let buffer = &mut Box::leak(vec![0; (1 << 16) + 8].into_boxed_slice())[odd..];
            let memory = Memory::new_static(&mut store, MemoryType::new(1, Some(1)), buffer).unwrap();
            let mut linker = Linker::new(&engine);
            linker.define("", "memory", memory).unwrap();
            let module = r#"(module
                (import "" "memory" (memory 1 1))
                (func (export "run") (result i32)
                    (i64.atomic.store offset=8 (i32.const 0) (i64.const 0x0102030405060708))
                    (drop (i64.atomic.rmw.sub offset=8 (i32.const 0) (i64.const 1)))
                    (drop (i64.atomic.rmw32.cmpxchg_u (i32.const 12) (i64.const 0x01020304) (i64.const 9)))
                    (i32.add (i32.atomic.load (i32.const 12)) (i32.atomic.rmw8.xchg_u (i32.const 8) (i32.const 1))))
                (func (export "misaligned") (result i32) (i32.atomic.load (i32.const 2)))
                (func (export "notify") (result i32) (memory.atomic.notify (i32.const 0) (i32.const 1)))
                (func (export "wait") (result i32)
                    (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))"#;
            let instance = try_linked(&mut store, &linker, module).unwrap();
            assert_eq!(call_i32(&mut store, instance, "run", &[]).unwrap(), 16);
            assert_eq!(call_i32(&mut store, instance, "notify", &[]).unwrap(), 0);
            for (name, code) in
                [("misaligned", TrapCode::HeapMisaligned), ("wait", TrapCode::AtomicWaitNonSharedMemory)]
            {
                let error = call_i32(&mut store, instance, name, &[]).unwrap_err();
                assert_eq!(error.as_trap_code(), Some(code));
            }
        }
    }
}

/// Reads and writes numbers of every width, with each kind of address, in memories of both address types.
#[test]
fn every_load_and_store_works_in_shared_memories() {
    const LOADS: &[(&str, u64)] = &[
        ("i32.load", 0xc7c6_c5c4),
        ("i32.load8_s", 0xffff_ffc4),
        ("i32.load8_u", 0xc4),
        ("i32.load16_s", 0xffff_c5c4),
        ("i32.load16_u", 0xc5c4),
        ("i64.load", 0xcbca_c9c8_c7c6_c5c4),
        ("i64.load8_s", 0xffff_ffff_ffff_ffc4),
        ("i64.load8_u", 0xc4),
        ("i64.load16_s", 0xffff_ffff_ffff_c5c4),
        ("i64.load16_u", 0xc5c4),
        ("i64.load32_s", 0xffff_ffff_c7c6_c5c4),
        ("i64.load32_u", 0xc7c6_c5c4),
        ("f32.load", 0xc7c6_c5c4),
        ("f64.load", 0xcbca_c9c8_c7c6_c5c4),
    ];
    const STORES: &[(&str, u64)] = &[
        ("i32.store", 0xffff_ffff),
        ("i32.store8", 0xff),
        ("i32.store16", 0xffff),
        ("i64.store", u64::MAX),
        ("i64.store8", 0xff),
        ("i64.store16", 0xffff),
        ("i64.store32", 0xffff_ffff),
        ("f32.store", 0xffff_ffff),
        ("f64.store", u64::MAX),
    ];
    let convert = |op: &str| match &op[..3] {
        "i32" => ["(i64.extend_i32_u)", "(i32.wrap_i64)"],
        "f32" => ["(i32.reinterpret_f32) (i64.extend_i32_u)", "(i32.wrap_i64) (f32.reinterpret_i32)"],
        "f64" => ["(i64.reinterpret_f64)", "(f64.reinterpret_i64)"],
        _ => ["", ""],
    };
    for (declared, index, ty) in [
        ("(memory $m 1 1 shared)", "", "i32"),
        ("(memory $m i64 1 1 shared)", "", "i64"),
        ("(memory 1) (memory $m 1 1 shared)", "$m", "i32"),
    ] {
        let mut funcs = String::new();
        for (op, _) in LOADS {
            let [from, _] = convert(op);
            funcs += &format!(
                r#"(func (export "{op} local") (param {ty} i64) (result i64)
                    (local.get 0) ({op} {index} offset=4) {from})
                (func (export "{op} constant") (param {ty} i64) (result i64)
                    ({ty}.const 100) ({op} {index} offset=4) {from})
                (func (export "{op} sum") (param {ty} i64) (result i64)
                    (local.get 0) ({ty}.const 4) ({ty}.add) ({op} {index}) {from})"#
            );
        }
        for (op, _) in STORES {
            let [_, to] = convert(op);
            funcs += &format!(
                r#"(func (export "{op} local") (param {ty} i64) (result i64)
                    (i64.store {index} offset=32 (local.get 0) (i64.const 0))
                    (local.get 0) (local.get 1) {to} ({op} {index} offset=32)
                    (local.get 0) (i64.load {index} offset=32))
                (func (export "{op} constant") (param {ty} i64) (result i64)
                    (i64.store {index} offset=32 (local.get 0) (i64.const 0))
                    ({ty}.const 100) (local.get 1) {to} ({op} {index} offset=32)
                    (local.get 0) (i64.load {index} offset=32))
                (func (export "{op} sum") (param {ty} i64) (result i64)
                    (i64.store {index} offset=32 (local.get 0) (i64.const 0))
                    (local.get 0) ({ty}.const 2) ({ty}.add) (local.get 1) {to} ({op} {index} offset=30)
                    (local.get 0) (i64.load {index} offset=32))"#
            );
        }
        let wat = format!(
            r#"(module {declared} {funcs}
                (data (memory $m) ({ty}.const 100) "\c0\c1\c2\c3\c4\c5\c6\c7\c8\c9\ca\cb\cc\cd\ce\cf"))"#
        );
        for engine in engines() {
            let mut store = Store::new(&engine, ());
            let instance = instance(&mut store, &wat);
            let at = if ty == "i64" { Val::I64(100) } else { Val::I32(100) };
            for (op, expected) in LOADS.iter().chain(STORES) {
                for kind in ["local", "constant", "sum"] {
                    let name = format!("{op} {kind}");
                    let values = call(&mut store, instance, &name, &[at, Val::I64(-1)]).unwrap();
                    assert_eq!(values[0].i64().unwrap().cast_unsigned(), *expected, "{name} in {declared}");
                }
            }
        }
    }
}

/// Another op of the same function may have noticed the growth: the store knows the length then, the machine does not.
#[test]
fn growth_that_the_store_noticed_is_seen_by_accesses() {
    for engine in engines() {
        for notice in [
            "(drop (memory.size))",
            "(drop (memory.atomic.notify (i32.const 0x10000) (i32.const 1)))",
            "(drop (memory.atomic.wait32 (i32.const 0x10000) (i32.const 1) (i64.const 0)))",
            "(memory.fill (i32.const 0x10000) (i32.const 0) (i32.const 4))",
        ] {
            for access in [
                "(drop (i32.load (i32.const 0x10000)))",
                "(i64.store (local.get $at) (i64.const 1))",
                "(drop (i32.atomic.load (local.get $at)))",
            ] {
                let memory = SharedMemory::new(&engine, MemoryType::shared(1, 2)).unwrap();
                let mut linker = Linker::new(&engine);
                linker.define_shared_memory("", "memory", &memory).unwrap();
                let grown = memory.clone();
                linker.func_wrap("", "grow", move || assert_eq!(grown.grow(1), Ok(1))).unwrap();
                let wat = format!(
                    r#"(module (import "" "memory" (memory 1 2 shared)) (import "" "grow" (func $grow))
                        (func (export "run") (result i32) (local $at i32)
                            (local.set $at (i32.const 0x10008))
                            (call $grow) {notice} {access} {access} (i32.const 1)))"#
                );
                let mut store = Store::new(&engine, ());
                let instance = try_linked(&mut store, &linker, &wat).unwrap();
                assert_eq!(call_i32(&mut store, instance, "run", &[]).unwrap(), 1, "{notice} {access}");
            }
        }
    }
}

/// Handlers of slow ops end in jumps too: a loop of them takes no native stack.
#[test]
fn loops_of_slow_ops_take_no_native_stack() {
    const OPS: &[&str] = &[
        "(drop (memory.atomic.notify (i32.const 0) (i32.const 1)))",
        "(drop (memory.atomic.wait32 (i32.const 0) (i32.const 1) (i64.const -1)))",
        "(drop (memory.atomic.wait64 (i32.const 0) (i64.const 1) (i64.const -1)))",
        "(atomic.fence)",
        "(drop (i64.atomic.rmw.and (i32.const 0) (i64.const 1)))",
        "(drop (i64.atomic.rmw.cmpxchg (i32.const 0) (i64.const 0) (i64.const 0)))",
        "(drop (memory.size))",
        "(drop (memory.grow (i32.const 0)))",
        "(memory.fill (i32.const 0) (i32.const 0) (i32.const 8))",
        "(memory.copy (i32.const 0) (i32.const 8) (i32.const 8))",
        "(memory.init 0 (i32.const 0) (i32.const 0) (i32.const 2))",
    ];
    for engine in engines() {
        for op in OPS {
            let wat = format!(
                r#"(module (memory 1 1 shared) (data "\00\00")
                    (func (export "run") (param $rounds i32) (result i32)
                        (loop $next
                            {op}
                            (br_if $next (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
                        (i32.const 1)))"#
            );
            let mut store = Store::new(&engine, ());
            let instance = instance(&mut store, &wat);
            assert_eq!(call_i32(&mut store, instance, "run", &[200_000]).unwrap(), 1, "{op}");
        }
    }
}

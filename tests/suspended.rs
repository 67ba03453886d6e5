//! What a suspended call holds: its frames, if they are few, and little else. Calls whose frames were moved for that go on as if
//! they had not been.

#[cfg(target_os = "linux")]
use std::fs;
use std::sync::{Mutex, MutexGuard, PoisonError};

use wasmote::{Config, Engine, Error, Linker, Module, ResumableCall, Store, TrapCode, TypedResumableCall, Val};

/// Held by a test while it runs: one measures the memory of this process.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the bytes of this process that are in physical memory.
#[cfg(target_os = "linux")]
fn resident() -> usize {
    let statm = fs::read_to_string("/proc/self/statm").expect("Linux has it");
    let pages: usize = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).expect("a number of pages");
    pages * 4096
}

#[cfg(target_os = "linux")]
#[test]
fn a_thousand_shallow_calls() {
    const CALLS: usize = 1000;
    let _alone = alone();
    let engine = Engine::default();
    let text = r#"(module
        (import "host" "wait" (func $wait (result i32)))
        (func (export "run") (param i32) (result i32) (i32.add (call $wait) (local.get 0))))"#;
    let module = Module::new(&engine, text).unwrap();
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "wait", || -> Result<i32, Error> { Err(Error::new("wait")) }).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
    let run = instance.get_typed_func::<i32, i32>(&store, "run").unwrap();
    let suspend = |store: &mut Store<()>, number| match run.call_resumable(store, number).unwrap() {
        TypedResumableCall::HostTrap(call) => call,
        other => panic!("{other:?}"),
    };
    // Whatever is made once.
    drop(suspend(&mut store, 0));
    let mut calls = Vec::with_capacity(CALLS);
    let before = resident();
    calls.extend((0..CALLS as i32).map(|number| suspend(&mut store, number)));
    let each = resident().saturating_sub(before) / CALLS;
    println!("a suspended call holds {each} bytes");
    // Its frames, what describes them, and the error that it waits with.
    assert!(each <= 4 << 10, "a suspended call holds {each} bytes");
    for (number, call) in calls.into_iter().enumerate() {
        let TypedResumableCall::Finished(result) = call.resume(&mut store, &[Val::I32(1)]).unwrap() else { panic!() };
        assert_eq!(result, number as i32 + 1);
    }
}

/// Functions that wait at several depths, in two instances, with values of all kinds in their frames.
const DEEP: &str = r#"(module
    (type $wait (func (param i32) (result i32)))
    (import "host" "wait" (func $wait (type $wait)))
    (import "other" "through" (func $through (type $wait)))
    (memory (export "memory") 1)
    (table 2 funcref)
    (elem (i32.const 0) $nested $wait)
    ;; The sum of all numbers up to the depth, of what the host returns, and of locals that are kept meanwhile.
    (func $nested (export "run") (param $depth i32) (result i32) (local $a i64) (local $b f64) (local $c f32)
        (local.set $a (i64.extend_i32_u (local.get $depth)))
        (local.set $b (f64.convert_i32_u (local.get $depth)))
        (local.set $c (f32.convert_i32_u (local.get $depth)))
        (i32.add
            (if (result i32) (local.get $depth)
                (then
                    (if (result i32) (i32.eq (local.get $depth) (i32.const 2))
                        (then (call $through (i32.sub (local.get $depth) (i32.const 1))))
                        (else (call_indirect (type $wait) (i32.sub (local.get $depth) (i32.const 1)) (i32.const 0)))))
                (else (call $wait (i32.const 5))))
            (i32.sub
                (i32.add (i32.wrap_i64 (local.get $a)) (i32.trunc_f64_u (local.get $b)))
                (i32.trunc_f32_u (local.get $c)))))
    ;; The same without frames of its own: the host is called in tail position.
    (func (export "tail") (param i32) (result i32)
        (return_call_indirect (type $wait) (local.get 0) (i32.const 1))))"#;

/// Calls back into the module that it was made for.
const OTHER: &str = r#"(module
    (import "host" "back" (func $back (param i32) (result i32)))
    (func (export "through") (param i32) (result i32) (i32.add (call $back (local.get 0)) (i32.const 1000))))"#;

#[test]
fn calls_of_all_depths_go_on() {
    let _alone = alone();
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    let wait = |n: i32| -> Result<i32, Error> { Err(Error::new(format!("wait {n}"))) };
    linker.func_wrap("host", "wait", wait).unwrap();
    let mut store = Store::new(&engine, ());
    // The other instance calls a function of a third one, so two switches are pending.
    let leaf = r#"(module (import "host" "wait" (func $wait (param i32) (result i32)))
        (func (export "back") (param i32) (result i32) (i32.add (call $wait (local.get 0)) (i32.const 100))))"#;
    let leaf = linker.instantiate_and_start(&mut store, &Module::new(&engine, leaf).unwrap()).unwrap();
    linker.define("host", "back", leaf.get_func(&store, "back").unwrap()).unwrap();
    let other = linker.instantiate_and_start(&mut store, &Module::new(&engine, OTHER).unwrap()).unwrap();
    linker.define("other", "through", other.get_func(&store, "through").unwrap()).unwrap();
    let module = Module::new(&engine, DEEP).unwrap();
    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
    let run = instance.get_typed_func::<i32, i32>(&store, "run").unwrap();
    let tail = instance.get_typed_func::<i32, i32>(&store, "tail").unwrap();
    // From depth 2 on, the leaf waits below the other instance.
    let expected = |depth: i32, input: i32| match depth {
        0 | 1 => depth + input,
        _ => (2..=depth).sum::<i32>() + 1100 + input,
    };
    // Two rounds of more calls than are kept on whole stacks; the deepest have more frames than are moved.
    for round in 0..2 {
        let mut calls = Vec::new();
        for depth in (0..200).map(|n| if n % 20 == 19 { 500 } else { n % 40 }) {
            calls.push((run.call_resumable(&mut store, depth).unwrap(), expected(depth, 7 + round)));
            calls.push((tail.call_resumable(&mut store, depth).unwrap(), 7 + round));
        }
        // The others go first, and some are dropped.
        calls.reverse();
        for (number, (call, expected)) in calls.into_iter().enumerate() {
            let TypedResumableCall::HostTrap(call) = call else { panic!("{call:?}") };
            if number % 7 == 3 {
                continue;
            }
            let call = call.resume(&mut store, &[Val::I32(7 + round)]).unwrap();
            let TypedResumableCall::Finished(result) = call else { panic!("{call:?}") };
            assert_eq!(result, expected);
        }
    }
}

#[test]
fn calls_without_fuel_go_on() {
    let _alone = alone();
    let engine = Engine::new(Config::default().consume_fuel(true));
    let text = r#"(module
        (func $work (param i32) (result i32) (local i32)
            (loop $again
                (local.set 1 (i32.add (local.get 1) (local.get 0)))
                (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (local.get 1))
        (func (export "run") (param i32) (result i32) (i32.add (call $work (local.get 0)) (i32.const 1))))"#;
    let module = Module::new(&engine, text).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
    let run = instance.get_typed_func::<i32, i32>(&store, "run").unwrap();
    let mut calls: Vec<_> = (1..100)
        .map(|n| {
            store.set_fuel(20).unwrap();
            (n, run.call_resumable(&mut store, n).unwrap())
        })
        .collect();
    let mut rounds = 0;
    while !calls.is_empty() {
        rounds += 1;
        let next = |(n, call)| match call {
            TypedResumableCall::Finished(result) => {
                assert_eq!(result, n * (n + 1) / 2 + 1);
                None
            }
            TypedResumableCall::OutOfFuel(call) => {
                store.set_fuel(100).unwrap();
                Some((n, call.resume(&mut store).unwrap()))
            }
            other => panic!("{other:?}"),
        };
        calls = calls.into_iter().filter_map(next).collect();
    }
    assert!(rounds > 5, "{rounds} rounds");

    // Calls that are given up say where they were.
    let run = instance.get_func(&store, "run").unwrap();
    let mut calls = Vec::new();
    for n in 1..30 {
        store.set_fuel(20).unwrap();
        let mut results = [Val::I32(0)];
        calls.push(run.call_resumable(&mut store, &[Val::I32(n + 10)], &mut results).unwrap());
    }
    for call in calls {
        let ResumableCall::OutOfFuel(call) = call else { panic!("{call:?}") };
        let error = call.into_trap(&mut store);
        assert_eq!(error.as_trap_code(), Some(TrapCode::OutOfFuel));
        assert_eq!(error.wasm_backtrace().unwrap().frames().len(), 2);
    }
}

#[test]
fn references_are_found_in_calls_that_wait() {
    let _alone = alone();
    let mut config = Config::default();
    let engine = Engine::new(config.gc_stress(true));
    let text = r#"(module
        (import "host" "wait" (func $wait (result i32)))
        (type $box (struct (field i32)))
        (func $inner (param $n i32) (result i32) (local $kept (ref null $box))
            (local.set $kept (struct.new $box (local.get $n)))
            (drop (call $wait))
            (struct.get $box 0 (local.get $kept)))
        (func (export "run") (param $n i32) (result i32) (local $kept (ref null $box))
            (local.set $kept (struct.new $box (i32.const 1000)))
            (i32.add (call $inner (local.get $n)) (struct.get $box 0 (local.get $kept)))))"#;
    let module = Module::new(&engine, text).unwrap();
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "wait", || -> Result<i32, Error> { Err(Error::new("wait")) }).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
    let run = instance.get_typed_func::<i32, i32>(&store, "run").unwrap();
    let calls: Vec<_> = (0..40).map(|n| run.call_resumable(&mut store, n).unwrap()).collect();
    store.gc();
    for (n, call) in calls.into_iter().enumerate() {
        let TypedResumableCall::HostTrap(call) = call else { panic!("{call:?}") };
        let TypedResumableCall::Finished(result) = call.resume(&mut store, &[Val::I32(1)]).unwrap() else { panic!() };
        assert_eq!(result, n as i32 + 1000);
        store.gc();
    }
}

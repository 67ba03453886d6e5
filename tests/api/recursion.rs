//! Deep recursion: in Wasm, through the host, by tail calls. The store stays usable after an overflow.

use std::panic::{AssertUnwindSafe, catch_unwind};

use wasmote::{
    Caller, Engine, Error, Extern, Func, Instance, Linker, Nullable, ResumableCall, Store, TrapCode,
    TypedResumableCall, Val,
};

use crate::{MODES, call, call_i32, engines, engines_with, instance, linked};

const RECURSIVE: &str = r#"(module
    (func $deep (export "deep") (param i32) (result i32)
        (if (result i32) (local.get 0)
            (then (i32.add (call $deep (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
            (else (i32.const 0))))
    (func $even (export "even") (param i32) (result i32)
        (if (result i32) (local.get 0)
            (then (i32.eqz (call $odd (i32.sub (local.get 0) (i32.const 1)))))
            (else (i32.const 1))))
    (func $odd (param i32) (result i32) (local f64 f64 f64)
        (i32.eqz (call $even (local.get 0))))
    (type $unary (func (param i32) (result i32)))
    (table funcref (elem $indirect))
    (func $indirect (export "indirect") (type $unary)
        (if (result i32) (local.get 0)
            (then (i32.add
                (call_indirect (type $unary) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0)) (i32.const 1)))
            (else (i32.const 0))))
    (func (export "wide") (param i32) (result i32) (call $wide (local.get 0) (i64.const 1) (i64.const 2) (i64.const 3)))
    (func $wide (param i32 i64 i64 i64) (result i32)
        (i32.add (call $wide (local.get 0) (local.get 3) (local.get 2) (local.get 1)) (i32.const 1))))"#;

#[test]
fn overflow_is_a_trap_and_the_store_works_on() {
    for mode in MODES {
        for engine in engines_with(|config| {
            config.compilation_mode(mode);
        }) {
            let mut store = Store::new(&engine, ());
            let instance = instance(&mut store, RECURSIVE);
            for _ in 0..3 {
                for name in ["deep", "even", "indirect", "wide"] {
                    let error = call_i32(&mut store, instance, name, &[-1]).unwrap_err();
                    assert_eq!(error.as_trap_code(), Some(TrapCode::StackOverflow), "{name}");
                }
                assert_eq!(call_i32(&mut store, instance, "deep", &[1000]).unwrap(), 1000);
                assert_eq!(call_i32(&mut store, instance, "indirect", &[1000]).unwrap(), 1000);
            }
        }
    }
}

#[test]
fn the_height_of_the_stack_is_configured_and_exact() {
    let greatest = |height: usize| {
        let depths = engines_with(|config| {
            config.set_min_stack_height(0).set_max_stack_height(height);
        })
        .map(|engine| {
            let mut store = Store::new(&engine, ());
            let instance = instance(&mut store, RECURSIVE);
            let fits = |&depth: &i32| call_i32(&mut store, instance, "deep", &[depth]).is_ok();
            (0..100_000).take_while(fits).last().unwrap_or(-1)
        });
        assert_eq!(depths[0], depths[1], "both dispatchers overflow at the same depth");
        depths[0]
    };
    let (low, high) = (greatest(2048), greatest(4096));
    assert!(low >= 8 && high >= 2 * low, "{low} {high}");
    assert!(greatest(8) < low, "a stack has a few cells in any case");
}

#[test]
fn frames_larger_than_the_stack() {
    let locals = "i64 ".repeat(30_000);
    let wat = format!(
        r#"(module (func $large (export "large") (local {locals}))
            (func (export "outer") (result i32) (call $large) (i32.const 1))
            (func (export "small") (result i32) (i32.const 2)))"#
    );
    for engine in engines_with(|config| {
        config.set_max_stack_height(10_000);
    }) {
        let mut store = Store::new(&engine, ());
        let instance = instance(&mut store, &wat);
        for name in ["large", "outer"] {
            let error = call(&mut store, instance, name, &[]).unwrap_err();
            assert_eq!(error.as_trap_code(), Some(TrapCode::StackOverflow));
        }
        assert_eq!(call_i32(&mut store, instance, "small", &[]).unwrap(), 2);
    }
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let instance = instance(&mut store, &wat);
        assert_eq!(call_i32(&mut store, instance, "outer", &[]).unwrap(), 1);
    }
}

#[test]
fn tail_calls_need_no_stack() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let instance = instance(
            &mut store,
            r#"(module
                (type $count (func (param i32 i64) (result i64)))
                (table funcref (elem $indirect))
                (func $direct (export "direct") (type $count)
                    (if (local.get 0) (then (return_call $other (f32.const 1)
                        (i32.sub (local.get 0) (i32.const 1)) (i64.add (local.get 1) (i64.const 1)))))
                    local.get 1)
                (func $other (param f32 i32 i64) (result i64) (local i64 i64)
                    (return_call $direct (local.get 1) (local.get 2)))
                (func $indirect (export "indirect") (type $count)
                    (if (local.get 0) (then (return_call_indirect (type $count)
                        (i32.sub (local.get 0) (i32.const 1)) (i64.add (local.get 1) (i64.const 1)) (i32.const 0))))
                    local.get 1))"#,
        );
        for name in ["direct", "indirect"] {
            let count = instance.get_typed_func::<(i32, i64), i64>(&store, name).unwrap();
            assert_eq!(count.call(&mut store, (200_000, 5)).unwrap(), 200_005);
        }
    }
}

/// A module and a host function that call each other; the data counts calls of the host.
fn through_the_host(engine: &wasmote::Engine) -> (Store<u32>, wasmote::Instance) {
    let mut store = Store::new(engine, 0);
    let mut linker = Linker::new(engine);
    linker
        .func_wrap("host", "again", |mut caller: Caller<'_, u32>, depth: i32| -> Result<i32, Error> {
            *caller.data_mut() += 1;
            let func = caller.get_export("f").and_then(Extern::into_func).ok_or(Error::new("no function"))?;
            let mut outputs = [Val::I32(0)];
            func.call(&mut caller, &[Val::I32(depth)], &mut outputs)?;
            Ok(outputs[0].i32().unwrap_or(0) + 1)
        })
        .unwrap();
    let instance = linked(
        &mut store,
        &linker,
        r#"(module (import "host" "again" (func $again (param i32) (result i32)))
            (func (export "f") (param i32) (result i32) (local i64)
                (if (result i32) (local.get 0)
                    (then (i32.add (call $again (i32.sub (local.get 0) (i32.const 1))) (local.get 0)))
                    (else (i32.const 0)))))"#,
    );
    (store, instance)
}

#[test]
fn recursion_through_the_host_is_limited() {
    for engine in engines_with(|config| {
        config.set_max_recursion_depth(20);
    }) {
        let (mut store, instance) = through_the_host(&engine);
        assert_eq!(call_i32(&mut store, instance, "f", &[10]).unwrap(), 10 + 55);
        assert_eq!(call_i32(&mut store, instance, "f", &[19]).unwrap(), 19 + 190);
        for _ in 0..3 {
            let error = call_i32(&mut store, instance, "f", &[-1]).unwrap_err();
            assert_eq!(error.as_trap_code(), Some(TrapCode::StackOverflow));
            assert_eq!(call_i32(&mut store, instance, "f", &[19]).unwrap(), 19 + 190, "usable after the overflow");
        }
    }
}

#[test]
fn the_default_depth_fits_a_thread_of_default_size() {
    for engine in engines() {
        let (mut store, instance) = through_the_host(&engine);
        let error = call_i32(&mut store, instance, "f", &[-1]).unwrap_err();
        assert_eq!(error.as_trap_code(), Some(TrapCode::StackOverflow));
        assert!(*store.data() >= 100);
    }
}

/// What the host function of [`mixed`] does when the depth is reached.
#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    Return,
    Fail,
    Trap,
    Panic,
}

/// A module and host functions that call each other in one of these ways: `call` through `Func::call`, `resumable`
/// through `call_resumable`, `direct` through the host function itself, without Wasm between.
fn mixed(engine: &Engine) -> (Store<End>, Instance) {
    let mut store = Store::new(engine, End::Return);
    let mut linker = Linker::new(engine);
    let end = |end: End| match end {
        End::Return => Ok(0),
        End::Fail => Err(Error::new("the end")),
        End::Trap => Err(TrapCode::IntegerOverflow.into()),
        End::Panic => panic!("the end"),
    };
    linker
        .func_wrap("host", "call", move |mut caller: Caller<'_, End>, depth: i32| -> Result<i32, Error> {
            if depth == 0 {
                return end(*caller.data());
            }
            let func = caller.get_export("call").and_then(Extern::into_func).ok_or(Error::new("no function"))?;
            Ok(func.typed::<i32, i32>(&caller)?.call(&mut caller, depth - 1)? + 1)
        })
        .unwrap();
    linker
        .func_wrap("host", "resumable", move |mut caller: Caller<'_, End>, depth: i32| -> Result<i32, Error> {
            if depth == 0 {
                return end(*caller.data());
            }
            let func = caller.get_export("resumable").and_then(Extern::into_func).ok_or(Error::new("no function"))?;
            match func.typed::<i32, i32>(&caller)?.call_resumable(&mut caller, depth - 1)? {
                TypedResumableCall::Finished(result) => Ok(result + 1),
                TypedResumableCall::HostTrap(call) => Err(call.into_host_error()),
                TypedResumableCall::OutOfFuel(_) => Err(Error::new("fuel")),
            }
        })
        .unwrap();
    linker
        .func_wrap(
            "host",
            "direct",
            move |mut caller: Caller<'_, End>, func: Nullable<Func>, depth: i32| -> Result<i32, Error> {
                if depth == 0 {
                    return end(*caller.data());
                }
                let host = *func.val().ok_or(Error::new("null"))?;
                let mut outputs = [Val::I32(0)];
                host.call(&mut caller, &[host.into(), Val::I32(depth - 1)], &mut outputs)?;
                Ok(outputs[0].i32().unwrap_or(0) + 1)
            },
        )
        .unwrap();
    let instance = linked(
        &mut store,
        &linker,
        r#"(module
            (import "host" "call" (func $call (param i32) (result i32)))
            (import "host" "resumable" (func $resumable (param i32) (result i32)))
            (import "host" "direct" (func $direct (param funcref i32) (result i32)))
            (elem declare func $direct)
            (func (export "call") (param i32) (result i32) (call $call (local.get 0)))
            (func (export "resumable") (param i32) (result i32) (call $resumable (local.get 0)))
            (func (export "direct") (param i32) (result i32) (call $direct (ref.func $direct) (local.get 0))))"#,
    );
    (store, instance)
}

const WAYS: [&str; 3] = ["call", "resumable", "direct"];

#[test]
fn no_way_through_the_host_is_deeper_than_the_limit() {
    for engine in engines_with(|config| {
        config.set_max_recursion_depth(20);
    }) {
        let (mut store, instance) = mixed(&engine);
        for way in WAYS {
            assert_eq!(call_i32(&mut store, instance, way, &[19]).unwrap(), 19, "{way}");
            for depth in [20, -1] {
                let error = call_i32(&mut store, instance, way, &[depth]).unwrap_err();
                assert_eq!(error.as_trap_code(), Some(TrapCode::StackOverflow), "{way}");
            }
        }
    }
    // By default, neither overflows the native stack.
    for engine in engines() {
        let (mut store, instance) = mixed(&engine);
        for way in WAYS {
            let error = call_i32(&mut store, instance, way, &[-1]).unwrap_err();
            assert_eq!(error.as_trap_code(), Some(TrapCode::StackOverflow), "{way}");
        }
    }
}

#[test]
fn the_depth_is_restored_however_a_call_ends() {
    for engine in engines_with(|config| {
        config.set_max_recursion_depth(20);
    }) {
        let (mut store, instance) = mixed(&engine);
        for end in [End::Return, End::Fail, End::Trap, End::Panic] {
            for way in WAYS {
                *store.data_mut() = end;
                for _ in 0..5 {
                    let result = catch_unwind(AssertUnwindSafe(|| call_i32(&mut store, instance, way, &[19])));
                    match end {
                        End::Return => assert_eq!(result.unwrap().unwrap(), 19),
                        End::Fail => assert_eq!(result.unwrap().unwrap_err().to_string(), "the end"),
                        End::Trap => {
                            assert_eq!(result.unwrap().unwrap_err().as_trap_code(), Some(TrapCode::IntegerOverflow));
                        }
                        End::Panic => drop(result.unwrap_err()),
                    }
                }
                *store.data_mut() = End::Return;
                assert_eq!(call_i32(&mut store, instance, way, &[19]).unwrap(), 19, "{way} after {end:?}");
                assert!(call_i32(&mut store, instance, way, &[20]).is_err(), "{way} after {end:?}");
            }
        }
    }
}

/// Calls that wait to be resumed, and how deep the host functions are nested that resume them.
#[derive(Default)]
struct Waiting {
    calls: Vec<wasmote::ResumableCallHostTrap>,
    depth: i32,
}

#[test]
fn a_suspended_call_counts_where_it_is_resumed() {
    for engine in engines_with(|config| {
        config.set_max_recursion_depth(20);
    }) {
        let mut store = Store::new(&engine, Waiting::default());
        let mut linker = Linker::new(&engine);
        linker
            .func_wrap("host", "suspend", || -> Result<i32, Error> { Err(Error::new("suspended")) })
            .unwrap()
            .func_wrap("host", "resume", |mut caller: Caller<'_, Waiting>| -> Result<i32, Error> {
                caller.data_mut().depth += 1;
                let call = caller.data_mut().calls.pop().ok_or(Error::new("none waits"))?;
                let mut outputs = [Val::I32(0)];
                match call.resume(&mut caller, &[Val::I32(0)], &mut outputs)? {
                    ResumableCall::Finished => Ok(outputs[0].i32().unwrap_or(0) + 1),
                    ResumableCall::HostTrap(call) => Err(call.into_host_error()),
                    ResumableCall::OutOfFuel(_) => Err(Error::new("fuel")),
                }
            })
            .unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module
                (import "host" "suspend" (func $suspend (result i32)))
                (import "host" "resume" (func $resume (result i32)))
                (func (export "last") (result i32) (call $suspend))
                (func (export "wait") (result i32) (drop (call $suspend)) (call $resume))
                (func (export "start") (result i32) (call $resume)))"#,
        );
        let suspend = |store: &mut Store<Waiting>, name: &str| {
            let func = instance.get_func(&*store, name).unwrap();
            let ResumableCall::HostTrap(call) = func.call_resumable(&mut *store, &[], &mut [Val::I32(0)]).unwrap()
            else {
                panic!("{name} is not suspended");
            };
            store.data_mut().calls.push(call);
        };
        // Far more than the limit are suspended, and each that is resumed resumes the one before.
        for (waiting, fits) in [(18, true), (19, false), (18, true), (50, false), (18, true)] {
            suspend(&mut store, "last");
            for _ in 0..waiting {
                suspend(&mut store, "wait");
            }
            store.data_mut().depth = 0;
            let result = call_i32(&mut store, instance, "start", &[]);
            if fits {
                assert_eq!(result.unwrap(), waiting + 1);
                assert_eq!(store.data().depth, waiting + 1);
            } else {
                assert_eq!(result.unwrap_err().as_trap_code(), Some(TrapCode::StackOverflow));
                assert_eq!(store.data().depth, 20);
            }
            store.data_mut().calls.clear();
        }
    }
}

//! Deep recursion: in Wasm, through the host, by tail calls; the store works on after overflow.

use wasmote::{Caller, Error, Extern, Linker, Store, TrapCode, Val};

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

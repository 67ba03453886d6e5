//! Threads: engines, modules and linkers are shared, stores are sent.

use std::{sync::Barrier, thread};

use wasmote::{
    Caller, Engine, Error, Extern, ExternRef, Func, FuncType, Global, Instance, Linker, Memory, Module, Store,
    StoreLimits, Table, TypedFunc, Val,
};

use crate::{MODES, call_i32, engines, engines_with};

const THREADS: usize = 8;

const fn is_send_and_sync<T: Send + Sync>() {}

const _: () = {
    is_send_and_sync::<Engine>();
    is_send_and_sync::<Module>();
    is_send_and_sync::<Linker<()>>();
    is_send_and_sync::<Store<()>>();
    is_send_and_sync::<Error>();
    is_send_and_sync::<Val>();
    is_send_and_sync::<Func>();
    is_send_and_sync::<FuncType>();
    is_send_and_sync::<TypedFunc<(i32, f64), i64>>();
    is_send_and_sync::<Instance>();
    is_send_and_sync::<Extern>();
    is_send_and_sync::<ExternRef>();
    is_send_and_sync::<Memory>();
    is_send_and_sync::<Table>();
    is_send_and_sync::<Global>();
    is_send_and_sync::<StoreLimits>();
};

/// Functions that call each other: function i adds i to the result of function i - 1.
fn chain(length: usize) -> String {
    let mut wat = String::from(r#"(module (func $f0 (param i32) (result i32) (local.get 0))"#);
    for i in 1..length {
        let before = i - 1;
        wat.push_str(&format!(
            r#"(func $f{i} (export "f{i}") (param i32) (result i32) (i32.add (call $f{before} (local.get 0)) (i32.const {i})))"#
        ));
    }
    wat.push(')');
    wat
}

#[test]
fn a_module_is_translated_by_many_threads_at_once() {
    const LENGTH: usize = 200;
    let wat = chain(LENGTH);
    for mode in MODES {
        for engine in engines_with(|config| {
            config.compilation_mode(mode);
        }) {
            let module = Module::new(&engine, &wat).unwrap();
            let linker = Linker::<()>::new(&engine);
            let barrier = Barrier::new(THREADS);
            thread::scope(|scope| {
                for number in 0..THREADS {
                    let (module, linker, barrier) = (module.clone(), &linker, &barrier);
                    scope.spawn(move || {
                        let mut store = Store::new(module.engine(), ());
                        let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
                        barrier.wait();
                        for step in 1..LENGTH {
                            // Each thread calls the functions in a different order.
                            let func = (step * (2 * number + 1)) % LENGTH;
                            if func == 0 {
                                continue;
                            }
                            let sum = (func * (func + 1) / 2) as i32;
                            let result = call_i32(&mut store, instance, &format!("f{func}"), &[7]).unwrap();
                            assert_eq!(result, sum + 7);
                        }
                    });
                }
            });
        }
    }
}

#[test]
fn engines_number_types_for_many_threads() {
    for engine in engines() {
        thread::scope(|scope| {
            for number in 0..THREADS {
                let engine = &engine;
                scope.spawn(move || {
                    for i in 0..50 {
                        let params = "i32 ".repeat((i * 7 + number) % 20);
                        let wat = format!(
                            r#"(module (type $other (func (param f64 {params}))) (type $t (func (param {params})))
                                (table funcref (elem $f $g)) (func $f (type $t)) (func $g (type $other))
                                (func (export "run") (result i32)
                                    {zeros} (call_indirect (type $t) (i32.const 0)) (i32.const 1)))"#,
                            zeros = "(i32.const 0) ".repeat((i * 7 + number) % 20)
                        );
                        let mut store = Store::new(engine, ());
                        let instance = crate::instance(&mut store, &wat);
                        assert_eq!(call_i32(&mut store, instance, "run", &[]).unwrap(), 1);
                    }
                });
            }
        });
    }
}

#[test]
fn stores_are_sent_between_calls() {
    for engine in engines() {
        let mut linker = Linker::new(&engine);
        linker
            .func_wrap("host", "add", |mut caller: Caller<'_, i32>, value: i32| {
                *caller.data_mut() += value;
                *caller.data()
            })
            .unwrap();
        let mut store = Store::new(&engine, 0);
        let instance = crate::linked(
            &mut store,
            &linker,
            r#"(module (import "host" "add" (func $add (param i32) (result i32)))
                (func (export "run") (param i32) (result i32) (call $add (local.get 0))))"#,
        );
        for i in 1..5 {
            (store, _) = thread::spawn(move || {
                let result = call_i32(&mut store, instance, "run", &[i]).unwrap();
                (store, result)
            })
            .join()
            .unwrap();
        }
        assert_eq!(*store.data(), 10);
    }
}

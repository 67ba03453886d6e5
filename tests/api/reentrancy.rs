//! Host functions that call Wasm again: other functions, instances, modules and stores.

use wasmote::{Caller, Error, Extern, Func, Instance, Linker, Module, Nullable, Store, TrapCode, Val};

use crate::{call, call_i32, engines, instance, linked, memory};

#[test]
fn several_levels_keep_their_locals() {
    for engine in engines() {
        let mut store = Store::new(&engine, Vec::new());
        let mut linker = Linker::new(&engine);
        linker
            .func_wrap("host", "down", |mut caller: Caller<'_, Vec<i32>>, level: i32| -> Result<f64, Error> {
                caller.data_mut().push(level);
                let func = caller.get_export("run").and_then(Extern::into_func).ok_or(Error::new("no function"))?;
                let result = func.typed::<(i32, f64), f64>(&caller)?.call(&mut caller, (level, 0.5))?;
                caller.data_mut().push(-level);
                Ok(result)
            })
            .unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module (import "host" "down" (func $down (param i32) (result f64)))
                (func (export "run") (param $level i32) (param $x f64) (result f64) (local $kept i64)
                    (local.set $kept (i64.extend_i32_s (local.get $level)))
                    (if (i32.eqz (local.get $level)) (then (return (local.get $x))))
                    (f64.add
                        (f64.mul (local.get $x) (f64.convert_i64_s (local.get $kept)))
                        (f64.add (call $down (i32.sub (local.get $level) (i32.const 1)))
                            (f64.convert_i64_s (local.get $kept))))))"#,
        );
        let run = instance.get_typed_func::<(i32, f64), f64>(&store, "run").unwrap();
        assert_eq!(run.call(&mut store, (5, 0.5)).unwrap(), 15.0 * 1.5 + 0.5);
        assert_eq!(*store.data(), [4, 3, 2, 1, 0, 0, -1, -2, -3, -4]);
    }
}

#[test]
fn functions_passed_to_the_host_are_called_there() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        linker
            .func_wrap(
                "host",
                "map",
                |mut caller: Caller<'_, ()>, func: Nullable<Func>, value: i32| -> Result<i32, Error> {
                    let func = *func.val().ok_or(Error::new("null"))?;
                    func.typed::<i32, i32>(&caller)?.call(&mut caller, value)
                },
            )
            .unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module (import "host" "map" (func $map (param funcref i32) (result i32)))
                (elem declare func $double $square)
                (func $double (param i32) (result i32) (i32.add (local.get 0) (local.get 0)))
                (func $square (param i32) (result i32)
                    (i32.mul (call $map (ref.func $double) (local.get 0)) (local.get 0)))
                (func (export "null") (result i32) (call $map (ref.null func) (i32.const 1)))
                (func (export "run") (param i32) (result i32)
                    (i32.sub (call $map (ref.func $square) (local.get 0)) (local.get 0))))"#,
        );
        assert_eq!(call_i32(&mut store, instance, "run", &[5]).unwrap(), 45);
        assert_eq!(call_i32(&mut store, instance, "null", &[]).unwrap_err().to_string(), "null");
    }
}

#[test]
fn a_trap_inside_leaves_the_outer_call_running() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        linker
            .func_wrap("host", "try", |mut caller: Caller<'_, ()>, name: i32| -> Result<i32, Error> {
                let name = if name == 0 { "trap" } else { "deep" };
                let func = caller.get_export(name).and_then(Extern::into_func).ok_or(Error::new("no function"))?;
                let error = func.call(&mut caller, &[], &mut []).err();
                Ok(error.and_then(|error| error.as_trap_code()).map_or(0, |code| i32::from(u8::from(code))))
            })
            .unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module (import "host" "try" (func $try (param i32) (result i32)))
                (func (export "trap") (local i64) call $inner)
                (func $inner (local i64 i64) unreachable)
                (func $deep (export "deep") call $deep)
                (func (export "run") (param i32) (result i32) (local $sum i32)
                    (loop $again
                        (local.set $sum (i32.add (local.get $sum) (call $try (i32.const 0))))
                        (local.set $sum (i32.add (local.get $sum) (call $try (i32.const 1))))
                        (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                    local.get $sum))"#,
        );
        let codes = u8::from(TrapCode::UnreachableCodeReached) + u8::from(TrapCode::StackOverflow);
        assert_eq!(call_i32(&mut store, instance, "run", &[50]).unwrap(), 50 * i32::from(codes));
    }
}

#[test]
fn a_host_function_makes_an_instance() {
    for engine in engines() {
        let mut store = Store::new(&engine, Vec::<Instance>::new());
        let mut linker = Linker::new(&engine);
        linker
            .func_wrap("host", "spawn", |mut caller: Caller<'_, Vec<Instance>>, value: i32| -> Result<i32, Error> {
                let wat = format!(
                    r#"(module (memory (export "m") 1) (func $start (i32.store (i32.const 0) (i32.const {value}))) (start $start)
                        (func (export "get") (result i32) (i32.load (i32.const 0))))"#
                );
                let module = Module::new(caller.engine(), wat)?;
                let instance = Instance::new(&mut caller, &module, &[])?;
                caller.data_mut().push(instance);
                let get = instance.get_typed_func::<(), i32>(&caller, "get")?;
                get.call(&mut caller, ())
            })
            .unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module (import "host" "spawn" (func $spawn (param i32) (result i32)))
                (memory (export "m") 1)
                (func (export "run") (param i32) (result i32)
                    (i32.store (i32.const 0) (i32.const 1000))
                    (loop $again
                        (i32.store (i32.const 0)
                            (i32.add (i32.load (i32.const 0)) (call $spawn (local.get 0))))
                        (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
                    (i32.load (i32.const 0))))"#,
        );
        assert_eq!(call_i32(&mut store, instance, "run", &[100]).unwrap(), 1000 + 5050);
        let spawned = store.data().clone();
        assert_eq!(spawned.len(), 100);
        assert_eq!(call_i32(&mut store, spawned[99], "get", &[]).unwrap(), 1);
        assert_eq!(memory(&store, spawned[0], "m").data(&store)[0], 100);
    }
}

/// Each instance has its own memory and global, and calls the next one through a table.
const RING: &str = r#"(module
    (import "host" "table" (table 4 funcref))
    (import "host" "via" (func $via (param i32 i32) (result i32)))
    (type $step (func (param i32 i32) (result i32)))
    (global $self (mut i32) (i32.const 0))
    (memory (export "memory") 1)
    (func (export "init") (param i32)
        (global.set $self (local.get 0))
        (table.set (local.get 0) (ref.func $step))
        (i32.store (i32.const 4) (i32.mul (local.get 0) (i32.const 10))))
    (func $next (result i32) (i32.rem_u (i32.add (global.get $self) (i32.const 1)) (i32.const 4)))
    (func $step (export "step") (type $step)
        ;; Parameters: the steps left, and whether to go through the host.
        (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
        (if (i32.eqz (local.get 0)) (then (return (global.get $self))))
        (if (result i32) (local.get 1)
            (then (call $via (i32.sub (local.get 0) (i32.const 1)) (call $next)))
            (else (call_indirect (type $step) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0) (call $next))))
        ;; Back here memory and global must be this instance's again.
        (i32.add (i32.add (i32.load (i32.const 4)) (global.get $self)))
        (i32.store (i32.const 8) (global.get $self))))"#;

#[test]
fn instances_find_their_own_memory_and_globals_again() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        let ty = wasmote::TableType::new(wasmote::RefType::Func, 4, None);
        let table = wasmote::Table::new(&mut store, ty, wasmote::Ref::null(wasmote::RefType::Func)).unwrap();
        linker.define("host", "table", table).unwrap();
        linker
            .func_wrap("host", "via", move |mut caller: Caller<'_, ()>, left: i32, next: u32| -> Result<i32, Error> {
                let func = table.get(&caller, u64::from(next)).ok_or(Error::new("no element"))?;
                let func = *func.unwrap_func().val().ok_or(Error::new("null"))?;
                func.typed::<(i32, i32), i32>(&caller)?.call(&mut caller, (left, left % 3))
            })
            .unwrap();
        let instances: Vec<Instance> = (0..4)
            .map(|i| {
                let instance = linked(&mut store, &linker, RING);
                call(&mut store, instance, "init", &[Val::I32(i)]).unwrap();
                instance
            })
            .collect();
        for via in [0, 1] {
            let result = call_i32(&mut store, instances[0], "step", &[40, via]).unwrap();
            // Each of the 40 steps adds eleven times its instance's number; the last one returns 0.
            assert_eq!(result, 40 / 4 * 11 * (1 + 2 + 3));
        }
        for (i, &instance) in instances.iter().enumerate() {
            let memory = memory(&store, instance, "memory");
            let at = |offset: usize| i32::from(memory.data(&store)[offset]);
            assert_eq!((at(0), at(4), at(8)), (if i == 0 { 22 } else { 20 }, i as i32 * 10, i as i32));
        }
    }
}

#[test]
fn a_store_inside_a_store() {
    for engine in engines() {
        let wat = r#"(module (import "host" "inner" (func $inner (param i32) (result i32)))
            (memory 1)
            (func (export "run") (param i32) (result i32)
                (i32.store (i32.const 0) (local.get 0))
                (if (result i32) (local.get 0)
                    (then (i32.add (i32.load (i32.const 0)) (call $inner (i32.sub (local.get 0) (i32.const 1))))
                        (i32.add (i32.load (i32.const 0))))
                    (else (i32.const 0)))))"#;
        struct Nested {
            inner: Option<(Box<Store<Nested>>, Instance)>,
        }
        let mut linker = Linker::<Nested>::new(&engine);
        linker
            .func_wrap("host", "inner", |mut caller: Caller<'_, Nested>, value: i32| -> Result<i32, Error> {
                let Some((store, instance)) = &mut caller.data_mut().inner else { return Ok(-1) };
                instance.get_typed_func::<i32, i32>(&**store, "run")?.call(&mut **store, value)
            })
            .unwrap();
        let module = Module::new(&engine, wat).unwrap();
        let mut nested = Nested { inner: None };
        for _ in 0..5 {
            let mut store = Store::new(&engine, nested);
            let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
            nested = Nested { inner: Some((Box::new(store), instance)) };
        }
        let (mut store, instance) = nested.inner.unwrap();
        assert_eq!(call_i32(&mut store, instance, "run", &[4]).unwrap(), 20);
        assert_eq!(call_i32(&mut store, instance, "run", &[9]).unwrap(), 2 * (9 + 8 + 7 + 6 + 5) - 1);
    }
}

#[test]
fn the_same_instance_recursively_in_its_own_start_function() {
    for engine in engines() {
        let mut store = Store::new(&engine, 0);
        let mut linker = Linker::new(&engine);
        linker
            .func_wrap("host", "twice", |mut caller: Caller<'_, i32>| -> Result<(), Error> {
                let func = caller.get_export("add").and_then(Extern::into_func).ok_or(Error::new("no function"))?;
                for _ in 0..2 {
                    let result = func.typed::<(), i32>(&caller)?.call(&mut caller, ())?;
                    *caller.data_mut() = result;
                }
                Ok(())
            })
            .unwrap();
        linked(
            &mut store,
            &linker,
            r#"(module (import "host" "twice" (func $twice)) (global $g (mut i32) (i32.const 5))
                (func (export "add") (result i32) (global.set $g (i32.add (global.get $g) (i32.const 1))) global.get $g)
                (func $start call $twice) (start $start))"#,
        );
        assert_eq!(*store.data(), 7);
    }
}

#[test]
fn host_functions_that_panic_leave_the_store_usable() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        linker
            .func_wrap("host", "maybe", |panics: i32| {
                if panics != 0 {
                    std::panic::resume_unwind(Box::new("on purpose"));
                }
                1
            })
            .unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module (import "host" "maybe" (func $maybe (param i32) (result i32)))
                (func (export "run") (param i32) (result i32) (local i64 i64 i64) (call $maybe (local.get 0))))"#,
        );
        for _ in 0..300 {
            let call = std::panic::AssertUnwindSafe(|| call_i32(&mut store, instance, "run", &[1]));
            assert!(std::panic::catch_unwind(call).is_err());
        }
        assert_eq!(call_i32(&mut store, instance, "run", &[0]).unwrap(), 1);
    }
}

#[test]
fn host_functions_call_each_other_without_wasm() {
    for engine in engines() {
        let mut store = Store::new(&engine, 0);
        let inner = Func::wrap(&mut store, |mut caller: Caller<'_, i32>, value: i32| {
            *caller.data_mut() += value;
            value * 2
        });
        let outer = Func::wrap(&mut store, move |mut caller: Caller<'_, i32>, value: i32| -> Result<i32, Error> {
            let inner = inner.typed::<i32, i32>(&caller)?;
            Ok(inner.call(&mut caller, value)? + inner.call(&mut caller, value + 1)?)
        });
        let mut linker = Linker::new(&engine);
        linker.define("host", "outer", outer).unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module (import "host" "outer" (func $outer (param i32) (result i32)))
                (func (export "run") (param i32) (result i32) (i32.add (call $outer (local.get 0)) (local.get 0))))"#,
        );
        assert_eq!(call_i32(&mut store, instance, "run", &[10]).unwrap(), 20 + 22 + 10);
        assert_eq!(*store.data(), 21);
    }
}

#[test]
fn spare_instances_do_no_harm() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let first = instance(&mut store, r#"(module (func (export "one") (result i32) (i32.const 1)))"#);
        for _ in 0..1000 {
            instance(&mut store, "(module (func) (global i32 (i32.const 1)))");
        }
        assert_eq!(call_i32(&mut store, first, "one", &[]).unwrap(), 1);
    }
}

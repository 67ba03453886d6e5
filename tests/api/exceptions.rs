//! Exceptions: thrown, caught, passed on through host functions, and not caught.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use wasmote::{
    AsContextMut, Caller, Config, Engine, Error, ErrorKind, Exception, Extern, ExternType, Func, FuncType, Linker,
    Module, Store, Tag, TagType, TrapCode, TypedResumableCall, Val, ValType,
};

use crate::{MODES, call, call_i32, engines, engines_with, instance, linked, try_linked};

fn tag_type(params: &[ValType]) -> TagType {
    TagType::new(FuncType::new(params.iter().copied(), []))
}

/// Throws at depth `n`, catches at depth 0.
const DEEP: &str = r#"(module
    (tag $e (export "e") (param i32 i64 f32 f64))
    (tag $other)
    (func $down (param i32)
        (if (local.get 0)
            (then (call $down (i32.sub (local.get 0) (i32.const 1))))
            (else (throw $e (i32.const 7) (i64.const -8) (f32.const 1.5) (f64.const 2.25)))))
    (func (export "down") (param i32) (call $down (local.get 0)))
    (func (export "catch") (param i32) (result i32 i64 f32 f64)
        (block $h (result i32 i64 f32 f64)
            (try_table (catch $other 1) (catch $e $h)
                (call $down (local.get 0)))
            (unreachable)))
    (func (export "reference") (param i32) (result i32 i64 f32 f64)
        (local $e exnref)
        (block $all (result exnref)
            (try_table (catch_all_ref $all) (call $down (local.get 0)))
            (unreachable))
        (local.set $e)
        (block $h (result i32 i64 f32 f64)
            (try_table (catch $e $h) (throw_ref (local.get $e)))
            (unreachable))))"#;

#[test]
fn values_arrive_at_the_handler() {
    for mode in MODES {
        for engine in engines_with(|config| {
            config.compilation_mode(mode);
        }) {
            let mut store = Store::new(&engine, ());
            // The label of `$other` is the function, whose results are not those of the tag.
            assert!(Module::new(&engine, DEEP).is_err() || mode == wasmote::CompilationMode::Lazy);
            let instance = instance(&mut store, &DEEP.replace("(catch $other 1) ", ""));
            for name in ["catch", "reference"] {
                for depth in [0, 1, 50] {
                    let values = call(&mut store, instance, name, &[Val::I32(depth)]).unwrap();
                    let [Val::I32(7), Val::I64(-8), Val::F32(a), Val::F64(b)] = values[..] else {
                        panic!("{values:?}")
                    };
                    assert_eq!((a.to_float(), b.to_float()), (1.5, 2.25));
                }
            }
        }
    }
}

#[test]
fn an_uncaught_exception_is_an_error_with_its_calls() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let instance = instance(&mut store, &DEEP.replace("(catch $other 1) ", ""));
        let error = call(&mut store, instance, "down", &[Val::I32(2)]).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Exception(_)));
        assert_eq!(error.to_string(), "uncaught exception (i32 7, i64 -8, f32 1.5, f64 2.25)");
        assert_eq!(error.as_trap_code(), None);
        let tag = instance.get_tag(&store, "e").unwrap();
        assert_eq!(error.thrown_exception().unwrap().tag_type(), &tag.ty(&store));
        let funcs: Vec<_> =
            error.wasm_backtrace().unwrap().frames().iter().map(wasmote::FrameInfo::func_index).collect();
        assert_eq!(funcs, [0, 0, 0, 1]);
    }
}

#[test]
fn tags_are_items_of_a_store() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let ty = tag_type(&[ValType::I32]);
        let [tag, other] = [Tag::new(&mut store, &ty).unwrap(), Tag::new(&mut store, &ty).unwrap()];
        assert!(Tag::eq(&tag, &tag, &store) && !Tag::eq(&tag, &other, &store));
        assert_eq!(tag.ty(&store), ty);
        assert!(Tag::new(&mut store, &TagType::new(FuncType::new([], [ValType::I32]))).is_err());
        let mut linker = Linker::new(&engine);
        linker.define("host", "a", tag).unwrap().define("host", "b", other).unwrap();
        let wat = r#"(module
            (tag $a (import "host" "a") (param i32)) (tag $b (import "host" "b") (param i32))
            (export "a" (tag $a)) (tag (export "own"))
            (func (export "run") (result i32)
                (block $a (result i32)
                    (block $b (result i32)
                        (try_table (catch $b $b) (catch $a $a) (throw $a (i32.const 1)))
                        (unreachable))
                    (return (i32.const 2)))))"#;
        let made = linked(&mut store, &linker, wat);
        assert_eq!(call_i32(&mut store, made, "run", &[]).unwrap(), 1);
        assert_eq!(made.get_tag(&store, "a"), Some(tag));
        assert!(matches!(made.get_export(&store, "own"), Some(Extern::Tag(own)) if own != tag));
        let module = Module::new(&engine, wat).unwrap();
        assert!(module.imports().all(|import| matches!(import.ty(), ExternType::Tag(found) if *found == ty)));
        assert_eq!(module.get_export("own"), Some(ExternType::Tag(tag_type(&[]))));

        let wrong = r#"(module (tag (import "host" "a") (param i64)))"#;
        let error = try_linked(&mut store, &linker, wrong).unwrap_err();
        assert!(error.to_string().contains("tag (i64)"), "{error}");
        let kind = r#"(module (func (import "host" "a")))"#;
        assert!(try_linked(&mut store, &linker, kind).is_err());
    }
}

/// Two instances that call each other: the exception crosses both.
#[test]
fn exceptions_cross_instances() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let inner = instance(
            &mut store,
            r#"(module
                (tag $e (export "e") (param i32)) (global $g (mut i32) (i32.const 5)) (memory 1)
                (func (export "throw") (param i32) (throw $e (i32.add (local.get 0) (global.get $g)))))"#,
        );
        let mut linker = Linker::new(&engine);
        linker.instance(&mut store, "inner", inner).unwrap();
        let outer = linked(
            &mut store,
            &linker,
            r#"(module
                (tag $e (import "inner" "e") (param i32)) (func $throw (import "inner" "throw") (param i32))
                (global $g (mut i32) (i32.const 100)) (memory 2)
                (func $between (param i32) (call $throw (local.get 0)))
                (func (export "run") (param i32) (result i32)
                    (block $h (result i32)
                        (try_table (catch $e $h) (call $between (local.get 0)))
                        (unreachable))
                    ;; Globals and memory are those of this instance again.
                    (i32.add (global.get $g)) (i32.add (memory.size))))"#,
        );
        for n in 0..3 {
            assert_eq!(call_i32(&mut store, outer, "run", &[n]).unwrap(), n + 5 + 100 + 2);
        }
    }
}

const THROUGH_HOST: &str = r#"(module
    (import "host" "call" (func $call (param i32) (result i32)))
    (tag $e (param i32))
    (func (export "inner") (param i32) (result i32) (throw $e (local.get 0)))
    (func (export "run") (param i32) (result i32)
        (block $h (result i32)
            (try_table (catch $e $h) (drop (call $call (local.get 0))))
            (i32.const -1))))"#;

#[test]
fn exceptions_pass_through_host_functions() {
    for engine in engines() {
        for swallow in [false, true] {
            let mut store = Store::new(&engine, ());
            let mut linker = Linker::new(&engine);
            linker
                .func_wrap("host", "call", move |mut caller: Caller<'_, ()>, n: i32| -> Result<i32, Error> {
                    let inner = caller.get_export("inner").and_then(Extern::into_func).unwrap();
                    let result = inner.typed::<i32, i32>(&caller).unwrap().call(&mut caller, n);
                    let error = result.as_ref().unwrap_err();
                    assert!(error.thrown_exception().is_some());
                    if swallow { Ok(3) } else { result }
                })
                .unwrap();
            let instance = linked(&mut store, &linker, THROUGH_HOST);
            for n in [4, 5] {
                let expected = if swallow { -1 } else { n };
                assert_eq!(call_i32(&mut store, instance, "run", &[n]).unwrap(), expected);
            }
        }
    }
}

/// A host function throws; another one catches what Wasm code has thrown, and throws it again with another value.
#[test]
fn host_functions_throw_and_catch() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let tag = Tag::new(&mut store, &tag_type(&[ValType::I32, ValType::V128, ValType::ExternRef])).unwrap();
        let vector = wasmote::V128::from(u128::MAX - 6);
        let null = Val::default(ValType::ExternRef);
        let mut linker = Linker::new(&engine);
        linker.define("host", "tag", tag).unwrap();
        linker
            .func_wrap("host", "throw", move |mut caller: Caller<'_, ()>, n: i32| -> Result<i32, Error> {
                caller.as_context_mut().throw(&Exception::new(tag, [Val::I32(n), Val::V128(vector), null]))
            })
            .unwrap();
        linker
            .func_wrap("host", "again", move |mut caller: Caller<'_, ()>, n: i32| -> Result<i32, Error> {
                let inner = caller.get_export("inner").and_then(Extern::into_func).unwrap();
                let error = inner.typed::<i32, i32>(&caller).unwrap().call(&mut caller, n).unwrap_err();
                assert!(error.thrown_exception().is_some());
                let caught = caller.as_context_mut().take_pending_exception().unwrap();
                assert_eq!(caught.tag(), tag);
                let [Val::I32(found), Val::V128(found_vector), Val::ExternRef(object)] = caught.values() else {
                    panic!("{caught:?}")
                };
                assert!(*found == n && *found_vector == vector && object.is_null());
                assert!(!caller.as_context_mut().has_pending_exception());
                caller.as_context_mut().throw(&Exception::new(tag, [Val::I32(n + 1), Val::V128(vector), null]))
            })
            .unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module
                (tag $e (import "host" "tag") (param i32 v128 externref))
                (func $throw (import "host" "throw") (param i32) (result i32))
                (func $again (import "host" "again") (param i32) (result i32))
                (func (export "inner") (param i32) (result i32) (call $throw (local.get 0)))
                (func (export "run") (param i32) (result i32)
                    (block $h (result i32 v128 externref)
                        (try_table (catch $e $h) (drop (call $again (local.get 0))))
                        (unreachable))
                    (drop) (drop))
                (func (export "tail") (param i32) (result i32) (return_call $throw (local.get 0)))
                (func (export "caught tail") (param i32) (result i32)
                    (block $h (result i32 v128 externref)
                        (try_table (catch $e $h) (drop (call 4 (local.get 0))))
                        (unreachable))
                    (drop) (drop)))"#,
        );
        assert_eq!(call_i32(&mut store, instance, "run", &[4]).unwrap(), 5);
        assert_eq!(call_i32(&mut store, instance, "caught tail", &[6]).unwrap(), 6);
        assert!(!store.has_pending_exception() && store.take_pending_exception().is_none());
        assert!(call_i32(&mut store, instance, "tail", &[8]).unwrap_err().thrown_exception().is_some());
        assert!(matches!(store.take_pending_exception().unwrap().values()[0], Val::I32(8)));
        // Values of other types are refused, and nothing is pending then.
        for values in [vec![], vec![Val::I64(1), Val::V128(vector), null]] {
            let error = store.throw::<()>(&Exception::new(tag, values)).unwrap_err();
            assert!(error.thrown_exception().is_none() && !store.has_pending_exception());
        }
    }
}

#[test]
fn other_errors_and_traps_are_not_caught() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "fail", || -> Result<(), Error> { Err(Error::i32_exit(3)) }).unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module (import "host" "fail" (func $fail))
                (func (export "host") (block $h (try_table (catch_all $h) (call $fail))))
                (func (export "trap") (block $h (try_table (catch_all $h) (unreachable))))
                (func $deep (call $deep))
                (func (export "deep") (block $h (try_table (catch_all $h) (call $deep))))
                (func (export "null") (block $h (try_table (catch_all $h) (throw_ref (ref.null exn))))))"#,
        );
        assert_eq!(call(&mut store, instance, "host", &[]).unwrap_err().i32_exit_status(), Some(3));
        for (name, trap) in [
            ("trap", TrapCode::UnreachableCodeReached),
            ("deep", TrapCode::StackOverflow),
            ("null", TrapCode::NullReference),
        ] {
            assert_eq!(call(&mut store, instance, name, &[]).unwrap_err().as_trap_code(), Some(trap));
        }
    }
}

/// A loop that throws and catches, with and without a reference.
const LOOP: &str = r#"(module
    (import "host" "ask" (func $ask (param i32) (result i32)))
    (tag $e (param i32))
    (func $throw (param i32) (throw $e (call $ask (local.get 0))))
    (func (export "sum") (param $n i32) (result i32) (local $sum i32)
        (loop $again
            (block $h (result i32)
                (try_table (catch $e $h) (call $throw (local.get $n)))
                (unreachable))
            (local.set $sum (i32.add (local.get $sum)))
            (block $r (result i32 exnref)
                (try_table (catch_ref $e $r) (call $throw (local.get $n)))
                (unreachable))
            (drop)
            (local.set $sum (i32.add (local.get $sum)))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum)))"#;

#[test]
fn interrupted_calls_throw_and_catch_after_they_go_on() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "ask", |n: i32| -> Result<i32, Error> { Err(Error::i32_exit(n)) }).unwrap();
        let instance = linked(&mut store, &linker, LOOP);
        let sum = instance.get_typed_func::<i32, i32>(&store, "sum").unwrap();
        let mut state = sum.call_resumable(&mut store, 5).unwrap();
        let result = loop {
            state = match state {
                TypedResumableCall::HostTrap(call) => {
                    let n = call.host_error().i32_exit_status().unwrap();
                    call.resume(&mut store, &[Val::I32(n * 10)]).unwrap()
                }
                TypedResumableCall::Finished(result) => break result,
                TypedResumableCall::OutOfFuel(_) => panic!("no fuel is metered"),
            };
        };
        assert_eq!(result, 2 * 10 * 15);
    }
}

#[test]
fn the_fuel_is_the_same_everywhere_and_may_run_out_anywhere() {
    let mut used = Vec::new();
    for mode in MODES {
        for engine in engines_with(|config| {
            config.consume_fuel(true).compilation_mode(mode);
        }) {
            let mut store = Store::new(&engine, ());
            let mut linker = Linker::new(&engine);
            linker.func_wrap("host", "ask", |n: i32| n).unwrap();
            store.set_fuel(100_000).unwrap();
            let instance = linked(&mut store, &linker, LOOP);
            let before = store.get_fuel().unwrap();
            let sum = instance.get_typed_func::<i32, i32>(&store, "sum").unwrap();
            assert_eq!(sum.call(&mut store, 4).unwrap(), 20);
            let cost = before - store.get_fuel().unwrap();
            used.push(cost);
            // With one unit at a time, the call stops at every charge.
            store.set_fuel(0).unwrap();
            let mut state = sum.call_resumable(&mut store, 4).unwrap();
            let mut paid = 0;
            let result = loop {
                state = match state {
                    TypedResumableCall::OutOfFuel(call) => {
                        let required = call.required_fuel();
                        paid += required - store.get_fuel().unwrap();
                        store.set_fuel(required).unwrap();
                        call.resume(&mut store).unwrap()
                    }
                    TypedResumableCall::Finished(result) => break result,
                    TypedResumableCall::HostTrap(_) => panic!("the host does not fail"),
                };
            };
            assert_eq!((result, paid), (20, cost));
        }
    }
    assert!(used.iter().all(|&cost| cost == used[0] && cost > 0), "{used:?}");
}

/// What is searched costs fuel, so a function with many clauses cannot take time for nothing.
#[test]
fn searches_cost_fuel() {
    let wat = |clauses: usize| {
        let many = "(catch $other 0)".repeat(clauses);
        format!(
            "(module (tag $e) (tag $other)
                (func (export \"run\") (block $h (try_table (catch_all $h) (try_table {many} (throw $e))))))"
        )
    };
    let mut config = Config::default();
    config.consume_fuel(true);
    let engine = Engine::new(&config);
    let cost = |clauses| {
        let mut store = Store::new(&engine, ());
        store.set_fuel(1_000_000).unwrap();
        let instance = instance(&mut store, &wat(clauses));
        let before = store.get_fuel().unwrap();
        call(&mut store, instance, "run", &[]).unwrap();
        before - store.get_fuel().unwrap()
    };
    assert!(cost(5000) >= cost(1) + 1000);
}

#[test]
fn legacy_operators_need_their_switch() {
    const WAT: &str = r#"(module (tag $e (param i32))
        (func $throw (param i32) (throw $e (local.get 0)))
        (func (export "run") (param i32) (result i32)
            try (result i32)
                try (result i32)
                    (call $throw (local.get 0)) i32.const 1
                catch $e
                    (if (result i32) (i32.eq (i32.const 1)) (then (rethrow 1)) (else (i32.const 10)))
                end
            catch_all
                i32.const 20
            end))"#;
    assert!(Module::new(&Engine::default(), WAT).is_err());
    for mode in MODES {
        for engine in engines_with(|config| {
            config.wasm_legacy_exceptions(true).compilation_mode(mode);
        }) {
            let mut store = Store::new(&engine, ());
            let instance = instance(&mut store, WAT);
            assert_eq!(call_i32(&mut store, instance, "run", &[0]).unwrap(), 10);
            assert_eq!(call_i32(&mut store, instance, "run", &[1]).unwrap(), 20);
        }
    }
}

#[test]
fn stores_share_a_module_that_throws() {
    for engine in engines() {
        let module = Module::new(&engine, DEEP.replace("(catch $other 1) ", "")).unwrap();
        let count = Arc::new(AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let mut store = Store::new(&engine, ());
                        let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
                        let values = call(&mut store, instance, "reference", &[Val::I32(3)]).unwrap();
                        count.fetch_add(values.len(), Ordering::Relaxed);
                        // Of another store, the tag is another one.
                        assert!(call(&mut store, instance, "down", &[Val::I32(1)]).is_err());
                    }
                });
            }
        });
        assert_eq!(count.load(Ordering::Relaxed), 4 * 50 * 4);
    }
}

#[test]
fn a_reset_store_has_no_tags() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let before = Tag::new(&mut store, &tag_type(&[ValType::I64])).unwrap();
    store.reset();
    let after = Tag::new(&mut store, &tag_type(&[])).unwrap();
    assert_ne!(before, after);
    assert_eq!(after.ty(&store), tag_type(&[]));
    let func = Func::wrap(&mut store, || {});
    assert!(Extern::from(func).into_tag().is_none() && Extern::from(after).into_tag() == Some(after));
}

//! Calls that are resumed after a host function has failed.

use wasmote::{
    Caller, Engine, Error, Extern, Func, Instance, Linker, ResumableCall, Store, TrapCode, TypedResumableCall, Val,
    errors::{ErrorKind, FuncError},
};

use crate::{call_i32, engines, linked};

const WAT: &str = r#"(module
    (import "host" "ask" (func $ask (param i32) (result i32)))
    (import "host" "pair" (func $pair (result f64 i64)))
    (import "host" "nothing" (func $nothing))
    (type $unary (func (param i32) (result i32)))
    (table funcref (elem $ask)) (memory 1) (global $g (mut i32) (i32.const 0))
    (export "host" (func $ask))
    (func $double (export "double") (param i32) (result i32) (local $kept i64)
        (local.set $kept (i64.const 100))
        (i32.add (i32.wrap_i64 (local.get $kept)) (i32.mul (call $ask (local.get 0)) (i32.const 2))))
    (func (export "sum") (param i32) (result i32) (local $sum i32)
        (loop $again
            (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
            (local.set $sum (i32.add (local.get $sum) (call $double (local.get 0))))
            (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (i32.add (local.get $sum) (i32.load (i32.const 0))))
    (func (export "many") (result i64 i32 f64) (local $x f64) (local $y i64)
        call $nothing
        call $pair local.set $y local.set $x
        local.get $y
        (i32.const 3)
        call $nothing
        (f64.mul (local.get $x) (f64.const 2)))
    (func (export "indirect") (param i32) (result i32)
        (i32.add (call_indirect (type $unary) (local.get 0) (i32.const 0)) (i32.const 1)))
    (func (export "tail") (param i32) (result i32) (return_call $ask (local.get 0)))
    (func (export "trap") (param i32) (result i32) (drop (call $ask (local.get 0))) unreachable))"#;

/// Host functions that always fail, with their argument as the exit status.
fn failing(engine: &Engine) -> (Store<()>, Instance) {
    let mut store = Store::new(engine, ());
    let mut linker = Linker::new(engine);
    linker.func_wrap("host", "ask", |value: i32| -> Result<i32, Error> { Err(Error::i32_exit(value)) }).unwrap();
    linker.func_wrap("host", "pair", || -> Result<(f64, i64), Error> { Err(Error::i32_exit(-2)) }).unwrap();
    linker.func_wrap("host", "nothing", || -> Result<(), Error> { Err(Error::i32_exit(-3)) }).unwrap();
    let instance = linked(&mut store, &linker, WAT);
    (store, instance)
}

fn host_trap<Results>(call: TypedResumableCall<Results>) -> wasmote::TypedResumableCallHostTrap<Results> {
    match call {
        TypedResumableCall::HostTrap(call) => call,
        _ => panic!("expected an error of a host function"),
    }
}

#[test]
fn typed_calls_go_on_with_results() {
    for engine in engines() {
        let (mut store, instance) = failing(&engine);
        let sum = instance.get_typed_func::<i32, i32>(&store, "sum").unwrap();
        let mut state = sum.call_resumable(&mut store, 4).unwrap();
        for expected in (1..=4).rev() {
            let call = host_trap(state);
            assert_eq!(call.host_error().i32_exit_status(), Some(expected));
            assert_eq!(call.host_func(), instance.get_func(&store, "host").unwrap());
            state = call.resume(&mut store, &[Val::I32(expected * 10)]).unwrap();
        }
        let TypedResumableCall::Finished(result) = state else { panic!("not finished") };
        assert_eq!(result, 2 * (40 + 30 + 20 + 10) + 400 + 4);
    }
}

#[test]
fn untyped_calls_with_many_results() {
    for engine in engines() {
        let (mut store, instance) = failing(&engine);
        let many = instance.get_func(&store, "many").unwrap();
        let mut outputs = [Val::I32(-1); 3];
        let inputs: [&[Val]; 3] = [&[], &[Val::F64(1.5.into()), Val::I64(1 << 40)], &[]];
        let mut state = many.call_resumable(&mut store, &[], &mut outputs).unwrap();
        for (inputs, status) in inputs.into_iter().zip([-3, -2, -3]) {
            let ResumableCall::HostTrap(call) = state else { panic!("{state:?}") };
            assert_eq!(call.host_error().i32_exit_status(), Some(status));
            assert!(matches!(outputs, [Val::I32(-1), ..]), "outputs are written at the end");
            state = call.resume(&mut store, inputs, &mut outputs).unwrap();
        }
        assert!(matches!(state, ResumableCall::Finished));
        assert_eq!((outputs[0].i64(), outputs[1].i32()), (Some(1 << 40), Some(3)));
        assert_eq!(outputs[2].f64().map(f64::from), Some(3.0));
    }
}

#[test]
fn results_must_match_the_host_function() {
    for engine in engines() {
        let (mut store, instance) = failing(&engine);
        let double = instance.get_typed_func::<i32, i32>(&store, "double").unwrap();
        let kind = |error: Error| match error.kind() {
            ErrorKind::Func(error) => *error,
            kind => panic!("{kind:?}"),
        };
        for (inputs, expected) in [
            (&[][..], FuncError::MismatchingResultLen),
            (&[Val::I32(1), Val::I32(2)], FuncError::MismatchingResultLen),
            (&[Val::I64(1)], FuncError::MismatchingResultType),
        ] {
            let call = host_trap(double.call_resumable(&mut store, 1).unwrap());
            assert_eq!(kind(call.resume(&mut store, inputs).unwrap_err()), expected);
        }
        let func = double.func();
        let mut none = [];
        assert!(func.call_resumable(&mut store, &[Val::I32(1)], &mut none).is_err());
        assert!(func.call_resumable(&mut store, &[Val::I64(1)], &mut [Val::I32(0)]).is_err());
        assert!(func.call_resumable(&mut store, &[], &mut [Val::I32(0)]).is_err());
        let call = func.call_resumable(&mut store, &[Val::I32(1)], &mut [Val::I32(0)]).unwrap();
        let ResumableCall::HostTrap(call) = call else { panic!("{call:?}") };
        assert_eq!(
            kind(call.resume(&mut store, &[Val::I32(1)], &mut []).unwrap_err()),
            FuncError::MismatchingResultLen
        );
        let error = call_i32(&mut store, instance, "double", &[9]).unwrap_err();
        assert_eq!(error.i32_exit_status(), Some(9));
    }
}

#[test]
fn several_at_once_in_any_order() {
    for engine in engines() {
        let (mut store, instance) = failing(&engine);
        let double = instance.get_typed_func::<i32, i32>(&store, "double").unwrap();
        let mut calls: Vec<_> =
            (0..10).map(|i| Some(host_trap(double.call_resumable(&mut store, i).unwrap()))).collect();
        for i in [3, 9, 0, 5] {
            let call = calls[i].take().unwrap();
            let TypedResumableCall::Finished(result) = call.resume(&mut store, &[Val::I32(i as i32)]).unwrap() else {
                panic!("not finished");
            };
            assert_eq!(result, 100 + 2 * i as i32);
            // New calls in between, resumable and plain.
            calls.push(Some(host_trap(double.call_resumable(&mut store, 50).unwrap())));
            assert!(double.call(&mut store, 3).is_err());
        }
        for (i, call) in calls.into_iter().enumerate() {
            let Some(call) = call else { continue };
            let TypedResumableCall::Finished(result) = call.resume(&mut store, &[Val::I32(i as i32)]).unwrap() else {
                panic!("not finished");
            };
            assert_eq!(result, 100 + 2 * i as i32);
        }
    }
}

#[test]
fn given_up_calls_leave_the_store_usable() {
    for engine in engines() {
        let (mut store, instance) = failing(&engine);
        let sum = instance.get_typed_func::<i32, i32>(&store, "sum").unwrap();
        for i in 1..200 {
            let call = host_trap(sum.call_resumable(&mut store, i).unwrap());
            if i % 2 == 0 {
                assert_eq!(call.into_host_error().i32_exit_status(), Some(i));
            }
        }
        assert_eq!(sum.call(&mut store, 7).unwrap_err().i32_exit_status(), Some(7));
    }
}

#[test]
fn indirect_and_tail_calls_of_the_host() {
    for engine in engines() {
        let (mut store, instance) = failing(&engine);
        let indirect = instance.get_typed_func::<i32, i32>(&store, "indirect").unwrap();
        let call = host_trap(indirect.call_resumable(&mut store, 3).unwrap());
        let TypedResumableCall::Finished(result) = call.resume(&mut store, &[Val::I32(7)]).unwrap() else {
            panic!("not finished");
        };
        assert_eq!(result, 8);
        // After a tail call there is no code to resume, so an error is equivalent to a resumption.
        let tail = instance.get_typed_func::<i32, i32>(&store, "tail").unwrap();
        match tail.call_resumable(&mut store, 4) {
            Err(error) => assert_eq!(error.i32_exit_status(), Some(4)),
            Ok(call) => match host_trap(call).resume(&mut store, &[Val::I32(5)]).unwrap() {
                TypedResumableCall::Finished(result) => assert_eq!(result, 5),
                _ => panic!("not finished"),
            },
        }
    }
}

#[test]
fn a_host_function_called_directly_does_not_suspend() {
    for engine in engines() {
        let (mut store, instance) = failing(&engine);
        let host = instance.get_func(&store, "host").unwrap();
        let error = host.call_resumable(&mut store, &[Val::I32(6)], &mut [Val::I32(0)]).unwrap_err();
        assert_eq!(error.i32_exit_status(), Some(6));
    }
}

#[test]
fn traps_do_not_suspend() {
    for engine in engines() {
        let (mut store, instance) = failing(&engine);
        let trap = instance.get_typed_func::<i32, i32>(&store, "trap").unwrap();
        let call = host_trap(trap.call_resumable(&mut store, 4).unwrap());
        let error = call.resume(&mut store, &[Val::I32(5)]).unwrap_err();
        assert_eq!(error.as_trap_code(), Some(TrapCode::UnreachableCodeReached));
    }
}

#[test]
fn memory_grown_while_suspended() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "stop", || -> Result<(), Error> { Err(Error::new("stop")) }).unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module (import "host" "stop" (func $stop)) (memory (export "m") 1) (memory $b (export "b") 1)
                (func (export "run") (result i32)
                    (i32.store (i32.const 0) (i32.const 7))
                    call $stop
                    (i32.store (i32.const 1000000) (i32.const 5))
                    (i32.store $b (i32.const 1000000) (i32.const 50))
                    (i32.add (i32.load (i32.const 0))
                        (i32.add (i32.load (i32.const 1000000)) (i32.load $b (i32.const 1000000))))))"#,
        );
        let run = instance.get_typed_func::<(), i32>(&store, "run").unwrap();
        let call = host_trap(run.call_resumable(&mut store, ()).unwrap());
        for name in ["m", "b"] {
            instance.get_memory(&store, name).unwrap().grow(&mut store, 100).unwrap();
        }
        let TypedResumableCall::Finished(result) = call.resume(&mut store, &[]).unwrap() else {
            panic!("not finished");
        };
        assert_eq!(result, 62);
    }
}

#[test]
fn suspended_in_another_instance() {
    for engine in engines() {
        let (mut store, inner) = failing(&engine);
        let mut linker = Linker::new(&engine);
        linker.instance(&mut store, "inner", inner).unwrap();
        let outer = linked(
            &mut store,
            &linker,
            r#"(module (import "inner" "double" (func $double (param i32) (result i32)))
                (memory 1) (data (i32.const 0) "\05") (global $g (mut i32) (i32.const 1000))
                (func (export "run") (param i32) (result i32)
                    (i32.add (i32.add (call $double (local.get 0)) (i32.load (i32.const 0))) (global.get $g))))"#,
        );
        let run = outer.get_typed_func::<i32, i32>(&store, "run").unwrap();
        let call = host_trap(run.call_resumable(&mut store, 1).unwrap());
        assert_eq!(call_i32(&mut store, inner, "double", &[2]).unwrap_err().i32_exit_status(), Some(2));
        let TypedResumableCall::Finished(result) = call.resume(&mut store, &[Val::I32(11)]).unwrap() else {
            panic!("not finished");
        };
        assert_eq!(result, 122 + 5 + 1000);
    }
}

#[test]
fn inside_a_host_function() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "fail", |value: i32| -> Result<i32, Error> { Err(Error::i32_exit(value)) }).unwrap();
        linker
            .func_wrap("host", "drive", |mut caller: Caller<'_, ()>, value: i32| -> Result<i32, Error> {
                let func = caller.get_export("inner").and_then(Extern::into_func).ok_or(Error::new("no function"))?;
                let mut state = func.typed::<i32, i32>(&caller)?.call_resumable(&mut caller, value)?;
                loop {
                    match state {
                        TypedResumableCall::Finished(result) => return Ok(result),
                        TypedResumableCall::HostTrap(call) => {
                            let status = call.host_error().i32_exit_status().unwrap_or(0);
                            state = call.resume(&mut caller, &[Val::I32(status * 10)])?;
                        }
                        TypedResumableCall::OutOfFuel(_) => return Err(Error::new("out of fuel")),
                    }
                }
            })
            .unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module (import "host" "fail" (func $fail (param i32) (result i32)))
                (import "host" "drive" (func $drive (param i32) (result i32)))
                (func (export "inner") (param i32) (result i32)
                    (i32.add (call $fail (local.get 0)) (call $fail (i32.const 1))))
                (func (export "run") (param i32) (result i32)
                    (i32.add (call $drive (local.get 0)) (call $drive (i32.const 3)))))"#,
        );
        assert_eq!(call_i32(&mut store, instance, "run", &[2]).unwrap(), 20 + 10 + 30 + 10);
    }
}

#[test]
#[should_panic(expected = "another store")]
fn resumed_with_another_store() {
    let engine = Engine::default();
    let (mut store, instance) = failing(&engine);
    let (mut other, _) = failing(&engine);
    let double = instance.get_typed_func::<i32, i32>(&store, "double").unwrap();
    let call = host_trap(double.call_resumable(&mut store, 1).unwrap());
    let _ = call.resume(&mut other, &[Val::I32(1)]);
}

#[test]
fn they_can_be_sent() {
    fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<ResumableCall>();
    is_send_and_sync::<TypedResumableCall<i32>>();
    is_send_and_sync::<Func>();
}

#[test]
fn translating_at_the_first_call_can_be_paid_for_later() {
    for engine in crate::engines_with(|config| {
        config.consume_fuel(true).compilation_mode(wasmote::CompilationMode::Lazy);
    }) {
        let mut store = Store::new(&engine, ());
        let linker = Linker::new(&engine);
        let wat = r#"(module
            (func $inner (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
            (func (export "run") (param i32) (result i32) (i32.add (call $inner (local.get 0)) (i32.const 1))))"#;
        store.set_fuel(0).unwrap();
        let instance = linked(&mut store, &linker, wat);
        let run = instance.get_func(&store, "run").unwrap();
        let mut outputs = [Val::I32(0)];
        let mut call = run.call_resumable(&mut store, &[Val::I32(5)], &mut outputs).unwrap();
        let mut stops = 0;
        while let ResumableCall::OutOfFuel(stopped) = call {
            stops += 1;
            assert!(stopped.required_fuel() > 0);
            let fuel = store.get_fuel().unwrap() + stopped.required_fuel();
            store.set_fuel(fuel).unwrap();
            call = stopped.resume(&mut store, &mut outputs).unwrap();
        }
        assert!(matches!(call, ResumableCall::Finished), "{call:?}");
        assert_eq!(outputs[0].i32(), Some(16));
        assert!(stops >= 2, "each of the two functions is translated, and runs: {stops}");
    }
}

#[test]
fn errors_of_host_functions_say_who_called_them() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "f", || -> Result<(), Error> { Err(Error::new("no")) }).unwrap();
        let wat = r#"(module (import "host" "f" (func $f)) (func $outer (export "run") (call $f)))"#;
        let instance = linked(&mut store, &linker, wat);
        let run = instance.get_func(&store, "run").unwrap();
        let call = run.call_resumable(&mut store, &[], &mut []).unwrap();
        let ResumableCall::HostTrap(call) = call else { panic!("{call:?}") };
        let error = call.into_host_error();
        assert_eq!(error.wasm_backtrace().unwrap().frames()[0].func_name(), Some("outer"));
    }
}

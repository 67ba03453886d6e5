//! Asynchronous calls: waiting, yielding, cancelling. The executors are a loop that polls, and two threads with a queue.

use std::{
    collections::VecDeque,
    pin::{Pin, pin},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread,
    time::Duration,
};

use wasmote::{
    AsContext, AsContextMut, CallHook, Caller, Engine, Error, Extern, Func, FuncType, Instance, Linker, Module,
    ResumableCall, Store, TrapCode, TypedFunc, UpdateDeadline, Val, ValType,
    errors::{AsyncError, ErrorKind},
};

use crate::{call_i32, engines, engines_with, instance};

/// A future that is pending a number of times.
struct Pending(u32);

impl Future for Pending {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 == 0 {
            return Poll::Ready(());
        }
        self.0 -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Polls a future at most so many times. Returns the result, if there is one, and the number of polls.
fn poll_up_to<F: Future>(future: F, most: usize) -> (Option<F::Output>, usize) {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for polls in 1..=most {
        if let Poll::Ready(result) = future.as_mut().poll(&mut context) {
            return (Some(result), polls);
        }
    }
    (None, most)
}

/// Polls a future until it is ready. Returns the number of polls too.
fn finish<F: Future>(future: F) -> (F::Output, usize) {
    let (result, polls) = poll_up_to(future, 1_000_000);
    (result.expect("it ends"), polls)
}

fn async_error(error: &Error) -> Option<AsyncError> {
    if let ErrorKind::Async(error) = error.kind() { Some(*error) } else { None }
}

/// What functions of the host have done.
#[derive(Debug, Default, PartialEq, Eq)]
struct Log(Vec<i32>);

/// Imports that wait, and one that calls back.
fn linker(engine: &Engine) -> Linker<Log> {
    let mut linker = Linker::new(engine);
    linker
        .func_wrap_async("host", "wait", |mut caller: Caller<'_, Log>, (times, value): (u32, i32)| {
            Box::new(async move {
                Pending(times).await;
                caller.data_mut().0.push(value);
                value + 1
            })
        })
        .unwrap();
    linker
        .func_wrap_async("host", "many", |_: Caller<'_, Log>, (a, b, c): (i32, f64, i64)| {
            Box::new(async move {
                Pending(2).await;
                (c + i64::from(a), b * 2.0, a - 1)
            })
        })
        .unwrap();
    linker
        .func_wrap_async("host", "fail", |_: Caller<'_, Log>, (times,): (u32,)| {
            Box::new(async move {
                Pending(times).await;
                Err::<(), _>(Error::new("the host has failed"))
            })
        })
        .unwrap();
    // A host function that can be suspended calls back.
    linker
        .func_wrap_async("host", "again", |mut caller: Caller<'_, Log>, (n,): (i32,)| {
            Box::new(async move {
                let Some(Extern::Func(func)) = caller.get_export("nest") else { return Err(Error::new("no export")) };
                let nest: TypedFunc<i32, i32> = func.typed(&caller)?;
                Pending(1).await;
                nest.call_async(&mut caller, n).await
            })
        })
        .unwrap();
    // One that cannot be suspended does too.
    linker
        .func_wrap("host", "blocking", |mut caller: Caller<'_, Log>, n: i32| -> Result<i32, Error> {
            let Some(Extern::Func(func)) = caller.get_export("nest") else { return Err(Error::new("no export")) };
            let nest: TypedFunc<i32, i32> = func.typed(&caller)?;
            nest.call(&mut caller, n)
        })
        .unwrap();
    linker
}

const WAT: &str = r#"(module
    (import "host" "wait" (func $wait (param i32 i32) (result i32)))
    (import "host" "many" (func $many (param i32 f64 i64) (result i64 f64 i32)))
    (import "host" "fail" (func $fail (param i32)))
    (import "host" "again" (func $again (param i32) (result i32)))
    (import "host" "blocking" (func $blocking (param i32) (result i32)))
    (memory (export "memory") 1 10)
    (global $g (mut i32) (i32.const 0))
    (table 1 funcref) (elem (i32.const 0) $wait)
    (func (export "once") (param i32 i32) (result i32)
        (i32.mul (call $wait (local.get 0) (local.get 1)) (i32.const 10)))
    (func (export "indirect") (param i32 i32) (result i32)
        (call_indirect (param i32 i32) (result i32) (local.get 0) (local.get 1) (i32.const 0)))
    (func (export "tail") (param i32 i32) (result i32) (return_call $wait (local.get 0) (local.get 1)))
    (func (export "loop") (param $times i32) (param $n i32) (result i32) (local $sum i32)
        (loop $again
            (local.set $sum (i32.add (local.get $sum) (call $wait (local.get $times) (local.get $n))))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum))
    (func (export "many") (result i64 f64 i32) (call $many (i32.const 7) (f64.const 1.5) (i64.const 40)))
    (func (export "fail") (param i32) (call $fail (local.get 0)))
    (func (export "trap") (drop (call $wait (i32.const 1) (i32.const 1))) unreachable)
    (func $nest (export "nest") (param i32) (result i32)
        (i32.add (i32.const 1000)
            (if (result i32) (local.get 0)
                (then (call $again (i32.sub (local.get 0) (i32.const 1))))
                (else (call $wait (i32.const 2) (i32.const 5))))))
    (func (export "blocked") (result i32) (call $blocking (i32.const 0)))
    (func (export "spin") (param $n i32) (result i32) (local $sum i32)
        (loop $again
            (local.set $sum (i32.add (local.get $sum) (local.get $n)))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum)))"#;

fn with_instance(engine: &Engine) -> (Store<Log>, Instance) {
    let mut store = Store::new(engine, Log::default());
    if store.get_fuel().is_ok() {
        store.set_fuel(1_000_000_000).unwrap();
    }
    let module = Module::new(engine, WAT).unwrap();
    let linker = linker(engine);
    let instance = finish(linker.instantiate_async(&mut store, &module)).0.unwrap();
    (store, instance)
}

#[test]
fn calls_wait() {
    for engine in engines() {
        let (mut store, instance) = with_instance(&engine);
        for name in ["once", "indirect", "tail"] {
            let func = instance.get_typed_func::<(i32, i32), i32>(&store, name).unwrap();
            let factor = if name == "once" { 10 } else { 1 };
            for times in [0, 1, 5] {
                let (result, polls) = finish(func.call_async(&mut store, (times, 3)));
                assert_eq!((result.unwrap(), polls), (4 * factor, times as usize + 1), "{name}");
            }
        }
        assert_eq!(store.data_mut().0.drain(..).collect::<Vec<_>>(), [3; 9]);
        let func = instance.get_func(&store, "loop").unwrap();
        let mut results = [Val::I32(0)];
        let (result, polls) = finish(func.call_async(&mut store, &[Val::I32(2), Val::I32(100)], &mut results));
        result.unwrap();
        assert_eq!((results[0].i32(), polls), (Some(5150), 201));
        assert_eq!(store.data().0, (1..=100).rev().collect::<Vec<_>>());
        let many = instance.get_typed_func::<(), (i64, f64, i32)>(&store, "many").unwrap();
        assert_eq!(finish(many.call_async(&mut store, ())).0.unwrap(), (47, 3.0, 6));
    }
}

#[test]
fn asynchronous_host_functions_call_back() {
    for engine in engines() {
        let (mut store, instance) = with_instance(&engine);
        let nest = instance.get_typed_func::<i32, i32>(&store, "nest").unwrap();
        for depth in 0..20 {
            let (result, polls) = finish(nest.call_async(&mut store, depth));
            assert_eq!((result.unwrap(), polls), (1000 * (depth + 1) + 6, depth as usize + 3));
        }
    }
}

/// Calls that call back are nested on the native stack when they are polled, so their number is limited.
#[test]
fn asynchronous_calls_do_not_nest_too_deeply() {
    for engine in engines_with(|config| {
        config.set_max_recursion_depth(30);
    }) {
        let (mut store, instance) = with_instance(&engine);
        let nest = instance.get_typed_func::<i32, i32>(&store, "nest").unwrap();
        for _ in 0..2 {
            assert_eq!(finish(nest.call_async(&mut store, 29)).0.unwrap(), 30_006);
            for depth in [30, 1_000_000] {
                let error = finish(nest.call_async(&mut store, depth)).0.unwrap_err();
                assert_eq!(error.as_trap_code(), Some(TrapCode::StackOverflow), "{error}");
            }
        }
    }
}

#[test]
fn calls_that_cannot_wait_say_so() {
    for engine in engines() {
        let (mut store, instance) = with_instance(&engine);
        let once = instance.get_typed_func::<(i32, i32), i32>(&store, "once").unwrap();
        let error = once.call(&mut store, (0, 3)).unwrap_err();
        assert_eq!(async_error(&error), Some(AsyncError::CallNotAsync), "{error}");
        let call = once.func().call_resumable(&mut store, &[Val::I32(0), Val::I32(3)], &mut [Val::I32(0)]).unwrap();
        let ResumableCall::HostTrap(call) = call else { panic!("{call:?}") };
        assert_eq!(async_error(call.host_error()), Some(AsyncError::CallNotAsync));
        // The embedder may answer in its place.
        let mut results = [Val::I32(0)];
        call.resume(&mut store, &[Val::I32(8)], &mut results).unwrap();
        assert_eq!(results[0].i32(), Some(80));
        let blocked = instance.get_typed_func::<(), i32>(&store, "blocked").unwrap();
        let error = blocked.call(&mut store, ()).unwrap_err();
        assert_eq!(async_error(&error), Some(AsyncError::CallNotAsync), "{error}");
        for _ in 0..2 {
            let (result, polls) = finish(blocked.call_async(&mut store, ()));
            let error = result.unwrap_err();
            assert_eq!((async_error(&error), polls), (Some(AsyncError::HostFrame), 1), "{error}");
            assert_eq!(error.wasm_backtrace().map(|backtrace| backtrace.frames().len()), Some(2), "{error:?}");
        }
        assert_eq!(finish(once.call_async(&mut store, (1, 1))).0.unwrap(), 20);
        let module = Module::new(
            &engine,
            r#"(module (import "host" "wait" (func $w (param i32 i32) (result i32)))
                (func $s (drop (call $w (i32.const 1) (i32.const 77)))) (start $s))"#,
        );
        let (module, linker) = (module.unwrap(), linker(&engine));
        let error = linker.instantiate_and_start(&mut store, &module).unwrap_err();
        assert_eq!(async_error(&error), Some(AsyncError::CallNotAsync), "{error}");
        assert_eq!(finish(linker.instantiate_async(&mut store, &module)).1, 2);
        let pre = linker.instantiate_pre(&module).unwrap();
        assert_eq!(finish(pre.instantiate_async(&mut store)).1, 2);
        assert_eq!(store.data().0[1..], [77, 77]);
    }
}

#[test]
fn errors_end_calls() {
    for engine in engines() {
        let (mut store, instance) = with_instance(&engine);
        let fail = instance.get_typed_func::<u32, ()>(&store, "fail").unwrap();
        for times in [0, 3] {
            let error = finish(fail.call_async(&mut store, times)).0.unwrap_err();
            assert_eq!(error.to_string(), "the host has failed");
            let frames = error.wasm_backtrace().unwrap().frames();
            assert_eq!(frames.iter().map(wasmote::FrameInfo::func_index).collect::<Vec<_>>(), [10]);
        }
        let trap = instance.get_typed_func::<(), ()>(&store, "trap").unwrap();
        let error = finish(trap.call_async(&mut store, ())).0.unwrap_err();
        assert_eq!(error.as_trap_code(), Some(TrapCode::UnreachableCodeReached));
        assert_eq!(error.wasm_backtrace().map(|backtrace| backtrace.frames().len()), Some(1));
    }
}

/// To cancel at any poll leaves a store that works: nothing of the call is left.
#[test]
fn calls_are_cancelled_at_every_poll() {
    let mut engines: Vec<Engine> = engines().into();
    engines.extend(engines_with(|config| {
        config.consume_fuel(true);
    }));
    for engine in engines {
        let (mut store, instance) = with_instance(&engine);
        let metered = store.get_fuel().is_ok();
        let nest = instance.get_typed_func::<i32, i32>(&store, "nest").unwrap();
        let lasts = instance.get_typed_func::<(i32, i32), i32>(&store, "loop").unwrap();
        let spin = instance.get_typed_func::<i32, i32>(&store, "spin").unwrap();
        if metered {
            store.fuel_async_yield_interval(Some(20)).unwrap();
        }
        for polls in 0..30 {
            let (result, _) = poll_up_to(nest.call_async(&mut store, 40), polls);
            assert!(result.is_none(), "{polls}");
            assert_eq!(spin.call(&mut store, 10).unwrap(), 55);
            let (result, _) = poll_up_to(lasts.call_async(&mut store, (3, 25)), polls);
            assert!(result.is_none(), "{polls}");
            if metered {
                let (result, _) = poll_up_to(spin.call_async(&mut store, 1000), polls);
                assert!(result.is_none(), "{polls}");
            }
            // Calls go on as if nothing had been.
            assert_eq!(finish(nest.call_async(&mut store, 3)).0.unwrap(), 4006);
            let error = instance.get_typed_func::<(), i32>(&store, "blocked").unwrap().call(&mut store, ());
            assert_eq!(async_error(&error.unwrap_err()), Some(AsyncError::CallNotAsync), "no call is under way");
        }
        // A future that was never polled, and one that is leaked: neither keeps the store from working.
        drop(nest.call_async(&mut store, 1));
        let mut leaked = Box::pin(nest.call_async(&mut store, 1));
        assert!(leaked.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        std::mem::forget(leaked);
        assert_eq!(finish(nest.call_async(&mut store, 3)).0.unwrap(), 4006);
        store.reset();
        let instance = finish(linker(&engine).instantiate_async(&mut store, &Module::new(&engine, WAT).unwrap())).0;
        if metered {
            store.set_fuel(1_000_000).unwrap();
        }
        let nest = instance.unwrap().get_typed_func::<i32, i32>(&store, "nest").unwrap();
        assert_eq!(finish(nest.call_async(&mut store, 3)).0.unwrap(), 4006);
    }
}

#[test]
fn calls_yield_at_intervals_of_fuel() {
    let metered = engines_with(|config| {
        config.consume_fuel(true);
    });
    for engine in metered {
        let (mut store, instance) = with_instance(&engine);
        let spin = instance.get_typed_func::<i32, i32>(&store, "spin").unwrap();
        let fuel = |store: &mut Store<Log>, run: &mut dyn FnMut(&mut Store<Log>)| {
            store.set_fuel(1_000_000).unwrap();
            run(store);
            1_000_000 - store.get_fuel().unwrap()
        };
        let usual = fuel(&mut store, &mut |store| assert_eq!(spin.call(store, 1000).unwrap(), 500_500));
        for interval in [1, 7, 100, 5000, u64::MAX] {
            store.fuel_async_yield_interval(Some(interval)).unwrap();
            let mut polls = 0;
            let consumed = fuel(&mut store, &mut |store| {
                let (result, count) = finish(spin.call_async(store, 1000));
                assert_eq!(result.unwrap(), 500_500);
                polls = count as u64;
            });
            assert_eq!(consumed, usual, "every {interval}");
            let least = usual / interval.max(12);
            assert!((least..=least + 2 + usual / 50).contains(&polls) || interval < 12, "{polls} every {interval}");
            let consumed = fuel(&mut store, &mut |store| assert_eq!(spin.call(store, 1000).unwrap(), 500_500));
            assert_eq!(consumed, usual, "other calls do not yield");
        }
        store.set_fuel(500).unwrap();
        let error = finish(spin.call_async(&mut store, 1000)).0.unwrap_err();
        assert_eq!(error.as_trap_code(), Some(TrapCode::OutOfFuel));
        assert!(store.fuel_async_yield_interval(Some(0)).is_err());
        store.fuel_async_yield_interval(None).unwrap();
        store.set_fuel(1_000_000).unwrap();
        assert_eq!(finish(spin.call_async(&mut store, 1000)).1, 1);
    }
    let [engine, _] = engines();
    assert!(Store::new(&engine, ()).fuel_async_yield_interval(Some(10)).is_err(), "fuel is not metered");
}

#[test]
fn calls_yield_at_epochs() {
    let engines = engines_with(|config| {
        config.epoch_interruption(true);
    });
    for engine in engines {
        let (mut store, instance) = with_instance(&engine);
        let spin = instance.get_typed_func::<i32, i32>(&store, "spin").unwrap();
        store.set_epoch_deadline(0);
        store.epoch_deadline_async_yield_and_update(0);
        let (result, polls) = finish(spin.call_async(&mut store, 1_000_000));
        assert_eq!(result.unwrap(), 1_784_293_664);
        assert!(polls > 100, "{polls}");
        let error = spin.call(&mut store, 1_000_000).unwrap_err();
        assert_eq!(async_error(&error), Some(AsyncError::YieldNotAsync), "{error}");
        store.epoch_deadline_callback(|mut ctx| {
            let count = ctx.data().0.len();
            ctx.data_mut().0.push(0);
            Ok(match count {
                0..5 => UpdateDeadline::Yield(0),
                5..10 => UpdateDeadline::Continue(0),
                _ => UpdateDeadline::Interrupt,
            })
        });
        store.set_epoch_deadline(0);
        let (result, polls) = finish(spin.call_async(&mut store, 1_000_000));
        assert_eq!((result.unwrap_err().as_trap_code(), polls), (Some(TrapCode::Interrupt), 6));
        store.epoch_deadline_trap();
        let error = finish(spin.call_async(&mut store, 1_000_000)).0.unwrap_err();
        assert_eq!(error.as_trap_code(), Some(TrapCode::Interrupt));
        store.set_epoch_deadline(1);
        assert_eq!(finish(spin.call_async(&mut store, 1_000_000)).1, 1);
    }
}

/// Everything that was called is told of once.
#[test]
fn hooks_are_called() {
    for engine in engines() {
        let (mut store, instance) = with_instance(&engine);
        store.call_hook(|log, event| {
            log.0.push(match event {
                CallHook::CallingWasm => 1,
                CallHook::ReturningFromWasm => -1,
                CallHook::CallingHost => 2,
                CallHook::ReturningFromHost => -2,
            });
            Ok(())
        });
        let once = instance.get_typed_func::<(i32, i32), i32>(&store, "once").unwrap();
        finish(once.call_async(&mut store, (3, 100))).0.unwrap();
        assert_eq!(store.data().0, [1, 2, 100, -2, -1]);
    }
}

#[test]
fn untyped_functions_and_functions_of_the_host() {
    for engine in engines() {
        let mut store = Store::new(&engine, Log::default());
        let ty = FuncType::new([ValType::I32, ValType::I64], [ValType::I64, ValType::I32]);
        let swap = |mut caller: Caller<'_, Log>, inputs: &[Val], outputs: &mut [Val]| {
            caller.data_mut().0.push(1);
            outputs.copy_from_slice(&[inputs[1], inputs[0]]);
        };
        let func = Func::new_async(&mut store, ty.clone(), move |caller, inputs, outputs| {
            Box::new(async move {
                Pending(1).await;
                swap(caller, inputs, outputs);
                Ok(())
            })
        });
        let inputs = [Val::I32(1), Val::I64(2)];
        let mut outputs = [Val::I64(0), Val::I32(0)];
        let (result, polls) = finish(func.call_async(&mut store, &inputs, &mut outputs));
        result.unwrap();
        assert_eq!((outputs[0].i64(), outputs[1].i32(), polls), (Some(2), Some(1), 2));
        let error = func.call(&mut store, &inputs, &mut outputs).unwrap_err();
        assert_eq!(async_error(&error), Some(AsyncError::CallNotAsync), "{error}");
        let mut linker = Linker::new(&engine);
        linker.define("host", "swap", func).unwrap();
        linker
            .func_new_async("host", "wrong", ty, |_, _, outputs| {
                outputs[0] = Val::F32(1.0.into());
                Box::new(async { Ok(()) })
            })
            .unwrap();
        let module = Module::new(
            &engine,
            r#"(module (import "host" "swap" (func $s (param i32 i64) (result i64 i32)))
                (import "host" "wrong" (func $w (param i32 i64) (result i64 i32)))
                (func (export "swap") (result i64 i32) (call $s (i32.const 3) (i64.const 4)))
                (func (export "wrong") (result i64 i32) (call $w (i32.const 3) (i64.const 4))))"#,
        );
        let instance = finish(linker.instantiate_async(&mut store, &module.unwrap())).0.unwrap();
        let swap = instance.get_typed_func::<(), (i64, i32)>(&store, "swap").unwrap();
        assert_eq!(finish(swap.call_async(&mut store, ())).0.unwrap(), (4, 3));
        let wrong = instance.get_typed_func::<(), (i64, i32)>(&store, "wrong").unwrap();
        assert!(finish(wrong.call_async(&mut store, ())).0.unwrap_err().to_string().contains("result type"));
        // Functions that are not asynchronous can be called like others.
        let plain = Func::wrap(&mut store, |value: i32| value + 1).typed::<i32, i32>(&store).unwrap();
        assert_eq!(finish(plain.call_async(&mut store, 1)).0.unwrap(), 2);
    }
}

/// While a call waits, the host function has the store: it grows the memory, calls, and collects.
#[test]
fn the_store_changes_meanwhile() {
    for engine in engines() {
        let mut linker = Linker::<Log>::new(&engine);
        linker
            .func_wrap_async("host", "grow", |mut caller: Caller<'_, Log>, (): ()| {
                Box::new(async move {
                    let Some(Extern::Memory(memory)) = caller.get_export("memory") else { return };
                    Pending(1).await;
                    memory.grow(&mut caller, 2).unwrap();
                    memory.write(&mut caller, 2 << 16, &[1, 2, 3, 4]).unwrap();
                    let Some(Extern::Func(func)) = caller.get_export("add") else { return };
                    let add = func.typed::<i32, i32>(&caller).unwrap();
                    assert_eq!(add.call(&mut caller, 5).unwrap(), 12);
                    Pending(1).await;
                    assert_eq!(memory.size(&caller), 3);
                })
            })
            .unwrap();
        let module = Module::new(
            &engine,
            r#"(module (import "host" "grow" (func $grow))
                (memory (export "memory") 1 10) (global $g (mut i32) (i32.const 7))
                (func (export "add") (param i32) (result i32)
                    (global.set $g (i32.add (global.get $g) (local.get 0))) (global.get $g))
                (func (export "run") (result i32) (local i32 i64 f64)
                    (local.set 0 (i32.const 100)) (local.set 2 (f64.const 0.5))
                    (call $grow)
                    (i32.add (i32.add (i32.load (i32.const 131072)) (global.get $g))
                        (i32.add (local.get 0) (i32.trunc_f64_s (f64.mul (local.get 2) (f64.const 10)))))))"#,
        )
        .unwrap();
        let mut store = Store::new(&engine, Log::default());
        let instance = finish(linker.instantiate_async(&mut store, &module)).0.unwrap();
        let run = instance.get_typed_func::<(), i32>(&store, "run").unwrap();
        let (result, polls) = finish(run.call_async(&mut store, ()));
        assert_eq!((result.unwrap(), polls), (0x0403_0201 + 12 + 105, 3));
    }
}

#[cfg(feature = "gc")]
#[test]
fn objects_live_as_long_as_calls_wait() {
    let engines = engines_with(|config| {
        config.wasm_gc(true).wasm_function_references(true);
    });
    for engine in engines {
        let mut linker = Linker::<Log>::new(&engine);
        linker
            .func_wrap_async("host", "collect", |mut caller: Caller<'_, Log>, (): ()| {
                Box::new(async move {
                    caller.as_context_mut().gc();
                    Pending(1).await;
                    let Some(Extern::Func(func)) = caller.get_export("litter") else { return };
                    let litter = func.typed::<(), ()>(&caller).unwrap();
                    for _ in 0..3 {
                        litter.call_async(&mut caller, ()).await.unwrap();
                        caller.as_context_mut().gc();
                        Pending(1).await;
                    }
                })
            })
            .unwrap();
        let module = Module::new(
            &engine,
            r#"(module (type $s (struct (field (mut i32)) (field (ref null $s))))
                (import "host" "collect" (func $collect))
                (func (export "litter") (local $i i32)
                    (loop
                        (drop (struct.new $s (i32.const -1) (ref.null $s)))
                        (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000)))))
                (func (export "run") (result i32) (local $list (ref null $s)) (local $i i32) (local $sum i32)
                    (loop
                        (local.set $list (struct.new $s (local.get $i) (local.get $list)))
                        (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100))))
                    (call $collect)
                    (loop
                        (local.set $sum (i32.add (local.get $sum) (struct.get $s 0 (local.get $list))))
                        (br_if 0 (i32.eqz (ref.is_null (local.tee $list (struct.get $s 1 (local.get $list)))))))
                    (local.get $sum)))"#,
        )
        .unwrap();
        let mut store = Store::new(&engine, Log::default());
        let instance = finish(linker.instantiate_async(&mut store, &module)).0.unwrap();
        let run = instance.get_typed_func::<(), i32>(&store, "run").unwrap();
        assert_eq!(finish(run.call_async(&mut store, ())).0.unwrap(), 4950);
        for polls in 1..4 {
            assert!(poll_up_to(run.call_async(&mut store, ()), polls).0.is_none());
            store.gc();
        }
    }
}

#[cfg(feature = "exceptions")]
#[test]
fn asynchronous_host_functions_throw() {
    use wasmote::{Exception, Tag, TagType};

    let engines = engines_with(|config| {
        config.wasm_exceptions(true);
    });
    for engine in engines {
        let mut store = Store::new(&engine, Log::default());
        let tag = Tag::new(&mut store, &TagType::new(FuncType::new([ValType::I32], []))).unwrap();
        let mut linker = Linker::<Log>::new(&engine);
        linker.define("host", "tag", tag).unwrap();
        linker
            .func_wrap_async("host", "throw", move |mut caller: Caller<'_, Log>, (value,): (i32,)| {
                Box::new(async move {
                    Pending(1).await;
                    caller.as_context_mut().throw::<()>(&Exception::new(tag, [Val::I32(value)]))
                })
            })
            .unwrap();
        let module = Module::new(
            &engine,
            r#"(module (import "host" "tag" (tag $t (param i32))) (import "host" "throw" (func $throw (param i32)))
                (func $middle (param i32) (call $throw (local.get 0)))
                (func (export "catch") (param i32) (result i32)
                    (i32.add (i32.const 1)
                        (block $b (result i32)
                            (try_table (catch $t $b) (call $middle (local.get 0)))
                            (i32.const -1)))))"#,
        )
        .unwrap();
        let instance = finish(linker.instantiate_async(&mut store, &module)).0.unwrap();
        let catch = instance.get_typed_func::<i32, i32>(&store, "catch").unwrap();
        let (result, polls) = finish(catch.call_async(&mut store, 41));
        assert_eq!((result.unwrap(), polls), (42, 2));
    }
}

/// A task of the executor with two threads.
struct Task {
    future: Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>,
    queue: Arc<Queue>,
}

#[derive(Default)]
struct Queue {
    ready: Mutex<VecDeque<Arc<Task>>>,
    changed: Condvar,
    left: AtomicUsize,
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        let queue = self.queue.clone();
        queue.ready.lock().unwrap().push_back(self);
        queue.changed.notify_one();
    }
}

impl Queue {
    fn work(&self) {
        loop {
            let mut ready = self.ready.lock().unwrap();
            let task = loop {
                if self.left.load(Ordering::SeqCst) == 0 {
                    return;
                }
                match ready.pop_front() {
                    Some(task) => break task,
                    None => ready = self.changed.wait_timeout(ready, Duration::from_millis(10)).unwrap().0,
                }
            };
            drop(ready);
            let mut future = task.future.lock().unwrap();
            if let Some(running) = future.as_mut() {
                let waker = Waker::from(task.clone());
                if running.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                    *future = None;
                    self.left.fetch_sub(1, Ordering::SeqCst);
                    self.changed.notify_all();
                }
            }
        }
    }
}

/// A thousand guests, of which none gives way by itself, on two threads.
#[test]
fn a_thousand_guests_share_two_threads() {
    const GUESTS: usize = 1000;
    for engine in engines_with(|config| {
        config.epoch_interruption(true).set_max_stack_height(64 << 10);
    }) {
        let module = Module::new(&engine, WAT).unwrap();
        let linker = linker(&engine);
        let queue = Arc::new(Queue::default());
        queue.left.store(GUESTS, Ordering::SeqCst);
        let (sum, polls) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        for guest in 0..GUESTS {
            let (module, linker, engine) = (module.clone(), linker.clone(), engine.clone());
            let (sum, polls) = (sum.clone(), polls.clone());
            let run = async move {
                let mut store = Store::new(&engine, Log::default());
                store.set_epoch_deadline(1);
                store.epoch_deadline_async_yield_and_update(1);
                let instance = linker.instantiate_async(&mut store, &module).await.unwrap();
                let spin = instance.get_typed_func::<i32, i32>(&store, "spin").unwrap();
                let once = instance.get_typed_func::<(i32, i32), i32>(&store, "once").unwrap();
                assert_eq!(spin.call_async(&mut store, 10_000).await.unwrap(), 50_005_000);
                let result = once.call_async(&mut store, (3, guest as i32)).await.unwrap();
                assert_eq!(result, 10 * (guest as i32 + 1));
                sum.fetch_add(1, Ordering::SeqCst);
            };
            let counted = async move {
                let mut run = pin!(run);
                std::future::poll_fn(|context| {
                    polls.fetch_add(1, Ordering::SeqCst);
                    run.as_mut().poll(context)
                })
                .await;
            };
            let task = Arc::new(Task { future: Mutex::new(Some(Box::pin(counted))), queue: queue.clone() });
            queue.ready.lock().unwrap().push_back(task);
        }
        let ended = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !ended.load(Ordering::SeqCst) {
                    thread::sleep(Duration::from_micros(200));
                    engine.increment_epoch();
                }
            });
            thread::scope(|scope| {
                scope.spawn(|| queue.work());
                scope.spawn(|| queue.work());
            });
            ended.store(true, Ordering::SeqCst);
        });
        assert_eq!(sum.load(Ordering::SeqCst), GUESTS);
        let polls = polls.load(Ordering::SeqCst);
        assert!(polls > 4 * GUESTS, "{polls} polls: each waits three times, and some yield");
    }
}

/// What registers hold, and what the host sees of fuel, is the same however often code stops.
#[test]
fn code_can_stop_at_every_stretch() {
    const WAT: &str = r#"(module (memory (export "memory") 1 20)
        (global $g (mut i64) (i64.const 1))
        (func $fib (param i32) (result i32)
            (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
                (then (local.get 0))
                (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                    (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
        (func (export "run") (param $n i32) (result i32) (local $f f64) (local $s f32) (local $i i32)
            (local.set $f (f64.const 1))
            (loop $again
                (local.set $f (f64.add (f64.mul (local.get $f) (f64.const 1.25)) (f64.convert_i32_s (local.get $n))))
                (local.set $s (f32.add (local.get $s) (f32.const 0.5)))
                (global.set $g (i64.add (global.get $g) (i64.extend_i32_u (local.get $n))))
                (memory.fill (i32.mul (local.get $n) (i32.const 16)) (local.get $n) (i32.const 600))
                (memory.copy (i32.const 5) (i32.mul (local.get $n) (i32.const 16)) (i32.const 500))
                (local.set $i (i32.add (local.get $i) (call $fib (i32.rem_u (local.get $n) (i32.const 9)))))
                (block $b (block $a (br_table $a $b (i32.and (local.get $n) (i32.const 1))))
                    (local.set $i (i32.add (local.get $i) (i32.const 3))))
                (drop (memory.grow (i32.const 0)))
                (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (i32.add (i32.add (local.get $i) (i32.trunc_sat_f64_s (local.get $f)))
                (i32.add (i32.trunc_f32_s (local.get $s)) (i32.wrap_i64 (global.get $g))))))"#;
    let engines = engines_with(|config| {
        config.consume_fuel(true);
    });
    for engine in engines {
        let mut results = Vec::new();
        for interval in [None, Some(1), Some(13)] {
            let mut store = Store::new(&engine, ());
            store.set_fuel(1_000_000).unwrap();
            store.fuel_async_yield_interval(interval).unwrap();
            let instance = instance(&mut store, WAT);
            let blocking = call_i32(&mut store, instance, "run", &[50]).unwrap();
            let run = instance.get_typed_func::<i32, i32>(&store, "run").unwrap();
            let waiting = finish(run.call_async(&mut store, 50)).0.unwrap();
            let memory = instance.get_memory(&store, "memory").unwrap();
            let bytes = memory.data(store.as_context()).to_vec();
            results.push((blocking, waiting, store.get_fuel().unwrap(), bytes));
        }
        assert!(results.windows(2).all(|pair| pair[0] == pair[1]));
    }
}

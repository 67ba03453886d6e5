//! Interruption of running code: epochs, callbacks, handles.

use std::{
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use wasmote::{
    AsContextMut, Caller, CompilationMode, Config, Engine, Error, Func, Instance, Linker, Module, ResumableCall, Store,
    StoreContextMut, TrapCode, UpdateDeadline, Val,
    errors::{AsyncError, ErrorKind},
};

use crate::{call, call_i32, engines, engines_with, instance, linked, try_linked};

/// Engines for both dispatchers whose code can be interrupted, without and with fuel.
fn interruptible() -> Vec<Engine> {
    let engines = |metered| {
        engines_with(move |config| {
            config.epoch_interruption(true).consume_fuel(metered);
        })
    };
    [false, true].into_iter().flat_map(engines).collect()
}

/// Returns a store that has as much fuel as there can be.
fn store<T>(engine: &Engine, data: T) -> Store<T> {
    let mut store = Store::new(engine, data);
    if store.get_fuel().is_ok() {
        store.set_fuel(u64::MAX).unwrap();
    }
    store
}

/// The message of an error is of no interest where it must be an interrupt.
fn is_interrupt<R: std::fmt::Debug>(result: Result<R, Error>) -> bool {
    result.unwrap_err().as_trap_code() == Some(TrapCode::Interrupt)
}

/// Functions that never return, each in another way.
const ENDLESS: &str = r#"(module
    (import "host" "nothing" (func $nothing))
    (func (export "loop") (loop (br 0)))
    (func (export "branches") (param i32) (loop (br_if 0 (i32.eqz (local.get 0)))))
    (func $even (export "calls") (return_call $odd))
    (func $odd (return_call $even))
    (func $down (param i32) (if (local.get 0) (then (call $down (i32.sub (local.get 0) (i32.const 1))))))
    (func (export "recursion") (loop (call $down (i32.const 100)) (br 0)))
    (func (export "host") (loop (call $nothing) (br 0)))
    (func (export "table") (loop (block $b (br_table 1 $b 1 (i32.const 2)))))
    (func (export "sum") (param $n i32) (result i32) (local $sum i32)
        (loop
            (local.set $sum (i32.add (local.get $sum) (local.get $n)))
            (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum)))"#;

fn endless(store: &mut Store<u64>) -> Instance {
    let mut linker = Linker::new(store.engine());
    linker.func_wrap("host", "nothing", || ()).unwrap();
    linked(store, &linker, ENDLESS)
}

/// Calls an export of [`ENDLESS`].
fn run(store: &mut Store<u64>, instance: Instance, name: &str) -> Result<Vec<Val>, Error> {
    let inputs: &[Val] = if name == "branches" { &[Val::I32(0)] } else { &[] };
    call(store, instance, name, inputs)
}

const NAMES: [&str; 6] = ["loop", "branches", "calls", "recursion", "host", "table"];

#[test]
fn code_stops_at_the_deadline() {
    for engine in interruptible() {
        let mut store = store(&engine, 0);
        let instance = endless(&mut store);
        assert_eq!(call_i32(&mut store, instance, "sum", &[1000]).unwrap(), 500_500, "there is no deadline yet");
        for name in NAMES {
            store.set_epoch_deadline(1);
            let stopped = thread::scope(|scope| {
                let running = scope.spawn(|| is_interrupt(run(&mut store, instance, name)));
                thread::sleep(Duration::from_millis(2));
                engine.increment_epoch();
                running.join().unwrap()
            });
            assert!(stopped, "{name}");
            // The deadline is still there.
            assert!(is_interrupt(run(&mut store, instance, name)), "{name}");
        }
        store.set_epoch_deadline(2);
        engine.increment_epoch();
        assert_eq!(call_i32(&mut store, instance, "sum", &[1000]).unwrap(), 500_500, "one tick is left");
        engine.increment_epoch();
        assert!(is_interrupt(call_i32(&mut store, instance, "sum", &[100_000])));
        store.set_epoch_deadline(u64::MAX);
        assert_eq!(call_i32(&mut store, instance, "sum", &[1000]).unwrap(), 500_500);
        store.set_epoch_deadline(0);
        assert!(is_interrupt(call_i32(&mut store, instance, "sum", &[100_000])), "due at once");
    }
}

#[test]
fn nothing_stops_if_it_is_off() {
    for engine in engines() {
        let mut store = Store::new(&engine, 0);
        let instance = endless(&mut store);
        store.set_epoch_deadline(0);
        engine.increment_epoch();
        assert_eq!(call_i32(&mut store, instance, "sum", &[1_000_000]).unwrap(), 1_784_293_664);
    }
}

#[test]
fn handles_interrupt_once() {
    for engine in interruptible() {
        let mut store = store(&engine, 0);
        let instance = endless(&mut store);
        let handle = store.interrupt_handle();
        for name in NAMES {
            let stopped = thread::scope(|scope| {
                let running = scope.spawn(|| is_interrupt(run(&mut store, instance, name)));
                thread::sleep(Duration::from_millis(2));
                handle.interrupt();
                running.join().unwrap()
            });
            assert!(stopped, "{name}");
            assert_eq!(call_i32(&mut store, instance, "sum", &[1_000_000]).unwrap(), 1_784_293_664, "only once");
        }
        handle.interrupt();
        assert!(is_interrupt(run(&mut store, instance, "loop")), "interrupted before it began");
    }
}

#[test]
fn callbacks_decide() {
    for engine in interruptible() {
        let mut store = store(&engine, 0);
        let instance = endless(&mut store);
        store.set_epoch_deadline(0);
        store.epoch_deadline_callback(|mut ctx| {
            *ctx.data_mut() += 1;
            Ok(if *ctx.data() % 10 == 0 { UpdateDeadline::Interrupt } else { UpdateDeadline::Continue(0) })
        });
        for (i, name) in (1..).zip(NAMES) {
            assert!(is_interrupt(run(&mut store, instance, name)), "{name}");
            assert_eq!(*store.data(), 10 * i);
        }
        // Between slices of some microseconds it changes nothing.
        store.epoch_deadline_callback(|mut ctx| {
            *ctx.data_mut() += 1;
            Ok(UpdateDeadline::Continue(0))
        });
        *store.data_mut() = 0;
        assert_eq!(call_i32(&mut store, instance, "sum", &[1_000_000]).unwrap(), 1_784_293_664);
        assert!((100..=2000).contains(store.data()), "{} looks", store.data());
        store.epoch_deadline_callback(|_| Err(Error::new("enough")));
        assert_eq!(run(&mut store, instance, "loop").unwrap_err().to_string(), "enough");
        store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Yield(1)));
        let error = run(&mut store, instance, "loop").unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Async(AsyncError::YieldNotAsync)), "{error}");
        store.set_epoch_deadline(0);
        store.epoch_deadline_trap();
        let error = run(&mut store, instance, "recursion").unwrap_err();
        assert_eq!(error.as_trap_code(), Some(TrapCode::Interrupt));
        let frames = error.wasm_backtrace().map(|backtrace| backtrace.frames().len());
        assert!(frames >= Some(1), "{frames:?}");
    }
}

/// The callback has the store for itself: it calls functions, grows memories, and sets another callback.
#[test]
fn callbacks_use_the_store() {
    const WAT: &str = r#"(module
        (memory (export "memory") 1 200)
        (global $calls (export "calls") (mut i32) (i32.const 0))
        (func $deep (param i32) (result i32)
            (if (result i32) (local.get 0)
                (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
                (else (i32.const 0))))
        (func (export "count") (result i32)
            (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
            (call $deep (i32.const 50)))
        (func (export "fill") (param $n i32) (result i32) (local $a i32) (local $b i64) (local $sum i32)
            (loop
                (i32.store8 (i32.and (local.get $a) (i32.const 0xffff)) (i32.const 3))
                (local.set $a (i32.add (local.get $a) (i32.const 1)))
                (local.set $b (i64.add (local.get $b) (i64.const 2)))
                (br_if 0 (i32.lt_u (local.get $a) (local.get $n))))
            (loop
                (local.set $a (i32.sub (local.get $a) (i32.const 1)))
                (local.set $sum (i32.add (local.get $sum) (i32.load8_u (i32.and (local.get $a) (i32.const 0xffff)))))
                (br_if 0 (local.get $a)))
            (i32.add (local.get $sum) (i32.wrap_i64 (local.get $b)))))"#;
    for engine in interruptible() {
        let mut store = store(&engine, (None::<(Func, wasmote::Memory)>, 0_u32));
        let instance = instance(&mut store, WAT);
        let count = instance.get_func(&store, "count").unwrap();
        let memory = instance.get_memory(&store, "memory").unwrap();
        store.data_mut().0 = Some((count, memory));
        store.set_epoch_deadline(0);
        store.epoch_deadline_callback(|mut ctx: StoreContextMut<'_, (Option<(Func, wasmote::Memory)>, u32)>| {
            let (func, memory) = ctx.data().0.unwrap();
            ctx.data_mut().1 += 1;
            // The called code must not be interrupted itself.
            ctx.set_epoch_deadline(u64::MAX);
            let mut results = [Val::I32(0)];
            func.call(&mut ctx, &[], &mut results)?;
            assert_eq!(results[0].i32(), Some(50));
            let _ = memory.grow(&mut ctx, 1);
            Ok(UpdateDeadline::Continue(0))
        });
        assert_eq!(call_i32(&mut store, instance, "fill", &[100_000]).unwrap(), 500_000);
        let calls = store.data().1;
        assert!(calls >= 100, "{calls}");
        let counted = instance.get_global(&store, "calls").unwrap().get(&store).i32();
        assert_eq!(counted, Some(calls.cast_signed()));
        assert_eq!(memory.size(&store), 200);
    }
}

/// What code computes and costs does not depend on how often it is looked at.
#[test]
fn slices_change_neither_results_nor_costs() {
    let run = |interrupted: bool, portable: bool| {
        let mut config = Config::default();
        config.epoch_interruption(interrupted).consume_fuel(true).portable_dispatch(portable);
        let engine = Engine::new(&config);
        let mut store = Store::new(&engine, 0);
        store.set_fuel(1_000_000_000).unwrap();
        store.set_epoch_deadline(0);
        store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Continue(0)));
        let instance = instance(&mut store, BULK);
        let mut results = Vec::new();
        for (name, inputs) in bulk_calls() {
            let inputs: Vec<Val> = inputs.iter().map(|&input| input.into()).collect();
            let result = call(&mut store, instance, name, &inputs).map_err(|error| error.as_trap_code());
            let hash = call_i32(&mut store, instance, "hash", &[]).unwrap();
            results.push((name, format!("{result:?}"), hash, store.get_fuel().unwrap()));
        }
        results
    };
    let usual = run(false, true);
    assert!(usual.iter().any(|(_, result, ..)| result.contains("OutOfBounds")), "{usual:?}");
    for (interrupted, portable) in [(false, false), (true, false), (true, true)] {
        assert_eq!(usual, run(interrupted, portable));
    }
}

/// Bulk operators over many parts.
const BULK: &str = r#"(module
    (memory (export "memory") 100 200)
    (memory $other 100)
    (table $t 1000000 funcref)
    (table $u 600000 funcref)
    (elem declare func $f)
    (func $f)
    (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
    (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
    (func (export "other") (param i32 i32 i32) (memory.copy $other 0 (local.get 0) (local.get 1) (local.get 2)))
    (func (export "back") (param i32 i32 i32) (memory.copy 0 $other (local.get 0) (local.get 1) (local.get 2)))
    (func (export "table") (param i32 i32 i32)
        (table.fill $t (local.get 0) (ref.func $f) (local.get 2))
        (table.copy $t $t (local.get 1) (local.get 0) (local.get 2))
        (table.copy $u $t (local.get 0) (local.get 1) (local.get 2)))
    (func (export "set") (param $n i32)
        (loop
            (local.set $n (i32.sub (local.get $n) (i32.const 4)))
            (i32.store (local.get $n) (i32.mul (local.get $n) (i32.const 0x9e3779b9)))
            (br_if 0 (local.get $n))))
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "hash") (result i32) (local $i i32) (local $h i32)
        (loop
            (local.set $h (i32.add (i32.mul (local.get $h) (i32.const 31)) (i32.load8_u (local.get $i))))
            (local.set $i (i32.add (local.get $i) (i32.const 4099)))
            (br_if 0 (i32.lt_u (local.get $i) (i32.const 6553600))))
        (local.set $i (i32.const 0))
        (loop
            (local.set $h (i32.add (i32.mul (local.get $h) (i32.const 3))
                (ref.is_null (table.get $u (local.get $i)))))
            (local.set $i (i32.add (local.get $i) (i32.const 997)))
            (br_if 0 (i32.lt_u (local.get $i) (i32.const 600000))))
        (local.get $h)))"#;

fn bulk_calls() -> Vec<(&'static str, Vec<i32>)> {
    let (mega, end) = (1 << 20, 100 << 16);
    vec![
        ("set", vec![end]),
        ("copy", vec![0, 5, 3 * mega]),
        ("copy", vec![7, 0, 3 * mega + 1]),
        ("copy", vec![mega + 1, 0, 3 * mega]),
        ("copy", vec![0, mega + 1, 3 * mega]),
        ("copy", vec![12, 12, 4 * mega]),
        ("copy", vec![end - 5 * mega, 0, 5 * mega + 1]),
        ("fill", vec![1, 77, mega]),
        ("fill", vec![1, 78, mega + 1]),
        ("fill", vec![end - 4 * mega, 79, 4 * mega]),
        ("fill", vec![end - 4 * mega, 80, 4 * mega + 1]),
        ("other", vec![3, 9, 5 * mega]),
        ("back", vec![9, 4, 5 * mega]),
        ("table", vec![0, 300_000, 500_000]),
        ("table", vec![100_000, 3, 300_001]),
        ("table", vec![100_000, 3, 900_001]),
        ("grow", vec![50]),
        ("grow", vec![51]),
    ]
}

/// One operator that takes long ends soon.
#[test]
fn bulk_operators_stop() {
    const WAT: &str = r#"(module (memory 3000) (table 4000000 funcref) (table $u 4000000 funcref)
        (func (export "fill") (loop
            (memory.fill (i32.const 0) (i32.const 1) (i32.const 196000000)) (br 0)))
        (func (export "copy") (loop
            (memory.copy (i32.const 0) (i32.const 98000000) (i32.const 98000000)) (br 0)))
        (func (export "backward") (loop
            (memory.copy (i32.const 1000) (i32.const 0) (i32.const 196000000)) (br 0)))
        (func (export "table_fill") (loop
            (table.fill (i32.const 0) (ref.null func) (i32.const 4000000)) (br 0)))
        (func (export "table_copy") (loop
            (table.copy $u 0 (i32.const 0) (i32.const 0) (i32.const 4000000)) (br 0))))"#;
    for engine in interruptible() {
        let mut store = store(&engine, 0);
        let instance = instance(&mut store, WAT);
        for name in ["fill", "copy", "backward", "table_fill", "table_copy"] {
            store.set_epoch_deadline(1);
            let took = thread::scope(|scope| {
                let (done, ended) = mpsc::channel();
                let (store, engine) = (&mut store, &engine);
                scope.spawn(move || {
                    assert!(is_interrupt(call(store, instance, name, &[])), "{name}");
                    done.send(Instant::now()).unwrap();
                });
                thread::sleep(Duration::from_millis(5));
                engine.increment_epoch();
                let began = Instant::now();
                ended.recv().unwrap().saturating_duration_since(began)
            });
            // A machine that has other things to do may take far longer than it has to.
            assert!(took < Duration::from_secs(1), "{name}: {took:?}");
            println!("{name}: {took:?}");
        }
    }
}

#[test]
fn start_functions_stop() {
    for engine in interruptible() {
        let mut store = store(&engine, ());
        store.set_epoch_deadline(0);
        let linker = Linker::new(&engine);
        assert!(is_interrupt(try_linked(&mut store, &linker, "(module (func $s (loop (br 0))) (start $s))")));
    }
}

/// How often the host function has waited.
static WAITS: AtomicUsize = AtomicUsize::new(0);

#[test]
fn host_functions_ask() {
    for engine in interruptible() {
        let mut store = store(&engine, 0);
        let mut linker = Linker::new(&engine);
        let wait = |mut caller: Caller<'_, i32>| -> Result<(), Error> {
            loop {
                caller.check_interruption()?;
                *caller.data_mut() += 1;
                WAITS.fetch_add(1, Ordering::SeqCst);
                thread::sleep(Duration::from_millis(1));
            }
        };
        linker.func_wrap("host", "wait", wait).unwrap();
        let instance =
            linked(&mut store, &linker, r#"(module (import "host" "wait" (func $w)) (func (export "f") (call $w)))"#);
        store.set_epoch_deadline(1);
        let stopped = thread::scope(|scope| {
            let before = WAITS.load(Ordering::SeqCst);
            let running = scope.spawn(|| is_interrupt(call(&mut store, instance, "f", &[])));
            while WAITS.load(Ordering::SeqCst) == before {
                thread::yield_now();
            }
            engine.increment_epoch();
            running.join().unwrap()
        });
        assert!(stopped && *store.data() >= 1);
        store.interrupt_handle().interrupt();
        store.set_epoch_deadline(100);
        assert!(is_interrupt(call(&mut store, instance, "f", &[])));
        store.set_epoch_deadline(0);
        store.epoch_deadline_callback(|mut ctx| {
            *ctx.data_mut() += 1000;
            if *ctx.data() > 3000 { Err(Error::new("enough")) } else { Ok(UpdateDeadline::Continue(0)) }
        });
        let error = store.as_context_mut().check_interruption().and_then(|()| call(&mut store, instance, "f", &[]));
        assert_eq!(error.unwrap_err().to_string(), "enough");
    }
}

#[test]
fn resumable_calls_stop_for_good() {
    for engine in interruptible() {
        let mut store = store(&engine, 0);
        let instance = endless(&mut store);
        store.set_epoch_deadline(0);
        let func = instance.get_func(&store, "loop").unwrap();
        assert!(is_interrupt(func.call_resumable(&mut store, &[], &mut [])));
        if store.get_fuel().is_ok() {
            store.set_epoch_deadline(1);
            store.set_fuel(50_000).unwrap();
            let call = func.call_resumable(&mut store, &[], &mut []).unwrap();
            let ResumableCall::OutOfFuel(call) = call else { panic!("{call:?}") };
            assert!(store.get_fuel().unwrap() < call.required_fuel());
            engine.increment_epoch();
            store.set_fuel(50_000).unwrap();
            assert!(is_interrupt(call.resume(&mut store, &mut [])));
        }
    }
}

#[test]
fn exceptions_are_caught_between_slices() {
    const WAT: &str = r#"(module (tag $e (param i32))
        (func $throw (param i32) (throw $e (local.get 0)))
        (func (export "catch") (param $n i32) (result i32) (local $sum i32)
            (loop $again
                (local.set $sum (i32.add (local.get $sum)
                    (block $caught (result i32)
                        (try_table (catch $e $caught) (call $throw (local.get $n)))
                        (i32.const 0))))
                (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $sum)))"#;
    for metered in [false, true] {
        let engines = engines_with(|config| {
            config.epoch_interruption(true).consume_fuel(metered).wasm_exceptions(true);
        });
        for engine in engines {
            let mut store = store(&engine, 0);
            let instance = instance(&mut store, WAT);
            store.set_epoch_deadline(0);
            store.epoch_deadline_callback(|mut ctx| {
                *ctx.data_mut() += 1;
                Ok(UpdateDeadline::Continue(0))
            });
            assert_eq!(call_i32(&mut store, instance, "catch", &[10_000]).unwrap(), 50_005_000);
            assert!(*store.data() > 5, "{}", store.data());
            store.epoch_deadline_trap();
            assert!(is_interrupt(call_i32(&mut store, instance, "catch", &[-1])));
        }
    }
}

/// An artefact has to look if the engine does.
#[test]
fn artefacts_look_too() {
    let looking = Engine::new(Config::default().epoch_interruption(true).compilation_mode(CompilationMode::Eager));
    let other = Engine::new(Config::default().compilation_mode(CompilationMode::Eager));
    let wat = r#"(module (func (export "loop") (loop (br 0))))"#;
    let artefact: &'static [u8] = Module::new(&looking, wat).unwrap().serialize().unwrap().leak();
    let module = Module::deserialize_checked(&looking, artefact).unwrap();
    assert!(Module::deserialize_checked(&other, artefact).is_err());
    assert!(Module::deserialize_checked(&looking, Module::new(&other, wat).unwrap().serialize().unwrap()).is_err());
    let mut store = Store::new(&looking, ());
    store.set_epoch_deadline(0);
    let instance = Linker::new(&looking).instantiate_and_start(&mut store, &module).unwrap();
    assert!(is_interrupt(call(&mut store, instance, "loop", &[])));
}

#[test]
fn a_store_can_be_reset() {
    for engine in interruptible() {
        let mut store = store(&engine, 0);
        for _ in 0..3 {
            let instance = endless(&mut store);
            store.set_epoch_deadline(0);
            if store.get_fuel().is_ok() {
                store.set_fuel(1_000_000).unwrap();
            }
            assert!(is_interrupt(run(&mut store, instance, "loop")));
            store.reset();
            store.set_epoch_deadline(u64::MAX);
        }
    }
}

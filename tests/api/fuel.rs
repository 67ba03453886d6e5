//! Fuel: exact, the same in every mode and dispatcher, and its end.

use wasmote::{
    Caller, CompilationMode, Config, CustomFuelCosts, Engine, Error, Extern, Linker, Module, OperatorCost,
    ResumableCall, Store, TrapCode, TypedResumableCall, Val,
    errors::{ErrorKind, FuelError},
};

use crate::{MODES, call, call_i32, engines, engines_with, instance, linked};

/// Engines of all modes and dispatchers.
fn metered() -> Vec<Engine> {
    MODES.iter().flat_map(|&mode| engines_with(|config| meter(config, mode))).collect()
}

fn meter(config: &mut Config, mode: CompilationMode) {
    config.consume_fuel(true).compilation_mode(mode);
}

const WORK: &str = r#"(module (memory (export "memory") 1 10) (table 10 funcref) (global $g (mut i64) (i64.const 0))
    (data $bytes "0123456789") (elem declare func $one)
    (func $one (export "one") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
    (func (export "loop") (param i32) (result i32) (local $sum i32)
        (block $done
            (loop $again
                (br_if $done (i32.eqz (local.get 0)))
                (local.set $sum (i32.add (local.get $sum) (local.get 0)))
                (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
                (br $again)))
        local.get $sum)
    (func $fib (export "fib") (param i32) (result i32)
        (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
            (then (local.get 0))
            (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
    (func (export "table") (param i32) (result i32)
        (block $c (block $b (block $a (br_table $a $b $c (local.get 0)))
            (return (i32.const 10))) (return (i32.mul (i32.const 4) (i32.const 5))))
        (select (i32.const 1) (i32.const 2) (local.get 0)))
    (func (export "bulk") (param i32) (result i32)
        (memory.fill (i32.const 0) (i32.const 7) (local.get 0))
        (memory.copy (i32.const 10) (i32.const 0) (local.get 0))
        (memory.init $bytes (i32.const 0) (i32.const 0) (i32.const 10))
        (table.fill (i32.const 0) (ref.func $one) (i32.const 10))
        (drop (memory.grow (i32.const 1)))
        (call_indirect (param i32) (result i32) (local.get 0) (i32.const 9)))
    (func (export "count") (param i32) (result i32)
        (loop $again
            (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
            (global.set $g (i64.add (global.get $g) (i64.const 1)))
            (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (i32.add (i32.load (i32.const 0)) (i32.wrap_i64 (global.get $g)))))"#;

const CALLS: &[(&str, i32, i32)] = &[
    ("one", 1, 2),
    ("loop", 100, 5050),
    ("fib", 12, 144),
    ("table", 0, 10),
    ("table", 1, 20),
    ("table", 7, 1),
    ("bulk", 1000, 1001),
    ("count", 50, 100),
];

/// Returns the fuel that a call consumes.
fn cost(store: &mut Store<()>, instance: wasmote::Instance, name: &str, input: i32) -> Result<u64, Error> {
    let before = store.get_fuel()?;
    call_i32(store, instance, name, &[input])?;
    Ok(before - store.get_fuel()?)
}

#[test]
fn the_same_everywhere() {
    let costs: Vec<Vec<u64>> = metered()
        .iter()
        .map(|engine| {
            let mut store = Store::new(engine, ());
            store.set_fuel(1_000_000).unwrap();
            let instance = instance(&mut store, WORK);
            CALLS.iter().map(|&(name, input, _)| cost(&mut store, instance, name, input).unwrap()).collect()
        })
        .collect();
    for other in &costs {
        assert_eq!(*other, costs[0]);
    }
    assert_eq!(costs[0][0], 3, "two operands and an addition");
    // Each iteration, including the last one, is charged as a whole at its start.
    assert_eq!(costs[0][1], 101 * 12 + 1);
}

#[test]
fn exactly_enough_is_enough() {
    for engine in metered() {
        for &(name, input, expected) in CALLS {
            let fresh = |fuel: u64| {
                let mut store = Store::new(&engine, ());
                let instance = instance(&mut store, WORK);
                store.set_fuel(fuel).unwrap();
                (store, instance)
            };
            let (mut store, instance) = fresh(1_000_000);
            let cost = cost(&mut store, instance, name, input).unwrap();
            let (mut store, instance) = fresh(cost);
            assert_eq!(call_i32(&mut store, instance, name, &[input]).unwrap(), expected, "{name}");
            assert_eq!(store.get_fuel().unwrap(), 0);
            for fuel in [0, cost / 2, cost - 1] {
                let (mut store, instance) = fresh(fuel);
                let error = call_i32(&mut store, instance, name, &[input]).unwrap_err();
                assert_eq!(error.as_trap_code(), Some(TrapCode::OutOfFuel), "{name} with {fuel} of {cost}");
                assert!(store.get_fuel().unwrap() <= fuel);
                store.set_fuel(100_000).unwrap();
                call_i32(&mut store, instance, "one", &[1]).unwrap();
            }
        }
    }
}

#[test]
fn bulk_operators_cost_by_their_bytes() {
    for engine in metered() {
        let mut store = Store::new(&engine, ());
        store.set_fuel(1_000_000).unwrap();
        let instance = instance(
            &mut store,
            r#"(module (memory 1)
                (func (export "fill") (param i32) (result i32)
                    (memory.fill (i32.const 0) (i32.const 1) (local.get 0)) local.get 0))"#,
        );
        let mut cost = |bytes| cost(&mut store, instance, "fill", bytes).unwrap();
        let nothing = cost(0);
        assert_eq!(cost(6400), nothing + 100);
        assert_eq!(cost(64_000), nothing + 1000);
    }
}

/// An operator of bulk that lacks fuel has done nothing or a part of its work, and does the rest when it goes on.
#[test]
fn bulk_operators_go_on_wherever_fuel_ends() {
    for engine in metered() {
        let module = Module::new(&engine, WORK).unwrap();
        let run = |fuel: u64| {
            let mut store = Store::new(&engine, ());
            let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
            store.set_fuel(fuel).unwrap();
            let mut outputs = [Val::I32(0)];
            let func = instance.get_func(&store, "bulk").unwrap();
            let mut state = func.call_resumable(&mut store, &[Val::I32(1000)], &mut outputs).unwrap();
            let was_interrupted = matches!(state, ResumableCall::OutOfFuel(_));
            while let ResumableCall::OutOfFuel(call) = state {
                store.set_fuel(call.required_fuel()).unwrap();
                state = call.resume(&mut store, &mut outputs).unwrap();
            }
            assert!(matches!(state, ResumableCall::Finished), "{fuel}");
            let memory = instance.get_memory(&store, "memory").unwrap();
            (was_interrupted, outputs[0].i32(), memory.data(&store)[..2000].to_vec(), memory.size(&store))
        };
        let (was_interrupted, result, bytes, pages) = run(1_000_000);
        assert!(!was_interrupted);
        let mut fuel = 0;
        loop {
            let other = run(fuel);
            assert_eq!((other.1, &other.2, other.3), (result, &bytes, pages), "{fuel}");
            if !other.0 {
                break;
            }
            // Each amount where the operators are, fewer where the memory grows.
            fuel += 1 + fuel / 50;
        }
        assert!(fuel > 40, "{fuel}");
    }
}

#[test]
fn translation_is_charged_when_the_embedder_asks() {
    for mode in MODES {
        for engine in engines_with(|config| meter(config, mode)) {
            let mut store = Store::new(&engine, ());
            let module = Module::new(&engine, WORK).unwrap();
            let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
            store.set_fuel(1_000_000).unwrap();
            assert_eq!(cost(&mut store, instance, "one", 1).unwrap(), 3, "the first call");
            assert_eq!(cost(&mut store, instance, "one", 1).unwrap(), 3);
            let costs = CustomFuelCosts::default();
            let fuel = module.translation_fuel();
            assert_eq!(fuel % 9, 0, "two units for validation and seven for translation of each byte");
            assert_eq!(fuel, costs.fuel_for_validating_bytes(fuel / 9) + costs.fuel_for_translating_bytes(fuel / 9));
            assert_eq!(fuel / 9, 197, "the bytes of the bodies, in every mode");
            let left = store.get_fuel().unwrap();
            assert_eq!(store.consume_fuel(fuel).unwrap(), left - fuel);
            store.set_fuel(fuel - 1).unwrap();
            let error = store.consume_fuel(fuel).unwrap_err();
            assert_eq!(error.as_trap_code(), Some(TrapCode::OutOfFuel));
            assert_eq!(store.get_fuel().unwrap(), fuel - 1, "nothing is taken");
        }
    }
}

#[test]
fn costs_of_operators_can_be_chosen() {
    let mut cost = OperatorCost::default();
    (cost.i32_add, cost.local_get, cost.i32_const) = (100, 0, 10);
    for engine in engines_with(|config| {
        meter(config, CompilationMode::Eager);
        config.operator_cost(cost);
    }) {
        let mut store = Store::new(&engine, ());
        let instance = instance(&mut store, WORK);
        store.set_fuel(1000).unwrap();
        call_i32(&mut store, instance, "one", &[1]).unwrap();
        assert_eq!(store.get_fuel().unwrap(), 890);
    }
}

#[test]
fn without_metering_there_is_no_fuel() {
    for engine in engines() {
        let mut store = Store::new(&engine, ());
        assert!(matches!(store.get_fuel().unwrap_err().kind(), ErrorKind::Fuel(FuelError::FuelMeteringDisabled)));
        assert!(store.set_fuel(1).is_err());
        let instance = instance(&mut store, WORK);
        assert_eq!(call_i32(&mut store, instance, "fib", &[12]).unwrap(), 144);
    }
}

#[test]
fn host_functions_see_and_set_it() {
    for engine in metered() {
        let mut store = Store::new(&engine, vec![]);
        store.set_fuel(1000).unwrap();
        let mut linker = Linker::new(&engine);
        linker
            .func_wrap("host", "look", |mut caller: Caller<'_, Vec<u64>>| -> Result<(), Error> {
                let fuel = caller.get_fuel()?;
                caller.data_mut().push(fuel);
                Ok(())
            })
            .unwrap();
        linker.func_wrap("host", "set", |mut caller: Caller<'_, Vec<u64>>, fuel: u64| caller.set_fuel(fuel)).unwrap();
        linker
            .func_wrap("host", "inner", |mut caller: Caller<'_, Vec<u64>>| -> Result<(), Error> {
                let func = caller.get_export("inner").and_then(Extern::into_func).ok_or(Error::new("no function"))?;
                let before = caller.get_fuel()?;
                func.call(&mut caller, &[], &mut [])?;
                let used = before - caller.get_fuel()?;
                caller.data_mut().push(used);
                Ok(())
            })
            .unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module (import "host" "look" (func $look)) (import "host" "set" (func $set (param i64)))
                (import "host" "inner" (func $inner)) (global $g (mut i32) (i32.const 0))
                (func (export "inner") (global.set $g (i32.const 1)))
                (func (export "run") (result i32)
                    call $look
                    call $inner
                    call $look
                    (call $set (i64.const 500))
                    call $look
                    (block (br_if 0 (global.get $g)) unreachable)
                    call $look
                    global.get $g)
                (func (export "starve") (result i32)
                    (call $set (i64.const 2))
                    (block (br_if 0 (i32.eqz (global.get $g))))
                    (block (br_if 0 (i32.eqz (global.get $g))))
                    (block (br_if 0 (i32.eqz (global.get $g))))
                    (loop $forever (br_if $forever (global.get $g)))
                    (i32.const 1)))"#,
        );
        assert_eq!(call_i32(&mut store, instance, "run", &[]).unwrap(), 1);
        let seen = store.data().clone();
        assert_eq!(seen.len(), 5, "{seen:?}");
        assert_eq!(seen[1], 2, "what the inner call costs");
        assert!(seen[0] <= 1000 && seen[2] <= seen[0] - 2 && seen[2] > 900, "{seen:?}");
        assert!(seen[3] <= 500 && seen[4] <= seen[3] && seen[4] > 480, "{seen:?}");
        let error = call_i32(&mut store, instance, "starve", &[]).unwrap_err();
        assert_eq!(error.as_trap_code(), Some(TrapCode::OutOfFuel));
    }
}

#[test]
fn inner_calls_run_out_of_the_same_fuel() {
    for engine in metered() {
        let mut store = Store::new(&engine, ());
        store.set_fuel(100).unwrap();
        let mut linker = Linker::new(&engine);
        linker
            .func_wrap("host", "inner", |mut caller: Caller<'_, ()>| -> Result<i32, Error> {
                let func = caller.get_export("forever").and_then(Extern::into_func).ok_or(Error::new("no function"))?;
                let error = func.call(&mut caller, &[], &mut []).unwrap_err();
                assert_eq!(error.as_trap_code(), Some(TrapCode::OutOfFuel));
                caller.set_fuel(50)?;
                Ok(1)
            })
            .unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module (import "host" "inner" (func $inner (result i32)))
                (func (export "forever") (loop $l (br $l)))
                (func (export "run") (result i32) (i32.add (call $inner) (call $inner))))"#,
        );
        assert_eq!(call_i32(&mut store, instance, "run", &[]).unwrap(), 2);
    }
}

#[test]
fn calls_go_on_after_refuelling() {
    for engine in metered() {
        for &(name, input, expected) in CALLS {
            let mut store = Store::new(&engine, ());
            store.set_fuel(1_000_000).unwrap();
            let whole = instance(&mut store, WORK);
            let cost = cost(&mut store, whole, name, input).unwrap();
            let parts = instance(&mut store, WORK);
            store.set_fuel(0).unwrap();
            let func = parts.get_func(&store, name).unwrap();
            let mut outputs = [Val::I32(0)];
            let mut state = func.call_resumable(&mut store, &[Val::I32(input)], &mut outputs).unwrap();
            let (mut given, mut rounds) = (0, 0);
            while let ResumableCall::OutOfFuel(call) = state {
                let left = store.get_fuel().unwrap();
                assert!(call.required_fuel() > left, "{name}: {} {left}", call.required_fuel());
                store.set_fuel(call.required_fuel()).unwrap();
                given += call.required_fuel() - left;
                rounds += 1;
                state = call.resume(&mut store, &mut outputs).unwrap();
            }
            assert!(matches!(state, ResumableCall::Finished));
            assert_eq!(outputs[0].i32(), Some(expected), "{name}");
            assert_eq!(given - store.get_fuel().unwrap(), cost, "{name}: nothing is charged twice");
            assert!(rounds >= 1);
            assert_eq!(
                call(&mut store, parts, "one", &[Val::I32(1)]).map(drop).is_err(),
                store.get_fuel().unwrap() < 3
            );
        }
    }
}

#[test]
fn resuming_without_fuel_stops_again() {
    for engine in metered() {
        let mut store = Store::new(&engine, ());
        let instance = instance(&mut store, WORK);
        let count = instance.get_typed_func::<i32, i32>(&store, "count").unwrap();
        let mut state = count.call_resumable(&mut store, 5).unwrap();
        for _ in 0..3 {
            let TypedResumableCall::OutOfFuel(call) = state else { panic!("{state:?}") };
            state = call.resume(&mut store).unwrap();
        }
        assert!(matches!(state, TypedResumableCall::OutOfFuel(_)));
        store.set_fuel(1000).unwrap();
        let TypedResumableCall::OutOfFuel(call) = state else { panic!("{state:?}") };
        let TypedResumableCall::Finished(result) = call.resume(&mut store).unwrap() else { panic!("not finished") };
        assert_eq!(result, 10);
        // A call that is dropped leaves the store usable.
        store.set_fuel(10).unwrap();
        drop(count.call_resumable(&mut store, 5).unwrap());
        store.set_fuel(1000).unwrap();
        call_i32(&mut store, instance, "count", &[5]).unwrap();
    }
}

#[test]
fn out_of_fuel_below_a_host_function_is_an_error() {
    for engine in metered() {
        let mut store = Store::new(&engine, ());
        store.set_fuel(60).unwrap();
        let mut linker = Linker::new(&engine);
        linker
            .func_wrap("host", "inner", |mut caller: Caller<'_, ()>| -> Result<i32, Error> {
                let func = caller.get_export("forever").and_then(Extern::into_func).ok_or(Error::new("no function"))?;
                func.typed::<(), i32>(&caller)?.call(&mut caller, ())
            })
            .unwrap();
        let instance = linked(
            &mut store,
            &linker,
            r#"(module (import "host" "inner" (func $inner (result i32)))
                (func (export "forever") (result i32) (loop $l (br $l)) (i32.const 1))
                (func (export "run") (result i32) (i32.add (call $inner) (i32.const 1))))"#,
        );
        let run = instance.get_typed_func::<(), i32>(&store, "run").unwrap();
        // The inner call cannot be resumed, so its error becomes that of the host function.
        let TypedResumableCall::HostTrap(call) = run.call_resumable(&mut store, ()).unwrap() else {
            panic!("the host function failed");
        };
        assert_eq!(call.host_error().as_trap_code(), Some(TrapCode::OutOfFuel));
        store.set_fuel(100).unwrap();
        let TypedResumableCall::Finished(result) = call.resume(&mut store, &[Val::I32(5)]).unwrap() else {
            panic!("not finished");
        };
        assert_eq!(result, 6);
    }
}

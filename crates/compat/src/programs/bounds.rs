//! Limits, fuel, and resumable calls.

use super::super::engine::{
    CompilationMode, Config, CustomFuelCosts, Engine, Error, Linker, Module, ResumableCall, Store, StoreLimits,
    StoreLimitsBuilder, TypedFunc, TypedResumableCall, Val,
    errors::{ErrorKind, FuelError, FuncError, InstantiationError},
};

/// Limits of the resources of a store.
pub(super) fn limits() -> Result<String, Error> {
    let engine = Engine::default();
    let wasm = r#"(module (memory 1) (table $t 1 funcref)
        (func (export "memory") (param i32) (result i32) (memory.grow (local.get 0)))
        (func (export "table") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0))))"#;
    let module = Module::new(&engine, wasm)?;
    let mut report = String::new();
    for trap in [false, true] {
        let limits = StoreLimitsBuilder::new()
            .memory_size(3 << 16)
            .table_elements(4)
            .instances(2)
            .memories(2)
            .tables(2)
            .trap_on_grow_failure(trap)
            .build();
        let mut store: Store<StoreLimits> = Store::new(&engine, limits);
        store.limiter(|limits| limits);
        let linker = Linker::new(&engine);
        let instance = linker.instantiate_and_start(&mut store, &module)?;
        for name in ["memory", "table"] {
            let grow = instance.get_typed_func::<i32, i32>(&store, name)?;
            for delta in [2, 1, 0, 9, 100] {
                match grow.call(&mut store, delta) {
                    Ok(before) => report.push_str(&format!("{before} ")),
                    Err(error) => report.push_str(&format!("{:?} ", error.as_trap_code())),
                }
            }
        }
        linker.instantiate_and_start(&mut store, &module)?;
        let error = linker.instantiate_and_start(&mut store, &module).map(drop).unwrap_err();
        let third = matches!(error.kind(), ErrorKind::Instantiation(InstantiationError::TooManyInstances));
        report.push_str(&format!("{third}; "));
    }
    Ok(report)
}

const COUNT: &str = r#"(module
    (memory 1)
    (func (export "count") (param i32) (result i32) (local $sum i32)
        (loop $again
            (local.set $sum (i32.add (local.get $sum) (local.get 0)))
            (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
            (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (i32.add (local.get $sum) (i32.load (i32.const 0))))
    (func (export "fill") (param i32) (result i32)
        (memory.fill (i32.const 0) (i32.const 1) (local.get 0)) (i32.load (i32.const 0))))"#;

/// Returns an engine that charges fuel for execution, not for translation.
fn metered() -> Engine {
    let mut config = Config::default();
    config.consume_fuel(true).compilation_mode(CompilationMode::Eager).fuel_cost(CustomFuelCosts {
        fuel_per_bytes_translated: 0,
        fuel_per_bytes_validated: 0,
        bytes_copied_per_fuel: 64,
    });
    Engine::new(&config)
}

/// Fuel, which bounds the run time.
pub(super) fn fuel() -> Result<String, Error> {
    let engine = metered();
    let module = Module::new(&engine, COUNT)?;
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
    let mut report = String::new();
    for (name, input) in [("count", 10), ("count", 1000), ("fill", 0), ("fill", 6400), ("fill", 65536)] {
        let func: TypedFunc<i32, i32> = instance.get_typed_func(&store, name)?;
        store.set_fuel(1_000_000)?;
        let result = func.call(&mut store, input)?;
        let used = 1_000_000 - store.get_fuel()?;
        // The engines differ in the cost of an operator. Bulk operators cost the same for each byte.
        let bulk = used / 64;
        let used = if name == "fill" { bulk } else { u64::from(used > 100) };
        report.push_str(&format!("{name} {result} for {used}; "));
    }
    let count = instance.get_typed_func::<i32, i32>(&store, "count")?;
    store.set_fuel(50)?;
    let error = count.call(&mut store, 1000).unwrap_err();
    report.push_str(&format!("{:?}", error.as_trap_code()));
    let unmetered = Store::new(&Engine::default(), ());
    let error = unmetered.get_fuel().unwrap_err();
    Ok(format!("{report} {}", matches!(error.kind(), ErrorKind::Fuel(FuelError::FuelMeteringDisabled))))
}

/// A call that a host function interrupts, for instance to wait for something.
pub(super) fn resumable() -> Result<String, Error> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "wait", |ticket: i32| -> Result<i32, Error> { Err(Error::i32_exit(ticket)) })?;
    let module = Module::new(
        &engine,
        r#"(module (import "host" "wait" (func $wait (param i32) (result i32)))
            (export "direct" (func $wait))
            (func (export "run") (param i32) (result i32 i64)
                (i32.add (call $wait (local.get 0)) (call $wait (i32.add (local.get 0) (i32.const 1))))
                (i64.const 7)))"#,
    )?;
    let instance = linker.instantiate_and_start(&mut store, &module)?;
    let mut report = String::new();
    let run = instance.get_typed_func::<i32, (i32, i64)>(&store, "run")?;
    let mut state = run.call_resumable(&mut store, 5)?;
    loop {
        match state {
            TypedResumableCall::Finished(results) => {
                report.push_str(&format!("{results:?}; "));
                break;
            }
            TypedResumableCall::HostTrap(call) => {
                let ticket = call.host_error().i32_exit_status().unwrap_or(-1);
                report.push_str(&format!("{ticket} {:?}; ", call.host_func().ty(&store).results()));
                state = call.resume(&mut store, &[Val::I32(ticket * 100)])?;
            }
            TypedResumableCall::OutOfFuel(_) => return Err(Error::new("fuel is not metered")),
        }
    }
    let run = instance.get_func(&store, "run").ok_or(FuncError::ExportedFuncNotFound)?;
    let mut outputs = [Val::I32(0), Val::I64(0)];
    let ResumableCall::HostTrap(call) = run.call_resumable(&mut store, &[Val::I32(1)], &mut outputs)? else {
        return Err(Error::new("not interrupted"));
    };
    let error = call.resume(&mut store, &[Val::I64(1)], &mut outputs).map(drop).unwrap_err();
    report.push_str(&format!("{}; ", matches!(error.kind(), ErrorKind::Func(_))));
    let direct = instance.get_typed_func::<i32, i32>(&store, "direct")?;
    match direct.call_resumable(&mut store, 3) {
        Ok(_) => report.push_str("a call of the host function itself can be resumed"),
        Err(error) => report.push_str(&format!("{:?}", error.i32_exit_status())),
    }
    Ok(report)
}

/// A call that is resumed with new fuel.
pub(super) fn resumable_fuel() -> Result<String, Error> {
    let engine = metered();
    let module = Module::new(&engine, COUNT)?;
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module)?;
    let count = instance.get_typed_func::<i32, i32>(&store, "count")?;
    store.set_fuel(100)?;
    let mut state = count.call_resumable(&mut store, 100)?;
    let mut rounds = 0;
    loop {
        match state {
            TypedResumableCall::Finished(result) => return Ok(format!("{result} {}", rounds > 10)),
            TypedResumableCall::OutOfFuel(call) => {
                rounds += 1;
                let fuel = store.get_fuel()? + 100;
                assert!(call.required_fuel() <= fuel);
                store.set_fuel(fuel)?;
                state = call.resume(&mut store)?;
            }
            TypedResumableCall::HostTrap(_) => return Err(Error::new("there is no host function")),
        }
    }
}

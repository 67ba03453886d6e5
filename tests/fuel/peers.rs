//! The schedules that reproduce numbers of `wasmi`, beside `wasmi` itself.

use wasmote::{Engine, FuelCosts, FuelSchedule};

use crate::{FUEL, Program, kernels, metered, programs, run};

/// Returns the fuel of `run` in `wasmi` 2.0.
fn fuel_of_wasmi_2(program: &Program) -> u64 {
    use wasmi::{CompilationMode, Config, Engine, Linker, Module, Store};
    let mut config = Config::default();
    config.consume_fuel(true).compilation_mode(CompilationMode::Eager);
    let engine = Engine::new(&config);
    let module = Module::new(&engine, &program.wasm).unwrap();
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "mix", kernels::mix).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
    let func = instance.get_typed_func::<i32, i64>(&store, "run").unwrap();
    store.set_fuel(FUEL).unwrap();
    func.call(&mut store, program.n).unwrap();
    FUEL - store.get_fuel().unwrap()
}

/// Returns the fuel of `run` in `wasmi` 0.31.
fn fuel_of_wasmi_0_31(program: &Program) -> u64 {
    use wasmi_0_31::{Config, Engine, Linker, Module, Store};
    let mut config = Config::default();
    config.consume_fuel(true).wasm_tail_call(true);
    let engine = Engine::new(&config);
    let module = Module::new(&engine, &program.wasm[..]).unwrap();
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "mix", kernels::mix).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module).unwrap().start(&mut store).unwrap();
    let func = instance.get_typed_func::<i32, i64>(&store, "run").unwrap();
    store.add_fuel(FUEL).unwrap();
    func.call(&mut store, program.n).unwrap();
    store.fuel_consumed().unwrap()
}

/// Compares the fuel of all programs with that of a peer.
fn compare(schedule: FuelSchedule, peer: fn(&Program) -> u64) {
    let engine = Engine::new(&metered(schedule));
    let mut failures = Vec::new();
    for program in programs() {
        let (_, _, ours) = run(&engine, &program).unwrap();
        let theirs = peer(&program);
        if ours != theirs {
            failures.push(format!("{}: {ours} here, {theirs} there", program.name));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn fuel_is_that_of_wasmi_2() {
    compare(FuelSchedule::Wasmi2, fuel_of_wasmi_2);
}

#[test]
fn fuel_is_that_of_wasmi_0_31() {
    compare(FuelSchedule::Wasmi0_31(FuelCosts::default()), fuel_of_wasmi_0_31);
}

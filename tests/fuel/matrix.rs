//! Execution fuel depends on the Wasm code alone: not on the compilation mode, the dispatcher, fused ops, the thread or who
//! calls first. These are 24 combinations: three modes, two dispatchers, with and without fused ops, on the thread that made the
//! module and on another one. `ci/targets.sh` runs the same on other targets.

use std::{
    hash::{DefaultHasher, Hasher},
    sync::Barrier,
    thread,
};

use wasmote::{
    CompilationMode, Config, Dispatch, Engine, FuelCosts, FuelSchedule, Linker, Module, Store, TrapCode,
    TypedResumableCall,
};

use crate::{FUEL, Program, kernels, metered, programs, run};

const SCHEDULES: [FuelSchedule; 3] = [
    FuelSchedule::V1,
    FuelSchedule::Wasmi2,
    FuelSchedule::Wasmi0_31(FuelCosts { base: 1, entity: 3, load: 2, store: 1, call: 67 }),
];

/// Returns an engine for each way to run code by a schedule.
fn engines(schedule: FuelSchedule) -> Vec<Engine> {
    let modes = [CompilationMode::Eager, CompilationMode::LazyTranslation, CompilationMode::Lazy];
    let mut engines = Vec::new();
    for mode in modes {
        for portable in [false, true] {
            for fused in [true, false] {
                let mut config: Config = metered(schedule);
                config.compilation_mode(mode).portable_dispatch(portable).fused_ops(fused);
                let engine = Engine::new(&config);
                // Builds with debug assertions have the loop-switch alone.
                if portable || engine.dispatch() == Dispatch::Threaded {
                    engines.push(engine);
                }
            }
        }
    }
    engines
}

/// Does the same on this thread and on another one.
fn on_two_threads<T: Send>(work: impl Fn() -> T + Sync) -> [T; 2] {
    thread::scope(|scope| {
        let other = scope.spawn(&work);
        [work(), other.join().unwrap()]
    })
}

#[test]
fn there_are_24_combinations() {
    let dispatchers = if Engine::new(&Config::default()).dispatch() == Dispatch::Threaded { 2 } else { 1 };
    let combinations = engines(FuelSchedule::V1).len() * on_two_threads(|| ()).len();
    assert_eq!(combinations, 12 * dispatchers);
}

#[test]
fn the_fuel_is_the_same_however_code_runs() {
    for program in programs() {
        for schedule in SCHEDULES {
            let engines = engines(schedule);
            let costs = engines.iter().flat_map(|engine| on_two_threads(|| run(engine, &program).unwrap()));
            let costs: Vec<_> = costs.collect();
            assert!(costs.iter().all(|cost| *cost == costs[0]), "{}, {schedule:?}: {costs:?}", program.name);
        }
    }
}

/// Where a call that gets `fuel` stops: the required and the remaining fuel, and the pages of its memory at that time,
/// for every interruption on the way to the end.
fn interruptions(engine: &Engine, program: &Program, fuel: u64) -> Vec<(u64, u64, u64)> {
    let module = Module::new(engine, &program.wasm).unwrap();
    let mut linker = Linker::new(engine);
    linker.func_wrap("host", "mix", kernels::mix).unwrap();
    let mut store = Store::new(engine, ());
    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
    let memory = instance.exports(&store).find_map(wasmote::Export::into_memory);
    let func = instance.get_typed_func::<i32, i64>(&store, "run").unwrap();
    store.set_fuel(fuel).unwrap();
    let mut stops = Vec::new();
    let mut call = func.call_resumable(&mut store, program.n).unwrap();
    while let TypedResumableCall::OutOfFuel(interrupted) = call {
        let left = store.get_fuel().unwrap();
        let digest = memory.map_or(0, |memory| {
            let hasher = &mut DefaultHasher::new();
            hasher.write(memory.data(&store));
            hasher.finish()
        });
        stops.push((interrupted.required_fuel(), left, digest));
        let next = if stops.len() < 10 { interrupted.required_fuel() } else { FUEL };
        store.set_fuel(next).unwrap();
        call = interrupted.resume(&mut store).unwrap();
    }
    assert!(matches!(call, TypedResumableCall::Finished(_)));
    stops
}

#[test]
fn the_operator_that_lacks_fuel_is_the_same() {
    for program in programs() {
        for schedule in SCHEDULES {
            let engines = engines(schedule);
            let (_, _, whole) = run(&engines[0], &program).unwrap();
            for fuel in [0, whole / 2 + 1, whole - 1] {
                let first = interruptions(&engines[0], &program, fuel);
                assert!(!first.is_empty());
                for engine in &engines {
                    for stops in on_two_threads(|| interruptions(engine, &program, fuel)) {
                        assert_eq!(first, stops, "{}, {schedule:?}, {fuel} of {whole}", program.name);
                    }
                }
            }
        }
    }
}

#[test]
fn threads_that_share_a_module_pay_the_same() {
    const THREADS: usize = 8;
    for mode in [CompilationMode::Lazy, CompilationMode::LazyTranslation, CompilationMode::Eager] {
        for program in programs() {
            let engine = Engine::new(metered(FuelSchedule::V1).compilation_mode(mode));
            let module = Module::new(&engine, &program.wasm).unwrap();
            let barrier = Barrier::new(THREADS);
            let work = || {
                let mut store = Store::new(&engine, ());
                let mut linker = Linker::new(&engine);
                linker.func_wrap("host", "mix", kernels::mix).unwrap();
                let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
                let func = instance.get_typed_func::<i32, i64>(&store, "run").unwrap();
                store.set_fuel(FUEL).unwrap();
                barrier.wait();
                func.call(&mut store, program.n).unwrap();
                FUEL - store.get_fuel().unwrap()
            };
            let costs: Vec<u64> = thread::scope(|scope| {
                let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            assert!(costs.iter().all(|cost| *cost == costs[0]), "{}: {costs:?}", program.name);
        }
    }
}

/// Returns the code of all functions without the amounts of fuel.
fn code(engine: &Engine, program: &Program) -> Vec<String> {
    let module = Module::new(engine, &program.wasm).unwrap();
    let line = |line: &str| match line.find("consume_fuel") {
        Some(at) => line[..at + "consume_fuel".len()].to_string(),
        None => line.to_string(),
    };
    // Imported functions have no code.
    (0..100)
        .filter_map(|func| module.disassemble(func).ok())
        .map(|text| text.lines().map(line).collect::<Vec<_>>().join("\n"))
        .collect()
}

#[test]
fn the_time_of_metering_does_not_depend_on_the_numbers() {
    let mut engines = SCHEDULES.map(|schedule| Engine::new(&metered(schedule))).to_vec();
    let mut costs = FuelSchedule::V1.operator_cost();
    (costs.i32_add, costs.local_get, costs.loop_, costs.call) = (255, 0, 200, 0);
    engines.push(Engine::new(metered(FuelSchedule::V1).operator_cost(costs)));
    for program in programs() {
        let first = code(&engines[0], &program);
        assert!(first.iter().any(|code| code.contains("consume_fuel")), "{first:?}");
        for engine in &engines[1..] {
            assert!(code(engine, &program) == first, "{}", program.name);
        }
    }
}

#[test]
fn instantiation_is_not_charged_before_the_store_has_fuel() {
    for schedule in SCHEDULES {
        let engine = Engine::new(&metered(schedule));
        let module = Module::new(&engine, "(module (memory 64) (table 1000 funcref))").unwrap();
        let expected = if schedule == FuelSchedule::V1 { (64 * 65536 + 1000 * 8 + 2 * 8) / 64 } else { 0 };
        assert_eq!(module.instantiation_fuel(), expected);
        let linker = Linker::new(&engine);
        let mut store = Store::new(&engine, ());
        linker.instantiate_and_start(&mut store, &module).unwrap();
        store.set_fuel(expected + 5).unwrap();
        linker.instantiate_and_start(&mut store, &module).unwrap();
        assert_eq!(store.get_fuel().unwrap(), 5);
        if expected > 0 {
            let error = linker.instantiate_and_start(&mut store, &module).unwrap_err();
            assert_eq!(error.as_trap_code(), Some(TrapCode::OutOfFuel));
            assert_eq!(store.get_fuel().unwrap(), 5);
        }
    }
}

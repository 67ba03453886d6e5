//! Compares the fuel of programs in `wasmi` 2.0 and 0.31 with that of the schedules that reproduce their numbers.
//!
//! A program gets functions of the host that do nothing and return 0, except that those for descriptors fail, so that every engine
//! runs the same code. Prints a table: program and function, how the call ended, and the fuel in `wasmi` and here, for each
//! version. Exits with status 1 if a number differs.

use std::{collections::BTreeMap, process::ExitCode};

use wasmote::FuelSchedule;
use wasmote_programs::{catalog, unless_offline};

/// The fuel of a call.
const FUEL: u64 = 5_000_000;

/// The greatest number of functions of a program that are called.
const CALLS: usize = 8;

/// What a call did: how it ended, and the fuel that it consumed.
type Call = (&'static str, u64);

/// What a host function returns as each of its integers: an error number for functions of files, or success.
fn answer(name: &str) -> i32 {
    if name.starts_with("fd_") || name.starts_with("path_") { 8 } else { 0 }
}

/// Defines a function that calls exported functions without parameters of a module, each in a store of its own, and returns what
/// each did; or says why the module cannot be run.
macro_rules! runner {
    ($name:ident($engine:ident: $module_of:ident) give($store:ident) $give:expr; consumed $consumed:expr;
        start($linker:ident, $module:ident) $start:expr
    ) => {
        fn $name($engine: &$module_of::Engine, bytes: &[u8]) -> Result<BTreeMap<String, Call>, String> {
            use $module_of::{Error, ExternType, Func, Linker, Module, Store, Val};
            let $module = Module::new($engine, bytes).map_err(|error| error.to_string())?;
            let exports = $module.exports();
            let funcs = exports.filter(|export| export.ty().func().is_some_and(|ty| ty.params().is_empty()));
            let mut names: Vec<_> = funcs.map(|export| export.name().to_owned()).collect();
            names.sort();
            names.truncate(CALLS);
            let mut calls = BTreeMap::new();
            for name in names {
                let mut $store = Store::new($engine, ());
                let mut $linker = <Linker<()>>::new($engine);
                for import in $module.imports() {
                    let ExternType::Func(ty) = import.ty() else {
                        return Err(format!("{} is no function", import.name()));
                    };
                    let (answer, ends) = (answer(import.name()), import.name() == "proc_exit");
                    let func = Func::new(&mut $store, ty.clone(), move |_, _, results: &mut [Val]| {
                        for result in results {
                            if matches!(result, Val::I32(_)) {
                                *result = Val::I32(answer);
                            }
                        }
                        if ends { Err(Error::i32_exit(0)) } else { Ok(()) }
                    });
                    $linker.define(import.module(), import.name(), func).map_err(|error| error.to_string())?;
                }
                $give;
                let instance = $start.map_err(|error| error.to_string())?;
                let func = instance.get_func(&$store, &name).ok_or("an export is gone")?;
                let mut results = vec![Val::I32(0); func.ty(&$store).results().len()];
                let before: u64 = $consumed;
                let outcome = func.call(&mut $store, &[], &mut results);
                let consumed = $consumed - before;
                let ending = match outcome {
                    Ok(()) => "done",
                    // Which operator lacks fuel is compared by `tests/fuel`.
                    Err(error) if error.to_string().contains("fuel") => "no fuel",
                    Err(_) => "trap",
                };
                calls.insert(name, (ending, if ending == "no fuel" { FUEL } else { consumed }));
            }
            Ok(calls)
        }
    };
}

/// `wasmi` 0.31 with the names of later versions.
mod wasmi_old {
    pub(crate) use wasmi_0_31::{Config, Engine, ExternType, Func, Linker, Module, Store, Value as Val};

    /// Ends a program.
    pub(crate) struct Error;

    impl Error {
        pub(crate) fn i32_exit(status: i32) -> wasmi_0_31::core::Trap {
            wasmi_0_31::core::Trap::i32_exit(status)
        }
    }
}

runner!(here(engine: wasmote) give(store) store.set_fuel(FUEL).unwrap(); consumed FUEL - store.get_fuel().unwrap();
    start(linker, module) linker.instantiate_and_start(&mut store, &module));
runner!(in_2_0(engine: wasmi) give(store) store.set_fuel(FUEL).unwrap(); consumed FUEL - store.get_fuel().unwrap();
    start(linker, module) linker.instantiate_and_start(&mut store, &module));
runner!(in_0_31(engine: wasmi_old) give(store) store.add_fuel(FUEL).unwrap(); consumed store.fuel_consumed().unwrap();
    start(linker, module) linker.instantiate(&mut store, &module).and_then(|instance| instance.start(&mut store)));

/// Returns an engine with a schedule.
fn with(schedule: FuelSchedule) -> wasmote::Engine {
    wasmote::Engine::new(wasmote::Config::default().consume_fuel(true).fuel_schedule(schedule))
}

/// The numbers of two engines for a program, side by side; counts those that differ.
fn compare(
    program: &str,
    version: &str,
    there: Result<BTreeMap<String, Call>, String>,
    here: Result<BTreeMap<String, Call>, String>,
) -> (usize, usize) {
    let (there, here) = match (there, here) {
        (Ok(there), Ok(here)) => (there, here),
        (Err(error), _) | (_, Err(error)) => {
            let error = error.lines().next().unwrap_or_default();
            println!("| {program} | – | {version} | not run: {error} | | |");
            return (0, 0);
        }
    };
    let mut differ = 0;
    for (name, (ending, fuel)) in &there {
        let same = here.get(name) == Some(&(ending, *fuel));
        differ += usize::from(!same);
        let (own_ending, own) = here.get(name).copied().unwrap_or(("missing", 0));
        let ending = if own_ending == *ending { (*ending).to_owned() } else { format!("{ending}, {own_ending} here") };
        println!("| {program} | `{name}` | {version} | {ending} | {fuel} | {own} |");
    }
    (there.len(), differ)
}

fn main() -> ExitCode {
    let wasmi_2_0 =
        wasmi::Engine::new(wasmi::Config::default().consume_fuel(true).compilation_mode(wasmi::CompilationMode::Eager));
    let wasmi_0_31 = wasmi_old::Engine::new(
        wasmi_old::Config::default().consume_fuel(true).wasm_tail_call(true).wasm_extended_const(true),
    );
    let here_2_0 = with(FuelSchedule::Wasmi2);
    let here_0_31 = with(FuelSchedule::Wasmi0_31(wasmote::FuelCosts::default()));
    println!("| program | function | `wasmi` | ended | fuel there | fuel here |\n|---|---|---|---|---|---|");
    let (mut calls, mut differ) = (0, 0);
    for program in catalog::ALL {
        let Some(bytes) = unless_offline(program.bytes()) else { return ExitCode::SUCCESS };
        let name = program.name;
        for (all, others) in [
            compare(name, "2.0", in_2_0(&wasmi_2_0, &bytes), here(&here_2_0, &bytes)),
            compare(name, "0.31", in_0_31(&wasmi_0_31, &bytes), here(&here_0_31, &bytes)),
        ] {
            calls += all;
            differ += others;
        }
    }
    println!("\n{} of {calls} calls consume the same fuel", calls - differ);
    if differ == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

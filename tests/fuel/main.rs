//! Fuel schedules: the same everywhere, the same forever, and the same as in `wasmi`.
//!
//! The programs are the kernels of the benchmarks with little work, and modules made of what costs by its amount.

mod amounts;
#[path = "../../benches/kernels/kernels.rs"]
#[allow(dead_code, reason = "the benchmarks use the rest")]
mod kernels;
mod matrix;
mod peers;
mod pinned;
mod prices;

use wasmote::{Config, Engine, Error, FuelSchedule, Linker, Module, Store};

/// A program that exports `run(n: i32) -> i64`, and the amount of work.
struct Program {
    name: String,
    wasm: Vec<u8>,
    n: i32,
}

/// Returns all programs.
fn programs() -> Vec<Program> {
    let kernels = kernels::KERNELS.iter().map(|kernel| Program {
        name: kernel.name.into(),
        wasm: kernel.wasm.into(),
        n: if kernel.name == "fib_recursive" { 9 } else { (kernel.n / 20_000).max(2) },
    });
    let amounts = amounts::all().into_iter().map(|(name, text)| Program {
        name: name.into(),
        wasm: wat::parse_str(&text).unwrap_or_else(|error| panic!("{name}: {error}")),
        n: 3,
    });
    kernels.chain(amounts).collect()
}

/// Returns a configuration that meters fuel by `schedule`.
fn metered(schedule: FuelSchedule) -> Config {
    let mut config = Config::default();
    config.consume_fuel(true).fuel_schedule(schedule);
    config
}

/// The most fuel that a program gets.
const FUEL: u64 = 1 << 40;

/// Runs a program. Returns the result of `run` and the fuel of instantiation and of the call.
fn run(engine: &Engine, program: &Program) -> Result<(i64, u64, u64), Error> {
    let module = Module::new(engine, &program.wasm)?;
    let mut linker = Linker::new(engine);
    linker.func_wrap("host", "mix", kernels::mix)?;
    let mut store = Store::new(engine, ());
    store.set_fuel(FUEL)?;
    let instance = linker.instantiate_and_start(&mut store, &module)?;
    let made = FUEL - store.get_fuel()?;
    assert_eq!(made, module.instantiation_fuel());
    let func = instance.get_typed_func::<i32, i64>(&store, "run")?;
    let result = func.call(&mut store, program.n)?;
    Ok((result, made, FUEL - made - store.get_fuel()?))
}

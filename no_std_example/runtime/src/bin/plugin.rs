//! Firmware that runs a plugin from flash: host functions, limits, fuel in slices.

#![no_std]
#![no_main]

#[path = "../../../src/sensor.rs"]
mod sensor;

use cortex_m::Peripherals;
use cortex_m_rt::entry;
use runtime::{artefact, board::Stopwatch, finish, heap, print};
use wasmote::{
    Caller, Config, Engine, Error, Linker, Module, Store, StoreLimits, StoreLimitsBuilder, TypedResumableCall,
};

use crate::sensor::Sensor;

/// The number of readings that the plugin gets.
const SAMPLES: i32 = 100;
/// The fuel of a slice. Between two slices the firmware could do something else.
const SLICE: u64 = 500;

/// The data that the firmware keeps for a plugin.
struct Host {
    sensor: Sensor,
    lines: u32,
    limits: StoreLimits,
}

#[entry]
fn main() -> ! {
    heap::init();
    let Some(peripherals) = Peripherals::take() else { finish(false) };
    let mut stopwatch = Stopwatch::new(peripherals.SYST);
    let (result, ticks) = stopwatch.measure(process);
    let expected = sensor::smoothed(SAMPLES);
    let passed = matches!(result, Ok((average, 2, 2..)) if average == expected);
    print("plugin: ticks ", ticks);
    drop(result);
    finish(passed && heap::used() == 0)
}

/// Has the plugin process readings. Returns its answer, the number of lines that it logged, and that of slices.
fn process() -> Result<(i32, u32, u32), Error> {
    let mut config = Config::default();
    config
        .wasm_custom_page_sizes(true)
        .consume_fuel(true)
        .set_min_stack_height(512)
        .set_max_stack_height(1024)
        .set_max_recursion_depth(8)
        .set_max_cached_stacks(1);
    let engine = Engine::new(&config);
    // SAFETY: the build script has written the artefact.
    let module = unsafe { Module::deserialize_static(&engine, artefact!("smoothing")) }?;
    let limits = StoreLimitsBuilder::new().memory_size(4096).instances(1).build();
    let mut store = Store::new(&engine, Host { sensor: Sensor::default(), lines: 0, limits });
    store.limiter(|host| &mut host.limits);
    store.set_fuel(SLICE)?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap("board", "read_sensor", |mut caller: Caller<'_, Host>| caller.data_mut().sensor.read())?;
    linker.func_wrap("board", "log", |mut caller: Caller<'_, Host>, _text: u32, _len: u32| {
        caller.data_mut().lines += 1;
    })?;
    let instance = linker.instantiate_and_start(&mut store, &module)?;
    let process = instance.get_typed_func::<i32, i32>(&store, "process")?;
    let mut slices = 1;
    let mut call = process.call_resumable(&mut store, SAMPLES)?;
    let average = loop {
        match call {
            TypedResumableCall::Finished(average) => break average,
            TypedResumableCall::OutOfFuel(suspended) => {
                slices += 1;
                store.set_fuel(SLICE)?;
                call = suspended.resume(&mut store)?;
            }
            TypedResumableCall::HostTrap(_) => return Err(Error::i32_exit(1)),
        }
    };
    let (lines, slices) = (store.data().lines, slices);
    print("plugin: slices ", slices);
    Ok((average, lines, slices))
}

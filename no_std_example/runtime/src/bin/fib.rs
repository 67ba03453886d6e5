//! The least firmware: one module with integers in flash, without imports.

#![no_std]
#![no_main]

use cortex_m::Peripherals;
use cortex_m_rt::entry;
use runtime::{artefact, board::Stopwatch, finish, heap, print};
use wasmote::{Config, Engine, Error, Instance, Module, Store};

#[entry]
fn main() -> ! {
    heap::init();
    let Some(peripherals) = Peripherals::take() else { finish(false) };
    let mut stopwatch = Stopwatch::new(peripherals.SYST);
    let (result, ticks) = stopwatch.measure(fib);
    let passed = matches!(result, Ok(6765));
    print("fib: ticks ", ticks);
    drop(result);
    finish(passed && heap::used() == 0)
}

/// Computes the Fibonacci number of 20.
fn fib() -> Result<i32, Error> {
    let mut config = Config::default();
    config.set_min_stack_height(1024).set_max_stack_height(1024).set_max_cached_stacks(1);
    let engine = Engine::new(&config);
    // SAFETY: the build script has written the artefact.
    let module = unsafe { Module::deserialize_static(&engine, artefact!("fib")) }?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    let loaded = heap::used();
    let fib = instance.get_typed_func::<i32, i32>(&store, "fib")?;
    let result = fib.call(&mut store, 20)?;
    print("fib: heap before the first call ", loaded as u32);
    print("fib: heap after it ", heap::used() as u32);
    Ok(result)
}

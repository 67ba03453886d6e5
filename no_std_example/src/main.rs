//! Firmware for a Cortex-M4 that runs plugins in Wasm: good ones, bad ones, and files that are not
//! plugins at all. It prints its results over semihosting, and exits with success if all of them
//! are as expected.

#![no_std]
#![no_main]

extern crate alloc;

mod board;
mod heap;
mod plugin;
mod sensor;

use core::panic::PanicInfo;

use cortex_m::Peripherals;
use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hprintln};
use wasmote::{Engine, Error, TrapCode, errors::ErrorKind};

use crate::{board::Stopwatch, plugin::Plugin};

/// The main plugin: a moving average that drops outliers.
const SMOOTHING: &[u8] = include_bytes!("../plugins/smoothing.wasm");
/// The number of readings that it gets.
const SAMPLES: i32 = 100;

#[entry]
fn main() -> ! {
    heap::init();
    let mut checks = Checks { failed: 0 };
    match Peripherals::take() {
        Some(peripherals) => run(&mut checks, Stopwatch::new(peripherals.SYST)),
        None => checks.expect("the peripherals are free", false),
    }
    hprintln!("flash: {} bytes", board::flash_size());
    hprintln!("heap: peak {} of {} bytes", heap::peak(), heap::SIZE);
    hprintln!("stack: peak {} bytes", board::stack_peak());
    let status = if checks.failed == 0 {
        hprintln!("all checks passed");
        debug::EXIT_SUCCESS
    } else {
        hprintln!("{} checks failed", checks.failed);
        debug::EXIT_FAILURE
    };
    loop {
        debug::exit(status);
    }
}

/// Everything between reset and report.
fn run(checks: &mut Checks, mut stopwatch: Stopwatch) {
    let engine = plugin::engine();
    smoothing(checks, &engine, &mut stopwatch);

    trap(checks, &engine, "faulty", include_bytes!("../plugins/faulty.wasm"), TrapCode::MemoryOutOfBounds);
    trap(checks, &engine, "endless", include_bytes!("../plugins/endless.wasm"), TrapCode::OutOfFuel);
    trap(checks, &engine, "bottomless", include_bytes!("../plugins/bottomless.wasm"), TrapCode::StackOverflow);

    let greedy = Plugin::load(&engine, include_bytes!("../plugins/greedy.wasm"));
    let refused = greedy.and_then(|mut plugin| plugin.process(1 << 20));
    hprintln!("greedy: memory.grow by 1 MiB gives {:?}", refused.as_ref().ok());
    checks.expect("too large a memory is refused", matches!(refused, Ok(-1)));

    rejected(checks, &engine, "mistyped", include_bytes!("../plugins/mistyped.wasm"));
    rejected(checks, &engine, "truncated", &SMOOTHING[..SMOOTHING.len() / 2]);
    rejected(checks, &engine, "text", b"this is not Wasm");
    rejected(checks, &engine, "empty", b"");

    // After all of that, the first plugin still works.
    smoothing(checks, &engine, &mut stopwatch);
    drop(engine);
    hprintln!("heap: {} bytes in use at the end", heap::used());
    checks.expect("all memory was given back", heap::used() == 0);
}

/// Loads the plugin `smoothing`, runs it, and compares with the same filter in Rust.
fn smoothing(checks: &mut Checks, engine: &Engine, stopwatch: &mut Stopwatch) {
    let (plugin, load_ticks) = stopwatch.measure(|| Plugin::load(engine, SMOOTHING));
    let mut plugin = match plugin {
        Ok(plugin) => plugin,
        Err(error) => {
            hprintln!("smoothing: {}", error);
            return checks.expect("smoothing is loaded", false);
        }
    };
    let loaded = heap::used();
    let (result, ticks) = stopwatch.measure(|| plugin.process(SAMPLES));
    match &result {
        Ok(average) => hprintln!("smoothing: process({}) = {}", SAMPLES, average),
        Err(error) => hprintln!("smoothing: {}", error),
    }
    hprintln!("smoothing: {} ticks to load, {} ticks to run, {} bytes of heap", load_ticks, ticks, loaded);
    checks.expect("the plugin computes what Rust does", result.ok() == Some(sensor::smoothed(SAMPLES)));
    checks.expect("the plugin logged two outliers", plugin.log_lines() == 2);
}

/// Loads and runs a plugin that traps with `code`.
fn trap(checks: &mut Checks, engine: &Engine, name: &str, wasm: &[u8], code: TrapCode) {
    let result = Plugin::load(engine, wasm).and_then(|mut plugin| plugin.process(SAMPLES));
    report(name, &result);
    checks.expect("the plugin traps", result.err().and_then(|error| error.as_trap_code()) == Some(code));
}

/// Tries to load a module that is malformed or invalid.
fn rejected(checks: &mut Checks, engine: &Engine, name: &str, wasm: &[u8]) {
    let result = Plugin::load(engine, wasm).map(|_| 0);
    report(name, &result);
    let rejected = matches!(result.as_ref().map_err(Error::kind), Err(ErrorKind::Wasm(_)));
    checks.expect("the module is rejected", rejected);
}

/// Prints the outcome of a plugin that should fail.
fn report(name: &str, result: &Result<i32, Error>) {
    match result {
        Ok(value) => hprintln!("{}: unexpectedly fine, {}", name, value),
        Err(error) => hprintln!("{}: {}", name, error),
    }
}

/// Counts unexpected results.
struct Checks {
    failed: u32,
}

impl Checks {
    /// Counts a failure unless the expectation `what` is true.
    fn expect(&mut self, what: &str, holds: bool) {
        if !holds {
            hprintln!("FAILED: {}", what);
            self.failed += 1;
        }
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    hprintln!("{}", info);
    loop {
        debug::exit(debug::EXIT_FAILURE);
    }
}

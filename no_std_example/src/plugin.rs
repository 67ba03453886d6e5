//! A plugin: a Wasm module from outside that has access to the sensor and the log, and to nothing else.

use core::str;

use cortex_m_semihosting::hprintln;
use wasmote::{
    Caller, CompilationMode, Config, Engine, Error, Extern, Linker, Module, Store, StoreLimits, StoreLimitsBuilder,
    TypedFunc,
};

use crate::sensor::Sensor;

/// The most bytes of linear memory of a plugin.
pub const MEMORY_LIMIT: usize = 4 * 1024;
/// The fuel of one call of `process`.
const FUEL_PER_CALL: u64 = 1_000_000;
/// The most bytes of value stack of a call.
const STACK_LIMIT: usize = 4 * 1024;

/// The data that the firmware keeps for a plugin.
struct Host {
    sensor: Sensor,
    log_lines: u32,
    limits: StoreLimits,
}

/// A loaded plugin, ready to be called.
pub struct Plugin {
    store: Store<Host>,
    process: TypedFunc<i32, i32>,
}

/// Returns the engine that all plugins share, with limits for a small heap.
pub fn engine() -> Engine {
    let mut config = Config::default();
    config
        // A memory of a few hundred bytes, instead of pages of 64 KiB.
        .wasm_custom_page_sizes(true)
        // Fuel stops a plugin that does not return.
        .consume_fuel(true)
        // All errors of a plugin show when it is loaded.
        .compilation_mode(CompilationMode::Eager)
        .set_min_stack_height(512)
        .set_max_stack_height(STACK_LIMIT)
        .set_max_recursion_depth(64)
        .set_max_cached_stacks(1);
    Engine::new(&config)
}

impl Plugin {
    /// Validates, translates and instantiates the module in `wasm`.
    ///
    /// # Errors
    ///
    /// If the module is malformed or invalid, imports something that the board lacks, needs more
    /// than [`MEMORY_LIMIT`], or does not export `process` with the type `(i32) -> i32`.
    pub fn load(engine: &Engine, wasm: &[u8]) -> Result<Self, Error> {
        let module = Module::new(engine, wasm)?;
        let limits = StoreLimitsBuilder::new().memory_size(MEMORY_LIMIT).instances(1).build();
        let mut store = Store::new(engine, Host { sensor: Sensor::default(), log_lines: 0, limits });
        store.limiter(|host| &mut host.limits);
        store.set_fuel(FUEL_PER_CALL)?;
        let mut linker = Linker::new(engine);
        linker.func_wrap("board", "read_sensor", |mut caller: Caller<'_, Host>| caller.data_mut().sensor.read())?;
        linker.func_wrap("board", "log", log)?;
        let instance = linker.instantiate_and_start(&mut store, &module)?;
        let process = instance.get_typed_func::<i32, i32>(&store, "process")?;
        Ok(Self { store, process })
    }

    /// Has the plugin process `samples` readings, and returns its answer.
    ///
    /// # Errors
    ///
    /// If the plugin traps, runs out of fuel, or logs something that is not text.
    pub fn process(&mut self, samples: i32) -> Result<i32, Error> {
        self.store.set_fuel(FUEL_PER_CALL)?;
        self.process.call(&mut self.store, samples)
    }

    /// Returns the number of lines that the plugin has logged.
    pub fn log_lines(&self) -> u32 {
        self.store.data().log_lines
    }
}

/// The host function `log`: prints `len` bytes of text at address `text` of the plugin's memory.
fn log(mut caller: Caller<'_, Host>, text: u32, len: u32) -> Result<(), Error> {
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
        return Err(Error::new("a plugin that logs must export its memory"));
    };
    let start = text as usize;
    let bytes = start.checked_add(len as usize).and_then(|end| memory.data(&caller).get(start..end));
    let line = bytes.and_then(|bytes| str::from_utf8(bytes).ok());
    let Some(line) = line else {
        return Err(Error::new("the text to log is not UTF-8 inside the plugin's memory"));
    };
    hprintln!("  log: {}", line);
    caller.data_mut().log_lines += 1;
    Ok(())
}

//! The interface of an engine.

use std::{error::Error, time::Duration};

/// The result of an engine, with any type of error.
pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// An engine, or one way of configuring it.
pub trait Engine {
    /// Returns the name of its column.
    fn name(&self) -> &'static str;

    /// Returns why the engine must not run this kernel, for example because it would crash the process.
    fn refuses(&self, _kernel: &str) -> Option<&'static str> {
        None
    }

    /// Instantiates the bytes of a module, which may import `host.mix`.
    fn load(&self, wasm: &[u8]) -> Result<Box<dyn Guest>>;

    /// Returns the time of `times` instances of a compiled module, each in its own store.
    /// `None` if the engine cannot instantiate a module twice.
    fn instantiate(&self, wasm: &[u8], times: u32) -> Result<Option<Duration>>;

    /// Returns the time to load the bytes `times` times, with everything translated.
    /// `None` if the engine translates only at the first call.
    fn translate(&self, _wasm: &[u8], _times: u32) -> Result<Option<Duration>> {
        Ok(None)
    }

    /// Returns the score of CoreMark, a module that exports `run() -> f32` and imports `env.clock_ms() -> i64`.
    /// `None` if this engine's adapter does not offer it.
    fn coremark(&self, _wasm: &[u8]) -> Result<Option<f32>> {
        Ok(None)
    }
}

/// Returns the milliseconds since the first call, which CoreMark imports.
pub fn clock_ms() -> i64 {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed().as_millis() as i64
}

/// An instance of a module that exports `run(n: i32) -> i64`.
pub trait Guest {
    /// Calls `run`.
    fn call(&mut self, n: i32) -> Result<i64>;

    /// Calls `run` with each number below `times` and returns the sum of the results.
    ///
    /// A method of this trait is compiled once for each engine, so that its call is direct.
    fn call_many(&mut self, times: i32) -> Result<i64> {
        let mut sum = 0i64;
        for i in 0..times {
            sum = sum.wrapping_add(self.call(i)?);
        }
        Ok(sum)
    }
}

//! What the comparison asks of an engine.

use std::{error::Error, time::Duration};

/// A result of an engine, whatever its type of error is.
pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// An engine, or one way of configuring it.
pub trait Engine {
    /// The name of its column.
    fn name(&self) -> &'static str;

    /// Why the engine must not run this kernel: it would take the whole process down.
    fn refuses(&self, _kernel: &str) -> Option<&'static str> {
        None
    }

    /// Makes the bytes of a module an instance, with `host.mix` to import.
    fn load(&self, wasm: &[u8]) -> Result<Box<dyn Guest>>;

    /// The time of `times` instances of a module that was compiled before, each in a store of its own.
    /// `None` if the engine cannot instantiate a module twice.
    fn instantiate(&self, wasm: &[u8], times: u32) -> Result<Option<Duration>>;

    /// The time to make `times` modules of the bytes, with everything translated.
    /// `None` if the engine translates only at the first call.
    fn translate(&self, _wasm: &[u8], _times: u32) -> Result<Option<Duration>> {
        Ok(None)
    }

    /// The score of CoreMark, a module that exports `run() -> f32` and imports `env.clock_ms() -> i64`.
    /// `None` if this engine's adapter does not offer it.
    fn coremark(&self, _wasm: &[u8]) -> Result<Option<f32>> {
        Ok(None)
    }
}

/// Milliseconds since the first call: what CoreMark imports.
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
    /// As a method here it is compiled once for each engine, and the call in it is direct.
    fn call_many(&mut self, times: i32) -> Result<i64> {
        let mut sum = 0i64;
        for i in 0..times {
            sum = sum.wrapping_add(self.call(i)?);
        }
        Ok(sum)
    }
}

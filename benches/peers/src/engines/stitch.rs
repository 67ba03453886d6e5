//! `makepad-stitch`.

use crate::{
    engine::{self, Result},
    kernels,
};
use ::makepad_stitch::{Engine, Func, Linker, Module, Store, Val};
use std::time::{Duration, Instant};

/// The engine.
pub struct Stitch;

/// A store and, because functions live in a store, a linker for it.
fn store(engine: &Engine) -> (Store, Linker) {
    let mut store = Store::new(engine.clone());
    let mut linker = Linker::new();
    linker.define("host", "mix", Func::wrap(&mut store, kernels::mix));
    (store, linker)
}

impl engine::Engine for Stitch {
    fn name(&self) -> &'static str {
        "stitch"
    }

    fn refuses(&self, kernel: &str) -> Option<&'static str> {
        (kernel == "host_calls").then_some("every call of the host takes native stack until the function returns")
    }

    fn load(&self, wasm: &[u8]) -> Result<Box<dyn engine::Guest>> {
        let engine = Engine::new();
        let module = Module::new(&engine, wasm)?;
        let (mut store, linker) = store(&engine);
        let instance = linker.instantiate(&mut store, &module)?;
        let run = instance.exported_func("run").ok_or("no function `run`")?;
        Ok(Box::new(Guest { store, run }))
    }

    fn instantiate(&self, wasm: &[u8], times: u32) -> Result<Option<Duration>> {
        let engine = Engine::new();
        let module = Module::new(&engine, wasm)?;
        let start = Instant::now();
        for _ in 0..times {
            let (mut store, linker) = store(&engine);
            linker.instantiate(&mut store, &module)?;
        }
        Ok(Some(start.elapsed()))
    }
}

struct Guest {
    store: Store,
    run: Func,
}

impl engine::Guest for Guest {
    fn call(&mut self, n: i32) -> Result<i64> {
        let mut results = [Val::I64(0)];
        self.run.call(&mut self.store, &[Val::I32(n)], &mut results)?;
        match results {
            [Val::I64(result)] => Ok(result),
            other => Err(format!("unexpected result {other:?}").into()),
        }
    }
}

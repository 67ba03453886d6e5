//! wasm3, through `wasm3x`.

use crate::{
    engine::{self, Result},
    kernels,
};
use ::wasm3x::{Engine, Linker, Module, Store, TypedFunc};
use std::time::{Duration, Instant};

/// The engine.
pub struct Wasm3;

fn linker(engine: &Engine) -> Result<Linker<()>> {
    let mut linker = Linker::new(engine);
    linker.func_wrap("host", "mix", kernels::mix)?;
    Ok(linker)
}

impl engine::Engine for Wasm3 {
    fn name(&self) -> &'static str {
        "wasm3"
    }

    fn load(&self, wasm: &[u8]) -> Result<Box<dyn engine::Guest>> {
        let engine = Engine::default();
        let mut store = Store::new(&engine, ());
        let module = Module::new(&engine, wasm)?;
        let instance = linker(&engine)?.instantiate_and_start(&mut store, &module)?;
        let run = instance.get_typed_func(&store, "run")?;
        Ok(Box::new(Guest { store, run }))
    }

    fn instantiate(&self, wasm: &[u8], times: u32) -> Result<Option<Duration>> {
        let engine = Engine::default();
        let module = Module::new(&engine, wasm)?;
        let linker = linker(&engine)?;
        let start = Instant::now();
        for _ in 0..times {
            linker.instantiate_and_start(&mut Store::new(&engine, ()), &module)?;
        }
        Ok(Some(start.elapsed()))
    }

    fn coremark(&self, wasm: &[u8]) -> Result<Option<f32>> {
        let engine = Engine::default();
        let mut store = Store::new(&engine, ());
        let module = Module::new(&engine, wasm)?;
        let mut linker = Linker::new(&engine);
        linker.func_wrap("env", "clock_ms", engine::clock_ms)?;
        let instance = linker.instantiate_and_start(&mut store, &module)?;
        let run: TypedFunc<(), f32> = instance.get_typed_func(&store, "run")?;
        Ok(Some(run.call(&mut store, ())?))
    }
}

struct Guest {
    store: Store<()>,
    run: TypedFunc<i32, i64>,
}

impl engine::Guest for Guest {
    fn call(&mut self, n: i32) -> Result<i64> {
        Ok(self.run.call(&mut self.store, n)?)
    }
}

//! `tinywasm`.

use crate::{
    engine::{self, Result},
    kernels,
};
use ::tinywasm::{FunctionTyped, HostFunction, Imports, ModuleInstance, Store, parse_bytes};
use std::time::{Duration, Instant};

/// The engine.
pub struct TinyWasm;

fn imports(store: &mut Store) -> Imports {
    let mix = HostFunction::from(store, |_, (a, b): (i64, i32)| Ok(kernels::mix(a, b)));
    let mut imports = Imports::new();
    imports.define("host", "mix", mix);
    imports
}

impl engine::Engine for TinyWasm {
    fn name(&self) -> &'static str {
        "tinywasm"
    }

    fn load(&self, wasm: &[u8]) -> Result<Box<dyn engine::Guest>> {
        let module = parse_bytes(wasm)?;
        let mut store = Store::default();
        let imports = imports(&mut store);
        let instance = ModuleInstance::instantiate(&mut store, &module, Some(imports))?;
        let run = instance.func::<i32, i64>(&store, "run")?;
        Ok(Box::new(Guest { store, run }))
    }

    fn instantiate(&self, wasm: &[u8], times: u32) -> Result<Option<Duration>> {
        let module = parse_bytes(wasm)?;
        let start = Instant::now();
        for _ in 0..times {
            let mut store = Store::default();
            let imports = imports(&mut store);
            ModuleInstance::instantiate(&mut store, &module, Some(imports))?;
        }
        Ok(Some(start.elapsed()))
    }

    fn translate(&self, wasm: &[u8], times: u32) -> Result<Option<Duration>> {
        let start = Instant::now();
        for _ in 0..times {
            parse_bytes(wasm)?;
        }
        Ok(Some(start.elapsed()))
    }
}

struct Guest {
    store: Store,
    run: FunctionTyped<i32, i64>,
}

impl engine::Guest for Guest {
    fn call(&mut self, n: i32) -> Result<i64> {
        Ok(self.run.call(&mut self.store, n)?)
    }
}

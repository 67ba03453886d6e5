//! `sf-nano-core`, its interpreter.

use crate::{
    engine::{self, Result},
    kernels,
};
use ::sf_nano_core::{Config, Engine, Func, Import, Instance, Tier, Value};
use std::time::Duration;

/// The engine.
pub struct SfNano(Engine);

impl SfNano {
    /// The engine, for interpretation.
    pub fn new() -> Self {
        Self(Engine::new(Config::new().tier(Tier::Interp)).expect("a valid configuration"))
    }
}

fn mix() -> Import {
    Import::func("host", "mix", |_, args, results| {
        if let [Value::I64(a), Value::I32(b)] = *args {
            results[0] = Value::I64(kernels::mix(a, b));
        }
        Ok(())
    })
}

impl engine::Engine for SfNano {
    fn name(&self) -> &'static str {
        "sf-nano"
    }

    fn load(&self, wasm: &[u8]) -> Result<Box<dyn engine::Guest>> {
        let instance = Instance::new(&self.0, wasm, &[mix()])?;
        let run = instance.get_func("run").ok_or("no function `run`")?;
        Ok(Box::new(Guest { instance, run }))
    }

    fn instantiate(&self, _wasm: &[u8], _times: u32) -> Result<Option<Duration>> {
        // An instance takes its module by value.
        Ok(None)
    }

    fn coremark(&self, wasm: &[u8]) -> Result<Option<f32>> {
        let clock = Import::func("env", "clock_ms", |_, _, results| {
            results[0] = Value::I64(engine::clock_ms());
            Ok(())
        });
        let mut instance = Instance::new(&self.0, wasm, &[clock])?;
        let run = instance.get_func("run").ok_or("no function `run`")?;
        let mut results = [Value::F32(0.0)];
        instance.call(&run, &[], &mut results)?;
        match results {
            [Value::F32(score)] => Ok(Some(score)),
            other => Err(format!("unexpected result {other:?}").into()),
        }
    }
}

struct Guest {
    instance: Instance,
    run: Func,
}

impl engine::Guest for Guest {
    fn call(&mut self, n: i32) -> Result<i64> {
        let mut results = [Value::I64(0)];
        self.instance.call(&self.run, &[Value::I32(n)], &mut results)?;
        match results {
            [Value::I64(result)] => Ok(result),
            other => Err(format!("unexpected result {other:?}").into()),
        }
    }
}

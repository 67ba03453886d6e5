//! `wasmtime`: its interpreter Pulley and its compilers Winch and Cranelift.

use crate::{
    engine::{self, Result},
    kernels,
};
use ::wasmtime::{Config, Engine, Linker, Module, Store, Strategy, TypedFunc};
use std::time::{Duration, Instant};

struct Wasmtime {
    name: &'static str,
    engine: Engine,
    linker: Linker<()>,
}

/// Returns all configurations of wasmtime.
pub fn all() -> Vec<Box<dyn engine::Engine>> {
    let mut pulley = Config::new();
    pulley.target("pulley64").expect("a target of this build");
    let mut winch = Config::new();
    winch.strategy(Strategy::Winch);
    let mut cranelift = Config::new();
    cranelift.strategy(Strategy::Cranelift);
    #[allow(unused_mut, reason = "there are more with the feature `gc`")]
    let mut rows = vec![("pulley", pulley), ("winch", winch), ("cranelift", cranelift)];
    #[cfg(feature = "gc")]
    rows.extend(collectors());
    rows.into_iter().map(|(name, config)| Box::new(Wasmtime::new(name, &config)) as Box<dyn engine::Engine>).collect()
}

/// Returns a configuration for each collector.
#[cfg(feature = "gc")]
fn collectors() -> Vec<(&'static str, Config)> {
    use ::wasmtime::Collector;
    let with = |collector: Collector, pulley: bool| {
        let mut config = Config::new();
        config.wasm_gc(true).wasm_function_references(true).wasm_exceptions(true).collector(collector);
        if pulley {
            config.target("pulley64").expect("a target of this build");
        }
        config
    };
    vec![
        ("pulley-copying", with(Collector::Copying, true)),
        ("pulley-drc", with(Collector::DeferredReferenceCounting, true)),
        ("pulley-null", with(Collector::Null, true)),
        ("cranelift-copying", with(Collector::Copying, false)),
        ("cranelift-drc", with(Collector::DeferredReferenceCounting, false)),
        ("cranelift-null", with(Collector::Null, false)),
    ]
}

impl Wasmtime {
    fn new(name: &'static str, config: &Config) -> Self {
        let engine = Engine::new(config).expect("a valid configuration");
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "mix", kernels::mix).expect("the first function of this name");
        Self { name, engine, linker }
    }
}

impl engine::Engine for Wasmtime {
    fn name(&self) -> &'static str {
        self.name
    }

    fn load(&self, wasm: &[u8]) -> Result<Box<dyn engine::Guest>> {
        let module = Module::new(&self.engine, wasm)?;
        let mut store = Store::new(&self.engine, ());
        let instance = self.linker.instantiate(&mut store, &module)?;
        let run = instance.get_typed_func(&mut store, "run")?;
        Ok(Box::new(Guest { store, run }))
    }

    fn instantiate(&self, wasm: &[u8], times: u32) -> Result<Option<Duration>> {
        let module = Module::new(&self.engine, wasm)?;
        let linked = self.linker.instantiate_pre(&module)?;
        let start = Instant::now();
        for _ in 0..times {
            linked.instantiate(&mut Store::new(&self.engine, ()))?;
        }
        Ok(Some(start.elapsed()))
    }

    fn translate(&self, wasm: &[u8], times: u32) -> Result<Option<Duration>> {
        let start = Instant::now();
        for _ in 0..times {
            Module::new(&self.engine, wasm)?;
        }
        Ok(Some(start.elapsed()))
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

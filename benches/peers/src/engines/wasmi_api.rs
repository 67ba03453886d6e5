//! Engines with the API of `wasmi`: one adapter, compiled against each of their crates.

/// The adapter as a module, for the crate of the same name.
macro_rules! adapter {
    ($feature:literal, $krate:ident) => {
        #[cfg(feature = $feature)]
        pub mod $krate {
            //! The adapter for this crate.

            use crate::{
                engine::{self, Result},
                kernels,
            };
            use ::$krate::{CompilationMode, Config, Engine, Linker, Module, Store, TypedFunc};
            use std::time::{Duration, Instant};

            struct Adapter {
                name: &'static str,
                engine: Engine,
                eager: Config,
                linker: Linker<()>,
            }

            /// The engine with this configuration.
            pub fn new(name: &'static str, config: Config) -> impl engine::Engine {
                let engine = Engine::new(&config);
                let mut linker = Linker::new(&engine);
                linker.func_wrap("host", "mix", kernels::mix).expect("the first function of this name");
                let mut eager = config;
                eager.compilation_mode(CompilationMode::Eager);
                Adapter { name, engine, eager, linker }
            }

            impl engine::Engine for Adapter {
                fn name(&self) -> &'static str {
                    self.name
                }

                fn load(&self, wasm: &[u8]) -> Result<Box<dyn engine::Guest>> {
                    let module = Module::new(&self.engine, wasm)?;
                    let mut store = Store::new(&self.engine, ());
                    // An error says that fuel is not metered.
                    let _ = store.set_fuel(u64::MAX);
                    let instance = self.linker.instantiate_and_start(&mut store, &module)?;
                    let run = instance.get_typed_func(&store, "run")?;
                    Ok(Box::new(Guest { store, run }))
                }

                fn instantiate(&self, wasm: &[u8], times: u32) -> Result<Option<Duration>> {
                    let module = Module::new(&self.engine, wasm)?;
                    let start = Instant::now();
                    for _ in 0..times {
                        let mut store = Store::new(&self.engine, ());
                        self.linker.instantiate_and_start(&mut store, &module)?;
                    }
                    Ok(Some(start.elapsed()))
                }

                fn coremark(&self, wasm: &[u8]) -> Result<Option<f32>> {
                    let module = Module::new(&self.engine, wasm)?;
                    let mut store = Store::new(&self.engine, ());
                    // An error says that fuel is not metered.
                    let _ = store.set_fuel(u64::MAX);
                    let mut linker = Linker::new(&self.engine);
                    linker.func_wrap("env", "clock_ms", engine::clock_ms)?;
                    let instance = linker.instantiate_and_start(&mut store, &module)?;
                    let run: TypedFunc<(), f32> = instance.get_typed_func(&store, "run")?;
                    Ok(Some(run.call(&mut store, ())?))
                }

                fn translate(&self, wasm: &[u8], times: u32) -> Result<Option<Duration>> {
                    // A new engine, since an engine may keep the code of its modules.
                    let engine = Engine::new(&self.eager);
                    let start = Instant::now();
                    for _ in 0..times {
                        Module::new(&engine, wasm)?;
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
        }
    };
}

adapter!("wasmi", wasmi);
adapter!("wasmote", wasmote);

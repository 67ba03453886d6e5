//! Loading: from the bytes of a module to the module, and to the first result of a function.

use crate::engine::Result;
use std::any::Any;

/// The mode of loading a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everything is validated and translated.
    Eager,
    /// Everything is validated; functions are translated at their first call.
    LazyTranslation,
    /// Functions are validated and translated at their first call.
    Lazy,
}

/// All modes.
pub const MODES: [Mode; 3] = [Mode::Eager, Mode::LazyTranslation, Mode::Lazy];

/// The result of loading, which lives until the clock has stopped.
pub type Loaded = Box<dyn Any>;

/// The work to measure, after all other work is done.
pub type Prepared = Box<dyn FnOnce() -> Result<Loaded>>;

/// A way in which an engine loads.
pub struct Way {
    /// The engine.
    pub name: &'static str,
    /// Prepares the loading of a module.
    pub prepare: Box<dyn Fn(&'static [u8]) -> Result<Prepared>>,
}

/// The result of a call, and its time in seconds.
pub struct First {
    /// The result.
    pub result: i32,
    /// The time from the bytes to the result.
    pub time: f64,
}

/// The engines with the API of `wasmi`: one adapter, compiled against each of their crates.
macro_rules! adapter {
    ($krate:ident, lent: $lent:expr) => {
        pub mod $krate {
            //! The adapter for this crate.

            use super::{First, Mode, Prepared, Result, Way};
            use crate::startup::{clock::Clock, probe};
            use ::$krate::{
                CompilationMode, Config, Engine, Extern, ExternType, Global, Linker, Memory, Module, Mutability, Ref,
                Store, Table, Val,
            };

            /// Makes a new engine, since an engine may keep the code of its modules.
            fn engine(mode: Mode) -> Engine {
                let mut config = Config::default();
                config.compilation_mode(match mode {
                    Mode::Eager => CompilationMode::Eager,
                    Mode::LazyTranslation => CompilationMode::LazyTranslation,
                    Mode::Lazy => CompilationMode::Lazy,
                });
                Engine::new(&config)
            }

            type Lend = fn(&Engine, &'static [u8]) -> std::result::Result<Module, ::$krate::Error>;

            /// Makes a module from static bytes, which it may borrow if the engine can.
            const LEND: Option<Lend> = $lent;

            fn module(engine: &Engine, wasm: &'static [u8], lent: bool) -> Result<Module> {
                match LEND {
                    Some(lend) if lent => Ok(lend(engine, wasm)?),
                    _ => Ok(Module::new(engine, wasm)?),
                }
            }

            /// Loads bytes that the engine borrows, if it has such a function, or copies.
            pub fn way(mode: Mode, lent: bool) -> Way {
                let prepare = move |wasm: &'static [u8]| -> Result<Prepared> {
                    let engine = engine(mode);
                    Ok(Box::new(move || {
                        let module = module(&engine, wasm, lent)?;
                        Ok(Box::new((module, engine)))
                    }))
                };
                Way { name: stringify!($krate), prepare: Box::new(prepare) }
            }

            /// Measures from the bytes to the result of the exported function. The linker exists before.
            pub fn first(mode: Mode, wasm: &'static [u8], params: usize) -> Result<First> {
                let (linker, engine, mut store) = stubs(mode, wasm)?;
                let (arguments, mut results) = (vec![Val::I32(probe::ARGUMENT); params], [Val::I32(0)]);
                let start = Clock::start();
                let module = module(&engine, wasm, true)?;
                let instance = linker.instantiate_and_start(&mut store, &module)?;
                let func = instance.get_func(&store, probe::NAME).ok_or("the function is not exported")?;
                func.call(&mut store, &arguments, &mut results)?;
                let time = start.seconds();
                match results {
                    [Val::I32(result)] => Ok(First { result, time }),
                    other => Err(format!("unexpected result {other:?}").into()),
                }
            }

            /// Defines each import of a module; functions return zeros.
            fn stubs(mode: Mode, wasm: &[u8]) -> Result<(Linker<()>, Engine, Store<()>)> {
                let imports = Module::new(&self::engine(Mode::Lazy), wasm)?;
                let engine = engine(mode);
                let mut store = Store::new(&engine, ());
                let mut linker = <Linker<()>>::new(&engine);
                for import in imports.imports() {
                    let (module, name) = (import.module(), import.name());
                    if let ExternType::Func(ty) = import.ty() {
                        // For a second import of the same name, the first definition serves, or linking fails.
                        let _ = linker.func_new(module, name, ty.clone(), |_, _, _| Ok(()));
                        continue;
                    }
                    let item: Extern = match import.ty() {
                        ExternType::Memory(ty) => Memory::new(&mut store, *ty)?.into(),
                        ExternType::Table(ty) => Table::new(&mut store, *ty, Ref::null(ty.element()))?.into(),
                        ExternType::Global(ty) => {
                            let mutability = if ty.mutability().is_mut() { Mutability::Var } else { Mutability::Const };
                            Global::new(&mut store, Val::default_for_ty(ty.content()), mutability).into()
                        }
                        _ => continue,
                    };
                    linker.define(module, name, item)?;
                }
                Ok((linker, engine, store))
            }
        }
    };
}

adapter!(wasmi, lent: None);
adapter!(wasmote, lent: Some(Module::from_static));

/// Returns the other engines of this build, each in its most eager mode.
pub fn others() -> Vec<Way> {
    vec![
        #[cfg(feature = "wasm3")]
        Way {
            name: "wasm3",
            prepare: Box::new(|wasm| {
                use ::wasm3x::{CompilationMode, Config, Engine, Linker, Module, Store};
                let mut config = Config::default();
                config.compilation_mode(CompilationMode::Eager);
                let engine = Engine::new(&config);
                let mut store = Store::new(&engine, ());
                Ok(Box::new(move || {
                    let module = Module::new(&engine, wasm)?;
                    // It compiles here. Imports may be missing.
                    let instance = Linker::new(&engine).instantiate(&mut store, &module)?;
                    Ok(Box::new((module, instance, store)))
                }))
            }),
        },
        #[cfg(feature = "tinywasm")]
        Way {
            name: "tinywasm",
            prepare: Box::new(|wasm| Ok(Box::new(move || Ok(Box::new(::tinywasm::parse_bytes(wasm)?))))),
        },
        #[cfg(feature = "sf-nano")]
        Way {
            name: "sf-nano",
            prepare: Box::new(|wasm| {
                use ::sf_nano_core::{Config, Engine, Import, Instance, Tier};
                use wasmparser::{Parser, Payload, TypeRef};
                let engine = Engine::new(Config::new().tier(Tier::Interp)).map_err(|error| format!("{error:?}"))?;
                let mut imports = Vec::new();
                for payload in Parser::new(0).parse_all(wasm) {
                    let Payload::ImportSection(reader) = payload? else { continue };
                    for import in reader.into_imports() {
                        let import = import?;
                        if let TypeRef::Func(_) = import.ty {
                            imports.push(Import::func(import.module, import.name, |_, _, _| Ok(())));
                        }
                    }
                }
                // It translates at instantiation.
                Ok(Box::new(move || Ok(Box::new(Instance::new(&engine, wasm, &imports)?))))
            }),
        },
        #[cfg(feature = "stitch")]
        Way {
            name: "stitch",
            prepare: Box::new(|wasm| {
                let engine = ::makepad_stitch::Engine::new();
                // It translates at the first call, so this measures validation.
                Ok(Box::new(move || Ok(Box::new(::makepad_stitch::Module::new(&engine, wasm)?))))
            }),
        },
    ]
}

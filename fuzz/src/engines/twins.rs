//! This library and wasmi, whose API has the same names: one source drives both.

use std::fmt;

/// The error of a host function that gives up.
#[derive(Debug)]
struct GivesUp;

impl fmt::Display for GivesUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the host gives up")
    }
}

impl ::wasmote::errors::HostError for GivesUp {}
impl ::wasmi::errors::HostError for GivesUp {}

/// How calls are metered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fuel {
    /// The engine does not meter fuel.
    Off,
    /// The store gets this much once.
    Total(u64),
    /// The store gets this much. Whenever it runs out, the store gets exactly what is needed, and the call is resumed.
    Refill(u64),
}

macro_rules! engine {
    ($(#[$doc:meta])* $name:ident, $engine:ident, |$error:ident| $note:expr) => {
        $(#[$doc])*
        pub mod $name {
            use super::{Fuel, GivesUp};
            use crate::machine::{self, Export, MAX_MEMORY, MAX_TABLE, Stop, Type, Value, digest};
            use wasmote_generate::Random;
            use ::$engine::{
                Caller, Config, Engine, Error, Extern, ExternRef, ExternType, Func, Global, Instance, Memory, Module,
                Mutability, Nullable, Ref, ResumableCall, Store, StoreLimits, StoreLimitsBuilder, Table, V128, Val,
                ValType,
            };

            /// The data of a store.
            pub struct Data {
                host: machine::Host,
                limits: StoreLimits,
            }

            /// An engine with a module, a store and at most one instance.
            pub struct Machine {
                store: Store<Data>,
                module: Module,
                instance: Option<Instance>,
                fuel: Fuel,
                note: Option<String>,
            }

            impl Machine {
                /// Makes a machine for a module of the engine.
                pub fn new(engine: &Engine, module: Module, seed: u64, fuel: Fuel) -> Self {
                    let limits = StoreLimitsBuilder::new().memory_size(MAX_MEMORY).table_elements(MAX_TABLE).build();
                    let host = machine::Host { log: Vec::new(), random: Random(seed) };
                    let mut store = Store::new(engine, Data { host, limits });
                    store.limiter(|data| &mut data.limits);
                    if let Fuel::Total(amount) | Fuel::Refill(amount) = fuel {
                        store.set_fuel(amount).expect("the engine meters fuel");
                    }
                    Self { store, module, instance: None, fuel, note: None }
                }

                /// Returns the fuel that is left.
                #[allow(dead_code, reason = "only one of the two is asked")]
                pub fn fuel(&self) -> Option<u64> {
                    self.store.get_fuel().ok()
                }

                fn import(&mut self, name: String, ty: &ExternType) -> Option<Extern> {
                    let store = &mut self.store;
                    // Other kinds are only there in one of the two libraries.
                    #[allow(unreachable_patterns)]
                    Some(match ty {
                        ExternType::Func(ty) => {
                            let results_ty: Vec<Type> = ty.results().iter().map(|ty| type_of(*ty)).collect();
                            Extern::Func(Func::new(
                                store,
                                ty.clone(),
                                move |mut caller: Caller<'_, Data>, params: &[Val], results: &mut [Val]| {
                                    let params: Vec<_> = params.iter().map(value).collect();
                                    let values = caller.data_mut().host.call(&name, &params, &results_ty);
                                    let values = values.map_err(|stop| match stop {
                                        Stop::Exit => Error::i32_exit(3),
                                        _ => Error::host(GivesUp),
                                    })?;
                                    for (result, value) in results.iter_mut().zip(values) {
                                        if let Some(value) = val(&mut caller, value) {
                                            *result = value;
                                        }
                                    }
                                    Ok(())
                                },
                            ))
                        }
                        ExternType::Memory(ty) => Extern::Memory(Memory::new(store, *ty).ok()?),
                        ExternType::Table(ty) => {
                            Extern::Table(Table::new(store, *ty, Ref::default_for_ty(ty.element())).ok()?)
                        }
                        ExternType::Global(ty) => {
                            let mut initial = Random(name.len() as u64);
                            let value = match Value::random(&mut initial, type_of(ty.content())) {
                                Value::Func { .. } | Value::Extern { .. } | Value::Other => {
                                    Val::default_for_ty(ty.content())
                                }
                                value => val(&mut *store, value)?,
                            };
                            Extern::Global(Global::new(store, value, ty.mutability()))
                        }
                        _ => return None,
                    })
                }

                fn export(&self, name: &str) -> Extern {
                    let instance = self.instance.expect("there is an instance");
                    instance.get_export(&self.store, name).expect("the export exists")
                }

                /// Calls a function, as often as the fuel needs to be refilled.
                fn invoke(&mut self, func: Func, params: &[Val], results: &mut [Val]) -> Result<(), Error> {
                    if !matches!(self.fuel, Fuel::Refill(_)) {
                        return func.call(&mut self.store, params, results);
                    }
                    let mut call = func.call_resumable(&mut self.store, params, results)?;
                    loop {
                        match call {
                            ResumableCall::Finished => return Ok(()),
                            ResumableCall::HostTrap(trap) => return Err(trap.into_host_error()),
                            ResumableCall::OutOfFuel(out) => {
                                let left = self.store.get_fuel().expect("the engine meters fuel");
                                let fuel = left.max(out.required_fuel());
                                self.store.set_fuel(fuel).expect("the engine meters fuel");
                                call = out.resume(&mut self.store, results)?;
                            }
                        }
                    }
                }
            }

            fn type_of(ty: ValType) -> Type {
                if ty == ValType::I32 {
                    Type::I32
                } else if ty == ValType::I64 {
                    Type::I64
                } else if ty == ValType::F32 {
                    Type::F32
                } else if ty == ValType::F64 {
                    Type::F64
                } else if ty == ValType::V128 {
                    Type::V128
                } else {
                    match Val::default_for_ty(ty) {
                        Val::FuncRef(_) => Type::Func,
                        Val::ExternRef(_) => Type::Extern,
                        #[allow(unreachable_patterns)]
                        _ => Type::Other,
                    }
                }
            }

            fn value(value: &Val) -> Value {
                // Other values are only there in one of the two libraries.
                #[allow(unreachable_patterns)]
                match value {
                    Val::I32(v) => Value::I32(*v),
                    Val::I64(v) => Value::I64(*v),
                    Val::F32(v) => Value::F32(v.to_bits()),
                    Val::F64(v) => Value::F64(v.to_bits()),
                    Val::V128(v) => Value::V128(v.as_u128()),
                    Val::FuncRef(Nullable::Null) => Value::Func { null: true },
                    Val::FuncRef(_) => Value::Func { null: false },
                    Val::ExternRef(Nullable::Null) => Value::Extern { null: true },
                    Val::ExternRef(_) => Value::Extern { null: false },
                    _ => Value::Other,
                }
            }

            fn val(ctx: impl ::$engine::AsContextMut, value: Value) -> Option<Val> {
                Some(match value {
                    Value::I32(v) => Val::I32(v),
                    Value::I64(v) => Val::I64(v),
                    Value::F32(bits) => Val::from(f32::from_bits(bits)),
                    Value::F64(bits) => Val::from(f64::from_bits(bits)),
                    Value::V128(bits) => Val::V128(V128::from(bits)),
                    Value::Func { .. } => Val::FuncRef(Nullable::Null),
                    Value::Extern { null: true } => Val::ExternRef(Nullable::Null),
                    Value::Extern { null: false } => Val::from(ExternRef::new(ctx, 7_u32)),
                    Value::Other => return None,
                })
            }

            fn stop(error: &Error) -> Stop {
                match error.as_trap_code() {
                    Some(code) => Stop::Trap(format!("{code:?}")),
                    None if error.i32_exit_status().is_some() => Stop::Exit,
                    None if error.downcast_ref::<GivesUp>().is_some() => Stop::Host,
                    None => Stop::Error,
                }
            }

            fn note($error: Option<&Error>) -> Option<String> {
                $note
            }

            impl machine::Machine for Machine {
                fn host(&mut self) -> &mut machine::Host {
                    &mut self.store.data_mut().host
                }

                fn instantiate(&mut self) -> Result<(), Stop> {
                    let module = self.module.clone();
                    let mut imports = Vec::new();
                    for item in module.imports() {
                        let name = format!("{}.{}", item.module(), item.name());
                        imports.push(self.import(name, item.ty()).ok_or(Stop::Error)?);
                    }
                    self.instance = None;
                    let result = Instance::new(&mut self.store, &module, &imports);
                    self.note = note(result.as_ref().err());
                    self.instance = Some(result.map_err(|error| stop(&error))?);
                    Ok(())
                }

                fn exports(&mut self) -> Vec<(String, Export)> {
                    let instance = self.instance.expect("there is an instance");
                    let types = |types: &[ValType]| types.iter().map(|ty| type_of(*ty)).collect();
                    let exports = instance.exports(&self.store).map(|export| {
                        #[allow(unreachable_patterns)]
                        let kind = match export.ty(&self.store) {
                            ExternType::Func(ty) => {
                                Export::Func { params: types(ty.params()), results: types(ty.results()) }
                            }
                            ExternType::Global(ty) => {
                                Export::Global { mutable: matches!(ty.mutability(), Mutability::Var) }
                            }
                            ExternType::Memory(_) => Export::Memory,
                            ExternType::Table(_) => Export::Table,
                            _ => Export::Other,
                        };
                        (export.name().to_owned(), kind)
                    });
                    exports.collect()
                }

                fn call(&mut self, name: &str, params: &[Value]) -> Result<Vec<Value>, Stop> {
                    let func = self.export(name).into_func().expect("it is a function");
                    let ty = func.ty(&self.store);
                    let params: Vec<Val> = params
                        .iter()
                        .zip(ty.params())
                        .map(|(value, ty)| val(&mut self.store, *value).unwrap_or(Val::default_for_ty(*ty)))
                        .collect();
                    let mut results: Vec<Val> = ty.results().iter().map(|ty| Val::default_for_ty(*ty)).collect();
                    let result = self.invoke(func, &params, &mut results);
                    self.note = note(result.as_ref().err());
                    result.map_err(|error| stop(&error))?;
                    Ok(results.iter().map(value).collect())
                }

                fn global(&mut self, name: &str) -> Value {
                    let global = self.export(name).into_global().expect("it is a global");
                    value(&global.get(&self.store))
                }

                fn memory(&mut self, name: &str) -> (u64, u64) {
                    let memory = self.export(name).into_memory().expect("it is a memory");
                    (memory.size(&self.store), digest(memory.data(&self.store)))
                }

                fn table(&mut self, name: &str) -> (u64, Vec<Option<bool>>) {
                    let table = self.export(name).into_table().expect("it is a table");
                    let size = table.size(&self.store);
                    let elements = (0..size).map(|index| table.get(&self.store, index).map(|element| element.is_null()));
                    (size, elements.collect())
                }

                fn note(&mut self) -> Option<String> {
                    let note = self.note.take()?;
                    Some(match self.fuel {
                        Fuel::Total(_) => format!("{note}, fuel {}", self.store.get_fuel().unwrap_or_default()),
                        _ => note,
                    })
                }
            }

            /// Returns a configuration with all proposals that the compared engines have.
            pub fn config() -> Config {
                let mut config = Config::default();
                config.set_max_recursion_depth(20_000);
                config.set_max_stack_height(16 << 20);
                config.wasm_custom_page_sizes(true);
                config.wasm_wide_arithmetic(true);
                config.wasm_memory64(true);
                config.wasm_multi_memory(true);
                config.wasm_simd(true);
                config
            }
        }
    };
}

engine!(
    /// This library.
    ours,
    wasmote,
    |error| {
        let frames = |error: &Error| {
            let trace = error.wasm_backtrace();
            let frames = trace.map(|trace| trace.frames().iter().map(|frame| frame.func_index()).collect::<Vec<_>>());
            format!("{frames:?}")
        };
        Some(error.map_or_else(String::new, frames))
    }
);
engine!(
    /// An interpreter of the same kind.
    wasmi,
    wasmi,
    |_error| None
);

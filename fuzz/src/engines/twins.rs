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
    ($(#[$doc:meta])* $name:ident, $engine:ident, $more:ident, |$error:ident| $note:expr) => {
        $(#[$doc])*
        pub mod $name {
            use super::{Fuel, GivesUp, $more as more};
            use crate::machine::{self, Export, MAX_MEMORY, MAX_TABLE, Stop, Type, Value, digest};
            use wasmote_generate::Random;
            use ::$engine::{
                Caller, Config, Engine, Error, Extern, ExternRef, ExternType, Func, Instance, Memory, Module,
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
                    let limits = StoreLimitsBuilder::new().memory_size(MAX_MEMORY).table_elements(MAX_TABLE);
                    let limits = more::limits(limits).build();
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
                                    let params: Vec<_> = params.iter().map(|param| value(&caller, param)).collect();
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
                                Value::Func { .. } | Value::Extern { .. } | Value::Any(_) | Value::Other => {
                                    Val::default_for_ty(ty.content())
                                }
                                value => val(&mut *store, value)?,
                            };
                            more::global(store, *ty, value)?
                        }
                        other => return more::import(store, other),
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
                        _ => more::type_of(ty),
                    }
                }
            }

            pub(super) fn value(ctx: &impl ::$engine::AsContext, value: &Val) -> Value {
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
                    other => more::value(ctx, other),
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
                    Value::Any(shape) => return more::val(shape),
                    Value::Other => return None,
                })
            }

            fn stop(store: &mut Store<Data>, error: &Error) -> Stop {
                if let Some(stop) = more::stop(store, error) {
                    return stop;
                }
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
                    self.instance = Some(result.map_err(|error| stop(&mut self.store, &error))?);
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
                    result.map_err(|error| stop(&mut self.store, &error))?;
                    Ok(results.iter().map(|result| value(&self.store, result)).collect())
                }

                fn global(&mut self, name: &str) -> Value {
                    let global = self.export(name).into_global().expect("it is a global");
                    value(&self.store, &global.get(&self.store))
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
    more_of_ours,
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
    nothing_more,
    |_error| None
);

mod more_of_ours {
    //! What this library has beyond wasmi: references to what is collected, exceptions, and globals of such types.

    use wasmote::{
        AnyRef, AsContext, AsContextMut, Error, ExnRef, Extern, ExternType, Global, GlobalType, HeapType, I31,
        Nullable, Rooted, StoreLimitsBuilder, Tag, Val, ValType,
    };

    use super::ours;
    use crate::machine::{DEPTH, MAX_HEAP, Shape, Stop, Type, Value, digest_parts};

    pub fn limits(limits: StoreLimitsBuilder) -> StoreLimitsBuilder {
        limits.gc_heap_size(MAX_HEAP)
    }

    pub fn global(store: impl AsContextMut, ty: GlobalType, value: Val) -> Option<Extern> {
        Some(Global::with_ty(store, ty, value).ok()?.into())
    }

    pub fn import(store: impl AsContextMut, ty: &ExternType) -> Option<Extern> {
        match ty {
            ExternType::Tag(ty) => Some(Tag::new(store, ty).ok()?.into()),
            _ => None,
        }
    }

    pub fn type_of(ty: ValType) -> Type {
        match ty.as_ref().map(|ty| ty.heap_type()) {
            Some(HeapType::Any | HeapType::Eq | HeapType::I31) => Type::Any { i31: true },
            Some(HeapType::Exn | HeapType::NoExn) => Type::Exn,
            _ => Type::Any { i31: false },
        }
    }

    pub fn value(ctx: &impl AsContext, value: &Val) -> Value {
        at_depth(ctx, value, DEPTH)
    }

    fn at_depth(ctx: &impl AsContext, value: &Val, depth: u32) -> Value {
        match value {
            Val::AnyRef(Nullable::Null) | Val::ExnRef(Nullable::Null) => Value::Any(Shape::Null),
            Val::AnyRef(Nullable::Val(reference)) => {
                Value::Any(shape(ctx, reference, depth).expect("a reference of this store"))
            }
            Val::ExnRef(Nullable::Val(exception)) => {
                Value::Any(exception_shape(ctx, exception, depth).expect("a reference of this store"))
            }
            value => ours::value(ctx, value),
        }
    }

    fn shape(ctx: &impl AsContext, reference: &Rooted<AnyRef>, depth: u32) -> Result<Shape, Error> {
        if let Some(value) = reference.as_i31(ctx)? {
            return Ok(Shape::I31(value.get_i32()));
        }
        if depth == 0 {
            return Ok(Shape::Deep);
        }
        if let Some(object) = reference.as_struct(ctx)? {
            let fields = object.fields(ctx)?.map(|field| at_depth(ctx, &field, depth - 1));
            return Ok(Shape::Struct(digest_parts(fields)));
        }
        if let Some(array) = reference.as_array(ctx)? {
            let elements = array.elems(ctx)?.map(|element| at_depth(ctx, &element, depth - 1));
            return Ok(Shape::Array(array.len(ctx)?, digest_parts(elements)));
        }
        Ok(Shape::Host)
    }

    fn exception_shape(ctx: &impl AsContext, exception: &Rooted<ExnRef>, depth: u32) -> Result<Shape, Error> {
        if depth == 0 {
            return Ok(Shape::Deep);
        }
        let fields = exception.fields(ctx)?.map(|field| at_depth(ctx, &field, depth - 1));
        Ok(Shape::Exn(digest_parts(fields)))
    }

    pub fn val(shape: Shape) -> Option<Val> {
        if let Shape::I31(value) = shape { Some(AnyRef::from_i31(I31::wrapping_i32(value)).into()) } else { None }
    }

    pub fn stop(mut ctx: impl AsContextMut, error: &Error) -> Option<Stop> {
        error.thrown_exception()?;
        let exception = ExnRef::take_pending(&mut ctx)?;
        let shape = exception_shape(&ctx, &exception, DEPTH).expect("an exception of this store");
        Some(Stop::Exception(format!("{shape:?}")))
    }
}

mod nothing_more {
    //! What wasmi has beyond itself: nothing.

    use wasmi::{
        AsContext, AsContextMut, Error, Extern, ExternType, Global, GlobalType, StoreLimitsBuilder, Val, ValType,
    };

    use crate::machine::{Shape, Stop, Type, Value};

    pub fn limits(limits: StoreLimitsBuilder) -> StoreLimitsBuilder {
        limits
    }

    pub fn global(store: impl AsContextMut, ty: GlobalType, value: Val) -> Option<Extern> {
        Some(Global::new(store, value, ty.mutability()).into())
    }

    pub fn import(_: impl AsContextMut, _: &ExternType) -> Option<Extern> {
        None
    }

    pub fn type_of(_: ValType) -> Type {
        Type::Other
    }

    pub fn value(_: &impl AsContext, _: &Val) -> Value {
        Value::Other
    }

    pub fn val(_: Shape) -> Option<Val> {
        None
    }

    pub fn stop(_: impl AsContextMut, _: &Error) -> Option<Stop> {
        None
    }
}

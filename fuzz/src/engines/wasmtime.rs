//! Wasmtime with its compiler: the judge where others differ.

use std::sync::LazyLock;

use ::wasmtime::{
    Caller, Config, Engine, Error, Extern, ExternRef, ExternType, Func, FuncType, Global, HeapType, Instance, Memory,
    Module, Mutability, OptLevel, Ref, Store, StoreLimits, StoreLimitsBuilder, Table, Trap, V128, Val, ValType,
};
use wasmote_generate::Random;

use crate::machine::{self, Export, MAX_MEMORY, MAX_TABLE, Stop, Type, Value, digest};

struct Data {
    host: machine::Host,
    limits: StoreLimits,
}

/// The error of a host function.
#[derive(Debug)]
struct HostStop(Stop);

impl std::fmt::Display for HostStop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl std::error::Error for HostStop {}

/// An engine with a module, a store and at most one instance.
pub struct Machine {
    store: Store<Data>,
    module: Module,
    instance: Option<Instance>,
}

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let mut config = Config::new();
    config
        .wasm_multi_memory(true)
        .wasm_memory64(true)
        .wasm_custom_page_sizes(true)
        .wasm_wide_arithmetic(true)
        .wasm_tail_call(true)
        .wasm_extended_const(true)
        .wasm_function_references(true)
        .wasm_relaxed_simd(true)
        .relaxed_simd_deterministic(true)
        .cranelift_opt_level(OptLevel::None)
        .memory_init_cow(false)
        .memory_reservation(1 << 20)
        .memory_guard_size(1 << 16)
        .max_wasm_stack(1 << 20);
    Engine::new(&config).expect("a configuration that this machine has")
});

impl Machine {
    /// Compiles a module. Returns nothing if it is refused.
    pub fn new(wasm: &[u8], seed: u64) -> Option<Self> {
        let module = Module::new(&ENGINE, wasm).ok()?;
        let limits = StoreLimitsBuilder::new().memory_size(MAX_MEMORY).table_elements(MAX_TABLE).build();
        let host = machine::Host { log: Vec::new(), random: Random(seed) };
        let mut store = Store::new(&ENGINE, Data { host, limits });
        store.limiter(|data| &mut data.limits);
        Some(Self { store, module, instance: None })
    }

    fn import(&mut self, name: String, ty: &ExternType) -> Option<Extern> {
        let store = &mut self.store;
        Some(match ty {
            ExternType::Func(ty) => Extern::Func(func(store, name, ty.clone())),
            ExternType::Memory(ty) => Extern::Memory(Memory::new(store, ty.clone()).ok()?),
            ExternType::Table(ty) => {
                let null = Ref::null(ty.element().heap_type());
                Extern::Table(Table::new(store, ty.clone(), null).ok()?)
            }
            ExternType::Global(ty) => {
                let mut initial = Random(name.len() as u64);
                let value = match Value::random(&mut initial, type_of(ty.content())) {
                    Value::Func { .. } | Value::Extern { .. } | Value::Other => Val::default_for_ty(ty.content())?,
                    value => val(&mut *store, value)?,
                };
                Extern::Global(Global::new(store, ty.clone(), value).ok()?)
            }
            ExternType::Tag(_) => return None,
        })
    }

    fn export(&mut self, name: &str) -> Extern {
        let instance = self.instance.expect("there is an instance");
        instance.get_export(&mut self.store, name).expect("the export exists")
    }
}

fn func(store: &mut Store<Data>, name: String, ty: FuncType) -> Func {
    let results_ty: Vec<Type> = ty.results().map(|ty| type_of(&ty)).collect();
    Func::new(store, ty, move |mut caller: Caller<'_, Data>, params, results| {
        let params: Vec<_> = params.iter().map(value).collect();
        let values = caller.data_mut().host.call(&name, &params, &results_ty);
        let values = values.map_err(|stop| Error::from(HostStop(stop)))?;
        for (result, value) in results.iter_mut().zip(values) {
            if let Some(value) = val(&mut caller, value) {
                *result = value;
            }
        }
        Ok(())
    })
}

fn type_of(ty: &ValType) -> Type {
    match ty {
        ValType::I32 => Type::I32,
        ValType::I64 => Type::I64,
        ValType::F32 => Type::F32,
        ValType::F64 => Type::F64,
        ValType::V128 => Type::V128,
        ValType::Ref(ty) => match ty.heap_type() {
            HeapType::Extern | HeapType::NoExtern => Type::Extern,
            HeapType::Func | HeapType::NoFunc | HeapType::ConcreteFunc(_) => Type::Func,
            _ => Type::Other,
        },
    }
}

fn value(value: &Val) -> Value {
    match value {
        Val::I32(v) => Value::I32(*v),
        Val::I64(v) => Value::I64(*v),
        Val::F32(bits) => Value::F32(*bits),
        Val::F64(bits) => Value::F64(*bits),
        Val::V128(v) => Value::V128(v.as_u128()),
        Val::FuncRef(func) => Value::Func { null: func.is_none() },
        Val::ExternRef(object) => Value::Extern { null: object.is_none() },
        _ => Value::Other,
    }
}

fn val(ctx: impl ::wasmtime::AsContextMut, value: Value) -> Option<Val> {
    Some(match value {
        Value::I32(v) => Val::I32(v),
        Value::I64(v) => Val::I64(v),
        Value::F32(bits) => Val::F32(bits),
        Value::F64(bits) => Val::F64(bits),
        Value::V128(bits) => Val::V128(V128::from(bits)),
        Value::Func { .. } => Val::FuncRef(None),
        Value::Extern { null: true } => Val::ExternRef(None),
        Value::Extern { null: false } => Val::ExternRef(Some(ExternRef::new(ctx, 7_u32).ok()?)),
        Value::Other => return None,
    })
}

fn stop(error: &Error) -> Stop {
    if let Some(HostStop(stop)) = error.downcast_ref() {
        return stop.clone();
    }
    match error.downcast_ref::<Trap>() {
        Some(trap) => Stop::Trap(format!("{trap:?}")),
        None => Stop::Error,
    }
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
            imports.push(self.import(name, &item.ty()).ok_or(Stop::Error)?);
        }
        self.instance = None;
        let instance = Instance::new(&mut self.store, &module, &imports).map_err(|error| stop(&error))?;
        self.instance = Some(instance);
        Ok(())
    }

    fn exports(&mut self) -> Vec<(String, Export)> {
        let exports = self.module.exports().map(|export| {
            let kind = match export.ty() {
                ExternType::Func(ty) => Export::Func {
                    params: ty.params().map(|ty| type_of(&ty)).collect(),
                    results: ty.results().map(|ty| type_of(&ty)).collect(),
                },
                ExternType::Global(ty) => Export::Global { mutable: ty.mutability() == Mutability::Var },
                ExternType::Memory(_) => Export::Memory,
                ExternType::Table(_) => Export::Table,
                ExternType::Tag(_) => Export::Other,
            };
            (export.name().to_owned(), kind)
        });
        exports.collect()
    }

    fn call(&mut self, name: &str, params: &[Value]) -> Result<Vec<Value>, Stop> {
        let func = self.export(name).into_func().expect("it is a function");
        let ty = func.ty(&self.store);
        let params: Option<Vec<Val>> = params
            .iter()
            .zip(ty.params())
            .map(|(value, ty)| val(&mut self.store, *value).or_else(|| Val::default_for_ty(&ty)))
            .collect();
        let params = params.ok_or(Stop::Error)?;
        let mut results = vec![Val::I32(0); ty.results().len()];
        func.call(&mut self.store, &params, &mut results).map_err(|error| stop(&error))?;
        Ok(results.iter().map(value).collect())
    }

    fn global(&mut self, name: &str) -> Value {
        let global = self.export(name).into_global().expect("it is a global");
        value(&global.get(&mut self.store))
    }

    fn memory(&mut self, name: &str) -> (u64, u64) {
        let memory = self.export(name).into_memory().expect("it is a memory");
        (memory.size(&self.store), digest(memory.data(&self.store)))
    }

    fn table(&mut self, name: &str) -> (u64, Vec<Option<bool>>) {
        let table = self.export(name).into_table().expect("it is a table");
        let size = table.size(&self.store);
        let elements = (0..size).map(|index| table.get(&mut self.store, index).map(|element| element.is_null()));
        (size, elements.collect())
    }
}

//! Wasmtime with its compiler: the judge where others differ.

use std::sync::LazyLock;

use ::wasmtime::{
    AnyRef, AsContextMut, Caller, Config, Engine, Error, ExnRef, Extern, ExternRef, ExternType, Func, FuncType,
    GcHeapOutOfMemory, Global, HeapType, I31, Instance, Memory, Module, Mutability, OptLevel, Ref, Result, Rooted,
    Store, StoreLimits, StoreLimitsBuilder, Table, Tag, ThrownException, Trap, V128, Val, ValType,
};
use wasmote_generate::Random;

use crate::machine::{self, DEPTH, Export, MAX_MEMORY, MAX_TABLE, Shape, Stop, Type, Value, digest, digest_parts};

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
        .wasm_gc(true)
        .wasm_exceptions(true)
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
        // Objects are in a memory too, to wasmtime.
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
                    Value::Func { .. } | Value::Extern { .. } | Value::Any(_) | Value::Other => {
                        Val::default_for_ty(ty.content())?
                    }
                    value => val(&mut *store, value)?,
                };
                Extern::Global(Global::new(store, ty.clone(), value).ok()?)
            }
            ExternType::Tag(ty) => Extern::Tag(Tag::new(store, ty).ok()?),
        })
    }

    fn export(&mut self, name: &str) -> Extern {
        let instance = self.instance.expect("there is an instance");
        instance.get_export(&mut self.store, name).expect("the export exists")
    }
}

fn func(store: &mut Store<Data>, name: String, ty: FuncType) -> Func {
    let results_ty: Vec<Type> = ty.results().map(|ty| type_of(&ty)).collect();
    let defaults: Vec<Option<Val>> = ty.results().map(|ty| Val::default_for_ty(&ty)).collect();
    Func::new(store, ty, move |mut caller: Caller<'_, Data>, params, results| {
        let params: Vec<_> = params.iter().map(|param| value(&mut caller, param, DEPTH)).collect();
        let values = caller.data_mut().host.call(&name, &params, &results_ty);
        let values = values.map_err(|stop| Error::from(HostStop(stop)))?;
        for ((result, value), default) in results.iter_mut().zip(values).zip(&defaults) {
            // What is there before has another type.
            if let Some(value) = val(&mut caller, value).or(*default) {
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
            HeapType::Any | HeapType::Eq | HeapType::I31 => Type::Any { i31: true },
            HeapType::Struct
            | HeapType::ConcreteStruct(_)
            | HeapType::Array
            | HeapType::ConcreteArray(_)
            | HeapType::None => Type::Any { i31: false },
            HeapType::Exn | HeapType::NoExn => Type::Exn,
            _ => Type::Other,
        },
    }
}

fn value(ctx: &mut impl AsContextMut, value: &Val, depth: u32) -> Value {
    match value {
        Val::I32(v) => Value::I32(*v),
        Val::I64(v) => Value::I64(*v),
        Val::F32(bits) => Value::F32(*bits),
        Val::F64(bits) => Value::F64(*bits),
        Val::V128(v) => Value::V128(v.as_u128()),
        Val::FuncRef(func) => Value::Func { null: func.is_none() },
        Val::ExternRef(object) => Value::Extern { null: object.is_none() },
        Val::AnyRef(None) | Val::ExnRef(None) => Value::Any(Shape::Null),
        Val::AnyRef(Some(reference)) => Value::Any(shape(ctx, reference, depth).expect("a reference of this store")),
        Val::ExnRef(Some(exception)) => Value::Any(exception_shape(ctx, exception, depth).expect("as before")),
        _ => Value::Other,
    }
}

/// Returns what a reference refers to.
fn shape(ctx: &mut impl AsContextMut, reference: &Rooted<AnyRef>, depth: u32) -> Result<Shape> {
    if let Some(value) = reference.as_i31(&mut *ctx)? {
        return Ok(Shape::I31(value.get_i32()));
    }
    if depth == 0 {
        return Ok(Shape::Deep);
    }
    if let Some(object) = reference.as_struct(&mut *ctx)? {
        let fields: Vec<Val> = object.fields(&mut *ctx)?.collect();
        return Ok(Shape::Struct(digest_parts(fields.iter().map(|field| value(ctx, field, depth - 1)))));
    }
    if let Some(array) = reference.as_array(&mut *ctx)? {
        let len = array.len(&*ctx)?;
        let elements: Vec<Val> = array.elems(&mut *ctx)?.take(20).collect();
        return Ok(Shape::Array(len, digest_parts(elements.iter().map(|element| value(ctx, element, depth - 1)))));
    }
    Ok(Shape::Host)
}

/// Returns what a reference to an exception refers to.
fn exception_shape(ctx: &mut impl AsContextMut, exception: &Rooted<ExnRef>, depth: u32) -> Result<Shape> {
    if depth == 0 {
        return Ok(Shape::Deep);
    }
    let fields: Vec<Val> = exception.fields(&mut *ctx)?.collect();
    Ok(Shape::Exn(digest_parts(fields.iter().map(|field| value(ctx, field, depth - 1)))))
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
        Value::Any(Shape::I31(value)) => Val::AnyRef(Some(AnyRef::from_i31(ctx, I31::wrapping_i32(value)))),
        Value::Any(_) | Value::Other => return None,
    })
}

/// Returns the reason of an error.
fn reason(store: &mut Store<Data>, error: &Error) -> Stop {
    if error.downcast_ref::<ThrownException>().is_some()
        && let Some(exception) = store.take_pending_exception()
    {
        let shape = exception_shape(store, &exception, DEPTH).expect("an exception of this store");
        return Stop::Exception(format!("{shape:?}"));
    }
    stop(error)
}

fn stop(error: &Error) -> Stop {
    if let Some(HostStop(stop)) = error.downcast_ref() {
        return stop.clone();
    }
    if error.downcast_ref::<GcHeapOutOfMemory<()>>().is_some() {
        return Stop::Trap("GcHeapOutOfMemory".into());
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
        let instance = Instance::new(&mut self.store, &module, &imports);
        let instance = instance.map_err(|error| reason(&mut self.store, &error))?;
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
        let result = func.call(&mut self.store, &params, &mut results);
        result.map_err(|error| reason(&mut self.store, &error))?;
        Ok(results.iter().map(|result| value(&mut self.store, result, DEPTH)).collect())
    }

    fn global(&mut self, name: &str) -> Value {
        let global = self.export(name).into_global().expect("it is a global");
        let found = global.get(&mut self.store);
        value(&mut self.store, &found, DEPTH)
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

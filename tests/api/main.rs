//! The library as embedders use it. Everything that runs Wasm runs in both dispatchers.

mod asynchronous;
mod backtrace;
#[cfg(feature = "gc")]
mod collection;
mod compact_imports;
#[cfg(feature = "coredump")]
mod coredump;
mod errors;
#[cfg(feature = "exceptions")]
mod exceptions;
mod fuel;
mod function_references;
#[cfg(feature = "gc")]
mod gc;
mod global;
mod hooks;
mod host_calls;
mod instances;
mod interruption;
mod limits;
mod linker;
mod memory;
mod modules;
mod nan;
mod recursion;
mod reentrancy;
mod references;
mod resumable;
mod shared_memory;
mod table;
mod threads;
mod typed;
mod untrusted;
mod values;
#[cfg(feature = "simd")]
mod vectors;

use wasmote::{CompilationMode, Config, Engine, Error, Extern, Instance, Linker, Module, Store, Val};

/// The compilation modes.
const MODES: [CompilationMode; 3] = [CompilationMode::Eager, CompilationMode::LazyTranslation, CompilationMode::Lazy];

/// Returns an engine for each dispatcher.
fn engines() -> [Engine; 2] {
    engines_with(|_| {})
}

/// Returns an engine for each dispatcher, after `configure` has changed the configuration.
fn engines_with(configure: impl Fn(&mut Config)) -> [Engine; 2] {
    [false, true].map(|portable| {
        let mut config = Config::default();
        configure(&mut config);
        config.portable_dispatch(portable);
        Engine::new(&config)
    })
}

/// Instantiates a module without imports.
fn instance<T>(store: &mut Store<T>, wat: &str) -> Instance {
    let linker = Linker::new(store.engine());
    linked(store, &linker, wat)
}

/// Instantiates a module whose imports a linker defines.
fn linked<T>(store: &mut Store<T>, linker: &Linker<T>, wat: &str) -> Instance {
    try_linked(store, linker, wat).unwrap()
}

/// Like [`linked`], but instantiation may fail.
fn try_linked<T>(store: &mut Store<T>, linker: &Linker<T>, wat: &str) -> Result<Instance, Error> {
    let module = Module::new(store.engine(), wat)?;
    linker.instantiate_and_start(store, &module)
}

/// Calls an export of any type.
fn call<T>(store: &mut Store<T>, instance: Instance, name: &str, inputs: &[Val]) -> Result<Vec<Val>, Error> {
    let func = instance.get_func(&*store, name).unwrap();
    let results = func.ty(&*store).results().len();
    let mut outputs = vec![Val::I32(-1); results];
    func.call(store, inputs, &mut outputs)?;
    Ok(outputs)
}

/// Calls an export that takes i32 values and returns one.
fn call_i32<T>(store: &mut Store<T>, instance: Instance, name: &str, inputs: &[i32]) -> Result<i32, Error> {
    let inputs: Vec<Val> = inputs.iter().copied().map(Val::I32).collect();
    call(store, instance, name, &inputs).map(|outputs| outputs[0].i32().unwrap())
}

/// Returns an exported memory.
fn memory<T>(store: &Store<T>, instance: Instance, name: &str) -> wasmote::Memory {
    instance.get_export(store, name).and_then(Extern::into_memory).unwrap()
}

//! Hostile input: malformed, truncated, corrupted, huge. It causes a typed error or runs within its limits, in time
//! proportional to its bytes.

mod boundaries;
mod corrupt;
mod huge;
mod linear;
mod wasm;

use std::{fs, path::Path, time::Duration, time::Instant};

use wasmote::{
    CompilationMode, Config, Engine, Error, Extern, ExternType, Func, Global, Instance, Memory, Module, Ref, Store,
    StoreLimits, StoreLimitsBuilder, Table, Val, errors::ErrorKind,
};

/// The most time of a single case; generous, since other work on the machine must not make a test fail.
const PATIENCE: Duration = Duration::from_secs(60);

const MODES: [CompilationMode; 3] = [CompilationMode::Eager, CompilationMode::LazyTranslation, CompilationMode::Lazy];

/// Returns engines of all modes and both dispatchers, metered, with small stacks.
fn engines() -> Vec<Engine> {
    let mut engines = Vec::new();
    for mode in MODES {
        for portable in [false, true] {
            let mut config = Config::default();
            config.compilation_mode(mode).portable_dispatch(portable).consume_fuel(true).set_max_stack_height(64 << 10);
            engines.push(Engine::new(&config));
        }
    }
    engines
}

fn kernels() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/kernels/wasm");
    let mut kernels: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "wasm"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect();
    kernels.sort();
    assert!(kernels.len() > 10);
    kernels
}

/// Runs `case` and fails if it takes too long.
fn in_time<R>(name: &str, case: impl FnOnce() -> R) -> R {
    let start = Instant::now();
    let result = case();
    let took = start.elapsed();
    assert!(took < PATIENCE, "{name} took {took:?}");
    result
}

/// Loads bytes that must not be a module, and returns the error.
fn reject(engine: &Engine, name: &str, wasm: &[u8]) -> String {
    in_time(name, || match Module::new(engine, wasm) {
        Ok(_) => panic!("{name}: loaded"),
        Err(error) => {
            if let ErrorKind::Wasm(error) = error.kind() {
                assert!(error.offset() <= wasm.len(), "{name}: {error}");
            }
            error.to_string()
        }
    })
}

/// Returns a definition of an import: a function that does nothing, or zero or null of its type.
fn stub(store: &mut Store<StoreLimits>, ty: &ExternType) -> Result<Extern, Error> {
    Ok(match ty {
        ExternType::Func(ty) => Func::new(store, ty.clone(), |_, _, _| Ok(())).into(),
        ExternType::Memory(ty) => Memory::new(store, *ty)?.into(),
        ExternType::Table(ty) => Table::new(store, *ty, Ref::null(ty.element()))?.into(),
        ExternType::Global(ty) => Global::new(store, Val::default(ty.content()), ty.mutability()).into(),
        _ => return Err(Error::new("nothing of this kind can be made")),
    })
}

/// Instantiates a module and calls all its exports, with fuel and limits. Returns how far it came.
fn run(module: &Module) -> usize {
    const FUEL: u64 = 20_000;
    let limits = StoreLimitsBuilder::new().memory_size(1 << 21).table_elements(10_000).build();
    let mut store = Store::new(module.engine(), limits);
    store.limiter(|limits| limits);
    store.set_fuel(FUEL).unwrap();
    let mut imports = Vec::new();
    for import in module.imports() {
        match stub(&mut store, import.ty()) {
            Ok(import) => imports.push(import),
            Err(_) => return 0,
        }
    }
    let Ok(instance) = Instance::new(&mut store, module, &imports) else { return 1 };
    let funcs: Vec<Func> = instance.exports(&store).filter_map(wasmote::Export::into_func).collect();
    let mut done = 2;
    for func in funcs {
        let ty = func.ty(&store);
        let inputs: Vec<Val> = ty.params().iter().map(|&ty| Val::default(ty)).collect();
        let mut outputs: Vec<Val> = ty.results().iter().map(|&ty| Val::default(ty)).collect();
        store.set_fuel(FUEL).unwrap();
        if func.call(&mut store, &inputs, &mut outputs).is_ok() {
            done += 1;
        }
    }
    done
}

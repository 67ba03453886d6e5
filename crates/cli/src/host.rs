//! What the host offers to a module that is run: printing, and ending the program.

use std::io::{self, Write};

use wasmote::{
    Caller, Engine, Error, Extern, FuncType, ImportType, Linker, Module, Store, StoreLimits, TrapCode, ValType,
};
use wasmote_wasi::{WasiCtx, WasiVersion};

use crate::{
    failure::{Failure, HostOutputError},
    output::Output,
    values::show,
};

/// The host's part of a store.
pub(crate) struct Host {
    /// Where the module prints to
    pub(crate) output: Output,
    /// What the module may allocate
    pub(crate) limits: StoreLimits,
    /// What the module sees by WASI
    pub(crate) wasi: WasiCtx,
}

/// A function that prints its arguments as a line.
const PRINTS: &[(&str, &str, &[ValType])] = &[
    ("env", "print_i32", &[ValType::I32]),
    ("env", "print_i64", &[ValType::I64]),
    ("env", "print_f32", &[ValType::F32]),
    ("env", "print_f64", &[ValType::F64]),
    ("spectest", "print", &[]),
    ("spectest", "print_i32", &[ValType::I32]),
    ("spectest", "print_i64", &[ValType::I64]),
    ("spectest", "print_f32", &[ValType::F32]),
    ("spectest", "print_f64", &[ValType::F64]),
    ("spectest", "print_i32_f32", &[ValType::I32, ValType::F32]),
    ("spectest", "print_f64_f64", &[ValType::F64, ValType::F64]),
];

const PRINT_STR: (&str, &str) = ("env", "print_str");
const EXIT: (&str, &str) = ("env", "exit");

/// A linker with the host's own functions.
pub(crate) fn linker(engine: &Engine) -> Result<Linker<Host>, Failure> {
    let mut linker = Linker::new(engine);
    define(&mut linker).map_err(|error| Failure::new(error.to_string()))?;
    Ok(linker)
}

fn define(linker: &mut Linker<Host>) -> Result<(), Error> {
    for &(module, name, params) in PRINTS {
        let ty = FuncType::new(params.iter().copied(), []);
        linker.func_new(module, name, ty, |mut caller, args, _| {
            let line: Vec<_> = args.iter().map(show).collect();
            print(&mut caller, |output| writeln!(output, "{}", line.join(" ")))
        })?;
    }
    linker.func_wrap(PRINT_STR.0, PRINT_STR.1, print_str)?;
    linker.func_wrap(EXIT.0, EXIT.1, |status: i32| -> Result<(), Error> { Err(Error::i32_exit(status)) })?;
    Ok(())
}

fn print(caller: &mut Caller<'_, Host>, write: impl FnOnce(&mut Output) -> io::Result<()>) -> Result<(), Error> {
    let output = &mut caller.data_mut().output;
    write(output).and_then(|()| output.show()).map_err(|error| Error::host(HostOutputError(error)))
}

/// Prints text of the caller's exported memory, what is no UTF-8 in it as replacement characters.
fn print_str(mut caller: Caller<'_, Host>, pointer: i32, len: i32) -> Result<(), Error> {
    let Some(memory) = caller.get_export("memory").and_then(Extern::into_memory) else {
        return Err(Error::new(
            "`env::print_str` reads the memory exported as `memory`, which the module does not have",
        ));
    };
    // Both are unsigned.
    let (pointer, len) = (pointer.cast_unsigned() as usize, len.cast_unsigned() as usize);
    let (data, host) = memory.data_and_store_mut(&mut caller);
    let text = pointer.checked_add(len).and_then(|end| data.get(pointer..end)).ok_or(TrapCode::MemoryOutOfBounds)?;
    let output = &mut host.output;
    let result = output.write_all(String::from_utf8_lossy(text).as_bytes());
    result.and_then(|()| output.show()).map_err(|error| Error::host(HostOutputError(error)))
}

/// The failure if a module imports what a linker does not have.
pub(crate) fn check_imports(
    name: &str,
    module: &Module,
    linker: &Linker<Host>,
    store: &mut Store<Host>,
) -> Result<(), Failure> {
    let missing: Vec<_> = module
        .imports()
        .filter(|import| linker.resolve(&mut *store, import.module(), import.name()).is_none())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list: String =
        missing.iter().map(|import| format!("\n`{}::{}`: {}", import.module(), import.name(), import.ty())).collect();
    let failure = Failure::new(format!("{name} imports what there is not:{list}"));
    let is_wasi = |module: &str| {
        [WasiVersion::Snapshot0, WasiVersion::Snapshot1].iter().any(|version| version.module_name() == module)
    };
    let mut has_wasi = |module: &str| linker.resolve(&mut *store, module, "proc_exit").is_some();
    Err(failure.hint(match missing.iter().map(ImportType::module).find(|module| module.starts_with("wasi")) {
        None => "`wasmote run --help` says what can be imported",
        Some(module) if !is_wasi(module) => "of WASI there are preview 1 and snapshot 0 only",
        Some(module) if has_wasi(module) => "this version of WASI has no such function",
        Some(_) => "`--wasi auto` lets the module import this version of WASI",
    }))
}

//! The host functions that a module can import, for printing and for ending the program.

use std::io::{self, Write};

use wasmote::{
    Caller, Engine, Error, Extern, ExternType, FuncType, ImportType, Linker, Module, Store, StoreLimits, TrapCode,
    ValType,
};
use wasmote_wasi::{WasiCtx, WasiVersion};

use crate::{
    failure::{Failure, HostOutputError, HostTrap},
    names::escape,
    output::Output,
    values::show,
};

/// The host data of a store.
pub(crate) struct Host {
    /// The output that the module prints to
    pub(crate) output: Output,
    /// The limits of memories and tables
    pub(crate) limits: StoreLimits,
    /// The WASI context
    pub(crate) wasi: WasiCtx,
}

impl Host {
    /// Returns the host data of another thread of the program.
    pub(crate) fn fork(&mut self) -> Self {
        let mut output = Output::stdout();
        output.show_always();
        Self { output, limits: self.limits.clone(), wasi: self.wasi.fork() }
    }
}

/// The functions that print their arguments as a line.
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
/// What programs of `AssemblyScript` call when an assertion fails.
const ABORT: (&str, &str) = ("env", "abort");
/// The most code units of a string in its message.
const MAX_UNITS: usize = 1000;

/// Creates a linker with the host functions.
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
    linker.func_wrap(ABORT.0, ABORT.1, abort)?;
    Ok(())
}

fn print(caller: &mut Caller<'_, Host>, write: impl FnOnce(&mut Output) -> io::Result<()>) -> Result<(), Error> {
    let output = &mut caller.data_mut().output;
    write(output).and_then(|()| output.show()).map_err(|error| Error::host(HostOutputError(error)))
}

/// Prints text of the caller's exported memory. Invalid UTF-8 becomes replacement characters.
fn print_str(mut caller: Caller<'_, Host>, pointer: i32, len: i32) -> Result<(), Error> {
    let Some(memory) = caller.get_export("memory").and_then(Extern::into_memory) else {
        return Err(Error::new(
            "`env::print_str` reads the memory exported as `memory`, which the module does not have",
        ));
    };
    // Both are unsigned.
    let (pointer, len) = (pointer.cast_unsigned() as usize, len.cast_unsigned() as usize);
    if pointer.checked_add(len).is_none_or(|end| end > memory.data_size(&caller)) {
        return Err(TrapCode::MemoryOutOfBounds.into());
    }
    // A copy: other threads may change the bytes of a shared memory.
    let mut text = vec![0; len];
    memory.read(&caller, pointer, &mut text)?;
    let output = &mut caller.data_mut().output;
    let result = output.write_all(String::from_utf8_lossy(&text).as_bytes());
    result.and_then(|()| output.show()).map_err(|error| Error::host(HostOutputError(error)))
}

/// Ends the program with a message. Both strings are managed objects of `AssemblyScript`, or null.
#[expect(clippy::needless_pass_by_value, reason = "linkers pass it by value")]
fn abort(caller: Caller<'_, Host>, message: u32, file: u32, line: u32, column: u32) -> Result<(), Error> {
    let memory = caller.get_export("memory").and_then(Extern::into_memory);
    // There are no references to the bytes of a shared memory.
    let memory = memory.filter(|memory| memory.shared(&caller).is_none());
    let string = |pointer| memory.and_then(|memory| managed_string(memory.data(&caller), pointer));
    let mut text = String::from("the program aborted");
    if let Some(message) = string(message) {
        text += &format!(": {message}");
    }
    if let Some(file) = string(file) {
        text += &format!(", at {file}:{line}:{column}");
    }
    Err(Error::host(HostTrap(text)))
}

/// Reads a string of `AssemblyScript`: UTF-16, with its length in bytes before it.
fn managed_string(memory: &[u8], pointer: u32) -> Option<String> {
    let start = pointer as usize;
    let header = memory.get(start.checked_sub(4)?..start)?;
    let len = u32::from_le_bytes(header.try_into().ok()?) as usize;
    let bytes = memory.get(start..start.checked_add(len)?)?;
    let units: Vec<_> =
        bytes.chunks_exact(2).take(MAX_UNITS).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    Some(escape(&String::from_utf16_lossy(&units)))
}

/// Defines the functions that a module imports and that a linker lacks. A call of one traps.
pub(crate) fn define_unknown(
    module: &Module,
    linker: &mut Linker<Host>,
    store: &mut Store<Host>,
) -> Result<(), Failure> {
    for import in module.imports() {
        let ExternType::Func(ty) = import.ty() else { continue };
        if linker.resolve(&mut *store, import.module(), import.name()).is_some() {
            continue;
        }
        let what = format!("the unknown import `{}::{}` was called", escape(import.module()), escape(import.name()));
        linker
            .func_new(import.module(), import.name(), ty.clone(), move |_, _, _| {
                Err(Error::host(HostTrap(what.clone())))
            })
            .map_err(|error| Failure::new(error.to_string()))?;
    }
    Ok(())
}

/// Checks that a linker defines all imports of a module.
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
    let name_of = |import: &ImportType<'_>| format!("\n`{}::{}`", escape(import.module()), escape(import.name()));
    let mut list: String = missing.iter().map(|import| format!("{}: {}", name_of(import), import.ty())).collect();
    // Those of another type would be the next thing to fail.
    for import in module.imports() {
        let found = linker.resolve(&mut *store, import.module(), import.name());
        if let (ExternType::Func(wanted), Some(Extern::Func(func))) = (import.ty(), found)
            && func.ty(&*store) != *wanted
        {
            list += &format!("{}: func {wanted}, which has the type {}", name_of(&import), func.ty(&*store));
        }
    }
    let failure = Failure::new(format!("{name} has unknown imports:{list}"));
    let is_wasi = |module: &str| {
        [WasiVersion::Snapshot0, WasiVersion::Snapshot1].iter().any(|version| version.module_name() == module)
    };
    let mut has_wasi = |module: &str| linker.resolve(&mut *store, module, "proc_exit").is_some();
    Err(failure.hint(match missing.iter().map(ImportType::module).find(|module| module.starts_with("wasi")) {
        None => "`wasmote run --help` lists what can be imported; with `--unknown-imports=trap`, only a call fails",
        Some(module) if !is_wasi(module) => "only preview 1 and snapshot 0 of WASI are supported",
        Some(module) if has_wasi(module) => "this version of WASI has no such function",
        Some(_) => "use `--wasi auto` to let the module import this version of WASI",
    }))
}

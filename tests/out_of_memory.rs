//! A large allocation that fails is an error or a trap.
//!
//! "Large" is at least `LARGE` bytes: those whose size a module determines. An allocation that fails where the library cannot
//! report it aborts the process, so each case runs in a process of its own.
//!
//! Smaller allocations of fixed size (boxes of instances, errors, host functions) may abort; CONTRIBUTING.md says so. `PHASES`
//! says which work has such, and how many: calls and growth have none.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    env,
    process::Command,
    sync::atomic::{AtomicBool, AtomicIsize, AtomicUsize, Ordering::Relaxed},
};

use wasmote::{
    Caller, CompilationMode, Config, Engine, Error, Linker, Memory, Module, Ref, RefType, Store, TrapCode, Val,
    errors::{ErrorKind, InstantiationError, LimitsError, MemoryError, TableError},
};

/// The least size of a large allocation.
const LARGE: usize = 4096;

/// Fails one large allocation.
struct Failing;

static ARMED: AtomicBool = AtomicBool::new(false);
/// The least size of an allocation that may fail.
static LEAST: AtomicUsize = AtomicUsize::new(LARGE);
/// The number of such allocations until one fails; negative after that.
static LEFT: AtomicIsize = AtomicIsize::new(0);

fn fails(size: usize) -> bool {
    size >= LEAST.load(Relaxed) && ARMED.load(Relaxed) && LEFT.fetch_sub(1, Relaxed) == 0
}

// SAFETY: every call is passed on to the system's allocator, which keeps the contract, or answers that there is no memory.
unsafe impl GlobalAlloc for Failing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of this function, which is that of the system's allocator.
        if fails(layout.size()) { std::ptr::null_mut() } else { unsafe { System.alloc(layout) } }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: As for `alloc`.
        if fails(layout.size()) { std::ptr::null_mut() } else { unsafe { System.alloc_zeroed(layout) } }
    }

    unsafe fn realloc(&self, bytes: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if size > layout.size() && fails(size) {
            return std::ptr::null_mut();
        }
        // SAFETY: As for `alloc`; `bytes` comes from the system's allocator.
        unsafe { System.realloc(bytes, layout, size) }
    }

    unsafe fn dealloc(&self, bytes: *mut u8, layout: Layout) {
        // SAFETY: As for `realloc`.
        unsafe { System.dealloc(bytes, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Failing = Failing;

/// A module all of whose parts are large.
fn wasm() -> Vec<u8> {
    let repeat = |count: usize, text: &dyn Fn(usize) -> String| (0..count).map(text).collect::<String>();
    let text = format!(
        r#"(module {types} {imports} (memory (export "m") 2 100) (table $t (export "t") 2000 100000 funcref)
        {globals} {funcs} (func (export "run") (param i32) (result i32) {locals} {code} (local.get 0))
        (func (export "grow") (param i32) (result i32)
            (i32.add (memory.grow (local.get 0)) (table.grow $t (ref.null func) (i32.const 3000))))
        (elem (i32.const 0) func {elements}) (elem func {elements}) (elem funcref {exprs})
        (data (i32.const 0) "{data}") (data "{data}"))"#,
        types = repeat(600, &|i| format!(
            "(type (func {}))",
            "(param i32)".repeat(i % 30 + 1) + &"(result i64)".repeat(i / 30)
        )),
        imports = repeat(300, &|i| format!(r#"(import "host" "function number {i}" (func))"#)),
        globals = repeat(1000, &|i| format!("(global (mut i64) (i64.const {i}))")),
        funcs = repeat(2000, &|i| format!(r#"(func (export "an exported function, number {i}"))"#)),
        locals = "(local i32)".repeat(2000),
        code = repeat(2000, &|i| format!("(local.set {} (i32.add (local.get 0) (i32.const {i})))", i + 1)),
        elements = repeat(2000, &|i| format!(" {i}")),
        exprs = repeat(2000, &|i| format!("(ref.func {i})")),
        data = "x".repeat(10_000),
    );
    wat::parse_str(text).expect("the module is well formed")
}

/// Loads, instantiates, calls and grows.
fn work(wasm: &[u8], mode: CompilationMode) -> Result<(), Error> {
    let mut config = Config::default();
    config.compilation_mode(mode);
    let engine = Engine::new(&config);
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    for i in 0..300 {
        linker.func_wrap("host", &format!("function number {i}"), |_: Caller<'_, ()>| {})?;
    }
    ARMED.store(true, Relaxed);
    let module = Module::new(&engine, wasm)?;
    let instance = linker.instantiate_and_start(&mut store, &module)?;
    let call = |store: &mut Store<()>, name: &str| {
        let func = instance.get_func(&*store, name).ok_or(Error::new("no such function"))?;
        let mut outputs = [Val::I32(0)];
        func.call(store, &[Val::I32(1)], &mut outputs)
    };
    call(&mut store, "run")?;
    call(&mut store, "grow")?;
    Memory::new(&mut store, wasmote::MemoryType::new(1, None))?;
    let table = instance.get_table(&store, "t").ok_or(Error::new("no table"))?;
    table.grow(&mut store, 5000, Ref::null(RefType::Func))?;
    Ok(())
}

/// Work that is done alone, after a preparation during which nothing fails.
mod phases {
    use std::sync::atomic::Ordering::Relaxed;

    use wasmote::{Caller, Config, Engine, Error, Func, Instance, Linker, Module, ResumableCall, Store, TrapCode, Val};

    use super::{ARMED, LEAST};

    const TEXT: &str = r#"(module
        (import "host" "add" (func $add (param i32) (result i32)))
        (import "host" "stop" (func $stop (param i32) (result i32)))
        (memory (export "m") 1 100) (table $t (export "t") 1 1000 funcref)
        (func $add_one (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
        (func (export "call") (param i32) (result i32) (call $add_one (local.get 0)))
        (func (export "host") (param i32) (result i32) (call $add (local.get 0)))
        (func (export "suspend") (param i32) (result i32) (call $stop (local.get 0)))
        (func (export "memory.grow") (param i32) (result i32) (memory.grow (local.get 0)))
        (func (export "table.grow") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0)))
        (func (export "trap") (param i32) (result i32) (i32.div_u (local.get 0) (i32.const 0))))"#;

    /// Whether the host stopped a call on purpose.
    fn stop() -> Error {
        Error::i32_exit(7)
    }

    fn link(linker: &mut Linker<()>) -> Result<(), Error> {
        linker.func_wrap("host", "add", |_: Caller<'_, ()>, x: i32| x + 1)?;
        linker.func_wrap("host", "stop", |_: Caller<'_, ()>, _: i32| -> Result<i32, Error> { Err(stop()) })?;
        Ok(())
    }

    fn suspend(store: &mut Store<()>, func: Func) -> Result<ResumableCall, Error> {
        func.call_resumable(store, &[Val::I32(1)], &mut [Val::I32(0)])
    }

    /// Does the work of a phase, with allocations that fail.
    pub(crate) fn run(phase: &str) -> Result<(), Error> {
        LEAST.store(1, Relaxed);
        let arm = || ARMED.store(true, Relaxed);
        let wasm = wat::parse_str(TEXT).expect("the module is well formed");
        let engine = Engine::new(&Config::default());
        let mut linker = Linker::new(&engine);
        if phase == "linker" {
            arm();
            return link(&mut linker);
        }
        link(&mut linker)?;
        if phase == "load" {
            arm();
            return Module::new(&engine, &wasm).map(drop);
        }
        let module = Module::new(&engine, &wasm)?;
        let mut store = Store::new(&engine, ());
        if phase == "instantiate" {
            arm();
            return linker.instantiate_and_start(&mut store, &module).map(drop);
        }
        let instance: Instance = linker.instantiate_and_start(&mut store, &module)?;
        let get = |store: &Store<()>, name: &str| {
            instance.get_func(store, name).ok_or_else(|| Error::new("no such function"))
        };
        let call =
            |store: &mut Store<()>, name: &str| get(store, name)?.call(store, &[Val::I32(1)], &mut [Val::I32(0)]);
        let name = match phase {
            "first call" => {
                arm();
                return call(&mut store, "call");
            }
            "call of the host" => "host",
            "suspend" | "resume" => {
                let func = get(&store, "suspend")?;
                drop(suspend(&mut store, func)?);
                if phase == "suspend" {
                    arm();
                    return suspend(&mut store, func).map(drop);
                }
                let ResumableCall::HostTrap(suspended) = suspend(&mut store, func)? else {
                    return Err(Error::new("the call was not suspended"));
                };
                arm();
                return suspended.resume(&mut store, &[Val::I32(5)], &mut [Val::I32(0)]).map(drop);
            }
            name => name,
        };
        // What is made at the first call exists.
        let first = call(&mut store, name);
        if name != "trap" {
            first?;
        }
        arm();
        let second = call(&mut store, name);
        match second.as_ref().map_err(Error::as_trap_code) {
            Err(Some(TrapCode::IntegerDivisionByZero)) => Ok(()),
            _ => second,
        }
    }
}

/// Does the work in this process, if the parent process asks for it.
#[test]
fn child() {
    let Some(at) = env::var("WASMOTE_FAIL_AT").ok() else { return };
    let mode = match &*env::var("WASMOTE_FAIL_IN").expect("the parent sets both") {
        "eager" => CompilationMode::Eager,
        "lazy" => CompilationMode::Lazy,
        _ => CompilationMode::LazyTranslation,
    };
    LEFT.store(at.parse().expect("a number"), Relaxed);
    let result = match env::var("WASMOTE_FAIL_PHASE") {
        Ok(phase) => phases::run(&phase),
        Err(_) => work(&wasm(), mode),
    };
    ARMED.store(false, Relaxed);
    let failed = LEFT.load(Relaxed) < 0;
    let outcome = match &result {
        Ok(()) => failed,
        Err(error) => match error.kind() {
            ErrorKind::TrapCode(TrapCode::OutOfSystemMemory)
            | ErrorKind::ImplementationLimits(LimitsError::OutOfSystemMemory)
            | ErrorKind::Memory(MemoryError::OutOfSystemMemory)
            | ErrorKind::Table(TableError::OutOfSystemMemory)
            | ErrorKind::Instantiation(
                InstantiationError::FailedToInstantiateMemory(MemoryError::OutOfSystemMemory)
                | InstantiationError::FailedToInstantiateTable(TableError::OutOfSystemMemory),
            ) => failed,
            kind => panic!("{kind:?}"),
        },
    };
    println!("outcome: {}", if outcome { "survived" } else { "nothing failed" });
}

/// Work whose allocations fail one after the other, small ones too, and how many of them abort the process at most.
///
/// None where the host has no choice: code that runs, growth. What aborts is a box or a reference count of
/// the library's own or of the parser, which stable Rust cannot try to allocate.
const PHASES: &[(&str, usize)] = &[
    ("linker", 6),
    ("load", 12),
    ("instantiate", 8),
    ("first call", 16),
    ("call", 0),
    ("call of the host", 0),
    ("memory.grow", 0),
    ("table.grow", 0),
    ("trap", 8),
    ("suspend", 4),
    ("resume", 2),
];

#[test]
fn few_small_allocations_abort() {
    let mut failures = Vec::new();
    for &(phase, most) in PHASES {
        let (mut at, mut aborts) = (0, 0);
        loop {
            let output = Command::new(env::current_exe().expect("the test knows its file"))
                .args(["child", "--exact", "--nocapture"])
                .env("WASMOTE_FAIL_AT", at.to_string())
                .env("WASMOTE_FAIL_IN", "lazy translation")
                .env("WASMOTE_FAIL_PHASE", phase)
                .env("RUST_BACKTRACE", "1")
                .output()
                .expect("the child process runs");
            let stdout = String::from_utf8_lossy(&output.stdout);
            if stdout.contains("outcome: nothing failed") {
                break;
            }
            // Builds with debug assertions verify code, in memory that other builds do not need.
            let is_verifier = String::from_utf8_lossy(&output.stderr).contains("ir::verify");
            aborts += usize::from(!stdout.contains("outcome: survived") && !is_verifier);
            at += 1;
        }
        println!("{phase}: {at} allocations, {aborts} abort");
        if aborts > most {
            failures.push(format!("{phase}: {aborts} of {at} allocations abort, at most {most} may"));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn large_allocations_that_fail_are_errors() {
    let mut aborts = Vec::new();
    for mode in ["eager", "lazy translation", "lazy"] {
        let mut at = 0;
        loop {
            let output = Command::new(env::current_exe().expect("the test knows its file"))
                .args(["child", "--exact", "--nocapture"])
                .env("WASMOTE_FAIL_AT", at.to_string())
                .env("WASMOTE_FAIL_IN", mode)
                .env("RUST_BACKTRACE", "1")
                .output()
                .expect("the child process runs");
            let stdout = String::from_utf8_lossy(&output.stdout);
            if stdout.contains("outcome: nothing failed") {
                break;
            }
            let stderr = String::from_utf8_lossy(&output.stderr);
            // Builds with debug assertions verify code, in memory that other builds do not need.
            if !stdout.contains("outcome: survived") && !stderr.contains("ir::verify") {
                aborts.push(format!("{mode}, {at}: {stderr}"));
            }
            at += 1;
        }
        assert!(at > 20, "{mode}: {at} large allocations");
    }
    assert!(aborts.is_empty(), "{} aborts: {aborts:#?}", aborts.len());
}

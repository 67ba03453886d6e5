//! A large allocation that fails is an error or a trap.
//!
//! "Large" is at least `LARGE` bytes: those whose size a module determines. An allocation that fails where the library cannot
//! report it aborts the process, so each case runs in a process of its own. Smaller allocations of fixed size (boxes of
//! instances, errors, host functions) abort; CONTRIBUTING.md says so.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    env,
    process::Command,
    sync::atomic::{AtomicBool, AtomicIsize, Ordering::Relaxed},
};

use wasmote::{
    Caller, CompilationMode, Config, Engine, Error, Linker, Memory, Module, Ref, RefType, Store, TrapCode, Val,
    errors::{ErrorKind, InstantiationError, LimitsError, MemoryError, TableError},
};

/// The least size of an allocation that may fail.
const LARGE: usize = 4096;

/// Fails one large allocation.
struct Failing;

static ARMED: AtomicBool = AtomicBool::new(false);
/// The number of large allocations until one fails; negative after that.
static LEFT: AtomicIsize = AtomicIsize::new(0);

fn fails(size: usize) -> bool {
    size >= LARGE && ARMED.load(Relaxed) && LEFT.fetch_sub(1, Relaxed) == 0
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

/// Does the work in this process, if the parent process asks for it.
#[test]
fn child() {
    let Some(at) = env::var("WASMOTE_FAIL_AT").ok() else { return };
    let mode = match &*env::var("WASMOTE_FAIL_IN").expect("the parent sets both") {
        "eager" => CompilationMode::Eager,
        "lazy" => CompilationMode::Lazy,
        _ => CompilationMode::LazyTranslation,
    };
    let wasm = wasm();
    LEFT.store(at.parse().expect("a number"), Relaxed);
    let result = work(&wasm, mode);
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

//! Programs whose memory is shared, and programs with threads.

use std::{
    process::Command,
    sync::{Arc, Mutex},
};

use wasmote::{Config, Engine, Error, Linker, Module, Store};
use wasmote_wasi::{CapturedOutput, WasiCtx, WasiCtxBuilder, WasiThreads, WasiVersion, add_to_linker};

use crate::shim::SHARED;

/// Runs all other tests again, with programs that have a shared memory.
#[test]
fn everything_with_a_shared_memory() {
    let own = std::env::current_exe().unwrap();
    let output = Command::new(own).args(["--skip", "shared::"]).env(SHARED, "1").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(!text.contains(" 0 passed"), "{text}");
}

/// Threads write to one descriptor, and use clocks and random numbers.
const PROGRAM: &str = r#"(module
    (import "env" "memory" (memory 1 1 shared))
    (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (export "memory" (memory 0))
    (data (i32.const 0) "\10\00\00\00\04\00\00\00")
    (data (i32.const 16) "abc\n")
    (func (export "wasi_thread_start") (param $id i32) (param $what i32)
        (if (i32.eq (local.get $what) (i32.const 1)) (then (call $exit (i32.const 7))))
        (if (i32.eq (local.get $what) (i32.const 2)) (then (unreachable)))
        (if (i32.eq (local.get $what) (i32.const 3)) (then
            (drop (memory.atomic.wait32 (i32.const 64) (i32.const 0) (i64.const -1)))))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1)
            (i32.add (i32.const 1024) (i32.shl (local.get $id) (i32.const 3)))))
        (drop (i32.atomic.rmw.add (i32.const 128) (i32.const 1)))
        (drop (memory.atomic.notify (i32.const 128) (i32.const -1))))
    (func (export "spawn") (param $what i32) (result i32) (call $spawn (local.get $what)))
    (func (export "wait") (param $threads i32) (local $seen i32)
        (loop $again
            (local.set $seen (i32.atomic.load (i32.const 128)))
            (if (i32.lt_u (local.get $seen) (local.get $threads)) (then
                (drop (memory.atomic.wait32 (i32.const 128) (local.get $seen) (i64.const -1)))
                (br $again))))))"#;

struct Setup {
    store: Store<WasiCtx>,
    threads: WasiThreads<WasiCtx>,
    instance: wasmote::Instance,
    output: CapturedOutput,
}

fn setup(limit: usize) -> Setup {
    let engine = Engine::new(Config::default().wasm_threads(true));
    let module = Module::new(&engine, PROGRAM).unwrap();
    let threads = WasiThreads::new(limit, WasiThreads::call);
    let mut linker = Linker::new(&engine);
    add_to_linker(&mut linker, WasiVersion::Snapshot1, |ctx| ctx).unwrap();
    threads.add_to_linker(&mut linker, &module, WasiCtx::fork).unwrap();
    threads.set_module(linker.instantiate_pre(&module).unwrap());
    let output = CapturedOutput::new();
    let mut store = Store::new(&engine, WasiCtxBuilder::new().captured_stdout(&output).build().unwrap());
    threads.add_store(&store);
    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
    Setup { store, threads, instance, output }
}

impl Setup {
    fn spawn(&mut self, what: i32) -> i32 {
        let spawn = self.instance.get_typed_func::<i32, i32>(&self.store, "spawn").unwrap();
        spawn.call(&mut self.store, what).unwrap()
    }

    fn wait(&mut self, threads: i32) -> Result<(), Error> {
        let wait = self.instance.get_typed_func::<i32, ()>(&self.store, "wait").unwrap();
        wait.call(&mut self.store, threads)
    }
}

#[test]
fn threads_share_descriptors() {
    let mut setup = setup(16);
    let ids: Vec<i32> = (0..8).map(|_| setup.spawn(0)).collect();
    assert_eq!(ids, [1, 2, 3, 4, 5, 6, 7, 8]);
    setup.wait(8).unwrap();
    assert!(setup.threads.join().is_none());
    assert_eq!(setup.output.contents(), b"abc\n".repeat(8));
}

#[test]
fn an_error_of_one_thread_ends_all() {
    for (what, status) in [(1, Some(7)), (2, None)] {
        let mut setup = setup(16);
        assert!(setup.spawn(3) > 0);
        assert!(setup.spawn(what) > 0);
        // This thread waits for more threads than there are.
        let error = setup.wait(100).unwrap_err();
        assert_eq!(error.as_trap_code(), Some(wasmote::TrapCode::Interrupt));
        let error = setup.threads.join().unwrap();
        assert_eq!(error.i32_exit_status(), status);
        assert!(setup.threads.has_ended());
        assert!(setup.spawn(0) < 0, "no further thread starts");
    }
}

#[test]
fn threads_are_limited_and_ended_by_the_host() {
    let mut setup = setup(2);
    assert!(setup.spawn(3) > 0 && setup.spawn(3) > 0);
    assert_eq!(setup.spawn(3), -6, "again");
    setup.threads.end();
    assert!(setup.threads.join().is_none());
}

#[test]
fn a_thread_that_cannot_begin_is_an_error() {
    let engine = Engine::new(Config::default().wasm_threads(true));
    let module = Module::new(
        &engine,
        r#"(module (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
            (func (export "run") (result i32) (call $spawn (i32.const 0))))"#,
    )
    .unwrap();
    let errors = Arc::new(Mutex::new(Vec::new()));
    let noted = errors.clone();
    let threads = WasiThreads::<()>::new(2, move |store, module, arguments| {
        let result = WasiThreads::call(store, module, arguments);
        noted.lock().unwrap().extend(result.as_ref().err().map(ToString::to_string));
        result
    });
    let mut linker = Linker::new(&engine);
    threads.add_to_linker(&mut linker, &module, |()| ()).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
    let run = instance.get_typed_func::<(), i32>(&store, "run").unwrap();
    assert_eq!(run.call(&mut store, ()).unwrap(), -58, "no module");
    threads.set_module(linker.instantiate_pre(&module).unwrap());
    assert_eq!(run.call(&mut store, ()).unwrap(), 1);
    assert!(threads.join().unwrap().to_string().contains("wasi_thread_start"));
    assert_eq!(errors.lock().unwrap().len(), 1);
}

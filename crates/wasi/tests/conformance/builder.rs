//! Valid and invalid input for the builder.

use wasmote::{Engine, Linker, Module, Store};
use wasmote_wasi::{Errno, MemoryFileSystem, WasiCtx, WasiCtxBuilder, WasiError, WasiVersion, add_to_linker};

#[test]
fn strings_that_no_program_can_take() {
    for builder in [
        WasiCtxBuilder::new().arg("a\0b"),
        WasiCtxBuilder::new().env("A\0", ""),
        WasiCtxBuilder::new().env("A", "\0"),
        WasiCtxBuilder::new().env("", "x"),
        WasiCtxBuilder::new().env("A=B", "x"),
        WasiCtxBuilder::new().preopened_memory(&MemoryFileSystem::new(), "/\0"),
    ] {
        assert!(matches!(builder.build(), Err(WasiError::InvalidString { .. })));
    }
}

#[test]
fn directories_that_are_not_there() {
    let dir = tempfile::TempDir::new().unwrap();
    std::fs::write(dir.path().join("file"), "").unwrap();
    for path in ["none", "file"] {
        let mut builder = WasiCtxBuilder::new();
        let error = builder.preopened_dir(dir.path().join(path), "/").unwrap_err();
        assert!(matches!(error, WasiError::OpenDirectory { .. }));
        assert!(error.to_string().contains(path));
        assert!(std::error::Error::source(&error).is_some());
    }
}

#[test]
fn too_many_descriptors() {
    assert!(matches!(WasiCtxBuilder::new().max_descriptors(2).build(), Err(WasiError::TooMany)));
    assert!(WasiCtxBuilder::new().max_descriptors(3).build().is_ok());
}

#[test]
fn this_process_can_be_inherited() {
    WasiCtxBuilder::new().inherit_stdio().inherit_args().inherit_env().build().unwrap();
}

#[test]
fn a_linker_takes_both_versions_once() {
    let engine = Engine::default();
    let mut linker = Linker::<WasiCtx>::new(&engine);
    add_to_linker(&mut linker, WasiVersion::Snapshot0, |ctx| ctx).unwrap();
    add_to_linker(&mut linker, WasiVersion::Latest, |ctx| ctx).unwrap();
    assert!(add_to_linker(&mut linker, WasiVersion::Snapshot1, |ctx| ctx).is_err());
}

#[test]
fn a_program_without_memory_is_told() {
    let engine = Engine::default();
    let wat = r#"
        (module
            (import "wasi_snapshot_preview1" "clock_time_get" (func $get (param i32 i64 i32) (result i32)))
            (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
            (func (export "get") (result i32) (call $get (i32.const 0) (i64.const 0) (i32.const 0)))
            (func (export "yield") (result i32) (call $yield))
            (global (export "memory") i32 (i32.const 0)))
    "#;
    let module = Module::new(&engine, wat).unwrap();
    let mut linker = Linker::new(&engine);
    add_to_linker(&mut linker, WasiVersion::Latest, |ctx: &mut (u32, WasiCtx)| &mut ctx.1).unwrap();
    let mut store = Store::new(&engine, (0, WasiCtxBuilder::new().build().unwrap()));
    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
    let call = |store: &mut Store<_>, name| instance.get_typed_func::<(), i32>(&*store, name).unwrap().call(store, ());
    assert_eq!(call(&mut store, "yield").unwrap(), 0);
    let error = call(&mut store, "get").unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(WasiError::NoMemory)));
}

#[test]
fn files_in_memory_from_the_outside() {
    let files = MemoryFileSystem::with_limit(10_000);
    files.write("a/b/c", "text").unwrap();
    files.write("a/b/c", "other").unwrap();
    files.create_directory("a/d/").unwrap();
    assert_eq!(files.read("a/b/../b/c").unwrap(), b"other");
    assert_eq!(files.names(".").unwrap(), ["a"]);
    assert_eq!(files.names("a").unwrap(), ["b", "d"]);
    assert_eq!(files.read("a"), Err(Errno::IsDirectory));
    assert_eq!(files.read("none"), Err(Errno::NoEntry));
    assert_eq!(files.write("/absolute", ""), Err(Errno::NotPermitted));
    assert_eq!(files.write("../up", ""), Err(Errno::NotPermitted));
    assert_eq!(files.write("a", ""), Err(Errno::IsDirectory));
    assert_eq!(files.write("a/b/c/d", ""), Err(Errno::NotDirectory));
    assert_eq!(files.write("large", vec![0; 20_000]), Err(Errno::NoSpace));
    assert_eq!(files.names("a/b/c"), Err(Errno::NotDirectory));
}

#[test]
fn a_context_goes_between_threads() {
    fn check<T: Send + Sync>() {}
    check::<WasiCtx>();
    check::<WasiCtxBuilder>();
    check::<MemoryFileSystem>();
}

//! WASI: arguments, variables, directories, streams.

use super::super::{
    engine::{Engine, Error, Extern, Linker, Module, Store},
    wasi::{
        self, Dir, WasiCtx, WasiCtxBuilder, ambient_authority, wasi_common::pipe::ReadPipe,
        wasi_common::pipe::WritePipe,
    },
};

/// The data of the store. It contains the WASI context.
struct Host {
    wasi: WasiCtx,
}

/// A program that copies an amount of bytes to standard output, and what it needs for that.
fn program(imports: &str, data: &str, body: &str) -> String {
    format!(
        r#"(module
            (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
            {imports}
            (memory (export "memory") 1)
            {data}
            (func $print (param $at i32) (param $len i32)
                (i32.store (i32.const 0) (local.get $at))
                (i32.store (i32.const 4) (local.get $len))
                (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
            (func (export "_start") {body}))"#
    )
}

/// Runs a program, and returns what it prints.
fn run(wat: &str, builder: &mut WasiCtxBuilder) -> Result<String, Error> {
    let engine = Engine::default();
    let module = Module::new(&engine, wat)?;
    let output = WritePipe::new_in_memory();
    let wasi = builder.stdout(Box::new(output.clone())).build();
    let mut store = Store::new(&engine, Host { wasi });
    let mut linker = <Linker<Host>>::new(&engine);
    wasi::add_to_linker(&mut linker, |host: &mut Host| &mut host.wasi).map_err(failed)?;
    let instance = linker.instantiate_and_start(&mut store, &module)?;
    let start = instance.get_export(&store, "_start").and_then(Extern::into_func);
    let start = start.ok_or_else(|| Error::new("no program"))?.typed::<(), ()>(&store)?;
    start.call(&mut store, ())?;
    drop(store);
    let bytes = output.try_into_inner().map_err(|_| Error::new("the output is still in use"))?.into_inner();
    Ok(String::from_utf8_lossy(&bytes).replace('\0', ";"))
}

fn failed(error: impl core::fmt::Display) -> Error {
    Error::new(error.to_string())
}

pub(super) fn arguments() -> Result<String, Error> {
    let imports = r#"
        (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "environ_sizes_get" (func $env_sizes (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "environ_get" (func $env (param i32 i32) (result i32)))"#;
    let body = "
        (drop (call $args_sizes (i32.const 16) (i32.const 20)))
        (drop (call $args (i32.const 100) (i32.const 1000)))
        (call $print (i32.const 1000) (i32.load (i32.const 20)))
        (drop (call $env_sizes (i32.const 16) (i32.const 20)))
        (drop (call $env (i32.const 100) (i32.const 1000)))
        (call $print (i32.const 1000) (i32.load (i32.const 20)))";
    let mut builder = WasiCtxBuilder::new();
    builder.arg("app").map_err(failed)?.args(&["-v".into(), "file".into()]).map_err(failed)?;
    builder.env("LANG", "C").map_err(failed)?.envs(&[("A".into(), "b=c".into())]).map_err(failed)?;
    run(&program(imports, "", body), &mut builder)
}

pub(super) fn directories() -> Result<String, Error> {
    let dir = Dir::open_ambient_dir(env!("CARGO_MANIFEST_DIR"), ambient_authority()).map_err(failed)?;
    let imports = r#"
        (import "wasi_snapshot_preview1" "path_open"
            (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))"#;
    let data = r#"(data (i32.const 16) "Cargo.toml") (data (i32.const 32) "\e8\03\00\00\09\00\00\00")"#;
    // Asks for the right to read only.
    let body = "
        (drop (call $open (i32.const 3) (i32.const 1) (i32.const 16) (i32.const 10)
            (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 48)))
        (drop (call $read (i32.load (i32.const 48)) (i32.const 32) (i32.const 1) (i32.const 52)))
        (call $print (i32.const 1000) (i32.load (i32.const 52)))";
    let mut builder = WasiCtxBuilder::new();
    builder.inherit_stderr().preopened_dir(dir, "/crate").map_err(failed)?;
    run(&program(imports, data, body), &mut builder)
}

pub(super) fn streams() -> Result<String, Error> {
    let imports = r#"(import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))"#;
    let data = r#"(data (i32.const 32) "\e8\03\00\00\64\00\00\00")"#;
    let body = "
        (drop (call $read (i32.const 0) (i32.const 32) (i32.const 1) (i32.const 52)))
        (call $print (i32.const 1000) (i32.load (i32.const 52)))";
    run(&program(imports, data, body), WasiCtxBuilder::new().stdin(Box::new(ReadPipe::from("some input"))))
}

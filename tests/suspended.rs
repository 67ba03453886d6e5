//! What a suspended call holds: the pages of its value stack that it wrote, and little else.
#![cfg(target_os = "linux")]

use std::fs;

use wasmote::{Engine, Error, Linker, Module, Store, TypedResumableCall, Val};

/// Returns the bytes of this process that are in physical memory.
fn resident() -> usize {
    let statm = fs::read_to_string("/proc/self/statm").expect("Linux has it");
    let pages: usize = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).expect("a number of pages");
    pages * 4096
}

#[test]
fn a_thousand_shallow_calls() {
    const CALLS: usize = 1000;
    let engine = Engine::default();
    let text = r#"(module
        (import "host" "wait" (func $wait (result i32)))
        (func (export "run") (param i32) (result i32) (i32.add (call $wait) (local.get 0))))"#;
    let module = Module::new(&engine, text).unwrap();
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "wait", || -> Result<i32, Error> { Err(Error::new("wait")) }).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
    let run = instance.get_typed_func::<i32, i32>(&store, "run").unwrap();
    let suspend = |store: &mut Store<()>, number| match run.call_resumable(store, number).unwrap() {
        TypedResumableCall::HostTrap(call) => call,
        other => panic!("{other:?}"),
    };
    // Whatever is made once.
    drop(suspend(&mut store, 0));
    let mut calls = Vec::with_capacity(CALLS);
    let before = resident();
    calls.extend((0..CALLS as i32).map(|number| suspend(&mut store, number)));
    let each = resident().saturating_sub(before) / CALLS;
    println!("a suspended call holds {each} bytes");
    // One page of its stack, and what describes it and the error that it waits with.
    assert!(each <= 6 << 10, "a suspended call holds {each} bytes");
    for (number, call) in calls.into_iter().enumerate() {
        let TypedResumableCall::Finished(result) = call.resume(&mut store, &[Val::I32(1)]).unwrap() else { panic!() };
        assert_eq!(result, number as i32 + 1);
    }
}

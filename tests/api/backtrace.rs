//! Errors tell which Wasm functions were being called.

use wasmote::{Config, Error, Instance, Linker, Module, Store, TrapCode};

use crate::engines_with;

const WAT: &str = r#"
    (module
        (import "host" "fail" (func $fail))
        (func $leaf (param i32 i64 i64) (result i64)
            (if (local.get 0) (then (call $fail)) (else unreachable))
            (i64.const 0))
        (func (param $fails i32)
            (drop (call $leaf (local.get $fails) (i64.const 1) (i64.const 2))))
        (func $outer (export "run") (param $fails i32)
            (call 2 (local.get $fails)))
        (func $dive (export "dive") (call $dive)))
"#;

fn store(configure: impl Fn(&mut Config)) -> Vec<(Store<()>, Instance)> {
    engines_with(|config| configure(config))
        .into_iter()
        .map(|engine| {
            let module = Module::new(&engine, WAT).unwrap();
            let mut store = Store::new(&engine, ());
            let mut linker = Linker::new(&engine);
            linker.func_wrap("host", "fail", || -> Result<(), Error> { Err(Error::new("no")) }).unwrap();
            let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
            (store, instance)
        })
        .collect()
}

fn frames(error: &Error) -> Vec<(u32, Option<&str>)> {
    let backtrace = error.wasm_backtrace().expect("there is a backtrace");
    backtrace.frames().iter().map(|frame| (frame.func_index(), frame.func_name())).collect()
}

#[test]
fn traps_and_errors_of_the_host_have_one() {
    for (mut store, instance) in store(|_| {}) {
        let run = instance.get_typed_func::<i32, ()>(&store, "run").unwrap();
        for fails in [0, 1] {
            let error = run.call(&mut store, fails).unwrap_err();
            assert_eq!(frames(&error), [(1, Some("leaf")), (2, None), (3, Some("outer"))]);
            let text = error.wasm_backtrace().unwrap().to_string();
            assert!(text.contains("0: leaf (function 1)") && text.contains("1: function 2"), "{text}");
        }
    }
}

#[test]
fn deep_recursion_is_cut_off() {
    for (mut store, instance) in store(|_| {}) {
        let dive = instance.get_typed_func::<(), ()>(&store, "dive").unwrap();
        let error = dive.call(&mut store, ()).unwrap_err();
        assert_eq!(error.as_trap_code(), Some(TrapCode::StackOverflow));
        let backtrace = error.wasm_backtrace().unwrap();
        assert_eq!(backtrace.frames().len(), 64);
        assert!(backtrace.is_truncated());
    }
}

#[test]
fn calls_across_instances_and_through_the_host_are_in_it() {
    let inner = r#"(module (func $inner (export "f") (param i32) unreachable))"#;
    let outer = r#"(module (import "inner" "f" (func $f (param i32))) (import "host" "again" (func $again))
        (func $direct (export "direct") (call $f (i32.const 1)))
        (func $around (export "around") (call $again)))"#;
    for engine in engines_with(|_| {}) {
        let mut store = Store::new(&engine, None);
        let mut linker = Linker::<Option<wasmote::Func>>::new(&engine);
        linker
            .func_wrap("host", "again", |mut caller: wasmote::Caller<'_, Option<wasmote::Func>>| {
                let func = caller.data().expect("it was set");
                func.call(&mut caller, &[], &mut [])
            })
            .unwrap();
        let module = Module::new(&engine, inner).unwrap();
        let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
        linker.instance(&mut store, "inner", instance).unwrap();
        let module = Module::new(&engine, outer).unwrap();
        let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
        let direct = instance.get_func(&store, "direct").unwrap();
        *store.data_mut() = Some(direct);
        let error = direct.call(&mut store, &[], &mut []).unwrap_err();
        assert_eq!(frames(&error), [(0, Some("inner")), (2, Some("direct"))]);
        let around = instance.get_func(&store, "around").unwrap();
        let error = around.call(&mut store, &[], &mut []).unwrap_err();
        assert_eq!(frames(&error), [(0, Some("inner")), (2, Some("direct")), (3, Some("around"))]);
    }
}

#[test]
fn a_function_that_turns_out_invalid_is_in_it() {
    let wasm = wat_with_invalid_function();
    for engine in engines_with(|config| {
        config.compilation_mode(wasmote::CompilationMode::Lazy);
    }) {
        let module = Module::new(&engine, &wasm).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
        let run = instance.get_typed_func::<(), ()>(&store, "run").unwrap();
        let error = run.call(&mut store, ()).unwrap_err();
        assert_eq!(frames(&error), [(1, None), (0, Some("run"))], "{error}");
    }
}

/// Function 0 calls function 1, whose body is `i32.add` on an empty stack.
fn wat_with_invalid_function() -> Vec<u8> {
    let mut wasm = b"\0asm\x01\0\0\0".to_vec();
    wasm.extend([1, 4, 1, 0x60, 0, 0]);
    wasm.extend([3, 3, 2, 0, 0]);
    wasm.extend([7, 7, 1, 3, b'r', b'u', b'n', 0, 0]);
    wasm.extend([10, 10, 2, 4, 0, 0x10, 1, 0x0b, 3, 0, 0x6a, 0x0b]);
    wasm
}

#[test]
fn it_can_be_switched_off() {
    for (mut store, instance) in store(|config| {
        config.wasm_backtrace(false);
    }) {
        let run = instance.get_typed_func::<i32, ()>(&store, "run").unwrap();
        assert!(run.call(&mut store, 0).unwrap_err().wasm_backtrace().is_none());
    }
}

#[test]
fn a_frame_that_does_not_fit_is_in_it_behind_its_linkage() {
    // The tail call has replaced its frame, and the call into the other instance has switched, when they trap.
    let locals = "(local i64) ".repeat(20_000);
    let big = format!(
        r#"(module
            (func $big (export "big") (param i64 i64 i64) {locals} (local.set 3 (local.get 0)))
            (func $tail (export "tail") (param i64)
                (return_call $big (i64.const -8) (i64.const -16) (local.get 0)))
            (func $outer (export "outer") (call $tail (i64.const -24))))"#
    );
    let other = r#"(module (import "m" "big" (func $big (param i64 i64 i64))) (import "m" "tail" (func $tail (param i64)))
        (func $inner (param i32) (call $big (i64.const 1) (i64.const 2) (i64.const 3)))
        (func $direct (export "direct") (param i64 i64) (call $inner (i32.const 1)))
        (func $through (export "through") (param i64 i64) (return_call $tail (local.get 1))))"#;
    for engine in engines_with(|config| {
        config.set_min_stack_height(1 << 16).set_max_stack_height(1 << 16);
    }) {
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        let module = Module::new(&engine, &big).unwrap();
        let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
        linker.instance(&mut store, "m", instance).unwrap();
        let other = Module::new(&engine, other).unwrap();
        let other = linker.instantiate_and_start(&mut store, &other).unwrap();
        // Twice: at the first call the function is made ready.
        for _ in 0..2 {
            let outer = instance.get_typed_func::<(), ()>(&store, "outer").unwrap();
            let error = outer.call(&mut store, ()).unwrap_err();
            assert_eq!(error.as_trap_code(), Some(TrapCode::StackOverflow));
            assert_eq!(frames(&error), [(0, Some("big")), (2, Some("outer"))]);
            let direct = other.get_typed_func::<(i64, i64), ()>(&store, "direct").unwrap();
            let error = direct.call(&mut store, (-32, -40)).unwrap_err();
            assert_eq!(frames(&error), [(0, Some("big")), (2, Some("inner")), (3, Some("direct"))]);
            let through = other.get_typed_func::<(i64, i64), ()>(&store, "through").unwrap();
            let error = through.call(&mut store, (-32, -40)).unwrap_err();
            assert_eq!(frames(&error), [(0, Some("big"))]);
        }
    }
}

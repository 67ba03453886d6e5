//! Imports that are missing, and what programs of `AssemblyScript` import.

use crate::{Dir, invoke, wasmote};

const UNKNOWN: &str = r#"(module
    (import "env" "fly" (func $fly (param i32 f64) (result i64)))
    (import "env" "print_i32" (func $print (param i32)))
    (import "en\0av" "x" (func))
    (func (export "main") (call $print (i32.const 7)))
    (func $takes_off (export "fly") (drop (call $fly (i32.const 1) (f64.const 2)))))"#;

#[test]
fn unknown_functions_can_be_traps() {
    let dir = Dir::new();
    let file = dir.file("unknown.wat", UNKNOWN);
    wasmote(&[&file]).failed(1, &["unknown imports", "`env::fly`: func (i32, f64) -> (i64)", "--unknown-imports=trap"]);
    assert_eq!(wasmote(&["run", "--unknown-imports=trap", &file]).printed(), "7\n");
    let outcome = wasmote(&["run", "--unknown-imports", "trap", "--invoke", "fly", &file]);
    outcome.failed(134, &["`fly` trapped: the unknown import `env::fly` was called"]);
    outcome.trapped_in(&["<unknown>!takes_off"]);
    // There is no default for anything else.
    let file = dir.file("memory.wat", r#"(module (import "env" "memory" (memory 1)) (func (export "main")))"#);
    wasmote(&["run", "--unknown-imports=trap", &file]).failed(1, &["`env::memory`: memory 1"]);
}

#[test]
fn imports_of_another_type_are_named_beside_missing_ones() {
    let dir = Dir::new();
    let file = dir.file(
        "both.wat",
        r#"(module (import "env" "fly" (func)) (import "env" "print_i32" (func (param i64))) (func (export "main")))"#,
    );
    wasmote(&[&file]).failed(1, &["`env::fly`: func () -> ()", "`env::print_i32`: func (i64) -> ()", "(i32) -> ()"]);
}

#[test]
fn assembly_script_aborts_with_its_message() {
    let dir = Dir::new();
    let file = dir.file(
        "abort.wat",
        r#"(module
            (import "env" "abort" (func $abort (param i32 i32 i32 i32)))
            (memory (export "memory") 1)
            ;; Strings are UTF-16, with their length in bytes before them.
            (data (i32.const 12) "\06\00\00\00o\00h\00\0a\00")
            (data (i32.const 28) "\08\00\00\00a\00.\00t\00s\00")
            (func $check (export "main") (call $abort (i32.const 16) (i32.const 32) (i32.const 3) (i32.const 9)))
            (func (export "null") (call $abort (i32.const 0) (i32.const -8) (i32.const 1) (i32.const 2))))"#,
    );
    let message = r"`main` trapped: the program aborted: oh\n, at a.ts:3:9";
    let outcome = wasmote(&[&file]);
    outcome.failed(134, &[message]);
    outcome.trapped_in(&["<unknown>!check"]);
    invoke(&file, "null", &[]).failed(134, &["`null` trapped: the program aborted\n"]);
}

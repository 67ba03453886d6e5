//! `wasmote run` on functions: which is called, values, messages, exit statuses.

use std::{
    io::Read,
    process::{Command, Stdio},
};

use crate::{Dir, FUNCS, PROGRAM, invoke, wasmote};

#[test]
fn run_calls_the_function_named() {
    let dir = Dir::new();
    let file = dir.file("funcs.wat", FUNCS);
    let call = |args: &[&str]| invoke(&file, args[0], &args[1..]);
    assert_eq!(call(&["add", "40", "2"]).printed(), "42\n");
    assert_eq!(call(&["add", "-40", "-0x2"]).printed(), "-42\n");
    assert_eq!(call(&["add", "4294967295", "0"]).printed(), "-1\n");
    assert_eq!(call(&["id64", "-9223372036854775808"]).printed(), "-9223372036854775808\n");
    assert_eq!(call(&["id64", "0xffffffffffffffff"]).printed(), "-1\n");
    assert_eq!(call(&["floats", "-inf", "-1.5e3"]).printed(), "-1500\n-inf\n");
    assert_eq!(call(&["floats", "nan", "0.1"]).printed(), "0.1\nnan\n");
    assert_eq!(call(&["floats", "-nan:0x12", "5e-324"]).printed(), "5e-324\n-nan:0x12\n");
    assert_eq!(call(&["floats", "0x1p-3", "nan:0x1"]).printed(), "nan:0x1\n0.125\n");
    let vector = "i32x4 0x00000001 0x00000002 0xfffffffd 0x40800000";
    assert_eq!(call(&["vector", "i32x4 1 2 -3 0x40800000"]).printed(), format!("{vector}\n"));
    assert_eq!(call(&["vector", vector]).printed(), format!("{vector}\n"));
    assert_eq!(call(&["refs", "null", "null"]).printed(), "null\nnull\n");
    // Arguments after `--`, which has no meaning.
    assert_eq!(wasmote(&["run", "--invoke", "add", &file, "--", "-1", "-2"]).printed(), "-3\n");
    assert_eq!(invoke(&file, "fac", &["5"]).printed(), "120\n");
}

#[test]
fn run_takes_all_modes() {
    let dir = Dir::new();
    let file = dir.file("funcs.wat", FUNCS);
    for mode in ["eager", "lazy", "lazy-translation"] {
        let run = ["run", "--mode", mode, "--invoke", "fac", &file, "20"];
        assert_eq!(wasmote(&run).printed(), "2432902008176640000\n");
        assert_eq!(
            wasmote(&[&run[..1], &["--portable-dispatch"], &run[1..]].concat()).printed(),
            "2432902008176640000\n"
        );
    }
}

#[test]
fn run_finds_the_function_to_call() {
    let dir = Dir::new();
    let func = |name: &str| format!(r#"(func (export "{name}") (result i32) (i32.const {}))"#, name.len());
    let both = dir.file("both.wat", format!("(module {} {})", func("main"), func("_start")));
    assert_eq!(wasmote(&["run", &both]).printed(), "6\n");
    let main = dir.file("main.wat", format!("(module {})", func("main")));
    assert_eq!(wasmote(&[&main]).printed(), "4\n");
    let start = dir.file(
        "start.wat",
        r#"(module (import "env" "print_i32" (func $p (param i32))) (start $s) (func $s (call $p (i32.const 7))))"#,
    );
    assert_eq!(wasmote(&["run", &start]).printed(), "7\n");
    let other = dir.file("other.wat", format!("(module {})", func("other")));
    wasmote(&["run", &other]).failed(2, &["neither", "`_start`", "`main`", "--invoke", "other: () -> (i32)"]);
    let none = dir.file("none.wat", "(module)");
    wasmote(&["run", &none]).failed(2, &["exports no functions"]);
}

#[test]
fn run_says_what_is_wrong_with_the_command_line() {
    let dir = Dir::new();
    let file = dir.file("funcs.wat", FUNCS);
    let call = |args: &[&str]| invoke(&file, args[0], &args[1..]);
    call(&["add", "1"]).failed(2, &["`add` takes 2 arguments but got 1", "(i32, i32) -> (i32)"]);
    call(&["add", "1", "2", "--verbose"]).failed(2, &["but got 3", "options go before the file"]);
    wasmote(&[&file, "--invoke", "add", "1", "2"]).failed(2, &["options go before the file", "`--invoke`"]);
    call(&["add", "1", "2.5"]).failed(2, &["argument 2 of `add`", "i32", "`2.5`"]);
    call(&["add", "1", "4294967296"]).failed(2, &["argument 2", "4294967295"]);
    call(&["floats", "x", "1"]).failed(2, &["argument 1 of `floats`", "f32", "`x`", "nan"]);
    call(&["floats", "1e40", "1"]).failed(2, &["argument 1 of `floats`", "up to 3.4028235e38"]);
    call(&["vector", "i32x4 1 2 3"]).failed(2, &["argument 1 of `vector`", "i32x4 1 2 3 4"]);
    call(&["nothing"]).failed(2, &["exports no function `nothing`", "add: (i32, i32) -> (i32)"]);
    call(&["g"]).failed(2, &["`g`", "global i32"]);
    wasmote(&["run", "--max-memory", "64KX", &file]).failed(2, &["--max-memory", "KiB"]);
    wasmote(&["run", "--features", "tail-calls", &file]).failed(2, &["tail-calls", "tail-call,"]);
    wasmote(&["fly", &file]).failed(2, &["fly"]);
    wasmote(&[]).failed(2, &["Usage"]);
}

#[test]
fn traps_have_their_exit_status() {
    let dir = Dir::new();
    let file = dir.file("funcs.wat", FUNCS);
    let call = |args: &[&str]| invoke(&file, args[0], &args[1..]);
    call(&["fail"]).failed(134, &["`fail` trapped", "unreachable"]);
    call(&["div", "1", "0"]).failed(134, &["integer divide by zero"]);
    call(&["forever"]).failed(134, &["call stack exhausted", "recursion"]);
    let start = dir.file("start.wat", "(module (func $s unreachable) (start $s))");
    wasmote(&["run", &start]).failed(134, &["instantiation", "start.wat", "unreachable"]);
}

#[test]
fn the_host_prints_and_ends() {
    let dir = Dir::new();
    let file = dir.file(
        "host.wat",
        r#"(module
            (import "env" "print_i32" (func $i32 (param i32)))
            (import "env" "print_i64" (func $i64 (param i64)))
            (import "env" "print_f32" (func $f32 (param f32)))
            (import "env" "print_f64" (func $f64 (param f64)))
            (import "env" "print_str" (func $str (param i32 i32)))
            (import "env" "exit" (func $exit (param i32)))
            (import "spectest" "print" (func $print))
            (import "spectest" "print_i32_f32" (func $pair (param i32 f32)))
            (memory (export "memory") 1)
            (data (i32.const 16) "gr\c3\bc\c3\9fe \ff\n")
            (func (export "main")
                (call $i32 (i32.const -1)) (call $i64 (i64.const -2))
                (call $f32 (f32.const 1.5)) (call $f64 (f64.const -0.25))
                (call $str (i32.const 16) (i32.const 10))
                (call $print) (call $pair (i32.const 3) (f32.const 4))
                (call $exit (i32.const 42)))
            (func (export "outside") (call $str (i32.const -1) (i32.const 2)))
        )"#,
    );
    let outcome = wasmote(&[&file]);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (42, ""), "{outcome:?}");
    assert_eq!(outcome.stdout, "-1\n-2\n1.5\n-0.25\ngrüße \u{fffd}\n\n3 4\n");
    invoke(&file, "outside", &[]).failed(134, &["out of bounds memory access"]);
    let blind = dir.file(
        "blind.wat",
        r#"(module (import "env" "print_str" (func $s (param i32 i32)))
            (func (export "main") (call $s (i32.const 0) (i32.const 0))))"#,
    );
    wasmote(&[&blind]).failed(1, &["print_str", "`memory`"]);
}

#[test]
fn missing_imports_are_named_with_their_types() {
    let dir = Dir::new();
    let main = r#"(func (export "main"))"#;
    let file = dir.file(
        "imports.wat",
        format!(
            r#"(module (import "env" "print_i32" (func (param i32))) (import "env" "fly" (func (param i32 f64)))
                (import "other" "memory" (memory 1 2)) {main})"#
        ),
    );
    let outcome = wasmote(&[&file]);
    outcome.failed(1, &["`env::fly`: func (i32, f64) -> ()", "`other::memory`: memory 1..=2", "run --help"]);
    assert!(!outcome.stderr.contains("print_i32"), "{outcome:?}");
    let file = dir.file("type.wat", format!(r#"(module (import "env" "print_i32" (func (param i64))) {main})"#));
    wasmote(&[&file]).failed(1, &["env::print_i32", "(i32) -> ()", "(i64) -> ()"]);
    let file = dir.file("wasi.wat", format!(r#"(module (import "wasi_snapshot_preview1" "f" (func)) {main})"#));
    wasmote(&[&file]).failed(1, &["`wasi_snapshot_preview1::f`: func () -> ()", "no such function"]);
}

#[test]
fn nobody_needs_to_read_the_output_to_its_end() {
    let dir = Dir::new();
    let file = dir.file(
        "endless.wat",
        r#"(module (import "env" "print_i32" (func $p (param i32)))
            (func (export "main") (loop (call $p (i32.const 7)) (br 0))))"#,
    );
    let mut program =
        Command::new(PROGRAM).arg(&file).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    let mut start = [0; 4];
    program.stdout.take().expect("it is piped").read_exact(&mut start).expect("something is printed");
    assert_eq!(&start, b"7\n7\n");
    let output = program.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &[][..]));
}

#[test]
fn traps_show_the_calls() {
    let dir = Dir::new();
    let file = dir.file(
        "calls.wat",
        r#"(module
            (import "env" "print_str" (func $print (param i32 i32)))
            (memory (export "memory") 1)
            (func $inner unreachable)
            (func (param i32) (call $inner))
            (func $outer (export "main") (call 2 (i32.const 1)))
            (func $outside (export "outside") (call $print (i32.const -1) (i32.const 2)))
            (func $deep (export "deep") (call $deep)))"#,
    );
    let calls = ["<unknown>!inner", "<unknown>!<wasm function 2>", "<unknown>!outer"];
    // All combinations of options, each given or not.
    let choices: [&[&str]; 7] = [
        &["--fuel=1000000"],
        &["--timeout=1m"],
        &["--portable-dispatch"],
        &["--max-memory=1MiB"],
        &["--verbose"],
        &["--time"],
        &["--unknown-imports=trap"],
    ];
    for (turn, mode) in ["--eager", "--lazy", "--mode=lazy-translation"].into_iter().enumerate() {
        for chosen in 0..1_usize << choices.len() {
            // A third of them for each mode: all of them would take long.
            if chosen % 3 != turn {
                continue;
            }
            let chosen = choices.iter().enumerate().filter(|(bit, _)| chosen & 1 << bit != 0);
            let options: Vec<_> = chosen.flat_map(|(_, option)| option.iter().copied()).collect();
            let outcome = wasmote(&[&["run", mode][..], &options, &["--invoke", "main", &file]].concat());
            outcome.failed(134, &["`main` trapped"]);
            outcome.trapped_in(&calls);
        }
    }
    for options in [&[][..], &["--eager", "--timeout", "1m"], &["--lazy", "--portable-dispatch"]] {
        let deep = wasmote(&[&["run"], options, &["--invoke", "deep", &file]].concat());
        deep.failed(134, &["\n         and many more\n"]);
        deep.trapped_in(&["<unknown>!deep"; 5]);
        assert!(deep.stderr.lines().count() < 30, "{deep:?}");
    }
    // Where fuel runs out in a slice of time too.
    let spin = dir.file("spin.wat", r#"(module (func $spin (loop (br 0))) (func (export "main") (call $spin)))"#);
    for options in [&[][..], &["--timeout", "1m"]] {
        let outcome = wasmote(&[&["run", "--fuel", "500000"], options, &[spin.as_str()]].concat());
        outcome.failed(134, &["all fuel consumed"]);
        outcome.trapped_in(&["<unknown>!spin", "<unknown>!main"]);
    }
    // A trap in a host function is a trap of its caller.
    invoke(&file, "outside", &[]).trapped_in(&["<unknown>!outside"]);
}

#[test]
fn traps_are_dumped() {
    let dir = Dir::new();
    let wat = r#"(module $app (memory 1) (data (i32.const 8) "some bytes")
        (func (export "run") (param i32) (result i32) (i32.div_u (i32.const 6) (local.get 0))))"#;
    let file = dir.file("app.wat", wat);
    let path = format!("{}/app.coredump", dir.path());
    let run = |path: &str, arg: &str| wasmote(&["run", "--coredump", path, "--invoke", "run", &file, arg]);
    assert_eq!(run(&path, "2").printed(), "3\n");
    assert!(!std::path::Path::new(&path).exists(), "nothing trapped");
    run(&path, "0").failed(134, &["integer divide by zero", "hint: the core dump is in", "app.coredump"]);
    let bytes = std::fs::read(&path).unwrap();
    for part in ["core", "app.wat", "coremodules", "coreinstances", "corestack", "main", "some bytes"] {
        assert!(bytes.windows(part.len()).any(|bytes| bytes == part.as_bytes()), "{part}");
    }
    wasmote(&["validate", &path]).printed();
    let nowhere = format!("{}/nowhere/app.coredump", dir.path());
    run(&nowhere, "0").failed(134, &["integer divide by zero", "hint: the core dump cannot be written to"]);
}

/// The terminal must not obey the names of a module, and they must not look like messages of this program.
#[test]
fn names_of_a_module_are_escaped() {
    let dir = Dir::new();
    let import = dir
        .file("import.wat", r#"(module (import "env" "f`: ok\nerror: all is well" (func)) (func (export "_start")))"#);
    let outcome = wasmote(&["run", &import]);
    outcome.failed(1, &[r"`env::f`: ok\nerror: all is well`"]);
    assert_eq!(outcome.stderr.lines().filter(|line| line.contains("error:")).count(), 2, "{outcome:?}");
    let export = dir.file("export.wat", r#"(module (func (export "\1b[2Jred\e2\80\ae")))"#);
    let outcome = wasmote(&["run", "--invoke", "f", &export]);
    outcome.failed(2, &[r"\u{1b}[2Jred\u{202e}"]);
    assert!(!outcome.stderr.contains(['\u{1b}', '\u{202e}']), "{outcome:?}");
}

#[test]
fn similar_exports_are_proposed() {
    let dir = Dir::new();
    let file = dir.file("funcs.wat", FUNCS);
    wasmote(&["run", "--invoke", "ad", &file, "1", "2"]).failed(2, &["`ad`", "did you mean `add`?"]);
    let outcome = wasmote(&["run", "--invoke", "something", &file]);
    outcome.failed(2, &["`something`", "add: "]);
    assert!(!outcome.stderr.contains("did you mean"), "{outcome:?}");
}

#[test]
fn run_reports_an_exception_that_nobody_catches() {
    let dir = Dir::new();
    let file = dir.file(
        "throw.wat",
        r#"(module (tag $e (param i32 f64))
            (func $inner (throw $e (i32.const 7) (f64.const 2.5)))
            (func (export "throw") (call $inner))
            (func (export "legacy") (result i32) try (result i32) (call $inner) i32.const 1 catch $e drop end))"#,
    );
    let outcome = invoke(&file, "throw", &[]);
    outcome.failed(134, &["`throw` trapped: uncaught exception (i32 7, f64 2.5)"]);
    outcome.trapped_in(&["<unknown>!inner", "<unknown>!throw"]);
    // The legacy operators are on.
    assert_eq!(invoke(&file, "legacy", &[]).printed(), "7\n");
}

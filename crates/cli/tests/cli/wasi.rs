//! `wasmote run` on programs for WASI: what they see, and how they end.

use std::fs;

use crate::{Dir, invoke, wasmote, wasmote_with};

/// A program that prints `hello` by a version of WASI, then exits with a status if there is one.
fn hello(version: &str) -> String {
    format!(
        r#"(module
            (import "{version}" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
            (memory (export "memory") 1)
            (data (i32.const 0) "\08\00\00\00\06\00\00\00hello\n")
            (func (export "_start")
                (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))"#
    )
}

/// A program that prints the strings of a function like `args_get`, with a `;` for each NUL byte.
fn strings(kind: &str) -> String {
    format!(
        r#"(module
            (import "wasi_snapshot_preview1" "{kind}_sizes_get" (func $sizes (param i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "{kind}_get" (func $get (param i32 i32) (result i32)))
            (import "env" "print_str" (func $print (param i32 i32)))
            (memory (export "memory") 1)
            (func (export "_start") (local $end i32) (local $at i32)
                (drop (call $sizes (i32.const 0) (i32.const 4)))
                (drop (call $get (i32.const 100) (i32.const 1000)))
                (local.set $at (i32.const 1000))
                (local.set $end (i32.add (i32.const 1000) (i32.load (i32.const 4))))
                (block $done
                    (loop $next
                        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
                        (if (i32.eqz (i32.load8_u (local.get $at)))
                            (then (i32.store8 (local.get $at) (i32.const 59))))
                        (local.set $at (i32.add (local.get $at) (i32.const 1)))
                        (br $next)))
                (call $print (i32.const 1000) (i32.load (i32.const 4)))))"#
    )
}

/// A program that copies standard input to standard output, and exits with the errno of the first failure.
pub(crate) const CAT: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\00\01\00\00\00\10\00\00")
    (func $check (param i32) (if (local.get 0) (then (call $exit (local.get 0)))))
    (func (export "_start")
        (loop $next
            (i32.store (i32.const 4) (i32.const 4096))
            (call $check (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 4)))
            (if (i32.load (i32.const 4))
                (then
                    (call $check (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))
                    (br $next))))))"#;

/// A program that opens `file.txt` in the first directory, then reads and prints it, or writes to it. It exits with the
/// errno.
fn file_program(create: bool) -> String {
    // oflags, rights, and the function to call then.
    let (open, rights, work) = if create {
        (1, 64, "(call $check (call $write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 16)))")
    } else {
        let work = r"(call $check (call $read (local.get $fd) (i32.const 20) (i32.const 1) (i32.const 24)))
            (call $check (call $write (i32.const 1) (i32.const 20) (i32.const 1) (i32.const 16)))";
        (0, 2, work)
    };
    format!(
        r#"(module
            (import "wasi_snapshot_preview1" "path_open"
                (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (memory (export "memory") 1)
            (data (i32.const 0) "\08\00\00\00\05\00\00\00done\n")
            (data (i32.const 20) "\00\01\00\00\00\10\00\00")
            (data (i32.const 40) "file.txt")
            (func $check (param i32) (if (local.get 0) (then (call $exit (local.get 0)))))
            (func (export "_start") (local $fd i32)
                (call $check (call $open (i32.const 3) (i32.const 1) (i32.const 40) (i32.const 8)
                    (i32.const {open}) (i64.const {rights}) (i64.const 0) (i32.const 0) (i32.const 60)))
                (local.set $fd (i32.load (i32.const 60)))
                {work}))"#
    )
}

#[test]
fn hello_by_every_version() {
    let dir = Dir::new();
    let preview1 = dir.file("preview1.wat", hello("wasi_snapshot_preview1"));
    let snapshot0 = dir.file("snapshot0.wat", hello("wasi_unstable"));
    assert_eq!(wasmote(&[&preview1]).printed(), "hello\n");
    assert_eq!(wasmote(&["run", "--wasi", "auto", &snapshot0]).printed(), "hello\n");
    assert_eq!(wasmote(&["run", "--wasi", "preview1", &preview1]).printed(), "hello\n");
    assert_eq!(wasmote(&["run", "--wasi", "snapshot0", &snapshot0]).printed(), "hello\n");
    for mode in ["--eager", "--lazy", "--mode=lazy-translation"] {
        assert_eq!(wasmote(&["run", mode, &preview1]).printed(), "hello\n");
    }
    for (file, version) in [(&preview1, "none"), (&preview1, "snapshot0"), (&snapshot0, "preview1")] {
        wasmote(&["run", "--wasi", version, file]).failed(1, &["fd_write", "`--wasi auto`"]);
    }
    wasmote(&["run", "--eager", "--lazy", &preview1]).failed(2, &["--lazy"]);
    let preview2 = dir.file("preview2.wat", hello("wasi:cli/stdout@0.2.0"));
    wasmote(&[&preview2]).failed(1, &["only preview 1 and snapshot 0"]);
}

#[test]
fn a_module_can_import_both_versions() {
    let dir = Dir::new();
    let file = dir.file(
        "both.wat",
        r#"(module
            (import "wasi_unstable" "sched_yield" (func $old (result i32)))
            (import "wasi_snapshot_preview1" "sched_yield" (func $new (result i32)))
            (memory (export "memory") 1)
            (func (export "_start") (if (i32.or (call $old) (call $new)) (then unreachable))))"#,
    );
    assert_eq!(wasmote(&[&file]).printed(), "");
}

#[test]
fn arguments_are_the_program_s() {
    let dir = Dir::new();
    let file = dir.file("args.wat", strings("args"));
    assert_eq!(wasmote(&[&file]).printed(), "args.wat;");
    assert_eq!(wasmote(&[&file, "a", "--fuel", "1"]).printed(), "args.wat;a;--fuel;1;");
    assert_eq!(wasmote(&["run", &file, "--", "--fuel", "ü x", ""]).printed(), "args.wat;--fuel;ü x;;");
    assert_eq!(wasmote(&["run", &file, "a", "--", "b"]).printed(), "args.wat;a;--;b;");
    // Options of this program too, whatever they would do.
    assert_eq!(wasmote(&["run", &file, "--help"]).printed(), "args.wat;--help;");
    assert_eq!(wasmote(&[&file, "-h", "--version", "--env", "A"]).printed(), "args.wat;-h;--version;--env;A;");
    assert_eq!(wasmote(&["run", &file, "--", "--", "a"]).printed(), "args.wat;--;a;");
    assert_eq!(wasmote(&["run", "--argv0", "ls", &file, "-l"]).printed(), "ls;-l;");
    wasmote(&["run", "--no-such-option", &file]).failed(2, &["--no-such-option"]);
}

#[test]
fn variables_are_those_given() {
    let dir = Dir::new();
    let file = dir.file("env.wat", strings("environ"));
    assert_eq!(wasmote(&[&file]).printed(), "");
    assert_eq!(wasmote(&["run", "--env", "A=b=c", "--env", "B=", &file, "x"]).printed(), "A=b=c;B=;");
    assert_eq!(wasmote(&["run", "--env", "A=1", "--env", "A=2", &file]).printed(), "A=2;");
    let path = std::env::var("PATH").expect("there is a path");
    assert_eq!(wasmote(&["run", "--env", "PATH", &file]).printed(), format!("PATH={path};"));
    assert_eq!(wasmote(&["run", "--env", "WASMOTE_NOT_SET", &file]).printed(), "");
    wasmote(&["run", "--env", "=b", &file]).failed(2, &["NAME=VALUE"]);
}

#[test]
fn standard_input_is_read() {
    let dir = Dir::new();
    let file = dir.file("cat.wat", CAT);
    assert_eq!(wasmote(&[&file]).printed(), "");
    assert_eq!(wasmote_with(&["run", &file], b"some text\n").printed(), "some text\n");
    let long = "0123456789\n".repeat(5000);
    assert_eq!(wasmote_with(&["run", &file], long.as_bytes()).printed(), long);
}

#[test]
fn the_module_comes_from_standard_input() {
    let dir = Dir::new();
    let text = hello("wasi_snapshot_preview1");
    let binary = wat::parse_str(&text).expect("the text is a module");
    for module in [text.as_bytes(), &binary] {
        for args in [&["-"][..], &["run", "-"], &["run", "--fuel", "10000", "-", "--", "a"]] {
            assert_eq!(wasmote_with(args, module).printed(), "hello\n");
        }
    }
    let printed = wasmote_with(&["run", "-", "a"], strings("args").as_bytes());
    assert_eq!(printed.printed(), "-;a;");
    assert_eq!(wasmote_with(&["validate", "-"], &binary).printed(), "standard input: valid\n");
    let file = dir.file("two.wat", "(module (func (export \"main\") unreachable))");
    wasmote_with(&["run", &file], b"not read").failed(134, &["unreachable"]);
    wasmote_with(&["run", "-"], b"").failed(1, &["standard input is empty"]);
    wasmote_with(&["run", "-"], b"hello").failed(1, &["standard input is neither"]);
}

#[test]
fn files_are_in_the_directories_given() {
    let dir = Dir::new();
    let (read, write) = (dir.file("read.wat", file_program(false)), dir.file("write.wat", file_program(true)));
    let file = dir.file("data/file.txt", "whisky\n");
    let data = format!("{}/data", dir.path());
    let option = |rest: &str| format!("--dir={data}{rest}");

    assert_eq!(wasmote(&[&read]).status, 8, "there is no such descriptor");
    for rest in ["", "::/", "::/some/where", ":ro", "::/:ro", "::/:rw"] {
        assert_eq!(wasmote(&["run", &option(rest), &read]).printed(), "whisky\n", "{rest}");
    }

    for rest in [":ro", "::/data:ro"] {
        let outcome = wasmote(&["run", &option(rest), &write]);
        assert!(outcome.status != 0 && outcome.stderr.is_empty(), "{outcome:?}");
        assert_eq!(fs::read_to_string(&file).expect("it is there"), "whisky\n", "{rest}");
    }
    assert_eq!(wasmote(&["run", &option("::/data"), &write]).printed(), "");
    assert_eq!(fs::read_to_string(&file).expect("it is there"), "done\ny\n", "the start was overwritten");

    wasmote(&["run", &option("/missing"), &read]).failed(1, &["cannot open the directory", "missing", "--dir"]);
    wasmote(&["run", "--dir", "::x", &read]).failed(2, &["HOST::GUEST"]);
    wasmote(&["run", &option("::/data:rx"), &read]).failed(2, &["`:rx` is not understood", ":ro"]);
    wasmote(&["run", &option("::/x"), &option("::/x/"), &read]).failed(2, &["two directories as `/x/`"]);
}

#[test]
fn exit_codes_are_passed_on() {
    let dir = Dir::new();
    let exit = |body: &str| {
        dir.file(
            "exit.wat",
            format!(
                r#"(module
                    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
                    (import "wasi_snapshot_preview1" "proc_raise" (func $raise (param i32) (result i32)))
                    (memory (export "memory") 1)
                    (func (export "_start") {body}))"#
            ),
        )
    };
    for (body, status) in [
        ("", 0),
        ("(call $exit (i32.const 0)) unreachable", 0),
        ("(call $exit (i32.const 7)) unreachable", 7),
        ("(call $exit (i32.const 255))", 255),
        ("(drop (call $raise (i32.const 15)))", 143),
    ] {
        for limits in [&[][..], &["--fuel", "10000"], &["--timeout", "1m"]] {
            let outcome = wasmote(&[&["run"], limits, &[exit(body).as_str()]].concat());
            assert_eq!((outcome.status, outcome.stderr.as_str()), (status, ""), "{body} {limits:?}: {outcome:?}");
        }
    }
    for (code, status) in [(256, 1), (512, 1), (257, 1), (-1, 255), (-256, 1)] {
        let program = exit(&format!("(call $exit (i32.const {code}))"));
        wasmote(&[&program]).failed(status, &[&format!("exited with the code {code},")]);
    }
    wasmote(&[&exit("unreachable")]).failed(134, &["`_start` trapped", "unreachable"]);
}

#[test]
fn programs_without_memory_are_told() {
    let dir = Dir::new();
    let file = dir.file("hello.wat", hello("wasi_snapshot_preview1").replace("(export \"memory\")", ""));
    wasmote(&[&file]).failed(1, &["`_start` failed", "exports no memory"]);
}

#[test]
fn reactors_are_initialized_first() {
    let dir = Dir::new();
    let reactor = |main: &str| {
        format!(
            r#"(module
                (import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))
                (memory (export "memory") 1)
                (global $ready (mut i32) (i32.const 0))
                (func (export "_initialize") (global.set $ready (i32.add (global.get $ready) (i32.const 1))))
                (func (export "add") (param i32 i32) (result i32)
                    (if (i32.ne (global.get $ready) (i32.const 1)) (then unreachable))
                    (i32.add (local.get 0) (local.get 1)))
                (func (export "{main}") (result i32) (global.get $ready)))"#
        )
    };
    let file = dir.file("reactor.wat", reactor("ready"));
    assert_eq!(invoke(&file, "add", &["40", "2"]).printed(), "42\n");
    assert_eq!(wasmote(&["run", "--timeout", "1m", "--invoke", "add", &file, "40", "2"]).printed(), "42\n");
    assert_eq!(invoke(&file, "ready", &[]).printed(), "1\n");
    assert_eq!(invoke(&file, "_initialize", &[]).printed(), "");
    wasmote(&["run", &file]).failed(2, &["reactor module", "--invoke NAME", "add: (i32, i32) -> (i32)"]);
    invoke(&file, "add", &[]).failed(2, &["takes 2 arguments"]);
    let file = dir.file("main.wat", reactor("main"));
    assert_eq!(wasmote(&[&file]).printed(), "1\n");
    let file = dir.file("command.wat", reactor("_start"));
    assert_eq!(wasmote(&["run", "--invoke", "_start", &file]).printed(), "0\n");
    let file = dir.file("bad.wat", reactor("ready").replace("(global.set $ready", "unreachable (global.set $ready"));
    invoke(&file, "ready", &[]).failed(134, &["`_initialize` trapped"]);
}

#[test]
fn output_of_all_host_functions_keeps_its_order() {
    let dir = Dir::new();
    let file = dir.file(
        "mixed.wat",
        r#"(module
            (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
            (import "env" "print_i32" (func $print (param i32)))
            (memory (export "memory") 1)
            (data (i32.const 0) "\08\00\00\00\06\00\00\00hello\n")
            (func $write (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))))
            (func (export "_start")
                (call $print (i32.const 1)) (call $write) (call $print (i32.const 2)) (call $write)))"#,
    );
    assert_eq!(wasmote(&[&file]).printed(), "1\nhello\n2\nhello\n");
}

/// Only the rights to read and to write count, unless all shall.
#[test]
fn rights_can_be_strict() {
    let dir = Dir::new();
    // Opens the directory without any rights, and the file in it.
    let program = r#"(module
        (import "wasi_snapshot_preview1" "path_open"
            (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1)
        (data (i32.const 40) ".file.txt")
        (func (export "_start")
            (drop (call $open (i32.const 3) (i32.const 0) (i32.const 40) (i32.const 1)
                (i32.const 2) (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 60)))
            (call $exit (call $open (i32.load (i32.const 60)) (i32.const 0) (i32.const 41) (i32.const 8)
                (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 60)))))"#;
    let file = dir.file("open.wat", program);
    dir.file("data/file.txt", "");
    let option = format!("--dir={}/data", dir.path());
    assert_eq!(wasmote(&["run", &option, &file]).status, 0);
    assert_eq!(wasmote(&["run", "--strict-rights", &option, &file]).status, 76);
}

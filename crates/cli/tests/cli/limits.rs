//! Limits: fuel, time, memories and tables.

use std::time::{Duration, Instant};
#[cfg(unix)]
use std::{
    io::Read,
    process::{Command, Stdio},
};

#[cfg(unix)]
use crate::PROGRAM;
use crate::{Dir, FUNCS, wasmote};

#[test]
fn fuel_runs_out() {
    let dir = Dir::new();
    let file = dir.file("funcs.wat", FUNCS);
    wasmote(&["run", "--fuel", "10000", "--invoke", "spin", &file]).failed(134, &["fuel", "`--fuel`"]);
    let outcome = wasmote(&["run", "--fuel", "10000", "--verbose", "--invoke", "fac", &file, "5"]);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (0, "120\n"), "{outcome:?}");
    assert!(outcome.stderr.contains("fuel: consumed") && outcome.stderr.contains("of 10000\n"), "{outcome:?}");
}

#[test]
fn limits_hold() {
    let dir = Dir::new();
    let file = dir.file("funcs.wat", FUNCS);
    let grow = |limit: &str, pages: &str| wasmote(&["run", "--max-memory", limit, "--invoke", "grow", &file, pages]);
    assert_eq!(grow("1MiB", "15").printed(), "1\n");
    assert_eq!(grow("1MiB", "16").printed(), "-1\n");
    assert_eq!(grow("65536", "1").printed(), "-1\n");
    grow("32KiB", "0").failed(1, &["memory", "--max-memory"]);
    wasmote(&["run", "--max-table-elements", "9", "--invoke", "fail", &file])
        .failed(1, &["table", "--max-table-elements"]);
}

#[test]
fn objects_are_limited() {
    let dir = Dir::new();
    let file = dir.file(
        "objects.wat",
        r#"(module
            (type $list (struct (field i64) (field (ref null $list))))
            (func (export "list") (param i32) (result i32 anyref) (local (ref null $list))
                (loop
                    (local.set 1 (struct.new $list (i64.const 0) (local.get 1)))
                    (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
                    (br_if 0 (local.get 0)))
                (i32.const 1) (local.get 1))
            (func (export "garbage") (param i32) (result i32)
                (loop
                    (drop (struct.new $list (i64.const 0) (ref.null $list)))
                    (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
                    (br_if 0 (local.get 0)))
                (i32.const 2)))"#,
    );
    let run = |option: &str, limit: &str, name: &str, count: &str| {
        wasmote(&["run", option, limit, "--invoke", name, &file, count])
    };
    assert_eq!(run("--max-gc-heap", "64KiB", "list", "2000").printed(), "1\nanyref\n");
    run("--max-gc-heap", "64KiB", "list", "3000").failed(134, &["`list` trapped", "--max-gc-heap"]);
    run("--max-memory", "64KiB", "list", "3000").failed(134, &["`list` trapped", "--max-memory"]);
    assert_eq!(run("--max-gc-heap", "64KiB", "garbage", "100000").printed(), "2\n");
}

/// Functions that run until they are stopped, each in another way.
const ENDLESS: &str = r#"(module
    (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "env" "print_i32" (func $print (param i32)))
    (memory (export "memory") 16)
    (data (i32.const 0) "\00\01\00\00\00\10\00\00")
    (func (export "spin") (loop (br 0)))
    (func (export "fill") (loop (memory.fill (i32.const 65536) (i32.const 1) (i32.const 900000)) (br 0)))
    (func $calls (param i32) (if (local.get 0) (then (call $calls (i32.sub (local.get 0) (i32.const 1))))))
    (func (export "calls") (loop (call $calls (i32.const 50)) (br 0)))
    (func (export "sleep")
        ;; A subscription to the monotonic clock, an hour from now.
        (i32.store (i32.const 1016) (i32.const 1))
        (i64.store (i32.const 1024) (i64.const 3600000000000))
        (drop (call $poll (i32.const 1000) (i32.const 2000) (i32.const 1) (i32.const 3000))))
    (func (export "input") (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16))))
    (func (export "random") (loop (drop (call $random (i32.const 0) (i32.const 1000000))) (br 0)))
    (func (export "output") (loop (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))) (br 0)))
    (func (export "print") (loop (call $print (i32.const 7)) (br 0)))
    (func (export "prints") (call $print (i32.const 7)) (loop (br 0)))
    (func (export "sum") (param $n i32) (result i32) (local $sum i32)
        (loop
            (local.set $sum (i32.add (local.get $sum) (local.get $n)))
            (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum)))"#;

#[test]
fn the_time_is_up() {
    let dir = Dir::new();
    let file = dir.file("endless.wat", ENDLESS);
    for name in ["spin", "fill", "calls", "sleep", "random"] {
        for options in [&["--eager"][..], &["--lazy", "--portable-dispatch"], &["--fuel", "18446744073709551615"]] {
            let began = Instant::now();
            let run = ["run", "--timeout", "500ms", "--invoke", name, &file];
            wasmote(&[&run[..1], options, &run[1..]].concat())
                .failed(124, &[&format!("`{name}` was stopped"), "the time is up", "500ms"]);
            let time = began.elapsed();
            assert!(time >= Duration::from_millis(500) && time < Duration::from_secs(10), "{name}: {time:?}");
        }
    }
    let outcome = wasmote(&["run", "--timeout", "1.5s", "--invoke", "prints", &file]);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (124, "7\n"), "{outcome:?}");
    wasmote(&["run", "--timeout", "1d", &file]).failed(2, &["--timeout", "500ms"]);
    wasmote(&["run", "--timeout", "0", &file]).failed(2, &["longer than zero"]);
}

/// Starts a call that waits for a peer, and returns its exit status and its message.
#[cfg(unix)]
fn waits_in_vain(name: &str, file: &str) -> (Option<i32>, String) {
    let mut program = Command::new(PROGRAM)
        .args(["run", "--timeout", "700ms", "--invoke", name, file])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    // Nothing is written to the input, and the output is not read.
    let (input, output) = (program.stdin.take(), program.stdout.take());
    let mut message = String::new();
    program.stderr.take().expect("it is piped").read_to_string(&mut message).expect("it is UTF-8");
    let status = program.wait().expect("it ends");
    drop((input, output));
    (status.code(), message)
}

#[cfg(unix)]
#[test]
fn the_time_is_up_while_input_or_output_is_awaited() {
    let dir = Dir::new();
    let file = dir.file("endless.wat", ENDLESS);
    // The functions of WASI can be interrupted; for the others, the process is ended.
    for name in ["input", "output", "print"] {
        let (status, message) = waits_in_vain(name, &file);
        assert_eq!(status, Some(124), "{name}: {message}");
        assert!(message.contains(&format!("`{name}` was stopped: the time is up")), "{name}: {message}");
    }
}

/// How late a program may be stopped: 10 ms as a rule, more on a machine that has other things to do. The slowest of the tests tells
/// by its message.
const LATE: Duration = Duration::from_secs(2);

/// Whatever runs when the time is up ends then.
#[test]
fn the_time_is_up_to_the_millisecond() {
    let dir = Dir::new();
    let file = dir.file("endless.wat", ENDLESS);
    let large = dir.file(
        "large.wat",
        r#"(module (memory 4000) (table 5000000 funcref)
            (func (export "fill") (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 262144000)) (br 0)))
            (func (export "copy") (loop
                (memory.copy (i32.const 0) (i32.const 131072000) (i32.const 131072000)) (br 0)))
            (func (export "table") (loop (table.fill (i32.const 0) (ref.null func) (i32.const 5000000)) (br 0)))
            (func $s (if (i32.eqz (memory.size)) (then (loop (br 0))))) (start $s))"#,
    );
    let start = dir.file("start.wat", "(module (func $s (loop (br 0))) (func (export \"main\")) (start $s))");
    let mut slowest = (Duration::ZERO, "");
    let limit = Duration::from_millis(300);
    let targets = ["spin", "fill", "calls", "sleep", "random"].map(|name| (&file, name));
    let large = ["fill", "copy", "table"].map(|name| (&large, name));
    for (file, name) in targets.into_iter().chain(large).chain([(&start, "main")]) {
        let began = Instant::now();
        wasmote(&["run", "--timeout", "300ms", "--invoke", name, file]).failed(124, &["the time is up"]);
        let late = began.elapsed().saturating_sub(limit);
        assert!(late < LATE, "{name}: {late:?}");
        slowest = slowest.max((late, name));
    }
    println!("the latest: {slowest:?}, with the start and the end of the process");
}

/// One operator can move gigabytes, and a module can take long to load. What was printed before is not lost.
#[test]
fn the_time_is_up_where_nothing_can_be_interrupted() {
    let dir = Dir::new();
    // Grows too, so that a machine without that much memory has nothing to do.
    let file = dir.file(
        "large.wat",
        r#"(module (import "env" "print_i32" (func $print (param i32))) (memory 0 65536)
            (func (export "main")
                (call $print (i32.const 7))
                (if (i32.ne (memory.grow (i32.const 20000)) (i32.const -1))
                    (then (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 1300000000)) (br 0))))
                (loop (br 0))))"#,
    );
    let outcome = wasmote(&["run", "--timeout", "1s", &file]);
    outcome.failed(124, &["`main` was stopped: the time is up"]);
    assert_eq!(outcome.stdout, "7\n");
    let mut text = String::from("(module (func (export \"main\"))");
    (0..100_000).for_each(|_| text.push_str("(func (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))"));
    let file = dir.file("slow.wat", text + ")");
    let outcome = wasmote(&["run", "--timeout", "1ms", "--eager", &file]);
    outcome.failed(124, &["the time is up"]);
    assert!(outcome.stderr.contains("the loading of"), "{outcome:?}");
}

#[test]
fn work_of_the_host_costs_fuel() {
    let dir = Dir::new();
    let file = dir.file("endless.wat", ENDLESS);
    for options in [&[][..], &["--timeout", "1m"]] {
        let run = ["--fuel", "1000000", "--invoke", "random", &file];
        wasmote(&[&["run"], options, &run].concat()).failed(134, &["`random` trapped", "fuel", "calls:   0: "]);
    }
}

#[test]
fn the_time_is_up_in_a_start_function() {
    let dir = Dir::new();
    let file = dir.file("start.wat", "(module (func $s (loop (br 0))) (func (export \"main\")) (start $s))");
    for mode in ["--eager", "--lazy"] {
        wasmote(&["run", mode, "--timeout", "1s", &file]).failed(124, &["the instantiation of", "the time is up"]);
    }
    // The added export is not shown.
    let file = dir.file("other.wat", "(module (func $s) (func (export \"other\")) (start $s))");
    let outcome = wasmote(&["run", "--timeout", "1m", &file, "1"]);
    outcome.failed(2, &["other: () -> ()"]);
    assert!(!outcome.stderr.contains('\0') && !outcome.stderr.contains("\\u{0}"), "{outcome:?}");
    let file = dir.file("bad.wat", "(module (func $s (i32.add)) (func (export \"main\")) (start $s))");
    for mode in ["--eager", "--lazy"] {
        wasmote(&["run", mode, "--timeout", "1m", &file]).failed(1, &["is invalid", "in function 0"]);
    }
}

#[test]
fn programs_that_are_fast_enough_do_not_notice() {
    let dir = Dir::new();
    let file = dir.file("endless.wat", ENDLESS);
    let n: u32 = 1_000_000;
    let sum = (1..=n).fold(0_u32, u32::wrapping_add).cast_signed();
    for mode in ["--eager", "--lazy"] {
        let run = ["run", mode, "--timeout", "5m", "--invoke", "sum", &file, &n.to_string()];
        assert_eq!(wasmote(&run).printed(), format!("{sum}\n"));
    }
    // The consumed fuel does not depend on slices.
    let used = |options: &[&str]| {
        let run = ["run", "--verbose", "--eager", "--fuel", "1000000000", "--invoke", "sum", &file, "300000"];
        let outcome = wasmote(&[&run[..1], options, &run[1..]].concat());
        let line = outcome.stderr.lines().find(|line| line.contains("fuel: ")).expect("fuel is told of").to_owned();
        line.split_once("fuel: ").expect("it was found").1.to_owned()
    };
    assert_eq!(used(&[]), used(&["--timeout", "5m"]));
    let run = ["run", "--fuel", "500000", "--timeout", "5m", "--invoke", "spin", &file];
    wasmote(&run).failed(134, &["`spin` trapped", "fuel", "`--fuel`"]);
}

#[test]
fn limits_hold_for_the_whole_store() {
    let dir = Dir::new();
    let memories = dir.file("memories.wat", r#"(module (memory 8) (memory 8) (func (export "f")))"#);
    let run = |option: &str, limit: &str, file: &str| wasmote(&["run", option, limit, "--invoke", "f", file]);
    assert_eq!(run("--max-memory", "1MiB", &memories).printed(), "");
    run("--max-memory", "768KiB", &memories).failed(1, &["memory", "--max-memory"]);
    let tables = dir.file("tables.wat", r#"(module (table 600 funcref) (table 600 funcref) (func (export "f")))"#);
    assert_eq!(run("--max-table-elements", "1200", &tables).printed(), "");
    run("--max-table-elements", "1199", &tables).failed(1, &["table", "--max-table-elements"]);
}

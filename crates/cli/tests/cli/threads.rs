//! Programs with threads (wasi-threads).

use std::time::{Duration, Instant};

use crate::{Dir, wasmote};

/// The program of `pthreads/program.c`, which `ci/pthreads.sh` compiles and runs many more times.
const C_PROGRAM: &[u8] = include_bytes!("pthreads/program.wasm");

const PROGRAM: &str = include_str!("threads.wat");

/// Counter, atomic counter, turns, phases, sum.
const RESULTS: &str = "4000\n12000\n100\n80\n799980000\n";

#[test]
fn threads_work_together() {
    let dir = Dir::new();
    let file = dir.file("threads.wat", PROGRAM);
    // Again and again, since each run has another order.
    for _ in 0..20 {
        assert_eq!(wasmote(&["run", &file]).printed(), RESULTS);
    }
    for options in [
        &["--portable-dispatch"][..],
        &["--lazy"],
        &["--eager"],
        &["--timeout", "10m"],
        &["--fuel", "1000000000"],
        &["--fuel", "1000000000", "--timeout", "10m", "--max-threads", "4", "--max-memory", "1MiB"],
    ] {
        let args = [&["run"], options, &[&file]].concat();
        assert_eq!(wasmote(&args).printed(), RESULTS, "{options:?}");
    }
}

#[test]
fn the_end_of_one_thread_is_the_end_of_all() {
    let dir = Dir::new();
    let file = dir.file("threads.wat", PROGRAM);
    for options in [&[][..], &["--timeout", "10m"], &["--fuel", "1000000000000"]] {
        let run = |function: &str| wasmote(&[&["run"], options, &["--invoke", function, &file]].concat());
        run("exit").failed(3, &[]);
        run("fail").failed(134, &["a thread of the program trapped", "unreachable"]);
        run("fail_beside").failed(134, &["a thread of the program trapped", "unreachable"]);
        assert_eq!(run("write").printed(), "from a thread!\n");
    }
}

#[test]
fn limits_hold_for_all_threads_together() {
    let dir = Dir::new();
    let file = dir.file("threads.wat", PROGRAM);
    let began = Instant::now();
    // The first thread waits, and the other one computes.
    wasmote(&["run", "--timeout", "200ms", "--invoke", "spin", &file]).failed(124, &["the time is up"]);
    wasmote(&["run", "--fuel", "10000000", "--invoke", "spin", &file]).failed(134, &["all fuel consumed"]);
    assert!(began.elapsed() < Duration::from_secs(60));
    assert_eq!(wasmote(&["run", "--max-threads", "3", "--invoke", "count", &file]).printed(), "3\n");
    assert_eq!(wasmote(&["run", "--max-threads", "0", "--invoke", "count", &file]).printed(), "0\n");
    wasmote(&["run", "--max-memory", "64KiB", &file]).failed(1, &["shared memory", "--max-memory"]);
    wasmote(&["run", "--features=-threads", &file]).failed(1, &["threads", "--features"]);
}

#[test]
fn a_wait_without_end_ends_at_the_timeout() {
    let dir = Dir::new();
    let file = dir.file(
        "wait.wat",
        r#"(module (memory 1 1 shared)
            (func (export "main") (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))"#,
    );
    wasmote(&["run", "--timeout", "100ms", &file]).failed(124, &["the time is up"]);
}

#[test]
fn posix_threads_of_c_work_together() {
    let dir = Dir::new();
    let file = dir.file("program.wasm", C_PROGRAM);
    // The work is the same for each number of threads.
    let expected = "counted 48000\natomic counted 48000\natomic summed 1151976000\nconsumed 115440\nlate 0\n\
        owned 1151976000\nsum 562958165648160\n";
    for threads in ["1", "4", "4", "7"] {
        assert_eq!(wasmote(&["run", &file, threads, "1"]).printed(), expected, "{threads} threads");
        assert_eq!(
            wasmote(&["run", "--portable-dispatch", &file, threads, "1"]).printed(),
            expected,
            "{threads} threads"
        );
    }
}

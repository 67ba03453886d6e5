//! Standard streams as other processes leave them: non-blocking, slow, shared.

use std::{
    fs::File,
    io::{Read, Write},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use rustix::{
    fs::{OFlags, fcntl_setfl},
    pipe::{PipeFlags, pipe_with},
};

use crate::{Dir, PROGRAM, wasi::CAT};

/// A guest must not learn that another process has made a stream non-blocking.
#[test]
fn streams_that_do_not_block_lose_nothing() {
    let dir = Dir::new();
    let file = dir.file("cat.wat", CAT);
    let (input, mut writer) = pipe_with(PipeFlags::CLOEXEC).map(|(read, write)| (read, File::from(write))).unwrap();
    let (mut reader, output) = pipe_with(PipeFlags::CLOEXEC).map(|(read, write)| (File::from(read), write)).unwrap();
    for end in [&input, &output] {
        fcntl_setfl(end, OFlags::NONBLOCK).unwrap();
    }
    let mut command = Command::new(PROGRAM);
    let mut program = command.arg(&file).stdin(Stdio::from(input)).stdout(Stdio::from(output)).spawn().unwrap();
    // The command keeps its ends of the pipes.
    drop(command);
    let bytes: Vec<u8> = (0..300_000_u32).map(|index| (index % 251) as u8).collect();
    let sent = bytes.clone();
    let sender = thread::spawn(move || {
        for part in sent.chunks(50_000) {
            thread::sleep(Duration::from_millis(20));
            writer.write_all(part).unwrap();
        }
    });
    // The pipe is full before it is read.
    thread::sleep(Duration::from_millis(300));
    let mut received = Vec::new();
    reader.read_to_end(&mut received).unwrap();
    sender.join().unwrap();
    assert_eq!(program.wait().unwrap().code(), Some(0));
    assert!(received == bytes, "{} of {} bytes", received.len(), bytes.len());
}

/// The same for what host functions print.
#[test]
fn printed_lines_are_not_lost() {
    let dir = Dir::new();
    let file = dir.file(
        "lines.wat",
        r#"(module (import "env" "print_i32" (func $print (param i32)))
            (func (export "main") (local $i i32)
                (loop
                    (call $print (local.get $i))
                    (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 50000))))))"#,
    );
    let (mut reader, output) = pipe_with(PipeFlags::CLOEXEC).map(|(read, write)| (File::from(read), write)).unwrap();
    fcntl_setfl(&output, OFlags::NONBLOCK).unwrap();
    let mut command = Command::new(PROGRAM);
    let mut program = command.arg(&file).stdout(Stdio::from(output)).spawn().unwrap();
    drop(command);
    thread::sleep(Duration::from_millis(300));
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    assert_eq!(program.wait().unwrap().code(), Some(0));
    assert!(text.lines().eq((0..50_000).map(|line| line.to_string())), "{} lines", text.lines().count());
}

/// A program that polls standard input before each read of one byte.
const POLLS: &str = r#"(module
    (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "env" "print_i32" (func $print (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\00\01\00\00\01\00\00\00")
    (func (export "_start")
        (i32.store8 (i32.const 1008) (i32.const 1))
        (loop $next
            (drop (call $poll (i32.const 1000) (i32.const 2000) (i32.const 1) (i32.const 3000)))
            (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))
            (if (i32.load (i32.const 16))
                (then (call $print (i32.load8_u (i32.const 256))) (br $next))))))"#;

/// Nothing is read ahead into a buffer that a poll does not see.
#[test]
fn polled_input_is_not_buffered() {
    let dir = Dir::new();
    let file = dir.file("polls.wat", POLLS);
    for options in [&[][..], &["--timeout", "1m"]] {
        let mut program = Command::new(PROGRAM)
            .arg("run")
            .args(options)
            .arg(&file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (mut input, mut output) = (program.stdin.take().unwrap(), program.stdout.take().unwrap());
        input.write_all(b"abc").unwrap();
        let mut printed = [0; 9];
        // The input stays open.
        output.read_exact(&mut printed).unwrap();
        assert_eq!(&printed, b"97\n98\n99\n");
        drop(input);
        assert_eq!(program.wait().unwrap().code(), Some(0));
    }
}

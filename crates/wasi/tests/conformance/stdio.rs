//! Standard input, output and error.

use std::{
    io::{self, Cursor, Write},
    sync::{Arc, Mutex},
};

use wasmote_wasi::{CapturedOutput, WasiCtxBuilder};

use crate::shim::{
    DATA, OUT, Program, call,
    errno::{NOSPC, NOTSUP, OK},
};

#[test]
fn output_is_captured() {
    let (out, err) = (CapturedOutput::new(), CapturedOutput::new());
    let mut program = Program::new(WasiCtxBuilder::new().captured_stdout(&out).captured_stderr(&err));
    assert_eq!(program.write(1, b"out"), Ok(3));
    assert_eq!(program.write(2, b"err"), Ok(3));
    assert_eq!(program.write(1, b""), Ok(0));
    assert_eq!(program.write(1, b"put"), Ok(3));
    assert_eq!((out.contents(), err.take()), (b"output".into(), b"err".into()));
    assert_eq!(err.contents(), b"");
    assert_eq!(call!(program, fd_sync, 1_u32), OK);
}

#[test]
fn captured_output_is_limited() {
    let out = CapturedOutput::with_limit(5);
    let mut program = Program::new(WasiCtxBuilder::new().captured_stdout(&out));
    assert_eq!(program.write(1, b"1234"), Ok(4));
    assert_eq!(program.write(1, b"5678"), Ok(1));
    assert_eq!(program.write(1, b"9"), Err(NOSPC));
    assert_eq!(program.write(1, b""), Ok(0));
    assert_eq!(out.contents(), b"12345");
}

#[test]
fn input_is_read_as_it_comes() {
    let mut program = Program::new(WasiCtxBuilder::new().stdin_bytes(*b"some input"));
    let (at, count) = program.buffers(&[(DATA, 0), (DATA, 4), (DATA + 4, 100)]);
    assert_eq!(call!(program, fd_read, 0_u32, at, count, OUT), OK);
    assert_eq!((program.u32(OUT), program.bytes(DATA, 4)), (4, b"some".into()));
    assert_eq!(program.read(0, 100).unwrap(), b" input");
    assert_eq!(program.read(0, 100).unwrap(), b"");
}

#[test]
fn readers_and_writers_of_the_embedder() {
    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            self.0.lock().unwrap().push(b'|');
            Ok(())
        }
    }

    let shared = Shared::default();
    let mut builder = WasiCtxBuilder::new();
    builder.stdin(Box::new(Cursor::new("input"))).stdout(Box::new(shared.clone())).stderr(Box::new(shared.clone()));
    let mut program = Program::new(&mut builder);
    assert_eq!(program.read(0, 100).unwrap(), b"input");
    assert_eq!(program.write(1, b"out"), Ok(3));
    assert_eq!(program.write(2, b"err"), Ok(3));
    // Every write is flushed.
    assert_eq!(*shared.0.lock().unwrap(), b"out|err|");
}

#[test]
fn a_failing_or_lying_writer_does_no_harm() {
    struct Broken;
    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    struct Lying;
    impl Write for Lying {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Ok(usize::MAX)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    impl io::Read for Lying {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Ok(usize::MAX)
        }
    }
    let mut builder = WasiCtxBuilder::new();
    builder.stdin(Box::new(Lying)).stdout(Box::new(Broken)).stderr(Box::new(Lying));
    let mut program = Program::new(&mut builder);
    assert_eq!(program.write(1, b"x"), Err(64));
    assert_eq!(program.write(2, b"x"), Ok(1));
    assert_eq!(program.read(0, 3).map(|bytes| bytes.len()), Ok(3));
}

#[test]
fn nothing_is_there_unless_it_was_said() {
    let mut program = Program::new(&mut WasiCtxBuilder::new());
    assert_eq!(program.read(0, 10).unwrap(), b"");
    assert_eq!(program.write(1, b"lost"), Ok(4));
    assert_eq!(program.write(2, b"lost"), Ok(4));
    for fd in 0..3_u32 {
        assert_eq!(call!(program, fd_fdstat_get, fd, DATA), OK);
        // Not a character device, so not a terminal.
        assert_eq!(program.bytes(DATA, 1), [0]);
        assert_eq!(call!(program, fd_filestat_get, fd, DATA), OK);
        assert_eq!(call!(program, fd_fdstat_set_flags, fd, 4_u32), OK);
        assert_eq!(call!(program, fd_fdstat_set_flags, fd, 16_u32), NOTSUP);
    }
    assert_eq!(program.read(0, 10).unwrap(), b"");
}

/// Runs this test in a child process, whose standard output is a pipe.
#[cfg(unix)]
#[test]
fn inherited_output_keeps_its_order() {
    use std::{env, process::Command};

    const CHILD: &str = "WASMOTE_WASI_TEST_STDOUT";
    if env::var_os(CHILD).is_some() {
        let mut program = Program::new(WasiCtxBuilder::new().inherit_stdout());
        // An incomplete line stays in the buffer of the standard library.
        io::stdout().write_all(b"<host ").unwrap();
        program.put(DATA, b"first\nsecond");
        let (at, count) = program.buffers(&[(DATA, 6), (DATA + 6, 0), (DATA + 6, 6)]);
        assert_eq!(call!(program, fd_write, 1_u32, at, count, OUT), OK);
        assert_eq!(program.u32(OUT), 12);
        assert_eq!(program.write(1, b"|third>\n"), Ok(8));
        assert_eq!(program.write(1, b""), Ok(0));
        return;
    }
    let child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "stdio::inherited_output_keeps_its_order", "--nocapture"])
        .env(CHILD, "")
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && output.contains("<host first\nsecond|third>\n"), "{output}");
}

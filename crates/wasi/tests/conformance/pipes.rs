//! Named pipes in a directory of the host, and limits of the time that a program waits.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use wasmote::TrapCode;
use wasmote_wasi::{WasiCtxBuilder, WasiError};

use crate::shim::{
    ALL, Arg, BUFFERS, DATA, Files, OUT, Program, READ, WRITE, call,
    errno::{AGAIN, OK, SPIPE},
};

const NONBLOCK: u32 = 4;
const NXIO: i32 = 60;

/// Makes a program with a pipe in its directory 3.
fn program() -> (Program, PathBuf) {
    let program = Program::host();
    let Files::Host(dir) = &program.files else { unreachable!() };
    let path = dir.path().join("rw/pipe");
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    (program, path)
}

/// Opens the pipe.
fn open(program: &mut Program, rights: u64, flags: u32) -> Result<u32, i32> {
    program.open_with(3, "pipe", 0, 0, (rights, 0), flags)
}

/// Calls a function that has to stop at the deadline, and when the program is interrupted.
#[track_caller]
fn expires(program: &mut Program, name: &str, args: &[Arg]) {
    let began = Instant::now();
    program.ctx().set_deadline(Some(began + Duration::from_millis(100)));
    let error = program.try_call(name, args).unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(WasiError::Deadline)), "{error}");
    assert!(began.elapsed() >= Duration::from_millis(100));
    program.ctx().set_deadline(None);

    let handle = program.store().interrupt_handle();
    program.ctx().set_interrupt_handle(Some(handle.clone()));
    let interrupting = thread::spawn(move || {
        thread::sleep(Duration::from_millis(20));
        handle.interrupt();
        Instant::now()
    });
    let error = program.try_call(name, args).unwrap_err();
    assert_eq!(error.as_trap_code(), Some(TrapCode::Interrupt), "{error}");
    let time = interrupting.join().unwrap().elapsed();
    // Usually a few milliseconds; a machine that has other things to do takes longer.
    assert!(time < Duration::from_secs(1), "{name}: {time:?}");
    program.ctx().set_interrupt_handle(None);
}

#[test]
fn both_ends_in_one_program() {
    let (mut program, _) = program();
    assert_eq!(open(&mut program, WRITE, NONBLOCK), Err(NXIO));
    let reader = open(&mut program, ALL & !WRITE, 0).unwrap();
    let writer = open(&mut program, WRITE, 0).unwrap();
    assert_eq!(program.write(writer, b"through"), Ok(7));
    assert_eq!(program.read(reader, 100).unwrap(), b"through");
    assert_eq!(call!(program, fd_tell, reader, OUT), SPIPE);
    assert_eq!(call!(program, fd_close, writer), OK);
    assert_eq!(program.read(reader, 100).unwrap(), b"");
}

#[test]
fn a_reader_waits_for_its_writer_but_not_for_more_bytes() {
    let (mut program, path) = program();
    let reader = open(&mut program, READ, 0).unwrap();
    let writer = thread::spawn(move || {
        thread::sleep(Duration::from_millis(50));
        let mut pipe = OpenOptions::new().write(true).open(path).unwrap();
        pipe.write_all(b"come").unwrap();
        pipe
    });
    // The bytes fill the first of two buffers. The other end stays open.
    let (at, count) = program.buffers(&[(DATA, 4), (DATA + 4, 100)]);
    assert_eq!(call!(program, fd_read, reader, at, count, OUT), OK);
    assert_eq!((program.u32(OUT), program.bytes(DATA, 4)), (4, b"come".into()));
    drop(writer.join().unwrap());
    assert_eq!(program.read(reader, 100).unwrap(), b"");
}

#[test]
fn a_writer_waits_for_its_reader() {
    let (mut program, path) = program();
    let reader = thread::spawn(move || {
        thread::sleep(Duration::from_millis(50));
        let mut bytes = [0; 4];
        File::open(path).unwrap().read_exact(&mut bytes).unwrap();
        bytes
    });
    let writer = open(&mut program, WRITE, 0).unwrap();
    assert_eq!(program.write(writer, b"here"), Ok(4));
    assert_eq!(&reader.join().unwrap(), b"here");
}

#[test]
fn deadlines_end_every_wait() {
    let (mut program, _) = program();
    let (at, len) = program.text("pipe");
    let [fd, zero, rights] = [Arg::from(3_u32), Arg::from(0_u32), Arg::from(WRITE)];
    let to_open = [fd, zero, at.into(), len.into(), zero, rights, 0_u64.into(), zero, OUT.into()];
    expires(&mut program, "path_open", &to_open);
    let reader = open(&mut program, READ, 0).unwrap();
    let (at, count) = program.buffers(&[(DATA, 100)]);
    expires(&mut program, "fd_read", &[reader.into(), at.into(), count.into(), OUT.into()]);
    let writer = open(&mut program, WRITE, 0).unwrap();
    expires(&mut program, "fd_read", &[reader.into(), at.into(), count.into(), OUT.into()]);
    // Fill the pipe, whatever its size.
    let busy = open(&mut program, WRITE, NONBLOCK).unwrap();
    let bytes = vec![b'x'; 1000];
    loop {
        match program.write(busy, &bytes) {
            Ok(written) => assert!(written > 0),
            Err(errno) => break assert_eq!(errno, AGAIN),
        }
    }
    program.put(DATA, &bytes);
    let (at, count) = (BUFFERS, 1_u32);
    program.put(BUFFERS + 4, &6000_u32.to_le_bytes());
    expires(&mut program, "fd_write", &[writer.into(), at.into(), count.into(), OUT.into()]);
    assert_eq!(program.read(reader, 6000).unwrap(), [b'x'; 6000]);
    // With a deadline, a part is written rather than waited for the rest.
    program.ctx().set_deadline(Some(Instant::now() + Duration::from_secs(60)));
    let written = program.write(writer, &[b'y'; 6000]).unwrap();
    assert!((1..=6000).contains(&written));
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_in_a_directory_gives_the_lines_that_have_come() {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    let Ok(main) = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY) else {
        // A sandbox need not have any terminals.
        return;
    };
    grantpt(&main).unwrap();
    unlockpt(&main).unwrap();
    let name = ptsname(&main, Vec::new()).unwrap().into_string().unwrap();
    let (directory, file) = name.rsplit_once('/').unwrap();
    let mut main = File::from(main);
    let mut program = Program::new(WasiCtxBuilder::new().preopened_dir(directory, "/").unwrap());
    let fd = program.open_with(3, file, 0, 0, (READ | WRITE, 0), 0).unwrap();

    // A line that is longer than the first buffer; the rest is not waited for, nor lost.
    main.write_all(b"lines\nof text\n").unwrap();
    let (at, count) = program.buffers(&[(DATA, 3), (DATA + 3, 100)]);
    let mut lines = Vec::new();
    while lines.len() < 14 {
        assert_eq!(call!(program, fd_read, fd, at, count, OUT), OK);
        let len = program.u32(OUT);
        assert!(len > 0);
        lines.extend(program.bytes(DATA, len));
    }
    assert_eq!(lines, b"lines\nof text\n");
    expires(&mut program, "fd_read", &[fd.into(), at.into(), count.into(), OUT.into()]);

    // What is written comes out at the other end, after the echo of what was typed.
    assert_eq!(program.write(fd, b"written"), Ok(7));
    let mut shown = [0; 23];
    main.read_exact(&mut shown).unwrap();
    assert_eq!(&shown, b"lines\r\nof text\r\nwritten");
}

//! `poll_oneoff`.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use wasmote::{TrapCode, UpdateDeadline};
use wasmote_wasi::{WasiCtxBuilder, WasiError};

use crate::shim::{
    ALL, Arg, CREAT, DATA, MEMORY, OUT, Program, WRITE, call,
    errno::{BADF, FAULT, INVAL, NOTSUP},
    in_both,
};

const SUBSCRIPTIONS: u32 = 0x1000;
const EVENTS: u32 = 0x8000;

fn clock(program: &mut Program, index: u32, id: u32, timeout: u64, flags: u16) {
    let mut bytes = [0; 48];
    bytes[..8].copy_from_slice(&u64::from(100 + index).to_le_bytes());
    bytes[16..20].copy_from_slice(&id.to_le_bytes());
    bytes[24..32].copy_from_slice(&timeout.to_le_bytes());
    bytes[40..42].copy_from_slice(&flags.to_le_bytes());
    program.put(SUBSCRIPTIONS + index * 48, &bytes);
}

fn descriptor(program: &mut Program, index: u32, tag: u8, fd: u32) {
    let mut bytes = [0; 48];
    bytes[..8].copy_from_slice(&u64::from(100 + index).to_le_bytes());
    bytes[8] = tag;
    bytes[16..20].copy_from_slice(&fd.to_le_bytes());
    program.put(SUBSCRIPTIONS + index * 48, &bytes);
}

/// Polls, and returns number, error code, kind and bytes of each event.
fn poll(program: &mut Program, count: u32) -> Vec<(u64, i32, u8, u64)> {
    assert_eq!(call!(program, poll_oneoff, SUBSCRIPTIONS, EVENTS, count, OUT), 0);
    let event = |index| {
        let at = EVENTS + index * 32;
        (program.u64(at), i32::from(program.u16(at + 8)), program.bytes(at + 10, 1)[0], program.u64(at + 16))
    };
    (0..program.u32(OUT)).map(event).collect()
}

#[test]
fn clocks_are_waited_for() {
    let mut program = Program::new(&mut WasiCtxBuilder::new());
    let start = Instant::now();
    clock(&mut program, 0, 1, 20_000_000, 0);
    clock(&mut program, 1, 0, 60_000_000_000, 0);
    assert_eq!(poll(&mut program, 2), [(100, 0, 0, 0)]);
    assert!(start.elapsed() >= Duration::from_millis(20));
    // Absolute times: a past one and a future one.
    assert_eq!(call!(program, clock_time_get, 1_u32, 0_u64, OUT), 0);
    let now = program.u64(OUT);
    clock(&mut program, 0, 1, now + 20_000_000, 1);
    clock(&mut program, 1, 0, u64::MAX, 1);
    assert_eq!(poll(&mut program, 2), [(100, 0, 0, 0)]);
    clock(&mut program, 0, 1, now, 1);
    clock(&mut program, 1, 0, 1, 1);
    assert_eq!(poll(&mut program, 2).len(), 2);
}

#[test]
fn fixed_clocks_are_not_waited_for() {
    let mut program = Program::new(WasiCtxBuilder::new().fixed_clocks(SystemTime::UNIX_EPOCH, Duration::ZERO));
    for (timeout, flags) in [(3_600_000_000_000, 0), (7_200_000_000_000, 1)] {
        clock(&mut program, 0, 1, timeout, flags);
        assert_eq!(poll(&mut program, 1), [(100, 0, 0, 0)]);
    }
    assert_eq!(call!(program, clock_time_get, 0_u32, 0_u64, OUT), 0);
    assert_eq!(program.u64(OUT), 7_200_000_000_000);
    clock(&mut program, 0, 1, u64::MAX, 0);
    assert_eq!(poll(&mut program, 1).len(), 1);
}

#[test]
fn what_fails_is_an_event() {
    let mut program = Program::new(&mut WasiCtxBuilder::new());
    clock(&mut program, 0, 9, 1, 0);
    clock(&mut program, 1, 2, 1, 0);
    clock(&mut program, 2, 1, 1, 2);
    clock(&mut program, 3, 1, u64::MAX, 0);
    descriptor(&mut program, 4, 1, 77);
    descriptor(&mut program, 5, 2, 0);
    let events = poll(&mut program, 6);
    let errors: Vec<_> = events.iter().map(|event| (event.0, event.1, event.2)).collect();
    let not_capable = crate::shim::errno::BADF;
    assert_eq!(errors, [(100, INVAL, 0), (101, NOTSUP, 0), (102, INVAL, 0), (104, BADF, 1), (105, not_capable, 2)]);
}

#[test]
fn streams_are_ready() {
    let mut program = Program::new(WasiCtxBuilder::new().stdin_bytes(*b"abc"));
    descriptor(&mut program, 0, 1, 0);
    descriptor(&mut program, 1, 2, 1);
    clock(&mut program, 2, 1, u64::MAX, 0);
    let events = poll(&mut program, 3);
    assert_eq!((events.len(), events[0], events[1].0), (2, (100, 0, 1, 3), 101));
}

in_both! {
    fn files_are_ready(program: &mut Program) {
        program.file("file", b"12345");
        let fd = program.open("file", 0).unwrap();
        program.read(fd, 2).unwrap();
        descriptor(program, 0, 1, fd);
        descriptor(program, 1, 2, fd);
        let events = poll(program, 2);
        assert_eq!((events.len(), events[0]), (2, (100, 0, 1, 3)));
        assert_eq!(call!(program, fd_fdstat_set_rights, fd, 0_u64, 0_u64), 0);
        let writer = program.open_with(3, "file", 0, CREAT, (WRITE, ALL), 0).unwrap();
        descriptor(program, 0, 1, fd);
        descriptor(program, 1, 2, writer);
        let events = poll(program, 2);
        assert_eq!((events[0].1, events[1].1), (crate::shim::errno::NOTCAPABLE, 0));
    }
}

#[test]
fn counts_and_pointers_are_checked() {
    let mut program = Program::new(&mut WasiCtxBuilder::new());
    clock(&mut program, 0, 1, 0, 0);
    let mut poll = |subscriptions: u32, events: u32, count: u32, stored: u32| {
        call!(program, poll_oneoff, subscriptions, events, count, stored)
    };
    assert_eq!(poll(SUBSCRIPTIONS, EVENTS, 0, OUT), INVAL);
    assert_eq!(poll(SUBSCRIPTIONS, EVENTS, 4097, OUT), INVAL);
    assert_eq!(poll(SUBSCRIPTIONS, EVENTS, u32::MAX, OUT), INVAL);
    assert_eq!(poll(SUBSCRIPTIONS, EVENTS, 4096, OUT), FAULT);
    assert_eq!(poll(MEMORY - 47, EVENTS, 1, OUT), FAULT);
    assert_eq!(poll(SUBSCRIPTIONS, MEMORY - 31, 1, OUT), FAULT);
    assert_eq!(poll(SUBSCRIPTIONS, EVENTS, 1, MEMORY - 3), FAULT);
    assert_eq!(poll(u32::MAX, u32::MAX, 1, u32::MAX), FAULT);
    assert_eq!(poll(SUBSCRIPTIONS, MEMORY - 32, 1, MEMORY - 4), 0);
    // An unknown kind of subscription.
    program.put(SUBSCRIPTIONS + 8, &[3]);
    assert_eq!(call!(program, poll_oneoff, SUBSCRIPTIONS, EVENTS, 1_u32, OUT), INVAL);
}

#[test]
fn events_may_overwrite_subscriptions() {
    let mut program = Program::new(&mut WasiCtxBuilder::new());
    for index in 0..10 {
        clock(&mut program, index, 1, 0, 0);
    }
    assert_eq!(call!(program, poll_oneoff, SUBSCRIPTIONS, SUBSCRIPTIONS, 10_u32, OUT), 0);
    assert_eq!(program.u32(OUT), 10);
    for index in 0..10 {
        assert_eq!(program.u64(SUBSCRIPTIONS + index * 32), u64::from(100 + index));
    }
    assert_eq!(program.bytes(DATA, 1), [0]);
}

#[test]
fn nobody_waits_beyond_a_deadline() {
    let mut program = Program::new(&mut WasiCtxBuilder::new());
    let start = Instant::now();
    program.ctx().set_deadline(Some(start + Duration::from_millis(50)));
    clock(&mut program, 0, 1, 1_000_000, 0);
    assert_eq!(poll(&mut program, 1).len(), 1);
    clock(&mut program, 0, 1, u64::MAX, 0);
    let args = [SUBSCRIPTIONS, EVENTS, 1, OUT].map(Arg::from);
    for _ in 0..2 {
        let error = program.try_call("poll_oneoff", &args).unwrap_err();
        assert!(matches!(error.downcast_ref(), Some(WasiError::Deadline)));
    }
    assert!((50..5000).contains(&start.elapsed().as_millis()));
    program.ctx().set_deadline(None);
    clock(&mut program, 0, 1, 1, 0);
    assert_eq!(poll(&mut program, 1).len(), 1);
}

#[test]
fn a_sleep_ends_when_the_program_is_interrupted() {
    let mut program = Program::new(&mut WasiCtxBuilder::new());
    let handle = program.store().interrupt_handle();
    program.ctx().set_interrupt_handle(Some(handle.clone()));
    clock(&mut program, 0, 1, u64::MAX, 0);
    let args = [SUBSCRIPTIONS, EVENTS, 1, OUT].map(Arg::from);
    let interrupting = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(20));
        handle.interrupt();
        Instant::now()
    });
    let error = program.try_call("poll_oneoff", &args).unwrap_err();
    assert_eq!(error.as_trap_code(), Some(TrapCode::Interrupt));
    assert!(interrupting.join().unwrap().elapsed() < Duration::from_secs(1));
    // Once is enough.
    clock(&mut program, 0, 1, 1_000_000, 0);
    assert_eq!(poll(&mut program, 1).len(), 1);
}

/// The embedder looks at a program that sleeps, and lets it go on: it sleeps as long as it wants to.
#[test]
fn a_sleep_goes_on_after_epochs() {
    let mut program = Program::new(&mut WasiCtxBuilder::new());
    let handle = program.store().interrupt_handle();
    program.ctx().set_interrupt_handle(Some(handle));
    let looks = Arc::new(AtomicU32::new(0));
    let counted = looks.clone();
    program.store().epoch_deadline_callback(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        Ok(UpdateDeadline::Continue(0))
    });
    program.store().set_epoch_deadline(0);
    let start = Instant::now();
    clock(&mut program, 0, 1, 60_000_000, 0);
    assert_eq!(poll(&mut program, 1).len(), 1);
    assert!((60..5000).contains(&start.elapsed().as_millis()), "{:?}", start.elapsed());
    assert!(looks.load(Ordering::Relaxed) > 1);
    program.store().epoch_deadline_trap();
    clock(&mut program, 0, 1, u64::MAX, 0);
    let args = [SUBSCRIPTIONS, EVENTS, 1, OUT].map(Arg::from);
    let error = program.try_call("poll_oneoff", &args).unwrap_err();
    assert_eq!(error.as_trap_code(), Some(TrapCode::Interrupt));
}

/// Runs this test in a child process, whose standard input is a pipe that stays open.
#[cfg(unix)]
#[test]
fn a_poll_sees_what_a_read_has_left() {
    use std::{
        env,
        io::Write,
        process::{Command, Stdio},
    };

    const CHILD: &str = "WASMOTE_WASI_TEST_STDIN";
    if env::var_os(CHILD).is_some() {
        let mut program = Program::new(WasiCtxBuilder::new().inherit_stdin());
        for byte in *b"two" {
            // The clock ends the test if the descriptor is never ready.
            descriptor(&mut program, 0, 1, 0);
            clock(&mut program, 1, 1, 10_000_000_000, 0);
            assert_eq!(poll(&mut program, 2), [(100, 0, 1, 1)]);
            assert_eq!(program.read(0, 1).unwrap(), [byte]);
        }
        clock(&mut program, 1, 1, 1, 0);
        assert_eq!(poll(&mut program, 2), [(101, 0, 0, 0)]);
        return;
    }
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "poll::a_poll_sees_what_a_read_has_left"])
        .env(CHILD, "")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"two").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
}

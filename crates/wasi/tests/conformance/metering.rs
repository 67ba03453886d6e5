//! The fuel that work of the host costs.

use std::time::{Duration, Instant};

use wasmote::TrapCode;
use wasmote_wasi::{MemoryFileSystem, WasiCtxBuilder, WasiError};

use crate::shim::{CREAT, DATA, MEMORY, OUT, Program, READ, WRITE, call};

/// Returns the fuel that a call consumes after the first one, which also pays for its translation.
fn cost(program: &mut Program, call: impl Fn(&mut Program)) -> u64 {
    call(program);
    let before = program.fuel();
    call(program);
    before - program.fuel()
}

#[test]
fn work_costs_fuel_by_its_amount() {
    let files = MemoryFileSystem::new();
    for name in 0..100 {
        files.write(&name.to_string(), "").unwrap();
    }
    let dir = tempfile::TempDir::new().unwrap();
    for name in 0..100 {
        std::fs::write(dir.path().join(name.to_string()), "").unwrap();
    }
    let mut builder = WasiCtxBuilder::new();
    builder.preopened_memory(&files, "/m").preopened_dir(dir.path(), "/d").unwrap();
    let mut program = Program::metered(&mut builder);
    let random =
        |program: &mut Program, len: u32| cost(program, |program| assert_eq!(call!(program, random_get, DATA, len), 0));
    assert_eq!(random(&mut program, 16000) - random(&mut program, 0), 2000);
    let write =
        |program: &mut Program, len: usize| cost(program, |program| assert!(program.write(1, &vec![0; len]).is_ok()));
    assert_eq!(write(&mut program, 16000) - write(&mut program, 0), 250);
    let list = |program: &mut Program, fd: u32, cookie: u64| {
        cost(program, |program| assert_eq!(call!(program, fd_readdir, fd, DATA, 64_u32, cookie, OUT), 0))
    };
    // 100 entries and the two that every directory has, once.
    assert_eq!(list(&mut program, 4, 0) - list(&mut program, 4, 1), 102 * 500);
    let fd = program.open_with(3, "file", 0, CREAT, (READ | WRITE, 0), 0).unwrap();
    let size = |program: &mut Program, size: u64| {
        cost(program, |program| {
            assert_eq!(call!(program, fd_filestat_set_size, fd, 0_u64), 0);
            assert_eq!(call!(program, fd_filestat_set_size, fd, size), 0);
        })
    };
    assert_eq!(size(&mut program, 64000) - size(&mut program, 0), 1000);
}

#[test]
fn work_stops_without_fuel() {
    let mut program = Program::metered(WasiCtxBuilder::new().seeded_random(1));
    let random = |program: &mut Program| program.try_call("random_get", &[DATA.into(), 8000_u32.into()]);
    program.set_fuel(500);
    let error = random(&mut program).unwrap_err();
    assert_eq!(error.as_trap_code(), Some(TrapCode::OutOfFuel));
    assert_eq!((program.fuel(), program.bytes(DATA, 8)), (0, vec![0; 8]));
    // The credit is fuel that the host gives later.
    program.set_fuel(500);
    program.ctx().set_fuel_credit(700);
    random(&mut program).unwrap();
    let credit = program.ctx().fuel_credit();
    assert!(program.fuel() == 0 && (1..=200).contains(&credit), "{credit}");
}

/// Also without metering.
#[test]
fn work_stops_at_the_deadline() {
    let mut program = Program::new(&mut WasiCtxBuilder::new());
    program.ctx().set_deadline(Some(Instant::now() - Duration::from_secs(1)));
    let error = program.try_call("random_get", &[0_u32.into(), MEMORY.into()]).unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(WasiError::Deadline)), "{error}");
}

//! `proc_*`, `sched_yield` and `random_get`.

use wasmote_wasi::WasiCtxBuilder;

use crate::shim::{
    Arg, DATA, MEMORY, Program, call,
    errno::{FAULT, INVAL},
};

#[test]
fn exit_codes_come_through() {
    for code in [0, 1, 42, 255, 256, u32::MAX] {
        let mut program = Program::new(&mut WasiCtxBuilder::new());
        let error = program.try_call("proc_exit", &[Arg::from(code)]).unwrap_err();
        assert_eq!(error.i32_exit_status(), Some(code.cast_signed()));
        // The program can still be called.
        assert_eq!(call!(program, sched_yield), 0);
    }
}

#[test]
fn signals_end_the_program_or_do_nothing() {
    let mut program = Program::new(&mut WasiCtxBuilder::new());
    assert_eq!(call!(program, proc_raise, 0_u32), 0);
    assert_eq!(call!(program, proc_raise, 16_u32), 0);
    assert_eq!(call!(program, proc_raise, 31_u32), INVAL);
    assert_eq!(call!(program, proc_raise, u32::MAX), INVAL);
    let error = program.try_call("proc_raise", &[Arg::from(6_u32)]).unwrap_err();
    assert_eq!(error.i32_exit_status(), Some(134));
}

#[test]
fn randomness() {
    let mut program = Program::new(&mut WasiCtxBuilder::new());
    assert_eq!(call!(program, random_get, DATA, 32_u32), 0);
    let first = program.bytes(DATA, 32);
    assert_eq!(call!(program, random_get, DATA, 32_u32), 0);
    assert_ne!(program.bytes(DATA, 32), first);
    assert_eq!(call!(program, random_get, 0_u32, MEMORY), 0);
    assert_eq!(call!(program, random_get, MEMORY, 0_u32), 0);
    for (at, len) in [(0, MEMORY + 1), (MEMORY, 1), (u32::MAX, u32::MAX), (1, u32::MAX)] {
        assert_eq!(call!(program, random_get, at, len), FAULT);
    }
}

#[test]
fn seeded_randomness_repeats() {
    let bytes = |seed, len: u32| {
        let mut program = Program::new(WasiCtxBuilder::new().seeded_random(seed));
        assert_eq!(call!(program, random_get, DATA, len), 0);
        program.bytes(DATA, len)
    };
    assert_eq!(bytes(1, 100), bytes(1, 100));
    assert_ne!(bytes(1, 100), bytes(2, 100));
    assert_eq!(bytes(1, 3), bytes(1, 100)[..3]);
    // The reference values of the generator for the seed 0.
    assert_eq!(bytes(0, 8), 0xe220_a839_7b1d_cdaf_u64.to_le_bytes());
}
